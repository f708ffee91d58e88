"""A batch for several people: who gets what, whose answers come back, gold, and who still has what."""

from __future__ import annotations

import csv
import re
import shlex
import sys
from collections import Counter, defaultdict
from itertools import combinations
from pathlib import Path

import pytest

from tests.cli.playing import Alcli, fill, state, truth

THREE = ("--annotators", "a1,a2,a3", "--per-row", "2")


def asked(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "asked.csv").read_text().splitlines()))


def ids(sheet: Path) -> list[str]:
    return [row["id"] for row in csv.DictReader(sheet.read_text().splitlines())]


def labels(folder: Path) -> list[dict[str, str]]:
    return list(csv.DictReader((folder / "labels.csv").read_text().splitlines()))


@pytest.fixture
def out(project: Path, alcli: Alcli) -> Path:
    """A batch of 9 rows split between three people, in out/."""
    run = alcli("query", "-n", "9", "-s", "random", *THREE, "-o", "out/")
    assert run.code == 0, run.err
    return project


@pytest.fixture
def expert(project: Path, alcli: Alcli) -> Path:
    """Ten rows that an expert has labelled."""
    (project / "expert.csv").write_text("id,label\n" + "".join(f"{n:03d},{truth(f'{n:03d}')}\n" for n in range(10)))
    assert alcli("import-labels", "expert.csv", "--annotator", "expert", "-q").code == 0
    return project


def test_every_row_goes_to_two_of_three_a_sheet_each(out: Path, alcli: Alcli) -> None:
    people = defaultdict(set)
    for row in asked(out):
        people[row["id"]].add(row["annotator"])
    assert len(people) == 9 and all(len(who) == 2 for who in people.values())
    assert Counter(pair for who in people.values() for pair in combinations(sorted(who), 2)) == {
        ("a1", "a2"): 3,
        ("a1", "a3"): 3,
        ("a2", "a3"): 3,
    }
    for who in ("a1", "a2", "a3"):
        mine = [row["id"] for row in asked(out) if row["annotator"] == who]
        assert ids(out / "out" / f"0001-{who}.csv") == mine and len(mine) == 6
    assert [row["rank"] for row in asked(out)] == [str(rank) for rank in range(1, 19)]


def test_what_was_done_is_told_and_in_the_json(project: Path, alcli: Alcli) -> None:
    run = alcli("query", "-n", "4", *THREE, "-o", "to_label.xlsx", "--json")
    data = run.json["data"]
    assert (data["asked"], data["out"], len(data["ids"])) == (4, 4, 4)
    assert [each["annotator"] for each in data["sheets"]] == ["a1", "a2", "a3"]
    assert sum(each["rows"] for each in data["sheets"]) == 8
    assert data["sheet"] == "to_label-a1.xlsx, to_label-a2.xlsx, to_label-a3.xlsx"
    assert all((project / each["sheet"]).is_file() for each in data["sheets"])
    assert "to_label-a2.xlsx" in run.err and "send each their own" in run.err
    assert all(len(line) <= 80 for line in run.err.partition("annotator ")[2].splitlines())


def test_the_sheet_says_whose_answers_come_back(out: Path, alcli: Alcli) -> None:
    for name in ("0001-a1", "0001-a2"):
        fill(out / "out" / f"{name}.csv")
    run = alcli("import-labels", "out/")
    assert run.code == 0, run.err
    assert "6 rows of batch 1 are still out: a3 has 6" in run.err
    assert Counter(row["annotator"] for row in labels(out)) == {"a1": 6, "a2": 6}
    assert alcli("import-labels", "out/", "--json").json["data"]["known"] == 12


def test_rows_are_out_for_each_until_that_one_has_answered(out: Path, alcli: Alcli) -> None:
    fill(out / "out" / "0001-a1.csv", only=4)
    assert alcli("import-labels", "out/0001-a1.csv", "-q").code == 0
    data = alcli("status", "--json").json["data"]
    assert {each["annotator"]: each["rows"] for each in data["waiting"]} == {"a1": 2, "a2": 6, "a3": 6}
    assert all(each["batch"] == "1" and each["since"] for each in data["waiting"])
    run = alcli("status")
    assert re.search(r"a1 +1 +2 +20", run.err) and "out with" in run.err
    assert all(len(line) <= 80 for line in run.err.splitlines())


def test_another_persons_sheet_is_noticed(out: Path, alcli: Alcli) -> None:
    fill(out / "out" / "0001-a1.csv")
    before = state(out)
    run = alcli("import-labels", "out/0001-a1.csv", "--annotator", "a2", "--json")
    assert run.code == 3 and run.json["data"]["rejected"] == 6 and run.json["data"]["new"] == 0
    error = run.json["errors"][0]
    assert error["code"] == "other-annotator" and "'a1'" in error["message"] and "'a2'" in error["message"]
    assert "--stand-in" in error["hint"]
    assert state(out)["asked.csv"] == before["asked.csv"] and "labels.csv" not in state(out)
    # what was rejected knows by its tokens whose it is
    rejects = next(out.glob("out/*.rejects-*.csv"))
    assert alcli("import-labels", str(rejects)).code == 0
    assert {row["annotator"] for row in labels(out)} == {"a1"}


def test_a_stand_in_is_taken_when_told(out: Path, alcli: Alcli) -> None:
    fill(out / "out" / "0001-a1.csv")
    assert alcli("import-labels", "out/0001-a1.csv", "--annotator", "bob", "--stand-in").code == 0
    assert {row["annotator"] for row in labels(out)} == {"bob"}
    for who in ("a2", "a3"):
        fill(out / "out" / f"0001-{who}.csv")
        assert alcli("import-labels", f"out/0001-{who}.csv", "-q").code == 0
    data = alcli("status", "--json").json["data"]
    assert (data["out"], data["waiting"]) == (0, [])  # nothing is asked of a1 any more
    run = alcli("import-labels", "out/0001-a1.csv")  # who labels all the same is heard
    assert run.code == 0 and "6 new" in run.err


def test_the_annotator_of_the_settings_gives_way_to_the_sheet(out: Path, alcli: Alcli) -> None:
    with (out / "alcli.toml").open("a") as file:
        file.write('\n[import-labels]\nannotator = "me"\n')
    fill(out / "out" / "0001-a3.csv")
    (out / "plain.csv").write_text("id,label\n" + f"{free(out)},ham\n")
    assert alcli("import-labels", "out/0001-a3.csv", "plain.csv").code == 0
    assert Counter(row["annotator"] for row in labels(out)) == {"a3": 6, "me": 1}


def free(folder: Path) -> str:
    """A row that was never asked."""
    return next(f"{n:03d}" for n in range(30) if f"{n:03d}" not in {row["id"] for row in asked(folder)})


def test_an_answer_of_nobody_to_a_row_that_named_people_have_is_rejected(out: Path, alcli: Alcli) -> None:
    id_ = asked(out)[0]["id"]
    (out / "plain.csv").write_text(f"id,label\n{id_},ham\n{free(out)},ham\n")
    run = alcli("import-labels", "plain.csv", "--json")
    assert run.code == 3 and run.json["data"]["new"] == 1
    assert run.json["errors"][0]["code"] == "no-annotator"
    assert alcli("import-labels", "plain.csv", "--annotator", "expert").code == 0


def test_the_sheets_of_one_are_of_use_without_their_tokens(out: Path, alcli: Alcli) -> None:
    sheet = out / "out" / "0001-a1.csv"
    fill(sheet)
    rows = list(csv.reader(sheet.read_text().splitlines()))
    (out / "bare.csv").write_text("\n".join(f"{row[0]},{row[2]}" for row in rows))
    assert alcli("import-labels", "bare.csv", "--annotator", "a1").code == 0
    assert {row["batch"] for row in labels(out)} == {"1"}
    waiting = alcli("status", "--json").json["data"]["waiting"]
    assert {each["annotator"] for each in waiting} == {"a2", "a3"}


def test_mixed_up_rows_of_two_sheets_are_still_their_own(out: Path, alcli: Alcli) -> None:
    for who in ("a1", "a2"):
        fill(out / "out" / f"0001-{who}.csv")
    one, two = ((out / "out" / f"0001-{who}.csv").read_text().splitlines() for who in ("a1", "a2"))
    (out / "both.csv").write_text("\n".join([*one, *two[1:]]) + "\n")
    assert alcli("import-labels", "both.csv").code == 0
    assert Counter(row["annotator"] for row in labels(out)) == {"a1": 6, "a2": 6}


def test_check_takes_the_rows_of_two_for_their_own(out: Path, alcli: Alcli) -> None:
    """One file with the sheets of both, who see some rows differently: an import takes it, so it is no problem."""
    for who, label in (("a1", "ham"), ("a2", "spam"), ("a3", "spam")):
        fill(out / "out" / f"0001-{who}.csv", lambda _, label=label: label)
    first, second = ((out / "out" / f"0001-{who}.csv").read_text().splitlines() for who in ("a1", "a2"))
    (out / "sheets").mkdir()
    (out / "sheets" / "both.csv").write_text("\n".join([*first, *second[1:]]) + "\n")
    assert (alcli("check").code, alcli("check").err) == (0, "no problems\n")
    assert alcli("import-labels", "sheets/both.csv", "--json").json["data"]["new"] == 12


def test_an_annotator_column_that_says_another_is_noticed(out: Path, alcli: Alcli) -> None:
    fill(out / "out" / "0001-a1.csv")
    lines = (out / "out" / "0001-a1.csv").read_text().splitlines()
    said = ["annotator", *["a1"] * 5, "a3"]
    (out / "tool.csv").write_text("\n".join(f"{line},{who}" for line, who in zip(lines, said, strict=True)))
    run = alcli("import-labels", "tool.csv", "--json")
    assert run.json["data"]["new"] == 5 and run.json["errors"][0]["code"] == "other-annotator"


def test_the_same_line_again_asks_nothing_new(project: Path, alcli: Alcli) -> None:
    line = ("query", "-n", "4", *THREE, "-o", "to_label.csv")
    first = alcli(*line, "--json").json["data"]
    before = state(project)
    again = alcli(*line, "--json").json["data"]
    assert (again["asked"], again["ids"], again["batch"]) == (0, first["ids"], 1)
    assert state(project) == before
    assert alcli("query", "-n", "1", "--annotators", "a1,a2", "-o", "one.csv").code == 0
    assert alcli("query", "-n", "1", "--annotators", "a1,a2", "-o", "one.csv", "--json").json["data"]["asked"] == 0


def test_a_sheet_of_anyone_of_them_that_may_hold_work_is_not_replaced(project: Path, alcli: Alcli) -> None:
    assert alcli("query", "-n", "4", *THREE, "-o", "to_label.csv", "-q").code == 0
    fill(project / "to_label-a2.csv", only=1)
    assert alcli("import-labels", "to_label-a2.csv", "-q").code == 0
    fill(project / "to_label-a2.csv", only=2)
    before = state(project)
    run = alcli("query", "-n", "4", *THREE, "-o", "to_label.csv")
    assert run.code == 1 and "to_label-a1.csv exists" in run.err
    assert state(project) == before


def test_what_one_said_is_not_the_answer_of_another(project: Path, alcli: Alcli) -> None:
    """Both were asked the same rows and answered alike, but only the sheet of one came back."""
    line = ("query", "-n", "4", "-s", "random", "--annotators", "a1,a2", "--per-row", "2", "-o", "to_label.csv", "-q")
    assert alcli(*line).code == 0
    for who in ("a1", "a2"):
        fill(project / f"to_label-{who}.csv")
    assert alcli("import-labels", "to_label-a1.csv", "-q").code == 0
    before = state(project)
    run = alcli(*line)
    assert run.code == 1 and "to_label-a2.csv exists" in run.err and state(project) == before
    assert alcli("import-labels", "to_label-a2.csv", "-q").code == 0
    assert alcli(*line).code == 0


def test_a_sheet_that_a_stand_in_answered_gives_way(project: Path, alcli: Alcli) -> None:
    line = ("query", "-n", "4", "-s", "random", "--annotators", "a1", "-o", "to_label.csv", "-q")
    assert alcli(*line).code == 0
    fill(project / "to_label-a1.csv")
    assert alcli("import-labels", "to_label-a1.csv", "--annotator", "bob", "--stand-in", "-q").code == 0
    assert alcli(*line).code == 0
    assert len(asked(project)) == 8


def test_workloads_cap_the_sheets_and_gold_counts(expert: Path, alcli: Alcli) -> None:
    run = alcli(
        "query", "-n", "12", "--annotators", "a1,a2,a3", "--workload", "a1=3,a2=5", "--gold", "1",
        "--gold-from", "expert", "-o", "out/", "--json",
    )  # fmt: skip
    assert run.code == 0, run.err
    assert {each["annotator"]: each["rows"] for each in run.json["data"]["sheets"]} == {"a1": 3, "a2": 5, "a3": 7}
    assert run.json["data"]["asked"] == 12


def test_workloads_without_room_make_a_smaller_batch_and_it_is_told(project: Path, alcli: Alcli) -> None:
    run = alcli("query", "-n", "12", "--annotators", "a1,a2", "--workload", "a1=3,a2=5", "-o", "out/", "--json")
    assert run.code == 0 and run.json["data"]["asked"] == 8
    assert "room for 8 of the 12 chosen rows" in run.json["warnings"][0]


def test_somebody_without_work_gets_no_sheet(project: Path, alcli: Alcli) -> None:
    assert alcli("query", "-n", "3", "--annotators", "a1,a2", "--workload", "a1=0", "-o", "out/").code == 0
    assert [path.name for path in (project / "out").iterdir()] == ["0001-a2.csv"]
    run = alcli("query", "-n", "1", "--annotators", "a2,a3", "-o", "more/")
    assert run.code == 0 and "who gets none" in run.err
    assert [path.name for path in (project / "more").iterdir()] == ["0002-a3.csv"]


def test_loads_even_out_over_batches(project: Path, alcli: Alcli) -> None:
    for _ in range(4):
        assert alcli("query", "-n", "2", "-s", "random", *THREE, "-o", "out/", "-q").code == 0
    load = Counter(row["annotator"] for row in asked(project))
    assert max(load.values()) - min(load.values()) <= 1
    people = defaultdict(set)
    for row in asked(project):
        people[row["id"]].add(row["annotator"])
    pairs = Counter(tuple(sorted(who)) for who in people.values())
    assert len(pairs) == 3 and max(pairs.values()) - min(pairs.values()) <= 1


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--annotators", "a1,a2", "--per-row", "3"], "`--per-row 3` needs as many annotators, and there are 2"),
        (["--annotators", "a1,a1"], "names a1 twice"),
        (["--per-row", "2"], "`--per-row` needs to know who answers"),
        (["--workload", "a1=3"], "`--workload` needs to know who answers"),
        (["--annotators", "a1,a2", "--workload", "a3=3"], "names 'a3', who is not among"),
        (["--annotators", "a1,a2", "--workload", "a1"], "'a1' is not a workload"),
        (["--annotators", "a1,a2", "--workload", "a1=0,a2=0"], "without work"),
        (["--annotators", "a1,A1"], "would get one sheet name"),
        (["--annotators", "a/1,a:1"], "would get one sheet name"),
        (["--annotators", "a1,a2", "-o", "-"], "do not go to stdout"),
        (["--gold", "2"], "needs rows whose answer is known"),
        (["--gold", "2", "--gold-from", "nobody"], "neither a file nor an annotator"),
        (["--annotators", "a1", "--exclude-annotator", "a1"], "neither excluded nor without work"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_asked(flags: list[str], says: str, project: Path, alcli: Alcli) -> None:
    before = state(project)
    run = alcli("query", "-n", "4", *flags, *([] if "-o" in flags else ["-o", "out/"]))
    assert run.code == 2 and says in run.err
    assert state(project) == before


def in_query(folder: Path, text: str) -> None:
    """Say something in the section of `query`."""
    file = folder / "alcli.toml"
    file.write_text(file.read_text().replace("[query]\n", f"[query]\n{text}\n"))


def test_a_bad_value_of_the_settings_file_is_blamed_on_it(project: Path, alcli: Alcli) -> None:
    in_query(project, 'annotators = ["a1", "a2"]\nper_row = 3')
    run = alcli("query", "-o", "out/")
    assert run.code == 1 and "alcli.toml, line" in run.err


def test_a_name_that_nobody_of_the_settings_has_is_a_typo(project: Path, alcli: Alcli) -> None:
    in_query(project, 'annotators = ["anna", "bernd"]')
    before = state(project)
    run = alcli("query", "-n", "4", "--workload", "ana=3", "-o", "out/")
    assert run.code == 2 and "names 'ana', who is not among the annotators" in run.err
    assert "did you mean `anna`?" in run.err and state(project) == before
    # workloads of the settings may be of people who are not asked this time
    in_query(project, 'workload = ["anna=3", "bernd=2"]')
    assert alcli("query", "-n", "4", "--annotators", "anna,carla", "-o", "out/").code == 0


def test_names_become_safe_file_names(project: Path, alcli: Alcli) -> None:
    names = "../up,Anna Öhm,x@y.org"
    assert alcli("query", "-n", "3", "--annotators", names, "-o", "out/").code == 0
    assert sorted(path.name for path in (project / "out").iterdir()) == [
        "0001-Anna_Öhm.csv",
        "0001-up.csv",
        "0001-x@y.org.csv",
    ]
    assert {row["annotator"] for row in asked(project)} == {"../up", "Anna Öhm", "x@y.org"}


def test_gold_rows_look_like_any_other_and_count_for_nothing_but_who_answered(expert: Path, alcli: Alcli) -> None:
    before = alcli("labels").out
    run = alcli("query", "-n", "6", *THREE, "--gold", "3", "--gold-from", "expert", "-o", "out/")
    assert run.code == 0 and "gold" not in run.err
    gold = [row for row in asked(expert) if row["purpose"] == "gold"]
    assert Counter(row["annotator"] for row in gold) == {"a1": 3, "a2": 3, "a3": 3}
    assert {row["id"] for row in gold} <= {f"{n:03d}" for n in range(10)}
    for who in ("a1", "a2", "a3"):
        rows = list(csv.reader((expert / "out" / f"0001-{who}.csv").read_text().splitlines()))
        assert "gold" not in str(rows) and len(rows) == 8
        shapes = {tuple(len(part) for part in row[-1].split("-")[2:]) for row in rows[1:]}
        assert len(shapes) == 1  # the token tells nothing
    # everybody says spam to everything
    for sheet in (expert / "out").iterdir():
        fill(sheet, lambda _: "spam")
    assert alcli("import-labels", "out/").code == 0
    after = dict(line.split(",")[:2] for line in alcli("labels").out.splitlines()[1:])
    for line in before.splitlines()[1:]:
        assert after[line.split(",")[0]] == line.split(",")[1]  # the expert's answer stands
    data = alcli("status", "--json").json["data"]
    assert (data["labelled"], data["out"], data["waiting"]) == (16, 0, [])
    right = {who: sum(truth(row["id"]) == "spam" for row in gold if row["annotator"] == who) for who in ("a1", "a2")}
    for flags in ([], ["--gold-from", "expert"]):
        people = alcli("status", "--labelers", *flags, "--json").json["data"]["labelers"]
        found = {each["annotator"]: each["gold"] for each in people}
        assert all((found[who]["right"], found[who]["of"]) == (right[who], 3) for who in right)
    for rule in ("weighted", "dawid-skene", "newest"):
        weighed = dict(line.split(",")[:2] for line in alcli("labels", "--aggregate", rule).out.splitlines()[1:])
        assert all(weighed[row["id"]] == truth(row["id"]) for row in gold)
    assert alcli("check").code == 0


def test_gold_is_never_asked_of_the_same_person_twice(expert: Path, alcli: Alcli) -> None:
    for round_ in range(4):
        run = alcli(
            "query", "-n", "2", "--annotators", "a1,expert", "--gold", "4", "--gold-from", "expert", "-o", "out/"
        )
        assert run.code == 0
        assert ("fewer than 4 gold rows for a1, expert" in run.err) == (round_ >= 2)
    gold = [(row["id"], row["annotator"]) for row in asked(expert) if row["purpose"] == "gold"]
    assert len(set(gold)) == len(gold) == 10
    assert {who for _, who in gold} == {"a1"}  # nobody is measured by answers of their own


def test_the_expert_may_still_correct_a_gold_row(expert: Path, alcli: Alcli) -> None:
    assert (
        alcli("query", "-n", "2", "--annotators", "a1", "--gold", "9", "--gold-from", "expert", "-o", "out/").code == 0
    )
    id_ = next(row["id"] for row in asked(expert) if row["purpose"] == "gold")
    (expert / "fix.csv").write_text(f"id,label\n{id_},{'ham' if truth(id_) == 'spam' else 'spam'}\n")
    assert alcli("import-labels", "fix.csv", "--annotator", "expert", "--on-conflict", "newest").code == 0
    got = dict(line.split(",")[:2] for line in alcli("labels").out.splitlines()[1:])
    assert got[id_] != truth(id_)


def test_a_gold_file_needs_no_labels_and_its_rows_are_asked_as_nothing_else(project: Path, alcli: Alcli) -> None:
    (project / "gold.csv").write_text("id,label\n" + "".join(f"{n:03d},{truth(f'{n:03d}')}\n" for n in range(5)))
    run = alcli("query", "-n", "30", "--gold", "2", "--gold-from", "gold.csv", "-o", "sheet.csv")
    assert run.code == 0
    lines = asked(project)
    assert {row["id"] for row in lines if row["purpose"] == "train"} == {f"{n:03d}" for n in range(5, 30)}
    assert sum(row["purpose"] == "gold" for row in lines) == 2
    assert ids(project / "sheet.csv") == [row["id"] for row in lines]
    fill(project / "sheet.csv", lambda _: "ham")
    assert alcli("import-labels", "sheet.csv", "--annotator", "a1").code == 0
    assert alcli("status", "--json").json["data"]["labelled"] == 25


def test_a_gold_file_that_is_wrong_is_told_with_its_row(project: Path, alcli: Alcli) -> None:
    (project / "gold.csv").write_text("id,label\n000,spam\n001,horse\n")
    run = alcli("query", "-n", "3", "--gold", "2", "--gold-from", "gold.csv", "-o", "sheet.csv")
    assert run.code == 1 and "gold.csv, row 3" in run.err and "'horse'" in run.err


def test_a_gold_file_that_says_two_things_of_a_row_is_told(project: Path, alcli: Alcli) -> None:
    (project / "gold.csv").write_text("id,label,annotator\n000,spam,e1\n001,ham,e1\n001,spam,e2\n000,spam,e2\n")
    run = alcli("query", "-n", "3", "--gold", "2", "--gold-from", "gold.csv", "-o", "sheet.csv", "--json")
    (error,) = run.json["errors"]
    assert (run.code, error["code"], error["file"], error["row"]) == (1, "two-answers", "gold.csv", 4)
    assert error["message"] == "'001' has two known answers, 'ham' and 'spam'"
    assert not (project / "sheet.csv").exists()


def test_an_excluded_annotator_gets_nothing_and_counts_nowhere(out: Path, alcli: Alcli) -> None:
    for sheet in sorted((out / "out").iterdir()):
        fill(sheet, lambda id_: "spam" if truth(id_) == "ham" else "ham")
    assert alcli("import-labels", "out/0001-a1.csv", "-q").code == 0
    assert alcli("status", "--json").json["data"]["labelled"] == 6
    data = alcli("status", "--exclude-annotator", "a1", "--json").json["data"]
    assert data["labelled"] == 0 and {each["annotator"] for each in data["waiting"]} == {"a2", "a3"}
    assert alcli("labels", "--exclude-annotator", "a1").out.count("\n") == 1
    assert alcli("query", "-n", "2", *THREE, "--exclude-annotator", "a1", "-o", "more/").code == 0
    assert sorted(path.name for path in (out / "more").iterdir()) == ["0002-a2.csv", "0002-a3.csv"]
    # nothing is lost: without the flag they count again
    assert alcli("status", "--json").json["data"]["labelled"] == 6


def test_what_only_an_excluded_annotator_answered_is_free_again(project: Path, alcli: Alcli) -> None:
    (project / "eve.csv").write_text("id,label\n" + "".join(f"{n:03d},ham\n" for n in range(30)))
    assert alcli("import-labels", "eve.csv", "--annotator", "eve", "-q").code == 0
    assert alcli("query", "-n", "3", "-o", "sheet.csv").code == 3
    assert alcli("query", "-n", "3", "--exclude-annotator", "eve", "-o", "sheet.csv").code == 0


@pytest.mark.parametrize("command", ["labels -o out.csv", "status", "train"])
def test_a_typo_in_who_is_excluded_is_told(out: Path, alcli: Alcli, command: str) -> None:
    (out / "eva.csv").write_text("id,label\n" + "".join(f"{n:03d},{truth(f'{n:03d}')}\n" for n in range(30)))
    assert alcli("import-labels", "eva.csv", "--annotator", "eva", "-q").code == 0
    run = alcli(*command.split(), "--exclude-annotator", "evaa")
    assert run.code == 0 and run.err.count("warning: `--exclude-annotator` names 'evaa'") == 1, run.err
    assert "did you mean `eva`?" in run.err
    assert "the annotators are: a1, a2, a3, eva" in alcli(*command.split(), "--exclude-annotator", "zoltan").err
    # who was asked and never answered is somebody
    assert "nobody knows" not in alcli(*command.split(), "--exclude-annotator", "a1").err
    if command != "train":
        assert "'evaa'" in alcli(*command.split(), "--exclude-annotator", "evaa", "--json").json["warnings"][0]


def test_who_is_excluded_from_the_start_is_no_typo(project: Path, alcli: Alcli) -> None:
    assert "warning" not in alcli("status", "--exclude-annotator", "model").err


def test_sheets_that_never_came_back_are_freed_person_by_person(
    project: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1763769600")
    assert alcli("query", "-n", "29", "-s", "random", "--annotators", "a1,a2", "-o", "out/").code == 0
    fill(project / "out" / "0001-a1.csv")
    assert alcli("import-labels", "out/0001-a1.csv", "-q").code == 0
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(1763769600 + 15 * 86400))
    assert alcli("status", "--json").json["data"]["left"] == 1
    data = alcli("status", "--expire", "14d", "--json").json["data"]
    late = len(ids(project / "out" / "0001-a2.csv"))
    assert (data["expired"], data["left"], data["out"], data["waiting"]) == (late, 1 + late, 0, [])
    assert "may be asked again" in alcli("status", "--expire", "14d").err
    run = alcli("query", "-n", "30", "-s", "random", "--annotators", "a1", "--expire", "14d", "-o", "out/")
    assert run.code == 0 and len(ids(project / "out" / "0002-a1.csv")) == 1 + late
    # what comes back after all is still taken
    fill(project / "out" / "0001-a2.csv")
    assert alcli("import-labels", "out/0001-a2.csv", "--json").json["data"]["new"] == late


def test_the_history_of_a_row_tells_who_said_what_and_what_counts(out: Path, alcli: Alcli) -> None:
    id_ = asked(out)[0]["id"]
    who = next(row["annotator"] for row in asked(out))
    sheet = out / "out" / f"0001-{who}.csv"
    fill(sheet)
    assert alcli("import-labels", f"out/0001-{who}.csv", "-q").code == 0
    (out / "back.csv").write_text(f"id,label,annotator,comment\n{id_},withdraw,{who},wrong row\n")
    assert alcli("import-labels", "back.csv", "-q").code == 0
    events = alcli("status", "--history", id_, "--json").json["data"]["history"]
    assert [event["kind"] for event in events] == ["asked", "asked", "label", "withdraw"]
    assert {event["by"] for event in events[2:]} == {who}
    assert [event["counts"] for event in events] == [False] * 4
    assert events[3]["source"] == "back.csv" and events[3]["comment"] == "wrong row"
    run = alcli("status", "--history", id_)
    assert all(len(line) <= 80 for line in run.err.splitlines())


def test_a_page_for_each_saves_its_answers_under_its_own_name(project: Path, alcli: Alcli) -> None:
    assert alcli("query", "-n", "4", "--annotators", "a1,a2", "-o", "page.html").code == 0
    pages = [(project / f"page-{who}.html").read_text() for who in ("a1", "a2")]
    assert "answers-batch-1-a1.csv" in pages[0] and "answers-batch-1-a2.csv" in pages[1]


def test_a_run_with_a_command_asks_it_alone(project: Path, alcli: Alcli) -> None:
    in_query(project, 'annotators = ["a1", "a2"]\nper_row = 2')
    (project / "oracle.py").write_text(
        "import csv, sys\nhead, *rows = csv.reader(sys.stdin)\nfor row in rows:\n    row[2] = 'ham'\n"
        "csv.writer(sys.stdout).writerows([head, *rows])\n"
    )
    run = alcli("run", "--annotator", f"{shlex.quote(sys.executable)} oracle.py", "--rounds", "1", "-q")
    assert run.code == 0, run.err
    assert {row["annotator"] for row in labels(project)} == {"oracle"}
