"""`alcli report` at every stage of a campaign, as typed."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from alcli.errors import Exit
from tests.browser import NEEDED, browser
from tests.reporting.test_page_in_browser import VIEWS, sound

from .playing import Alcli, fill, state, truth
from .test_evaluation import draw

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data"


def missing(alcli: Alcli, *more: str) -> set[str]:
    run = alcli("report", "--json", "-q", *more)
    assert run.code == 0 and run.err == "", run.err
    return {each["name"] for each in run.json["data"]["sections"] if not each["shown"]}


def test_a_project_without_a_label_has_a_map_and_says_what_comes_next(project: Path, alcli: Alcli) -> None:
    run = alcli("report")
    assert (run.code, run.out) == (0, "")
    assert "wrote report.html: 3 sections; 9 sections say why they are empty\n" in run.err
    text = (project / "report.html").read_text(encoding="utf-8")
    assert "there is no label yet: <code>alcli query -o to_label.xlsx</code>" in text and text.count("<svg") == 2


def test_asked_but_unanswered_rows_are_on_the_map(asked: Path, alcli: Alcli) -> None:
    assert "arms" not in missing(alcli) and "asked, no label yet" in (asked / "report.html").read_text()


def test_labels_without_a_model_show_their_balance(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv")
    assert alcli("import-labels", "sheet.csv", "--annotator", "a1", "-q").code == 0
    found = missing(alcli)
    assert {"balance", "map", "arms"}.isdisjoint(found) and {"learning", "confusion", "calibration"} <= found
    assert "there is no model yet: `alcli train` makes one" in alcli("report", "-o", "-", "--format", "md").out


def test_one_class_is_no_reason_to_fail(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv", label=lambda id_: "ham")
    alcli("import-labels", "sheet.csv", "--annotator", "a1", "-q")
    alcli("train", "-q")
    assert "balance" not in missing(alcli)
    assert "No row carries spam yet" in (asked / "report.html").read_text()


def test_folds_stand_in_for_a_test_file(trained: Path, alcli: Alcli) -> None:
    assert {"confusion", "calibration"}.isdisjoint(missing(alcli))
    text = alcli("report", "-o", "-", "--format", "md").out
    assert "each by a model fitted without its fold" in text


def test_figures_are_those_of_evaluate(trained: Path, alcli: Alcli) -> None:
    measured = alcli("evaluate", "--test", "test.csv", "--json").json["data"]
    data = alcli("report", "--test", "test.csv", "--json").json["data"]
    sections = {each["name"]: each for each in data["sections"]}
    (table,) = sections["learning"]["tables"][:1]
    accuracy = measured["metrics"]["accuracy"]
    assert table["rows"][0][:2] == [8, [accuracy["value"], accuracy["low"], accuracy["high"]]]
    by_class = sections["confusion"]["tables"][0]["rows"]
    assert by_class == [
        [each[name] for name in ("class", "precision", "recall", "f1", "rows")] for each in measured["per_class"]
    ]
    assert data["output"] == "report.html" and data["format"] == "html"


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("evaluation", "Measured on 10 rows drawn for it, each weighted by its chance to be drawn"),
        ("folds", "Measured on 8 labelled rows, each by a model fitted without its fold"),
        ("random-arm", "Measured on 8 labelled rows that were drawn at random"),
    ],
)
def test_it_measures_in_the_way_of_evaluate(trained: Path, alcli: Alcli, how: str, says: str) -> None:
    draw(alcli, trained, "active_testing")
    measured = alcli("evaluate", "--how", how, "--metric", "ece", "--calibration", "--json").json["data"]
    sections = {each["name"]: each for each in alcli("report", "--how", how, "--json").json["data"]["sections"]}
    assert says in (trained / "report.html").read_text()
    assert sections["confusion"]["tables"][0]["rows"] == [
        [each[name] for name in ("class", "precision", "recall", "f1", "rows")] for each in measured["per_class"]
    ]
    assert [row[1:4] for row in sections["calibration"]["tables"][0]["rows"]] == [
        [each[name] for name in ("rows", "confidence", "accuracy")] for each in measured["calibration"]
    ]
    assert (
        f"Expected calibration error {measured['metrics']['ece']['value']:.3f}" in (trained / "report.html").read_text()
    )


def test_how_test_without_a_test_file_is_told_in_its_place(trained: Path, alcli: Alcli) -> None:
    assert {"confusion", "calibration"} <= missing(alcli, "--how", "test")
    assert "needs a test file" in (trained / "report.html").read_text()


def test_the_same_campaign_gives_the_same_bytes_and_nothing_else_is_written(
    trained: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    alcli("evaluate", "-q")
    before = state(trained)
    assert alcli("report", "-q", "--jobs", "1").code == 0
    one = (trained / "report.html").read_bytes()
    assert alcli("report", "-q", "-o", "again.html", "--jobs", "2").code == 0
    assert one == (trained / "again.html").read_bytes() and b"2026-09-21" in one
    assert alcli("report", "-o", "-").out.encode() == one
    assert {name: data for name, data in state(trained).items() if not name.endswith(".html")} == before


def test_a_model_that_cannot_be_opened_is_told_in_its_place(trained: Path, alcli: Alcli) -> None:
    (trained / "model.joblib").write_bytes(b"broken")
    found = missing(alcli)
    assert {"confusion", "calibration", "doubtful"} <= found and "map" not in found


def test_several_labelers_are_compared(trained: Path, alcli: Alcli) -> None:
    ids = [row["id"] for row in csv.DictReader((trained / "labels.csv").open())]
    wrong = {ids[0]: "ham" if truth(ids[0]) == "spam" else "spam"}
    lines = [f"{id_},{wrong.get(id_, truth(id_))},b2" for id_ in ids]
    (trained / "more.csv").write_text("\n".join(["id,label,annotator", *lines]) + "\n")
    assert alcli("import-labels", "more.csv", "-q").code == 0
    data = alcli("report", "--json").json["data"]
    section = next(each for each in data["sections"] if each["name"] == "agreement")
    assert section["shown"] and [row[0] for row in section["tables"][0]["rows"]] == ["a1", "b2"]
    assert section["tables"][0]["rows"][0][3] == pytest.approx(7 / 8)


def test_stopping_rules_are_judged(trained: Path, alcli: Alcli) -> None:
    data = alcli("report", "--rule", "labels >= 5", "--json").json["data"]
    section = next(each for each in data["sections"] if each["name"] == "stopping")
    assert section["says"][0] == "Yes, as labels >= 5." and section["tables"][0]["rows"][0][4] == "yes"


@pytest.mark.parametrize(
    ("argv", "code", "says"),
    [
        (["-o", "report.pdf"], Exit.USAGE, "'report.pdf' does not say what format the report is to have"),
        (["-o", "pool.csv"], Exit.USAGE, "does not say what format"),
        (["--format", "htlm"], Exit.USAGE, "did you mean `html`?"),
        (["--json", "-o", "-"], Exit.USAGE, "cannot share stdout"),
        (["-o", "pool.csv/report.html"], Exit.TROUBLE, "pool.csv"),
    ],
)
def test_what_cannot_be_written_is_refused(project: Path, alcli: Alcli, argv: list[str], code: int, says: str) -> None:
    before = state(project)
    run = alcli("report", *argv)
    assert run.code == code and says in run.err and run.out == ""
    assert state(project) == before


def test_an_empty_folder_has_nothing_to_report(folder: Path, alcli: Alcli) -> None:
    run = alcli("report")
    assert run.code == Exit.USAGE and "no pool is named" in run.err and not (folder / "report.html").exists()


@pytest.fixture
def campaign(folder: Path, alcli: Alcli) -> Path:
    """Three rounds on real messages, with arms and two labelers."""
    pool = list(csv.reader((SAMPLE / "sms_pool.csv").open(encoding="utf-8")))[:401]
    test = list(csv.reader((SAMPLE / "sms_test.csv").open(encoding="utf-8")))[:201]
    for name, rows in (("pool.csv", pool), ("test.csv", test)):
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    known = {row["id"]: row["label"] for row in csv.DictReader((SAMPLE / "sms_answers.csv").open(encoding="utf-8"))}
    assert alcli("init", "pool.csv", "--text", "text", "--classes", "ham,spam", "--test", "test.csv", "-q").code == 0
    for number, mix in enumerate(("random:1", "margin:0.7,random:0.3", "margin:0.7,random:0.3")):
        count = "20" if number else "40"
        assert alcli("query", "-n", count, "--mix", mix, "-o", "s.csv", "--force", "-q").code == 0
        fill(folder / "s.csv", label=known.__getitem__)
        assert alcli("import-labels", "s.csv", "--annotator", "ann", "-q").code == 0
        assert alcli("train", "-q").code == 0 and alcli("evaluate", "-q").code == 0
    rows = [row["id"] for row in csv.DictReader((folder / "labels.csv").open())][:20]
    (folder / "bob.csv").write_text(
        "\n".join(["id,label,annotator", *(f"{id_},{known[id_]},bob" for id_ in rows)]) + "\n"
    )
    assert alcli("import-labels", "bob.csv", "-q").code == 0
    return folder


def test_what_was_known_before_is_one_table_and_no_curve(campaign: Path, alcli: Alcli) -> None:
    measured = [
        row for row in csv.DictReader((campaign / "metrics.csv").open()) if row["how"].startswith("prequential")
    ]
    assert len(measured) == 4
    sections = {each["name"]: each for each in alcli("report", "--json").json["data"]["sections"]}
    assert [each["caption"] for each in sections["learning"]["tables"]] == [
        "Measured on the test file, with 95% intervals",
        "Measured on the test file, with 95% intervals",
    ]
    assert "prequential" not in (campaign / "report.html").read_text(encoding="utf-8")
    (table,) = sections["arms"]["tables"][1:]
    assert table["columns"] == ["labels", "batch", "arm", "rows", "known before"]
    assert table["rows"] == [
        [float(row["labels"]), int(row["how"].split()[2]), row["how"].split()[4], int(row["rows"]),
         [float(row[name]) for name in ("value", "low", "high")]]
        for row in measured
    ]  # fmt: skip
    assert "| 80 | 3 | margin | " in alcli("report", "-o", "-", "--format", "md").out


@NEEDED
def test_the_report_of_a_real_campaign_in_a_browser(campaign: Path, alcli: Alcli, tmp_path: Path) -> None:
    assert missing(alcli, "--rule", "kappa >= 0.99 for 3") == set()
    path = campaign / "report.html"
    assert len(re.findall("<svg", path.read_text(encoding="utf-8"))) >= 20 and path.stat().st_size < 400_000
    for width, dark in VIEWS:
        with browser(tmp_path / f"{width}{dark}", width=width, dark=dark) as driver:
            driver.get(path.as_uri())
            sound(driver)


def test_what_labels_cost_stands_beside_what_they_bought(trained: Path, alcli: Alcli) -> None:
    lines = (trained / "pool.csv").read_text().splitlines()
    prices = ["price", *("2.5" for _ in lines[1:])]
    (trained / "pool.csv").write_text("\n".join(map(",".join, zip(lines, prices, strict=True))) + "\n")
    alcli("evaluate", "-q")
    assert alcli("query", "-n", "6", "-s", "random", "-o", "two.csv", "-q").code == 0
    fill(trained / "two.csv")
    for line in (["import-labels", "two.csv", "--annotator", "a1"], ["train"], ["evaluate"]):
        assert alcli(*line, "-q").code == 0
    sections = alcli("report", "--cost", "price", "--json").json["data"]["sections"]
    (table,) = next(each for each in sections if each["name"] == "gains")["tables"]
    assert table["columns"][5:] == ["cost", "gain per unit"] and table["rows"][0][0] == "8 → 14"
    assert table["rows"][0][5] == 15.0
