from __future__ import annotations

import pytest

from alcli.errors import UsageError
from alcli.evaluation.thresholds import parse_threshold, parse_thresholds


@pytest.mark.parametrize(
    ("text", "value", "met"),
    [
        ("f1=0.8", 0.8, True),
        ("f1=0.8", 0.7999, False),
        ("accuracy = 1", 1.0, True),
        ("log-loss=0.3", 0.3, True),
        ("log-loss=0.3", 0.31, False),
        ("ece=.05", 0.01, True),
        ("f1[a=b]=0.5", 0.6, True),
        ("auc=0.5", None, False),
        ("auc=0.5", float("nan"), False),
    ],
)
def test_a_bound_is_met_in_the_better_direction(text, value, met):
    assert parse_threshold(text, ["a=b", "c"]).met(value) is met


@pytest.mark.parametrize(
    ("text", "code", "hint"),
    [
        ("f1", "threshold", "write it as `--fail-under f1=0.8`"),
        ("f1=high", "threshold", "write it as `f1=0.8`"),
        ("f1=nan", "threshold", "write it as `f1=0.8`"),
        ("f1=80", "threshold", "it lies between 0 and 1; did you mean `f1=0.8`?"),
        ("log_loss=-1", "threshold", "it lies between 0 and inf"),
        ("acuracy=0.8", "unknown-metric", "did you mean `accuracy`?"),
        ("recall[spm]=0.8", "unknown-class", "did you mean `spam`?"),
    ],
)
def test_a_bound_that_makes_no_sense_is_refused(text, code, hint):
    with pytest.raises(UsageError) as caught:
        parse_threshold(text, ["ham", "spam"])
    assert (caught.value.code, caught.value.hint) == (code, hint)


def test_several_bounds_say_what_they_ask():
    asked = parse_thresholds(["f1=0.8", "ece=0.1"])
    assert [str(threshold) for threshold in asked] == ["f1_macro >= 0.8", "ece <= 0.1"]
