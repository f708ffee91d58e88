from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import multivariate_normal
from sklearn.cluster import KMeans
from sklearn.mixture import GaussianMixture

from alcli.strategies import resolve
from alcli.strategies.selectors import mixture as mixtures
from alcli.strategies.selectors.mixture import Mixture
from alcli.strategies.selectors.representatives import cluster_density, gmm_representatives


def heaps(seed: int = 0, size: int = 60) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.vstack(
        [random.normal(at, wide, size=(size, 2)) for at, wide in (((0, 0), 1), ((9, 0), 0.3), ((0, 9), 2))]
    )


def test_cluster_density_worked_by_hand():
    rows = np.array([[1.0, 0.0], [3.0, 0.0], [-1.0, 1.0], [-3.0, -1.0]])
    # Around the mean (0, 0) the centres are (2, 0) and (-2, 0): cosines 1, 1, 1/sqrt 2, 3/sqrt 10.
    # As similarities 1, 1, 0.854, 0.974. Times the utilities: 0.5, 0.4, 0.512, 0.487.
    got = cluster_density(rows, 4, utility=np.array([0.5, 0.4, 0.6, 0.5]), clusters=2)
    assert got.tolist() == [2, 0, 3, 1]


def test_cluster_density_is_the_product_of_the_formula():
    rows, utility = heaps(), np.random.default_rng(1).random(180)
    model = KMeans(4, n_init=1, random_state=3).fit(rows)
    x, c = rows - rows.mean(axis=0), model.cluster_centers_[model.labels_] - rows.mean(axis=0)
    cosine = (x * c).sum(axis=1) / np.linalg.norm(x, axis=1) / np.linalg.norm(c, axis=1)
    want = np.argsort(-utility * ((1 + cosine) / 2) ** 2, kind="stable")[:20]
    assert cluster_density(rows, 20, utility=utility, clusters=4, beta=2.0, seed=3).tolist() == want.tolist()


def test_libact_turned_negative_scores_round():
    rows, scores = heaps(), -np.random.default_rng(1).random(180)
    assert (
        cluster_density(rows, 10, utility=scores).tolist()
        == cluster_density(rows, 10, utility=scores - scores.min()).tolist()
    )
    by_score = np.empty(180)
    by_score[np.argsort(scores)] = np.arange(180)
    chosen = cluster_density(rows, 20, utility=scores)
    assert by_score[chosen].mean() > 130


def test_libact_had_a_negative_cosine_to_a_power():
    rows = np.random.default_rng(0).normal(size=(50, 2))
    assert len(set(cluster_density(rows, 50, clusters=1, beta=0.5).tolist())) == 50


def test_cluster_density_goes_with_any_utility_by_name():
    row = resolve("entropy+cluster_density")
    assert (row.utility, row.selector, row.prefilter) == ("entropy", "cluster_density", None)
    assert resolve("margin+cluster_density").name == "cluster_density" == resolve("DensityWeightedMeta").name
    assert resolve("boundary+cluster_density").utility == "boundary"


def test_gmm_worked_by_hand():
    line = np.array([[0.0], [0.1], [0.2], [9.0], [9.2], [9.4], [9.2]])
    # Means 0.1 and 9.2; the second heap has more rows, and 9.2 comes twice: the first of both.
    assert gmm_representatives(line, 2).tolist() == [4, 1]


@pytest.mark.parametrize("covariance", ["diag", "full", "spherical", "tied"])
def test_gmm_takes_the_densest_row_of_each_component(covariance):
    rows = heaps()
    place = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    model = GaussianMixture(3, covariance_type=covariance, random_state=0).fit(place)
    matrices = {
        "diag": lambda k: np.diag(model.covariances_[k]),
        "full": lambda k: model.covariances_[k],
        "spherical": lambda k: np.eye(2) * model.covariances_[k],
        "tied": lambda k: model.covariances_,
    }[covariance]
    logs = np.column_stack([multivariate_normal(model.means_[k], matrices(k)).logpdf(place) for k in range(3)])
    owner = (logs + np.log(model.weights_)).argmax(axis=1)
    want = {int(np.where(owner == k, logs[:, k], -np.inf).argmax()) for k in range(3)}
    assert set(gmm_representatives(rows, 3, covariance=covariance).tolist()) == want


def test_gmm_does_not_depend_on_units_or_origin():
    rows = heaps()
    for scale, shift in (([1e6, 1e-3], 0.0), ([1.0, 1.0], 1e5), ([1e-9, 1e12], 0.0)):
        assert gmm_representatives(rows * scale + shift, 6).tolist() == gmm_representatives(rows, 6).tolist()


def test_more_rows_wanted_than_there_are_places():
    rows = np.repeat(np.array([[0.0], [1.0], [5.0]]), 4, axis=0)
    got = gmm_representatives(rows, 7)
    assert len(set(got.tolist())) == 7 and set(rows[got[:3], 0]) == {0.0, 1.0, 5.0}


def test_a_mixture_is_fitted_on_the_first_rows_and_asked_about_all(monkeypatch):
    monkeypatch.setattr(mixtures, "FITTED", 100)
    rows = np.random.default_rng(0).permutation(heaps())
    model = Mixture(rows, 3)
    np.testing.assert_allclose(model.weights, Mixture(rows[:100], 3).weights)
    shares, logs = model.describe(rows)
    assert shares.shape == (180, 3) and logs.shape == (180,)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)


def test_settings_are_checked():
    with pytest.raises(ValueError, match="covariance must be one of"):
        gmm_representatives(np.ones((3, 1)), 1, covariance="round")
    with pytest.raises(ValueError, match="clusters must be at least 1"):
        cluster_density(np.ones((3, 1)), 1, clusters=0)
    with pytest.raises(ValueError, match="beta must be 0 or more"):
        cluster_density(np.ones((3, 1)), 1, beta=-1.0)
    with pytest.raises(ValueError, match="utility has 2 rows"):
        cluster_density(np.ones((3, 1)), 1, utility=np.ones(2))
