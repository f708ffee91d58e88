"""The named hybrid and discriminative strategies: what they are made of, and BADGE's points."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from alcli.selection.signals import points
from alcli.strategies import TABLE, known_params, resolve, split_params
from alcli.strategies.calls import score, select
from alcli.strategies.points import Outer
from alcli.strategies.resolve import selector_of, utility_of

PEERS = {
    "uncertainty_batch_sampling": "ranked_batch",  # modAL
    "RankedBatchSampler": "ranked_batch",  # cardinal
    "BADGE": "badge",  # small-text, distil
    "Badge": "badge",  # scikit-activeml
    "Clue": "clue",
    "TwoStepKMeansSampler": "diverse_mini_batch",  # cardinal
    "TwoStepIWKMeans": "diverse_mini_batch",
    "ClusterMargin": "cluster_margin",
    "informative_and_diverse": "informative_diverse",  # google
    "Falcun": "falcun",
    "ContrastiveAL": "contrastive",  # scikit-activeml
    "ContrastiveActiveLearning": "contrastive",  # small-text
    "FASS": "fass",  # distil
    "ClassBalancer": "class_balanced",
    "SEALS": "seals",
    "AnchorSubsampling": "anchors",
    "SubsamplingQueryStrategy": "subsample",
    "SubSamplingWrapper": "subsample",
    "DiscriminativeAL": "dal",
    "DiscriminativeActiveLearning": "dal",
    "DiscriminativeRepresentationLearning": "drl",
    "HintSVM": "hintsvm",
    "QueryInstanceBMDR": "bmdr",  # ALiPy
    "QueryInstanceSPAL": "spal",
}


@pytest.mark.parametrize("theirs", PEERS)
def test_peers_names_are_known(theirs):
    assert resolve(theirs).name == PEERS[theirs]


class Softmax:
    """A linear model of three classes."""

    def __init__(self, weights):
        self.weights = weights

    def predict_proba(self, X):
        raised = np.exp(np.column_stack([X, np.ones(len(X))]) @ self.weights.T)
        return raised / raised.sum(axis=1, keepdims=True)


def gradient_points(rows, weights):
    material = SimpleNamespace(
        brought=None,
        vectors=None,
        model=Softmax(weights),
        maker=SimpleNamespace(points_of=lambda rows, X, embedding: X.astype(np.float32)),
    )
    return points(material, "gradient", SimpleNamespace(), rows)


def test_badges_points_are_gradients_of_the_loss_of_the_predicted_class():
    # small-text leaves out the one-hot vector. The gradient of -ln p_predicted, by central differences:
    random = np.random.default_rng(0)
    rows, weights = random.normal(size=(6, 2)), random.normal(size=(3, 3))
    found = gradient_points(rows, weights)
    assert isinstance(found, Outer)
    guess = Softmax(weights).predict_proba(rows).argmax(axis=1)
    for at in range(6):
        slope = np.empty((3, 3))
        for i, j in np.ndindex(3, 3):
            step = np.zeros((3, 3))
            step[i, j] = 1e-6
            up, down = (-np.log(Softmax(weights + s * step).predict_proba(rows[[at]])[0, guess[at]]) for s in (1, -1))
            slope[i, j] = (up - down) / 2e-6
        np.testing.assert_allclose(found.dense()[at], slope.ravel(), atol=1e-5)


def test_badge_begins_with_the_longest_gradient_and_draws_among_gradients():
    random = np.random.default_rng(1)
    rows, weights = random.normal(size=(50, 2)), random.normal(size=(3, 3))
    found = gradient_points(rows, weights)
    badge = TABLE["badge"]
    told = split_params(badge, badge.params).selector
    lengths = (found.dense().astype(float) ** 2).sum(axis=1)
    for given in (found, found.dense()):
        got = select(selector_of(badge), given, 12, seed=3, params=told)
        assert got[0] == lengths.argmax() and len(set(got.tolist())) == 12


def test_clue_is_drawn_to_unsure_rows_and_seeded():
    # Two heaps, the one on the left certain: with one cluster the centre lies in the other.
    line = np.concatenate([np.linspace(-5.1, -4.9, 20), np.linspace(4.9, 5.1, 20)])[:, None]
    p = np.repeat([[1.0, 0.0], [0.6, 0.4]], 20, axis=0)
    clue = selector_of(TABLE["clue"])
    worth = score(utility_of(TABLE["clue"]), {"proba": p}, 40, {"temperature": 2.0})
    assert select(clue, line, 1, utility=worth)[0] >= 20
    # scikit-activeml gave k-means no seed
    assert np.array_equal(*(select(clue, line, 9, utility=worth, seed=5) for _ in range(2)))


def test_fass_is_the_greedy_choice_among_what_it_filtered():
    # Wei, Iyer, Bilmes 2015, with each filtered row weighed by its uncertainty.
    random = np.random.default_rng(2)
    rows, worth = random.normal(size=(40, 3)), 0.9 + 0.1 * random.random(40)
    fass = TABLE["fass"]
    told = split_params(fass, fass.params)
    params = told.selector | {"bandwidth": 1.5}
    given = {"reference": random.normal(size=(9, 3))}
    got = select(selector_of(fass), rows, 8, utility=worth, signals=given, params=params)
    like = np.exp(-((rows[:, None] - rows[None]) ** 2).sum(axis=2) / 1.5**2)
    covered, chosen = np.zeros(40), []
    for _ in range(8):
        gain = (worth * np.maximum(like - covered, 0.0)).sum(axis=1)
        gain[chosen] = -1.0
        chosen.append(int(gain.argmax()))
        covered = np.maximum(covered, like[chosen[-1]])
    assert got.tolist() == chosen and told.prefilter == 10


def test_what_the_two_step_strategies_filter_and_weigh():
    assert known_params(TABLE["clue"])["prefilter"].default == 0
    assert known_params(TABLE["clue"])["temperature"].default == 1.0
    assert known_params(TABLE["diverse_mini_batch"])["prefilter"].default == 10
    # of a product with k-means only three times the batch are candidates
    assert known_params(resolve("margin+kmeans"))["prefilter"].default == 3
    assert known_params(TABLE["subsample"])["candidates"].default == 4096
    assert known_params(TABLE["bmdr"])["candidates"].default == 2000
    assert known_params(TABLE["dal"])["sample"].default == 5000


def test_other_utilities_fit_the_selectors():
    for text in ("entropy+ranked_batch", "bald+falcun", "entropy+class_balanced", "max_kl+seals", "entropy+anchors"):
        assert resolve(text).name == text
    assert resolve("margin+seals").name == "seals"
