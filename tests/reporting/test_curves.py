"""The picture of learning curves: whole, well-formed, legible, and of nothing but its numbers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.reporting.curves import APART, WIDTH, draw, ticks

SVG = "{http://www.w3.org/2000/svg}"


def curve(strategy: str, values: list[float], **more: Any) -> dict[str, Any]:
    points = [
        {"labels": 20.0 + 10 * at, "value": value, "low": value - 0.02, "high": value + 0.02}
        for at, value in enumerate(values)
    ]
    setting = {"dataset": "digits", "estimator": "logistic", "start": 20, "batch": 10, "metric": "accuracy"}
    return {**setting, "strategy": strategy, "points": points, **more}


def parsed(curves: list[dict[str, Any]]) -> ET.Element:
    return ET.fromstring(draw(curves))


def test_a_line_and_a_band_for_each_strategy() -> None:
    root = parsed([curve("margin", [0.6, 0.8, 0.9]), curve("random", [0.6, 0.7, 0.8])])
    assert len(root.findall(f"{SVG}polyline")) == 2 and len(root.findall(f"{SVG}polygon")) == 2
    texts = [each.text for each in root.iter(f"{SVG}text")]
    assert texts.count("margin") == 2 and texts.count("random") == 2  # at the line's end and in the legend


def test_heights_are_those_of_the_values() -> None:
    root = parsed([curve("margin", [0.5, 0.75, 1.0])])
    line = root.find(f"{SVG}polyline")
    assert line is not None
    places = [tuple(map(float, pair.split(","))) for pair in line.attrib["points"].split()]
    (x0, y0), (x1, y1), (x2, y2) = places
    assert x1 - x0 == pytest.approx(x2 - x1, abs=0.2) and y0 - y1 == pytest.approx(y1 - y2, abs=0.2) and y0 > y2


def test_names_at_line_ends_stay_apart() -> None:
    root = parsed([curve(f"s{at}", [0.6, 0.8001 + at / 1e4]) for at in range(8)])
    ends = sorted(
        float(each.attrib["y"]) for each in root.iter(f"{SVG}text") if float(each.attrib["x"]) > WIDTH - 150
        and each.text and each.text.startswith("s") and each.attrib.get("class", "").startswith("name")
    )  # fmt: skip
    assert len(ends) == 8 and min(b - a for a, b in pairwise(ends)) >= APART - 0.2


def test_a_panel_for_each_setting_and_metric() -> None:
    both = [curve("margin", [0.5, 0.6]), curve("margin", [0.4, 0.5], metric="f1_macro")]
    heads = [each.text for each in parsed(both).iter(f"{SVG}text") if each.attrib.get("class") == "head"]
    assert heads == ["digits: accuracy, logistic, from 20 by 10", "digits: f1_macro, logistic, from 20 by 10"]


def test_names_cannot_break_out() -> None:
    text = draw([curve("<script>&", [0.5, 0.6])])
    assert "<script" not in text and ET.fromstring(text) is not None


def test_nothing_is_fetched_and_dark_is_known() -> None:
    text = draw([curve("margin", [0.5, 0.6])])
    assert not re.search(r"(href|src|url\()", text) and "prefers-color-scheme:dark" in text


def test_one_seed_has_no_band_and_one_point_is_a_dot() -> None:
    only = curve("margin", [0.5])
    only["points"][0] |= {"low": None, "high": None}
    root = parsed([only])
    assert root.find(f"{SVG}circle") is not None and root.find(f"{SVG}polygon") is None


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e4))
def test_ticks_are_between_the_ends_and_few(low: float, width: float) -> None:
    found = ticks(low, low + width)
    assert 1 <= len(found) <= 8
    assert all(
        low - 1e-6 * width - 1e-9 * abs(low) <= each <= low + width + 1e-6 * width + 1e-9 * abs(low) for each in found
    )


def test_no_curve_is_refused() -> None:
    with pytest.raises(ValueError):
        draw([])
