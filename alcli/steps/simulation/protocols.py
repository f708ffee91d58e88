"""Published ways to play: how many labels to begin with, how many at a time, for how long, by which model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alcli.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from alcli.steps.simulation.data import Data


@dataclass(frozen=True)
class Setup:
    """What a protocol says of one data set; None where it says nothing."""

    start: int
    count: int
    rounds: int | None
    estimator: str
    split: str
    stratified: bool


@dataclass(frozen=True)
class Protocol:
    """A protocol by its name.

    Attributes
    ----------
    of : called with the data and the size of its pool.
    complete : whether a seed whose first labels miss a class is left out.
    """

    name: str
    summary: str
    of: Callable[[Data, int], Setup]
    complete: bool
    source: str


def _has_text(data: Data) -> bool:
    return "text" in data.roles.values()


def _lu(data: Data, pool: int) -> Setup:
    return Setup(20, 1, None, "rbf-svm", "lu", False)


def _batch(data: Data, pool: int) -> Setup:
    """At most half of the pool is labelled, in 20 rounds at most."""
    text, classes = _has_text(data), len(data.classes)
    start = max(25 if text else 20, 2 * classes)
    count = 25 if text else 10 if pool >= 400 else 5
    rounds = max(1, min(20, (pool // 2 - start) // count))
    return Setup(start, count, rounds, "logistic tol=0.001" if text else "logistic", "share", True)


PROTOCOLS = {
    "A": Protocol(
        "A",
        "one row a round from 20 until the pool is empty, RBF-SVM, 40% test rows",
        _lu,
        True,
        "Lu, Li, Lin 2023, as their public code draws rows",
    ),
    "B": Protocol(
        "B",
        "batches of 10 (text 25, small pools 5) from 20 or more, at most half of the pool, logistic regression, 40% test rows",
        _batch,
        False,
        "after Zhan et al. 2021 and Schröder et al. 2022",
    ),
}


def find_protocol(name: str) -> Protocol:
    """The protocol called so, whatever the case.

    Raises
    ------
    UsageError
        When none is.
    """
    found = PROTOCOLS.get(name.upper())
    if found is None:
        raise UsageError(
            f"no protocol is called {name!r}",
            hint=did_you_mean(name, PROTOCOLS) or f"there are: {', '.join(PROTOCOLS)}",
            code="bad-value",
        )
    return found
