"""Whom to ask: how good each labeler may be, and whose answer to which row is worth its price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.evaluation.crowdlab import majority_class
from alcli.evaluation.votes import Votes

Numbers = NDArray[np.float64]
_MOST = 0.999  # who has always been right may err all the same
# Chances held at one time: a million doubles are 8 MB, however many rows and labelers there are.
_CELLS = 1_000_000
# Where the estimate begins, and its rounds at most: everybody is mostly right.
_FIRST, _ROUNDS = 0.8, 200


@dataclass(frozen=True)
class Standing:
    """What is known of l labelers.

    Attributes
    ----------
    answers : (l,) answers that could be judged.
    quality : (l,) estimated share of right answers.
    low, high : (l,) interval of it; of who has answered little it is wide, so that `high` makes them be tried.
    """

    answers: NDArray[np.intp]
    quality: Numbers
    low: Numbers
    high: Numbers

    def of(self, labelers: Sequence[int]) -> Standing:
        """What is known of some of them, in this order."""
        at = np.asarray(labelers, dtype=np.intp)
        return Standing(self.answers[at], self.quality[at], self.low[at], self.high[at])


def standing(
    votes: Votes,
    proba: NDArray[np.floating],
    *,
    known: NDArray[np.integer] | None = None,
    level: float = 0.95,
) -> Standing:
    """How good each labeler is, judged by the others and by a model.

    What the model finds likeliest counts as one more answer to every row. So two labelers can be told apart, who
    disagree with each other equally often, and so can labelers who share no row. How often each is right is
    estimated together with what is right, by expectation maximisation; all wrong classes count as alike.

    Parameters
    ----------
    votes : classes numbered as the columns of `proba`; every row has an answer.
    proba : (rows, classes), or (m, rows, classes), of models that were not fitted on the row.
    known : (rows,) the true class where it is known, as of gold rows; else -1.
    level : of the interval.

    References
    ----------
    Dawid, Skene (1979), with one chance of error a labeler in place of a table. Donmez, Carbonell, Schneider (2009).
    Efficiently learning the accuracy of labeling sources for selective sampling (IEThresh): the interval is theirs,
    mean and Student's t over a labeler's own answers, which they judge by the majority alone. Two answers, one
    right and one wrong, are added to each labeler's, so that there is an interval before the first.
    """
    from scipy.stats import t as student

    models = np.asarray(proba, dtype=np.float64)
    mean = models if models.ndim == 2 else models.mean(axis=0)
    majority_class(votes, mean)  # checks the shapes
    n, c, people = len(votes.rows), len(votes.classes), len(votes.labelers)
    says = mean.argmax(axis=1)
    truth = np.full(n, -1) if known is None else np.asarray(known)
    fixed = truth >= 0
    every = replace(
        votes,
        labelers=(*votes.labelers, ""),
        row=np.concatenate([votes.row, np.arange(n)]),
        labeler=np.concatenate([votes.labeler, np.full(n, people)]),
        label=np.concatenate([votes.label, says]),
    )
    answers = np.bincount(every.labeler, minlength=people + 1)
    quality = np.full(people + 1, _FIRST)
    for _ in range(_ROUNDS):
        belief = believed(every, quality)
        belief[fixed] = np.eye(c)[truth[fixed]]
        right = np.bincount(every.labeler, belief[every.row, every.label], minlength=people + 1)
        before, quality = quality, (right + 1.0) / (answers + 2.0)
        if np.abs(quality - before).max() < 1e-6:
            break
    own, quality = answers[:people], quality[:people]
    half = np.sqrt(quality * (1.0 - quality) / (own + 1.0)) * student.ppf(0.5 + level / 2.0, own + 1.0)
    return Standing(own, quality, np.clip(quality - half, 0.0, 1.0), np.clip(quality + half, 0.0, 1.0))


def believed(votes: Votes, quality: ArrayLike, prior: ArrayLike | None = None) -> Numbers:
    """(rows, classes): probabilities of the classes given the answers of labelers of known quality.

    Parameters
    ----------
    quality : (l,) the chance that a labeler is right; wrong answers are any other class alike.
    prior : (rows, classes) of a model that was not fitted on the row; by default all classes are alike.

    Examples
    --------
    Who is better is believed, though the other says something else:

    >>> votes = Votes.of([("r1", "a", "x"), ("r1", "b", "y")])
    >>> believed(votes, [0.95, 0.7]).round(2).tolist()
    [[0.89, 0.11]]
    """
    q = np.clip(np.asarray(quality, dtype=np.float64), 1e-6, _MOST)
    n, c = len(votes.rows), len(votes.classes)
    logs = np.zeros((n, c)) if prior is None else np.log(np.maximum(np.asarray(prior, dtype=np.float64), 1e-12))
    gain = np.log(q) - np.log((1.0 - q) / (c - 1))
    logs = logs + np.bincount(votes.row * c + votes.label, gain[votes.labeler], minlength=n * c).reshape(n, c)
    weight = np.exp(logs - logs.max(axis=1, keepdims=True))
    found: Numbers = weight / weight.sum(axis=1, keepdims=True)
    return found


def worth_asking(found: Standing, threshold: float = 0.9) -> NDArray[np.bool_]:
    """(l,) who may be as good as the best: whose upper bound is near enough to the highest.

    Parameters
    ----------
    threshold : in (0, 1]; 1 leaves the one of the highest bound, and low values leave everybody.

    References
    ----------
    Donmez, Carbonell, Schneider (2009), as above.

    Examples
    --------
    >>> some = Standing(np.array([50, 50, 2]), *np.array([[0.9, 0.6, 0.6], [0.85, 0.5, 0.1], [0.95, 0.7, 0.99]]))
    >>> worth_asking(some).tolist()
    [True, False, True]
    """
    if not 0 < threshold <= 1:
        raise ValueError(f"the threshold must be in (0, 1], not {threshold}")
    best: NDArray[np.bool_] = found.high >= threshold * found.high.max(initial=0.0)
    return best


def information(proba: ArrayLike, quality: ArrayLike) -> Numbers:
    """(n, l): what an answer of each labeler tells about the class of each row, in bits.

    It is the mutual information of class and answer: how much surer one is of the class after the answer,
    on average. It is 0 where the class is certain, and for a labeler who guesses.

    Parameters
    ----------
    proba : (n, c) of what is believed of the rows now, their answers included. Memory grows with n l, not n l c.
    quality : (l,) the chance that a labeler is right; wrong answers are any other class.

    References
    ----------
    Donmez, Carbonell (2008). Proactive learning: cost-sensitive active learning with multiple imperfect oracles:
    a labeler's answer is worth what it tells; divided by its price it is their utility.

    Examples
    --------
    >>> information([[0.5, 0.5], [0.99, 0.01]], [0.5, 0.7, 0.95]).round(2).tolist()
    [[0.0, 0.12, 0.71], [0.0, 0.0, 0.04]]
    """
    p = np.asarray(proba, dtype=np.float64)
    q = np.clip(np.asarray(quality, dtype=np.float64), 0.0, 1.0)
    c = p.shape[1]
    wrong = (1.0 - q) / (c - 1)
    noise = _entropy(np.stack([q, *[wrong] * (c - 1)], axis=1))
    told = np.empty((len(p), len(q)))
    step = max(1, _CELLS // max(1, len(q) * c))
    for start in range(0, len(p), step):
        own = p[start : start + step, None, :]
        said = q[None, :, None] * own + wrong[None, :, None] * (1.0 - own)
        told[start : start + step] = np.maximum(_entropy(said) - noise, 0.0)
    return told


def _entropy(p: Numbers) -> Numbers:
    """In bits, over the last axis."""
    bits: Numbers = -np.where(p > 0, p * np.log2(np.maximum(p, 1e-300)), 0.0).sum(axis=-1)
    return bits


def assign(
    proba: ArrayLike,
    quality: ArrayLike,
    n: int,
    *,
    cost: ArrayLike | None = None,
    free: ArrayLike | None = None,
    most: ArrayLike | None = None,
    each: ArrayLike = 1,
) -> list[tuple[int, int]]:
    """The n answers that tell most for their price: (row, labeler), the best first.

    A row is asked at most once of a labeler; of equals the first row, then the first labeler.

    Parameters
    ----------
    proba : (n, c) of what is believed of the rows now.
    quality : (l,) the chance that a labeler is right: `Standing.high` tries those of whom little is known.
    cost : (l,) the price of an answer; all alike by default.
    free : (n, l) whom each row may be asked of; by default of all.
    most : (l,) how many answers each may be asked for; any number by default.
    each : of how many labelers a row may be asked, or (n,) of how many each row.

    Examples
    --------
    One is better, the other cheaper; a row that is nearly certain is worth neither:

    >>> assign([[0.5, 0.5], [0.6, 0.4], [0.99, 0.01]], [0.95, 0.7], 2)
    [(0, 0), (1, 0)]
    >>> assign([[0.5, 0.5], [0.6, 0.4], [0.99, 0.01]], [0.95, 0.7], 2, cost=[10, 1])
    [(0, 1), (1, 1)]
    """
    gain = information(proba, quality)
    rows, people = gain.shape
    price = np.ones(people) if cost is None else np.asarray(cost, dtype=np.float64)
    if price.shape != (people,) or (price <= 0).any():
        raise ValueError("a price above 0 is needed for each labeler")
    gain = gain / price
    allowed = np.ones(gain.shape, bool) if free is None else np.array(free, dtype=bool)
    left = np.full(people, rows) if most is None else np.array(most, dtype=np.intp)
    order = np.argsort(-np.round(gain, 12), axis=None, kind="stable")
    taken: list[tuple[int, int]] = []
    wanted = np.broadcast_to(np.asarray(each, dtype=np.intp), rows).copy()
    for at in order.tolist():
        if len(taken) == n:
            break
        row, who = divmod(at, people)
        if allowed[row, who] and left[who] > 0 and wanted[row] > 0:
            wanted[row] -= 1
            left[who] -= 1
            taken.append((row, who))
    return taken
