"""What an import takes besides one sheet of labels: folders, synonyms, skips, withdrawals, times, typos."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from tests.cli.playing import Alcli, fill, state


def labels(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "labels.csv").read_text().splitlines()))


def sheet(folder: Path, name: str, *rows: str, head: str = "id,label") -> str:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([head, *rows]) + "\n")
    return name


def labelled(alcli: Alcli, *flags: str) -> dict[str, str]:
    return dict(line.split(",")[:2] for line in alcli("labels", *flags).out.splitlines()[1:])


def test_a_folder_is_all_the_sheets_in_it(project: Path, alcli: Alcli) -> None:
    sheet(project, "inbox/b.csv", "002,ham")
    sheet(project, "inbox/a.csv", "001,ham", "003,horse")
    sheet(project, "inbox/c.tsv", "004\tham", head="id\tlabel")
    for name in ("notes.pdf", ".hidden.csv", "~$a.csv", "config.xml", "page.html"):
        (project / "inbox" / name).write_text("id,label\n005,ham\n")
    (project / "inbox" / "deeper").mkdir()
    run = alcli("import-labels", "inbox/", "--annotator", "a1", "--json")
    assert run.code == 3 and (run.json["data"]["new"], run.json["data"]["rejected"]) == (3, 1)
    assert run.json["warnings"] == ["passed over, as their names are not those of sheets: inbox/notes.pdf"]
    assert [row["source"] for row in labels(project)] == ["a.csv", "b.csv", "c.tsv"]
    # the rejects that lie there now are not taken for a sheet of the folder
    assert alcli("import-labels", "inbox", "--annotator", "a1", "--json").json["data"]["rejected"] == 1


def test_an_empty_folder_is_done_with_nothing_new(project: Path, alcli: Alcli) -> None:
    (project / "inbox").mkdir()
    assert alcli("import-labels", "inbox", "--json").json["data"]["new"] == 0


def test_a_folder_a_pattern_a_file_and_stdin_at_once(project: Path, alcli: Alcli) -> None:
    sheet(project, "inbox/a.csv", "001,ham")
    sheet(project, "more1.csv", "002,ham")
    sheet(project, "one.csv", "003,spam")
    run = alcli("import-labels", "inbox/", "more*.csv", "one.csv", "-", stdin=b"id,label\n004,ham\n")
    assert run.code == 0 and "4 new" in run.err


def test_synonyms_and_words_of_the_settings(project: Path, alcli: Alcli) -> None:
    with (project / "alcli.toml").open("a") as file:
        file.write(
            '\n[import-labels]\nsynonyms = ["junk=spam", "no=spam=ham"]\nskip_words = ["dunno"]\n'
            'withdraw_words = ["delete"]\n'
        )
    sheet(project, "a.csv", "000,Junk ", "001,no=spam", "002,DUNNO", "003,spam")
    run = alcli("import-labels", "a.csv", "--json")
    assert run.code == 3 or run.code == 0, run.err
    assert run.json["errors"] == [] and run.json["data"]["skipped"] == 1
    assert labelled(alcli) == {"000": "spam", "001": "ham", "003": "spam"}
    sheet(project, "b.csv", "003,delete")
    assert alcli("import-labels", "b.csv", "--json").json["data"]["withdrawn"] == 1
    assert "003" not in labelled(alcli)


@pytest.mark.parametrize(("said", "hint"), [("junk=spma", "did you mean `spam`?"), ("junk", "write WORD=CLASS")])
def test_a_synonym_of_nothing_is_told(said: str, hint: str, project: Path, alcli: Alcli) -> None:
    sheet(project, "a.csv", "000,ham")
    run = alcli("import-labels", "a.csv", "--synonym", said)
    assert run.code == 2 and "is no synonym" in run.err and hint in run.err


def test_typos_are_taken_when_told_and_each_is_reported(project: Path, alcli: Alcli) -> None:
    sheet(project, "a.csv", "000,spm", "001,spm", "002,hamm")
    assert alcli("import-labels", "a.csv", "--json").json["data"]["rejected"] == 3
    run = alcli("import-labels", "a.csv", "--fix-typos", "--json")
    assert run.json["data"]["fixed"] == 3
    assert run.json["warnings"] == ["3 typos were taken for a class: 'spm' for 'spam' 2 times, 'hamm' for 'ham'"]


def test_comments_and_times_are_kept(project: Path, alcli: Alcli) -> None:
    sheet(project, "a.csv", "000,ham,odd one,2026-03-01T10:00:00+01:00", head="id,label,comment,answered_at")
    assert alcli("import-labels", "a.csv").code == 0
    assert (labels(project)[0]["comment"], labels(project)[0]["answered_at"]) == ("odd one", "2026-03-01T09:00:00Z")
    # an answer that replaces it counts, though its sheet tells no time
    sheet(project, "b.csv", "000,spam")
    assert alcli("import-labels", "b.csv", "--on-conflict", "newest").code == 0
    assert labelled(alcli) == {"000": "spam"}


def test_a_withdrawn_answer_counts_no_more_and_its_row_is_free(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv")
    assert alcli("import-labels", "sheet.csv", "--annotator", "a1", "-q").code == 0
    shutil.copy(asked / "sheet.csv", asked / "first.csv")
    fill(asked / "sheet.csv", lambda _: "Withdraw", only=2)
    shutil.copy(asked / "sheet.csv", asked / "second.csv")
    before = alcli("status", "--json").json["data"]
    run = alcli("import-labels", "second.csv", "--annotator", "a1")
    assert run.code == 0 and "2 withdrawn" in run.err and "6 rows labelled in all" in run.err
    after = alcli("status", "--json").json["data"]
    assert (after["labelled"], after["left"], after["out"]) == (before["labelled"] - 2, before["left"] + 2, 0)
    assert [row["kind"] for row in labels(asked)] == ["label"] * 8 + ["withdraw"] * 2
    # neither the withdrawal again nor the sheet of before changes anything
    files = state(asked)
    shutil.copy(asked / "first.csv", asked / "sheet.csv")
    for name in ("second.csv", "sheet.csv"):
        assert alcli("import-labels", name, "--annotator", "a1").code == 0
    assert state(asked)["labels.csv"] == files["labels.csv"]
    # nor does the old sheet under another name, unless that is what is wanted
    run = alcli("import-labels", "first.csv", "--annotator", "a1", "--json")
    assert (run.code, run.json["data"]["new"], run.json["data"]["known"]) == (0, 0, 8)
    assert run.json["warnings"] == [
        "2 answers imported before have been changed since, and stay as they are now; to go back to them, "
        "import the sheet under a new name with `--on-conflict newest`"
    ]
    assert state(asked)["labels.csv"] == files["labels.csv"]
    run = alcli("import-labels", "first.csv", "--annotator", "a1", "--on-conflict", "newest", "--json")
    assert run.json["data"]["new"] == 2
    assert alcli("status", "--json").json["data"]["labelled"] == 8


def test_a_copy_of_a_sheet_undoes_no_correction_and_new_labels_are_still_conflicts(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv", lambda _: "ham")
    shutil.copy(asked / "sheet.csv", asked / "copy.csv")
    assert alcli("import-labels", "sheet.csv", "-q").code == 0
    id_ = labels(asked)[0]["id"]
    sheet(asked, "plain.csv", f"{id_},spam")
    assert alcli("import-labels", "plain.csv").code == 3  # what was never said before is a conflict
    assert alcli("import-labels", "plain.csv", "--on-conflict", "newest").code == 0
    before = state(asked)["labels.csv"]
    run = alcli("import-labels", "copy.csv")
    assert run.code == 0 and "8 already known" in run.err and "1 answer imported before has" in run.err
    assert state(asked)["labels.csv"] == before and labelled(alcli)[id_] == "spam"
    # without a token it cannot be told from a change of mind
    sheet(asked, "again.csv", f"{id_},ham")
    assert alcli("import-labels", "again.csv", "--json").json["errors"][0]["code"] == "changed-answer"


def test_a_withdrawal_takes_back_what_counts_whatever_sheet_it_stands_in(project: Path, alcli: Alcli) -> None:
    assert alcli("query", "-n", "3", "-s", "random", "-o", "one.csv", "-q").code == 0
    fill(project / "one.csv")
    assert alcli("import-labels", "one.csv", "-q").code == 0
    id_ = labels(project)[0]["id"]
    sheet(project, "later.csv", f"{id_},withdraw,2026-01-01T00:00:00Z", head="id,label,answered_at")
    assert alcli("import-labels", "later.csv").code == 0
    assert id_ not in labelled(alcli)


def test_what_was_never_answered_cannot_be_taken_back(project: Path, alcli: Alcli) -> None:
    sheet(project, "a.csv", "000,ham")
    assert alcli("import-labels", "a.csv", "--annotator", "a1").code == 0
    sheet(project, "b.csv", "000,withdraw,a2", "001,withdraw,a1", head="id,label,annotator")
    run = alcli("import-labels", "b.csv", "--json")
    assert run.code == 3 and {error["code"] for error in run.json["errors"]} == {"no-answer"}
    assert labelled(alcli) == {"000": "ham"}


def test_a_class_may_be_called_withdraw(folder: Path, alcli: Alcli) -> None:
    sheet(folder, "pool.csv", "1,stay", "2,go", head="id,text")
    assert alcli("init", "pool.csv", "--classes", "deposit,withdraw", "--id", "id", "--text", "text", "-q").code == 0
    sheet(folder, "a.csv", "1,withdraw", "2,deposit")
    assert alcli("import-labels", "a.csv", "--json").json["data"]["new"] == 2
    assert labelled(alcli) == {"1": "withdraw", "2": "deposit"}


def test_a_withdrawal_beside_a_label_of_the_same_row_is_rejected(project: Path, alcli: Alcli) -> None:
    sheet(project, "a.csv", "000,ham")
    assert alcli("import-labels", "a.csv").code == 0
    sheet(project, "b.csv", "000,withdraw", "000,ham")
    run = alcli("import-labels", "b.csv", "--json")
    assert run.json["data"]["rejected"] == 2 and "a withdrawal" in run.json["errors"][0]["message"]


def test_a_dry_run_says_all_that_and_writes_nothing(project: Path, alcli: Alcli) -> None:
    sheet(project, "a.csv", "000,ham", "001,spam", "002,horse")
    before = state(project)
    run = alcli("import-labels", "a.csv", "--dry-run")
    assert run.code == 3 and "2 new" in run.err and "nothing was written" in run.err and "'horse'" in run.err
    assert state(project) == before
    # a rejects file that is not there is not said to be
    assert "1 row rejected, which would go to a.rejects-" in run.err


def test_a_text_that_was_typed_over_is_told(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv")
    text = (asked / "sheet.csv").read_text()
    (asked / "sheet.csv").write_text(text.replace("see you there", "see you soon", 1))
    run = alcli("import-labels", "sheet.csv", "--json")
    assert (run.json["data"]["new"], run.json["data"]["rejected"]) == (8, 0)
    assert run.json["warnings"] == ["1 row was taken by id though the text shown is not what was sent"]


def test_a_comment_without_a_label_is_told(project: Path, alcli: Alcli) -> None:
    sheet(project, "a.csv", "000,ham,sure", "001,,odd", "002,, ", head="id,label,comment")
    run = alcli("import-labels", "a.csv", "--json")
    assert (run.code, run.json["data"]["new"], run.json["data"]["blank"]) == (0, 1, 2)
    assert run.json["warnings"] == [
        "1 comment stands on a row without a label and was not kept: write a label, or `skip`"
    ]
    sheet(project, "b.csv", "001,,odd", "002,,odder", head="id,label,comment")
    assert "2 comments stand on rows without a label and were not kept" in alcli("import-labels", "b.csv").err


def test_one_is_told_as_one_and_a_sheet_without_ids_as_that(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv")
    rows = list(csv.reader((asked / "sheet.csv").read_text().splitlines()))
    at = rows[0].index("id")
    rows[1][at] = str(int(rows[1][at]) + 5000)
    (asked / "odd.csv").write_text("\n".join(",".join(row) for row in rows[:2]) + "\n")
    run = alcli("import-labels", "odd.csv", "--json")
    assert run.json["warnings"] == ["1 id that a spreadsheet had changed was restored by token"], run.err
    bare = [[cell for i, cell in enumerate(row) if i != at] for row in rows[:8]]
    (asked / "bare.csv").write_text("\n".join(map(",".join, bare)) + "\n")
    run = alcli("import-labels", "bare.csv")
    assert "6 rows of a sheet without a column of ids were known by token" in " ".join(run.err.split()), run.err
    assert "1 row of batch 1 is still out" in run.err
