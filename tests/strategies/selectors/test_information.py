"""BAIT against the traces of matrices written out, with every subset's trace taken anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.strategies.selectors import information
from alcli.strategies.selectors.information import bait


def some(classes: int, m: int = 18, l: int = 5, r: int = 30, d: int = 3, seed: int = 0):  # noqa: E741
    random = np.random.default_rng(seed)
    return [(random.normal(size=(rows, d)), random.dirichlet(np.ones(classes), size=rows)) for rows in (m, l, r)]


def asked(rows, known, pool, n, **params):
    (x, p), (labelled, labelled_p), (reference, reference_p) = rows, known, pool
    signals = {"proba": p, "labelled_proba": labelled_p, "reference": reference, "reference_proba": reference_p}
    return bait(x, n, labelled=labelled, **signals, **params).tolist()


def fisher(x, p):
    if len(p) == 2:  # one model of the second class
        return p[0] * p[1] * np.outer(x, x)
    return np.kron(np.diag(p) - np.outer(p, p), np.outer(x, x))


def apart(x, p):
    blocks = [q * (1.0 - q) * np.outer(x, x) for q in p]
    width = len(x)
    whole = np.zeros((len(p) * width, len(p) * width))
    for at, block in enumerate(blocks):
        whole[at * width : (at + 1) * width, at * width : (at + 1) * width] = block
    return whole


def written_out(rows, known, pool, n, ridge=1.0, overshoot=2.0, told=fisher):
    centre, size = pool[0].mean(axis=0), np.sqrt(pool[0].var(axis=0).mean())
    rows, known, pool = ((np.hstack([(x - centre) / size, np.ones((len(x), 1))]), p) for x, p in (rows, known, pool))
    each = [told(x, p) for x, p in zip(*rows, strict=True)]
    wanted = sum(told(x, p) for x, p in zip(*pool, strict=True))
    start = ridge * np.eye(len(wanted)) + sum(told(x, p) for x, p in zip(*known, strict=True))

    def trace(chosen):
        return np.trace(np.linalg.solve(start + sum(each[i] for i in chosen), wanted))

    chosen = []
    for _ in range(min(len(each), int(np.ceil(overshoot * n)))):
        chosen.append(min((i for i in range(len(each)) if i not in chosen), key=lambda i: trace([*chosen, i])))
    while len(chosen) > n:
        chosen.remove(min(chosen[::-1], key=lambda i: trace([j for j in chosen if j != i])))
    return chosen


@pytest.mark.parametrize("overshoot", [1.0, 2.0, 3.5])
@pytest.mark.parametrize("classes", [2, 3, 5])
def test_batches_are_those_of_the_matrices_written_out(classes, overshoot):
    sets = some(classes)
    got = asked(*sets, 5, ridge=0.7, overshoot=overshoot)
    assert got == written_out(*sets, 5, ridge=0.7, overshoot=overshoot)


def test_with_many_parameters_each_class_is_told_from_the_rest():
    sets = some(4)
    assert asked(*sets, 5, parameters=0) == written_out(*sets, 5, told=apart)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(1, 9))
def test_what_is_kept_between_picks_is_what_would_be_found_anew(seed, classes, n):
    (x, p), (known, known_p), (pool, pool_p) = some(classes, seed=seed)
    design = information._Design(x, p, known, known_p, pool, pool_p, 1.0)
    steps = [(row, 1.0) for row in range(n)] + [(row, -1.0) for row in range(n // 2)]
    for row, sign in steps:
        design.move(row, sign)
    left = range(n // 2, n)
    anew = information._Design(x, p, np.vstack([known, x[left]]), np.vstack([known_p, p[left]]), pool, pool_p, 1.0)
    for name in ("inverse", "spread", "inside", "outside"):
        np.testing.assert_allclose(getattr(design, name), getattr(anew, name), rtol=1e-7, atol=1e-9)


def test_worked_by_hand():
    # Two classes of 1/2 each: I_x = (x^2, x; x, 1) / 4, and those of the pool, 1 and -1 in units of its spread, sum to
    # 1/2 (1, 0; 0, 1). For x = 1, 1 + I_x = (5, 1; 1, 5) / 4, whose inverse is (5, -1; -1, 5) / 6: the trace is 10 / 12.
    half = [[0.5, 0.5]]
    pool = np.array([[2.0], [-2.0]])
    ways = [np.array([x, 1.0]) for x in (0.0, 0.5, 1.0)]
    traces = [np.trace(np.linalg.inv(np.eye(2) + np.outer(v, v) / 4)) / 2 for v in ways]
    assert np.round(traces, 3).tolist() == [0.9, 0.881, 0.833]
    got = bait(
        np.array([[0.0], [1.0], [2.0]]), 1, proba=half * 3, labelled_proba=[], reference=pool, reference_proba=half * 2
    )
    assert got.tolist() == [2]


def test_a_pick_is_worth_less_where_a_row_is_labelled():
    half = np.full((4, 2), 0.5)
    axes = np.array([[3.0, 0.0], [0.0, 3.0]])
    pool = np.vstack([axes, -axes])
    signals = {"proba": half[:2], "labelled_proba": half[:1], "reference": pool, "reference_proba": half}
    assert bait(axes, 1, labelled=axes[:1], **signals).tolist() == [1]
    assert bait(axes, 1, labelled=axes[1:], **signals).tolist() == [0]


@pytest.mark.parametrize("size", [1e-6, 1e9])
def test_the_size_of_the_space_does_not_matter(size):
    sets = some(3)
    assert asked(*((x * size, p) for x, p in sets), 6) == asked(*sets, 6)


def test_all_rows_and_none():
    sets = some(3)
    assert asked(*sets, 0) == []
    assert sorted(asked(*sets, 40)) == list(range(18))


@pytest.mark.parametrize(
    ("params", "says"),
    [({"ridge": 0.0}, "ridge"), ({"overshoot": 0.5}, "overshoot"), ({"parameters": -1}, "parameters")],
)
def test_settings_out_of_range_are_refused(params, says):
    with pytest.raises(ValueError, match=says):
        asked(*some(2), 3, **params)


def test_shapes_that_do_not_fit_are_refused():
    rows, known, pool = some(2)
    with pytest.raises(ValueError, match="same shape"):
        asked(rows, known, (pool[0][:, :2], pool[1]), 3)
    with pytest.raises(ValueError, match="same shape"):
        asked((rows[0], rows[1][:-1]), known, pool, 3)
