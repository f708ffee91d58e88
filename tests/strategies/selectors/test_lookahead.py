"""Looking one label ahead: expected error reduction and value of information, against loops over every fit."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from alcli.models.refitting import Learner
from alcli.models.training import fit
from alcli.strategies.learners import Nearest
from alcli.strategies.selectors.lookahead import eer_01, eer_log, expected_risk, voi


class Told:
    """A learner whose probabilities after every label are written down: (row, class) -> what it then says."""

    def __init__(self, after, labelled=((1.0, 0.0),), own=(0.5, 0.5)):
        self.said, self.known, self.own, self.asked = after, labelled, own, []

    def after(self, rows, codes):
        self.asked.append((tuple(rows), tuple(codes)))
        return SimpleNamespace(
            reference=lambda: np.array(self.said[rows[-1], codes[-1]]),
            labelled=lambda: np.array(self.known),
            candidates=lambda rows=None: np.tile(self.own, (1 if rows is None else len(rows), 1)),
        )


# Candidate 0 leaves the pool's two rows at 0.9 / 0.6 whatever its label, candidate 1 at 1.0 / 0.5 or 0.8 / 0.8.
BY_HAND = {
    (0, 0): [[0.9, 0.1], [0.6, 0.4]],
    (0, 1): [[0.9, 0.1], [0.6, 0.4]],
    (1, 0): [[1.0, 0.0], [0.5, 0.5]],
    (1, 1): [[0.8, 0.2], [0.2, 0.8]],
}


def test_expected_errors_by_hand():
    # candidate 0: (0.1 + 0.4) / 2 = 0.25; candidate 1 with p = (0.4, 0.6): 0.4 * 0.25 + 0.6 * 0.2 = 0.22
    p = np.array([[0.5, 0.5], [0.4, 0.6]])
    assert eer_01(None, 2, learner=Told(BY_HAND), proba=p).tolist() == [1, 0]


def test_expected_entropy_by_hand():
    # H(0.9) = 0.3251, H(0.6) = 0.6730, so candidate 0: 0.49904; H(1) = 0, H(0.5) = 0.6931 and H(0.8) = 0.5004, so
    # candidate 1: 0.3466 p + 0.5004 (1 - p): 0.4389 with p = 0.4. A zero probability is no trouble.
    p = np.array([[0.5, 0.5], [0.4, 0.6]])
    assert eer_log(None, 2, learner=Told(BY_HAND), proba=p).tolist() == [1, 0]
    # 0.5004 when p is nearly (0, 1): now candidate 0 is better
    assert eer_log(None, 2, learner=Told(BY_HAND), proba=np.array([[0.5, 0.5], [0.001, 0.999]])).tolist() == [0, 1]


def test_value_of_information_by_hand():
    # Cost 1 for missing class 0, 5 for missing class 1; one labelled row of class 1 at (0.7, 0.3): always 5 * 0.7
    # pool: sum over rows of p0 p1 (1 + 5). Candidate 0: 6 (0.09 + 0.24) = 1.98; candidate 1 with label 0: 6 * 0.25
    # = 1.5, with label 1: 6 * 0.32 = 1.92. Itself at (0.5, 0.5): label 0 costs 0.5, label 1 costs 2.5.
    learner = Told(BY_HAND, labelled=[[0.7, 0.3]])
    given = {"learner": learner, "labels": [1], "costs": [[0.0, 1.0], [5.0, 0.0]]}
    p = np.array([[0.9, 0.1], [0.2, 0.8]])
    # with itself: 0: 1.98 + 0.9 * 0.5 + 0.1 * 2.5 = 2.68; 1: 0.2 * 2.0 + 0.8 * 4.42 = 3.936
    assert voi(None, 2, proba=p, **given).tolist() == [0, 1]
    # without: 1.98 against 0.2 * 1.5 + 0.8 * 1.92 = 1.836
    assert voi(None, 2, proba=p, itself=False, **given).tolist() == [1, 0]
    # pool 4 times as heavy: 7.92 + 0.7 = 8.62 against 0.2 * 6.5 + 0.8 * 10.18 = 9.44; 40 times: the pool decides
    assert voi(None, 2, proba=p, unknown=4.0, **given).tolist() == [0, 1]
    assert voi(None, 2, proba=p, unknown=40.0, **given).tolist() == [1, 0]
    # only labelled rows: itself decides, 0.7 against 2.1
    assert voi(None, 2, proba=p, unknown=0.0, **given).tolist() == [0, 1]


def project(classes: int = 3, names: list[str] | None = None, n: int = 18):
    """A logistic regression of a project, with what brute force needs to do the same."""
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(classes, 3)) * 1.5
    codes = np.arange(n) % classes
    X = centres[codes] + rng.normal(size=(n, 3))
    candidates, reference = rng.normal(size=(5, 3)) * 2.0, rng.normal(size=(25, 3)) * 2.0
    names = names or [f"class {code}" for code in range(classes)]
    labels = [names[code] for code in codes]

    def again(rows, y):
        return fit(rows, y, names, params={"tol": "1e-12", "max_iter": "100000"})

    model = again(X, labels)
    again.recipe = SimpleNamespace(estimator="logistic", params={}, class_weight=None)
    learner = Learner(model, again, X, labels, classes=names, candidates=candidates, reference=reference)
    return learner, model, X, codes, names, candidates, reference


def brute(project, loss):
    """Roy and McCallum's loop, with a fit from nothing for every candidate and label."""
    _, model, X, codes, names, candidates, _ = project
    p = model.predict_proba(candidates)
    found = np.zeros(len(candidates))
    for i, row in enumerate(candidates):
        for c, name in enumerate(names):
            again = fit(
                np.vstack([X, row]),
                [*(names[code] for code in codes), name],
                names,
                params={"tol": "1e-12", "max_iter": "100000"},
            )
            found[i] += p[i, c] * loss(again, row, c)
    return p, found


@pytest.mark.parametrize("names", [["1", "2", "3"], ["ham", "spam", "True"]])
def test_expected_error_reduction_is_the_loop_over_every_fit_whatever_classes_are_called(names):
    # ALiPy and libact take labels for column numbers: labels {1, 2} fail or are mistaken
    given = project(3, names)
    reference = given[6]

    def entropy(model, row, code):
        q = model.predict_proba(reference)
        return float(-(q * np.log(q)).sum(axis=1).mean())

    def errors(model, row, code):
        return float((1.0 - model.predict_proba(reference).max(axis=1)).mean())

    for strategy, loss in ((eer_log, entropy), (eer_01, errors)):
        p, wanted = brute(given, loss)
        assert strategy(None, 5, learner=given[0], proba=p).tolist() == np.argsort(wanted).tolist()
    got = expected_risk(
        given[0], p, np.arange(5), lambda fitted, row, code: float((1.0 - fitted.reference().max(axis=1)).mean())
    )
    np.testing.assert_allclose(got, wanted, atol=1e-7)


def test_value_of_information_is_the_loop_over_every_fit():
    given = project(3)
    learner, _, X, codes, _, _, reference = given
    costs = np.array([[0.0, 1.0, 4.0], [2.0, 0.0, 1.0], [9.0, 1.0, 0.0]])

    def left(model, row, code):
        total = 0.0
        for p, true in zip(model.predict_proba(X), codes, strict=True):
            total += costs[true] @ p
        total += costs[code] @ model.predict_proba(row[None])[0]
        for p in model.predict_proba(reference):
            total += p @ costs @ p
        return total

    p, wanted = brute(given, left)
    assert voi(None, 5, learner=learner, proba=p, labels=codes, costs=costs).tolist() == np.argsort(wanted).tolist()


def test_a_candidate_leaves_the_pool_with_its_label():
    # the rows that stand for a small pool are the pool, candidates and all
    given = project(3)
    learner, _, X, codes, _, candidates, _ = given
    learner = Learner(
        learner.model,
        learner.fit,
        X,
        learner.labels,
        classes=learner.classes,
        candidates=candidates,
        reference=candidates,
    )
    costs = np.array([[0.0, 1.0, 4.0], [2.0, 0.0, 1.0], [9.0, 1.0, 0.0]])

    def left(model, row, code):
        others = candidates[(candidates != row).any(axis=1)]
        q = model.predict_proba(others)
        labelled = (costs[codes] * model.predict_proba(X)).sum() + costs[code] @ model.predict_proba(row[None])[0]
        return labelled + ((q @ costs) * q).sum()

    p, wanted = brute(given, left)
    got = voi(candidates, 5, learner=learner, proba=p, labels=codes, costs=costs, reference=candidates)
    assert got.tolist() == np.argsort(wanted).tolist()


def test_a_greedy_batch_looks_ahead_from_what_it_supposes():
    given = project(2)
    learner, model, X, codes, names, candidates, reference = given
    p = model.predict_proba(candidates)
    rows, y, left, wanted = X, [names[code] for code in codes], list(range(5)), []
    for _ in range(3):
        now = fit(rows, y, names, params={"tol": "1e-12"}).predict_proba(candidates)
        risks = []
        for i in left:
            after = [
                fit(np.vstack([rows, candidates[i]]), [*y, name], names, params={"tol": "1e-12"}) for name in names
            ]
            q = [each.predict_proba(reference) for each in after]
            risks.append(sum(now[i, c] * -(q[c] * np.log(q[c])).sum() for c in range(2)))
        best = left.pop(int(np.argmin(risks)))
        wanted.append(best)
        rows, y = np.vstack([rows, candidates[best]]), [*y, names[int(now[best].argmax())]]
    assert eer_log(None, 3, learner=learner, proba=p, greedy=True).tolist() == wanted


def test_labels_that_cannot_be_are_not_tried():
    learner = Told(BY_HAND)
    p = np.array([[1.0, 0.0], [0.4, 0.6]])
    eer_01(None, 1, learner=learner, proba=p)
    assert learner.asked == [((0,), (0,)), ((1,), (0,)), ((1,), (1,))]
    # with `least` the unlikely ones neither, but the likeliest always
    learner = Told(BY_HAND)
    eer_01(None, 1, learner=learner, proba=np.array([[0.99, 0.01], [0.5, 0.5]]), least=0.6)
    assert learner.asked == [((0,), (0,)), ((1,), (0,)), ((1,), (1,))]


def test_equal_rows_come_in_their_order_and_a_batch_can_be_larger_than_the_pool():
    rows = [[1.0], [1.0], [1.0]]
    learner = Nearest([[0.0], [4.0]], [0, 1], rows, [[1.0], [3.0]])
    p = learner.after([], []).candidates()
    for greedy in (False, True):
        assert eer_log(None, 9, learner=learner, proba=p, greedy=greedy).tolist() == [0, 1, 2]


def test_a_pool_without_other_rows_is_no_trouble():
    learner = Nearest([[0.0], [4.0]], [0, 1], [[1.0], [2.0]], np.empty((0, 1)))
    p = learner.after([], []).candidates()
    assert sorted(eer_01(None, 2, learner=learner, proba=p).tolist()) == [0, 1]
    assert sorted(eer_log(None, 2, learner=learner, proba=p).tolist()) == [0, 1]


def test_probabilities_and_settings_are_left_alone_and_checked():
    p = np.array([[0.5, 0.5], [0.4, 0.6]])
    p.setflags(write=False)
    eer_log(None, 1, learner=Told(BY_HAND), proba=p, greedy=True)
    with pytest.raises(ValueError, match="least"):
        eer_01(None, 1, learner=Told(BY_HAND), proba=p, least=1.0)
    with pytest.raises(ValueError, match="unknown"):
        voi(None, 1, learner=Told(BY_HAND), proba=p, labels=[0], costs=np.eye(2), unknown=-1.0)
    with pytest.raises(ValueError, match="costs"):
        voi(None, 1, learner=Told(BY_HAND), proba=p, labels=[0], costs=[[0.0, np.nan], [1.0, 0.0]])
    with pytest.raises(ValueError, match="proba, row 1"):
        eer_01(None, 1, learner=Told(BY_HAND), proba=[[0.5, 0.5], [0.5, 0.6]])
