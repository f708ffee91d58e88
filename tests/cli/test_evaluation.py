"""Rows drawn to measure on, and what `evaluate` says of where its numbers come from."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from random import Random

import pytest

from .playing import Alcli, fill, state

KINDS = ["random", "stratified", "active_testing"]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def draw(alcli: Alcli, folder: Path, strategy: str, n: int = 10, *more: str) -> list[dict[str, str]]:
    """Ask rows for evaluation, answer and import them; their lines in asked.csv."""
    sheet = folder / f"{strategy}-{n}.csv"
    assert alcli("query", "--for", "evaluation", "-s", strategy, "-n", str(n), "-o", sheet.name, *more).code == 0
    fill(sheet)
    assert alcli("import-labels", sheet.name, "--annotator", "a1", "-q").code == 0
    batch = max(int(row["batch"]) for row in rows_of(folder / "asked.csv"))
    return [row for row in rows_of(folder / "asked.csv") if int(row["batch"]) == batch]


@pytest.mark.parametrize("strategy", KINDS)
def test_rows_for_evaluation_are_drawn_with_chances_that_tell_the_pool(trained: Path, alcli: Alcli, strategy):
    rows = draw(alcli, trained, strategy)
    assert {row["purpose"] for row in rows} == {"evaluate"}
    assert {row["strategy"].partition("[")[0] for row in rows} == {strategy}
    left = [round(float(row["utility"]) / float(row["probability"])) for row in rows]
    if strategy == "stratified":
        sizes = {
            row["strategy"]: max(n for r, n in zip(rows, left, strict=True) if r["strategy"] == row["strategy"])
            for row in rows
        }
        assert sum(sizes.values()) == 22
    else:
        assert left == list(range(22, 12, -1))
    assert all(0 < float(row["probability"]) < 1 for row in rows)


@pytest.mark.parametrize("strategy", KINDS)
def test_evaluate_uses_them_and_says_so(trained: Path, alcli: Alcli, strategy):
    draw(alcli, trained, strategy)
    run = alcli("evaluate", "--json")
    data = run.json["data"]
    assert (data["how"], data["rows"]) == ("evaluation", 10)
    assert data["drawn"] == [{"batch": 2, "strategy": strategy, "asked": 10, "answered": 10, "pool": 22}]
    assert "22 rows" in data["population"]
    assert "accuracy" in data["naive"]
    accuracy = data["metrics"]["accuracy"]
    assert accuracy["low"] <= accuracy["value"] <= accuracy["high"]
    assert data["recorded"] > 0
    assert alcli("evaluate", "--json").json["data"]["recorded"] == 0
    assert "measured on 10 rows drawn for evaluation" in alcli("evaluate").err


def test_the_whole_pool_is_known_for_sure(trained: Path, alcli: Alcli):
    draw(alcli, trained, "active_testing", 22)
    data = alcli("evaluate", "--json", "--metric", "accuracy").json["data"]
    accuracy = data["metrics"]["accuracy"]
    assert accuracy["value"] == pytest.approx(data["naive"]["accuracy"])
    if 0 < accuracy["value"] < 1:
        assert accuracy["low"] == accuracy["high"] == pytest.approx(accuracy["value"])


def test_they_never_train_and_are_not_asked_again(trained: Path, alcli: Alcli):
    ids = {row["id"] for row in draw(alcli, trained, "random")}
    run = alcli("train", "--json")
    assert run.json["data"]["labels"] == 8
    assert run.json["data"]["up_to_date"]
    for more in ([], ["--ask-again"]):
        again = alcli("query", "-s", "random", "-n", "30", "--dry-run", "--json", *more).json["data"]["ids"]
        assert not ids & set(again)


def test_unanswered_rows_are_told_and_stay_kept(trained: Path, alcli: Alcli):
    alcli("query", "--for", "evaluation", "-n", "6", "-o", "half.csv")
    fill(trained / "half.csv", only=4)
    alcli("import-labels", "half.csv", "--annotator", "a1")
    run = alcli("evaluate", "--metric", "accuracy")
    assert "measured on 4 rows drawn for evaluation" in run.err
    assert "2 of the 6 rows drawn for evaluation carry no label" in run.err
    kept = {row["id"] for row in rows_of(trained / "asked.csv") if row["purpose"] == "evaluate"}
    # also when nobody answers in time, a row that was kept to measure on does not train
    asked = alcli("query", "-n", "30", "-s", "random", "--expire", "0m", "--dry-run", "--json").json["data"]["ids"]
    assert not kept & set(asked)


def test_the_same_draw_whatever_the_cores(trained: Path, alcli: Alcli):
    for strategy in KINDS:
        line = ["query", "--for", "evaluation", "-s", strategy, "-n", "7", "--dry-run", "--json"]
        assert alcli(*line, "-j", "1").json["data"]["ids"] == alcli(*line, "-j", "2").json["data"]["ids"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (["-s", "margin"], "`margin` cannot choose rows to measure on: it leaves rows out on purpose"),
        (["-s", "entropy+sample"], "`entropy+sample` cannot choose rows to measure on"),
        (["--combine", "margin:1,entropy:1"], "cannot choose rows to measure on"),
        (["--mix", "margin:1,entropy:1"], "cannot choose rows to measure on"),
        (["--ask-again"], "a row that trained cannot measure"),
        (["--group-by", "lang"], "the chance of a row would not be known"),
        (["-s", "stratified", "-n", "1"], "1 row cannot be shared between 2 predicted classes"),
        (["-s", "stratified", "--param", "a=1"], "`stratified` takes no `--param`"),
        (["-s", "active_testing", "--param", "defence=1.0"], "`--param defence=1` is not a share"),
    ],
)
def test_what_is_not_drawn_by_chance_is_refused(trained: Path, alcli: Alcli, line, said):
    before = state(trained)
    run = alcli("query", "--for", "evaluation", "-o", "no.csv", *line)
    assert run.code == 2
    assert said in run.err
    assert state(trained) == before


def test_an_unknown_purpose_is_refused(project: Path, alcli: Alcli):
    assert alcli("query", "--for", "fun").err.startswith("error: `--for fun` is no purpose\n")


def test_a_mix_with_random_measures_too(trained: Path, alcli: Alcli):
    alcli("query", "--for", "evaluation", "--mix", "margin:0.5,random:0.5", "-n", "10", "-o", "mix.csv")
    fill(trained / "mix.csv")
    alcli("import-labels", "mix.csv", "--annotator", "a1")
    drawn = alcli("evaluate", "--json").json["data"]["drawn"]
    assert drawn == [{"batch": 2, "strategy": "mix margin:0.5,random:0.5", "asked": 10, "answered": 10, "pool": 22}]


def test_alcli_toml_speaks_of_training_rows_only(trained: Path, alcli: Alcli):
    settings = trained / "alcli.toml"
    text = settings.read_text()
    assert 'strategy = "auto"' in text
    settings.write_text(text.replace('strategy = "auto"', 'strategy = "margin"'))
    run = alcli("query", "--for", "evaluation", "-n", "3", "--dry-run")
    assert run.err.startswith("would ask 3 rows to measure on by random")


def test_the_random_arm_of_a_mix(trained: Path, alcli: Alcli):
    alcli("query", "--mix", "margin:0.5,random:0.5", "-n", "14", "-o", "mix.csv", "-q")
    fill(trained / "mix.csv")
    alcli("import-labels", "mix.csv", "--annotator", "a1", "-q")
    alcli("train", "-q")
    data = alcli("evaluate", "--how", "random-arm", "--folds", "2", "--json").json["data"]
    # the rows of the first batch taught the model that chose by margin
    arm = {row["id"] for row in rows_of(trained / "asked.csv") if (row["batch"], row["strategy"]) == ("2", "random")}
    assert (data["how"], data["rows"]) == ("random-arm", len(arm))
    assert data["population"] == f"the {30 - (22 - len(arm)):,} rows of the pool without the other labels"
    assert data["naive"]["accuracy"] == pytest.approx(
        alcli("evaluate", "--how", "folds", "--folds", "2", "--json").json["data"]["metrics"]["accuracy"]["value"]
    )
    arms = {each["arm"]: each["rows"] for each in data["prequential"]}
    assert arms == {"random": len(arm), "margin": 14 - len(arm)}
    assert "the model before, on the labels that this one learned in addition" in alcli("evaluate", "--folds", "2").err
    how = {row["how"] for row in rows_of(trained / "metrics.csv")}
    assert {"random-arm 2", "folds 2", "prequential batch 2 arm random", "prequential batch 2 arm margin"} <= how


@pytest.mark.parametrize(
    ("how", "said", "code"),
    [
        ("evaluation", "no row that was drawn for evaluation is answered", 1),
        ("test", "`--how test` needs a test file", 2),
    ],
)
def test_a_way_without_rows_is_refused(trained: Path, alcli: Alcli, how, said, code):
    run = alcli("evaluate", "--how", how)
    assert run.code == code
    assert said in run.err


def test_no_random_row_is_told(project: Path, alcli: Alcli):
    Path("given.csv").write_text(
        "id,label\n" + "".join(f"{n:03d},{'spam' if n % 3 == 0 else 'ham'}\n" for n in range(9))
    )
    alcli("import-labels", "given.csv", "--annotator", "a1")
    alcli("train")
    assert "no labelled row was drawn at random" in alcli("evaluate", "--how", "random-arm").err


def test_tables_of_calibration_cutoffs_cost_and_slices(trained: Path, alcli: Alcli):
    Path("costs.csv").write_text("true,ham,spam\nham,0,10\nspam,1,0\n")
    line = [
        "evaluate",
        "--test",
        "test.csv",
        "--calibration",
        "--cutoffs",
        "spam",
        "--cost-matrix",
        "costs.csv",
        "--by",
        "text",
    ]
    run = alcli(*line)
    assert run.code == 0, run.err
    assert "probability   confidence  accuracy" in run.err
    assert "'spam', said from this probability on" in run.err
    assert all(len(row) <= 80 for row in run.err.splitlines()), run.err
    data = alcli(*line, "--json").json["data"]
    assert sum(each["rows"] for each in data["calibration"]) == 10
    assert {"cost", "cost_best"} <= set(data["metrics"])
    assert all(set(each["metrics"]) == set(each["intervals"]) for each in data["groups"])
    recorded = {row["metric"] for row in rows_of(trained / "metrics.csv")}
    assert {"cost", "cost_best"} <= recorded


def test_a_class_that_is_none_has_no_cutoffs(trained: Path, alcli: Alcli):
    run = alcli("evaluate", "--test", "test.csv", "--cutoffs", "spma")
    assert (run.code, run.err) == (
        2,
        "error: `--cutoffs spma` is no class of this project\n hint: did you mean `spam`?\n",
    )


def test_slices_of_rows_drawn_for_evaluation(trained: Path, alcli: Alcli):
    draw(alcli, trained, "active_testing")
    groups = alcli("evaluate", "--by", "lang", "--json").json["data"]["groups"]
    assert [group["value"] for group in groups] == ["de", "en"]
    assert sum(group["rows"] for group in groups) == 10
    assert json.dumps(groups)


def test_lines_without_a_chance_say_nothing_of_the_pool(trained: Path, alcli: Alcli):
    draw(alcli, trained, "random", 5)
    text = (trained / "asked.csv").read_text().splitlines()
    cells = text[-1].split(",")
    cells[6] = "?"
    (trained / "asked.csv").write_text("\n".join([*text[:-1], ",".join(cells)]) + "\n")
    assert alcli("evaluate", "--json").json["data"]["drawn"][0]["answered"] == 4


@pytest.mark.slow
@pytest.mark.parametrize("strategy", KINDS)
def test_the_commands_intervals_hold_the_truth(folder: Path, alcli: Alcli, strategy: str):
    random = Random(5)
    label = {f"{n:03d}": random.choice(["ham", "spam"]) for n in range(400)}
    words = {"ham": "see you later home", "spam": "free money now win"}

    def text(id_: str) -> str:
        # a third of the words are the other class's, so that the model errs
        other = "spam" if label[id_] == "ham" else "ham"
        return " ".join(random.choice(words[other if random.random() < 0.34 else label[id_]].split()) for _ in range(5))

    Path("pool.csv").write_text("id,text\n" + "".join(f"{id_},{text(id_)}\n" for id_ in label))
    alcli("init", "pool.csv", "--classes", "ham,spam", "--text", "text", "-q")
    alcli("query", "-s", "random", "-n", "30", "-o", "first.csv", "-q")
    fill(folder / "first.csv", label.__getitem__)
    alcli("import-labels", "first.csv", "--annotator", "a1", "-q")
    alcli("train", "-q")
    alcli("predict", "-o", "said.csv", "-q")
    trained = {row["id"] for row in rows_of(folder / "asked.csv")}
    said = {row["id"]: row["label"] for row in rows_of(folder / "said.csv")}
    truth = sum(said[id_] == label[id_] for id_ in label if id_ not in trained) / 370
    assert 0.6 < truth < 0.97
    before = {name: (folder / name).read_bytes() for name in ("asked.csv", "labels.csv")}
    errors, held = [], 0
    for seed in range(60):
        for name, content in before.items():
            (folder / name).write_bytes(content)
        line = ["query", "--for", "evaluation", "-s", strategy, "-n", "60", "-o", "draw.csv", "-q", "--force"]
        assert alcli(*line, "--seed", str(seed)).code == 0
        fill(folder / "draw.csv", label.__getitem__)
        assert alcli("import-labels", "draw.csv", "--annotator", "a1", "-q").code == 0
        run = alcli("evaluate", "--metric", "accuracy", "--json")
        metric = run.json["data"]["metrics"]["accuracy"]
        assert run.json["data"]["drawn"][0]["pool"] == 370
        errors.append(metric["value"] - truth)
        held += metric["low"] <= truth <= metric["high"]
    # of 60 intervals of 95%, fewer than 52 hold the truth in 1 of 200 such tests
    assert held >= 52
    mean, spread = sum(errors) / 60, (sum(error**2 for error in errors) / 60) ** 0.5
    assert abs(mean) < 3.3 * spread / 60**0.5


def test_a_draw_that_is_split_between_people_is_one_draw(trained: Path, alcli: Alcli):
    line = ["query", "--for", "evaluation", "-n", "8", "--annotators", "a1,a2", "--per-row", "2", "-o", "out/"]
    assert alcli(*line).code == 0
    for sheet in sorted((trained / "out").iterdir()):
        fill(sheet)
        assert alcli("import-labels", str(sheet)).code == 0
    asked = [row for row in rows_of(trained / "asked.csv") if row["batch"] == "2"]
    assert len(asked) == 16 and {row["purpose"] for row in asked} == {"evaluate"}
    drawn = alcli("evaluate", "--json").json["data"]["drawn"]
    assert drawn == [{"batch": 2, "strategy": "random", "asked": 8, "answered": 8, "pool": 22}]
