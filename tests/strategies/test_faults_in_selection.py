"""Faults seen in other implementations (named in each test), in models, committees and selectors."""

from __future__ import annotations

import pickle
import socket
import threading
from functools import partial
from typing import Any

import numpy as np
import pytest

from alcli.models.classifier import Model
from alcli.models.training import fit
from alcli.selection.playing import plan
from alcli.strategies import SELECTORS
from alcli.strategies.kinds import Past, Round
from alcli.strategies.learned.albl import choose_albl
from alcli.strategies.selectors.submodular import facility_location
from alcli.strategies.utilities import lal as lal_module
from alcli.strategies.utilities.lal import lal, learned

from .signals import select


def within(seconds: float, call: Any) -> Any:
    """What a call returns; a failure when it has not ended by then."""
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.append(call()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), f"still at work after {seconds} seconds"
    assert got, "it failed"
    return got[0]


def three_heaps(rare: int) -> tuple[np.ndarray, list[str]]:
    """Rows of classes a and b, and `rare` of class z far from them, at the end."""
    random = np.random.default_rng(0)
    centres = [[0.0, 0.0]] * 60 + [[5.0, 0.0]] * 60 + [[0.0, 9.0]] * rare
    return np.array(centres) + random.normal(size=(len(centres), 2)), ["a"] * 60 + ["b"] * 60 + ["z"] * rare


@pytest.mark.parametrize("committee", [5, ["logistic", "random-forest", "naive-bayes"]])
def test_libact_qbc_drew_without_end_for_a_rare_class_and_every_member_knows_it(committee: Any) -> None:
    X, y = three_heaps(rare=1)
    model = within(20, lambda: fit(X, y, ["a", "b", "z"], committee=committee))
    votes = model.committee_proba(X)
    assert votes.shape == (len(model.members), 121, 3)
    # a member that never drew the class would give it 0 everywhere
    assert (votes[:, -1, 2] > votes[:, :-1, 2].mean(axis=1) + 0.05).all()


def test_scikit_activeml_replicated_one_model_as_ensemble_and_ours_has_members_that_differ() -> None:
    X, y = three_heaps(rare=5)
    votes = fit(X, y, ["a", "b", "z"], committee=4).committee_proba(X)
    for i in range(4):
        for j in range(i):
            assert np.abs(votes[i] - votes[j]).max() > 1e-3, (i, j)


def test_alipy_lal_downloaded_its_training_data(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: Any, **more: Any) -> None:
        raise AssertionError("the network was asked")

    for name in ("socket", "create_connection", "getaddrinfo"):
        monkeypatch.setattr(socket, name, refused)
    lal_module._regressor.cache_clear()  # else another test may have fetched it
    X, _ = three_heaps(rare=0)
    codes = [0] * 5 + [1] * 5
    labelled = np.vstack([X[:5], X[60:65]])
    got = lal(X, learned(labelled, codes, X, seed=0))
    assert got.shape == (120,) and np.isfinite(got).all() and got.std() > 0


def test_libact_albl_could_not_be_pickled_and_wanted_the_number_of_rounds() -> None:
    # `experts` and `delta` are all it can be told; nothing is kept between calls
    arms, right = ("margin", "margin", "kcenter", "random") * 3, (True,) * 12
    batches = tuple(Round(number, arms, (0.1,) * 12, right * number) for number in range(1, 9))
    counts = {"a": 9, "b": 9}
    told = []
    for answered in range(9):
        past = Past(counts, has_model=True, batch=answered + 1, rounds=partial(tuple, batches[:answered]))
        chances, _ = choose_albl(past)
        assert choose_albl(pickle.loads(pickle.dumps(past)))[0] == chances
        assert sum(chances.values()) == pytest.approx(1.0) and min(chances.values()) > 0
        made = plan("albl", None, (), space=None, past=past)
        assert pickle.loads(pickle.dumps(made)) == made
        told.append(chances)
    # the first rounds are even; then what filled most of the good batches gains
    assert told[0]["margin"] == pytest.approx(1 / 3) and told[8]["margin"] > told[8]["random"]


def test_a_committee_survives_pickling_for_other_processes() -> None:
    X, y = three_heaps(rare=2)
    model = fit(X, y, ["a", "b", "z"], committee=3)
    again: Model = pickle.loads(pickle.dumps(model))
    assert np.array_equal(again.committee_proba(X), model.committee_proba(X))


@pytest.mark.parametrize("similarity", ["rbf", "cosine"])
def test_cardinal_fed_distances_as_similarities_and_took_outliers(similarity: str) -> None:
    random = np.random.default_rng(0)
    heaps = np.array([[10.0, 0.0]] * 20 + [[0.0, 10.0]] * 20) + 0.1 * random.normal(size=(40, 2))
    outliers = np.array([[-40.0, 5.0], [5.0, -40.0]])
    points = np.vstack([heaps, outliers])
    got = facility_location(points, 2, similarity=similarity).tolist()
    assert sorted(position // 20 for position in got) == [0, 1], got
    # what a labelled row covers is covered
    (one,) = facility_location(points, 1, labelled=heaps[:1], similarity=similarity).tolist()
    assert one // 20 == 1


@pytest.mark.parametrize("name", ["facility_location", "maxherding", "kmeans", "robust_kcenter"])
def test_cardinal_alike_others_that_represent_take_a_row_of_each_heap(name: str) -> None:
    random = np.random.default_rng(0)
    heaps = np.repeat([[0.0, 0.0], [8.0, 0.0]], 40, axis=0) + 0.1 * random.normal(size=(80, 2))
    got = select(SELECTORS[name], heaps, 2, labelled=None)
    assert sorted(position // 40 for position in got.tolist()) == [0, 1]
