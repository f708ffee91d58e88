"""A round with modAL on texts: `round_modal.py fit|query PIPELINE LABELS N FILE`.

The pipeline has the same vectorizers as alcli's features and the same estimator. `fit` trains it and keeps
it, as a user would between rounds; `query` opens it, reads the texts and asks modAL for the n best by margin.
It is modAL's own way: a learner holds a scikit-learn pipeline and is given raw texts.
"""

from __future__ import annotations

import csv
import sys
import time
from pathlib import Path

import joblib
import numpy as np
import pyarrow.parquet as pq

setattr(np, "float", float)  # noqa: B010 - modAL was written for numpy before 1.24


def main(what: str, pipeline: str, labels: str, n: str, path: str) -> None:
    from modAL.models import ActiveLearner
    from modAL.uncertainty import margin_sampling

    table = pq.read_table(path)
    ids, texts = table.column("id").to_pylist(), table.column("text").to_pylist()
    with Path(labels).open(encoding="utf-8", newline="") as file:
        answers = {row["id"]: row["label"] for row in csv.DictReader(file)}
    if what == "fit":
        joblib.dump(_pipeline(texts, ids, answers), pipeline)
        return
    learner = ActiveLearner(estimator=joblib.load(pipeline), query_strategy=margin_sampling)
    free = [i for i, name in enumerate(ids) if name not in answers]
    started = time.perf_counter()
    chosen, _ = learner.query(np.array([texts[i] for i in free], dtype=object), n_instances=int(n))
    print(f"seconds {time.perf_counter() - started:.3f}", file=sys.stderr)
    print("\n".join(ids[free[at]] for at in chosen))


def _pipeline(texts: list[str], ids: list[str], answers: dict[str, str]) -> object:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline, make_union

    from alcli.features.texts import KINDS, MOST_TERMS, MOST_TEXTS

    kinds = ("word", "letters") if sorted(map(len, texts))[len(texts) // 2] < 120 else ("word",)
    union = make_union(
        *(
            TfidfVectorizer(**KINDS[kind], sublinear_tf=True, max_features=MOST_TERMS, min_df=3).fit(texts[:MOST_TEXTS])
            for kind in kinds
        )
    )
    at = [i for i, name in enumerate(ids) if name in answers]
    model = LogisticRegression(max_iter=1000)
    model.fit(union.transform([texts[i] for i in at]), [answers[ids[i]] for i in at])
    return make_pipeline(union, model)


main(*sys.argv[1:])
