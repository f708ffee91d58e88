"""Utilities on what another system says of tokens and regions."""

from __future__ import annotations

import numpy as np
import pytest

from alcli.errors import ModelError
from alcli.strategies import resolve
from alcli.strategies.utilities.brought import (
    mnlp,
    region_max,
    region_mean,
    region_sum,
    sequence_log_probability,
    token_entropy,
    total_token_entropy,
)

SEQUENCE = (mnlp, sequence_log_probability, token_entropy, total_token_entropy)


def texts(rows: int = 200) -> tuple[list[np.ndarray], list[np.ndarray], np.ndarray]:
    """Token distributions, the tokens written, and the summary of each text."""
    random = np.random.default_rng(5)
    spread = [random.dirichlet(np.ones(7) * 0.3, size=random.integers(1, 30)) for _ in range(rows)]
    written = [each.argmax(axis=1) for each in spread]
    summary = []
    for p, y in zip(spread, written, strict=True):
        logs = np.log(p[np.arange(len(y)), y])
        entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=1)
        summary.append([logs.mean(), logs.sum(), entropy.mean()])
    return spread, written, np.array(summary)


def test_by_the_papers_formulas_on_whole_texts() -> None:
    spread, written, summary = texts()
    for at, (p, y) in enumerate(zip(spread, written, strict=True)):
        likelihood = np.prod(p[np.arange(len(y)), y])
        entropies = [-sum(q * np.log(q) for q in token if q > 0) for token in p]
        assert np.isclose(mnlp(summary)[at], -np.log(likelihood) / len(y))  # Shen et al. 2018, eq. 5
        assert np.isclose(1 - np.exp(-sequence_log_probability(summary)[at]), 1 - likelihood)  # Settles, Craven, eq. 3
        assert np.isclose(token_entropy(summary)[at], np.mean(entropies))  # eq. 4
        assert np.isclose(total_token_entropy(summary)[at], np.sum(entropies))


def test_length_counts_in_totals_only() -> None:
    # two texts of equally sure tokens, one ten times as long
    summary = [[-0.1, -0.2, 0.3], [-0.1, -2.0, 0.3]]
    assert mnlp(summary).tolist() == [0.1, 0.1] and token_entropy(summary).tolist() == [0.3, 0.3]
    assert np.argmax(sequence_log_probability(summary)) == np.argmax(total_token_entropy(summary)) == 1


def test_the_order_of_long_improbable_texts_is_kept() -> None:
    # 1 - p is 1.0 for all of these
    summary = np.array([[-1.0, -1000.0, 0.0], [-1.0, -2000.0, 0.0], [-1.0, -1500.0, 0.0]])
    assert np.argsort(-sequence_log_probability(summary)).tolist() == [1, 2, 0]


def test_a_certain_text_is_worth_nothing() -> None:
    certain = [[-0.0, 0.0, 0.0]]
    for utility in SEQUENCE:
        assert utility(certain).tolist() == [0.0] and not np.signbit(utility(certain)).any()


def test_regions_as_they_are() -> None:
    regions = [[0.5, 0.75, 1.5], [0.0, 0.0, 0.0]]
    assert [f(regions).tolist() for f in (region_mean, region_max, region_sum)] == [[0.5, 0.0], [0.75, 0.0], [1.5, 0.0]]


def test_a_file_that_does_not_say_enough_is_told_plainly() -> None:
    only_logs, only_entropies = [[-1.0, -2.0, np.nan]] * 3, [[np.nan, np.nan, 0.5]] * 3
    assert mnlp(only_logs).tolist() == [1.0] * 3 and token_entropy(only_entropies).tolist() == [0.5] * 3
    for utility, given, words in (
        (token_entropy, only_logs, "token_entropies"),
        (total_token_entropy, only_logs, "token_entropies"),
        (mnlp, only_entropies, "token_logprobs"),
        (total_token_entropy, only_entropies, "token_logprobs"),
    ):
        with pytest.raises(ModelError, match=words) as caught:
            utility(given)
        assert caught.value.code == "no-signal"


@pytest.mark.parametrize("utility", [*SEQUENCE, region_mean, region_max, region_sum])
def test_a_row_that_is_not_finite_is_named(utility: object) -> None:
    given = np.array([[-1.0, -1.0, 1.0], [np.inf, np.inf, np.inf], [-1.0, -1.0, 1.0]])
    with pytest.raises(ValueError, match="row 1"):
        utility(given)
    with pytest.raises(ValueError, match="shape"):
        utility(np.ones((3, 2)))


def test_names_under_which_they_are_known() -> None:
    assert resolve("MNLP").name == resolve("maximum-normalized-log-probability").name == "mnlp"
    assert resolve("average_token_entropy").name == "token_entropy"
