from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies.selectors import mutual
from alcli.strategies.selectors.mutual import flcmi, flvmi, logdetmi
from alcli.strategies.selectors.targeted import flcg


def squares(left, right):
    return ((left[:, None] - right) ** 2).sum(axis=2)


def rbf(left, right, pool):
    return np.exp(-squares(left, right) / squares(pool, pool.mean(axis=0)[None]).mean())


def greedily(value, m, n):
    chosen = []
    for _ in range(n):
        gains = np.full(m, -np.inf)
        for row in set(range(m)) - set(chosen):
            gains[row] = value([*chosen, row])
        chosen.append(int((gains >= gains.max() - 1e-7 * abs(gains.max())).argmax()))
    return chosen


def some(m, seed=0):
    return np.random.default_rng(seed).normal(size=(m, 2))


ROWS, LIKED, UNLIKED, POOL = some(30), some(4, 1) + 1.0, some(3, 2) - 1.0, some(50, 3)


@pytest.mark.parametrize("eta", [1.0, 0.5, 2.0])
def test_flvmi_is_greedy_on_its_function(eta):
    similar, most = rbf(POOL, ROWS, POOL), eta * rbf(POOL, LIKED, POOL).max(axis=1)

    def value(chosen):
        return np.minimum(similar[:, chosen].max(axis=1), most).sum()

    got = flvmi(ROWS, 6, liked=LIKED, reference=POOL, eta=eta)
    assert got.tolist() == greedily(value, 30, 6)


@pytest.mark.parametrize(("eta", "nu"), [(1.0, 1.0), (1.0, 0.4), (0.8, 0.6)])
def test_flcmi_is_greedy_on_its_function(eta, nu):
    similar, most = rbf(POOL, ROWS, POOL), eta * rbf(POOL, LIKED, POOL).max(axis=1)
    far = nu * rbf(POOL, UNLIKED, POOL).max(axis=1)

    def value(chosen):
        return np.maximum(np.minimum(similar[:, chosen].max(axis=1), most) - far, 0.0).sum()

    got = flcmi(ROWS, 6, liked=LIKED, unliked=UNLIKED, reference=POOL, eta=eta, nu=nu)
    assert got.tolist() == greedily(value, 30, 6)


@pytest.mark.parametrize("unliked", [0, 3])
def test_logdetmi_is_greedy_on_its_function(unliked):
    against = UNLIKED[:unliked]
    everything = np.concatenate([ROWS, against, LIKED])
    S = rbf(everything, everything, POOL) + 1e-8 * np.eye(len(everything))

    def given(chosen, known):
        """ln det of the similarities of the chosen rows, conditional on some others."""
        joint = np.linalg.slogdet(S[np.ix_([*chosen, *known], [*chosen, *known])])[1]
        return joint - (np.linalg.slogdet(S[np.ix_(known, known)])[1] if known else 0.0)

    p, q = list(range(30, 30 + unliked)), list(range(30 + unliked, len(everything)))

    def value(chosen):
        return given(chosen, p) - given(chosen, [*p, *q])

    got = logdetmi(ROWS, 8, liked=LIKED, unliked=against, reference=POOL)
    assert got.tolist() == greedily(value, 30, 8)


def test_worked_by_hand():
    line, b = np.array([[0.0], [2.0], [6.0]]), {"reference": np.array([[0.0], [2.0], [6.0]]), "bandwidth": 2.0}
    # Row 0 lies on the example, row 1 a bandwidth from it (s = 1/e), row 2 three: only the first covers as much.
    assert flvmi(line, 1, liked=line[:1], **b).tolist() == [0]
    assert logdetmi(line, 1, liked=line[:1], **b).tolist() == [0]
    # With row 0 covered by what is not wanted, nothing that it covers counts: what the example at 6 covers does.
    assert flcmi(line, 1, liked=line[[0, 2]], unliked=line[:1], **b).tolist() == [2]
    assert logdetmi(line, 1, liked=line[[0, 2]], unliked=line[:1], **b).tolist() == [2]


def test_without_unwanted_examples_flcmi_is_flvmi_and_with_examples_everywhere_flcg():
    none = flcmi(ROWS, 5, liked=LIKED, reference=POOL)
    assert none.tolist() == flvmi(ROWS, 5, liked=LIKED, reference=POOL).tolist()
    everywhere = flcmi(ROWS, 8, liked=POOL, unliked=UNLIKED, reference=POOL)
    assert flcmi(ROWS, 8, unliked=UNLIKED, reference=POOL).tolist() == everywhere.tolist()
    assert everywhere.tolist() == flcg(ROWS, 8, unliked=UNLIKED, reference=POOL).tolist()


def test_logdetmi_of_unwanted_examples_alone_is_the_conditional_determinant():
    everything = np.concatenate([ROWS, UNLIKED])
    S, p = rbf(everything, everything, POOL) + 1e-8 * np.eye(33), [30, 31, 32]

    def value(chosen):
        return np.linalg.slogdet(S[np.ix_([*chosen, *p], [*chosen, *p])])[1]

    assert logdetmi(ROWS, 8, unliked=UNLIKED, reference=POOL).tolist() == greedily(value, 30, 8)


def test_many_examples_are_cut_to_the_first(monkeypatch):
    liked, unliked = some(40, 4) + 1.0, some(40, 5) - 1.0
    few = logdetmi(ROWS, 5, liked=liked[:7], unliked=unliked[:7], reference=POOL)
    monkeypatch.setattr(mutual, "ANCHORS", 7)
    assert np.array_equal(logdetmi(ROWS, 5, liked=liked, unliked=unliked, reference=POOL), few)


@pytest.mark.parametrize("function", [flvmi, flcmi, logdetmi])
def test_copies_come_once_and_all_rows_in_the_end(function):
    rows = np.repeat(ROWS[:6], 3, axis=0)
    got = function(rows, 18, liked=LIKED, reference=POOL).tolist()
    assert sorted(got) == list(range(18))
    assert len({row // 3 for row in got[:2]}) == 2
    assert function(rows, 0, liked=LIKED).tolist() == []


def test_bad_input_is_refused():
    none = np.empty((0, 2))
    for function in (flvmi, flcmi, logdetmi):
        with pytest.raises(ValueError, match="--like FILE"):
            function(ROWS, 3, liked=none)
        with pytest.raises(ValueError, match="similarity"):
            function(ROWS, 3, liked=LIKED, similarity="other")
    with pytest.raises(ValueError, match="eta"):
        flvmi(ROWS, 3, liked=LIKED, eta=-1.0)
    with pytest.raises(ValueError, match="nu"):
        flcmi(ROWS, 3, liked=LIKED, nu=-1.0)
    with pytest.raises(ValueError, match="unliked has 3 columns"):
        logdetmi(ROWS, 3, liked=LIKED, unliked=np.zeros((1, 3)))
