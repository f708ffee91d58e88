"""Fields, made once for all processes of a run.

A field is kept in a folder, whose arrays every worker maps into its memory. It is written beside itself and
renamed, so that a worker finds a whole one or none.
"""

from __future__ import annotations

import os
import pickle
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from alcli.steps.simulation.data import Data
from alcli.steps.simulation.field import HELD_CELLS, Field, Ground, make_field


class Fields:
    """Fields of one run, made when a campaign first asks for them, by whichever process that is.

    Parameters
    ----------
    folder : of the run, where all its processes look.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._last: tuple[str, Field] | None = None

    def of(self, key: str, data: Data, ground: Ground, test: Data | None) -> Field:
        """The field of that key: the one at hand, one on the disk, or a new one."""
        if self._last is not None and self._last[0] == key:
            return self._last[1]
        self._last = None
        place = self.folder / key
        if not place.exists():
            self._make(place, data, ground, test)
        self._last = key, _loaded(place)
        return self._last[1]

    def _make(self, place: Path, data: Data, ground: Ground, test: Data | None) -> None:
        from alcli.files import locked

        with locked(self.folder / f"{place.name}.lock", 24 * 3600.0, "simulate"):
            if place.exists():
                return
            beside = Path(tempfile.mkdtemp(dir=self.folder, prefix="making-"))
            _save(make_field(data, ground, test, beside), beside)
            os.replace(beside, place)  # noqa: PTH105

    def forget(self, key: str) -> None:
        """Remove a field that no campaign will ask for again."""
        shutil.rmtree(self.folder / key, ignore_errors=True)


_ARRAYS = ("data", "indices", "indptr")


def _save(field: Field, folder: Path) -> None:
    X = field.maker.X
    if isinstance(X, np.ndarray):
        if not (folder / "X.npy").exists():
            np.save(folder / "X.npy", X)
        shape = None
    else:
        for name in _ARRAYS:
            np.save(folder / f"{name}.npy", getattr(X, name))
        shape = X.shape
    field.maker.X = None
    with (folder / "field.pickle").open("wb") as file:
        pickle.dump((field, shape), file, protocol=5)


def _loaded(folder: Path) -> Field:
    with (folder / "field.pickle").open("rb") as file:
        found: tuple[Field, Any] = pickle.load(file)
    field, shape = found
    field.maker.pool = field.pool
    if shape is None:
        field.maker.X = _mapped(folder / "X.npy")
    else:
        from scipy.sparse import csr_matrix

        X = csr_matrix(tuple(_mapped(folder / f"{name}.npy") for name in _ARRAYS), shape=shape, copy=False)
        X.has_sorted_indices = True
        field.maker.X = X
    return field


def _mapped(path: Path) -> Any:
    """The array, mapped when it is large."""
    if path.stat().st_size > 8 * HELD_CELLS:
        return np.load(path, mmap_mode="r")
    return np.load(path)
