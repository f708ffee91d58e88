"""Writes cleanlab.npz and crowd.npz: what cleanlab says of made-up answers, for the tests to compare with.

    python tests/evaluation/recorded/with_cleanlab.py

It needs cleanlab 2.9.0, which the tests do not. crowd.npz is a large crowd: 164 people, ten answers a row. Each case of
cleanlab.npz holds the answers (rows x labelers, NaN where there is none),
the probabilities of one model and of three, and every number that cleanlab gives for them. Where a name ends in
`counted`, cleanlab counted the answers under their own classes; see `right_counts`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

CASES = ((2, 5, 60), (3, 8, 80), (4, 6, 80), (2, 2, 50), (6, 20, 120))  # classes, labelers, rows


@contextmanager
def right_counts() -> Iterator[None]:
    """cleanlab hands answers as floats to a function that puts counts under their classes for whole numbers only.

    For floats it puts them under the first classes, so that one answer for class 2 counts for class 0.
    """
    import cleanlab.internal.multiannotator_utils as inside

    theirs = inside.value_counts
    inside.value_counts = lambda x, **more: theirs(np.asarray(x).astype(int), **more)
    try:
        yield
    finally:
        inside.value_counts = theirs


def made(seed: int, classes: int, labelers: int, rows: int, most: int) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(classes, size=rows)
    right = rng.uniform(0.5, 0.95, labelers)
    answers = np.full((rows, labelers), np.nan)
    for row in range(rows):
        for who in rng.choice(labelers, rng.integers(1, most + 1), replace=False):
            answers[row, who] = truth[row] if rng.random() < right[who] else rng.integers(classes)
    for who in range(labelers):  # cleanlab refuses labelers without an answer
        if np.isnan(answers[:, who]).all():
            answers[who, who] = truth[who]
    models = np.stack(
        [(1 - w) * rng.dirichlet(np.ones(classes), rows) + w * np.eye(classes)[truth] for w in (0.4, 0.6, 0.0)]
    )
    new = np.stack([rng.dirichlet(np.ones(classes), 30) for _ in range(3)])
    given = np.where(rng.random(rows) < 0.15, rng.integers(classes, size=rows), truth)
    return {"answers": answers, "models": models, "new": new, "given": given}


def said(case: dict[str, Any]) -> dict[str, Any]:
    import cleanlab.internal.multiannotator_utils as inside
    from cleanlab import filter as issues
    from cleanlab import multiannotator, rank
    from cleanlab.count import compute_confident_joint

    answers, models, new, given = (case[name] for name in ("answers", "models", "new", "given"))
    one = models[0]
    found: dict[str, Any] = {"joint": compute_confident_joint(given, one, calibrate=False)}
    found["wrong"] = issues.find_label_issues(given, one, filter_by="prune_by_class", n_jobs=1)
    found["confidence"] = rank.get_self_confidence_for_each_label(given, one)
    found["margin"] = rank.get_normalized_margin_for_each_label(given, one)
    found["score"], found["new_score"] = multiannotator.get_active_learning_scores(answers, one.copy(), new[0].copy())
    # theirs writes into what it is given, so it gets copies
    found["score3"], found["new_score3"] = multiannotator.get_active_learning_scores_ensemble(
        answers, models.copy(), new.copy()
    )
    if (np.isfinite(answers).sum(axis=1) == 1).all():
        return found
    found["temperature"] = inside.find_best_temp_scaler(answers, one)
    for name, quality, proba in (
        ("", multiannotator.get_label_quality_multiannotator, one),
        ("3", multiannotator.get_label_quality_multiannotator_ensemble, models),
    ):
        told = quality(answers, proba.copy(), return_weights=True, verbose=False)
        table = told["label_quality"]
        found["consensus" + name] = table["consensus_label"].to_numpy()
        found["quality" + name] = table["consensus_quality_score"].to_numpy()
        found["agreement" + name] = table["annotator_agreement"].to_numpy()
        found["model_weight" + name] = np.atleast_1d(told["model_weight"])
        found["labeler_weight" + name] = told["annotator_weight"]
        found["labeler_quality" + name] = told["annotator_stats"].sort_index()["annotator_quality"].to_numpy()
    with right_counts():
        found["temperature_counted"] = inside.find_best_temp_scaler(answers, one)
        found["score_counted"], found["new_score_counted"] = multiannotator.get_active_learning_scores(
            answers, one.copy(), new[0].copy()
        )
        found["score3_counted"], found["new_score3_counted"] = multiannotator.get_active_learning_scores_ensemble(
            answers, models.copy(), new.copy()
        )
    return found


def crowd() -> None:
    """164 people, a few of whom answer most and some of whom guess, ten answers to each of 800 rows."""
    import cleanlab.internal.multiannotator_utils as inside
    from cleanlab import multiannotator

    rng = np.random.default_rng(164)
    rows, people = 800, 164
    truth = rng.integers(2, size=rows)
    right = np.where(rng.random(people) < 0.2, 0.5, rng.uniform(0.65, 0.95, people))
    busy = rng.pareto(1.2, people) + 0.05
    answers = np.full((rows, people), np.nan)
    for row in range(rows):
        for who in rng.choice(people, 10, replace=False, p=busy / busy.sum()):
            answers[row, who] = truth[row] if rng.random() < right[who] else 1 - truth[row]
    for who in np.flatnonzero(np.isnan(answers).all(axis=0)):  # cleanlab refuses labelers without an answer
        answers[who, who] = truth[who]
    claims = np.where(rng.random(rows) < 0.7, truth, 1 - truth)
    sure = rng.uniform(0.5, 0.9, rows).astype(np.float32).astype(float)
    proba = np.where(np.arange(2) == claims[:, None], sure[:, None], 1 - sure[:, None])
    score, _ = multiannotator.get_active_learning_scores(answers, proba.copy(), proba[:50].copy())
    table = multiannotator.get_label_quality_multiannotator(answers, proba.copy(), verbose=False)["label_quality"]
    with right_counts():
        counted, new = multiannotator.get_active_learning_scores(answers, proba.copy(), proba[:50].copy())
    row, who = np.nonzero(np.isfinite(answers))
    np.savez_compressed(
        Path(__file__).with_name("crowd.npz"),
        row=row.astype(np.uint16),
        labeler=who.astype(np.uint8),
        label=answers[row, who].astype(np.uint8),
        gold=truth.astype(np.uint8),
        proba=proba,
        temperature=inside.find_best_temp_scaler(answers, proba),
        score=score,
        score_counted=counted,
        new_score_counted=new,
        consensus=table["consensus_label"].to_numpy(),
        quality=table["consensus_quality_score"].to_numpy(),
    )


def main() -> None:
    warnings.simplefilter("ignore")
    content = {}
    for seed, (classes, labelers, rows) in enumerate(CASES):
        for kind, most in (("several", min(4, labelers)), ("single", 1)):
            case = made(seed, classes, labelers, rows, most)
            for name, value in {**case, **said(case)}.items():
                content[f"{kind}{seed}_{name}"] = value
    np.savez_compressed(Path(__file__).with_name("cleanlab.npz"), **content)
    crowd()


if __name__ == "__main__":
    main()
