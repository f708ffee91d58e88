"""Draws docs/report.png, the picture of the demo's report in the README, after `make demo`.

    python docs/picture.py [REPORT]

Needs chromium, chromedriver and selenium (in the extra `test`).
"""

from __future__ import annotations

import base64
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

WIDTH = 1140
# Where the picture ends: below the first pictures of these sections, in the order of the page.
SHOWN = ("header", "#learning", "#map")
HIDE = """
const shown = arguments[0];
for (const e of document.querySelectorAll("nav, footer, section, table, .soft, section p")) {
  if (!shown.some((s) => e.matches(s)) && !(e.matches(".soft") && e.closest("svg"))) e.remove();
}
"""


def main(argv: list[str]) -> int:
    """Write the picture; returns the exit code."""
    from tests.browser import browser

    report = Path(argv[0]) if argv else ROOT / "demo" / "report.html"
    if not report.exists():
        sys.stderr.write(f"there is no {report}; `make demo` makes one\n")
        return 1
    with tempfile.TemporaryDirectory() as folder, browser(Path(folder), width=WIDTH) as driver:
        driver.get(report.resolve().as_uri())
        driver.execute_script(HIDE, list(SHOWN))
        height = driver.execute_script("return document.body.getBoundingClientRect().bottom")
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": height, "scale": 0.8}
        taken = driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
        )
    (ROOT / "docs" / "report.png").write_bytes(base64.b64decode(taken["data"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
