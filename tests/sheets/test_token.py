from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.sheets.token import LETTERS, essence, make_token, read_token

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(
    project=TEXTS,
    batch=st.integers(0, 10**9),
    rank=st.integers(0, 10**9),
    id=TEXTS,
    shown=st.lists(st.tuples(TEXTS, TEXTS), max_size=6),
)
def test_a_token_comes_back_as_it_was_made(project, batch, rank, id, shown):
    text = make_token(project, batch, rank, id, shown)
    assert re.fullmatch(f"[{LETTERS}-]+", text)
    token = read_token(f" {text.upper()} ".replace("-", "–"))
    assert (token.batch, token.rank) == (batch, rank)
    assert token.of_project(project) and token.fits(project, id)
    assert token.fits_text(project, dict(shown)) or len(dict(shown)) < len(shown)


@given(first=TEXTS, second=TEXTS)
def test_another_id_does_not_fit(first, second):
    token = read_token(make_token("p", 1, 1, first))
    assert token.fits("p", second) == (first == second)


@given(place=st.integers(0, 60), letter=st.sampled_from(LETTERS))
def test_one_wrong_letter_is_noticed(place, letter):
    text = make_token("p", 3, 77, "a-1", [("text", "hello")])
    place %= len(text)
    if text[place] in ("-", letter):
        return
    read = read_token(text[:place] + letter + text[place + 1 :])
    # Two letters guard the token, so one damage in 400 passes; it must then not pass for this row.
    assert read is None or (read.batch, read.rank) != (3, 77) or read != read_token(text)


def test_a_token_of_another_project_is_told_apart():
    token = read_token(make_token("one", 1, 1, "a"))
    assert not token.of_project("two")
    assert not token.fits("two", "a")


@pytest.mark.parametrize(
    ("sent", "back"),
    [
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("trailing  ", "trailing"),
        ("tab\tlost", "tablost"),
        ("=1+1", "'=1+1"),
        ("'=1+1", "=1+1"),
        ("Cafe\u0301", "Caf\u00e9"),
        ("3.10", "3.1"),
        ("00123", "123"),
        ("1E5", "100000"),
        ("x" * 40_000, "x" * 32_000 + "[cut]"),
        ("a\x00b", "ab"),
    ],
)
def test_what_spreadsheets_do_without_harm_does_not_matter(sent, back):
    token = read_token(make_token("p", 1, 1, "a", [("text", sent)]))
    assert token.fits_text("p", {"text": back})


def test_added_moved_and_unchecked_columns_do_not_matter():
    shown = [(f"c{i}", f"text {i}") for i in range(7)]
    token = read_token(make_token("p", 1, 1, "a", shown))
    assert len(token.texts) == 4
    assert token.fits_text("p", dict(reversed([*shown, ("notes", "mine")])))
    assert not token.fits_text("p", {**dict(shown), "c0": "text 1"})


def test_texts_that_differ_have_different_essences():
    texts = ["a b", "a c", "1.5", "1.51", "", "x", "X"]
    assert len({essence(text) for text in texts}) == len(texts)


@pytest.mark.parametrize("text", ["", "jan", "b-c", "bc-d-fghjklmnp-qr", "1-2-3", "b-c-fghjklmnp-qrstv-wxzbc-df " * 9])
def test_other_cells_are_no_token(text):
    assert read_token(text) is None


def test_a_negative_batch_is_the_programmers_mistake():
    with pytest.raises(ValueError, match="negative"):
        make_token("p", -1, 0, "a")
