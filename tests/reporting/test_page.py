"""The page and its Markdown: whole, well-formed, harmless, the same for the same facts."""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.reporting.facts import Facts
from alcli.reporting.markdown import markdown, plain
from alcli.reporting.page import page
from alcli.reporting.section import Report, Section, Table, cell
from alcli.reporting.sections.whole import compose

from . import facts as made

VOID = {"meta", "link", "br", "wbr", "img", "input", "hr"}


class Tags(HTMLParser):
    """Every tag opened, and whether all are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(params=["plain", "hostile", "nothing"])
def facts(request):
    return getattr(made, request.param)()


def test_every_section_is_there_and_every_tag_closed(facts) -> None:
    tags = Tags(page(compose(facts), "0.1.0")).found
    sections = [attributes["id"] for tag, attributes in tags if tag == "section"]
    assert sections == [
        "learning", "gains", "stopping", "balance", "arms", "agreement", "confusion", "calibration", "map", "doubtful",
        "settings", "versions",
    ]  # fmt: skip


def test_the_policy_allows_its_own_style_and_nothing_else(facts) -> None:
    text = page(compose(facts), "0.1.0")
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    style = re.search(r"<style>(.*?)</style>", text, re.DOTALL)
    assert policy and style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert policy[1] == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_nothing_can_run_and_nothing_is_fetched(facts) -> None:
    for tag, attributes in Tags(page(compose(facts), "0.1.0")).found:
        assert tag not in ("script", "img", "iframe", "object", "link", "use", "image", "foreignobject"), tag
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "style", "xlink:href")]
        if "href" in attributes:
            assert str(attributes["href"]).startswith("#")


def test_those_who_cannot_see_pictures_are_told_what_is_in_them() -> None:
    tags = Tags(page(compose(made.plain()), "0.1.0")).found
    ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for tag, attributes in tags:
        if tag == "svg":
            assert attributes["role"] == "img" and set(str(attributes["aria-labelledby"]).split()) <= set(ids)
    kinds = [tag for tag, _ in tags]
    assert kinds.count("main") == kinds.count("h1") == kinds.count("nav") == 1
    assert kinds.count("caption") == kinds.count("table") and kinds.count("figcaption") == kinds.count("figure")


def test_the_same_facts_give_the_same_bytes(facts) -> None:
    assert page(compose(facts), "0.1.0") == page(compose(facts), "0.1.0")


def test_what_cannot_be_shown_says_why_and_what_to_type() -> None:
    text = page(compose(made.nothing()), "0.1.0")
    assert text.count("Not shown: there is nothing yet: <code>alcli query</code> asks.") == 10
    assert "<svg" not in text


def test_many_batches_and_classes_stay_readable() -> None:
    sections = {each.key: each for each in compose(made.plain(tuple("abcdefghijklmnop"), rounds=70)).sections}
    table = sections["learning"].tables[0]
    assert table.shown()[0].endswith("the newest 20 of 70") and len(table.plain()["rows"]) == 70
    assert sections["confusion"].figures == ()  # 16 classes do not fit: the table of mistakes has them
    names = [row[0] for row in sections["balance"].tables[0].rows]
    assert names == list("abcdefghijklmnop")


def test_costs_stand_beside_gains() -> None:
    (table,) = next(each for each in compose(made.plain()).sections if each.key == "gains").tables
    assert [name for name, _ in table.columns][-2:] == ["cost", "gain per unit"]
    assert table.rows[0][5] == 35.5 and table.rows[0][6] == pytest.approx(0.2 / 35.5)


def test_expected_in_the_pool_counts_labels_and_the_rest() -> None:
    facts = made.plain()
    assert not isinstance(facts.doubts, str) and not isinstance(facts.batches, str)
    last = replace(facts.batches[-1], counts={"ham": 30, "spam": 70})
    doubts = replace(facts.doubts, sampled=200, rows=300, expected={"ham": 0.9, "spam": 0.1})
    facts = replace(facts, batches=(*facts.batches[:-1], last), doubts=doubts)
    (table,) = next(each for each in compose(facts).sections if each.key == "balance").tables
    assert table.columns[-1] == ("expected in the pool", "percent")
    # 30 labels and 0.9 of 300 rows are 300 of 400; 70 and 0.1 of 300 are 100
    assert [row[-1] for row in table.rows] == [pytest.approx(0.75), pytest.approx(0.25)]


def said_in(facts: Facts, key: str) -> str:
    return " ".join(next(each for each in compose(facts).sections if each.key == key).says)


def test_losses_are_spoken_of_where_there_is_one() -> None:
    facts = made.plain()
    assert "Losses" not in said_in(facts, "gains") and "labels. A step as small as" in said_in(facts, "gains")
    fallen = replace(facts, curves=(made.curve("accuracy", "the test file", [0.8, 0.9, 0.85]),))
    assert "Losses are no mistake: a step as small as" in said_in(fallen, "gains")


def test_a_sample_is_spoken_of_where_it_is_not_all_rows() -> None:
    facts = made.plain()
    assert not isinstance(facts.doubts, str)
    assert "of 1,963 of the 4,448 rows without a label" in said_in(facts, "doubtful")
    whole = replace(facts, doubts=replace(facts.doubts, sampled=95, rows=95))
    assert "Least sure: of the 95 rows without a label, those where" in said_in(whole, "doubtful")
    assert "looks at all rows" not in said_in(whole, "doubtful")


def test_a_metric_of_which_less_is_better_gains_by_falling() -> None:
    facts = replace(made.plain(), headline="log_loss")
    (table,) = next(each for each in compose(facts).sections if each.key == "gains").tables
    assert table.rows[0][3] == pytest.approx(0.2) and cell(table.rows[0][3], "gain") == "+0.200"


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_any_text_stays_text(texts) -> None:
    table = Table(texts[0], tuple((text, "text") for text in texts), (tuple(texts),))
    report = Report(texts[0], texts[0], {texts[0]: texts[-1]}, (Section("one", texts[0], tuple(texts), (), (table,)),))
    tags = [tag for tag, _ in Tags(page(report, "0.1.0").encode("utf-8", "replace").decode()).found]
    assert set(tags) <= {
        "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "p", "dl", "div", "dt", "dd", "nav", "ul",
        "li", "main", "section", "h2", "table", "caption", "thead", "tbody", "tr", "th", "td", "code", "footer", "wbr",
    }  # fmt: skip
    rows = [line for line in markdown(report, "0.1.0").splitlines() if line.startswith("|")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [len(texts) + 1] * 3


def test_markdown_has_the_numbers_and_no_markup_of_others() -> None:
    text = markdown(compose(made.plain()), "0.1.0")
    assert "| ham | 50 | 50.0% | 10 | 50.0% |" in text and "## Calibration" in text
    assert "<script" not in markdown(compose(made.hostile()), "0.1.0").replace("\\<", "")
    assert "\n\n\n" not in text and "\n## Versions\n\nPrograms that made this report" in text
    assert plain("# a_b [x](y)") == r"\# a\_b \[x\](y)"
