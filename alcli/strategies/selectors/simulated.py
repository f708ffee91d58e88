"""A batch as if its labels came one by one: hallucinated."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.learners import Learner
from alcli.strategies.rank import round_utility
from alcli.strategies.selectors.lookahead import opened
from alcli.strategies.utilities.uncertainty import entropy, least_confident, margin

Array = NDArray[np.float64]

_BY: dict[str, Callable[[Array], Array]] = {"margin": margin, "entropy": entropy, "least_confident": least_confident}


def hallucinated(
    points: ArrayLike | None,
    n: int,
    *,
    learner: Learner,
    proba: ArrayLike,
    utility: object = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    by: str = "margin",
    expected: bool = False,
) -> NDArray[np.intp]:
    """The row that is best, then the best one after the model got the label that it guesses, and so on.

    Parameters
    ----------
    points : array of shape (m, d), or None
        Not used.
    n : rows to choose.
    learner : fits the model again.
    proba : array of shape (m, c)
        What the model says of the candidates now.
    utility, labelled, seed : not used: nothing is left to chance, and a utility only chooses candidates.
    by : what is best: "margin", "entropy" or "least_confident", of the model as supposed so far.
    expected : weigh what each label of the last chosen row would make of the others by the label's
        probability; the rows before it keep the label that was likeliest. Takes c fits a row in place of one.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, in the order of choosing. Takes min(n, m) - 1 fits, each with one more supposed label.

    Raises
    ------
    ValueError
        If `proba` is not made of distributions or `by` is something else.

    References
    ----------
    Azimi, Fern, Zhang-Fern, Borradaile, Heeringa (2012). Batch active learning via coordinated matching.
    google/active-learning calls it simulate_batch.

    Examples
    --------
    >>> from alcli.strategies.learners import Nearest
    >>> rows = [[5.1], [5.2], [5.3], [4.0]]
    >>> learner = Nearest([[0.0], [10.0]], [0, 1], candidates=rows, reference=rows)
    >>> hallucinated(None, 2, learner=learner, proba=learner.after([], []).candidates())
    array([0, 3])
    """
    if by not in _BY:
        raise ValueError(f"by must be one of {', '.join(_BY)}, not {by!r}")
    worth = _BY[by]
    p = opened(points, labelled, proba)
    n = max(0, min(n, len(p)))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    rest = np.arange(len(p))
    chosen: list[int] = []
    supposed: list[int] = []
    values = worth(p)
    while True:
        at = int(round_utility(values).argmax())
        chosen.append(int(rest[at]))
        supposed.append(int(p[at].argmax()))
        if len(chosen) == n:
            return np.asarray(chosen, dtype=np.intp)
        chances = p[at]
        rest = np.delete(rest, at)
        others = rest.tolist()
        if expected:
            codes = np.flatnonzero(chances).tolist()
            fits = {code: learner.after(chosen, [*supposed[:-1], code]) for code in codes}
            values = np.asarray(sum(chances[code] * worth(fits[code].candidates(others)) for code in codes))
            p = fits[supposed[-1]].candidates(others)
        else:
            p = learner.after(chosen, supposed).candidates(others)
            values = worth(p)
