"""Which row deserves the next answer: one that has answers already, or a new one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alcli.evaluation.crowdlab import crowdlab, majority_class, several, stacked
from alcli.evaluation.votes import Votes

Numbers = NDArray[np.float64]
_LEAST = 1e-6
# Temperatures that are tried first; then four steps to either neighbour of the best one.
_COARSE = (0.1, 0.2, 0.5, 0.8, 1.0, 2.0, 3.0, 5.0, 8.0)
_STEPS = 4


@dataclass(frozen=True)
class ActiveLab:
    """How sure the labels of rows are, and the scale on which new rows are as sure or less.

    Attributes
    ----------
    score : (n,) of the rows with answers; in (0, 1), the lowest deserves the next answer.
    consensus : (n,) number of the row's likeliest class.
    quality : (n,) probability that it is right.
    model_weight : (m,) of the models, and `labeler_weight` the mean of the labelers' weights.
    labeler_quality : (l,) estimated share of right answers; NaN where too few rows have several answers.
    temperature : (m,) by which probabilities are made softer or sharper.
    """

    score: Numbers
    consensus: NDArray[np.intp]
    quality: Numbers
    labeler_quality: Numbers
    model_weight: Numbers
    labeler_weight: float
    temperature: Numbers

    def unlabelled(self, proba: NDArray[np.floating]) -> Numbers:
        """(n,) scores of rows without answers, comparable with `score`.

        Parameters
        ----------
        proba : (n, c), or (m, n, c) of as many models as the labels were scored with.
        """
        models = stacked(proba)
        if len(models) != len(self.temperature):
            raise ValueError(f"probabilities of {len(models)} models, and there were {len(self.temperature)}")
        m, n, c = models.shape
        if n == 0:
            return np.zeros(0)
        scaled = np.stack([scale(each, heat) for each, heat in zip(models, self.temperature, strict=True)])
        rows = np.arange(n)
        best = scaled[0].argmax(axis=1)
        if m > 1:
            # the class that most models name; of several, the one that all together find likelier, then the first
            said = np.zeros((n, c))
            for each in scaled:
                said[rows, each.argmax(axis=1)] += 1
            best = np.where(said == said.max(axis=1, keepdims=True), scaled.mean(axis=0), -1.0).argmax(axis=1)
        sure = np.tensordot(self.model_weight, scaled[:, rows, best], axes=1)
        total = self.model_weight.sum() + self.labeler_weight
        found: Numbers = (sure + self.labeler_weight / c) / total
        return found


def activelab(
    votes: Votes,
    proba: NDArray[np.floating],
    *,
    temperature: Sequence[float] | None = None,
    overlap: int = 1,
) -> ActiveLab:
    """Score rows by how sure their labels are, so that labelled and new rows stand in one order.

    A row's score is the quality of its consensus, drawn towards 1/c by the weight of one more answer: the
    more answers it has, the less another one would move it.

    Parameters
    ----------
    votes : classes numbered as the columns of `proba`; every row has an answer.
    proba : (n, c), or (m, n, c) for m models, of models that were not fitted on the row.
    temperature : of each model, instead of the one that fits the answers best.
    overlap : with fewer rows of several answers than this, nobody can be weighed: all weights are 1, the quality
        of a label is its probability by the model, and nothing is made softer. It is so whenever no row has two.

    Raises
    ------
    ValueError
        If there is but one class, or if shapes differ.

    References
    ----------
    Goh, Mueller (2023). ActiveLab: active learning with re-labeling by multiple annotators.

    Examples
    --------
    One answer each: a label that the model doubts comes before a new row about which it is nearly sure.

    >>> votes = Votes.of([("r1", "a", "x"), ("r2", "a", "y")])
    >>> found = activelab(votes, np.array([[0.9, 0.1], [0.8, 0.2]]))
    >>> found.score.round(2).tolist(), found.unlabelled(np.array([[0.7, 0.3]])).round(2).tolist()
    ([0.77, 0.3], [0.6])
    """
    models = stacked(proba)
    m, _, c = models.shape
    answers = np.bincount(votes.row, minlength=len(votes.rows))
    if int(several(votes).sum()) < max(1, overlap):
        consensus = majority_class(votes, models)
        quality = models.mean(axis=0)[np.arange(len(consensus)), consensus]
        return ActiveLab(
            score=(quality * (answers + m) + 1.0 / c) / (answers + m + 1.0),
            consensus=consensus,
            quality=quality,
            labeler_quality=np.full(len(votes.labelers), np.nan),
            model_weight=np.ones(m),
            labeler_weight=1.0,
            temperature=np.ones(m),
        )
    heats = np.array([fitting(votes, each) for each in models] if temperature is None else temperature, np.float64)
    models = np.stack([scale(each, heat) for each, heat in zip(models, heats, strict=True)])
    known = crowdlab(votes, models)
    mean = float(known.labeler_weight.mean())
    weight = np.bincount(votes.row, known.labeler_weight[votes.labeler], minlength=len(votes.rows))
    weight = weight + known.model_weight.sum()
    return ActiveLab(
        score=(weight * known.quality + mean / c) / (weight + mean),
        consensus=known.consensus,
        quality=known.quality,
        labeler_quality=known.labeler_quality,
        model_weight=known.model_weight,
        labeler_weight=mean,
        temperature=heats,
    )


def scale(proba: NDArray[np.floating], temperature: float) -> Numbers:
    """(n, c) probabilities made softer (above 1) or sharper (below 1); none stays below 1e-6."""
    safe = np.maximum(np.asarray(proba, dtype=np.float64), _LEAST)
    return _softer(np.log(safe / safe.sum(axis=1, keepdims=True)), temperature)


def fitting(votes: Votes, proba: NDArray[np.floating]) -> float:
    """The temperature by which probabilities come nearest to the shares of the rows' answers, by cross-entropy."""
    counts = votes.counts
    shares = counts / counts.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        logs = np.log(np.asarray(proba, dtype=np.float64))

    def loss(temperature: float) -> float:
        return float(-(shares * np.log(np.maximum(_softer(logs, temperature), _LEAST))).sum(axis=1).mean())

    best = int(np.argmin([loss(each) for each in _COARSE]))
    fine: list[float] = []
    if best > 0:
        fine += np.linspace(_COARSE[best - 1], _COARSE[best], _STEPS, endpoint=False).tolist()
    if best < len(_COARSE) - 1:
        fine += np.linspace(_COARSE[best], _COARSE[best + 1], _STEPS + 1).tolist()
    return fine[int(np.argmin([loss(each) for each in fine]))]


def _softer(logs: Numbers, temperature: float) -> Numbers:
    heated = logs / temperature
    weight = np.exp(heated - heated.max(axis=1, keepdims=True))
    softer: Numbers = weight / weight.sum(axis=1, keepdims=True)
    return softer
