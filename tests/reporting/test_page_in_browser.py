"""The page in a real browser, wide and narrow, light and dark: nothing overlaps, is cut, runs or asks a server."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

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
VIEWS = [(1280, False), (1280, True), (390, False), (390, True)]


def sound(driver: Any) -> None:
    """No fault of the page, its pictures, its console or its network."""
    assert driver.execute_script(FAULTS) == []
    faults = driver.execute_script(IN_PICTURES)
    assert faults == [], "\n".join(faults)
    assert complaints(driver) == [] and requests(driver) == []
    assert driver.execute_script("return window.ran ?? null") is None


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
            if name != "nothing":
                assert driver.execute_script(SMALLEST) >= 10.4
            paper = driver.execute_script("return getComputedStyle(document.body).backgroundColor")
            assert paper == ("rgb(22, 24, 28)" if dark else "rgb(255, 255, 255)")
