from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from alcli.strategies import resolve
from alcli.strategies.selectors.labels import signs_of
from alcli.strategies.selectors.quire import _Kernel, _State, quire

GAMMA, RIDGE = 0.7, 0.5


def kernel(rows: np.ndarray) -> np.ndarray:
    return np.exp(-GAMMA * cdist(rows, rows, "sqeuclidean"))


def cloud(m: int = 25, known: int = 8, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    points = np.random.default_rng(seed).normal(size=(m + known, 3))
    return points[known:], points[:known]


def min_max(rows: np.ndarray, labelled: np.ndarray, y: np.ndarray, s: int, signs: tuple[float, ...]) -> float:
    """max over y_s of min over y_u of y' L y, the unlabelled labels any numbers, by all of L and a linear system."""
    both = np.concatenate([labelled, rows])
    L = np.linalg.inv(kernel(both) + RIDGE * np.eye(len(both)))
    fixed = [*range(len(labelled)), len(labelled) + s]
    free = [i for i in range(len(both)) if i not in fixed]
    worst = []
    for sign in signs:
        told = np.append(y, sign)
        rest = -np.linalg.solve(L[np.ix_(free, free)], L[np.ix_(free, fixed)] @ told)
        whole = np.zeros(len(both))
        whole[fixed], whole[free] = told, rest
        worst.append(float(whole @ L @ whole))
    return max(worst)


def state(rows: np.ndarray, labelled: np.ndarray, codes: np.ndarray) -> _State:
    return _State(_Kernel(rows, GAMMA), rows, labelled, signs_of(codes), RIDGE, 1)


def test_a_case_worked_by_hand():
    # One labelled row at 0, y = 1, K + 1 = 2. Far away f = 0 and v = 2: 1/2 + 1/2 = 1.
    # At a copy f = 1/2, v = 2 - 1/2: 1/2 + 2.25 / 1.5 = 2. So the far row, and no copy.
    rows = np.array([[0.0], [100.0]])
    assert quire(rows, 1, labels=[0], labelled=np.zeros((1, 1)), gamma=1.0).tolist() == [1]
    found = _State(_Kernel(rows, 1.0), rows, np.zeros((1, 1)), np.ones((1, 1)), 1.0, 1).objective()
    np.testing.assert_allclose(found, [2.0, 1.0])


@pytest.mark.parametrize("seed", range(3))
def test_the_objective_is_the_min_max_of_the_paper(seed):
    rows, labelled = cloud(seed=seed)
    codes = np.arange(8) % 2
    want = [min_max(rows, labelled, np.where(codes == 0, 1.0, -1.0), s, (1.0, -1.0)) for s in range(len(rows))]
    np.testing.assert_allclose(state(rows, labelled, codes).objective(), want, rtol=1e-10)
    assert quire(rows, 1, labels=codes, labelled=labelled, gamma=GAMMA, ridge=RIDGE).tolist() == [int(np.argmin(want))]


def test_more_classes_are_one_against_the_rest_as_in_scikit_activeml():
    rows, labelled = cloud(known=9)
    codes = np.arange(9) % 3
    # For each class its own problem, the row being one of that class; the worst of them.
    want = [
        max(min_max(rows, labelled, np.where(codes == c, 1.0, -1.0), s, (1.0,)) for c in range(3))
        for s in range(len(rows))
    ]
    np.testing.assert_allclose(state(rows, labelled, codes).objective(), want, rtol=1e-10)


def test_the_objective_is_the_unreduced_formula_of_scikit_activeml():
    rows, labelled = cloud()
    both, y = np.concatenate([labelled, rows]), np.where(np.arange(8) % 2 == 0, 1.0, -1.0)
    L = np.linalg.inv(kernel(both) + RIDGE * np.eye(len(both)))
    lab = np.arange(8)
    want = []
    for s in range(8, len(both)):
        u = np.array([i for i in range(8, len(both)) if i != s])
        inverse = np.linalg.inv(L[np.ix_(u, u)])
        fit = []
        for sign in (1.0, -1.0):
            pull = L[np.ix_(u, lab)] @ y + L[u, s] * sign
            fit.append(L[s, s] + y @ L[np.ix_(lab, lab)] @ y + 2 * sign * (L[s, lab] @ y) - pull @ inverse @ pull)
        want.append(max(fit))
    np.testing.assert_allclose(state(rows, labelled, np.arange(8) % 2).objective(), want, rtol=1e-10)


def test_alipy_and_libact_left_the_labelled_kernel_out_of_the_inverse():
    rows, labelled = cloud()
    both = np.concatenate([labelled, rows])
    K = kernel(both)
    right = np.linalg.inv(np.linalg.inv(K + RIDGE * np.eye(len(both)))[8:, 8:])
    ours = state(rows, labelled, np.arange(8) % 2).v
    # Theirs: lambda I in place of lambda I + K_ll.
    theirs = np.diag(RIDGE * np.eye(len(rows)) + K[8:, 8:] - K[8:, :8] @ K[:8, 8:] / RIDGE)
    np.testing.assert_allclose(ours, np.diag(right), rtol=1e-12)
    assert np.abs(theirs - np.diag(right)).max() > 0.3


def test_the_last_line_of_the_paper_is_not_its_objective():
    rows, labelled = cloud()
    both, codes = np.concatenate([labelled, rows]), np.arange(8) % 2
    y = np.where(codes == 0, 1.0, -1.0)
    L = np.linalg.inv(kernel(both) + RIDGE * np.eye(len(both)))
    lab, A = np.arange(8), np.arange(8, len(both))
    last = []
    for s in A:
        u = np.setdiff1d(A, [s])
        bend = L[s, lab] - L[s, u] @ np.linalg.solve(L[np.ix_(u, u)], L[np.ix_(u, lab)])
        last.append(L[s, s] - np.linalg.det(L[np.ix_(A, A)]) / L[s, s] + 2 * abs(bend @ y))
    want = np.array([min_max(rows, labelled, y, s, (1.0, -1.0)) for s in range(len(rows))])
    assert np.ptp(np.array(last) - want) > 0.1


@pytest.mark.parametrize("classes", [2, 3])
def test_a_chosen_row_counts_as_labelled_with_its_guessed_label(classes):
    rows, labelled = cloud()
    codes = np.arange(8) % classes
    options = {"gamma": GAMMA, "ridge": RIDGE}
    got = quire(rows, 6, labels=codes, labelled=labelled, **options)
    for _ in range(6):
        K = kernel(np.concatenate([labelled, rows]))
        known = len(labelled)
        f = K[known:, :known] @ np.linalg.solve(K[:known, :known] + RIDGE * np.eye(known), signs_of(codes))
        pick, *_ = quire(rows, 1, labels=codes, labelled=labelled, **options)
        assert rows[pick].tolist() == cloud()[0][got[0]].tolist()
        guess = f[pick].argmax() if classes > 2 else int(f[pick, 0] < 0.0)
        labelled, codes = np.concatenate([labelled, rows[pick : pick + 1]]), np.append(codes, guess)
        rows, got = np.delete(rows, pick, axis=0), got[1:]


def test_a_batch_does_not_ask_for_copies():
    random = np.random.default_rng(0)
    rows = np.repeat(random.normal(size=(30, 2)), 5, axis=0)
    got = quire(rows, 8, labels=[0, 1], labelled=random.normal(size=(2, 2)), ridge=0.1)
    assert len(np.unique(rows[got], axis=0)) == 8


def test_units_and_origin_do_not_matter():
    rows, labelled = cloud(60, 10)
    want = quire(rows, 8, labels=np.arange(10) % 2, labelled=labelled)
    for scale, shift in ((1e8, 0.0), (1e-8, 0.0), (1.0, 1e6)):
        got = quire(rows * scale + shift, 8, labels=np.arange(10) % 2, labelled=labelled * scale + shift)
        assert got.tolist() == want.tolist()


def test_only_as_many_labelled_rows_as_told_are_learned_from():
    rows, labelled = cloud()
    few = quire(rows, 4, labels=[0, 1, 0], labelled=labelled[:3])
    assert quire(rows, 4, labels=[0, 1, 0, 1, 1, 0, 0, 1], labelled=labelled, learned=3).tolist() == few.tolist()


def test_settings_and_labels_are_checked():
    for given, text in (
        ({"ridge": 0.0}, "ridge must be above 0"),
        ({"gamma": -1.0}, "gamma must be 0"),
        ({"learned": -1}, "learned must be 0"),
        ({"labelled": np.ones((2, 1))}, "labels must have shape"),
        ({"labels": [-1], "labelled": np.ones((1, 1))}, "no class number"),
    ):
        with pytest.raises(ValueError, match=text):
            quire(np.ones((3, 1)), 1, **{"labels": [0], **given})


@pytest.mark.parametrize("name", ["QUIRE", "Quire", "QueryInstanceQUIRE"])
def test_names_of_other_libraries(name):
    assert resolve(name).name == "quire"
