"""Logistic regression fitted many times at once, each time with a few supposed rows more.

All fits of one call share the labelled rows, so that their scores and gradients are single matrix
products, and they share a preconditioner: the inverse Hessian at the fit without supposed rows. From
there a fit with one more row is a handful of quasi-Newton steps away. Every step is searched by its
exact slope along the line, which a convex loss lets us trust to the last digits; fits end at the
optimum itself, not at scikit-learn's default tolerance.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.special import expit

Array = NDArray[np.float64]
Codes = NDArray[np.intp]

#: A fit is done when its squared Newton decrement is below this: scores are then right to some 1e-9.
DONE = 1e-17
#: Parameters up to which the Hessian is inverted whole; above, class by class.
WHOLE = 1500
#: Numbers that the inverses of all classes may hold; above, one inverse serves all classes.
BLOCKS = 40_000_000
#: Numbers in the scores of fits that are done together, so that they stay near the processor.
TOGETHER = 400_000
_STEPS, _ROUND, _ROUNDS, _KEPT = 60, 25, 40, 12


@dataclass(frozen=True)
class Penalty:
    """How the loss is put together: ``sum_i w_i loss_i + ridge / 2 ||weights||^2``, the intercept free.

    Attributes
    ----------
    ridge : 1 / C of scikit-learn.
    intercept : whether there is one.
    weight : of classes: None, "balanced" (from the counts, supposed labels included) or class number -> weight.
    """

    ridge: float = 1.0
    intercept: bool = True
    weight: str | Mapping[int, float] | None = None

    def of(self, counts: Array) -> Array | None:
        """Weights of classes for each fit from its labels, both (B, K), or None when all are 1."""
        if self.weight is None:
            return None
        if self.weight == "balanced":
            weights: Array = counts.sum(axis=1, keepdims=True) / (counts.shape[1] * counts)
            return weights
        assert not isinstance(self.weight, str)
        return np.tile([float(self.weight.get(code, 1.0)) for code in range(counts.shape[1])], (len(counts), 1))


class Fits:
    """B logistic regressions over the same labelled rows, each with E rows of its own.

    Parameters
    ----------
    Z : (l, D) labelled rows, a column of ones at the end where there is an intercept.
    target : (l,) their classes, 0..K-1.
    extra : (B, E, D) the rows of each fit.
    supposed : (B, E) their classes.
    classes : K; two classes have one vector of weights, more have K.
    own : (l,) weights of the labelled rows, besides those of the classes; None when all are 1.
    """

    def __init__(
        self,
        Z: Array,
        target: Codes,
        extra: Array,
        supposed: Codes,
        classes: int,
        penalty: Penalty,
        own: Array | None = None,
    ) -> None:
        self.Z, self.target, self.extra, self.supposed = Z, target, extra, supposed
        self.k = 1 if classes == 2 else classes
        fits = len(extra)
        self.ridge = np.full(extra.shape[2], penalty.ridge)
        if penalty.intercept:
            self.ridge[-1] = 0.0
        self.shape = (fits, self.k, extra.shape[2])
        counts = np.tile(np.bincount(target, minlength=classes).astype(float), (fits, 1))
        np.add.at(counts, (np.arange(fits)[:, None], supposed), 1.0)
        weight = penalty.of(counts)
        self.weights = None
        if weight is not None:
            self.weights = weight[:, target], np.take_along_axis(weight, supposed, axis=1)
        if own is not None:
            shared, added = self.weights or (np.ones((fits, len(Z))), np.ones(supposed.shape))
            self.weights = shared * own, added

    def scores(self, theta: Array) -> tuple[Array, Array]:
        """Scores (B, k, l) of the labelled rows and (B, k, E) of the supposed ones."""
        fits, k, width = self.shape
        shared = (theta.reshape(fits * k, width) @ self.Z.T).reshape(fits, k, len(self.Z))
        return shared, theta @ self.extra.transpose(0, 2, 1)

    def residuals(self, shared: Array, own: Array) -> tuple[Array, Array]:
        """Derivatives of the loss by the scores; both inputs are spent."""
        for scores in (shared, own):
            if self.k == 1:
                expit(scores, out=scores)
            else:
                scores -= scores.max(axis=1, keepdims=True)
                np.exp(scores, out=scores)
                scores /= scores.sum(axis=1, keepdims=True)
        if self.k == 1:
            shared[:, 0] -= self.target
            own[:, 0] -= self.supposed
        else:
            shared[:, self.target, np.arange(len(self.target))] -= 1.0
            fits, rows = np.ogrid[: len(self.supposed), : self.supposed.shape[1]]
            own[fits, self.supposed, rows] -= 1.0
        if self.weights is not None:
            shared *= self.weights[0][:, None]
            own *= self.weights[1][:, None]
        return shared, own

    def gradient(self, theta: Array, shared: Array, own: Array) -> Array:
        """(B, k, D) from residuals."""
        fits, k = self.shape[:2]
        found = (shared.reshape(fits * k, len(self.Z)) @ self.Z).reshape(self.shape)
        found += own @ self.extra
        found += self.ridge * theta
        return found

    def descend(self, theta: Array, curvature: Curvature, most: int = _STEPS) -> tuple[Array, NDArray[np.bool_]]:
        """Limited-memory BFGS for all fits at once: parameters (B, k, D), and which fits are done.

        Fits that are done are left out as soon as they are half of those at work.
        """
        found, finished = theta.copy(), np.zeros(len(theta), bool)
        at, fits = np.arange(len(theta)), self
        scores = fits.scores(theta)
        gradient = fits.gradient(theta, *fits.residuals(*(part.copy() for part in scores)))
        history: list[tuple[Array, Array, Array]] = []
        for _ in range(most):
            step = -_turned(gradient, history, curvature)
            slope = _dot(gradient, step)
            done = -slope <= DONE
            if 2 * done.sum() >= len(done):
                found[at], finished[at] = theta, done
                if done.all():
                    return found, finished
                going = np.flatnonzero(~done)
                fits, at = fits._some(going), at[going]
                theta, gradient, step, slope = theta[going], gradient[going], step[going], slope[going]
                scores = scores[0][going], scores[1][going]
                history = [(moved[going], change[going], inverse[going]) for moved, change, inverse in history]
                done = done[going]
            step[done] = 0.0
            move = fits.scores(step)
            length, residuals = fits._search(theta, scores, step, move, np.where(done, 0.0, slope))
            step *= length[:, None, None]
            theta = theta + step
            for old, new in zip(scores, move, strict=True):
                old += length[:, None, None] * new
            before, gradient = gradient, fits.gradient(theta, *residuals)
            change = gradient - before
            product = _dot(step, change)
            inverse = np.divide(1.0, product, out=np.zeros_like(product), where=product > 0.0)
            history = [*history[-_KEPT + 1 :], (step, change, inverse)]
        found[at], finished[at] = theta, done
        return found, finished

    def _some(self, at: NDArray[np.intp]) -> Fits:
        """The fits at these positions."""
        some = copy(self)
        some.extra, some.supposed, some.shape = self.extra[at], self.supposed[at], (len(at), *self.shape[1:])
        if self.weights is not None:
            some.weights = self.weights[0][at], self.weights[1][at]
        return some

    def _search(
        self, theta: Array, scores: tuple[Array, Array], step: Array, move: tuple[Array, Array], slope: Array
    ) -> tuple[Array, tuple[Array, Array]]:
        """How far to go, to where the slope has fallen, and the residuals there.

        The slope along a line only grows, so its zero can be caught between two bounds.
        """
        length = np.ones(len(slope))
        low, high = np.zeros(len(slope)), np.full(len(slope), np.inf)
        at_low, at_high = slope.copy(), np.zeros(len(slope))
        there = np.empty(len(slope))
        still, pull = _dot(self.ridge * theta, step), _dot(self.ridge * step, step)
        residuals = (np.empty_like(scores[0]), np.empty_like(scores[1]))
        at, fits = np.arange(len(slope)), self
        for _ in range(40):
            whole = len(at) == len(slope)
            moves = move if whole else (move[0][at], move[1][at])
            ahead = [length[at, None, None] * new for new in moves]
            for new, old in zip(ahead, scores, strict=True):
                new += old if whole else old[at]
            fits.residuals(*ahead)
            there[at] = _dot(ahead[0], moves[0]) + _dot(ahead[1], moves[1]) + still[at] + length[at] * pull[at]
            if whole:
                residuals = ahead[0], ahead[1]
            else:
                residuals[0][at], residuals[1][at] = ahead
            short, far = there < 0.9 * slope, there > -0.6 * slope
            if not (short | far).any():
                break
            low, at_low = np.where(short, length, low), np.where(short, there, at_low)
            high, at_high = np.where(far, length, high), np.where(far, there, at_high)
            with np.errstate(invalid="ignore", divide="ignore"):
                share = np.clip(-at_low / (at_high - at_low), 0.1, 0.9)
                between = np.where(np.isfinite(high), low + (high - low) * share, 4.0 * length)
            length = np.where(short | far, between, length)
            at = np.flatnonzero(short | far)
            fits = self._some(at)
        return length, residuals


class Curvature:
    """The inverse of the Hessian at some parameters, over labelled rows without supposed ones.

    The Hessian of few parameters is inverted whole. That of many is a matrix for each class minus a product
    of l columns, l being the rows: the inverses of these matrices and one l x l matrix give its inverse
    (Woodbury), as Rasmussen and Williams (2006, algorithm 3.3) do for Gaussian processes. Beyond `BLOCKS`
    it is only approximate, and fits take more steps.

    Parameters
    ----------
    theta : (k, D) where the Hessian is taken.
    weights : (l,) of the labelled rows, or None.
    """

    def __init__(self, Z: Array, theta: Array, ridge: Array, weights: Array | None) -> None:
        k, width = theta.shape
        weight = np.ones(len(Z)) if weights is None else weights
        # The scores of all classes may rise together without a change, and the ridge does not hold the
        # intercept's share of that. No gradient points there, so a small positive number will do.
        held = np.diag(np.maximum(ridge, 1e-6 * max(1.0, float(weight.sum()))))
        self.whole: Array | None = None
        self.rows: Array | None = None
        scores = theta @ Z.T
        if k == 1:
            share = expit(scores[0])
            self.whole = _inverse(_weighed(Z, weight * share * (1.0 - share)) + held)
            return
        p = np.exp(scores - scores.max(axis=0))
        p /= p.sum(axis=0)
        if k * width <= WHOLE:
            self.whole = _inverse(_hessian(Z, p, weight, held))
            return
        alike = bool((p == p[0]).all())
        if not alike and k * width * width > BLOCKS:
            self.blocks = _inverse(_weighed(Z, weight * (p * (1.0 - p)).mean(axis=0)) + held)[None]
            return
        self.blocks = np.stack([_inverse(_weighed(Z, weight * share) + held) for share in (p[:1] if alike else p)])
        self.rows, self.shares = Z, p * np.sqrt(weight)
        inner = np.eye(len(Z))
        for a, share in enumerate(self.shares):
            inner -= np.outer(share, share) * (Z @ self.blocks[0 if alike else a] @ Z.T)
        self.inner = _inverse(inner)

    def times(self, vectors: Array) -> Array:
        """The inverse times each of (B, k, D) vectors."""
        if self.whole is not None:
            return (vectors.reshape(len(vectors), -1) @ self.whole).reshape(vectors.shape)
        found = self._blocks_times(vectors)
        if self.rows is None:
            return found
        fits, k, width = vectors.shape
        across = (found.reshape(fits * k, width) @ self.rows.T).reshape(fits, k, len(self.rows))
        within = np.einsum("bkl,kl->bl", across, self.shares) @ self.inner
        back = (within[:, None] * self.shares).reshape(fits * k, len(self.rows)) @ self.rows
        return found + self._blocks_times(back.reshape(vectors.shape))

    def _blocks_times(self, vectors: Array) -> Array:
        if len(self.blocks) == 1:
            found: Array = vectors @ self.blocks[0]
            return found
        return np.ascontiguousarray((vectors.transpose(1, 0, 2) @ self.blocks).transpose(1, 0, 2))


def _hessian(Z: Array, p: Array, weight: Array, held: Array) -> Array:
    k, width = len(p), Z.shape[1]
    found = np.empty((k, width, k, width))
    for a in range(k):
        for b in range(a, k):
            here = _weighed(Z, weight * ((p[a] if a == b else 0.0) - p[a] * p[b]))
            found[a, :, b] = found[b, :, a] = here
        found[a, :, a] += held
    whole: Array = found.reshape(k * width, k * width)
    return whole


def _weighed(Z: Array, weight: Array) -> Array:
    found: Array = Z.T @ (weight[:, None] * Z)
    return found


def _inverse(matrix: Array) -> Array:
    """Of a symmetric positive definite matrix, scaled to a diagonal of ones before."""
    scale = 1.0 / np.sqrt(np.diag(matrix))
    scaled = matrix * scale * scale[:, None]
    scaled[np.diag_indices(len(scaled))] += 1e-12
    found: Array = cho_solve(cho_factor(scaled), np.diag(scale)) * scale[:, None]
    return (found + found.T) / 2.0


def _dot(left: Array, right: Array) -> Array:
    found: Array = np.einsum("bi,bi->b", left.reshape(len(left), -1), right.reshape(len(right), -1))
    return found


def _turned(gradient: Array, history: list[tuple[Array, Array, Array]], curvature: Curvature) -> Array:
    """The two loops of L-BFGS (Nocedal 1980): the inverse Hessian, as far as it is known, times the gradient."""
    vector = gradient.copy()
    shares = []
    for step, change, inverse in reversed(history):
        share = inverse * _dot(step, vector)
        vector -= share[:, None, None] * change
        shares.append(share)
    vector = curvature.times(vector)
    for (step, change, inverse), share in zip(history, reversed(shares), strict=True):
        vector += (share - inverse * _dot(change, vector))[:, None, None] * step
    return vector


def settle(fits: Fits, theta: Array) -> Array:
    """One fit (B = 1) from wherever it starts: the Hessian is taken anew until it is done."""
    weights = None if fits.weights is None else fits.weights[0][0]
    for _ in range(_ROUNDS):
        theta, done = fits.descend(theta, Curvature(fits.Z, theta[0], fits.ridge, weights), _ROUND)
        if done.all():
            break
    return theta
