"""The sets that are played on: what comes with alcli and with scikit-learn, so that nothing is fetched."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Data:
    """A pool with the truth about it, and test rows."""

    name: str
    X: Any
    y: NDArray[np.intp]
    X_test: Any
    y_test: NDArray[np.intp]
    classes: int


@cache
def _digits() -> tuple[Any, NDArray[np.intp]]:
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return X / 16.0, y


@cache
def _cancer() -> tuple[Any, NDArray[np.intp]]:
    from sklearn.datasets import load_breast_cancer
    from sklearn.preprocessing import StandardScaler

    X, y = load_breast_cancer(return_X_y=True)
    return StandardScaler().fit_transform(X), y


@cache
def _sms() -> tuple[Any, NDArray[np.intp]]:
    from sklearn.decomposition import TruncatedSVD
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.preprocessing import Normalizer

    folder = ROOT / "sample_data"
    with (folder / "sms_pool.csv").open(encoding="utf-8", newline="") as file:
        texts = {row["id"]: row["text"] for row in csv.DictReader(file)}
    with (folder / "sms_answers.csv").open(encoding="utf-8", newline="") as file:
        labels = {row["id"]: row["label"] for row in csv.DictReader(file)}
    ids = sorted(set(texts) & set(labels))
    words = TfidfVectorizer(sublinear_tf=True, min_df=2).fit_transform([texts[id_] for id_ in ids])
    X = Normalizer().fit_transform(TruncatedSVD(100, random_state=0).fit_transform(words))
    return X * 4.0, np.array([labels[id_] == "spam" for id_ in ids], np.intp)


SETS = {"sms": _sms, "digits": _digits, "breast cancer": _cancer}


def load(name: str, seed: int) -> Data:
    """A set, its rows dealt anew for each seed: 30% are test rows, at most 2,000 of the others the pool."""
    X, y = SETS[name]()
    order = np.random.default_rng([seed, 3]).permutation(len(y))
    cut = int(0.3 * len(y))
    test, pool = order[:cut], order[cut : cut + 2000]
    return Data(name, X[pool], y[pool], X[test], y[test], int(y.max()) + 1)
