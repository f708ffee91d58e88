"""The floor: the barest numpy that makes the same choice, on float32 rows in memory.

    python -m benchmarks.strategies.runners.bare CASE FOLDER BATCH LIMIT

Two forms skip work without changing the result. Minimum distances only fall while rows are chosen, so the
rows with the largest old ones hold the next centre of k-center as long as its new distance is above every old
one outside (`_farthest`); and a draw by old squared distances, kept with chance new / old, is a draw by new
ones (`_drawn`). Both pass over the pool once or twice instead of once for each row.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.bare.scoring import UTILITIES

sys.path.insert(0, str(Path(__file__).parent))
from timed import Data, main

BLOCK = 4096  # rows at a time, so that what is made of them stays in the processor's cache
Case = Callable[[Data], Callable[[], Any]]


def top(utility: str, committee: bool = False) -> Case:
    def case(data: Data) -> Callable[[], Any]:
        weights = data.members if committee else data.weights[None]
        bias = data.member_bias if committee else data.bias[None]
        return lambda: _best(_scored(data, utility, weights, bias)[len(data.y) :], data.batch) + len(data.y)

    return case


def kcenter(data: Data) -> Callable[[], Any]:
    return lambda: _farthest(data.X, _nearest(data.X, data.X[data.labelled]), data.batch)


def kmeans_plusplus(data: Data) -> Callable[[], Any]:
    def call() -> list[int]:
        squares = np.einsum("ij,ij->i", data.X, data.X)
        old = np.maximum(_nearest(data.X, data.X[data.labelled]), 0)
        old[data.labelled] = 0

        def to(at: int, centres: list[int]) -> float:
            between = data.X[centres] @ data.X[at]
            return float((squares[at] - 2 * between + squares[centres]).min())

        return _drawn(old, to, data.batch, [])

    return call


def badge(data: Data) -> Callable[[], Any]:
    """Gradients are products, (p - e) times x, and so are the distances between them."""

    def call() -> list[int]:
        X, held = data.X, len(data.y)
        q = _proba(data.X, data.weights, data.bias)
        q[np.arange(len(q)), q.argmax(axis=1)] -= 1
        squares = np.einsum("ij,ij->i", X, X) * np.einsum("ij,ij->i", q, q)
        squares[:held] = -1
        first = int(squares.argmax())
        old = np.maximum(squares - 2 * (X @ X[first]) * (q @ q[first]) + squares[first], 0)
        old[:held] = 0

        def to(at: int, centres: list[int]) -> float:
            between = (X[centres] @ X[at]) * (q[centres] @ q[at])
            return float((squares[at] - 2 * between + squares[centres]).min())

        return [first, *_drawn(old, to, data.batch - 1, [first])]

    return call


def ranked_batch(data: Data) -> Callable[[], Any]:
    """A pass for each row: the weight of distance falls with every choice, so no old score is a bound."""

    def call() -> list[int]:
        X, held = data.X[len(data.y) :], len(data.y)
        unsure = _scored(data, "least_confident", data.weights[None], data.bias[None])[held:]
        squares = np.einsum("ij,ij->i", X, X)
        near = _nearest(X, data.X[:held])
        chosen: list[int] = []
        for step in range(data.batch):
            share = (len(X) - step) / (len(X) + held)
            score = share * (1 - 1 / (1 + np.sqrt(np.maximum(near, 0)))) + (1 - share) * unsure
            score[chosen] = -np.inf
            at = int(score.argmax())
            chosen.append(at)
            near = np.minimum(near, squares - 2 * (X @ X[at]) + squares[at])
        return [at + held for at in chosen]

    return call


def information_density(data: Data) -> Callable[[], Any]:
    """The mean cosine to all rows is the cosine's product with the mean direction."""

    def call() -> Any:
        X, held = data.X[len(data.y) :], len(data.y)
        lengths = np.sqrt(np.einsum("ij,ij->i", X, X))
        mean = (1 / lengths) @ X / len(X)
        density = (1 + X @ mean / lengths) / 2
        return _best(_scored(data, "entropy", data.weights[None], data.bias[None])[held:] * density, data.batch) + held

    return call


def kmeans(data: Data) -> Callable[[], Any]:
    """Twenty passes of Lloyd's from rows drawn by chance, then the row nearest to each centre."""

    def call() -> Any:
        X, held = data.X[len(data.y) :], len(data.y)
        centres = X[np.random.default_rng(0).choice(len(X), data.batch, replace=False)]
        for _ in range(20):
            sums, counts = np.zeros_like(centres), np.zeros(len(centres), np.float32)
            for start in range(0, len(X), BLOCK):
                block = X[start : start + BLOCK]
                its = (block @ centres.T - (centres**2).sum(axis=1) / 2).argmax(axis=1)
                member = np.zeros((len(block), len(centres)), np.float32)
                member[np.arange(len(block)), its] = 1
                sums += member.T @ block
                counts += member.sum(axis=0)
            centres = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centres)
        best, at = np.full(len(centres), -np.inf, np.float32), np.zeros(len(centres), np.intp)
        for start in range(0, len(X), BLOCK):
            block = X[start : start + BLOCK]
            near = block @ centres.T - np.einsum("ij,ij->i", block, block)[:, None] / 2
            found = near.argmax(axis=0)
            value = near[found, np.arange(len(centres))]
            at[value > best] = start + found[value > best]
            best = np.maximum(best, value)
        return at + held

    return call


def facility_location(data: Data) -> Callable[[], Any]:
    """Lazy greedy over all pairs, so for small pools only."""

    def call() -> list[int]:
        X, held = data.X, len(data.y)
        squares = np.einsum("ij,ij->i", X, X)
        pairs = np.maximum(squares[:, None] - 2 * (X @ X.T) + squares, 0)
        pairs = pairs.max() - pairs
        best = pairs[:, :held].max(axis=1)
        # gains[j]: what row j added when it was last looked at; it can only have fallen since
        gains = np.array([np.maximum(pairs[j] - best, 0).sum() for j in range(len(X))])
        gains[:held] = -1
        chosen: list[int] = []
        while len(chosen) < data.batch:
            at = int(gains.argmax())
            gains[at] = np.maximum(pairs[at] - best, 0).sum()
            if gains[at] >= np.partition(gains, -2)[-2]:
                chosen.append(at)
                best = np.maximum(best, pairs[at])
                gains[at] = -1
        return chosen

    return call


def _proba(X: Any, weights: Any, bias: Any) -> Any:
    """(n, c) float32."""
    p = np.empty((len(X), len(bias)), np.float32)
    for start in range(0, len(X), BLOCK):
        scores = X[start : start + BLOCK] @ weights + bias
        scores -= scores.max(axis=1, keepdims=True)
        np.exp(scores, out=scores)
        p[start : start + BLOCK] = scores / scores.sum(axis=1, keepdims=True)
    return p


def _scored(data: Data, utility: str, weights: Any, bias: Any) -> Any:
    """(n,) larger is better; all members at once."""
    m, d, c = weights.shape
    stack, flat = weights.transpose(0, 2, 1).reshape(m * c, d), bias.reshape(m * c, 1)
    score = _least_confident if utility == "least_confident" else UTILITIES[utility]
    out = np.empty(len(data.X), np.float32)
    for start in range(0, len(out), BLOCK):
        scores = stack @ data.X[start : start + BLOCK].T
        scores += flat
        p = scores.reshape(m, c, -1)
        p -= p.max(axis=1, keepdims=True)
        np.exp(p, out=p)
        p /= p.sum(axis=1, keepdims=True)
        out[start : start + BLOCK] = score(p)
    return out


def _least_confident(p: Any) -> Any:
    return 1 - p[0].max(axis=0)


def _best(values: Any, n: int) -> Any:
    at = np.argpartition(values, -n)[-n:]
    return at[np.argsort(-values[at])]


def _nearest(X: Any, anchors: Any) -> Any:
    """(n,) squared distance to the nearest anchor; -1 or so for the anchors themselves."""
    half = np.einsum("ij,ij->i", anchors, anchors) / 2
    out = np.empty(len(X), np.float32)
    for start in range(0, len(X), BLOCK):
        block = X[start : start + BLOCK]
        closeness = (block @ anchors.T - half).max(axis=1)
        out[start : start + BLOCK] = np.einsum("ij,ij->i", block, block) - 2 * closeness
    return out


def _farthest(X: Any, near: Any, n: int) -> list[int]:
    squares = np.einsum("ij,ij->i", X, X)
    chosen: list[int] = []
    while len(chosen) < n:
        k = min(4096, len(X) - 1)
        order = np.argpartition(near, len(X) - k - 1)[len(X) - k - 1 :]
        outside, some = near[order[0]], order[1:]
        rows, new, found = X[some], near[some].copy(), []
        while len(chosen) + len(found) < n:
            at = int(new.argmax())
            if new[at] < outside:
                break
            found.append(some[at])
            np.minimum(new, squares[some] - 2 * (rows @ rows[at]) + squares[some[at]], out=new)
            new[at] = -1
        near = np.minimum(near, _nearest(X, X[found]))
        near[found] = -1
        chosen += found
    return chosen


def _drawn(old: Any, to: Callable[[int, list[int]], float], n: int, centres: list[int]) -> list[int]:
    """n rows by D² sampling; `old` (m,) are squared distances that hold until the first draw."""
    total = np.cumsum(old, dtype=np.float64)
    rng, chosen, known = np.random.default_rng(0), [], list(centres)
    while len(chosen) < n:
        at = int(np.searchsorted(total, rng.random() * total[-1], side="right"))
        new = min(float(old[at]), max(to(at, known), 0.0)) if known else float(old[at])
        if rng.random() * old[at] < new and at not in known:
            chosen.append(at)
            known.append(at)
    return chosen


if __name__ == "__main__":
    main(
        {
            "least_confident": top("least_confident"),
            "margin": top("margin"),
            "entropy": top("entropy"),
            "vote_entropy": top("vote_entropy", committee=True),
            "mean_kl": top("mean_kl", committee=True),
            "kcenter": kcenter,
            "kmeans++": kmeans_plusplus,
            "badge": badge,
            "ranked_batch": ranked_batch,
            "information_density": information_density,
            "kmeans": kmeans,
            "facility_location": facility_location,
        }
    )
