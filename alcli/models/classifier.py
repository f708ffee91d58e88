"""The model of a project: probabilities for the classes of the settings, and a committee."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.errors import ModelError
from alcli.models.heads import Head, LinearHead, committee_of, stack_of

Array = NDArray[np.float64]


class Model:
    """A fitted classifier; made by `fit`.

    Attributes
    ----------
    classes : the classes of the settings; columns of probabilities stand in this order.
    seen : those that had labels, in the same order; the others have probability 0.
    estimator : its name.
    calibration : how scores become probabilities: "none" (the estimator's own), "temperature",
        "sigmoid" (Platt's) or "margin" (a softmax of the margin: too few labels for a sigmoid).
    members : names of the committee's estimators, () without one.
    notes : what the user should hear about the fit.
    """

    def __init__(
        self,
        classes: Sequence[str],
        seen: Sequence[str],
        head: Head,
        heads: Sequence[Head],
        *,
        estimator: str,
        calibration: str,
        members: Sequence[str],
        notes: Sequence[str],
    ) -> None:
        self.classes = tuple(classes)
        self.seen = tuple(seen)
        self.head = head
        self.heads = list(heads)
        self.estimator = estimator
        self.calibration = calibration
        self.members = tuple(members)
        self.notes = tuple(notes)

    def predict_proba(self, X: Any) -> Array:
        """Class probabilities, shape (n, c), columns in the order of `classes`.

        Rows are finite and sum to 1. The array is column-major: class by class in memory.

        Parameters
        ----------
        X : dense float64 or CSR matrix of shape (n, d), from the maker the model was fitted with.
        """
        proba: Array = self._checked(self._spread(self.head.proba(X)[None]))[0].T
        return proba

    def committee_proba(self, X: Any) -> Array:
        """What each member says, shape (m, n, c).

        Raises
        ------
        ModelError
            `no-committee` when the model was trained without one.
        """
        if not self.heads:
            raise ModelError(
                "this model has no committee",
                hint="train one with `alcli train --committee 5`",
                code="no-committee",
            )
        if all(isinstance(head, LinearHead) for head in self.heads):
            linear = [head for head in self.heads if isinstance(head, LinearHead)]
            if len({(head.link, len(head.bias)) for head in linear}) == 1:
                return self._checked(self._spread(committee_of(linear, X, self._stacked(linear)))).transpose(0, 2, 1)
        votes = np.stack([head.proba(X) for head in self.heads])
        return self._checked(self._spread(votes)).transpose(0, 2, 1)

    def decision(self, X: Any) -> Array:
        """Scores before calibration, over the classes seen.

        Shape (n,) when two classes were seen, positive for the second; zeros when it was one; else
        (n, len(seen)), larger for likelier. An estimator without scores gives log-odds or logs.
        """
        return self.head.decision(X)

    @property
    def has_committee(self) -> bool:
        """Whether `committee_proba` can be had."""
        return bool(self.heads)

    def over(self, classes: Sequence[str]) -> Model:
        """The same model over other classes: those it never saw have probability 0.

        Classes that it saw and that are not named stay, behind the others: what a model says of
        them has to go somewhere.
        """
        whole = (*classes, *(name for name in self.seen if name not in classes))
        return Model(
            whole,
            self.seen,
            self.head,
            self.heads,
            estimator=self.estimator,
            calibration=self.calibration,
            members=self.members,
            notes=self.notes,
        )

    def _stacked(self, heads: Sequence[LinearHead]) -> Array:
        """The members' weights side by side, kept in memory but not in the file."""
        stack: Array | None = self.__dict__.get("_stack")
        if stack is None:
            stack = self._stack = stack_of(heads)
        return stack

    def _spread(self, votes: Array) -> Array:
        """(m, s, n) to (m, c, n): zeros for classes without labels."""
        if self.seen == self.classes:
            return votes
        out = np.zeros((votes.shape[0], len(self.classes), votes.shape[2]))
        out[:, [self.classes.index(name) for name in self.seen]] = votes
        return out

    def _checked(self, votes: Array) -> Array:
        # A sum is finite only if all of it is; probabilities are too small to overflow.
        if not np.isfinite(votes.sum()):
            raise ModelError(
                f"{self.estimator} gave probabilities that are not finite",
                hint="train again with another `--estimator` or other `--param`",
                code="bad-probabilities",
            )
        return votes

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_stack"}
