"""Which rows test, which are the pool, and which are labelled at the start."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.errors import Place, TableError, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alcli.steps.simulation.data import Data

#: What a row is for.
TEST, POOL, FIRST, OUT = 0, 1, 2, 3


@dataclass(frozen=True)
class Split:
    """How rows are divided.

    Attributes
    ----------
    kind : "share" (of each class, by a seeded hash of the id), "whole" (all rows are the pool; a file tests),
        "file" (fixed splits) or "lu" (as the public code of Lu, Li & Lin 2023 draws it).
    share : of each class that tests.
    path : of the file with fixed splits.
    """

    kind: str = "share"
    share: float = 0.4
    path: str | None = None

    def places(self, data: Data, seed: int) -> NDArray[np.int8]:
        """(n,) for each row of the data what it is for."""
        import numpy as np

        if self.kind == "whole":
            return np.full(len(data), POOL, np.int8)
        if self.kind == "file":
            return _from_file(Path(str(self.path)), data, seed)
        if self.kind == "lu":
            return _lu(len(data), seed)
        return _shared(data, self.share, seed)


def _shared(data: Data, share: float, seed: int) -> NDArray[np.int8]:
    import numpy as np

    from alcli.tables.hashing import hash_ids

    order = np.argsort(hash_ids(data.ids, seed, "test"), kind="stable")
    places = np.full(len(data), POOL, np.int8)
    for code in range(len(data.classes)):
        rows = order[data.codes[order] == code]
        # a class of one row stays in the pool: nobody could learn it otherwise
        places[rows[: min(round(share * len(rows)), max(0, len(rows) - 1))]] = TEST
    return places


def _lu(n: int, seed: int) -> NDArray[np.int8]:
    """The first 20 of the shuffled train part are labelled.

    Rows are divided by ``default_rng(seed).shuffle``, and a generator of the same seed shuffles what trains once more.
    """
    import numpy as np

    order = np.arange(n)
    np.random.default_rng(seed).shuffle(order)
    train = order[: int(0.6 * n)].copy()
    np.random.default_rng(seed).shuffle(train)
    places = np.full(n, TEST, np.int8)
    places[train] = POOL
    places[train[:20]] = FIRST
    return places


def seeds_in(path: Path) -> list[int]:
    """The seeds of a file with fixed splits: its columns s0, s1, …

    Raises
    ------
    TableError
        When it has no such columns.
    """
    with _opened(path) as file:
        header = next(csv.reader(file), [])
    seeds = [int(name[1:]) for name in header if name[:1] == "s" and name[1:].isdecimal()]
    if not seeds or "id" not in header:
        raise TableError(
            "this is no file of splits: it needs a column `id` and columns `s0`, `s1`, … of 0 (test), 1 (pool), 2 (pool"
            " and labelled at the start)",
            at=str(path),
            code="missing-column",
        )
    return seeds


def _from_file(path: Path, data: Data, seed: int) -> NDArray[np.int8]:
    import numpy as np

    if seed not in seeds_in(path):
        raise UsageError(f"{path} has no split s{seed}", hint="`--seed` and `--repeats` say which are taken")
    told: Mapping[str, int] = _read(path, seed)
    ids = data.ids.to_pylist()
    missing = [id_ for id_ in ids if id_ not in told]
    if missing:
        raise TableError(f"{len(missing):,} rows of the data are in no split, {missing[0]!r} is one", at=str(path))
    return np.fromiter((told[id_] for id_ in ids), np.int8, len(ids))


def _read(path: Path, seed: int) -> dict[str, int]:
    found: dict[str, int] = {}
    with _opened(path) as file:
        reader = csv.DictReader(file)
        for row in reader:
            cell = row.get(f"s{seed}")
            if cell not in ("0", "1", "2"):
                raise TableError(
                    f"{cell!r} is neither 0 (test), 1 (pool) nor 2 (pool and labelled at the start)",
                    at=Place(str(path), reader.line_num, f"s{seed}"),
                    code="bad-value",
                )
            found[row["id"]] = int(cell)
    return found


def _opened(path: Path) -> Any:
    from alcli.files import reporting_disk_trouble

    with reporting_disk_trouble(path):
        return path.open(encoding="utf-8-sig", newline="")
