"""What the bare scripts share: a model as plain arrays, utilities of streamed rows, the best n of a stream.

Arrays are float32 and lie class by class, shape (c, n): the fastest form found.
"""

from __future__ import annotations

from typing import Any

import numpy as np

BLOCK = 4096  # rows scored at a time, so that scores stay in the processor's cache


class Linear:
    """A linear model with softmax, or a committee of them."""

    def __init__(self, path: str, strategy: str) -> None:
        kept = np.load(path)
        self.columns = kept["columns"].tolist()
        self.strategy = strategy
        many = strategy in ("vote_entropy", "mean_kl")
        self.weights = kept["members"] if many else kept["weights"][None]  # (m, d, c)
        self.bias = kept["member_bias"] if many else kept["bias"][None]
        m, d, c = self.weights.shape
        self.stack = np.ascontiguousarray(self.weights.transpose(0, 2, 1).reshape(m * c, d))
        self.flat = self.bias.reshape(m * c, 1)

    def utility(self, X: Any) -> Any:
        """Larger is better, shape (n,); `X` has shape (d, n)."""
        m, _, c = self.weights.shape
        out = np.empty(X.shape[1], np.float32)
        for start in range(0, X.shape[1], BLOCK):
            scores = self.stack @ X[:, start : start + BLOCK]
            scores += self.flat
            p = scores.reshape(m, c, -1)
            p -= p.max(axis=1, keepdims=True)
            np.exp(p, out=p)
            p /= p.sum(axis=1, keepdims=True)
            out[start : start + BLOCK] = UTILITIES[self.strategy](p)
        return out


def _margin(p: Any) -> Any:
    two = np.partition(p[0], -2, axis=0)[-2:] if len(p[0]) < 3 else _two_largest(p[0])
    return 1 - (two[1] - two[0])


def _two_largest(p: Any) -> Any:
    first, second = np.maximum(p[0], p[1]), np.minimum(p[0], p[1])
    for row in p[2:]:
        np.maximum(second, np.minimum(first, row), out=second)
        np.maximum(first, row, out=first)
    return second, first


def _entropy(p: Any) -> Any:
    p = np.maximum(p[0], 1e-30)
    return -(p * np.log(p)).sum(axis=0)


def _vote_entropy(p: Any) -> Any:
    votes = p.argmax(axis=1)  # (m, n)
    counts = np.zeros((p.shape[1], p.shape[2]), np.float32)
    where = np.arange(p.shape[2])
    for vote in votes:
        counts[vote, where] += 1
    counts /= len(votes)
    return -(counts * np.log(np.maximum(counts, 1e-30))).sum(axis=0)


def _mean_kl(p: Any) -> Any:
    p = np.maximum(p, 1e-30)
    return (p * (np.log(p) - np.log(p.mean(axis=0)))).sum(axis=1).mean(axis=0)


UTILITIES = {"margin": _margin, "entropy": _entropy, "vote_entropy": _vote_entropy, "mean_kl": _mean_kl}


class Best:
    """The n best of a stream."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.values = np.empty(0, np.float32)
        self.ids: list[str] = []

    def offer(self, values: Any, name: Any) -> None:
        """`name` gives the ids of some positions."""
        at = np.argpartition(values, -self.n)[-self.n :] if len(values) > self.n else np.arange(len(values))
        every = np.concatenate([self.values, values[at]])
        ids = [*self.ids, *name(at)]
        best = np.argsort(-every)[: self.n]
        self.values, self.ids = every[best], [ids[i] for i in best]

    def show(self) -> None:
        print("\n".join(self.ids))
