"""Rounds with a model that is not alcli's: it writes a file, and the file is all that is known of it."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from .playing import Alcli, Run, fill, state

IDS = [f"{n:03d}" for n in range(30)]

#: A "model": it knows nothing of alcli but the labels that are there, and gets surer with them.
SCRIPT = """
import csv, json, math, os, sys

labels = {}
if os.path.exists("labels.csv"):
    labels = {row["id"]: row["label"] for row in csv.DictReader(open("labels.csv", encoding="utf-8"))}
for row in csv.DictReader(open("pool.csv", encoding="utf-8")):
    score = (1 if "free" in row["text"] else -1) * len(labels) + math.sin(int(row["id"]))
    spam = 1 / (1 + math.exp(-score))
    print(json.dumps({"id": row["id"], "spam": spam, "ham": 1 - spam}))
"""


def write(path: Path, records: list[dict[str, Any]]) -> str:
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path.name


def ids_of(run: Run) -> list[str]:
    assert run.code == 0, run.err
    return run.json["data"]["ids"]


def best(utility: dict[str, float], n: int) -> set[str]:
    return set(sorted(utility, key=lambda id_: -utility[id_])[:n])


def proba(seed: int = 0) -> dict[str, float]:
    """Of spam, for each row."""
    return dict(zip(IDS, np.random.default_rng(seed).random(30).tolist(), strict=True))


def classified(path: Path, seed: int = 0) -> str:
    return write(path, [{"id": id_, "spam": p, "ham": 1 - p} for id_, p in proba(seed).items()])


def test_two_rounds_with_a_script_and_no_model_of_ours(project: Path, alcli: Alcli) -> None:
    (project / "model.py").write_text(SCRIPT)
    asked: list[str] = []
    for batch in (1, 2):
        made = subprocess.run([sys.executable, "model.py"], capture_output=True, text=True, check=True)
        (project / "p.jsonl").write_text(made.stdout)
        told = [json.loads(line) for line in made.stdout.splitlines()]
        unsure = {row["id"]: -abs(row["spam"] - 0.5) for row in told if row["id"] not in asked}
        run = alcli("query", "-n", "5", "-s", "entropy", "--predictions", "p.jsonl", "-o", "s.csv", "--json", "-q")
        ids = ids_of(run)
        assert run.json["data"]["batch"] == batch and run.json["data"]["strategy"] == "entropy"
        assert set(ids) == best(unsure, 5)
        asked += ids
        fill(project / "s.csv")
        assert alcli("import-labels", "s.csv", "--annotator", "a1", "-q").code == 0
    assert len(set(asked)) == 10 and not (project / "model.joblib").exists()


def test_texts_of_a_language_model_by_their_tokens(project: Path, alcli: Alcli) -> None:
    random = np.random.default_rng(2)
    records, by_token, spread = [], {}, {}
    for id_ in IDS:
        p = random.dirichlet(np.ones(4), size=random.integers(1, 9))
        tops = [
            {
                "token": "x",
                "logprob": float(np.log(row.max())),
                "top_logprobs": [{"logprob": float(np.log(q))} for q in row],
            }
            for row in p
        ]
        records.append({"id": id_, "text": "what it wrote", "logprobs": {"content": tops}})
        by_token[id_] = -float(np.log(p.max(axis=1)).mean())
        spread[id_] = float(-(p * np.log(p)).sum(axis=1).mean())
    write(project / "texts.jsonl", records)
    known: list[str] = []
    for strategy, utility in (("mnlp", by_token), ("token_entropy", spread)):
        run = alcli(
            "query", "-n", "4", "-s", strategy, "--predictions", "texts.jsonl", "-o", f"{strategy}.csv", "--json"
        )
        ids = ids_of(run)
        assert set(ids) == best({id_: value for id_, value in utility.items() if id_ not in known}, 4)
        known += ids
        fill(project / f"{strategy}.csv")
        assert alcli("import-labels", f"{strategy}.csv", "--annotator", "a1", "-q").code == 0


def test_five_dropout_passes_in_every_form(project: Path, alcli: Alcli) -> None:
    passes = np.random.default_rng(3).random((30, 5))
    lists = [{"id": id_, "spam": p.tolist(), "ham": (1 - p).tolist()} for id_, p in zip(IDS, passes, strict=True)]
    members = [{"id": id_, "members": [[1 - q, q] for q in p]} for id_, p in zip(IDS, passes.tolist(), strict=True)]
    with (project / "long.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "pass", "spam", "ham"])
        writer.writerows([id_, n, p[n], 1 - p[n]] for n in range(5) for id_, p in zip(IDS, passes, strict=True))
    pq.write_table(pa.Table.from_pylist(lists), project / "lists.parquet")
    write(project / "lists.jsonl", lists)
    write(project / "members.jsonl", members)
    mean = passes.mean(axis=1)
    spread = lambda p: -(p * np.log(p) + (1 - p) * np.log(1 - p))  # noqa: E731
    bald = dict(zip(IDS, (spread(mean) - spread(passes).mean(axis=1)).tolist(), strict=True))
    for name in ("long.csv", "lists.parquet", "lists.jsonl", "members.jsonl"):
        run = alcli("query", "-n", "6", "-s", "bald", "--predictions", name, "--dry-run", "--json")
        ids = ids_of(run)
        assert ids == sorted(ids, key=lambda id_: -bald[id_]) and set(ids) == best(bald, 6), name
        # what one model tells follows from what several do
        run = alcli("query", "-n", "6", "-s", "margin", "--predictions", name, "--dry-run", "--json")
        assert set(ids_of(run)) == best({id_: -abs(p - 0.5) for id_, p in zip(IDS, mean, strict=True)}, 6)
    assert alcli("query", "-n", "6", "-s", "bald", "--predictions", "long.csv", "-o", "s.csv").code == 0
    fill(project / "s.csv")
    assert alcli("import-labels", "s.csv", "-q").code == 0


def test_segmentation_by_its_regions(project: Path, alcli: Alcli) -> None:
    random = np.random.default_rng(4)
    scores = {id_: random.random(random.integers(1, 12)) for id_ in IDS}
    write(project / "regions.jsonl", [{"id": id_, "region_scores": s.tolist()} for id_, s in scores.items()])
    for name, of in (("region_mean", np.mean), ("region_max", np.max), ("region_sum", np.sum)):
        run = alcli("query", "-n", "5", "-s", name, "--predictions", "regions.jsonl", "--dry-run", "--json")
        assert set(ids_of(run)) == best({id_: float(of(s)) for id_, s in scores.items()}, 5)
    run = alcli("query", "-n", "5", "-s", "region_max", "--predictions", "regions.jsonl", "-o", "s.csv")
    assert run.code == 0
    fill(project / "s.csv")
    assert alcli("import-labels", "s.csv", "-q").code == 0


def test_vectors_of_another_system(project: Path, alcli: Alcli) -> None:
    # thirty rows in three far clusters of ten: three representatives are one of each
    random = np.random.default_rng(5)
    values = (np.repeat(np.eye(3) * 100, 10, axis=0) + random.normal(size=(30, 3))).astype(np.float32)
    lists = pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), 3)
    pq.write_table(pa.table({"id": IDS, "embedding": lists}), project / "v.parquet")
    np.save(project / "v.npy", values)
    (project / "v.ids.txt").write_text("".join(f"{id_}\n" for id_ in IDS))
    write(project / "v.jsonl", [{"id": i, "embedding": v} for i, v in zip(IDS, values.tolist(), strict=True)])
    for strategy in ("kcenter", "kmeans", "typiclust"):
        found = [
            ids_of(alcli("query", "-n", "3", "-s", strategy, "--embeddings", name, "--dry-run", "--json"))
            for name in ("v.parquet", "v.npy", "v.jsonl")
        ]
        assert found[0] == found[1] == found[2]
        assert sorted(int(id_) // 10 for id_ in found[0]) == [0, 1, 2]
    # gradients are made of both files
    classified(project / "p.jsonl")
    more = ("--predictions", "p.jsonl", "--embeddings", "v.npy")
    assert len(ids_of(alcli("query", "-n", "3", "-s", "badge", *more, "--dry-run", "--json"))) == 3
    assert alcli("query", "-n", "3", "-s", "kcenter", "--embeddings", "v.npy", "-o", "s.csv").code == 0
    fill(project / "s.csv")
    assert alcli("import-labels", "s.csv", "-q").code == 0
    # the labelled rows are anchors now: no cluster is left, so the farthest of any comes
    assert len(ids_of(alcli("query", "-n", "3", "-s", "kcenter", "--embeddings", "v.npy", "--dry-run", "--json"))) == 3


def test_vectors_beside_a_model_of_ours(trained: Path, alcli: Alcli) -> None:
    np.save(trained / "v.npy", np.random.default_rng(6).normal(size=(30, 4)))
    (trained / "v.ids.txt").write_text("".join(f"{id_}\n" for id_ in IDS))
    run = alcli("query", "-n", "3", "-s", "margin+kmeans", "--embeddings", "v.npy", "--dry-run", "--json")
    assert len(ids_of(run)) == 3


def test_gradients_of_another_system(project: Path, alcli: Alcli) -> None:
    values = (np.repeat(np.eye(3) * 100, 10, axis=0)).tolist()
    write(project / "g.jsonl", [{"id": i, "gradient": v} for i, v in zip(IDS, values, strict=True)])
    run = alcli(
        "query", "-n", "3", "-s", "kcenter", "--space", "gradient", "--predictions", "g.jsonl", "--dry-run", "--json"
    )
    assert sorted(int(id_) // 10 for id_ in ids_of(run)) == [0, 1, 2]


@pytest.mark.parametrize("space", ["probability", "gradient", "embedding", "features"])
def test_distances_in_every_space(project: Path, alcli: Alcli, space: str) -> None:
    classified(project / "p.jsonl")
    file = ("--predictions", "p.jsonl") if space in ("probability", "gradient") else ()
    run = alcli("query", "-n", "3", "-s", "kcenter", "--space", space, *file, "--dry-run", "--json")
    assert len(ids_of(run)) == 3


def test_the_guess_on_the_sheet_is_that_of_the_file(project: Path, alcli: Alcli) -> None:
    classified(project / "p.jsonl")
    run = alcli("query", "-n", "4", "-s", "margin", "--predictions", "p.jsonl", "--with-guess", "-o", "s.csv")
    assert run.code == 0, run.err
    for row in csv.DictReader((project / "s.csv").read_text().splitlines()):
        spam = proba()[row["id"]]
        assert row["guess"] == ("spam" if spam > 0.5 else "ham")
        assert float(row["confidence"]) == pytest.approx(max(spam, 1 - spam), abs=1e-3)


def test_a_guess_that_no_file_gives_is_refused(project: Path, alcli: Alcli) -> None:
    write(project / "r.jsonl", [{"id": id_, "region_scores": [1.0]} for id_ in IDS])
    run = alcli("query", "-n", "4", "-s", "region_max", "--predictions", "r.jsonl", "--with-guess", "-o", "s.csv")
    assert run.code == 1 and "no class probabilities" in run.err and not (project / "s.csv").exists()


def test_predictions_come_through_a_pipe(project: Path, alcli: Alcli) -> None:
    classified(project / "p.jsonl")
    plain = ids_of(alcli("query", "-n", "4", "-s", "margin", "--predictions", "p.jsonl", "--dry-run", "--json"))
    piped = alcli(
        "query", "-n", "4", "-s", "margin", "--predictions", "-", "--json", stdin=(project / "p.jsonl").read_bytes()
    )
    assert ids_of(piped) == plain
    run = alcli("query", "-s", "margin", "--predictions", "-", "--embeddings", "-", stdin=b"")
    assert run.code == 2 and "stdin can be read once" in run.err


def test_alclis_own_predictions_choose_as_its_model_does(trained: Path, alcli: Alcli) -> None:
    own = ids_of(alcli("query", "-n", "6", "-s", "entropy", "--dry-run", "--json"))
    for name in ("p.csv", "p.parquet", "p.jsonl"):
        assert alcli("predict", "--proba", "-o", name, "-q").code == 0
        assert ids_of(alcli("query", "-n", "6", "-s", "entropy", "--predictions", name, "--dry-run", "--json")) == own


def test_auto_takes_a_file_for_a_model(project: Path, alcli: Alcli) -> None:
    classified(project / "p.jsonl")
    for _ in range(2):
        assert alcli("query", "-n", "8", "-s", "random", "-o", "s.csv", "--force", "-q").code == 0
        fill(project / "s.csv")
        assert alcli("import-labels", "s.csv", "-q").code == 0
    run = alcli("query", "-n", "4", "--predictions", "p.jsonl", "--dry-run", "--json")
    assert run.code == 0 and "margin" in run.json["data"]["strategy"], run.err
    run = alcli("query", "-n", "4", "--dry-run", "--json")
    assert "no model yet" in run.json["data"]["reason"]


def test_the_settings_file_may_name_it(project: Path, alcli: Alcli) -> None:
    (project / "data").mkdir()
    classified(project / "data" / "p.jsonl")
    text = (project / "alcli.toml").read_text()
    lines = '[query]\npredictions = "data/p.jsonl"\n'
    (project / "alcli.toml").write_text(text.replace("[query]\n", lines) if "[query]" in text else text + lines)
    assert len(ids_of(alcli("query", "-n", "4", "-s", "margin", "--dry-run", "--json"))) == 4


def test_only_rows_that_may_be_chosen_need_a_prediction(project: Path, alcli: Alcli) -> None:
    assert alcli("query", "-n", "8", "-s", "random", "-o", "s.csv", "-q").code == 0
    out = {row["id"] for row in csv.DictReader((project / "s.csv").read_text().splitlines())}
    rest = [{"id": id_, "spam": p, "ham": 1 - p} for id_, p in proba().items() if id_ not in out]
    write(project / "p.jsonl", rest)
    assert alcli("query", "-n", "4", "-s", "margin", "--predictions", "p.jsonl", "--dry-run").code == 0
    run = alcli("query", "-n", "4", "-s", "margin", "--predictions", "p.jsonl", "--dry-run", "--ask-again")
    assert run.code == 1 and "8 rows have no prediction" in run.err
    english = [record for record in rest if int(record["id"]) % 2]
    write(project / "p.jsonl", english)
    assert (
        alcli("query", "-n", "4", "-s", "margin", "--predictions", "p.jsonl", "--dry-run", "--where", "lang=en").code
        == 0
    )
    run = alcli("query", "-n", "4", "-s", "margin", "--predictions", "p.jsonl", "--json", "-q")
    assert run.code == 1 and run.json["errors"][0]["code"] == "missing-prediction"
    # labelled rows are needed where they are compared with
    fill(project / "s.csv")
    assert alcli("import-labels", "s.csv", "-q").code == 0
    write(project / "p.jsonl", rest)
    more = ("--space", "probability", "--predictions", "p.jsonl", "--dry-run")
    run = alcli("query", "-n", "4", "-s", "kcenter", *more)
    assert run.code == 1 and "8 rows have no prediction" in run.err and "labelled rows" in run.err


REFUSED = {
    "a sum": ({"spam": 0.9, "ham": 0.3}, "sum-not-one", ["'029'", "1.2", "p.jsonl, row 30"]),
    "not a number": (
        {"spam": float("nan"), "ham": 0.3},
        "bad-prediction",
        ["'029'", "NaN", "p.jsonl, row 30, column 'spam'"],
    ),
    "an unknown id": ({"id": "29", "spam": 0.5, "ham": 0.5}, "missing-prediction", ["'029'", "'29'", "on their way"]),
    "an id twice": ({"id": "028", "spam": 0.5, "ham": 0.5}, "duplicate-id", ["'028'", "rows 29 and 30"]),
    "a word": ({"spam": "high", "ham": 0.5}, "not-a-number", ["'high'", "row 30"]),
    "a class lacks": ({"spam": 1.0}, "bad-prediction", ["'029'", "column 'ham'"]),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_wrong_row_is_named_and_nothing_is_done(project: Path, alcli: Alcli, case: str) -> None:
    row, code, words = REFUSED[case]
    records = [{"id": id_, "spam": p, "ham": 1 - p} for id_, p in list(proba().items())[:-1]]
    write(project / "p.jsonl", [*records, {"id": "029", **row}])
    before = state(project)
    run = alcli("query", "-n", "4", "-s", "margin", "--predictions", "p.jsonl", "--json")
    assert run.code == run.json["exit_code"] == 1
    assert run.json["errors"][0]["code"] == code, run.err
    assert all(word in run.err for word in words), run.err
    assert state(project) == before


def test_a_file_of_another_pool_is_refused(project: Path, alcli: Alcli) -> None:
    records = [{"id": id_, "spam": p, "ham": 1 - p} for id_, p in proba().items()]
    write(project / "p.jsonl", [*records, {"id": "x1", "spam": 1, "ham": 0}, {"id": "x2", "spam": 1, "ham": 0}])
    run = alcli("query", "-n", "4", "-s", "margin", "--predictions", "p.jsonl", "--json")
    assert run.code == 1 and run.json["errors"][0]["code"] == "unknown-id"
    assert "2 ids are not in the pool: 'x1', 'x2'" in run.err


def test_wrong_columns_are_told_before_the_pool_is_read(project: Path, alcli: Alcli) -> None:
    # the pool is broken: whoever read it would say so
    (project / "pool.csv").write_text((project / "pool.csv").read_text() + "000,again,en\n")
    write(project / "p.jsonl", [{"id": id_, "spam": 1.0, "eggs": 0.0} for id_ in IDS])
    run = alcli("query", "-s", "margin", "--predictions", "p.jsonl", "--json", "-q")
    assert run.code == 1 and run.json["errors"][0]["code"] == "unknown-class"
    for flag, strategy in (("--predictions", "margin"), ("--embeddings", "kcenter")):
        run = alcli("query", "-s", strategy, flag, "none.jsonl", "--json", "-q")
        assert run.code == 1 and run.json["errors"][0]["code"] == "no-such-file"


def test_strategies_that_the_file_cannot_serve_say_why(project: Path, alcli: Alcli) -> None:
    classified(project / "p.jsonl")
    run = alcli("query", "-s", "bald", "--predictions", "p.jsonl", "--json")
    assert run.code == 1 and run.json["errors"][0]["code"] == "no-signal"
    assert "does not bring" in run.err and "it brings proba" in run.err
    run = alcli("query", "-s", "mnlp", "--predictions", "p.jsonl")
    assert run.code == 1 and "summary of the tokens" in run.err
    run = alcli("query", "-s", "mnlp")
    assert run.code == 1 and "--predictions FILE" in run.err
    write(project / "t.jsonl", [{"id": id_, "token_logprobs": [-1.0]} for id_ in IDS])
    run = alcli("query", "-s", "token_entropy", "--predictions", "t.jsonl", "--json")
    assert run.code == 1 and run.json["errors"][0]["code"] == "no-signal" and "token_top_logprobs" in run.err


def test_strategies_that_learn_again_say_that_they_cannot(project: Path, alcli: Alcli) -> None:
    classified(project / "p.jsonl")
    assert alcli("query", "-n", "8", "-s", "random", "-o", "s.csv", "-q").code == 0
    fill(project / "s.csv")
    assert alcli("import-labels", "s.csv", "-q").code == 0
    run = alcli("query", "-s", "eer_log", "--predictions", "p.jsonl", "--json")
    assert run.code == 1 and run.json["errors"][0]["code"] == "no-signal" and "cannot be fitted" in run.err


def test_a_flag_that_does_nothing_is_refused(project: Path, alcli: Alcli) -> None:
    (project / "some.txt").write_text("001\n")
    classified(project / "p.jsonl")
    for flag in ("--like", "--unlike", "--target", "--cost-matrix"):
        run = alcli("query", "-s", "margin", "--predictions", "p.jsonl", flag, "some.txt")
        assert run.code == 2 and f"`{flag}` does nothing" in run.err
    np.save(project / "v.npy", np.random.default_rng(1).normal(size=(30, 3)))
    (project / "v.ids.txt").write_text("".join(f"{id_}\n" for id_ in IDS))
    for words, flag in (
        (("-s", "margin", "--predictions", "p.jsonl", "--embeddings", "v.npy"), "--embeddings"),
        (("-s", "kcenter", "--predictions", "p.jsonl", "--embeddings", "v.npy"), "--predictions"),
        (("-s", "random", "--predictions", "p.jsonl"), "--predictions"),
    ):
        run = alcli("query", *words, "--dry-run")
        assert run.code == 2 and f"`{flag}` does nothing" in run.err and "alcli strategies NAME" in run.err
    # both are looked at, or what a file says is shown in the sheet
    both = ("--predictions", "p.jsonl", "--embeddings", "v.npy", "--dry-run")
    assert alcli("query", "-s", "margin+kcenter", *both).code == 0
    assert alcli("query", "-s", "badge", *both).code == 0
    assert alcli("query", "-s", "kcenter", "--with-guess", *both).code == 0
    # alcli chose the strategy by what there is, and may choose another one that looks at the file next time
    run = alcli("query", "-s", "schedule", *both)
    assert run.code == 0 and "`--predictions` does nothing this time" in run.err, run.err
    # and a line of alcli.toml is meant for all strategies
    written = (project / "alcli.toml").read_text()
    (project / "alcli.toml").write_text(written.replace("[query]", '[query]\nembeddings = "v.npy"'))
    assert alcli("query", "-s", "margin", "--predictions", "p.jsonl", "--dry-run").code == 0


def test_more_like_these_and_not_like_those(project: Path, alcli: Alcli) -> None:
    # three directions, ten rows each
    random = np.random.default_rng(8)
    np.save(project / "v.npy", np.repeat(np.eye(3) * 10, 10, axis=0) + random.normal(size=(30, 3)))
    (project / "v.ids.txt").write_text("".join(f"{id_}\n" for id_ in IDS))
    (project / "good.txt").write_text("010\n011\n")
    (project / "bad.csv").write_text("id,why\n000,boring\n")
    more = ("--embeddings", "v.npy", "--dry-run", "--json")
    # it looks at the ten rows that are most like them
    (id_,) = ids_of(alcli("query", "-n", "1", "-s", "like", "--like", "good.txt", "--unlike", "bad.csv", *more))
    assert int(id_) // 10 == 1
    run = alcli("query", "-n", "6", "-s", "like", *more)
    assert run.code == 2 and "`--like FILE`" in run.err
    (project / "good.txt").write_text("010\n0110\n")
    run = alcli("query", "-n", "6", "-s", "like", "--like", "good.txt", *more)
    assert run.code == 1 and "'0110'" in run.err


def test_mistakes_cost_what_the_matrix_says(project: Path, alcli: Alcli) -> None:
    classified(project / "p.jsonl")
    (project / "costs.csv").write_text("true,spam,ham\nspam,0,7\nham,2,0\n")
    # to call it spam costs 2 where it is ham, to call it ham 7 where it is spam
    expected = {id_: min(2 * (1 - p), 7 * p) for id_, p in proba().items()}
    more = ("--predictions", "p.jsonl", "--cost-matrix", "costs.csv", "--dry-run", "--json")
    assert set(ids_of(alcli("query", "-n", "5", "-s", "expected_cost", *more))) == best(expected, 5)
    (project / "costs.csv").write_text("true,spam,ham\nspam,0,-7\nham,2,0\n")
    run = alcli("query", "-n", "5", "-s", "expected_cost", *more)
    assert run.code == 1 and run.json["errors"][0]["code"] == "bad-cost-matrix"
    assert "costs.csv, row 2, column 'ham'" in run.err


def test_a_target_that_is_in_the_file_of_passes(project: Path, alcli: Alcli) -> None:
    passes = np.random.default_rng(7).random((31, 5))
    write(
        project / "p.jsonl",
        [{"id": i, "members": [[1 - q, q] for q in p]} for i, p in zip([*IDS, "new"], passes.tolist(), strict=True)],
    )
    (project / "target.txt").write_text("new\n003\n")
    run = alcli(
        "query", "-n", "4", "-s", "epig", "--predictions", "p.jsonl", "--target", "target.txt", "--json", "--dry-run"
    )
    assert len(ids_of(run)) == 4
    (project / "target.txt").write_text("newer\n003\n")
    run = alcli(
        "query", "-n", "4", "-s", "epig", "--predictions", "p.jsonl", "--target", "target.txt", "--json", "--dry-run"
    )
    assert run.code == 1 and "'new'" in run.err


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_jobs_and_cache_do_not_matter(project: Path, alcli: Alcli, jobs: str) -> None:
    classified(project / "p.jsonl")
    line = ("query", "-n", "6", "-s", "margin+kmeans", "--predictions", "p.jsonl", "--json", "--dry-run", "-j", jobs)
    first = ids_of(alcli(*line))
    assert ids_of(alcli(*line)) == first
    without = ("--config", "none", "--pool", "pool.csv", "--classes", "ham,spam", "--text", "text", "-o", "s.csv")
    assert ids_of(alcli(*line, *without)) == first
