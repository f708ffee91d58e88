"""Faults seen in other implementations (named in each test) that ours must not have."""

from __future__ import annotations

import numpy as np
import pytest

from alcli.strategies import SELECTORS, TABLE, UTILITIES, load, rank, resolve
from alcli.strategies.calls import on_groups
from alcli.strategies.selectors.clusters import kmeans, per_cluster
from alcli.strategies.selectors.coverage import kcenter
from alcli.strategies.selectors.noise import power, softrank
from alcli.strategies.utilities.committee import bald, consensus_entropy, mean_kl, vote_entropy
from alcli.strategies.utilities.uncertainty import entropy, margin

from .signals import select

TYPICAL = on_groups(UTILITIES["typicality"], {})
GEOMETRY = [name for name, row in SELECTORS.items() if row.kind == "geometry"]


def hashes(n, seed=0):
    return np.random.default_rng(seed).integers(0, 2**64, size=n, dtype=np.uint64)


def test_libact_and_pyrelational_entropy_of_an_exact_zero_was_nan_and_asked_first():
    got = entropy(np.array([[0.0, 1.0], [0.5, 0.5], [0.9, 0.1]]))
    assert got[0] == 0.0 and got.argmax() == 1


def test_libact_kl_of_an_exact_zero_was_nan():
    committee = np.array([[[0.0, 1.0], [0.4, 0.6]], [[0.0, 1.0], [0.6, 0.4]]])
    assert mean_kl(committee)[0] == 0.0 and mean_kl(committee)[1] > 0.0


def test_pyrelational_bald_subtracted_one_number_from_all_and_ranked_as_entropy():
    unsure = [[0.5, 0.5], [0.5, 0.5]]
    disagreeing = [[0.9, 0.1], [0.3, 0.7]]
    committee = np.array([unsure, disagreeing]).transpose(1, 0, 2)
    assert consensus_entropy(committee).argmax() == 0
    assert bald(committee).argmax() == 1


def test_baal_power_sampling_of_margin_inverted_the_order():
    first_minus_second = np.random.default_rng(0).random(2000)
    proba = np.stack([(1 + first_minus_second) / 2, (1 - first_minus_second) / 2], axis=1)
    keys = power(margin(proba), beta=3.0) + rank.gumbel_from_hash(hashes(2000))
    chosen = rank.top(keys, 200, hashes(2000, 1))
    assert first_minus_second[chosen].mean() < 0.7 * first_minus_second.mean()


def test_modal_batch_order_was_not_the_order_of_scores():
    utility = np.random.default_rng(0).random(500)
    assert (np.diff(utility[rank.top(utility, 50, hashes(500))]) <= 0.0).all()


def test_modal_said_certain_by_one_measure_and_tie_by_another_with_one_known_class():
    for name in ("least_confident", "margin", "ratio", "entropy"):
        assert load(UTILITIES[name].target)(np.ones((3, 1))).tolist() == [0.0, 0.0, 0.0]


def test_modal_returned_the_least_informative_first_when_ties_were_shuffled():
    for seed in range(5):
        assert rank.top([0.1, 0.9, 0.9, 0.5], 3, hashes(4, seed))[2] == 3


def test_modal_cold_start_and_alipy_core_set_had_no_labelled_rows_to_measure_from():
    points = np.random.default_rng(0).normal(size=(50, 3))
    for name in GEOMETRY:
        assert len(select(SELECTORS[name], points, 5, labelled=None)) == 5


def test_two_rows_are_two_rows_where_modal_took_them_for_index_and_metric():
    points = np.random.default_rng(0).normal(size=(50, 3))
    for name in GEOMETRY:
        for n in (1, 2):
            assert select(SELECTORS[name], points, n).shape == (n,)


def test_small_text_core_set_asked_exact_copies_of_labelled_rows():
    random = np.random.default_rng(0)
    labelled = random.normal(size=(37, 6)).astype(np.float32)
    points = np.vstack([labelled, random.normal(size=(163, 6)).astype(np.float32)])
    for scaled in (points, points / np.linalg.norm(points, axis=1, keepdims=True)):
        assert min(kcenter(scaled, 163, labelled=scaled[:37])) >= 37


def test_small_text_core_set_mixed_positions_with_ids():
    # Positions are of the candidates alone: labelled rows have none.
    points = np.array([[0.0], [10.0], [4.0]])
    assert kcenter(points, 3, labelled=np.array([[10.0], [9.0], [8.0], [7.0]])).tolist() == [0, 2, 1]


@pytest.mark.parametrize("name", GEOMETRY)
def test_scikit_activeml_typiclust_and_distil_core_set_returned_rows_twice(name):
    points = np.repeat(np.random.default_rng(0).normal(size=(3, 4)), 20, axis=0)
    worth = TYPICAL if SELECTORS[name].grouping else TYPICAL(points)
    got = select(SELECTORS[name], points, 12, utility=worth, labelled=points[:1], seed=1)
    assert len(set(got.tolist())) == 12


def test_scikit_activeml_clusters_did_not_pass_on_the_seed():
    points = np.random.default_rng(0).normal(size=(300, 4))
    for call in (kmeans, per_cluster):
        np.random.seed(1)  # noqa: NPY002
        first = call(points, 10, utility=TYPICAL, seed=4)
        np.random.seed(2)  # noqa: NPY002
        assert np.array_equal(call(points, 10, utility=TYPICAL, seed=4), first)
        assert not np.array_equal(call(points, 10, utility=TYPICAL, seed=5), first)


def test_scikit_activeml_changed_the_utilities_of_the_caller():
    utility = np.random.default_rng(0).random(100)
    before = utility.copy()
    rank.top(utility, 10, hashes(100))
    for name in GEOMETRY:
        select(SELECTORS[name], np.arange(100.0)[:, None], 10, utility=utility)
    assert np.array_equal(utility, before)


def test_scikit_activeml_checked_a_matrix_only_when_every_row_was_bad():
    proba = np.full((1000, 2), 0.5)
    proba[999] = [0.5, 0.4]
    with pytest.raises(ValueError, match="row 999"):
        margin(proba)


def test_alipy_and_modal_had_an_n_by_n_matrix_for_density():
    import tracemalloc

    points = np.random.default_rng(0).normal(size=(20_000, 2))
    tracemalloc.start()
    load(UTILITIES["typicality"].target)(points[:6000], neighbours=5)
    per_cluster(points, 5, utility=TYPICAL, largest=1000)
    kcenter(points, 20, labelled=points[:50])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    # 6000 x 6000 float64 would be 288 MB, 20,000 x 20,000 3.2 GB.
    assert peak < 150e6


def test_modal_vote_entropy_was_a_loop_over_rows():
    import time

    committee = np.random.default_rng(0).dirichlet(np.ones(3), size=(5, 100_000))
    start = time.process_time()
    vote_entropy(committee)
    # modAL needs 0.94 s for this; 0.05 s here. Wide, because machines differ.
    assert time.process_time() - start < 0.6


def test_majority_votes_that_tie_are_not_settled_by_chance():
    committee = np.array([[[0.5, 0.5]], [[0.5, 0.5]]])
    assert vote_entropy(committee).tolist() == [0.0] == vote_entropy(committee).tolist()


def test_documented_names_are_accepted_where_scikit_activeml_documents_margin_and_wants_margin_sampling():
    for row in TABLE.values():
        for name in (row.name, *row.aliases, row.name.replace("_", "-"), row.name.upper()):
            assert resolve(name) == row


def test_soft_rank_does_not_depend_on_the_scale_or_sign_of_scores():
    scores, tie = np.random.default_rng(0).normal(size=50), hashes(50)
    by = [softrank(rank.ranks(each, tie)) for each in (scores, 1e6 * scores - 1e9)]
    assert np.array_equal(*by)


def test_more_rows_than_the_pool_has_are_all_of_it_where_modal_asserts():
    for name in GEOMETRY:
        assert sorted(select(SELECTORS[name], np.arange(7.0)[:, None], 50)) == list(range(7))
    assert sorted(rank.top(np.arange(7.0), 50, hashes(7))) == list(range(7))
