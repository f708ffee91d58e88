"""The same rows, settings and seed give the same batch, whatever the format, order, split and workers."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alcli import import_labels, init, query, train

ROWS = 210
WORDS = [
    "cheap",
    "meeting",
    "prize",
    "lunch",
    "winner",
    "report",
    "free",
    "tomorrow",
    "call",
    "now",
    "please",
    "urgent",
]


@pytest.fixture(scope="module")
def columns() -> dict[str, list[Any]]:
    """Text, numbers with holes, whole numbers, a category, a flag; awkward ids."""
    rng = np.random.default_rng(3)
    label = rng.integers(0, 2, ROWS)
    texts = [
        " ".join(rng.choice(WORDS[kind::2], 6).tolist() + rng.choice(WORDS, 3).tolist()) for kind in label.tolist()
    ]
    price = [None if rng.random() < 0.1 else round(float(value), 3) for value in rng.normal(10 + label, 2).tolist()]
    return {
        "key": [f"{i:05d}" if i % 2 else f"{i}E5" for i in range(ROWS)],
        "message": texts,
        "price": price,
        "pieces": rng.integers(0, 400, ROWS).tolist(),
        "shop": [f"shop {i % 5}" for i in range(ROWS)],
        "member": [bool(i % 3) for i in range(ROWS)],
        "truth": ["spam" if kind else "ham" for kind in label.tolist()],
    }


def as_csv(path: Path, columns: dict[str, list[Any]], rows: Any) -> None:
    def cell(value: Any) -> str:
        return "" if value is None else ("true" if value else "false") if isinstance(value, bool) else str(value)

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        names = [name for name in columns if name != "truth"]
        writer.writerow(names)
        writer.writerows([[cell(columns[name][i]) for name in names] for i in rows])


def as_parquet(path: Path, columns: dict[str, list[Any]], rows: Any) -> None:
    names = [name for name in columns if name != "truth"]
    pq.write_table(pa.table({name: [columns[name][i] for i in rows] for name in names}), path, row_group_size=50)


def csv_whole(folder: Path, columns: dict[str, list[Any]]) -> str:
    as_csv(folder / "pool.csv", columns, range(ROWS))
    return "pool.csv"


def csv_shuffled(folder: Path, columns: dict[str, list[Any]]) -> str:
    as_csv(folder / "pool.csv", columns, np.random.default_rng(0).permutation(ROWS).tolist())
    return "pool.csv"


def parquet_whole(folder: Path, columns: dict[str, list[Any]]) -> str:
    as_parquet(folder / "pool.parquet", columns, range(ROWS))
    return "pool.parquet"


def parquet_in_seven(folder: Path, columns: dict[str, list[Any]]) -> str:
    for part in range(7):
        as_parquet(folder / f"part{part}.parquet", columns, range(part, ROWS, 7))
    return "part*.parquet"


def play(folder: Path, pool: str, columns: dict[str, list[Any]], jobs: int) -> dict[str, Any]:
    init(pool=[str(folder / pool)], project=folder, id="key", classes=["ham", "spam"])
    found: dict[str, Any] = {"cold": query(project=folder, count=8, output=str(folder / "s1.csv"), jobs=jobs).ids}
    truth = dict(zip(columns["key"], columns["truth"], strict=True))
    with (folder / "answers.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["key", "label"], *([id_, truth[id_]] for id_ in columns["key"][:40])])
    import_labels(project=folder, sheets=[folder / "answers.csv"])
    train(project=folder, committee="3", jobs=jobs)
    for strategy in ("auto", "margin", "vote_entropy", "kcenter", "entropy+power", "random"):
        result = query(project=folder, strategy=strategy, count=9, dry_run=True, jobs=jobs)
        found[strategy] = result.ids
    found["left"] = result.left
    return found


@pytest.fixture(scope="module")
def baseline(columns: dict[str, list[Any]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("base")
    return play(folder, csv_whole(folder, columns), columns, jobs=1)


@pytest.mark.parametrize(
    ("make", "jobs"), [(csv_whole, 2), (csv_shuffled, 1), (parquet_whole, 1), (parquet_in_seven, 2)]
)
def test_the_batch_does_not_depend_on_how_the_pool_is_stored(
    make: Callable[..., str], jobs: int, baseline: dict[str, Any], columns: dict[str, list[Any]], tmp_path: Path
) -> None:
    assert play(tmp_path, make(tmp_path, columns), columns, jobs) == baseline


def test_deleting_the_cache_changes_nothing(
    baseline: dict[str, Any], columns: dict[str, list[Any]], tmp_path: Path
) -> None:
    import shutil

    assert play(tmp_path, parquet_whole(tmp_path, columns), columns, 1)["margin"] == baseline["margin"]
    shutil.rmtree(tmp_path / ".alcli" / "cache")
    assert query(project=tmp_path, strategy="margin", count=9, dry_run=True).ids == baseline["margin"]


def test_ids_come_out_as_they_went_in(baseline: dict[str, Any], columns: dict[str, list[Any]]) -> None:
    assert set(baseline["cold"]) <= set(columns["key"])
