"""Rows given as examples, and what mistakes cost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alcli.errors import AlcliError
from alcli.predictions.costs import read_costs
from alcli.predictions.examples import read_examples
from alcli.tables.pool import Pool, Request

from .files import parquet, table


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    return Pool.open(
        [table(tmp_path / "pool.csv", [{"key": f"r{n}", "x": n, "y": -n} for n in range(20)])], id_column="key"
    )


REQUEST = Request(numbers=("x", "y"))


def examples(path: Path, pool: Pool, request: Request = REQUEST, **more: bool) -> dict[str, object]:
    rows, count = read_examples(path, path.name, pool, request, seed=0, **more)
    assert count == len(rows)
    return {
        id_: tuple(rows.columns[name].to_pylist()[at] for name in request.columns)
        for at, id_ in enumerate(rows.ids.to_pylist())
    }


def refused(path: Path, pool: Pool, code: str, *words: str, request: Request = REQUEST) -> None:
    with pytest.raises(AlcliError) as caught:
        examples(path, pool, request)
    error = caught.value
    assert error.code == code, error.message
    told = f"{error.message} {error.at} {error.hint}"
    assert all(word in told for word in words), told


@pytest.mark.parametrize(
    "text", ["r3\nr7\n", "r3\r\nr7", "key\nr3\nr7\n", "id\nr7\nr3\n", "key,note\nr3,good\nr7,better\n"]
)
def test_ids_are_taken_from_the_pool(tmp_path: Path, pool: Pool, text: str) -> None:
    (tmp_path / "like.txt").write_text(text)
    assert examples(tmp_path / "like.txt", pool) == {"r3": (3.0, -3.0), "r7": (7.0, -7.0)}


def test_a_table_with_the_features_holds_rows_of_its_own(tmp_path: Path, pool: Pool) -> None:
    path = parquet(tmp_path / "like.parquet", [{"key": "new", "x": 0.5, "y": 1.5}, {"key": "r3", "x": 9.0, "y": 9.0}])
    assert examples(path, pool) == {"new": (0.5, 1.5), "r3": (9.0, 9.0)}
    path = table(tmp_path / "like.csv", [{"y": 1.5, "x": 0.5}])
    assert list(examples(path, pool).values()) == [(0.5, 1.5)]


def test_the_order_of_the_file_does_not_matter(tmp_path: Path, pool: Pool) -> None:
    orders = []
    for ids in ([3, 7, 11, 2], [2, 11, 7, 3]):
        (tmp_path / "like.txt").write_text("".join(f"r{n}\n" for n in ids))
        orders.append(list(examples(tmp_path / "like.txt", pool)))
    assert orders[0] == orders[1]


def test_without_features_ids_are_enough(tmp_path: Path, pool: Pool) -> None:
    (tmp_path / "like.txt").write_text("r3\nelsewhere\n")
    assert examples(tmp_path / "like.txt", pool, Request(), anywhere=True) == {"r3": (), "elsewhere": ()}
    refused(tmp_path / "like.txt", pool, "unknown-id", "'elsewhere'", request=Request())


def test_examples_that_cannot_be_are_named(tmp_path: Path, pool: Pool) -> None:
    (tmp_path / "a.txt").write_text("r3\nr99\nr98\n")
    refused(tmp_path / "a.txt", pool, "unknown-id", "2 ids are", "'r98', 'r99'", "'key'")
    refused(table(tmp_path / "b.csv", [{"x": 1.0, "z": 2.0}]), pool, "missing-column", "'y'", "'key'")
    refused(table(tmp_path / "c.csv", [{"z": 1.0, "a": 2.0}]), pool, "missing-column", "'key'", request=Request())
    (tmp_path / "d.csv").write_text("key\n")
    refused(tmp_path / "d.csv", pool, "empty-file", "names no row")
    refused(table(tmp_path / "e.csv", [{"key": "n", "x": "much", "y": 1.0}]), pool, "not-a-number", "'much'")


def costs(tmp_path: Path, text: str, *classes: str) -> np.ndarray:
    (tmp_path / "costs.csv").write_text(text)
    return read_costs(tmp_path / "costs.csv", "costs.csv", classes)


def test_costs_come_in_the_order_of_the_classes(tmp_path: Path) -> None:
    text = "true,spam,ham\nspam,0,5\nham,1,0.5\n"
    assert costs(tmp_path, text, "ham", "spam").tolist() == [[0.5, 1.0], [5.0, 0.0]]
    assert costs(tmp_path, text, "spam", "ham").tolist() == [[0.0, 5.0], [1.0, 0.5]]
    assert costs(tmp_path, text).tolist() == [[0.5, 1.0], [5.0, 0.0]]
    assert costs(tmp_path, ";spam;ham\nham;1;0\nspam;0;5\n", "ham", "spam").tolist() == [[0.0, 1.0], [5.0, 0.0]]


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("true,ham,spam\nham,0,1\n", "missing-class", "no row is for the class 'spam'"),
        ("true,ham\nham,0\nspam,1\n", "missing-class", "no column is for the class 'spam'"),
        ("true,ham,spam\nham,0,1\nspam,-1,0\n", "bad-cost-matrix", "'-1' is not a cost"),
        ("true,ham,spam\nham,0,much\nspam,1,0\n", "bad-cost-matrix", "'much'"),
        ("true,ham,spam\nham,0,nan\nspam,1,0\n", "bad-cost-matrix", "'nan'"),
        ("true,ham,spam\nham,0,inf\nspam,1,0\n", "bad-cost-matrix", "'inf'"),
        ("true,ham,spam\nham,0,\nspam,1,0\n", "bad-cost-matrix", "missing"),
        ("true,ham,spamm\nham,0,1\nspam,1,0\n", "unknown-class", "did you mean `spam`"),
        ("true,ham,spam\nham,0,1\neggs,1,0\n", "unknown-class", "'eggs'"),
        ("true,ham,spam\nham,0,1\nham,1,0\n", "duplicate-class", "two rows"),
        ("true,ham,ham\nham,0,1\nspam,1,0\n", "duplicate-class", "two columns"),
        ("true,ham,spam\nham,0\nspam,1,0\n", "ragged", "2 cells"),
        ("ham,spam\n0,1\n1,0\n", "missing-class", "no column is for the class 'ham'"),
    ],
)
def test_costs_that_cannot_be_are_named(tmp_path: Path, text: str, code: str, words: str) -> None:
    with pytest.raises(AlcliError) as caught:
        costs(tmp_path, text, "ham", "spam")
    assert caught.value.code == code
    assert words in f"{caught.value.message} {caught.value.hint}" and "costs.csv" in str(caught.value.at)
