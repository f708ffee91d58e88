"""The rules that small-text 1.4.1 has too, on the same predictions, round by round.

small_text_stopping.json was recorded from a side-by-side run: random predictions that settle, and what its
KappaAverage, ClassificationChange, OverallUncertainty and DeltaFScore said of each round.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alcli.evaluation.agreement import kappa
from alcli.evaluation.stopping import measures
from alcli.evaluation.stopping.conditions import Condition
from alcli.evaluation.stopping.grammar import parse
from alcli.evaluation.stopping.holding import each, mean_of_last

RECORDED = json.loads((Path(__file__).parent / "small_text_stopping.json").read_text())


def condition(text: str) -> Condition:
    found = parse(text)
    assert isinstance(found, Condition)
    return found


def said(rule: str, values: list[float | None]) -> list[bool]:
    """What our rule says after each round."""
    want = condition(rule)
    judge = mean_of_last if want.rule.name == "kappa" else each
    return [judge(values[: n + 1], want.ok, want.rounds)[1] >= want.rounds for n in range(len(values))]


def texts(predictions: list[list[int]]) -> list[list[str]]:
    return [[str(one) for one in each] for each in predictions]


@pytest.mark.parametrize("case", RECORDED["cases"], ids=range(len(RECORDED["cases"])))
def test_the_same_rounds_are_enough(case: dict[str, Any]) -> None:
    history = texts(case["predictions"])
    pairs = list(pairwise(history))
    assert said("kappa >= 0.99 for 3", [None, *(kappa(*two) for two in pairs)]) == case["kappa"]
    changes = [None, *(measures.change(*two) for two in pairs)]
    assert said("change <= 0", changes) == case["change"]
    assert said("change <= 5%", changes) == case["change_5"]
    doubts = [measures.uncertainty(np.array(proba)) for proba in case["proba"]]
    assert said("uncertainty < 0.05", doubts) == case["uncertainty_5"]
    assert said("uncertainty < 0.3", doubts) == case["uncertainty_30"]
    if case["classes"] == 2:
        gone = [None, *(measures.delta_f(*two, "1") for two in pairs)]
        assert said("delta_f[1] < 0.05 for 3", gone) == case["delta_f"]


def test_the_record_is_worth_comparing_with() -> None:
    for name in ("kappa", "change", "change_5", "uncertainty_30", "delta_f"):
        answers = [answer for case in RECORDED["cases"] for answer in case.get(name, ())]
        assert {True, False} <= set(answers), name


def test_no_positives_are_not_defined_where_theirs_are_not_a_number() -> None:
    late = RECORDED["positives_late"]
    history = texts(late["predictions"])
    values = [measures.delta_f(*two, "1") for two in pairwise(history)]
    assert values[:2] == [None, None] and values[2] == 1 and values[3:] == [0, 0, 0, 0]
    assert late["values"][-3:] == values[-3:]
    assert said("delta_f[1] < 0.05 for 3", [None, *values]) == late["delta_f"]
    # neither stops a campaign that has not found one positive yet
    assert not any(RECORDED["no_positives"]) and not any(said("delta_f[1] < 0.05 for 3", [None] * 8))
