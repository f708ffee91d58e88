"""The envelope of `--json`: one sample per command, failures included."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import alcli as package

from .playing import Alcli, fill

KEYS = ["alcli", "schema", "command", "status", "exit_code", "data", "warnings", "errors"]
DATA = {
    "init": {"rows", "id", "columns", "classes", "labels", "settings"},
    "query": {"batch", "asked", "left", "out", "strategy", "seed", "sheet", "ids"},
    "import-labels": {"new", "known", "changed", "blank", "rejected", "rejects", "labels"},
    "train": {"labels", "classes", "estimator", "model", "fingerprint"},
    "evaluate": {"how", "rows", "metrics", "labels"},
    "predict": {"rows", "written", "output"},
    "status": {"rows", "labelled", "out", "left", "rounds", "classes", "model", "metrics", "next"},
    "labels": {"rows", "output"},
    "check": {"problems"},
    "strategies": {"strategies"},
}


def _sound(envelope: dict[str, Any], command: str) -> dict[str, Any]:
    assert [key for key in envelope if key not in ("settings", "errors_total")] == KEYS
    assert envelope["alcli"] == package.__version__
    assert (envelope["schema"], envelope["command"]) == (1, command)
    if envelope["status"] != "error":
        assert DATA[command] <= envelope["data"].keys()
    return envelope


def test_every_command_of_a_round(folder: Path, alcli: Alcli) -> None:
    from .playing import POOL

    (folder / "pool.csv").write_text(POOL)
    made = _sound(alcli("init", "pool.csv", "--classes", "ham,spam", "--json").json, "init")
    assert made["data"]["rows"] == 30
    assert made["data"]["columns"]["id"] == "id"
    assert made["data"]["settings"] == "alcli.toml"
    asked = _sound(alcli("query", "-n", "8", "-s", "random", "-o", "sheet.csv", "--json").json, "query")
    data = asked["data"]
    assert (data["batch"], data["asked"], data["out"], data["left"], data["seed"]) == (1, 8, 8, 22, 0)
    assert data["strategy"] == "random"
    assert data["sheet"] == "sheet.csv"
    lines = (folder / "sheet.csv").read_text().splitlines()[1:]
    assert data["ids"] == [line.split(",")[0] for line in lines]
    assert asked["settings"]["strategy"] == "random"
    fill(folder / "sheet.csv")
    taken = _sound(alcli("import-labels", "sheet.csv", "--json").json, "import-labels")
    assert {name: taken["data"][name] for name in ("new", "known", "changed", "blank", "rejected", "labels")} == {
        "new": 8,
        "known": 0,
        "changed": 0,
        "blank": 0,
        "rejected": 0,
        "labels": 8,
    }
    trained = _sound(alcli("train", "--json").json, "train")
    assert sum(trained["data"]["classes"].values()) == trained["data"]["labels"] == 8
    evaluated = _sound(alcli("evaluate", "--folds", "2", "--json").json, "evaluate")
    assert evaluated["data"]["how"] == "folds"
    assert {"value", "low", "high"} <= evaluated["data"]["metrics"]["accuracy"].keys()
    assert evaluated["warnings"] == []  # all rows were drawn at random, so there is nothing to warn of
    assert _sound(alcli("predict", "-o", "p.csv", "--json").json, "predict")["data"]["written"] == 30
    assert _sound(alcli("status", "--json").json, "status")["data"]["labelled"] == 8
    assert _sound(alcli("labels", "-o", "l.csv", "--json").json, "labels")["data"]["rows"] == 8
    assert _sound(alcli("check", "--json").json, "check")["data"]["problems"] == []
    listed = _sound(alcli("strategies", "--json").json, "strategies")["data"]["strategies"]
    wanted = {"name", "summary", "space", "utility", "selector", "needs", "source", "cost"}
    assert all(wanted <= row.keys() for row in listed)


def test_a_row_that_is_out_twice_is_one_row_out(asked: Path, alcli: Alcli) -> None:
    """All rows again, eight of which are out."""
    data = alcli("query", "-n", "30", "-s", "random", "--ask-again", "-o", "all.csv", "--json").json["data"]
    assert (data["asked"], data["out"]) == (30, 30)
    assert alcli("status", "--json").json["data"]["out"] == 30


def test_status_tells_each_setting_with_its_source(project: Path, alcli: Alcli) -> None:
    values = alcli("status", "--settings", "--json", "--expire", "3d").json["data"]["settings"]
    found = {row["name"]: (row["value"], row["source"]) for row in values}
    assert found["query.expire"] == ("3d", "flag --expire")
    assert found["classes"][1].startswith("file alcli.toml, line ")
    assert found["train.estimator"][0] == "logistic"
    assert found["seed"][0] == "0"


def test_failure_speaks_the_same_envelope(project: Path, alcli: Alcli) -> None:
    run = alcli("train", "--json")
    envelope = _sound(run.json, "train")
    assert (envelope["status"], envelope["exit_code"], run.code) == ("error", 1, 1)
    (error,) = envelope["errors"]
    assert error["code"] == "no-labels"
    assert error["hint"]
    assert "error: " in run.err


def test_rejects_are_told_with_their_place(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv", label=lambda _: "hm")
    run = alcli("import-labels", "sheet.csv", "--json")
    envelope = _sound(run.json, "import-labels")
    assert (envelope["status"], envelope["exit_code"]) == ("no", 3)
    assert envelope["data"]["rejected"] == 8
    assert Path(envelope["data"]["rejects"]).exists()
    first = envelope["errors"][0]
    assert (first["code"], first["file"], first["row"], first["column"]) == ("unknown-label", "sheet.csv", 2, "label")
    assert first["hint"]


def test_at_most_20_errors_with_their_total(project: Path, alcli: Alcli) -> None:
    alcli("query", "-n", "30", "-s", "random", "-o", "sheet.csv")
    fill(project / "sheet.csv", label=lambda _: "other")
    envelope = alcli("import-labels", "sheet.csv", "--json").json
    assert len(envelope["errors"]) == 20
    assert envelope["errors_total"] == 30


def test_not_a_number_is_null(trained: Path, alcli: Alcli) -> None:
    (trained / "one.csv").write_text("id,text,label\nz1,free money,spam\n")
    metrics = alcli("evaluate", "--test", "one.csv", "--json").json["data"]["metrics"]
    assert metrics["auc"]["value"] is None


def test_usage_errors_are_text_only(project: Path, alcli: Alcli) -> None:
    for argv in (["query", "--json", "-o", "-"], ["labels", "--json"], ["query", "--json", "-s", "margn"]):
        run = alcli(*argv)
        assert (run.code, run.out) == (2, "")
        assert run.err.startswith("error: ")


def test_quiet_leaves_the_object(project: Path, alcli: Alcli) -> None:
    run = alcli("status", "--json", "-q")
    assert run.err == ""
    assert run.json["command"] == "status"


@pytest.mark.parametrize("command", ["status", "strategies"])
def test_the_python_api_returns_the_same_object(project: Path, alcli: Alcli, command: str) -> None:
    import importlib
    import json

    step = getattr(importlib.import_module(f"alcli.steps.{command}"), command)
    assert json.loads(json.dumps(step().data())) == alcli(command, "--json").json["data"]


def test_a_whole_round_in_python(project: Path, alcli: Alcli) -> None:
    from alcli import AlcliError, check, evaluate, import_labels, labels, predict, query, status, train

    batch = query(strategy="random", count=9, output="sheet.csv")
    assert (batch.asked, batch.batch, len(batch.ids), batch.exit) == (9, 1, 9, 0)
    again = alcli("query", "-s", "random", "-n", "9", "-o", "sheet.csv", "--json").json["data"]
    assert again["asked"] == 0
    fill(project / "sheet.csv")
    assert import_labels(sheets=["sheet.csv"], annotator="a1").new == 9
    assert train(estimator="naive-bayes", param=["alpha=0.5"]).estimator == "naive-bayes"
    assert evaluate(folds=2).metrics["accuracy"]["value"] is not None
    assert predict(output="p.parquet").written == 30
    assert labels(output="l.csv").rows == status().labelled == 9
    assert check().exit == 0
    with pytest.raises(AlcliError, match="no strategy is called"):
        query(strategy="margn", output="x.csv")
    with pytest.raises(AlcliError, match="has no setting 'cuont'"):
        query(cuont=3, output="x.csv")
