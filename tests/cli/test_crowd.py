"""Several labelers by the command line: rules that weigh, how good each is, and training that knows of doubt."""

from __future__ import annotations

import csv
import importlib.metadata
import io
import json
from pathlib import Path

import pytest

from tests.cli.playing import Alcli, fill, state, truth
from tests.cli.test_labelers import FLIP, answered

WHO = {"ann": 0.0, "bob": 0.1, "eve": 0.4}


def missing(name: str) -> str:
    raise importlib.metadata.PackageNotFoundError(name)


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


@pytest.mark.parametrize("rule", ["majority", "weighted", "dawid-skene", "mace", "glad"])
def test_labels_tell_how_likely_they_are(project: Path, alcli: Alcli, rule: str) -> None:
    if rule in ("mace", "glad"):
        pytest.importorskip("crowdkit")
    answered(alcli, project, WHO)
    run = alcli("labels", "--aggregate", rule)
    assert run.code == 0, run.err
    rows = table(run.out)
    assert list(rows[0]) == ["id", "label", "votes", "agreement", "probability"]
    assert len(rows) == 20 and all(0 < float(row["probability"]) <= 1 for row in rows)
    # where eve and bob err together, one against two is lost
    assert sum(row["label"] == truth(row["id"]) for row in rows) >= 16
    if rule == "majority":
        assert all(row["probability"] == row["agreement"] for row in rows)
    assert alcli("labels", "--aggregate", rule).out == run.out


def test_a_rule_of_crowd_kit_without_it_names_the_extra(
    project: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(alcli, project, WHO)
    monkeypatch.setattr("alcli.steps.crowd_kit.version", missing)
    run = alcli("labels", "--aggregate", "glad")
    assert run.code == 1 and run.out == ""
    assert run.err == (
        "error: `--aggregate glad` needs a part that is not installed\n hint: `pip install 'alcli[crowd]'`\n"
    )


def test_a_mistyped_rule_names_the_nearest(project: Path, alcli: Alcli) -> None:
    run = alcli("labels", "--aggregate", "wieghted")
    assert run.code == 2 and "did you mean `weighted`?" in run.err


def timed(folder: Path) -> None:
    """Answers of a tool that tells when: ann takes four seconds for each row, bob all at once."""
    rows = ["id,label,annotator,answered_at"]
    for number in range(20):
        id_ = f"{number:03d}"
        rows.append(f"{id_},{truth(id_)},ann,2026-03-01T09:{number * 4 // 60:02d}:{number * 4 % 60:02d}Z")
        rows.append(f"{id_},{truth(id_)},bob,2026-03-01T09:00:00Z")
        rows.append(f"{id_},{FLIP[truth(id_)] if number % 5 == 0 else truth(id_)},eve,")
    (folder / "tool.csv").write_text("\n".join(rows) + "\n")


def test_status_tells_how_right_and_how_quick_each_is(project: Path, alcli: Alcli) -> None:
    timed(project)
    assert alcli("import-labels", "tool.csv", "-q").code == 0
    run = alcli("status", "--labelers")
    assert run.code == 0 and all(len(line) <= 80 for line in run.err.splitlines()), run.err
    lines = {line.split()[0]: line for line in run.err.splitlines() if line[:3] in WHO and "(" in line}
    assert "1.00 (0.81–1.00)" in lines["ann"] or "1.00 (0.84–1.00)" in lines["ann"]
    assert "4 s" in lines["ann"] and "4 s" not in lines["bob"] and "0.80 (0.58–0.92)" in lines["eve"]
    people = {each["annotator"]: each for each in alcli("status", "--labelers", "--json").json["data"]["labelers"]}
    assert people["ann"]["seconds"] == 4.0 and people["bob"]["seconds"] is None
    assert people["eve"]["others"] == {"right": 16, "of": 20, "share": 0.8, "low": 0.584, "high": 0.919}
    assert people["eve"]["gold"]["share"] is None and people["eve"]["weight"] < people["ann"]["weight"]
    assert sum(map(sum, people["eve"]["confusion"])) == 20 and people["eve"]["classes"] == ["ham", "spam"]


def test_gold_rows_measure_labelers_and_their_weight(project: Path, alcli: Alcli) -> None:
    rows = ["id,label"] + [f"{number:03d},{truth(f'{number:03d}')}" for number in range(12)]
    (project / "expert.csv").write_text("\n".join(rows) + "\n")
    assert alcli("import-labels", "expert.csv", "--annotator", "expert", "-q").code == 0
    ledger = ["batch,rank,id,purpose,strategy,utility,probability,annotator,asked_at"]
    ledger += [f"1,{n + 1},{n:03d},gold,random,,,,2026-01-01T00:00:00Z" for n in range(12)]
    (project / "asked.csv").write_text("\n".join(ledger) + "\n")
    for name, wrong in (("ann", ()), ("eve", (0, 1, 2, 3, 4, 5))):
        rows = ["id,label"]
        rows += [f"{n:03d},{FLIP[truth(f'{n:03d}')] if n in wrong else truth(f'{n:03d}')}" for n in range(12)]
        (project / f"{name}.csv").write_text("\n".join(rows) + "\n")
        assert alcli("import-labels", f"{name}.csv", "--annotator", name, "-q").code == 0
    people = {each["annotator"]: each for each in alcli("status", "--labelers", "--json").json["data"]["labelers"]}
    assert people["ann"]["gold"]["share"] == 1.0 and people["eve"]["gold"]["share"] == 0.5
    assert people["expert"]["gold"]["of"] == 0
    assert "1.00 (0.76–1.00)" in alcli("status", "--labelers").err


def test_known_answers_of_a_file_judge_labelers_too(project: Path, alcli: Alcli) -> None:
    """Whoever is wrong about them is heard less, by every command alike."""
    (project / "gold.csv").write_text("id,label\n" + "".join(f"{n:03d},{truth(f'{n:03d}')}\n" for n in range(8)))
    flags = ("--aggregate", "weighted", "--gold-from", "gold.csv")
    both = ("--annotators", "ann,bob,eve", "--per-row", "3", "--gold", "8")
    assert alcli("query", "-n", "12", "-s", "random", *both, *flags, "-o", "out/", "-q").code == 0
    fill(project / "out" / "0001-ann.csv")
    for name in ("bob", "eve"):
        fill(project / "out" / f"0001-{name}.csv", lambda id_: FLIP[truth(id_)] if int(id_) < 20 else truth(id_))
    run = alcli("import-labels", "out/", *flags, "--json")
    assert run.code == 0, run.err
    rows = dict(line.split(",")[:2] for line in alcli("labels", *flags).out.splitlines()[1:])
    assert len(rows) == 12 and all(label == truth(id_) for id_, label in rows.items())
    assert run.json["data"]["labels"] == alcli("status", *flags, "--json").json["data"]["labelled"] == 12


def test_a_rule_that_is_not_installed_stops_an_import_before_anything_is_written(
    project: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered(alcli, project, {"ann": 0.0})
    before = state(project)
    monkeypatch.setattr("alcli.steps.crowd_kit.version", missing)
    sheet = project / "bob.csv"
    sheet.write_text((project / "ann.csv").read_text())
    run = alcli("import-labels", "bob.csv", "--annotator", "bob", "--aggregate", "mace")
    assert run.code == 1 and "alcli[crowd]" in run.err
    sheet.unlink()
    assert state(project) == before


def trained_on_doubt(alcli: Alcli, folder: Path, *more: str) -> dict[str, object]:
    answered(alcli, folder, WHO)
    run = alcli("train", "--aggregate", "weighted", *more)
    assert run.code == 0, run.err
    card: dict[str, object] = json.loads((folder / "model.json").read_text())
    return card


def test_train_counts_labels_as_much_as_they_are_certain(project: Path, alcli: Alcli) -> None:
    card = trained_on_doubt(alcli, project, "--label-weight", "certainty")
    assert card["recipe"]["label_weight"] == "certainty" and card["weights"]  # type: ignore[index]
    aware = alcli("predict", "--proba").out or (project / "predictions.csv").read_text()
    run = alcli("train", "--aggregate", "weighted", "--label-weight", "certainty")
    assert "is up to date" in run.err
    assert alcli("train", "--aggregate", "weighted").code == 0
    assert json.loads((project / "model.json").read_text())["weights"] is None
    plain = alcli("predict", "--proba").out or (project / "predictions.csv").read_text()
    assert aware != plain


def test_another_opinion_makes_such_a_model_stale_though_no_label_changes(
    project: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALCLI_AGGREGATE", "weighted")
    monkeypatch.setenv("ALCLI_LABEL_WEIGHT", "certainty")
    answered(alcli, project, WHO)
    assert alcli("train").code == 0
    model = alcli("status", "--json").json["data"]["model"]
    assert model["stale"] is False
    labels = dict(line.split(",")[:2] for line in alcli("labels").out.splitlines())
    asked = (project / "sheet.csv").read_text().splitlines()[1].split(",")[0]
    (project / "more.csv").write_text(f"id,label\n{asked},{labels[asked]}\n")
    assert alcli("import-labels", "more.csv", "--annotator", "dan").code == 0
    assert dict(line.split(",")[:2] for line in alcli("labels").out.splitlines()) == labels
    assert alcli("status", "--json").json["data"]["model"]["stale"] is True
    assert "trained logistic" in alcli("train").err


def test_folds_and_refits_of_such_a_model_keep_the_weights(
    project: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    trained_on_doubt(alcli, project, "--label-weight", "certainty")
    from alcli.models import training

    seen = []
    fit = training.fit

    def watched(*given: object, weights: object = None, **more: object) -> object:
        seen.append(weights)
        return fit(*given, weights=weights, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(training, "fit", watched)
    assert alcli("evaluate", "--aggregate", "weighted").code == 0
    assert len(seen) == 5 and all(weights is not None and min(weights) < 1 for weights in seen)
    # the quick refits of a logistic regression do not pass there: the slow ones of a forest do
    seen.clear()
    forest = ("--estimator", "random-forest", "--param", "n_estimators=5", "--label-weight", "certainty")
    assert alcli("train", "--aggregate", "weighted", *forest).code == 0
    seen.clear()
    run = alcli("query", "--aggregate", "weighted", "-s", "expected_error", "-n", "2", "--dry-run")
    assert run.code == 0, run.err
    assert seen and all(weights is not None and min(weights) < 1 for weights in seen)


def test_an_estimator_that_cannot_weigh_rows_is_refused(project: Path, alcli: Alcli) -> None:
    answered(alcli, project, WHO)
    run = alcli("train", "--estimator", "knn", "--label-weight", "certainty")
    assert run.code == 2 and not (project / "model.joblib").exists()
    assert run.err.startswith("error: knn cannot weigh rows\n hint: leave out `--label-weight`")
