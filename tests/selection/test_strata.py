"""Shares of strata."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.errors import UsageError
from alcli.selection.strata import allocate


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=3), st.integers(1, 500), min_size=1, max_size=8), st.integers(1, 300))
def test_shares_add_up_and_leave_no_stratum_out(sizes, n):
    if n < len(sizes):
        with pytest.raises(UsageError):
            allocate(sizes, n)
        return
    shares = allocate(sizes, n)
    assert sum(shares.values()) == min(n, sum(sizes.values()))
    for name, share in shares.items():
        assert 1 <= share <= sizes[name]
        if n >= 2 * len(sizes):
            assert share >= min(2, sizes[name])


def test_large_strata_get_their_share():
    assert allocate({"a": 600, "b": 300, "c": 100}, 50) == {"a": 30, "b": 15, "c": 5}
