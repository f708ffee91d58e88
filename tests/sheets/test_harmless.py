from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.sheets.harmless import escape, is_risky, unescape


@given(st.text(st.sampled_from("'=+-@\t\r\n ax1＝"), max_size=8) | st.text(max_size=20))
def test_every_text_comes_back(text):
    assert unescape(escape(text)) == text


@given(st.text(st.sampled_from("'=+-@\t\r\n ax"), max_size=8))
def test_an_escaped_text_runs_nothing(text):
    escaped = escape(text)
    assert not escaped.lstrip().startswith(("=", "+", "-", "@"))
    assert not escaped.startswith(("\t", "\r", "\n"))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "'=1"])
def test_formulas_are_seen(text):
    assert is_risky(text)
    assert escape(text) == "'" + text


@pytest.mark.parametrize("text", ["-1", "-0.226415", "-1e-05", "-3,5", "1", "a-b"])
def test_a_plain_number_is_left_alone(text):
    assert not is_risky(text)
    assert escape(text) == text


@pytest.mark.parametrize("text", ["", "a", "1", "it's", "'tis", "a=b", " a"])
def test_other_texts_stay(text):
    assert escape(text) == unescape(text) == text
