from __future__ import annotations

import subprocess
import sys
from math import isfinite

import pytest

from alcli.errors import UsageError
from alcli.evaluation.scores import load
from alcli.evaluation.table import ALIASES, DEFAULT, METRICS, PER_CLASS, find_metric, per_class_names


@pytest.mark.parametrize("metric", [*METRICS.values(), *PER_CLASS.values()], ids=lambda metric: metric.name)
def test_every_row_names_functions_that_exist(metric):
    assert callable(load(metric.target))
    assert metric.resampled is None or callable(load(metric.resampled))
    assert metric.summary
    assert metric.low < metric.high
    assert isfinite(metric.low)


def test_default_metrics_and_aliases_exist():
    assert set(DEFAULT) <= set(METRICS)
    assert set(ALIASES.values()) <= set(METRICS)
    assert not set(ALIASES) & set(METRICS)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("f1", "f1_macro"),
        ("F1", "f1_macro"),
        ("macro-f1", "f1_macro"),
        ("f1-macro", "f1_macro"),
        ("balanced-accuracy", "balanced_accuracy"),
        ("recall[a=b]", "recall[a=b]"),
        ("f1[[x]]", "f1[[x]]"),
    ],
)
def test_a_metric_is_found_however_it_is_spelled(typed, name):
    assert find_metric(typed).name == name


def test_the_class_of_a_metric_is_taken_to_the_letter():
    assert find_metric("F1[Spam-Mail]", ["Spam-Mail", "ham"]).of == "Spam-Mail"
    with pytest.raises(UsageError) as caught:
        find_metric("f1[spam]", ["Spam", "ham"])
    assert caught.value.code == "unknown-class"
    assert caught.value.hint == "did you mean `Spam`?"


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("acuracy", "did you mean `accuracy`?"),
        ("precision", "name the class: `precision[spam]`"),
        ("accuracy[spam]", "did you mean `accuracy`?"),
        ("f1[spam", "did you mean `f1`?"),
        ("", "there are accuracy, "),
    ],
)
def test_an_unknown_metric_names_the_nearest(typed, hint):
    with pytest.raises(UsageError) as caught:
        find_metric(typed, ["ham", "spam"])
    assert caught.value.code == "unknown-metric"
    assert caught.value.hint is not None
    assert caught.value.hint.startswith(hint)


def test_per_class_names_are_found_again():
    names = per_class_names(["x", "y z"])
    assert [find_metric(name).name for name in names] == names


def test_names_and_thresholds_import_nothing_heavy():
    probe = (
        "import sys; import alcli.evaluation.table, alcli.evaluation.thresholds;"
        "print({'numpy', 'sklearn', 'scipy', 'pandas'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
