"""Markdown that labelers read first: what is made of it, and that nothing of it is lost or runs."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.sheets.guide import WIDTH, guide
from alcli.sheets.instructions import Span, as_lines, as_plain, parse, plain, spans_of
from alcli.sheets.label_studio import configuration
from alcli.sheets.table import FORMATS, writer

from .projects import Project, taken

PAGE = """\
Intro that goes
on  
after a break
<!-- not
shown -->
# One #
Two
---
1. first
   goes on
2) second
   - deeper
* other

> said
> twice

| a | b |
|:--|--:|
| x | y \\| z | left out
| alone |

***
```py
# no heading
```
"""  # noqa: W291 - two blanks at the end of a line are a break


def test_blocks():
    found = [(block.kind, block.level, block.mark, plain(block.spans)) for block in parse(PAGE)]
    assert found == [
        ("paragraph", 0, "", "Intro that goes on\nafter a break"),
        ("heading", 1, "", "One"),
        ("heading", 2, "", "Two"),
        ("item", 0, "1.", "first goes on"),
        ("item", 0, "2.", "second"),
        ("item", 1, "•", "deeper"),
        ("item", 0, "•", "other"),
        ("quote", 0, "", "said twice"),
        ("table", 0, "", ""),
        ("rule", 0, "", ""),
        ("code", 0, "", "# no heading"),
    ]
    table = next(block for block in parse(PAGE) if block.kind == "table")
    assert [[plain(cell) for cell in row] for row in table.rows] == [["a", "b"], ["x", "y | z"], ["alone", ""]]


@pytest.mark.parametrize(
    ("text", "spans"),
    [
        ("a **b** __c__ d", [("a ", ""), ("b", "b"), (" ", ""), ("c", "b"), (" d", "")]),
        ("*a* _b_ snake_case_word 2*3*4", [("a", "i"), (" ", ""), ("b", "i"), (" snake_case_word 2*3*4", "")]),
        ("**a *b* c**", [("a ", "b"), ("b", "bi"), (" c", "b")]),
        ("`**a**` \\*b\\*", [("**a**", "c"), (" *b*", "")]),
        ("``a`b``", [("a`b", "c")]),
    ],
)
def test_styles(text, spans):
    def style(span: Span) -> str:
        return "b" * span.bold + "i" * span.italic + "c" * span.code

    assert [(span.text, style(span)) for span in spans_of(text)] == spans


@pytest.mark.parametrize(
    ("text", "words", "link"),
    [
        ("[the *guide*](https://x.org/a_(b) \"title\")", "the guide", "https://x.org/a_(b)"),
        ("<https://x.org>", "https://x.org", "https://x.org"),
        ("see https://x.org/a_b.", "see https://x.org/a_b.", "https://x.org/a_b"),
        ("<mailto:a@b.org>", "a@b.org", "mailto:a@b.org"),
        ("[x](javascript:alert(1))", "x", ""),
        ("[x](data:text/html,hi)", "x", ""),
        ("[x](  HTTPS://x.org )", "x", "HTTPS://x.org"),
        ("[x](file:///etc/passwd)", "x", ""),
    ],
)  # fmt: skip
def test_links_lead_to_the_web_or_to_mail_only(text, words, link):
    spans = spans_of(text)
    assert "".join(span.text for span in spans) == words
    assert {span.link for span in spans if span.link} == ({link} if link else set())


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_any_text_is_taken_and_no_link_leads_elsewhere(text):
    blocks = parse(text)
    data = json.loads(json.dumps(as_plain(blocks)))
    links = re.findall(r'"link": "([^"]*)"', json.dumps(data))
    assert all(link.lower().startswith(("http://", "https://", "mailto:")) for link in links)
    list(as_lines(blocks))
    made = guide(text)
    assert made.lines[0].role == "heading" and sum(made.widths) >= WIDTH
    assert all(cell.column + cell.columns <= len(made.widths) for line in made.lines for cell in line.cells)


@given(st.lists(st.text("abc äß日0", min_size=1), max_size=20))
def test_words_are_not_lost(words):
    text = " ".join(" ".join(words).split())
    assert "".join(plain(block.spans) for block in parse(text)) == text


TRAP = "| id | label |\n|---|---|\n| img_0001 | bird |\n\nSay **what** you `see`; =1+1"


@pytest.mark.parametrize("format", ["xlsx", "ods"])
@pytest.mark.parametrize("markdown", [TRAP, PAGE, "# id | label\n\nx", "x" * 50_000, "\x01 control \x1f ￾"])
def test_a_second_worksheet_is_no_answer(project, format, markdown):
    answers = {id_: project.classes[at % 3] for at, id_ in enumerate(project.ids)}
    file = io.BytesIO()
    write = writer(next(row for row in FORMATS if row.name == format))
    write(replace(project.sheet(answers), instructions=markdown), file)
    judged = project.judge(file.getvalue())
    assert judged.rejects == [] and taken(judged) == answers


def test_the_worksheet_of_a_workbook():
    file = io.BytesIO()
    write = writer(next(row for row in FORMATS if row.name == "xlsx"))
    write(replace(Project().sheet(), instructions=TRAP + "\n\n=HYPERLINK(1)"), file)
    book = openpyxl.load_workbook(file, rich_text=True)
    assert book.sheetnames == ["labels", "instructions", "classes"] and book.active.title == "labels"
    page = book["instructions"]
    assert page.protection.sheet
    assert page["A1"].value == "Instructions" and page["A3"].value == "id" and page["B4"].value == "bird"
    said = page["A6"].value
    assert [getattr(piece, "text", piece) for piece in said] == ["Say ", "what", " you ", "see", "; =1+1"]
    assert said[1].font.b
    assert page["A8"].value == "=HYPERLINK(1)" and page["A8"].data_type == "s"


def test_label_studio_shows_them_in_a_panel_and_no_word_is_a_key_of_the_task():
    sheet = replace(
        Project().sheet(), instructions='# How\n\nCosts $text, <b>or</b> "more"\n\n| a | b |\n|-|-|\n| c | d |'
    )
    text = configuration(sheet)
    panel = text[text.index("<Collapse>") : text.index("</Collapse>")]
    assert re.findall(r"value=(?:\"(.*?)\"|'(.*?)') size", panel) == [
        ("How", ""),
        ("", 'Costs $\u2060text, &lt;b&gt;or&lt;/b&gt; "more"'),
        ("a | b", ""),
        ("c | d", ""),
    ]
    assert "<Collapse>" not in configuration(Project().sheet())


def test_the_same_instructions_give_the_same_bytes():
    for format in ("xlsx", "ods", "html"):
        made = []
        for _ in range(2):
            file = io.BytesIO()
            writer(next(row for row in FORMATS if row.name == format))(
                replace(Project().sheet(), instructions=PAGE), file
            )
            made.append(file.getvalue())
        assert made[0] == made[1]


def test_an_ods_holds_what_it_must(project):
    with zipfile.ZipFile(io.BytesIO(project.write("ods"))) as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        listed = set(re.findall(r'full-path="([^"]+)"', archive.read("META-INF/manifest.xml").decode()))
        assert listed == {"/", *archive.namelist()} - {"mimetype", "META-INF/manifest.xml"}
        content = archive.read("content.xml").decode()
    # `of:` and `ooo:` are looked up by LibreOffice as namespaces
    assert "xmlns:of=" in content and "formula=" not in content
    assert set(re.findall(r'office:value-type="(\w+)"', content)) == {"string"}


def test_what_xml_cannot_hold_comes_back_in_ids_and_labels_of_an_ods():
    classes = ("a\x01", "a", "\uf8fe0001", "b\r\nc")
    project = Project(ids=("\x02x", "x", "\uf8fe"), texts={"x": "bell \x07 and tab\t"}, classes=classes)
    answers = dict(zip(project.ids, classes, strict=False))
    judged = project.judge(project.write("ods", answers))
    assert (judged.rejects, judged.edited, judged.restored) == ([], 0, [])
    assert taken(judged) == answers
