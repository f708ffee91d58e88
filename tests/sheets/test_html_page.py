"""The offline page, in a real browser: labelled by keys, reloaded, downloaded, imported."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alcli.sheets.answers import read_answers
from alcli.sheets.base import Sheet, SheetRow
from alcli.sheets.html_sheet import write
from alcli.sheets.judging import judge
from alcli.sheets.words import Vocabulary
from tests.browser import FAULTS, NEEDED, browser, complaints, downloaded, requests

from .projects import Project, taken
from .test_round_trip import CELLS, IDS

NASTY = (
    "<script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 2'>",
    "</script><script>window.ran = 3</script>",
    "<!-- <script>",
    '"><svg onload=window.ran=4>',
    "javascript:window.ran=5",
    "{{constructor.constructor('window.ran=6')()}}",
    "{sheet} {script-hash} {style}",
    "\u2028 line separators \u2029",
    "=HYPERLINK(\"http://example.com\")",
)  # fmt: skip


GUIDE = """# How to label

Say how the **writer** feels, *not* about `the shop`.

1. Irony counts
   - as meant
2. [The guide](https://example.org/g), [bad](javascript:window.ran=6), <img src=x onerror=window.ran=7>

> <script>window.ran=8</script>

| class | when |
| --- | --- |
| cat | it <b>meows</b> |
"""


def page(path: Path, sheet: Sheet) -> Path:
    with path.open("wb") as file:
        write(sheet, file)
    return path


def content(text: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="sheet">(.*?)</script>', text, re.S)[1])


def test_the_page_is_one_file_that_forbids_itself_everything_else(tmp_path):
    text = page(tmp_path / "sheet.html", Project().sheet()).read_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)[1]
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    assert not re.search(r"""(src|href)\s*=\s*["'](https?:)?//""", text)


def test_texts_of_the_pool_cannot_leave_their_json(tmp_path):
    ids = tuple(f"r{i}" for i in range(len(NASTY)))
    project = Project(ids=ids, texts=dict(zip(ids, NASTY, strict=True)))
    text = page(tmp_path / "sheet.html", project.sheet()).read_text()
    assert text.count("<script") == 2 and text.count("</script") == 2 and "<img" not in text
    assert [row[1] for row in content(text)["rows"]] == list(NASTY)


def test_the_same_sheet_gives_the_same_bytes(tmp_path):
    one = page(tmp_path / "a.html", Project().sheet()).read_bytes()
    assert one == page(tmp_path / "b.html", Project().sheet()).read_bytes()


def test_a_blind_sheet_holds_no_guess(tmp_path):
    rows = [SheetRow("r1", ("text",), 1, guess="cat", confidence=0.75)]
    blind = Sheet("p", 1, "id", ("text",), rows, ("cat", "dog"))
    assert content(page(tmp_path / "a.html", blind).read_text())["guesses"] == [None]
    open_ = Sheet("p", 1, "id", ("text",), rows, ("cat", "dog"), with_guess=True)
    assert content(page(tmp_path / "b.html", open_).read_text())["guesses"] == [["cat", "75%"]]


@NEEDED
def test_twenty_items_by_keys_with_a_reload_halfway_come_back_as_twenty_labels(tmp_path):
    from selenium.webdriver.common.keys import Keys

    ids = tuple(f"row {i}" for i in range(20))
    project = Project(ids=ids)
    path = page(tmp_path / "sheet.html", project.sheet())
    with browser(tmp_path) as driver:
        driver.get(path.as_uri())

        def press(*keys):
            for key in keys:
                driver.switch_to.active_element.send_keys(key)

        press(*"123123123")
        press("1", "u", "2")  # the tenth, taken back and given anew
        driver.refresh()
        assert "11 of 20; 10 answered, 10 left" in driver.find_element("id", "where").text
        press("c", "not sure", Keys.ESCAPE)
        press("0")  # skipped
        press(*"333333333")
        assert "20 answered, 0 left" in driver.find_element("id", "where").text
        driver.find_element("id", "save").click()
        answers = downloaded(tmp_path / "answers-batch-2.csv").read_bytes()
        assert complaints(driver) == [] and requests(driver) == []
    judged = project.judge(answers)
    assert not judged.rejects
    expected = ["cat", "dog", "bird"] * 3 + ["dog"] + ["bird"] * 9
    given = {answer.id: (answer.kind, answer.label, answer.comment) for answer in judged.accepted}
    assert given["row 10"] == ("skip", "", "not sure")
    labels = [given[id_][1] for id_ in ids if given[id_][0] == "label"]
    assert labels == expected and len(given) == 20


@NEEDED
def test_the_key_of_a_digit_is_the_digit(tmp_path):
    ids = ("a", "b", "c", "d")
    project = Project(ids=ids, texts=dict.fromkeys(ids, "text"), classes=("0", "1"))
    path = page(tmp_path / "sheet.html", project.sheet())
    with browser(tmp_path) as driver:
        driver.get(path.as_uri())
        keys = "return [...document.querySelectorAll('#labels button')].map((b) => [b.dataset.label, b.querySelector('kbd').textContent, b.getAttribute('aria-keyshortcuts')])"
        assert driver.execute_script(keys) == [["0", "0", "0"], ["1", "1", "1"]]
        skip = driver.find_element("id", "skip")
        assert skip.get_attribute("title") == skip.get_attribute("aria-keyshortcuts") == "s"
        assert driver.find_element("id", "skip-key").get_attribute("textContent") == "s"
        for key in "10us1s":  # the second is taken back and skipped, as is the last
            driver.switch_to.active_element.send_keys(key)
        driver.find_element("id", "save").click()
        judged = project.judge(downloaded(tmp_path / "answers-batch-2.csv").read_bytes())
        assert complaints(driver) == []
    assert not judged.rejects
    given = {answer.id: answer.label if answer.kind == "label" else answer.kind for answer in judged.accepted}
    assert given == {"a": "1", "b": "skip", "c": "1", "d": "skip"}


@NEEDED
def test_odd_ids_and_texts_come_back_on_their_rows(tmp_path):
    project = Project()
    answers = dict(zip(project.ids, ("cat", "dog", "bird") * 20, strict=False))
    path = page(tmp_path / "sheet.html", project.sheet())
    with browser(tmp_path) as driver:
        driver.get(path.as_uri())
        for label in answers.values():
            driver.switch_to.active_element.send_keys({"cat": "1", "dog": "2", "bird": "3"}[label])
        driver.find_element("id", "save").click()
        data = downloaded(tmp_path / "answers-batch-2.csv").read_bytes()
    judged = project.judge(data)
    assert not judged.rejects and taken(judged) == answers


SAVED = """
const [picks, done] = arguments;
const make = URL.createObjectURL;
let saved = null;
URL.createObjectURL = (blob) => { saved = blob; return make(blob); };
picks.forEach((pick) => document.querySelectorAll("#labels button")[pick].click());
document.getElementById("save").click();
saved.arrayBuffer().then((bytes) => done(Array.from(new Uint8Array(bytes))));
"""


@pytest.fixture(scope="module")
def driver(tmp_path_factory):
    with browser(tmp_path_factory.mktemp("browser")) as its:
        yield its


@NEEDED
@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(st.tuples(IDS, CELLS, st.integers(0, 4)), min_size=1, max_size=6, unique_by=lambda row: row[0]),
    classes=st.lists(IDS, min_size=1, max_size=5, unique=True),
)
def test_any_table_of_text_comes_back_through_the_browser(driver, tmp_path_factory, rows, classes):
    labels = {id_: classes[pick % len(classes)] for id_, _, pick in rows}
    made = [SheetRow(id_, (text,), rank) for rank, (id_, text, _) in enumerate(rows)]
    path = page(tmp_path_factory.mktemp("page") / "sheet.html", Sheet("p", 1, "key", ("one",), made, tuple(classes)))
    driver.get(path.as_uri())
    # the same table twice would find its answers kept, as it should
    driver.execute_script("localStorage.clear()")
    driver.refresh()
    data = bytes(driver.execute_async_script(SAVED, [pick % len(classes) for _, _, pick in rows]))
    assert data.startswith(b"\xef\xbb\xbf")  # by which Excel knows that it is UTF-8
    judged = judge(
        read_answers(data, "answers.csv", id_column="key", pool_columns=["key", "one"]),
        known_ids=lambda ids: set(ids) & set(labels),
        asked={(1, rank): row[0] for rank, row in enumerate(rows)},
        project="p",
        vocabulary=Vocabulary(tuple(classes)),
        existing={},
        annotator="a1",
    )
    assert judged.rejects == [] and judged.edited == 0
    assert taken(judged) == labels


@NEEDED
def test_nothing_of_the_pool_runs(tmp_path):
    ids = tuple(NASTY)
    project = Project(ids=ids, texts=dict(zip(ids, NASTY, strict=True)), classes=("<b>cat</b>", "dog"))
    path = page(tmp_path / "sheet.html", project.sheet())
    with browser(tmp_path) as driver:
        driver.get(path.as_uri())
        for number, text in enumerate(NASTY):
            shown = driver.execute_script("return document.querySelector('dd').textContent")
            assert shown == text, number
            driver.find_element("id", "next").click()
        assert driver.execute_script("return window.ran ?? null") is None
        assert complaints(driver) == [] and requests(driver) == []


@NEEDED
def test_pictures_beside_the_page_are_shown_and_those_of_a_server_are_not(tmp_path):
    import base64

    dot = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=="
    (tmp_path / "dot.png").write_bytes(base64.b64decode(dot))
    texts = ("dot.png", f"data:image/png;base64,{dot}", "https://example.com/dot.png", "missing.png")
    ids = tuple(f"r{i}" for i in range(len(texts)))
    path = page(tmp_path / "sheet.html", Project(ids=ids, texts=dict(zip(ids, texts, strict=True))).sheet())
    found = []
    with browser(tmp_path) as driver:
        driver.get(path.as_uri())
        for _ in texts:
            driver.execute_async_script("setTimeout(arguments[0], 100)")
            found.append(
                driver.execute_script("const i = document.querySelector('dd img'); return i && i.naturalWidth")
            )
            driver.find_element("id", "next").click() if len(found) < len(texts) else None
        assert requests(driver) == []
    assert found == [1, 1, None, None]


@NEEDED
@pytest.mark.parametrize(("width", "dark"), [(390, False), (390, True), (1280, False), (1280, True)])
def test_nothing_overlaps_sticks_out_or_is_cut(tmp_path, width, dark):
    long = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 3
    texts = (long, "short", "a line\n" * 60, "word " * 400)
    ids = (long[:200], "b", "c", "d")
    classes = ("yes", "no", "rather " * 12 + "long", *(f"class {i}" for i in range(20)))
    sheet = Sheet(
        "p", 1, "id", ("text", long[:90]),
        [SheetRow(id_, (text, "x"), rank, "yes", 0.5, f"margin; {long}", f"yes: {text}") for rank, (id_, text) in enumerate(zip(ids, texts, strict=True), 1)],
        classes, with_guess=True, with_why=True, instructions=GUIDE + f"\n\n| {long} | a |\n|-|-|\n| b | `{long}` |\n\n{long}",
    )  # fmt: skip
    path = page(tmp_path / "sheet.html", sheet)
    with browser(tmp_path, width=width, height=844, dark=dark) as driver:
        driver.get(path.as_uri())
        for _ in ids:
            for _ in ("open", "closed"):
                assert driver.execute_script(FAULTS) == []
                driver.execute_script("const e = document.getElementById('instructions'); e.open = !e.open")
            driver.find_element("id", "next").click() if driver.find_element("id", "next").is_enabled() else None
        driver.save_screenshot(str(tmp_path / "page.png"))
        assert complaints(driver) == []


@NEEDED
def test_a_screen_reader_is_told_and_every_control_has_a_name(tmp_path):
    path = page(tmp_path / "sheet.html", Project(ids=("a", "b")).sheet())
    with browser(tmp_path) as driver:
        driver.get(path.as_uri())
        tree = driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        controls = [node for node in tree if node.get("role", {}).get("value") in ("button", "textbox", "progressbar")]
        assert len(controls) >= 9 and all(node["name"]["value"] for node in controls)
        driver.switch_to.active_element.send_keys("1")
        assert driver.find_element("id", "said").get_attribute("textContent") == "cat for item 1."
        driver.switch_to.active_element.send_keys("2")
        assert driver.execute_script("return document.activeElement.id") == "save"


def test_instructions_cannot_leave_their_json(tmp_path):
    sheet = replace(Project().sheet(), instructions=GUIDE)
    text = page(tmp_path / "sheet.html", sheet).read_text()
    assert text.count("<script") == 2 and text.count("</script") == 2 and "<img" not in text and "<b>" not in text
    assert "javascript:" not in json.dumps(content(text)["instructions"])


@NEEDED
def test_instructions_are_shown_to_who_begins_and_nothing_of_them_runs(tmp_path):
    path = page(tmp_path / "sheet.html", replace(Project(ids=("a", "b")).sheet(), instructions=GUIDE))
    with browser(tmp_path) as driver:
        driver.get(path.as_uri())
        guide = driver.find_element("id", "guide")
        assert guide.is_displayed()
        for words in ("How to label", "Irony counts", "as meant", "<script>window.ran=8</script>", "it <b>meows</b>"):
            assert words in guide.text
        tags = driver.execute_script("return [...document.querySelectorAll('#guide *')].map((e) => e.localName)")
        assert {"h2", "strong", "em", "code", "ol", "ul", "li", "blockquote", "table", "th", "td", "a"} <= set(tags)
        assert {"script", "img", "b"}.isdisjoint(tags)
        links = driver.execute_script("return [...document.querySelectorAll('#guide a')].map((e) => [e.href, e.rel])")
        assert links == [["https://example.org/g", "noopener noreferrer"]]
        driver.switch_to.active_element.send_keys("1")
        driver.refresh()
        assert not driver.find_element("id", "guide").is_displayed()  # folded for who goes on
        driver.find_element("css selector", "#instructions summary").click()
        assert driver.find_element("id", "guide").is_displayed()
        assert driver.execute_script("return window.ran ?? null") is None
        assert complaints(driver) == [] and requests(driver) == []


@NEEDED
def test_a_sheet_that_says_why_shows_it_and_a_blind_one_does_not(tmp_path):
    rows = [SheetRow("r1", ("text",), 1, chosen_by="margin; utility 0.9", nearest="cat: meow\ndog: <b>bark</b>")]
    blind = Sheet("p", 1, "id", ("text",), rows, ("cat", "dog"))
    assert content(page(tmp_path / "blind.html", blind).read_text())["why"] is None
    path = page(tmp_path / "open.html", replace(blind, with_why=True))
    with browser(tmp_path) as driver:
        driver.get((tmp_path / "blind.html").as_uri())
        assert not driver.find_element("id", "why").is_displayed()
        driver.get(path.as_uri())
        said = driver.find_element("id", "why").text.splitlines()
        assert [line for line in said if line] == [
            "Chosen by margin; utility 0.9",
            "Labelled rows that are most like it:",
            "cat: meow",
            "dog: <b>bark</b>",
        ]
        assert complaints(driver) == []
