"""The sample of the pool that estimators may learn from without labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from alcli.steps import unlabelled
from alcli.steps.learning import Recipe, fit_maker
from alcli.tables.pool import Pool

ROLES = {"id": "id", "x": "numeric", "y": "numeric"}


def opened(path: Path, rows: list[str]) -> tuple[Pool, object]:
    path.write_text("id,x,y\n" + "\n".join(rows) + "\n")
    pool = Pool.open([str(path)], id_column="id")
    return pool, fit_maker(pool, ROLES, 0)


def test_a_large_pool_gives_a_sample_that_order_does_not_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unlabelled, "MOST", 30)
    values = np.random.default_rng(0).normal(size=(200, 2)).tolist()
    rows = [f"r{at},{a!r},{b!r}" for at, (a, b) in enumerate(values)]
    found = [
        unlabelled.Unlabelled(*opened(tmp_path / name, lines), seed).matrix
        for name, lines, seed in (("a.csv", rows, 1), ("b.csv", rows[::-1], 1), ("c.csv", rows, 2))
    ]
    assert found[0].shape == (30, 2)
    np.testing.assert_array_equal(found[0], found[1])
    assert not np.array_equal(found[0], found[2])


def test_nothing_is_read_for_what_learns_from_labels_alone(tmp_path: Path) -> None:
    pool, maker = opened(tmp_path / "a.csv", [f"r{at},{at % 7},{at % 5}" for at in range(60)])
    X = np.random.default_rng(0).normal(size=(20, 2))
    labels = ["a" if row[0] > 0 else "b" for row in X]
    (tmp_path / "a.csv").unlink()
    recipe = Recipe("logistic", {}, 0, False, None, 0).beside(pool, maker)
    assert recipe.beside(pool, maker) is recipe
    assert recipe.fit(X, labels, ["a", "b"]).predict_proba(X).shape == (20, 2)
    assert recipe.plain() == Recipe.from_plain(recipe.plain()).plain() and "unlabelled" not in recipe.plain()
