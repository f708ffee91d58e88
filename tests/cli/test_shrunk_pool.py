"""A pool that lost rows after they were labelled: what is left, and which labels are newer than the model."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .playing import Alcli, fill

NEWER = "labels have come in since"


@pytest.fixture
def shrunk(trained: Path, alcli: Alcli) -> Path:
    """The trained project, whose pool then lost three rows: two labelled ones, one not."""
    labelled = {line.split(",")[0] for line in (trained / "labels.csv").read_text().splitlines()[1:]}
    lines = (trained / "pool.csv").read_text().splitlines(keepends=True)
    gone = [*sorted(labelled)[:2], next(line[:3] for line in lines[1:] if line[:3] not in labelled)]
    (trained / "pool.csv").write_text("".join(line for line in lines if line[:3] not in gone))
    return trained


def said(alcli: Alcli, *argv: str) -> bool:
    """Whether the command says that the labels are newer."""
    run = alcli(*argv, "--json")
    assert run.code in (0, 3), run.err
    return any(NEWER in each for each in run.json["warnings"])


def test_what_is_left_is_the_same_to_every_command(shrunk: Path, alcli: Alcli) -> None:
    # 27 rows, 6 of them labelled
    assert alcli("status", "--json").json["data"]["left"] == 21
    assert alcli("enough", "--rule", "left <= 21").code == 0
    assert alcli("enough", "--rule", "left <= 20").code == 3
    assert alcli("query", "-s", "random", "-n", "2", "--dry-run", "--json").json["data"]["left"] == 19
    assert alcli("query", "--rule", "labels >= 1", "-o", "no.csv", "--json").json["data"]["left"] == 21
    # rows that are not looked at are left all the same
    where = ["--where", "lang=en", "-s", "random", "-n", "30", "-o", "out.csv"]
    run = alcli("query", *where, "--json").json["data"]
    assert run["left"] == 21 - run["asked"] == alcli("status", "--json").json["data"]["left"] > 0
    again = alcli("query", "--where", "lang=en", "-s", "random", "-o", "again.csv", "--json")
    assert (again.code, again.json["data"]["left"]) == (3, run["left"])
    assert alcli("report", "-o", "report.html", "-q").code == 0
    page = re.sub(r"<[^>]*>", " ", (shrunk / "report.html").read_text())
    assert f"left to ask {run['left']} " in " ".join(page.split())


def test_training_again_ends_the_note_though_some_labels_have_no_row(shrunk: Path, alcli: Alcli) -> None:
    ways = (
        ["evaluate", "--how", "folds", "--folds", "2"],
        ["enough", "--rule", "kappa"],
        ["predict", "--target-precision", "0.1", "--folds", "2", "-o", "said.csv"],
    )
    # no label has come in yet
    assert alcli("evaluate", "--test", "test.csv", "-q").code == 0
    assert not any(said(alcli, *way) for way in ways)
    assert "2 labelled rows are no longer in the pool" in alcli("train", "-q", "--json").json["data"]["notes"][0]
    assert alcli("evaluate", "--test", "test.csv", "-q").code == 0
    status = alcli("status", "--json").json["data"]
    assert status["model"]["stale"] is False and status["next"].startswith("alcli query")
    assert not any(said(alcli, *way) for way in ways)
    # the next labels are newer again
    assert alcli("query", "-s", "random", "-n", "4", "-o", "more.csv", "-q").code == 0
    fill(shrunk / "more.csv")
    assert alcli("import-labels", "more.csv", "-q").code == 0
    assert alcli("status", "--json").json["data"]["next"].startswith("alcli train")
    assert all(said(alcli, *way) for way in ways)


def test_a_weighted_model_is_up_to_date_without_the_rows_that_are_gone(shrunk: Path, alcli: Alcli) -> None:
    assert alcli("train", "--label-weight", "certainty", "-q").code == 0
    assert alcli("status", "--json").json["data"]["model"]["stale"] is False
