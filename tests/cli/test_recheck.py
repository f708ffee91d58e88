"""Labels that look wrong go out again, once, and what comes back counts."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from alcli.errors import Exit

from .playing import Alcli, Run, fill, state

SPAM = ["free money now", "win a prize", "cheap loans here", "claim your reward"]
HAM = ["see you there", "call me later", "lunch at noon", "thanks for the book"]
WORDS = ["apple", "berry", "cherry", "date", "elder", "fig", "grape"]
ROWS = 160
GIVEN = 120  # rows that carry a label from the beginning
WRONG = {f"{n:03d}" for n in (7, 22, 40, 61, 83, 104)}


def right(id_: str) -> str:
    return "spam" if int(id_) % 3 == 0 else "ham"


def other(label: str) -> str:
    return "ham" if label == "spam" else "spam"


@pytest.fixture
def planted(folder: Path, alcli: Alcli) -> Path:
    """120 labels of a1, 5% of them wrong, and a model of them."""
    texts = (f"{n:03d},{(SPAM if n % 3 == 0 else HAM)[n // 3 % 4]} {WORDS[n % 7]} {n}" for n in range(ROWS))
    (folder / "pool.csv").write_text("\n".join(["id,text", *texts]) + "\n")
    assert alcli("init", "pool.csv", "--classes", "ham,spam", "--text", "text", "-q").code == 0
    ids = [f"{n:03d}" for n in range(GIVEN)]
    give(folder, {id_: other(right(id_)) if id_ in WRONG else right(id_) for id_ in ids}, alcli, "a1")
    assert alcli("train", "-q").code == 0
    return folder


def give(folder: Path, labels: dict[str, str], alcli: Alcli, who: str) -> None:
    rows = "".join(f"{id_},{label}\n" for id_, label in labels.items())
    (folder / f"of-{who}.csv").write_text("id,label\n" + rows)
    assert alcli("import-labels", f"of-{who}.csv", "--annotator", who, "-q").code == 0


def ledger(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def labels(alcli: Alcli) -> dict[str, str]:
    return {line.split(",")[0]: line.split(",")[1] for line in alcli("labels").out.splitlines()[1:]}


def data(run: Run, code: int = 0) -> dict[str, Any]:
    assert run.code == code, run.err
    return run.json["data"]  # type: ignore[no-any-return]


def test_planted_errors_are_found_corrected_and_left_alone_from_then_on(planted: Path, alcli: Alcli) -> None:
    found = data(alcli("recheck", "-n", "20", "-o", "again.csv", "--json"))
    sent = set(found["ids"])
    assert len(sent & WRONG) >= 5, found["rows"]  # recall
    assert len(sent - WRONG) <= 4  # precision
    assert set(found["ids"][:4]) <= WRONG  # the surest errors first
    assert found["asked"] == found["doubtful"] == found["wrong"] == len(sent) and found["left"] == 0
    rows = [row for row in ledger(planted, "asked") if row["batch"] == "1"]
    assert {row["purpose"] for row in rows} == {"recheck"} and [row["id"] for row in rows] == found["ids"]

    fill(planted / "again.csv", right)
    run = alcli("import-labels", "again.csv", "--annotator", "a1")
    assert run.code == 0, run.err
    assert sum(labels(alcli)[id_] != right(id_) for id_ in labels(alcli)) <= 1
    assert f"{len(sent & WRONG)} changed" in run.err
    assert data(alcli("status", "--json"))["out"] == 0

    # a label that was confirmed is not asked again, and nothing else is doubtful
    alcli("train", "-q")
    run = alcli("recheck", "-o", "more.csv")
    if run.code == Exit.DONE:
        assert not {row["id"] for row in ledger(planted, "asked") if row["batch"] == "2"} & sent
    else:
        assert run.code == Exit.NO and "no label looks doubtful" in run.err
        assert not (planted / "more.csv").exists()


def test_a_confirmation_is_an_answer_of_its_own_and_the_history_is_kept(planted: Path, alcli: Alcli) -> None:
    assert alcli("recheck", "-n", "2", "-o", "again.csv").code == 0
    one = ledger(planted, "asked")[0]["id"]
    fill(planted / "again.csv", lambda id_: other(right(id_)))  # what a1 said before
    run = alcli("import-labels", "again.csv", "--annotator", "a1", "--json")
    assert data(run)["new"] == 2 and data(run)["changed"] == 0
    again = alcli("import-labels", "again.csv", "--annotator", "a1", "--json")
    assert data(again)["new"] == 0 and data(again)["known"] == 2
    history = data(alcli("status", "--history", one, "--json"))["history"]
    assert [each["what"].split()[0] for each in history if each["batch"] in ("", "1")] == ["label", "asked", "label"]
    assert one not in data(alcli("recheck", "-n", "20", "--dry-run", "--json"))["ids"]
    assert one in data(alcli("recheck", "-n", "20", "--dry-run", "--ask-again", "--json"))["ids"]


def test_the_answer_of_somebody_else_overrides_unless_it_is_to_be_one_vote(planted: Path, alcli: Alcli) -> None:
    assert alcli("recheck", "-n", "4", "-o", "again.csv").code == 0
    sent = [row["id"] for row in ledger(planted, "asked")]
    fill(planted / "again.csv", right)
    assert alcli("import-labels", "again.csv", "--annotator", "a2").code == 0
    assert all(labels(alcli)[id_] == right(id_) for id_ in sent)
    assert alcli("check").code == 0
    # as votes, one stands against one: no label
    run = alcli("labels", "--on-recheck", "vote")
    assert not set(sent) & {line.split(",")[0] for line in run.out.splitlines()}
    # who answers later, asked or not, is heard beside it
    give(planted, {sent[0]: other(right(sent[0]))}, alcli, "a3")
    assert sent[0] not in labels(alcli)


def test_a_skip_overrides_nothing_and_closes_the_row(planted: Path, alcli: Alcli) -> None:
    assert alcli("recheck", "-n", "3", "-o", "again.csv").code == 0
    sent = [row["id"] for row in ledger(planted, "asked")]
    fill(planted / "again.csv", lambda id_: "?")
    assert alcli("import-labels", "again.csv", "--annotator", "a2").code == 0
    assert all(labels(alcli)[id_] == other(right(id_)) for id_ in sent)
    assert not set(sent) & set(data(alcli("recheck", "-n", "20", "--dry-run", "--json"))["ids"])


def test_an_older_sheet_that_comes_late_undoes_no_recheck(planted: Path, alcli: Alcli) -> None:
    assert alcli("recheck", "-n", "3", "-o", "again.csv").code == 0
    sent = [row["id"] for row in ledger(planted, "asked")]
    fill(planted / "again.csv", right)
    assert alcli("import-labels", "again.csv", "--annotator", "a1").code == 0
    assert alcli("import-labels", "of-a1.csv", "--annotator", "a1").code == 0
    assert all(labels(alcli)[id_] == right(id_) for id_ in sent)


def test_earlier_answers_are_hidden_unless_they_are_to_be_shown(planted: Path, alcli: Alcli) -> None:
    assert alcli("recheck", "-n", "2", "-o", "blind.csv").code == 0
    header, *rows = csv.reader((planted / "blind.csv").read_text().splitlines())
    assert header == ["id", "text", "label", "comment", "alcli_row"] and not any(row[2] for row in rows)
    assert alcli("recheck", "-n", "2", "--ask-again", "--show-answers", "-o", "open.csv").code == 0
    header, *rows = csv.reader((planted / "open.csv").read_text().splitlines())
    assert header == ["id", "text", "earlier", "label", "comment", "alcli_row"]
    assert [row[2] for row in rows] == [f"{other(right(row[0]))} (a1)" for row in rows]
    # what stands there is neither an answer nor part of what the row is known by
    (planted / "open.csv").write_text((planted / "open.csv").read_text().replace("(a1)", "(who?)"))
    fill(planted / "open.csv", right)
    assert alcli("import-labels", "open.csv", "--annotator", "a1").code == 0


@pytest.mark.parametrize("suffix", ["xlsx", "html"])
def test_any_format_of_sheets_will_do(planted: Path, alcli: Alcli, suffix: str) -> None:
    run = alcli("recheck", "-n", "3", "--show-answers", "-o", f"again.{suffix}")
    assert run.code == 0 and (planted / f"again.{suffix}").stat().st_size > 1000


def test_rows_on_which_labelers_disagree_go_out_though_the_model_agrees_with_one(planted: Path, alcli: Alcli) -> None:
    give(planted, {"009": "ham", "010": "ham", "012": "spam"}, alcli, "a2")
    found = data(alcli("recheck", "-n", "30", "-o", "again.csv", "--json"))
    row = {each["id"]: each for each in found["rows"]}
    assert row["009"]["why"] == ["disagree"] and row["009"]["label"] == ""  # a tie carries no label
    assert row["009"]["answers"] == {"a1": "spam", "a2": "ham"} and row["009"]["model"] == "spam"
    assert found["disagree"] == 1 and "010" not in row and "012" not in row


def test_it_names_whom_to_ask(planted: Path, alcli: Alcli) -> None:
    one = data(alcli("recheck", "--dry-run", "--json"))
    assert {each["ask"] for each in one["rows"]} == {""} and "  ask\n" not in alcli("recheck", "--dry-run").err
    # a2 is right about all of some rows, a3 about half of them
    give(planted, {f"{n:03d}": right(f"{n:03d}") for n in range(30, 60)}, alcli, "a2")
    give(planted, {f"{n:03d}": right(f"{n:03d}") if n % 2 else "spam" for n in range(30, 90)}, alcli, "a3")
    found = data(alcli("recheck", "-n", "60", "--with-new", "--dry-run", "--json"))
    people = found["labelers"]
    assert people["a3"]["high"] < 0.9 < people["a2"]["quality"] < people["a2"]["high"]
    for each in found["rows"]:
        assert each["ask"] not in each["answers"] and each["ask"] != "a3"
        assert each["ask"] in ("a1", "a2") or {"a1", "a2"} <= set(each["answers"])
    run = alcli("recheck", "--dry-run")
    assert "  ask\n" in run.err and max(map(len, run.err.splitlines())) <= 80


def test_new_rows_come_in_where_they_are_less_sure(planted: Path, alcli: Alcli) -> None:
    found = data(alcli("recheck", "-n", "20", "--with-new", "-o", "again.csv", "--json"))
    assert found["asked"] == 20 and 10 <= found["new"] < 20
    scores = [each["score"] for each in found["rows"]]
    assert scores == sorted(scores)
    purposes = {row["id"]: row["purpose"] for row in ledger(planted, "asked")}
    for each in found["rows"]:
        assert purposes[each["id"]] == ("train" if each["why"] == ["new"] else "recheck")
        assert (int(each["id"]) >= GIVEN) == (each["why"] == ["new"])
    fill(planted / "again.csv", right)
    assert alcli("import-labels", "again.csv", "--annotator", "a1").code == 0
    assert data(alcli("status", "--json"))["labelled"] == GIVEN + found["new"]


def test_where_narrows_the_new_rows_and_jobs_change_nothing(planted: Path, alcli: Alcli) -> None:
    one = data(alcli("recheck", "-n", "30", "--with-new", "--dry-run", "--jobs", "1", "--json"))["ids"]
    assert one == data(alcli("recheck", "-n", "30", "--with-new", "--dry-run", "--jobs", "2", "--json"))["ids"]
    narrow = data(alcli("recheck", "-n", "30", "--with-new", "--dry-run", "--where", "id<130", "--json"))["ids"]
    assert all(int(id_) < 130 for id_ in narrow)


def test_the_reasons_are_printed_and_read_at_80_columns(planted: Path, alcli: Alcli) -> None:
    before = state(planted)
    run = alcli("recheck", "-n", "20", "--with-new", "--dry-run")
    assert run.code == 0 and run.out == "" and state(planted) == before
    assert max(map(len, run.err.splitlines())) <= 80
    assert "likely wrong" in run.err and "no label yet" in run.err and "more, all in the sheet" in run.err
    assert "dry run: nothing was written" in run.err


def test_the_unanswered_sheet_of_the_newest_batch_stays(planted: Path, alcli: Alcli) -> None:
    assert alcli("recheck", "-n", "3", "-o", "again.csv").code == 0
    before = state(planted)
    run = alcli("recheck", "-n", "3", "-o", "again.csv")
    assert run.code == 0 and "nobody has answered yet" in run.err and state(planted) == before


def test_confirmations_that_were_not_imported_are_not_written_over(planted: Path, alcli: Alcli) -> None:
    assert alcli("recheck", "-n", "3", "-o", "again.csv").code == 0
    fill(planted / "again.csv", lambda id_: other(right(id_)))  # the same answers as before are in labels.csv
    assert alcli("query", "-n", "1", "-s", "random", "-o", "other.csv").code == 0
    run = alcli("recheck", "-n", "3", "--ask-again", "-o", "again.csv")
    assert run.code == 1 and "a labeler's work may be in it" in run.err
    assert alcli("import-labels", "again.csv", "--annotator", "a1").code == 0
    assert alcli("recheck", "-n", "3", "--ask-again", "-o", "again.csv").code == 0


def test_what_is_out_for_a_recheck_still_trains_and_is_not_asked_by_query(planted: Path, alcli: Alcli) -> None:
    assert alcli("recheck", "-n", "5", "-o", "again.csv").code == 0
    assert data(alcli("train", "--json"))["labels"] == GIVEN
    sent = {row["id"] for row in ledger(planted, "asked")}
    asked = data(alcli("query", "-n", "100", "-s", "random", "-o", "q.csv", "--json"))["ids"]
    assert not sent & set(asked) and len(asked) == ROWS - GIVEN


def test_predictions_of_another_model_judge_the_labels(planted: Path, alcli: Alcli) -> None:
    rows = [f"{n:03d},{0.1 if n % 3 == 0 else 0.9},{0.9 if n % 3 == 0 else 0.1}" for n in range(ROWS)]
    (planted / "guess.csv").write_text("\n".join(["id,p_ham,p_spam", *rows]) + "\n")
    (planted / "model.joblib").unlink()
    run = alcli("recheck", "--predictions", "guess.csv", "-o", "again.csv", "--json")
    assert set(data(run)["ids"]) == WRONG


def test_without_a_model_it_says_what_to_do(planted: Path, alcli: Alcli) -> None:
    (planted / "model.joblib").unlink()
    run = alcli("recheck", "-o", "again.csv")
    assert run.code == 1 and "no model" in run.err and "alcli train" in run.err
    assert not (planted / "again.csv").exists()


def test_with_too_few_labels_it_says_what_to_do(project: Path, alcli: Alcli) -> None:
    assert "label more rows" in alcli("recheck", "-o", "again.csv").err
    rows = [f"{n:03d},0.5,0.5" for n in range(30)]
    (project / "guess.csv").write_text("\n".join(["id,p_ham,p_spam", *rows]) + "\n")
    run = alcli("recheck", "--predictions", "guess.csv", "-o", "again.csv", "--json")
    assert run.code == 1 and run.json["errors"][0]["code"] == "too-few-labels"
    assert not (project / "again.csv").exists()


def test_a_model_that_knows_nothing_is_told(planted: Path, alcli: Alcli) -> None:
    rows = [f"{n:03d},0.6,0.4" for n in range(ROWS)]
    (planted / "guess.csv").write_text("\n".join(["id,p_ham,p_spam", *rows]) + "\n")
    run = alcli("recheck", "--predictions", "guess.csv", "--with-new", "--dry-run")
    assert "always naming 'ham'" in run.err and "its doubts say little yet" in run.err
    assert "say little" not in alcli("recheck", "--dry-run").err


def test_a_class_that_the_predictions_lack_is_named(planted: Path, alcli: Alcli) -> None:
    give(planted, {"150": "ham"}, alcli, "a1")
    (planted / "more.csv").write_text("id,label\n151,odd\n")
    assert alcli("import-labels", "more.csv", "--new-classes", "-q").code == 0
    rows = [f"{n:03d},0.5,0.5" for n in range(ROWS)]
    (planted / "guess.csv").write_text("\n".join(["id,p_ham,p_spam", *rows]) + "\n")
    run = alcli("recheck", "--predictions", "guess.csv", "-o", "again.csv")
    assert run.code in (1, 2) and "'odd'" in run.err


def test_settings_stand_in_alcli_toml(planted: Path, alcli: Alcli) -> None:
    with (planted / "alcli.toml").open("a") as file:
        file.write("\n[recheck]\ncount = 2\nwith_new = true\nshow_answers = true\n")
    found = data(alcli("recheck", "--json", "-o", "again.csv"))
    assert found["asked"] == 2
    assert "earlier" in (planted / "again.csv").read_text().splitlines()[0]
    assert alcli("recheck", "--with-guess", "-n", "1", "--ask-again", "-o", "-").out.startswith("id,text,earlier,guess")


@pytest.mark.parametrize("name", ["again.html", "again.csv"])
def test_what_is_next_is_said_as_query_says_it(planted: Path, alcli: Alcli, name: str) -> None:
    run = alcli("recheck", "-n", "3", "-o", name)
    assert run.code == 0
    said = " ".join(run.err.split())
    if name.endswith("html"):
        assert "next: open it in a browser and label; it saves answers-batch-" in said and "N.csv" not in said
        assert "fill its label column" not in said
    else:
        assert "next: fill its label column, then `alcli import-labels again.csv`" in said
