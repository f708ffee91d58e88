"""The page in a real browser, wide and narrow, light and dark: nothing overlaps, is cut, runs or asks a server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alcli.reporting.facts import Row
from alcli.reporting.page import page
from alcli.reporting.sections.whole import compose
from tests.browser import FAULTS, NEEDED, browser, complaints, requests

from . import facts as made

#: Words in pictures that lie over each other or stick out of their sheet.
IN_PICTURES = """
const faults = [];
for (const svg of document.querySelectorAll("svg")) {
  const sheet = svg.getBoundingClientRect();
  if (!sheet.width) continue;
  const texts = [...svg.querySelectorAll("text")].filter((e) => e.textContent.trim());
  const boxes = texts.map((e) => e.getBoundingClientRect());
  const title = svg.querySelector("title").textContent.slice(0, 40);
  boxes.forEach((box, i) => {
    if (box.left < sheet.left || box.right > sheet.right + 1 || box.top < sheet.top - 1 || box.bottom > sheet.bottom + 1)
      faults.push("sticks out: " + texts[i].textContent + " in " + title);
    for (let j = i + 1; j < boxes.length; j++) {
      const across = Math.min(box.right, boxes[j].right) - Math.max(box.left, boxes[j].left);
      const down = Math.min(box.bottom, boxes[j].bottom) - Math.max(box.top, boxes[j].top);
      if (across > 1 && down > 3) faults.push("overlap: " + texts[i].textContent + " / " + texts[j].textContent + " in " + title);
    }
  });
}
return faults;
"""
#: The least size of a letter in a picture, as it is shown.
SMALLEST = """
return Math.min(...[...document.querySelectorAll("svg text")].filter((e) => e.getBoundingClientRect().width > 0).map(
  (e) => parseFloat(getComputedStyle(e).fontSize) * e.ownerSVGElement.getBoundingClientRect().width / e.ownerSVGElement.viewBox.baseVal.width
));
"""
#: Words of a usual length in cells that stand on two lines.
BROKEN = r"""
const broken = [];
for (const cell of document.querySelectorAll("th, td")) {
  if (cell.matches(".words")) continue;
  const walk = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) for (const word of walk.currentNode.data.matchAll(/[\w.]{2,20},?/g)) {
    const range = document.createRange();
    range.setStart(walk.currentNode, word.index);
    range.setEnd(walk.currentNode, word.index + word[0].length);
    if (new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1) broken.push(word[0]);
  }
}
return broken;
"""
VIEWS = [(1280, False), (1280, True), (390, False), (390, True)]


def sound(driver: Any) -> None:
    """No fault of the page, its pictures, its console or its network."""
    assert driver.execute_script(FAULTS) == []
    faults = driver.execute_script(IN_PICTURES)
    assert faults == [], "\n".join(faults)
    assert complaints(driver) == [] and requests(driver) == []
    assert driver.execute_script("return window.ran ?? null") is None


@NEEDED
def test_words_stay_whole_and_titles_of_axes_too_on_a_telephone(tmp_path: Path) -> None:
    facts = made.plain(("malignant", "benign"))
    row = Row(
        "p294", "mean_radius: 12.72; mean_texture: 13.78; mean_perimeter: 81.78", ("benign, 100%", "malignant, 0%")
    )
    assert not isinstance(facts.doubts, str) and not isinstance(facts.map, str)
    facts = replace(
        facts,
        doubts=replace(facts.doubts, doubtful=(row,)),
        map=replace(facts.map, shares=(0.4463, 0.1904)),
        settings=(("train.estimator", ", ".join(["mean_fractal_dimension"] * 9), "file alcli.toml, line 14"),),
    )
    path = tmp_path / "report.html"
    path.write_text(page(compose(facts), "0.1.0"), encoding="utf-8")
    with browser(tmp_path, width=390) as driver:
        driver.get(path.as_uri())
        assert driver.execute_script(BROKEN) == []
        sound(driver)
        axes = driver.execute_script(
            "return [...document.querySelectorAll('#map .narrow text')].map((e) => e.textContent).filter((e) => e.includes('%'))"
        )
        assert axes == ["first component, 44.6% of the variance", "second, 19.0%"]


@NEEDED
@pytest.mark.parametrize(("width", "dark"), VIEWS)
def test_nothing_overlaps_or_is_cut(tmp_path: Path, width: int, dark: bool) -> None:
    campaigns = {
        "plain": made.plain(),
        "hostile": made.hostile(),
        "nothing": made.nothing(),
        "many": made.plain(tuple(f"class number {at}" for at in range(12)), rounds=60),
        "small steps": made.small_steps(),
        "one": made.plain(("only",), rounds=1),
    }
    with browser(tmp_path, width=width, dark=dark) as driver:
        for name, facts in campaigns.items():
            path = tmp_path / f"{name}.html"
            path.write_bytes(page(compose(facts), "0.1.0").encode("utf-8", "replace"))
            driver.get(path.as_uri())
            sound(driver)
            tables = driver.execute_script("return [...document.querySelectorAll('.scroll')].map((e) => e.scrollWidth)")
            assert max(tables) <= 2 * width, "a word without end makes a table without end"
            if name != "nothing":
                assert driver.execute_script(SMALLEST) >= 10.4
            paper = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
            assert paper == ("rgb(22, 24, 28)" if dark else "rgb(255, 255, 255)")
