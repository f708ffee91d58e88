"""Every strategy that needs a committee, with members of one kind and of several."""

from __future__ import annotations

from pathlib import Path

import pytest

from alcli.strategies import TABLE

from .playing import Alcli

COMMITTEE = sorted(name for name, row in TABLE.items() if "committee" in row.needs)


def test_there_are_as_many_as_the_literature_has() -> None:
    assert {"vote_entropy", "max_kl", "bald", "batchbald", "epig", "mean_std", "disagreement", "largest_split"} <= set(
        COMMITTEE
    )


@pytest.mark.parametrize("members", ["4", "logistic,random-forest,naive-bayes"])
def test_a_committee_answers_with_every_strategy(trained: Path, alcli: Alcli, members: str) -> None:
    made = alcli("train", "--committee", members, "--json")
    assert made.code == 0, made.err
    batches = {}
    for name in COMMITTEE:
        run = alcli("query", "-n", "3", "-s", name, "-o", f"{name}.csv", "--ask-again", "--json")
        assert run.code == 0, (name, run.err)
        batches[name] = run.json["data"]["ids"]
        assert len(set(batches[name])) == 3, name
    # the best row by bald is also where a batch by BatchBALD begins
    assert batches["batchbald"][0] == batches["bald"][0]


def test_without_a_committee_it_is_said_how_to_get_one(trained: Path, alcli: Alcli) -> None:
    for name in COMMITTEE:
        run = alcli("query", "-n", "3", "-s", name, "-o", "-")
        assert run.code == 1 and "alcli train --committee 5" in run.err, name


@pytest.mark.parametrize("name", ["mc-dropout-bald", "BatchBALDDropout", "mc_dropout_mean_st", "QueryByCommittee"])
def test_names_of_other_tools_are_understood(trained: Path, alcli: Alcli, name: str) -> None:
    assert alcli("train", "--committee", "3", "-q").code == 0
    assert alcli("query", "-n", "2", "-s", name, "-o", "-", "-q").code == 0
