"""A real browser for pages that alcli writes; tests that need it skip where there is none."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

CHROMIUM, DRIVER = shutil.which("chromium") or shutil.which("chromium-browser"), shutil.which("chromedriver")
NEEDED = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="chromium and chromedriver are not installed (Debian: chromium, chromium-driver)"
)


@contextlib.contextmanager
def browser(folder: Path, *, width: int = 1280, height: int = 900, dark: bool = False) -> Iterator[Any]:
    """Chromium without a window; downloads go to `folder`."""
    from selenium import webdriver
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service

    options = Options()
    options.binary_location = str(CHROMIUM)
    for flag in (
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--window-size={width},{height}",
        f"--user-data-dir={folder / 'profile'}",
    ):
        options.add_argument(flag)
    if dark:
        options.add_argument("--force-dark-mode")
    options.add_experimental_option("prefs", {"download.default_directory": str(folder)})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(str(DRIVER)))
    try:
        # the window has a least width of its own; what is tested is the page's
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        if dark:
            driver.execute_cdp_cmd(
                "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
            )
        yield driver
    finally:
        driver.quit()


def downloaded(path: Path, seconds: float = 30.0) -> Path:
    """The file, once the browser has written it."""
    end = time.monotonic() + seconds
    while not path.exists():
        assert time.monotonic() < end, f"{path.name} did not come"
        time.sleep(0.05)
    return path


def complaints(driver: Any) -> list[str]:
    """What the page wrote to the console as warning or error."""
    return [entry["message"] for entry in driver.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


def requests(driver: Any) -> list[str]:
    """Addresses that the page asked for, besides files and its own data."""
    import json

    found = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if not url.startswith(("file:", "data:", "blob:", "chrome:", "about:")):
                found.append(url)
    return found


#: Elements that stick out of the page, hold more than they show, or lie over each other.
FAULTS = """
const faults = [];
const name = (e) => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "") + " " + (e.textContent || "").slice(0, 30);
const seen = (e) => {
  const style = getComputedStyle(e);
  const box = e.getBoundingClientRect();
  // what is folded away has a place of its own, which is not shown
  return box.width > 1 && box.height > 1 && style.visibility === "visible" && style.clipPath === "none" && e.checkVisibility();
};
// of a table that scrolls in its wrapper, what lies outside of the wrapper is not shown
const shown = (e) => {
  const box = e.getBoundingClientRect(), round = e.closest(".scroll")?.getBoundingClientRect();
  return round ? { left: Math.max(box.left, round.left), right: Math.min(box.right, round.right), top: box.top, bottom: box.bottom } : box;
};
const wide = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth > wide) faults.push("the page is wider than the window");
const all = [...document.body.querySelectorAll("*")].filter(seen);
for (const e of all) {
  const box = shown(e);
  if (box.left < -0.5 || box.right > wide + 0.5) faults.push("sticks out: " + name(e));
  const flow = getComputedStyle(e).overflowX;
  if (e.clientWidth && e.scrollWidth > e.clientWidth + 1 && flow !== "auto" && flow !== "scroll" && !e.matches("svg *"))
    faults.push("is cut: " + name(e));
}
const leaves = all.filter((e) => e.matches("button, p, dt, dd, textarea, input, h1, h2, h3, td, th, label"));
const footer = document.querySelector("footer");
for (let i = 0; i < leaves.length; i++) for (let j = i + 1; j < leaves.length; j++) {
  const [a, b] = [leaves[i], leaves[j]];
  if (a.contains(b) || b.contains(a)) continue;
  // what scrolls under a bar that stays in place is not hidden for good
  if (footer && footer.contains(a) !== footer.contains(b)) continue;
  const [p, q] = [shown(a), shown(b)];
  const across = Math.min(p.right, q.right) - Math.max(p.left, q.left);
  const down = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
  if (across > 1 && down > 1) faults.push("overlap: " + name(a) + " / " + name(b));
}
return faults;
"""
