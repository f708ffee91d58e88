"""Small pools on the disk, and material to choose from."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alcli.features.maker import FeatureMaker, request_for
from alcli.models.training import fit
from alcli.selection.material import Material
from alcli.tables.pool import Pool, Request

ROWS = 400


@pytest.fixture(scope="session")
def table() -> dict[str, list[str]]:
    """400 rows: two numbers, a category of eight values, ids as text; rows 0 to 9 have copies at the end."""
    rng = np.random.default_rng(7)
    x = rng.normal(size=(ROWS - 10, 2)).round(4)
    x = np.concatenate([x, x[:10]])
    return {
        "id": [f"r{i:04d}" for i in range(ROWS)],
        "x": [repr(float(value)) for value in x[:, 0]],
        "y": [repr(float(value)) for value in x[:, 1]],
        "shop": [f"s{i % 8}" for i in range(ROWS)],
    }


@pytest.fixture(scope="session")
def write() -> Callable[..., Path]:
    """Writes a table as CSV."""

    def written(path: Path, table: dict[str, list[str]], rows: Any = None) -> Path:
        order = range(len(table["id"])) if rows is None else rows
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(table)
            writer.writerows([[column[i] for column in table.values()] for i in order])
        return path

    return written


@pytest.fixture
def pool_file(tmp_path: Path, table: dict[str, list[str]], write: Callable[..., Path]) -> Path:
    return write(tmp_path / "pool.csv", table)


@pytest.fixture
def material(pool_file: Path) -> Callable[..., Material]:
    """Material over a pool, with a model of 40 rows that tells x + y > 0 from the rest."""

    def made(paths: Any = None, *, committee: int = 0, trained: bool = True, **more: Any) -> Material:
        pool = Pool.open([str(path) for path in (paths or [pool_file])])
        roles = {"x": "numeric", "y": "numeric"}
        maker = FeatureMaker.fit(roles, pool.sample(1000, request_for(roles), 0), seed=0)
        labelled = [f"r{i:04d}" for i in range(100, 140)]
        model = None
        X = maker.transform(pool.take(labelled, maker.request))
        y = ["up" if row.sum() > 0 else "down" for row in np.asarray(X)]
        if trained:
            model = fit(X, y, ["down", "up"], committee=committee)
        return Material(
            **{
                "pool": pool,
                "maker": maker,
                "model": model,
                "labelled": dict(zip(labelled, y, strict=True)),
                "classes": ("down", "up"),
                "fit": lambda X, y: fit(X, y, ["down", "up"]),
                "excluded": set(labelled),
                "content": Request(numbers=("x", "y")),
                **more,
            }
        )

    return made
