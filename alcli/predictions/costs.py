"""What each mistake costs: a table with a class a row and a class a column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alcli.errors import Place, TableError, did_you_mean, listing
from alcli.tables.delimited import read_records


def read_costs(path: Path, shown: str, classes: Sequence[str]) -> NDArray[np.float64]:
    """(c, c): what it costs to predict the class of column j for a row of the class of row i.

    The first column names the true class, the header the predicted one, both in any order. Being
    right may cost something too.

    Parameters
    ----------
    classes : in the order of what is returned; those of the file's header, sorted, when there are none.

    Raises
    ------
    TableError
        ``unknown-class``, ``missing-class``, ``duplicate-class``, ``bad-cost-matrix``, with row and column.
    """
    read = read_records(path, strict=True, shown=shown)
    predicted = read.header[1:]
    header = Place(shown, read.dialect.header_row)
    classes = list(classes) or sorted(predicted)
    for name in predicted:
        _known(name, classes, header)
        if predicted.count(name) > 1:
            raise TableError(f"two columns are for {name!r}", at=header, code="duplicate-class")
    _all(predicted, classes, "column", shown)
    costs = np.full((len(classes), len(classes)), np.nan)
    seen: list[str] = []
    for number, cells in read.rows:
        true = cells[0]
        _known(true, classes, Place(shown, number, read.header[0] or None))
        if true in seen:
            raise TableError(f"two rows are for {true!r}", at=Place(shown, number), code="duplicate-class")
        seen.append(true)
        for name, cell in zip(predicted, cells[1:], strict=True):
            costs[classes.index(true), classes.index(name)] = _cost(cell, Place(shown, number, name))
    _all(seen, classes, "row", shown)
    return costs


def _known(name: str, classes: Sequence[str], at: Place) -> None:
    if name not in classes:
        raise TableError(
            f"{name!r} is no class of this project",
            at=at,
            hint=did_you_mean(name, classes)
            or f"the classes are: {listing(list(classes))}; the first column names the true class of each row",
            code="unknown-class",
        )


def _all(found: Sequence[str], classes: Sequence[str], what: str, shown: str) -> None:
    missing = [name for name in classes if name not in found]
    if missing:
        raise TableError(
            f"no {what} is for the class {missing[0]!r}"
            + (f", nor for {len(missing) - 1} more" if missing[1:] else ""),
            at=shown,
            hint=f"there is a row and a column for each of: {listing(list(classes))}",
            code="missing-class",
        )


def _cost(text: str, at: Place) -> float:
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not 0.0 <= value < float("inf"):
        raise TableError(
            f"{text!r} is not a cost" if text.strip() else "a cost is missing",
            at=at,
            hint="a number, 0 or more",
            code="bad-cost-matrix",
        )
    return value
