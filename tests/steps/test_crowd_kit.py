"""MACE and GLAD through crowd-kit: its own results, whatever the names, and a plain word without it."""

from __future__ import annotations

import importlib.metadata

import numpy as np
import pandas as pd
import pytest

from alcli.errors import MissingExtra
from alcli.evaluation.consensus import dawid_skene, majority
from alcli.evaluation.votes import Votes
from alcli.steps.crowd_kit import crowd_kit
from alcli.steps.resolving import resolved
from tests.evaluation.crowds import simulated
from tests.steps.answers import answer

QUALITY = {"a": 0.9, "b": 0.7, "c": 0.6, "d": 0.8}


def by_crowd_kit(name: str, answers: list[tuple[str, str, str]], votes: Votes, **options: object) -> np.ndarray:
    classification = pytest.importorskip("crowdkit.aggregation.classification")
    table = pd.DataFrame(sorted(answers), columns=["task", "worker", "label"])
    proba = getattr(classification, name)(**options).fit_predict_proba(table)
    return proba.reindex(index=list(votes.rows), columns=list(votes.classes), fill_value=0.0).to_numpy()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "rule, name, options", [("mace", "MACE", {"n_restarts": 2}), ("glad", "GLAD", {"silent": True})]
)
def test_the_numbers_are_crowd_kits_own(rule: str, name: str, options: dict[str, object]) -> None:
    answers, _ = simulated(40, QUALITY)
    # everybody is met in the order of their names, and so are the classes: then crowd-kit's MACE keeps them apart
    answers += [("r", who, label) for who, label in zip("abcd", "xyzz", strict=True)]
    votes = Votes.of(answers)
    np.testing.assert_allclose(crowd_kit(rule, votes), by_crowd_kit(name, answers, votes, **options), atol=1e-9)


@pytest.mark.filterwarnings("ignore")
def test_our_dawid_skene_and_majority_are_those_of_crowd_kit() -> None:
    answers, _ = simulated(200, QUALITY, share=0.8, seed=2)
    votes = Votes.of(answers)
    # round by round: crowd-kit measures by another sum when to stop, which counts the prior once an answer
    for rounds in (1, 5, 30):
        theirs = by_crowd_kit("DawidSkene", answers, votes, n_iter=rounds, tol=-np.inf)
        ours = dawid_skene(votes, rounds=rounds, tolerance=-np.inf).proba
        np.testing.assert_allclose(ours, theirs, atol=1e-7)
    np.testing.assert_allclose(majority(votes), by_crowd_kit("MajorityVote", answers, votes), atol=1e-12)


@pytest.mark.parametrize("rule", ["mace", "glad"])
def test_names_that_crowd_kit_uses_itself_and_the_order_of_names_change_nothing(rule: str) -> None:
    pytest.importorskip("crowdkit")
    answers, truth = simulated(30, QUALITY)
    other = dict(zip("xyz", ("task", "alpha", "posterior"), strict=True))
    # names in the order of the letters, so that the sorted votes are the same ones
    classes = dict(zip("xyz", sorted(other.values()), strict=True))
    renamed = [(row, f"worker {who}", classes[label]) for row, who, label in answers]
    one, two = crowd_kit(rule, Votes.of(answers)), crowd_kit(rule, Votes.of(renamed[::-1]))
    np.testing.assert_array_equal(one, two)
    assert np.mean([Votes.of(answers).classes[c] == truth[r] for r, c in zip(truth, one.argmax(1), strict=True)]) > 0.7


def test_what_was_found_is_kept_until_an_answer_comes(tmp_path, monkeypatch) -> None:
    pytest.importorskip("crowdkit")
    answers, _ = simulated(12, QUALITY)
    first = crowd_kit("mace", Votes.of(answers), tmp_path)
    kept = list((tmp_path / "crowd").iterdir())
    with monkeypatch.context() as patch:
        patch.setattr("alcli.steps.crowd_kit._asked", lambda *_: pytest.fail("asked again"))
        np.testing.assert_array_equal(crowd_kit("mace", Votes.of(answers[::-1]), tmp_path), first)
    whole = kept[0].read_bytes()
    for damaged in (b"", b"damaged", whole[:40], whole[:-8], whole[:-8] + bytes(8), b"PK\x03\x04" + whole, whole[::-1]):
        kept[0].write_bytes(damaged)
        np.testing.assert_array_equal(crowd_kit("mace", Votes.of(answers), tmp_path), first)
        assert kept[0].read_bytes() == whole
    crowd_kit("mace", Votes.of([*answers, ("new", "a", "x")]), tmp_path)
    assert len(list((tmp_path / "crowd").iterdir())) == 1 and not kept[0].exists()


@pytest.mark.parametrize("rule", ["mace", "glad"])
def test_one_class_is_certain(rule: str) -> None:
    votes = Votes.of([("r1", "a", "x"), ("r1", "b", "x"), ("r2", "a", "x")])
    assert crowd_kit(rule, votes).tolist() == [[1.0], [1.0]]


@pytest.mark.parametrize("rule", ["mace", "glad"])
def test_without_crowd_kit_the_extra_is_named(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr("alcli.steps.crowd_kit.version", missing)
    given = [answer("r1", "x", "a"), answer("r1", "y", "b")]
    with pytest.raises(MissingExtra, match=f"`--aggregate {rule}` needs a part that is not installed") as told:
        resolved(given, rule)
    assert told.value.hint == "`pip install 'alcli[crowd]'`"
