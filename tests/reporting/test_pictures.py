"""Pictures are of nothing but their numbers: places, lengths and words are those of the values."""

from __future__ import annotations

import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.evaluation.calibration import Bin
from alcli.reporting.axes import Scale, said, spread, ticks
from alcli.reporting.pictures.bars import Bar, across, upright
from alcli.reporting.pictures.dots import Dot, dots
from alcli.reporting.pictures.lines import Point, Series, lines
from alcli.reporting.pictures.matrix import matrix
from alcli.reporting.pictures.reliability import reliability
from alcli.reporting.pictures.scatter import Spot, mark, scatter
from alcli.reporting.svg import Drawing, clean, fitted, measure

SVG = "{http://www.w3.org/2000/svg}"
WIDTHS = (358.0, 530.0, 1070.0)
NUMBERS = st.floats(-1e6, 1e6)


def parsed(sheet: Drawing) -> ET.Element:
    return ET.fromstring(sheet.svg("a title", "about it"))


def words(root: ET.Element) -> list[str]:
    return [each.text or "" for each in root.iter(f"{SVG}text")]


def shapes(root: ET.Element, kind: str, look: str) -> list[dict[str, str]]:
    return [each.attrib for each in root.iter(f"{SVG}{kind}") if look in each.attrib.get("class", "").split()]


def spoken(text: str) -> float:
    return float(text.replace("−", "-").replace("+", "").replace(",", "").rstrip("%"))


def test_a_point_stands_at_the_height_that_the_axis_says() -> None:
    series = [Series("margin", (Point(20, 0.62, 0.6, 0.64), Point(40, 0.8, 0.7, 0.9)))]
    root = parsed(lines(series, 530, name="accuracy"))
    labels = {
        spoken(each.text or ""): float(each.attrib["y"]) - 4 for each in root.iter(f"{SVG}text")
        if each.attrib.get("text-anchor") == "end"
    }  # fmt: skip
    (low, low_y), (high, high_y) = min(labels.items()), max(labels.items())
    dots_at = [float(each["cy"]) for each in shapes(root, "circle", "dot")]
    for value, y in zip((0.62, 0.8), dots_at, strict=True):
        assert y == pytest.approx(low_y + (value - low) / (high - low) * (high_y - low_y), abs=0.3)


def test_bars_are_as_long_as_their_values_and_stand_on_zero() -> None:
    root = parsed(upright([Bar("40", 0.08), Bar("60", 0.04), Bar("80", -0.02)], 530, name="gain", along="labels"))
    heights = [float(each["height"]) for each in shapes(root, "rect", "bar")]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.3) and heights[1] == pytest.approx(2 * heights[2], abs=0.3)
    tops = [float(each["y"]) for each in shapes(root, "rect", "bar")]
    zero = tops[2]
    assert tops[0] + heights[0] == pytest.approx(zero, abs=0.2) and "−0.020" in words(root) and "+0.080" in words(root)


def test_bars_across_show_the_labelled_part() -> None:
    root = parsed(
        across([Bar("margin", 80, 40, "40 of 80"), Bar("random", 20, 20, "20 of 20")], 358, along="rows asked")
    )
    full = [float(each["width"]) for each in shapes(root, "rect", "bar")]
    pale = [float(each["width"]) for each in shapes(root, "rect", "band")]
    assert full[0] == pytest.approx(pale[0] / 2, abs=0.2) and full[1] == pale[1] == pytest.approx(pale[0] / 4, abs=0.2)


def test_an_interval_reaches_from_its_low_to_its_high_end() -> None:
    root = parsed(dots([Dot("ann", 0.5, 0.25, 0.75)], 358, along="share"))
    (line,) = [each for each in shapes(root, "line", "whisker") if each["y1"] == each["y2"]]
    (dot,) = shapes(root, "circle", "dot")
    assert float(line["x1"]) + float(line["x2"]) == pytest.approx(2 * float(dot["cx"]), abs=0.2)


def test_a_calibrated_model_lies_on_the_dashed_line() -> None:
    bins = [Bin(at / 10, at / 10 + 0.1, 10, at / 10 + 0.05, at / 10 + 0.05, 0.1, 1.0) for at in range(5, 10)]
    root = parsed(reliability(bins, 2, 530))
    (guide,) = shapes(root, "line", "guide")
    x1, x2, y1, y2 = (float(guide[name]) for name in ("x1", "x2", "y1", "y2"))
    for dot in shapes(root, "circle", "dot"):
        share = (float(dot["cx"]) - x1) / (x2 - x1)
        assert float(dot["cy"]) == pytest.approx(y1 + share * (y2 - y1), abs=0.2)


def test_cells_are_shaded_by_the_share_of_their_row() -> None:
    root = parsed(matrix(["a", "b"], [[30, 10], [0, 5]], 358))
    shades = [float(each["fill-opacity"]) for each in shapes(root, "rect", "fill")]
    assert shades[0] == pytest.approx(3 * shades[1], abs=0.002) and shades[2] == 0 and shades[3] == max(shades)
    assert [each for each in words(root) if each.isdigit()] == ["30", "10", "0", "5"]


def test_the_map_has_one_unit_for_both_axes_and_a_mark_for_each_row() -> None:
    spots = [Spot(0, 0, 0), Spot(10, 0, 1), Spot(0, 5, -1, newest=True)]
    root = parsed(scatter([(0, 0), (10, 5)], spots, ["ham (1)", "spam (1)"], 358, axes=("one", "two")))
    (dust, _) = [each["d"] for each in shapes(root, "path", "dust")]
    (x0, y0), (x1, y1) = [tuple(map(float, pair)) for pair in re.findall(r"M([-\d.]+) ([-\d.]+)h0", dust)]
    assert x1 - x0 == pytest.approx(2 * (y0 - y1), abs=0.2)
    assert "asked, no label yet" in words(root) and "newest batch" in words(root)


def test_marks_of_eight_classes_differ() -> None:
    assert len({mark(group, 0, 0) for group in range(-1, 8)}) == 9


@pytest.mark.parametrize("width", WIDTHS)
@given(values=st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=30), name=st.text(max_size=60))
def test_any_numbers_and_names_are_drawn_inside_the_sheet(width, values, name) -> None:
    points = tuple(Point(abs(x), y, y - 1, y + 1) for x, y in sorted(values))
    for sheet in (
        lines([Series(name, points)], width, name=name),
        upright([Bar(name, y) for _, y in values], width, name=name, along=name),
        across([Bar(name, abs(y), abs(y) / 2, name) for _, y in values], width, along=name),
        scatter([(x, y) for x, y in values], [Spot(x, y, at) for at, (x, y) in enumerate(values)], [name] * 30, width, axes=(name, name)),
        matrix([name] * 3, [[1, 2, 3]] * 3, width),
    ):  # fmt: skip
        root = parsed(sheet)
        for each in root.iter():
            for side, end in (("x", sheet.width), ("cx", sheet.width), ("y", sheet.height), ("cy", sheet.height)):
                if side in each.attrib and each.tag != f"{SVG}svg":
                    assert -1 <= float(each.attrib[side]) <= end + 1, (each.tag, each.attrib)


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=8), st.floats(1e-6, 1e3))
def test_numbers_beside_an_axis_begin_inside_the_sheet(values, unit) -> None:
    values = [round(value * unit, 6) for value in values]
    points = tuple(Point(at, value) for at, value in enumerate(values))
    for sheet in (
        upright([Bar("", value) for value in [0.0125, *values]], 358, name="gain", along="labels"),
        lines([Series("", points)], 358, name="loss"),
    ):
        for each in parsed(sheet).iter(f"{SVG}text"):
            if each.attrib.get("text-anchor") == "end":
                assert float(each.attrib["x"]) - measure(each.text or "", 12) >= 5.9, each.text


@given(st.text(max_size=200), st.floats(20, 400))
def test_what_is_fitted_fits_and_is_the_beginning(text, width) -> None:
    short = fitted(text, width)
    assert measure(short) <= width + 13 and "\n" not in short


@given(st.text())
def test_any_text_is_sound_xml(text) -> None:
    root = ET.fromstring(f"<a b='{clean(text)}'>{clean(text)}</a>")
    assert not list(root)


def test_ticks_of_counts_are_whole_numbers() -> None:
    assert ticks(0, 3, whole=True) == [0, 1, 2, 3] and ticks(0, 2.2, 8, whole=True) == [0, 1, 2]


def test_numbers_read_as_a_person_writes_them() -> None:
    assert [said(12_500), said(0.25, percent=True), said(-0.05, signed=True)] == ["12,500", "25%", "−0.05"]


def test_a_value_beyond_its_scale_is_drawn_at_the_end() -> None:
    assert Scale(0, 1, 10, 110).clipped(7) == 110


@given(st.lists(st.floats(0, 300), min_size=1, max_size=15))
def test_names_beside_lines_stay_apart(heights) -> None:
    places = [place for place, _ in spread([(each, "x") for each in heights], 300)]
    assert all(b - a >= 14.9 for a, b in itertools.pairwise(places)) and places[-1] <= 300
