"""Signals of every kind for any number of rows, and strategies' functions at work on them."""

from __future__ import annotations

import numpy as np

from alcli.strategies import SIGNALS, UTILITIES
from alcli.strategies.calls import prepare, score
from alcli.strategies.calls import select as played

ROWS, CLASSES, MEMBERS, WIDTH = 50, 4, 5, 3


def signals(rows: int = ROWS, classes: int = CLASSES, seed: int = 0, width: int = WIDTH) -> dict[str, object]:
    random = np.random.default_rng(seed)
    of_rows = {
        "proba": random.dirichlet(np.ones(classes), size=rows),
        "committee": random.dirichlet(np.ones(classes), size=(MEMBERS, rows)),
        "decision": random.normal(size=(rows, classes)),
        "space": random.normal(size=(rows, width)),
        "matrix": random.normal(size=(rows, width)),
        "dropout": random.dirichlet(np.ones(classes), size=(MEMBERS, rows)),
        "sequence": np.column_stack([-random.random((rows, 2)), random.random((rows, 1))]),
        "regions": random.random((rows, 3)),
    }
    return of_rows | shared(classes, width)


def shared(classes: int, width: int) -> dict[str, object]:
    """Signals of the whole choice: 12 labelled rows, 30 drawn from the pool, 4 examples."""
    random = np.random.default_rng(99)
    labels = np.arange(12) % classes
    return {
        "labelled": random.normal(size=(12, width)) + labels[:, None],
        "labels": labels,
        "labelled_proba": random.dirichlet(np.ones(classes), size=12),
        "reference": random.normal(size=(30, width)),
        "reference_proba": random.dirichlet(np.ones(classes), size=30),
        "target": random.dirichlet(np.ones(classes), size=(MEMBERS, 20)),
        "mean": np.full(width, 0.1),
        "liked": random.normal(size=(4, width)),
        "unliked": random.normal(size=(4, width)),
        "costs": 1.0 - np.eye(classes),
    }


def taken(given: dict[str, object], rows: object) -> dict[str, object]:
    at = np.arange(len(given["space"]))[rows]
    return {
        name: array.take(at, axis=SIGNALS[name].axes.index("n")) if SIGNALS[name].of_rows else array
        for name, array in given.items()
    }


def classes_of(row: object) -> int:
    return 2 if row.binary else CLASSES


def signals_of(name: str, **more: object) -> dict[str, object]:
    """Signals with as many classes as the utility is defined for."""
    return signals(**{"classes": classes_of(UTILITIES[name]), **more})


def values(name: str, given: dict[str, object]) -> np.ndarray:
    row = UTILITIES[name]
    return score(row, given, len(given["space"]), {}, prepare(row, given, 0, {}))


class Learner:
    """A model that can be fitted again: the nearest class mean, softly."""

    def __init__(self, points: np.ndarray, given: dict[str, object], classes: int) -> None:
        self.points, self.given, self.classes = np.asarray(points, np.float64), given, classes

    def after(self, rows: object, codes: object) -> Fitted:
        where = np.concatenate([self.given["labelled"], self.points[list(rows)]])
        return Fitted(self, where, np.concatenate([self.given["labels"], list(codes)]).astype(int))


class Fitted:
    def __init__(self, learner: Learner, where: np.ndarray, labels: np.ndarray) -> None:
        self.learner = learner
        self.means = np.full((learner.classes, where.shape[1]), np.inf)  # a class without rows is infinitely far
        for code in np.unique(labels):
            self.means[code] = where[labels == code].mean(axis=0)

    def _proba(self, rows: np.ndarray) -> np.ndarray:
        away = np.sqrt(((rows[:, None] - self.means) ** 2).sum(axis=2))
        scale = 1.0 + away.max(initial=0.0, where=np.isfinite(away))
        weight = np.exp(-(away - away.min(axis=1, keepdims=True)) / scale)
        return weight / weight.sum(axis=1, keepdims=True)

    def reference(self) -> np.ndarray:
        return self._proba(self.learner.given["reference"])

    def labelled(self) -> np.ndarray:
        return self._proba(self.learner.given["labelled"])

    def candidates(self, rows: object = None) -> np.ndarray:
        return self._proba(self.learner.points if rows is None else self.learner.points[list(rows)])


def select(selector: object, points: np.ndarray, n: int, **given: object) -> np.ndarray:
    """A selector at work, with every signal that it needs."""
    classes = classes_of(selector)
    found = signals(len(points), classes, seed=len(points), width=points.shape[1])
    # as wide as the cloud, wherever it lies
    sound = points[np.isfinite(points).all(axis=1)] if len(points) else np.zeros((1, points.shape[1]))
    for name in ("labelled", "reference", "liked", "unliked"):
        found[name] = found[name] * float(np.std(sound, dtype=float)) + float(np.mean(sound, dtype=float))
    if given.get("labelled") is not None:
        if np.shape(given["labelled"])[1] == points.shape[1]:
            found["labelled"] = np.asarray(given["labelled"], np.float64)
        for name in ("labels", "labelled_proba"):
            found[name] = found[name][: len(given["labelled"])]
    found["learner"] = Learner(points, found, classes)
    return played(selector, points, n, signals=found, **given)
