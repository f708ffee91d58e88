"""Fit the model again for every candidate and label: eer_01, eer_log, voi."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import entr

from alcli.strategies.distances import as_anchors, as_points
from alcli.strategies.learners import Fitted, Learner
from alcli.strategies.rank import round_utility
from alcli.strategies.utilities.checks import probabilities

Array = NDArray[np.float64]

# Fits that are asked for before the first is looked at, so that a learner can do them together.
_TOGETHER = 400


Risk = Callable[[Fitted, int, int], float]


def eer_01(
    points: ArrayLike | None,
    n: int,
    *,
    learner: Learner,
    proba: ArrayLike,
    utility: object = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    least: float = 0.0,
    greedy: bool = False,
) -> NDArray[np.intp]:
    """Rows whose label would leave the fewest errors to expect.

    Parameters
    ----------
    points : array of shape (m, d), or None
        Not used.
    n : rows to choose.
    learner : fits the model again; its reference rows stand for the pool.
    proba : array of shape (m, c)
        What the model says of the candidates now: the chance of each label that is tried.
    utility, labelled, seed : not used: nothing is left to chance, and a utility only chooses candidates.
    least : labels of no more than this probability are not tried, and the others are weighed anew. At 0
        that is exact.
    greedy : suppose for each chosen row the label that is likeliest, and look ahead again from there. The
        paper asks one row at a time; without this, a batch is the n best of one look-ahead.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, best first. The expected error of a row is
        ``sum_c p_c mean_u (1 - max_j p_j(u))``, p(u) being the model's after the row got the label c. Takes
        m c fits, and n m c when greedy.

    Raises
    ------
    ValueError
        If `proba` is not made of distributions, or `least` is not in [0, 1).

    References
    ----------
    Roy, McCallum (2001). Toward optimal active learning through sampling estimation of error reduction.

    Examples
    --------
    >>> from alcli.strategies.learners import Nearest
    >>> learner = Nearest([[0.0], [10.0]], [0, 1], candidates=[[1.0], [5.0]], reference=[[4.8], [5.2]])
    >>> eer_01(None, 1, learner=learner, proba=learner.after([], []).candidates())
    array([1])
    """
    return _expected(points, n, learner, proba, labelled, _errors, least, greedy)


def eer_log(
    points: ArrayLike | None,
    n: int,
    *,
    learner: Learner,
    proba: ArrayLike,
    utility: object = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    least: float = 0.0,
    greedy: bool = False,
) -> NDArray[np.intp]:
    """Rows whose label would leave the model surest of the pool.

    Parameters
    ----------
    points : array of shape (m, d), or None
        Not used.
    n : rows to choose.
    learner : fits the model again; its reference rows stand for the pool.
    proba : array of shape (m, c)
        What the model says of the candidates now: the chance of each label that is tried.
    utility, labelled, seed : not used: nothing is left to chance, and a utility only chooses candidates.
    least : labels of no more than this probability are not tried, and the others are weighed anew. At 0
        that is exact.
    greedy : suppose for each chosen row the label that is likeliest, and look ahead again from there. The
        paper asks one row at a time; without this, a batch is the n best of one look-ahead.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, best first. The expected loss of a row is ``sum_c p_c mean_u H(p(u))``, H the entropy
        (with 0 ln 0 = 0) and p(u) the model's after the row got the label c. Takes m c fits, and n m c
        when greedy.

    Raises
    ------
    ValueError
        If `proba` is not made of distributions, or `least` is not in [0, 1).

    References
    ----------
    Roy, McCallum (2001). Toward optimal active learning through sampling estimation of error reduction.

    Examples
    --------
    >>> from alcli.strategies.learners import Nearest
    >>> learner = Nearest([[0.0], [10.0]], [0, 1], candidates=[[1.0], [5.0]], reference=[[4.8], [5.2]])
    >>> eer_log(None, 2, learner=learner, proba=learner.after([], []).candidates())
    array([1, 0])
    """
    return _expected(points, n, learner, proba, labelled, _entropy, least, greedy)


def voi(
    points: ArrayLike | None,
    n: int,
    *,
    learner: Learner,
    proba: ArrayLike,
    labels: ArrayLike,
    costs: ArrayLike,
    reference: ArrayLike | None = None,
    utility: object = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    known: float = 1.0,
    unknown: float = 1.0,
    itself: bool = True,
    least: float = 0.0,
    greedy: bool = False,
) -> NDArray[np.intp]:
    """Rows whose label would save most of the cost of what the model gets wrong.

    Parameters
    ----------
    points : array of shape (m, d), or None
        Tells which candidates are among the rows that stand for the pool: they leave it with their label.
    n : rows to choose.
    learner : fits the model again; its reference rows stand for the pool.
    proba : array of shape (m, c)
        What the model says of the candidates now: the chance of each label that is tried.
    labels : array of shape (l,)
        Class numbers of the labelled rows, in the learner's order.
    costs : array of shape (c, c)
        Cost of predicting column j for a row of class i.
    reference : array of shape (r, d), or None
        The rows that stand for the pool, in the space of `points`.
    utility, labelled, seed : not used: nothing is left to chance, and a utility only chooses candidates.
    known : weight of the cost over labelled rows; 0 leaves it out.
    unknown : weight of the cost over the rows that stand for the pool; 0 leaves it out. N / r makes r rows
        weigh as the N of the pool do.
    itself : whether the row counts among the labelled ones once it has its label.
    least : labels of no more than this probability are not tried, and the others are weighed anew. At 0
        that is exact.
    greedy : suppose for each chosen row the label that is likeliest, and look ahead again from there.

    Returns
    -------
    positions : array of shape (min(n, m),)
        Distinct, best first. What is left to pay after a row got the label c is
        ``known * sum_l sum_j costs[y_l, j] p_j(l) + unknown * sum_u sum_ij costs[i, j] p_i(u) p_j(u)``, the row
        itself being an l and no longer a u; its mean over the row's labels is least for the first. What is paid now, and what a label costs where all
        cost the same, change no order; labels of different cost are `--cost`'s. Takes m c fits.

    Raises
    ------
    ValueError
        If `proba` is not made of distributions, `least` is not in [0, 1), a weight is negative or a cost is
        not finite.

    References
    ----------
    Kapoor, Horvitz, Basu (2007). Selective supervision: guiding supervised learning with decision-theoretic
    active learning. Joshi, Porikli, Papanikolopoulos (2012) and Margineantu (2005) leave out terms.

    Examples
    --------
    >>> from alcli.strategies.learners import Nearest
    >>> learner = Nearest([[0.0], [10.0]], [0, 1], candidates=[[1.0], [5.0]], reference=[[4.8], [5.2]])
    >>> p = learner.after([], []).candidates()
    >>> voi(None, 1, learner=learner, proba=p, labels=[0, 1], costs=[[0, 1], [1, 0]])
    array([1])
    """
    price = np.asarray(costs, dtype=np.float64)
    codes = np.asarray(labels, dtype=np.intp)
    for name, weight in (("known", known), ("unknown", unknown)):
        if not weight >= 0.0:
            raise ValueError(f"{name} must be 0 or more, not {weight}")
    if price.ndim != 2 or price.shape[0] != price.shape[1] or not np.isfinite(price).all():
        raise ValueError(f"costs must be finite and have shape (c, c), not {price.shape}")

    p = opened(points, labelled, proba)
    leaves = _among(points, reference, len(p))

    def left(fitted: Fitted, row: int, code: int) -> float:
        cost = 0.0
        if known and len(codes):
            cost += known * float((price[codes] * fitted.labelled()).sum())
        if known and itself:
            cost += known * float(price[code] @ fitted.candidates([row])[0])
        if unknown:
            q = fitted.reference()
            cost += unknown * float(((q @ price) * q).sum())
            if leaves[row]:
                q = fitted.candidates([row])
                cost -= unknown * float(((q @ price) * q).sum())
        return cost

    return _expected(points, n, learner, p, labelled, left, least, greedy)


def _among(points: ArrayLike | None, reference: ArrayLike | None, rows: int) -> NDArray[np.bool_]:
    """Which candidates, or copies of them, are among the reference rows."""
    if points is None or reference is None:
        return np.zeros(rows, dtype=bool)
    here = as_points(points)
    pool = as_points(reference, "reference").astype(here.dtype)
    known = {row.tobytes() for row in pool + 0.0}  # -0.0 is 0.0
    return np.array([row.tobytes() in known for row in here + 0.0], dtype=bool)


def _errors(fitted: Fitted, row: int, code: int) -> float:
    p = fitted.reference()
    return float((1.0 - p.max(axis=1)).mean()) if len(p) else 0.0


def _entropy(fitted: Fitted, row: int, code: int) -> float:
    p = fitted.reference()
    return float(entr(p).sum()) / len(p) if len(p) else 0.0


def _expected(
    points: ArrayLike | None,
    n: int,
    learner: Learner,
    proba: ArrayLike,
    labelled: ArrayLike | None,
    risk: Risk,
    least: float,
    greedy: bool,
) -> NDArray[np.intp]:
    if not 0.0 <= least < 1.0:
        raise ValueError(f"least must be in [0, 1), not {least}")
    p = opened(points, labelled, proba)
    n = max(0, min(n, len(p)))
    if not greedy:
        if n == 0:
            return np.empty(0, dtype=np.intp)
        return _best_first(expected_risk(learner, p, np.arange(len(p)), risk, least))[:n]
    chosen: list[int] = []
    supposed: list[int] = []
    rest = np.arange(len(p))
    for _ in range(n):
        at = int(_best_first(expected_risk(learner, p, rest, risk, least, chosen, supposed))[0])
        chosen.append(int(rest[at]))
        supposed.append(int(p[at].argmax()))
        rest = np.delete(rest, at)
        if len(rest):
            p = learner.after(chosen, supposed).candidates(rest.tolist())
    return np.asarray(chosen, dtype=np.intp)


def expected_risk(
    learner: Learner,
    p: Array,
    rows: NDArray[np.intp],
    risk: Risk,
    least: float = 0.0,
    chosen: Sequence[int] = (),
    supposed: Sequence[int] = (),
) -> Array:
    """Expected risk after the label of each row: (m,), smaller is better.

    Parameters
    ----------
    p : (m, c), of these rows.
    rows : (m,) positions of candidates.
    risk : of a model after the row, second, got the class number, third.
    chosen, supposed : rows and class numbers that are supposed besides.
    """
    # a row of which no label is likely enough keeps its likeliest
    kept = np.where((p > least) | (p == p.max(axis=1, keepdims=True)), p, 0.0)
    weight = kept / kept.sum(axis=1, keepdims=True)
    found = np.zeros(len(rows))
    at, codes = np.nonzero(weight)
    for first in range(0, len(at), _TOGETHER):
        trials = list(
            zip(at[first : first + _TOGETHER].tolist(), codes[first : first + _TOGETHER].tolist(), strict=True)
        )
        fits = [learner.after([*chosen, int(rows[i])], [*supposed, code]) for i, code in trials]
        for fitted, (i, code) in zip(fits, trials, strict=True):
            found[i] += weight[i, code] * risk(fitted, int(rows[i]), code)
    return found


def _best_first(risk: Array) -> NDArray[np.intp]:
    # Rounding: fits that end a last digit apart are the same.
    return np.argsort(round_utility(risk), kind="stable")


def opened(points: ArrayLike | None, labelled: ArrayLike | None, proba: ArrayLike) -> Array:
    """Probabilities of the candidates, checked; points and labelled rows are only checked."""
    p = probabilities(proba)
    if points is not None:
        rows = as_points(points)
        as_anchors(labelled, rows)
        if len(rows) != len(p):
            raise ValueError(f"points of {len(rows)} rows and proba of {len(p)}: they must have the same shape")
    return p
