"""Signals of the whole choice: labelled rows, rows that stand for the pool, examples, costs, the learner.

They are found once, before the pool is scanned, and are the same however the pool is split or ordered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.selection.signals import points, signals
from alcli.strategies.table import SIGNALS
from alcli.tables.hashing import hash_ids
from alcli.tables.scan import scan

if TYPE_CHECKING:
    from alcli.selection.material import Material
    from alcli.tables.pool import Pool, Rows, Unit

#: Rows that stand for the pool where a strategy does not say how many.
SAMPLE = 2000


class Context:
    """What a strategy asks for besides the candidates, each found when first asked for.

    Parameters
    ----------
    where : the space of points.
    sample : rows drawn from the pool to stand for it.
    """

    def __init__(self, material: Material, where: str, sample: int | None = None) -> None:
        self.material = material
        self.where = where
        self.sample = sample or SAMPLE
        self._found: dict[str, Any] = {}
        self._rows: dict[str, tuple[Rows, Any]] = {}

    def of(self, names: Sequence[str]) -> dict[str, Any]:
        """The named signals that are of no row; `learner` is made by the arm, which knows the candidates."""
        wanted = [name for name in names if name in SIGNALS and not SIGNALS[name].of_rows and name != "learner"]
        for name in wanted:
            if name not in self._found:
                self._found[name] = getattr(self, f"_{name}")()
        return {name: self._found[name] for name in wanted}

    def labelled_rows(self) -> tuple[Rows | None, Any]:
        """The labelled rows that are in the pool and their matrix, in the order of the hash of their ids."""
        if "labelled" not in self._rows:
            ids = sorted(self.material.pool.known(self.material.labelled)) if self.material.labelled else []
            self._rows["labelled"] = self._read(ids)
        return self._rows["labelled"]

    def points_of(self, ids: Sequence[str]) -> NDArray[np.float32]:
        """Rows of the pool as points, in this order."""
        from alcli.tables.pool import Request

        maker = self.material.maker
        rows = self.material.pool.take(ids, maker.request if maker is not None else Request())
        found: NDArray[np.float32] = self._points(rows, None if maker is None else maker.transform(rows))
        return found

    def reference_rows(self) -> tuple[Rows, Any]:
        """Unlabelled rows that stand for the pool, those with the smallest hashes, and their matrix."""
        if "reference" not in self._rows:
            from alcli.tables.pool import Request

            most = self.sample + len(self.material.labelled)
            drawn = self.material.pool.sample(most, Request(), self.material.seed, "reference")
            free = [id_ for id_ in drawn.ids.to_pylist() if id_ not in self.material.labelled]
            self._rows["reference"] = self._read(free[: self.sample])
        return self._rows["reference"]

    def _read(self, ids: Sequence[str]) -> tuple[Any, Any]:
        material = self.material
        if not ids:
            return None, None
        from alcli.tables.pool import Request

        request = material.maker.request if material.maker is not None else Request()
        rows = material.pool.take(ids, request)
        rows = rows.take(np.argsort(hash_ids(rows.ids, material.seed, "geometry"), kind="stable"))
        return rows, None if material.maker is None else material.maker.transform(rows)

    def _points(self, rows: Rows | None, X: Any) -> Any:
        if rows is None:
            return np.empty((0, self.width), np.float32)
        found = points(self.material, self.where, rows, X)
        return found if isinstance(found, np.ndarray) else found.dense()

    @property
    def width(self) -> int:
        """Coordinates of a point."""
        if "width" not in self._found:
            self._found["width"] = width_of(self.material, self.where)
        return int(self._found["width"])

    def _labelled(self) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self._points(*self.labelled_rows())
        return found

    def _labels(self) -> NDArray[np.intp]:
        rows, _ = self.labelled_rows()
        number = {name: code for code, name in enumerate(self.material.classes)}
        ids = [] if rows is None else rows.ids.to_pylist()
        return np.array([number[self.material.labelled[id_]] for id_ in ids], dtype=np.intp)

    def _proba_of(self, rows: Rows | None, X: Any) -> NDArray[np.float64]:
        if rows is None:
            return np.empty((0, len(self.material.classes)))
        found: NDArray[np.float64] = signals(self.material, ["proba"], rows, X)["proba"]
        return found

    def _labelled_proba(self) -> NDArray[np.float64]:
        return self._proba_of(*self.labelled_rows())

    def _reference(self) -> NDArray[np.float32]:
        found: NDArray[np.float32] = self._points(*self.reference_rows())
        return found

    def _reference_proba(self) -> NDArray[np.float64]:
        return self._proba_of(*self.reference_rows())

    def _target(self) -> NDArray[np.float64]:
        material = self.material
        if material.target is None:
            rows, X = self.reference_rows()
        else:
            rows = material.target
            if len(rows) > self.sample:
                smallest = np.argsort(hash_ids(rows.ids, material.seed, "reference"), kind="stable")[: self.sample]
                rows = rows.take(np.sort(smallest))
            X = None if material.maker is None else material.maker.transform(rows)
        found: NDArray[np.float64] = signals(material, ["committee"], rows, X)["committee"]
        return found

    def _liked(self) -> NDArray[np.float32]:
        return self._examples(self.material.liked)

    def _unliked(self) -> NDArray[np.float32]:
        return self._examples(self.material.unliked)

    def _examples(self, rows: Rows | None) -> NDArray[np.float32]:
        maker = self.material.maker
        X = None if rows is None or maker is None else maker.transform(rows)
        found: NDArray[np.float32] = self._points(rows, X)
        return found

    def _costs(self) -> NDArray[np.float64]:
        if self.material.costs is not None:
            return self.material.costs
        return 1.0 - np.eye(len(self.material.classes))

    def _mean(self) -> NDArray[np.float64]:
        work = partial(_sums, material=self.material, where=self.where)
        parts = scan(self.material.pool, work, jobs=self.material.jobs, processes=self.material.processes(True))
        rows = sum(count for count, _ in parts)
        total = np.sum([part for count, part in parts if count], axis=0) if rows else np.zeros(self.width)
        mean: NDArray[np.float64] = total / max(1, rows)
        return mean


def width_of(material: Material, where: str) -> int:
    """Coordinates of a point of a space, seen on one row where nothing else tells; 1 for a pool without rows."""
    if where in ("features", "embedding") and material.maker is not None:
        of_file = where == "embedding" and material.vectors is not None
        known = None if of_file else material.maker.points_width(where == "embedding")
        if known is not None:
            return known
    for unit in material.pool.units():
        for rows, X in material.batches(unit, True):
            if len(rows):
                # of a batch from the pool, as `rows` are: a file that was brought may lack a row that is not eligible
                first = replace(rows.take(np.arange(1)), file=rows.file)
                return int(points(material, where, first, None if X is None else X[:1]).shape[1])
    return 1


def _sums(pool: Pool, unit: Unit, material: Material, where: str) -> tuple[int, Any]:
    """How many rows are eligible, and the sum of their points, each brought to length 1."""
    count, total = 0, None
    for rows, X in material.batches(unit, True):
        mask = material.eligible.mask(rows)
        place = np.asarray(points(material, where, rows, X), dtype=np.float64)
        length = np.sqrt(np.einsum("ij,ij->i", place, place))
        place /= np.where(length > 0.0, length, 1.0)[:, None]
        if mask is not None:
            place = place[mask]
        count += len(place)
        total = place.sum(axis=0) if total is None else total + place.sum(axis=0)
    return count, total
