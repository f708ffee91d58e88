"""Estimators by name, their parameters, and the user's own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sklearn.linear_model import LogisticRegression

from alcli.errors import ModelError, UsageError
from alcli.models.estimators import ESTIMATORS
from alcli.models.recipes import Shape, make

SHAPE = Shape(rows=30, columns=4)


def test_the_table_imports_nothing_heavy() -> None:
    probe = (
        "import sys, alcli.models.estimators; "
        "sys.exit(str({'numpy', 'sklearn', 'pandas', 'pyarrow', 'joblib'} & set(sys.modules) or ''))"
    )
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True).stderr.strip() == ""


@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_name_builds_a_fresh_seeded_estimator(name: str) -> None:
    recipe = make(name, shape=SHAPE)
    first, second = recipe.build(5), recipe.build(6)
    assert first is not second
    if "random_state" in first.get_params():
        assert (first.get_params()["random_state"], second.get_params()["random_state"]) == (5, 6)
    assert first.get_params().get("n_jobs") in (1, None)


def test_params_are_typed() -> None:
    built = make("logistic", {"C": "0.5", "fit_intercept": "false", "solver": "saga"}, shape=SHAPE).build(0)
    assert (built.C, built.fit_intercept, built.solver) == (0.5, False, "saga")
    assert make("mlp", {"hidden_layer_sizes": [8, 4]}, shape=SHAPE).build(0).hidden_layer_sizes == (8, 4)
    assert make("logistic", {"random_state": "9"}, shape=SHAPE).build(0).random_state == 9


@pytest.mark.parametrize(
    ("name", "params", "message", "hint"),
    [
        ("logistc", {}, "no estimator is called 'logistc'", "did you mean `logistic`?"),
        ("zzz", {}, "no estimator is called 'zzz'", "there are logistic, linear-svm"),
        ("logistic", {"c": 1}, "logistic has no parameter 'c'", "did you mean `C`?"),
        ("knn", {"zebra": 1}, "knn has no parameter 'zebra'", "it has algorithm, leaf_size"),
        ("logistic", {"class_weight": "x"}, "class weights have a flag of their own", "use `--class-weight`"),
    ],
)
def test_a_wrong_name_or_param_names_the_right_ones(
    name: str, params: dict[str, object], message: str, hint: str
) -> None:
    with pytest.raises(UsageError) as caught:
        make(name, params, shape=SHAPE)
    assert caught.value.message == message
    assert str(caught.value.hint).startswith(hint)


def test_a_wrong_value_is_the_command_lines_fault() -> None:
    import numpy as np

    from alcli.models.training import fit

    with pytest.raises(UsageError, match="'C' parameter of LogisticRegression"):
        fit(np.eye(4), list("abab"), ["a", "b"], params={"C": "-1"})


def test_knn_asks_no_more_neighbours_than_there_are() -> None:
    recipe = make("knn", shape=Shape(rows=3, columns=2))
    assert recipe.build(0).n_neighbors == 3
    assert "there are no more labels" in recipe.notes[0]


def test_naive_bayes_suits_the_data() -> None:
    kinds = {
        "GaussianNB": Shape(9, 3),
        "MultinomialNB": Shape(9, 3, sparse=True, nonnegative=True),
        "BernoulliNB": Shape(9, 3, sparse=True, nonnegative=False),
    }
    for kind, shape in kinds.items():
        assert type(make("naive-bayes", shape=shape).build(0)).__name__ == kind


def test_a_gaussian_process_is_bounded() -> None:
    with pytest.raises(ModelError, match="at most 2,000 labels"):
        make("gaussian-process", shape=Shape(2001, 3))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "own_estimators.py").write_text(
        "from sklearn.linear_model import LogisticRegression\n"
        "def build(): return LogisticRegression(C=7)\n"
        "def boom(): raise RuntimeError('out of luck')\n"
        "def needs(x): return x\n"
        "def number(): return 3\n"
        "constant = 4\n"
    )
    (tmp_path / "own_broken.py").write_text("import nowhere_to_be_found\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    return "own_estimators"


def test_a_factory_of_the_users_own(own: str) -> None:
    built = make(f"{own}:build", {"max_iter": "50"}, shape=SHAPE).build(3)
    assert isinstance(built, LogisticRegression)
    assert (built.C, built.max_iter, built.random_state) == (7, 50, 3)


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("own_estimators:gone", "cannot be imported: AttributeError: module 'own_estimators' has no"),
        ("own_broken:x", "cannot be imported: ModuleNotFoundError: No module named 'nowhere_to_be_found'"),
        ("not_there_at_all:x", "cannot be imported: ModuleNotFoundError"),
        ("own_estimators:boom", "failed when called without arguments: RuntimeError: out of luck"),
        ("own_estimators:needs", "failed when called without arguments: TypeError"),
        ("own_estimators:number", "made a int, which is no classifier"),
        ("own_estimators:constant", "is not callable"),
    ],
)
def test_a_factory_that_fails_says_why(own: str, target: str, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        make(target, shape=SHAPE)
    assert message in caught.value.message
