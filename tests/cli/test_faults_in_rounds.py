"""Faults seen in other implementations (named in each test), over rounds of the command line."""

from __future__ import annotations

import csv
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from .playing import POOL, Alcli, fill, truth

ALL = {f"{n:03d}" for n in range(30)}


def done(alcli: Alcli, *argv: str) -> dict[str, Any]:
    """What a command line that must work has done."""
    run = alcli(*argv, "--json")
    assert run.code == 0, (argv, run.err)
    return run.json["data"]  # type: ignore[no-any-return]


def query(alcli: Alcli, strategy: str, n: int, *more: str) -> list[str]:
    """The rows asked, distinct, in sheet.csv, which must not hold a batch that waits for answers."""
    ids = done(alcli, "query", "-s", strategy, "-n", str(n), "-o", "sheet.csv", *more)["ids"]
    assert len(ids) == len(set(ids)), (strategy, ids)
    return list(ids)


def answered(alcli: Alcli, *more: str, label: Any = truth) -> None:
    fill(Path("sheet.csv"), label)
    done(alcli, "import-labels", "sheet.csv", "--annotator", "a1", *more)
    Path("sheet.csv").unlink()


def labelled() -> dict[str, str]:
    with Path("labels.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["label"] for row in csv.DictReader(file)}


def sent() -> None:
    """The sheet goes to a labeler."""
    Path("sheet.csv").unlink()


def predicted(alcli: Alcli) -> dict[str, str]:
    done(alcli, "predict", "-o", "predicted.csv")
    with Path("predicted.csv").open(encoding="utf-8", newline="") as file:
        return {row["id"]: row["label"] for row in csv.DictReader(file)}


def test_scikit_activeml_model_without_committee_had_no_disagreement_and_here_it_is_refused(
    trained: Path, alcli: Alcli
) -> None:
    run = alcli("query", "-s", "vote_entropy", "-n", "3", "-o", "x.csv", "--json")
    assert run.code == 1 and run.json["errors"][0]["code"] == "no-committee"
    assert not Path("x.csv").exists()


@pytest.mark.parametrize("strategy", ["seals", "anchors"])
def test_small_text_seals_removed_nothing_and_asked_labelled_rows_again(
    project: Path, alcli: Alcli, strategy: str
) -> None:
    # labels that nobody asked for: only labels.csv says that these rows are done
    Path("given.csv").write_text("id,label\n" + "".join(f"{n:03d},{truth(str(n))}\n" for n in range(8)))
    done(alcli, "import-labels", "given.csv", "--annotator", "a1")
    for _ in range(2):
        done(alcli, "train")
        assert not set(query(alcli, strategy, 5)) & set(labelled())
        answered(alcli)
    assert len(labelled()) == 18
    # all that is left, when as many rows are asked for as the pool has
    assert set(query(alcli, strategy, 30)) == ALL - set(labelled())


def test_alipy_lal_downloaded_and_here_a_round_needs_no_network(
    trained: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: Any, **more: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "socket", refused)
    assert len(query(alcli, "lal", 4)) == 4


def test_label_sleuth_seeded_with_0_at_every_call_and_here_batches_of_random_differ(
    project: Path, alcli: Alcli
) -> None:
    other = query(alcli, "random", 10, "--dry-run", "--seed", "1")
    first = query(alcli, "random", 10)
    sent()
    again = query(alcli, "random", 10, "--ask-again")  # from the same 30 rows
    sent()
    assert set(first) != set(again) and set(first) != set(other)
    # nor are the same places taken of the rows that are left
    rest = sorted(ALL - set(first) - set(again))
    third = query(alcli, "random", min(10, len(rest) // 2))
    places = {rest.index(id_) for id_ in third}
    assert places != {sorted(ALL).index(id_) for id_ in first[: len(third)]}


@pytest.mark.parametrize("ham, spam", [("1", "2"), ("2", "1"), ("True", "False")])
def test_alipy_and_libact_took_labels_for_positions_and_here_1_2_and_booleans_are_names(
    folder: Path, alcli: Alcli, ham: str, spam: str
) -> None:
    def label(id_: str) -> str:
        return spam if truth(id_) == "spam" else ham

    Path("pool.csv").write_text(POOL)
    done(alcli, "init", "pool.csv", "--classes", f"{ham},{spam}", "--text", "text", "--ignore", "lang")
    query(alcli, "random", 10)
    answered(alcli, label=label)
    done(alcli, "train", "--committee", "3")
    for strategy in ("margin", "vote_entropy", "quire", "badge", "contrastive"):
        ids = query(alcli, strategy, 3, "--dry-run")
        assert len(ids) == 3 and not set(ids) & set(labelled()), strategy
    assert len(query(alcli, "eer_log", 3, "--param", "candidates=20", "--dry-run")) == 3
    assert set(labelled().values()) == {ham, spam}
    assert predicted(alcli) == {id_: label(id_) for id_ in ALL}


def test_modal_and_libact_broke_on_a_class_that_came_later(trained: Path, alcli: Alcli) -> None:
    sent()
    query(alcli, "random", 8)
    fill(Path("sheet.csv"), lambda id_: "other" if int(id_) % 2 else truth(id_))
    refused = alcli("import-labels", "sheet.csv", "--annotator", "a1")
    assert refused.code != 0 and "other" not in labelled().values()
    done(alcli, "import-labels", "sheet.csv", "--annotator", "a1", "--new-classes")
    sent()
    assert "other" in labelled().values()
    for trained_since in (False, True):
        if trained_since:
            done(alcli, "train")
        for strategy, more in (("entropy", ()), ("eer_log", ("--param", "candidates=20")), ("class_balanced", ())):
            ids = query(alcli, strategy, 4, *more, "--dry-run")
            assert len(ids) == 4 and not set(ids) & set(labelled()), (strategy, trained_since)
    assert "other" in predicted(alcli).values()


@pytest.mark.parametrize("strategy", ["margin", "kcenter", "contrastive", "seals", "random"])
def test_others_kept_positions_of_a_pool_that_changed_between_rounds(
    trained: Path, alcli: Alcli, strategy: str
) -> None:
    sent()
    header, *rows = Path("pool.csv").read_text().splitlines()
    out = query(alcli, "random", 3)
    sent()
    vanished = {min(labelled()), out[0], min(ALL - set(labelled()) - set(out))}
    left = [row for row in rows if row[:3] not in vanished]
    # one in front, so that all positions change
    Path("pool.csv").write_text("\n".join([header, "900,free money now zebra 90,en", *left]) + "\n")
    expected = {row[:3] for row in left} - set(labelled()) - set(out) | {"900"}
    assert set(query(alcli, strategy, 40, "--dry-run")) == expected
    assert set(query(alcli, strategy, 5)) <= expected
    answered(alcli)
    done(alcli, "train")
    rest = query(alcli, strategy, 40)
    assert set(rest) == expected - set(labelled())
    assert not vanished & set(predicted(alcli))


def test_modal_took_column_names_and_index_labels_for_positions(
    folder: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=(60, 2)).round(4)
    batches = []
    for number, names in enumerate((("a", "b"), ("0", "1"), ("1", "0"), ("0", "1"))):
        place = folder / str(number)
        place.mkdir()
        monkeypatch.chdir(place)
        order = random.permutation(60) if number == 3 else range(60)
        text = "".join(f"{i},{values[i, 0]},{values[i, 1]}\n" for i in order)
        Path("pool.csv").write_text(f"id,{','.join(names)}\n" + text)
        columns = [word for name in names for word in ("--numeric", name)]
        done(alcli, "init", "pool.csv", "--id", "id", "--classes", "down,up", *columns)
        query(alcli, "random", 12)
        answered(alcli, label=lambda id_: "up" if values[int(id_)].sum() > 0 else "down")
        done(alcli, "train")
        batches.append([query(alcli, name, 6, "--dry-run") for name in ("margin", "kcenter")])
    assert batches[1] == batches[0] == batches[2] == batches[3]
    assert batches[0][0] != batches[0][1]
