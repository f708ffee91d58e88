"""Keys of classes and actions: distinct, and never the name of another class."""

from __future__ import annotations

import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alcli.sheets.keys import keys_for

SHORT = st.text(string.ascii_letters + string.digits + "-,#?/é", min_size=1, max_size=2)
NAMES = st.lists(SHORT | st.text(min_size=1, max_size=8), min_size=1, max_size=60, unique=True)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(NAMES)
def test_keys_are_distinct_and_none_is_the_name_of_something_else(names):
    keys = keys_for(tuple(names))
    given = [key for key in keys.classes if key]
    every = given + list(keys.actions())
    assert len(keys.classes) == len(names)
    assert len(set(every)) == len(every) and not {"?", "/"} & set(every)
    lower = [name.lower() for name in names]
    for name, key in zip(lower, keys.classes, strict=True):
        assert key == key.lower() and (not key or key == name or key not in lower)
    assert not set(keys.actions()) & set(lower)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.sampled_from(string.ascii_lowercase + string.digits), min_size=1, unique=True))
def test_a_letter_or_digit_is_its_own_key_and_every_action_still_has_one(names):
    keys = keys_for(tuple(names))
    assert keys.classes == tuple(names) and len(keys.actions()) == 6


@pytest.mark.parametrize(
    ("names", "classes", "actions"),
    [
        (("ham", "spam"), "12", "0ucnbq"),
        (("0", "1"), "01", "sucnbq"),
        (tuple("9876543210"), "9876543210", "sucnbq"),
        (("S", "0"), "s0", "-ucnbq"),
        (("u", "c", "q", "n", "b"), "ucqnb", "0,#><."),
        (("a", "A"), "12", "0ucnbq"),
        (("10", "20"), "ad", "sucnbq"),
        (("-1", "0", "1"), "ade", "sucnbq"),
        (("1 star", "2 stars"), "ad", "sucnbq"),
        (("1", "ham"), "ad", "sucnbq"),
        (("да", "нет"), "12", "0ucnbq"),
    ],
)
def test_keys_as_they_are_told(names, classes, actions):
    keys = keys_for(names)
    assert "".join(keys.classes) == classes and "".join(keys.actions()) == actions


def test_many_classes_run_out_of_keys():
    keys = keys_for(tuple(f"class {number}" for number in range(40)))
    assert keys.classes[:11] == (*"123456789", "a", "d") and keys.classes[-1] == ""
