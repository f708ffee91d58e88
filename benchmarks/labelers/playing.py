"""Plays a campaign with simulated labelers: who is asked about which row, and what the model is worth then.

What decides is `alcli.evaluation.whom`, which tells how good each labeler may be and whose answer tells most, and
ActiveLab, which says whether a row that has an answer deserves another one before a new row does. Labels are what the
answers say by the quality of who gave them, in every way of asking.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from alcli.evaluation.activelab import activelab
from alcli.evaluation.crossval import folds, out_of_fold
from alcli.evaluation.votes import Votes
from alcli.evaluation.whom import Standing, assign, believed, standing, worth_asking
from benchmarks.labelers.sets import Data

ROUND = 20  # answers a round
LEARNING = 3  # rounds in which everybody is asked about the same rows, to learn who is good


@dataclass
class Campaign:
    """One campaign: the answers so far.

    Attributes
    ----------
    right : (l,) the chance that each labeler is right; what is not known to whoever chooses.
    said : (rows of the pool, l) the class that each answered, -1 for none.
    """

    data: Data
    right: tuple[float, ...]
    seed: int
    said: NDArray[np.intp] = field(init=False)
    truthful: NDArray[np.intp] = field(init=False)
    proba: NDArray[Any] = field(init=False)
    belief: NDArray[Any] = field(init=False)
    found: Standing | None = None
    model: Any = None

    def __post_init__(self) -> None:
        rng = np.random.default_rng([self.seed, 7])
        shape = len(self.data.y), len(self.right)
        self.said = np.full(shape, -1)
        # what each would say is drawn once: all ways of asking get the same answers to the same questions
        other = (self.data.y[:, None] + rng.integers(1, self.data.classes, size=shape)) % self.data.classes
        self.truthful = np.where(rng.random(shape) < self.right, self.data.y[:, None], other)

    def ask(self, pairs: list[tuple[int, int]]) -> None:
        for row, who in pairs:
            self.said[row, who] = self.truthful[row, who]

    @property
    def answers(self) -> int:
        return int((self.said >= 0).sum())

    @property
    def rows(self) -> NDArray[np.intp]:
        return np.flatnonzero((self.said >= 0).any(axis=1))

    @property
    def votes(self) -> Votes:
        row, who = np.nonzero(self.said[self.rows] >= 0)
        names = tuple(f"{at:06d}" for at in self.rows)
        classes = tuple(map(str, range(self.data.classes)))
        people = tuple(f"a{at}" for at in range(len(self.right)))
        return Votes(names, people, classes, row, who, self.said[self.rows][row, who])

    def learn(self) -> None:
        """Who is how good, by a model that did not see the labels; then the labels, and the model that learns them."""
        votes, rows = self.votes, self.rows
        quality = np.full(len(self.right), 0.8) if self.found is None else self.found.quality
        for _ in range(2 if self.found is None else 1):
            # as long as all are alike, a tie goes to one and the other by turns
            tie = np.where((votes.labeler + votes.row) % 2 == 0, 1e-6, 0.0)
            belief = believed(votes, quality)
            belief[votes.row, votes.label] += tie
            self.proba = self._held_out(rows, belief.argmax(axis=1))
            self.found = standing(votes, self.proba)
            quality = self.found.quality
        self.belief = believed(votes, quality)
        self.model = self._fitted(rows, self.belief.argmax(axis=1))

    def accuracy(self) -> float:
        return float((self._predict(self.model, self.data.X_test).argmax(axis=1) == self.data.y_test).mean())

    def unanswered(self) -> tuple[NDArray[np.intp], NDArray[Any]]:
        left = np.flatnonzero((self.said < 0).all(axis=1))
        return left, self._predict(self.model, self.data.X[left])

    def _held_out(self, rows: NDArray[np.intp], labels: NDArray[np.intp]) -> NDArray[Any]:
        parts = folds([str(each) for each in labels], 5, self.seed, rows.astype(np.uint64) * np.uint64(2654435761))

        def fit(at: NDArray[np.intp]) -> Callable[[NDArray[np.intp]], NDArray[np.float64]]:
            model = self._fitted(rows[at], labels[at])
            return lambda held: self._predict(model, self.data.X[rows[held]])

        return out_of_fold(fit, parts, len(rows), self.data.classes)

    def _fitted(self, rows: NDArray[np.intp], labels: NDArray[np.intp]) -> Any:
        if len(np.unique(labels)) < 2:
            return int(labels[0])
        return LogisticRegression(max_iter=300).fit(self.data.X[rows], labels)

    def _predict(self, model: Any, X: Any) -> NDArray[np.float64]:
        proba = np.full((X.shape[0], self.data.classes), 1e-9)
        if isinstance(model, int):
            proba[:, model] = 1.0
        else:
            proba[:, model.classes_] = model.predict_proba(X)
        whole: NDArray[np.float64] = proba / proba.sum(axis=1, keepdims=True)
        return whole


def unsure(proba: NDArray[Any], n: int) -> NDArray[np.intp]:
    """The n rows of the smallest margin, the first of equals."""
    two = np.sort(proba, axis=1)[:, -2:]
    return np.argsort(two[:, 1] - two[:, 0], kind="stable")[:n]


def begin(campaign: Campaign) -> None:
    """The first rounds are the same for every way of asking: random rows, asked of everybody."""
    rng = np.random.default_rng([campaign.seed, 1])
    people = len(campaign.right)
    for row in rng.permutation(len(campaign.data.y))[: LEARNING * ROUND // people].tolist():
        campaign.ask([(row, who) for who in range(people)])
    campaign.learn()


def both(campaign: Campaign, turn: int) -> None:
    """The unsurest rows, each asked of everybody."""
    left, proba = campaign.unanswered()
    people = range(len(campaign.right))
    campaign.ask([(int(left[at]), who) for at in unsure(proba, ROUND // len(people)) for who in people])


def in_turn(campaign: Campaign, turn: int) -> None:
    """The unsurest rows, each asked of one labeler, turn about."""
    left, proba = campaign.unanswered()
    people = len(campaign.right)
    campaign.ask([(int(left[row]), at % people) for at, row in enumerate(unsure(proba, ROUND))])


def chosen(campaign: Campaign, turn: int) -> None:
    """Rows with and without answers in one order, each asked of whoever tells most among those worth asking."""
    votes, rows = campaign.votes, campaign.rows
    found = campaign.found
    if found is None:
        raise ValueError("nothing was learned yet")
    able = worth_asking(found)
    scores = activelab(votes, campaign.proba)
    left, proba = campaign.unanswered()
    new = unsure(proba, ROUND)
    free = (campaign.said[rows] < 0) & able
    again = np.flatnonzero(free.any(axis=1))
    order = np.argsort(np.concatenate([scores.score[again], scores.unlabelled(proba[new])]), kind="stable")[:ROUND]
    beliefs = np.concatenate([believed(votes, found.quality, campaign.proba)[again], proba[new]])[order]
    places = np.concatenate([rows[again], left[new]])[order]
    whom = np.concatenate([free[again], np.broadcast_to(able, (len(new), len(able)))])[order]
    campaign.ask([(int(places[row]), who) for row, who in assign(beliefs, found.high, ROUND, free=whom)])


WAYS = {"both": both, "in turn": in_turn, "chosen": chosen}


def play(data: Data, right: tuple[float, ...], way: str, seed: int, answers: int) -> list[tuple[int, float]]:
    """(answers, accuracy on the test rows) after each round, until so many answers are in."""
    campaign = Campaign(data, right, seed)
    begin(campaign)
    curve = [(campaign.answers, campaign.accuracy())]
    turn = 0
    while campaign.answers + ROUND <= answers:
        turn += 1
        WAYS[way](campaign, turn)
        campaign.learn()
        curve.append((campaign.answers, campaign.accuracy()))
    return curve
