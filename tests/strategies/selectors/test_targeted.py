from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies import TABLE, UTILITIES
from alcli.strategies.calls import prepare, score
from alcli.strategies.selectors.submodular import facility_location
from alcli.strategies.selectors.targeted import com, flcg, flqmi


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
        chosen.append(int((gains >= gains.max() * (1 - 1e-7)).argmax()))
    return chosen


def some(m, seed=0):
    return np.random.default_rng(seed).normal(size=(m, 2))


ROWS, LIKED, UNLIKED, POOL = some(30), some(4, 1) + 1.0, some(3, 2) - 1.0, some(50, 3)


@pytest.mark.parametrize("eta", [0.0, 1.0, 0.3])
def test_flqmi_is_greedy_on_its_function(eta):
    similar = rbf(LIKED, ROWS, POOL)

    def value(chosen):
        return similar[:, chosen].max(axis=1).sum() + eta * similar[:, chosen].max(axis=0).sum()

    got = flqmi(ROWS, 4 if eta == 0.0 else 10, liked=LIKED, reference=POOL, eta=eta)
    assert got.tolist() == greedily(value, 30, len(got))


@pytest.mark.parametrize(("concave", "phi"), [("sqrt", np.sqrt), ("log", np.log1p)])
def test_com_is_greedy_on_its_function(concave, phi):
    similar = rbf(LIKED, ROWS, POOL)

    def value(chosen):
        return phi(similar[:, chosen].sum(axis=1)).sum() + 0.5 * phi(similar[:, chosen].sum(axis=0)).sum()

    got = com(ROWS, 10, liked=LIKED, reference=POOL, eta=0.5, concave=concave)
    assert got.tolist() == greedily(value, 30, 10)


@pytest.mark.parametrize("nu", [1.0, 0.4])
@pytest.mark.parametrize("labelled", [0, 2])
def test_flcg_is_greedy_on_its_function(nu, labelled):
    similar, far = rbf(POOL, ROWS, POOL), nu * rbf(POOL, UNLIKED, POOL).max(axis=1)
    known = rbf(POOL, some(labelled, 8), POOL).max(axis=1, initial=0.0)

    def value(chosen):
        return np.maximum(np.maximum(similar[:, chosen].max(axis=1), known) - far, 0.0).sum()

    got = flcg(ROWS, 8, unliked=UNLIKED, reference=POOL, nu=nu, labelled=some(labelled, 8))
    assert got.tolist() == greedily(value, 30, 8)


def test_without_examples_the_flag_is_named():
    none = np.empty((0, 2))
    for function in (flqmi, com):
        with pytest.raises(ValueError, match="--like FILE"):
            function(ROWS, 3, liked=none)
    with pytest.raises(ValueError, match="--unlike FILE"):
        flcg(ROWS, 3, unliked=none)
    for name in ("likeness", "gcmi"):
        row = UTILITIES[name]
        given = {"space": ROWS, "liked": none, "unliked": none, "reference": POOL}
        learned = prepare(row, given, 0, {})  # settings can be tried without examples
        with pytest.raises(ValueError, match="--like FILE"):
            score(row, given, 30, {}, learned)


@pytest.mark.parametrize(
    ("function", "setting"), [(flqmi, "eta"), (com, "eta"), (flcg, "nu"), (com, "concave"), (flqmi, "similarity")]
)
def test_settings_out_of_range_are_refused(function, setting):
    with pytest.raises(ValueError, match=setting):
        function(np.empty((0, 1)), 0, **{setting: "other" if setting in ("concave", "similarity") else -1.0})


def test_like_takes_rows_like_these_not_like_those_and_unlike_each_other():
    row = TABLE["like"]
    random = np.random.default_rng(0)
    wanted = random.normal(size=(20, 2)) * 0.3 + [4.0, 0.0]
    near = random.normal(size=(20, 2)) * 0.3 + [4.0, 2.5]
    rows = np.vstack([random.normal(size=(300, 2)), wanted, near])
    given = {"space": rows, "liked": wanted[:2] + 0.05, "unliked": near[:2], "reference": rows}
    worth = score(UTILITIES[row.utility], given, 340, {}, prepare(UTILITIES[row.utility], given, 0, {}))
    best = np.argsort(-worth, kind="stable")[: row.prefilter * 2]
    got = best[facility_location(rows[best], 2, utility=worth[best], over=row.params["over"])]
    assert set(got.tolist()) <= set(range(300, 320))
    assert np.linalg.norm(rows[got[0]] - rows[got[1]]) > 0.2
