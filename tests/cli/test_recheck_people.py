"""A recheck for several people: who gets which row, what comes back, and what counts beside gold and exclusion."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from alcli.errors import Exit

from .playing import Alcli, fill, state
from .test_recheck import GIVEN, WRONG, data, give, labels, ledger, other, right
from .test_recheck import planted as planted

WHOM = ("even", "best", "interval")


@pytest.fixture
def three(planted: Path, alcli: Alcli) -> Path:
    """Besides a1 there are a2, who is right about 60 rows, and a3, who is wrong about every third of 60 others."""
    give(planted, {f"{n:03d}": right(f"{n:03d}") for n in range(0, 60)}, alcli, "a2")
    three = {f"{n:03d}": right(f"{n:03d}") for n in range(60, GIVEN)}
    give(planted, {id_: other(label) if int(id_) % 3 == 1 else label for id_, label in three.items()}, alcli, "a3")
    return planted


def asked_of(folder: Path, batch: str = "1") -> dict[str, list[str]]:
    found = defaultdict(list)
    for row in ledger(folder, "asked"):
        if row["batch"] == batch:
            found[row["id"]].append(row["annotator"])
    return found


def answered(folder: Path) -> set[tuple[str, str]]:
    return {(row["id"], row["annotator"]) for row in ledger(folder, "labels")}


@pytest.mark.parametrize("whom", WHOM)
def test_nobody_gets_a_row_that_they_answered_while_others_have_not(three: Path, alcli: Alcli, whom: str) -> None:
    before = answered(three)
    found = data(alcli("recheck", "-n", "9", "--annotators", "a1,a2,a3", "--whom", whom, "-o", "out/", "--json"))
    people = asked_of(three)
    assert list(people) == found["ids"] and len(people) == 9
    assert all(len(who) == 1 and (id_, who[0]) not in before for id_, who in people.items())
    assert {row["purpose"] for row in ledger(three, "asked")} == {"recheck"}
    assert {row["id"]: [row["ask"]] for row in found["rows"]} == people
    assert {each["annotator"]: each["rows"] for each in found["sheets"]} == Counter(who for (who,) in people.values())
    for each in found["sheets"]:
        mine = [id_ for id_ in people if people[id_] == [each["annotator"]]]
        assert [line.split(",")[0] for line in (three / each["sheet"]).read_text().splitlines()[1:]] == mine


@pytest.mark.parametrize("whom", WHOM)
def test_the_same_line_chooses_the_same_whatever_the_cores(three: Path, alcli: Alcli, whom: str) -> None:
    line = (
        "recheck",
        "-n",
        "9",
        "--annotators",
        "a1,a2,a3,new",
        "--per-row",
        "2",
        "--whom",
        whom,
        "--dry-run",
        "--json",
    )
    one, two = (data(alcli(*line, "--jobs", jobs)) for jobs in ("1", "2"))
    assert one["rows"] == two["rows"] and all(len(row["ask"].split(", ")) == 2 for row in one["rows"])
    assert not (three / "asked.csv").exists()


def test_the_best_get_the_rows_as_far_as_their_workload_goes(three: Path, alcli: Alcli) -> None:
    give(three, {"150": "ham"}, alcli, "a4")
    line = ("recheck", "-n", "10", "--annotators", "a2,a3", "--ask-again", "--dry-run", "--json")
    # only who answered neither half could be asked of all: rows of the first half are a3's, of the second a2's
    best = data(alcli(*line, "--whom", "best"))
    assert {row["ask"] == "a3" for row in best["rows"] if int(row["id"]) < 60} == {True}
    assert best["labelers"]["a2"]["quality"] > best["labelers"]["a3"]["quality"]
    free = ("recheck", "-n", "10", "--annotators", "a2,a4,new", "--dry-run", "--json")
    found = data(alcli(*free, "--whom", "best"))["rows"]
    assert Counter(row["ask"] for row in found if int(row["id"]) >= 60).keys() == {"a2"}
    # of somebody new nothing is known, so they may be the best
    tried = data(alcli(*free, "--whom", "interval"))["rows"]
    assert {row["ask"] for row in tried} & {"a4", "new"}
    capped = data(alcli(*free, "--whom", "best", "--workload", "a2=2"))["rows"]
    assert len(capped) == 10 and sum(row["ask"] == "a2" for row in capped) == 2


def test_a_price_makes_the_cheaper_one_worth_more(three: Path, alcli: Alcli) -> None:
    line = ("recheck", "-n", "10", "--annotators", "a2,new", "--whom", "best", "--dry-run", "--json")
    late = lambda *more: {row["ask"] for row in data(alcli(*line, *more))["rows"] if int(row["id"]) >= 60}  # noqa: E731
    assert late() == {"a2"}
    give(three, {f"{n:03d}": right(f"{n:03d}") for n in range(0, 60)}, alcli, "new")
    assert late("--price", "a2=10") == {"new"} and late("--price", "a2=1,new=10") == {"a2"}


def test_even_shares_alike(planted: Path, alcli: Alcli) -> None:
    rows = data(
        alcli("recheck", "-n", "6", "--annotators", "b,c,d", "--per-row", "2", "--whom", "even", "--dry-run", "--json")
    )
    loads = Counter(who for row in rows["rows"] for who in row["ask"].split(", "))
    assert loads.keys() == {"b", "c", "d"} and max(loads.values()) - min(loads.values()) <= 1


@pytest.mark.parametrize("whom", WHOM)
def test_who_gave_all_the_answers_may_look_again_when_there_are_no_others(
    planted: Path, alcli: Alcli, whom: str
) -> None:
    """The row is out until it is answered anew, though a1 has answered it before."""
    line = ("recheck", "-n", "4", "--annotators", "a1", "--whom", whom, "-o", "again.csv")
    sent = data(alcli(*line, "--json"))["ids"]
    assert asked_of(planted) == {id_: ["a1"] for id_ in sent}
    assert data(alcli("status", "--json"))["out"] == 4
    before = state(planted)
    assert "nobody has answered yet" in alcli(*line).err and state(planted) == before
    fill(planted / "again-a1.csv", right)
    assert data(alcli("import-labels", "again-a1.csv", "--json"))["rejected"] == 0
    assert data(alcli("status", "--json"))["out"] == 0
    assert all(labels(alcli)[id_] == right(id_) for id_ in sent)


def test_with_two_a_row_the_one_who_has_not_seen_it_is_among_them(planted: Path, alcli: Alcli) -> None:
    for whom in WHOM:
        found = data(
            alcli("recheck", "-n", "4", "--annotators", "a1,b", "--per-row", "2", "--whom", whom, "--dry-run", "--json")
        )
        assert {row["ask"] for row in found["rows"]} == {"a1, b"}


def test_new_rows_are_handed_out_too(planted: Path, alcli: Alcli) -> None:
    found = data(alcli("recheck", "-n", "30", "--with-new", "--annotators", "a1,b", "-o", "out/", "--json"))
    new = {row["id"] for row in found["rows"] if row["why"] == ["new"]}
    assert new and all(row["ask"] in ("a1", "b") for row in found["rows"])
    purposes = {row["id"]: row["purpose"] for row in ledger(planted, "asked")}
    assert {id_ for id_, purpose in purposes.items() if purpose == "train"} == new


def test_the_answer_of_who_is_excluded_overrides_nothing_and_settles_nothing(planted: Path, alcli: Alcli) -> None:
    sent = data(alcli("recheck", "-n", "3", "--annotators", "b", "-o", "again.csv", "--json"))["ids"]
    fill(planted / "again-b.csv", right)
    assert alcli("import-labels", "again-b.csv", "-q").code == 0
    assert all(labels(alcli)[id_] == right(id_) for id_ in sent)
    pairs = data(alcli("status", "--labelers", "--json"))["agreement"]["pairs"]
    assert [(each["one"], each["other"], each["rows"]) for each in pairs] == [
        ("a1", "b", len(sent))
    ]  # overridden or not
    left_out = data(alcli("status", "--labelers", "--exclude-annotator", "b", "--json"))
    assert left_out["agreement"]["pairs"] == []
    without = alcli("labels", "--exclude-annotator", "b").out.splitlines()[1:]
    said = {line.split(",")[0]: line.split(",")[1] for line in without}
    assert all(said[id_] == other(right(id_)) for id_ in sent if id_ in WRONG) and set(sent) & WRONG
    anew = data(alcli("recheck", "--annotators", "a1,b,c", "--exclude-annotator", "b", "--dry-run", "--json"))
    assert set(sent) <= set(anew["ids"]) and {row["ask"] for row in anew["rows"]} == {"c"}
    assert "b" not in anew["labelers"]


def test_gold_tells_how_good_somebody_is_and_votes_for_nothing(planted: Path, alcli: Alcli) -> None:
    ids = sorted({f"{n:03d}" for n in range(GIVEN)} - WRONG)[:40]
    (planted / "gold.csv").write_text("id,label\n" + "".join(f"{id_},{right(id_)}\n" for id_ in ids))
    gold = ("--gold", "15", "--gold-from", "gold.csv")
    assert alcli("query", "-n", "2", "-s", "random", "--annotators", "good,bad", *gold, "-o", "q/", "-q").code == 0
    fill(planted / "q/0001-good.csv", right)
    fill(planted / "q/0001-bad.csv", lambda id_: other(right(id_)))
    before = data(alcli("status", "--labelers", "--json"))["agreement"]
    assert alcli("import-labels", "q/", "-q").code == 0
    agreed = data(alcli("status", "--labelers", "--json"))["agreement"]
    # who shares only gold rows has no agreement to tell; the two rows of the batch are one person's each
    assert agreed["rows"] - before["rows"] <= 2 and not [each for each in agreed["pairs"] if each["rows"] > 2]
    line = ("recheck", "-n", "3", "--annotators", "good,bad", "--whom", "best", "--gold-from", "gold.csv", "--dry-run")
    found = data(alcli(*line, "--json"))
    assert found["labelers"]["good"]["quality"] > 0.8 > 0.3 > found["labelers"]["bad"]["quality"]
    assert {row["ask"] for row in found["rows"]} == {"good"}
    assert not any({"good", "bad"} & set(row["answers"]) for row in found["rows"] if row["id"] in ids)


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (["--whom", "best"], "`--whom` needs to know who answers"),
        (["--price", "a1=2"], "`--price` needs to know who answers"),
        (["--per-row", "2"], "`--per-row` needs to know who answers"),
        (["--annotators", "a1,b", "--price", "a1=0"], "'a1=0' is not a price"),
        (["--annotators", "a1,b", "--price", "a1=nan"], "'a1=nan' is not a price"),
        (["--annotators", "a1,b", "--price", "c=2"], "`--price` names 'c', who is not among the annotators"),
        (["--annotators", "a1,b", "--whom", "even", "--price", "b=2"], "asks everybody alike"),
        (["--annotators", "a1,b", "--whom", "worst"], "worst"),
        (["--annotators", "a1,b", "--workload", "a1=x"], "'a1=x' is not a workload"),
        (["--annotators", "a1,b", "--per-row", "3"], "needs as many annotators"),
        (["--annotators", "a1,b", "-o", "-"], "do not go to stdout"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_sent(flags: list[str], says: str, planted: Path, alcli: Alcli) -> None:
    before = state(planted)
    run = alcli("recheck", *flags)
    assert run.code == Exit.USAGE and says in run.err, run.err
    assert state(planted) == before


def test_full_sheets_make_a_smaller_batch_and_it_is_told(planted: Path, alcli: Alcli) -> None:
    run = alcli("recheck", "-n", "5", "--annotators", "b,c", "--workload", "b=1,c=2", "-o", "out/", "--json")
    assert data(run)["asked"] == 3 and "room for 3 of the 5" in run.json["warnings"][0]


def test_the_people_of_alcli_toml_are_asked_and_told(planted: Path, alcli: Alcli) -> None:
    text = (planted / "alcli.toml").read_text()
    text = text.replace("[query]\n", '[query]\nannotators = ["b", "c"]\n') + '\n[recheck]\nwhom = "even"\n'
    (planted / "alcli.toml").write_text(text)
    run = alcli("recheck", "-n", "4", "-o", "out/")
    assert run.code == 0 and (planted / "out/0001-b.csv").is_file()
    assert "b          2     out/0001-b.csv" in run.err and "it knows" in run.err
    assert all(len(line) <= 80 for line in run.err.splitlines())
