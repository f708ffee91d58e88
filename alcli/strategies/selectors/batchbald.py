"""A batch whose labels, taken together, tell most about which member of a committee is right."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from alcli.strategies.distances import as_anchors, as_points
from alcli.strategies.selectors.coverage import Worth
from alcli.strategies.utilities.checks import committee_of
from alcli.strategies.utilities.uncertainty import nats

# Probabilities at a time: 16 MB.
_CELLS = 2_000_000
# Gains that differ by less are the same: what is left is rounding.
_DIGITS = 12
# Nats: when the labels of the batch leave less open about the members, there is nothing worth adding.
_SETTLED = 1e-4


def batchbald(
    points: ArrayLike | None,
    n: int,
    *,
    committee: ArrayLike,
    utility: Worth = None,
    labelled: ArrayLike | None = None,
    seed: int = 0,
    states: int = 10_000,
    samples: int = 2_000,
) -> NDArray[np.intp]:
    """Again and again the row that adds most to the information that the batch has about the members.

    Parameters
    ----------
    points : not used, nor is `labelled`: information is not a matter of distances. Checked where given.
    n : rows to choose.
    committee : array of shape (m, q, c)
        Each member's class probabilities of the q candidates, which stand in an order that does not depend on the
        pool's: the lower position wins a tie.
    utility : not used: what a row is worth follows from the committee.
    seed : of the sampled labels.
    states : up to this many combinations of labels of the rows chosen so far, all are gone through.
    samples : beyond it, so many combinations are drawn, as many from each member.

    Returns
    -------
    positions : array of shape (min(n, q),)
        Distinct, in the order of choosing. Each maximises ``I(y_1..y_b; member)`` given the rows before it. When
        no row adds anything, or all that is left to learn about the members is less than 0.0001 nats, the rest
        follow by `bald`. Lazy: what a row adds only falls, so most rows are looked at a few times. Exact until
        `states` is passed, and then as good as the sample. O(max(states, samples) (m + c)) memory.

    Raises
    ------
    ValueError
        If a row is not a distribution, or `states` or `samples` is below 1.

    References
    ----------
    Kirsch, van Amersfoort, Gal (2019). BatchBALD: efficient and diverse batch acquisition for deep Bayesian active
    learning.

    Examples
    --------
    Rows 0 and 1 tell the same; row 2 tells less, but something else.

    >>> one, two = [[0.99, 0.01]] * 2, [[0.01, 0.99]] * 2
    >>> same = np.array([[*one, [0.9, 0.1]], [*one, [0.1, 0.9]], [*two, [0.9, 0.1]], [*two, [0.1, 0.9]]])
    >>> batchbald(None, 2, committee=same)
    array([0, 2])
    """
    for name, value in (("states", states), ("samples", samples)):
        if value < 1:
            raise ValueError(f"{name} must be at least 1, not {value}")
    if points is not None:
        as_anchors(labelled, as_points(points))
    members = committee_of(committee)
    q = members.shape[1]
    n = max(0, min(n, q))
    if n == 0:
        return np.empty(0, dtype=np.intp)
    return _greedy(members, n, states, max(samples, members.shape[0]), np.random.default_rng(seed))


class _Answers:
    """The answers that a batch may get, and what each would say about the members.

    Attributes
    ----------
    chance : (s,) of each combination of answers.
    belief : (s, m) what one would then believe of each member, rows of sum 1.
    """

    def __init__(self, members: int) -> None:
        self.chance = np.ones(1)
        self.belief = np.full((1, members), 1.0 / members)
        self.drawn: NDArray[np.intp] | None = None  # the member that each combination was drawn from

    @property
    def open(self) -> float:
        """What will on average be left to learn about the members: no row can add more."""
        return float(self.chance @ nats(self.belief))

    def add(self, row: NDArray[np.float64], states: int, samples: int, random: np.random.Generator) -> None:
        """One more row in the batch; `row` is (m, c), what members say of it."""
        m, c = row.shape
        if self.drawn is None and len(self.chance) * c > states:
            self._draw(samples, random)
        if self.drawn is None:
            joint = (self.belief * self.chance[:, None])[:, None, :] * row.T[None]
            joint = joint.reshape(-1, m)
            self.chance = joint.sum(axis=1)
            joint, self.chance = joint[self.chance > 0.0], self.chance[self.chance > 0.0]
            self.belief = joint / self.chance[:, None]
            return
        steps = np.cumsum(row, axis=1)[self.drawn]
        answer = (random.random(len(self.drawn))[:, None] * steps[:, -1:] >= steps).sum(axis=1)
        belief = self.belief * row.T[np.minimum(answer, c - 1)]
        self.belief = belief / belief.sum(axis=1, keepdims=True)

    def _draw(self, samples: int, random: np.random.Generator) -> None:
        m = self.belief.shape[1]
        each = -(-samples // m)
        joint = self.belief * self.chance[:, None]
        found = []
        for k in range(m):
            steps = np.cumsum(joint[:, k])
            # spread evenly over the member's answers, with one random start: less noise than single draws
            at = (np.arange(each) + random.random()) / each * steps[-1]
            found.append(np.minimum(np.searchsorted(steps, at, side="right"), len(steps) - 1))
        rows = np.concatenate(found)
        self.drawn = np.repeat(np.arange(m), each)
        shuffled = random.permutation(len(rows))
        rows, self.drawn = rows[shuffled], self.drawn[shuffled]
        self.belief = self.belief[rows]
        self.chance = np.full(len(rows), 1.0 / len(rows))

    def gains(self, members: NDArray[np.float64], own: NDArray[np.float64]) -> NDArray[np.float64]:
        """What each row's label would add: (r,).

        Given a combination of answers, a label tells ``H(sum_k w_k p^k) - sum_k w_k H(p^k)`` about the members,
        w being the belief then; the mean over combinations is what it adds to the batch. `members` is (m, r, c),
        `own` (m, r) the members' entropies.
        """
        m, r, c = members.shape
        out = np.empty(r)
        inside = (self.chance @ self.belief) @ own
        step = max(1, _CELLS // (len(self.chance) * c))
        for start in range(0, r, step):
            block = np.ascontiguousarray(members[:, start : start + step]).reshape(m, -1)
            mixed = self.belief @ block
            logs = np.log(np.maximum(mixed, np.finfo(np.float64).tiny))
            mixed *= logs
            out[start : start + step] = -(self.chance @ mixed).reshape(-1, c).sum(axis=1)
        gain: NDArray[np.float64] = np.round(np.maximum(out - inside, 0.0), _DIGITS)
        return gain


def _greedy(
    members: NDArray[np.float64], n: int, states: int, samples: int, random: np.random.Generator
) -> NDArray[np.intp]:
    own = np.stack([nats(member) for member in members])
    answers = _Answers(len(members))
    gain = answers.gains(members, own)
    alone = gain.copy()
    fresh = np.zeros(len(gain), dtype=np.intp)  # the size of the batch for which each gain was found
    chosen: list[int] = []
    while len(chosen) < n:
        best = -1 if answers.open < _SETTLED else _best(members, own, answers, gain, fresh, len(chosen))
        if best < 0 or gain[best] <= 0.0:
            left = np.setdiff1d(np.arange(len(gain)), chosen)
            order = left[np.argsort(-alone[left], kind="stable")]
            chosen.extend(order[: n - len(chosen)].tolist())
            break
        chosen.append(best)
        gain[best] = -1.0
        if len(chosen) < n:
            answers.add(members[:, best], states, samples, random)
    return np.asarray(chosen, dtype=np.intp)


def _best(
    members: NDArray[np.float64],
    own: NDArray[np.float64],
    answers: _Answers,
    gain: NDArray[np.float64],
    fresh: NDArray[np.intp],
    size: int,
) -> int:
    """The row of most gain, the first of equals; brings up to date only gains that could be the largest."""
    width = 8
    while True:
        best = int(gain.argmax())
        stale = (fresh < size) & (gain > 0.0)
        # A stale gain that equals the best one may belong to an earlier row.
        hopeful = np.flatnonzero(stale & (gain >= gain[best]))
        if len(hopeful) == 0:
            return best
        waiting = np.flatnonzero(stale)
        if len(waiting) > width:
            waiting = waiting[np.argpartition(-gain[waiting], width - 1)[:width]]
        rows = np.unique(np.concatenate([waiting, hopeful[:width]]))
        gain[rows] = answers.gains(members[:, rows], own[:, rows])
        fresh[rows] = size
        width *= 2
