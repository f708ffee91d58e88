"""Labels of several labelers weighed together with a model: how sure is each, and who is how good."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.evaluation.votes import Votes

Numbers = NDArray[np.float64]
# Weights never fall below this, so that a row whose labelers are all poor still has a posterior.
_LEAST = 1e-6


@dataclass(frozen=True)
class Quality:
    """What the answers and the model together say of n rows with answers of l labelers, by m models.

    Attributes
    ----------
    consensus : (n,) number of the likeliest class.
    quality : (n,) probability that it is right.
    proba : (n, c) probabilities of the classes given answers and model; rows sum to 1.
    agreement : (n,) share of the row's answers that are the consensus.
    model_weight : (m,), and `labeler_weight` (l,): how much better than always naming the commonest class; both
        are on one scale, and never below 1e-6.
    labeler_quality : (l,) estimated share of right answers, in [0, 1].
    """

    consensus: NDArray[np.intp]
    quality: Numbers
    proba: Numbers
    agreement: Numbers
    model_weight: Numbers
    labeler_weight: Numbers
    labeler_quality: Numbers


def over(votes: Votes, classes: tuple[str, ...]) -> Votes:
    """The same votes with numbers of these classes, as probabilities of a model have them.

    Raises
    ------
    ValueError
        If a class that was voted for is missing.
    """
    place = {name: at for at, name in enumerate(classes)}
    missing = [name for name in votes.classes if name not in place]
    if missing:
        raise ValueError(f"{missing[0]!r} was voted for and is no class here")
    numbers = np.array([place[name] for name in votes.classes], dtype=np.intp)
    return replace(votes, classes=tuple(classes), label=numbers[votes.label])


def several(votes: Votes) -> NDArray[np.bool_]:
    """(rows,) whether a row has more than one answer."""
    return np.bincount(votes.row, minlength=len(votes.rows)) > 1


def crowdlab(votes: Votes, proba: NDArray[np.floating]) -> Quality:
    """Quality of the consensus of several labelers, with a model as one more of them.

    Each labeler weighs by how often it agrees with the others, the model by how often it names the
    consensus, both measured against naming the commonest class. The consensus starts as the majority
    (ties go to the class that the model finds likelier, then to the rarer class, then to the labelers
    who agree more with the rest, then to the first class) and is the likeliest class of the posterior.

    Parameters
    ----------
    votes : classes numbered as the columns of `proba`, see `over`; every row has an answer.
    proba : (n, c), or (m, n, c) for m models, of models that were not fitted on the row.

    Raises
    ------
    ValueError
        If no row has two answers (there is nothing to weigh anybody by), if there is but one class, or if
        shapes differ.

    References
    ----------
    Goh, Tkachenko, Mueller (2022). CROWDLAB: supervised learning to infer consensus labels and quality
    scores for data with multiple annotators. As theirs, with two differences: the last tie is not drawn by
    chance, and a labeler who shares no row with others has a quality all the same, by the model alone.

    Examples
    --------
    >>> votes = Votes.of([("r1", "a", "x"), ("r1", "b", "x"), ("r2", "a", "y"), ("r2", "b", "x"), ("r3", "a", "y")])
    >>> found = crowdlab(votes, np.array([[0.9, 0.1], [0.2, 0.8], [0.1, 0.9]]))
    >>> found.consensus.tolist(), found.quality.round(2).tolist()
    ([0, 1, 1], [0.9, 0.8, 0.9])
    """
    models = _models(votes, proba)
    alone = ~several(votes)
    if alone.all():
        raise ValueError("no row has two answers, so nobody can be weighed")
    first = _majority(votes, models.mean(axis=0))
    posterior, *_ = _weigh(votes, models, first)
    highest = posterior == posterior.max(axis=1, keepdims=True)
    consensus = np.where(highest.sum(axis=1) == 1, posterior.argmax(axis=1), first)
    posterior, agreement, model_weight, labeler_weight = _weigh(votes, models, consensus)
    return Quality(
        consensus=consensus,
        quality=posterior[np.arange(len(consensus)), consensus],
        proba=posterior,
        agreement=agreement,
        model_weight=model_weight,
        labeler_weight=labeler_weight,
        labeler_quality=_labelers(votes, posterior, consensus, model_weight, labeler_weight),
    )


def majority_class(votes: Votes, proba: NDArray[np.floating]) -> NDArray[np.intp]:
    """(n,) the class of most answers, ties broken as in `crowdlab`; `proba` is (n, c) or (m, n, c)."""
    return _majority(votes, _models(votes, proba).mean(axis=0))


def stacked(proba: NDArray[np.floating]) -> Numbers:
    """(m, n, c) of m models; (n, c) is of one."""
    models = np.asarray(proba, dtype=np.float64)
    return models[None] if models.ndim == 2 else models


def _models(votes: Votes, proba: NDArray[np.floating]) -> Numbers:
    """`stacked`, checked."""
    models = stacked(proba)
    if models.ndim != 3 or models.shape[1:] != (len(votes.rows), len(votes.classes)):
        raise ValueError(
            f"probabilities of shape {np.shape(proba)} do not fit {len(votes.rows)} rows of {len(votes.classes)} classes"
        )
    if len(votes.classes) < 2:
        raise ValueError("with one class there is nothing to decide")
    if len(np.unique(votes.row)) < len(votes.rows):
        raise ValueError("a row has no answer")
    return models


def _majority(votes: Votes, proba: Numbers) -> NDArray[np.intp]:
    counts = votes.counts
    left = counts == counts.max(axis=1, keepdims=True)
    settled = left.sum(axis=1) == 1
    found: NDArray[np.intp] = left.argmax(axis=1)
    for better in (lambda: proba, lambda: np.broadcast_to(-counts.sum(axis=0), counts.shape)):
        left = _best(left, better())
        found = left.argmax(axis=1)
    if (left.sum(axis=1) > 1).any():
        found = _best(left, _trust(votes, found, settled)).argmax(axis=1)
    return found


def _best(left: NDArray[np.bool_], value: Numbers) -> NDArray[np.bool_]:
    """(n, c): of the classes that are left, those of the largest value."""
    within = np.where(left, value, -np.inf)
    best: NDArray[np.bool_] = within == within.max(axis=1, keepdims=True)
    return best


def _trust(votes: Votes, found: NDArray[np.intp], settled: NDArray[np.bool_]) -> Numbers:
    """(n, c): mean agreement with the clear majorities of those who gave the row the class."""
    clear = settled[votes.row]
    people = len(votes.labelers)
    answers = np.bincount(votes.labeler[clear], minlength=people)
    right = np.bincount(votes.labeler[clear], (votes.label == found[votes.row])[clear], minlength=people)
    agrees = _filled(right, answers)
    shape = (len(votes.rows), len(votes.classes))
    cell = votes.row * shape[1] + votes.label
    sums = np.bincount(cell, agrees[votes.labeler], minlength=shape[0] * shape[1]).reshape(shape)
    trust: Numbers = sums / np.maximum(votes.counts, 1.0)
    return trust


def _filled(part: NDArray[Any], whole: NDArray[Any]) -> Numbers:
    """part / whole; where whole is 0 the mean of the others, and 0 where there are none."""
    share = part / np.maximum(whole, 1e-300)
    known = whole > 0
    rest = share[known].mean() if known.any() else 0.0
    filled: Numbers = np.where(known, share, rest)
    return filled


def _weigh(votes: Votes, models: Numbers, consensus: NDArray[np.intp]) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Posterior (n, c), agreement (n,), weights of models (m,) and labelers (l,) by a consensus."""
    counts = votes.counts
    n, c = counts.shape
    answers = counts.sum(axis=1)
    many = answers > 1
    agreement = counts[np.arange(n), consensus] / answers
    sure = float(agreement[many].mean())
    usual = np.bincount(consensus[many], minlength=c).argmax()
    commonest = max(float((consensus[many] != usual).mean()), _LEAST)

    others = counts[votes.row, votes.label] - 1.0
    people = len(votes.labelers)
    agrees = _filled(
        np.bincount(votes.labeler, others, minlength=people),
        np.bincount(votes.labeler, answers[votes.row] - 1.0, minlength=people),
    )
    labeler_weight = np.maximum(1.0 - (1.0 - agrees) / commonest, _LEAST)
    wrong = (models[:, many].argmax(axis=2) != consensus[many]).mean(axis=1)
    model_weight = np.maximum(1.0 - wrong / commonest, _LEAST) * np.sqrt(answers.mean())

    weight = labeler_weight[votes.labeler]
    total = np.bincount(votes.row, weight, minlength=n)
    given = np.bincount(votes.row * c + votes.label, weight, minlength=n * c).reshape(n, c)
    told = sure * given + (1.0 - sure) / (c - 1) * (total[:, None] - given)
    posterior = (np.tensordot(model_weight, models, axes=1) + told) / (total + model_weight.sum())[:, None]
    return posterior, agreement, model_weight, labeler_weight


def _labelers(
    votes: Votes, posterior: Numbers, consensus: NDArray[np.intp], model_weight: Numbers, labeler_weight: Numbers
) -> Numbers:
    """(l,) quality: mean posterior of a labeler's answers, and its agreement with the consensus of shared rows."""
    people = len(votes.labelers)
    answers = np.bincount(votes.labeler, minlength=people)
    likely = np.bincount(votes.labeler, posterior[votes.row, votes.label], minlength=people) / np.maximum(answers, 1)
    shared = several(votes)[votes.row]
    many = np.bincount(votes.labeler[shared], minlength=people)
    right = np.bincount(votes.labeler[shared], (votes.label == consensus[votes.row])[shared], minlength=people)
    per_row = len(votes.row) / len(votes.rows)
    model = float(model_weight.mean())
    part = model / (model + float(labeler_weight.sum()) * per_row / people)
    quality: Numbers = np.where(many > 0, part * likely + (1 - part) * right / np.maximum(many, 1), likely)
    return quality
