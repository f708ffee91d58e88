"""From what a row holds in a file to the signals that strategies take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alcli.predictions.cells import Bad, Cells
from alcli.predictions.layout import GRADIENT, Group, Layout
from alcli.predictions.source import Block

Reals = NDArray[np.float64]

#: How far a sum of probabilities may be from 1 for rounding's sake; what is nearer is brought to 1.
ROUNDING = 0.01
_EXACT = 1e-9
_ONE = {"passes": "pass", "numbers": "number", "classes in a region": "class in a region"}


def signals_of(block: Block, layout: Layout, widths: dict[str, int]) -> dict[str, NDArray[Any]]:
    """The signals of a block's rows, (n, …) each; members stand behind the rows: (n, m, c).

    Parameters
    ----------
    widths : lengths that all rows have alike, as of gradients; filled from the first row of the file.

    Raises
    ------
    Bad
        For the first row that cannot be.
    """
    found: dict[str, NDArray[Any]] = {}
    for name, group in (("proba", layout.proba), ("committee", layout.committee)):
        if group is not None:
            numbers = _group(block, group, layout.classes, widths)
            found[name] = distributions(numbers, group, layout.classes)
    if layout.tokens:
        found["sequence"] = _sequences(block, layout.tokens)
    if layout.regions:
        found["regions"] = _regions(block, layout.regions[0], widths)
    if layout.gradient:
        found["gradient"] = vectors(block.cells(GRADIENT, 1), GRADIENT, widths)
    return found


def _group(block: Block, group: Group, classes: Sequence[str], widths: dict[str, int]) -> Reals:
    """(n, c), or (n, m, c) for several passes."""
    if not group.whole:
        columns = []
        for name in group.columns:
            cells = block.cells(name, group.depth)
            if group.depth:
                _even(cells.counts[0], "passes", widths, name, lambda row: row)
            columns.append(np.asarray(cells.values, np.float64).reshape(block.length, *_passes(group, widths)))
        return np.stack(columns, axis=-1)
    name = group.columns[0]
    cells = block.cells(name, group.depth)
    if group.several:
        _even(cells.counts[0], "passes", widths, name, lambda row: row)
    wrong = np.flatnonzero(cells.counts[-1] != len(classes))
    if wrong.size:
        at = int(wrong[0])
        row = Cells(np.empty(0), cells.counts[:-1]).row_of(at)
        raise Bad(
            row,
            f"has {cells.counts[-1][at]} numbers for {len(classes)} classes",
            column=name,
            hint=f"they stand in the order of `classes` in alcli.toml: {', '.join(classes)}",
            code="not-a-vector",
        )
    return np.asarray(cells.values, np.float64).reshape(block.length, *_passes(group, widths), len(classes))


def _passes(group: Group, widths: dict[str, int]) -> tuple[int, ...]:
    return (widths["passes"],) if group.several else ()


def _even(
    counts: NDArray[np.int64], what: str, widths: dict[str, int], column: str, row_of: Callable[[int], int]
) -> None:
    """Refuse a row with another number of something than the first row of the file has."""
    if not len(counts):
        return
    width = widths.setdefault(what, int(counts[0]))
    wrong = np.flatnonzero(counts != width)
    if wrong.size or width == 0:
        at = int(wrong[0]) if wrong.size else 0
        raise Bad(
            row_of(at),
            f"has {_said(int(counts[at]), what)}, and the rows before it have {width}"
            if wrong.size
            else f"has no {what}",
            column=column,
            hint=f"every row has as many {what}",
            code="not-a-vector",
        )


def _said(count: int, what: str) -> str:
    return f"{count} {_ONE.get(what, what) if count == 1 else what}"


def distributions(numbers: Reals, group: Group, classes: Sequence[str]) -> Reals:
    """Probabilities that sum to 1, from probabilities that nearly do or from logits. Last axis: classes."""
    finite = np.isfinite(numbers)
    if not finite.all():
        row, column, value = _first(~finite, numbers, group, classes)
        raise Bad(
            row,
            f"{value!r} is not a finite number" if value == value else "a number is missing (NaN)",
            column=column,
            code="bad-prediction",
        )
    if group.logits:
        shares: Reals = np.exp(numbers - numbers.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        return shares
    if numbers.size and float(numbers.min()) < 0.0:
        if float(numbers.min()) < -_EXACT:
            row, column, value = _first(numbers < -_EXACT, numbers, group, classes)
            raise Bad(row, f"the probability {value!r} is negative", column=column, hint=_LOGITS, code="bad-prediction")
        numbers = np.maximum(numbers, 0.0)
    sums = numbers.sum(axis=-1)
    away = np.abs(sums - 1.0)
    if away.size and float(away.max()) > ROUNDING + _EXACT:
        at = int(np.argmax(away > ROUNDING + _EXACT))
        row = at // max(1, int(np.prod(sums.shape[1:])))
        raise Bad(
            row, f"the probabilities sum to {float(sums.flat[at]):.6g}, not to 1", hint=_LOGITS, code="sum-not-one"
        )
    off = away > _EXACT
    if off.any():
        numbers = np.where(off[..., None], numbers / sums[..., None], numbers)
    return numbers


_LOGITS = "one probability for each class, which sum to 1; logits stand in columns `logit_CLASS`, or in `logits`"


def _first(wrong: NDArray[np.bool_], numbers: Reals, group: Group, classes: Sequence[str]) -> tuple[int, str, float]:
    """Row, column and value of the first wrong number."""
    at = int(np.argmax(wrong))
    place = np.unravel_index(at, numbers.shape)
    column = group.columns[0] if group.whole else group.columns[int(place[-1])]
    return int(place[0]), column, float(numbers.flat[at])


def _sequences(block: Block, names: Sequence[str]) -> Reals:
    """Mean and total of the tokens' log-probabilities, and their mean entropy; NaN for what is not there."""
    found = np.full((block.length, 3), np.nan)
    tokens: NDArray[np.int64] | None = None
    for name in names:
        cells = block.cells(name, 2 if name == "token_top_logprobs" else 1)
        lengths = cells.counts[0]
        _present(lengths, name)
        if tokens is None:
            tokens = lengths
        elif (tokens != lengths).any():
            row = int(np.argmax(tokens != lengths))
            raise Bad(
                row,
                f"has {lengths[row]} tokens here and {tokens[row]} in {names[0]!r}",
                column=name,
                code="not-a-vector",
            )
        if name == "token_logprobs":
            _not_above_zero(cells, name)
            logs = np.minimum(np.asarray(cells.values, np.float64), 0.0)
            found[:, 1] = np.add.reduceat(logs, cells.starts())
            found[:, 0] = found[:, 1] / lengths
        elif name == "token_top_logprobs":
            found[:, 2] = np.add.reduceat(_spread(cells, name), cells.starts(0)) / lengths
        else:
            _finite(cells, name, least=0.0)
            # the exact entropies, where both are there
            found[:, 2] = np.add.reduceat(np.asarray(cells.values, np.float64), cells.starts()) / lengths
    return found


def _spread(cells: Cells, name: str) -> Reals:
    """Entropy in nats of each token's alternatives; what they leave of 1 counts as one alternative more."""
    _not_above_zero(cells, name)
    counts = cells.counts[1]
    outer = Cells(np.empty(0), cells.counts[:1])
    if (counts == 0).any():
        at = int(np.argmax(counts == 0))
        raise Bad(outer.row_of(at), "a token has no alternatives", column=name, code="not-a-vector")
    logs = np.minimum(np.asarray(cells.values, np.float64), 0.0)
    shares = np.exp(logs)
    total = np.add.reduceat(shares, cells.starts(1))
    if (total > 1.0 + ROUNDING).any():
        at = int(np.argmax(total > 1.0 + ROUNDING))
        raise Bad(
            outer.row_of(at),
            f"the alternatives of a token have a probability of {total[at]:.6g} together",
            column=name,
            hint="natural logarithms of probabilities, each alternative once",
            code="sum-not-one",
        )
    rest = np.maximum(1.0 - total, 0.0)
    left = np.where(rest > 0.0, rest * np.log(np.maximum(rest, 1e-300)), 0.0)
    entropy: Reals = -np.add.reduceat(shares * logs, cells.starts(1)) - left
    return np.maximum(entropy, 0.0)


def _regions(block: Block, name: str, widths: dict[str, int]) -> Reals:
    """Mean, largest and sum of what the regions of each row are worth; 0 for a row without any."""
    cells = block.cells(name, 2 if name == "region_proba" else 1)
    counts = cells.counts[0]
    if name == "region_proba":
        outer = Cells(np.empty(0), cells.counts[:1])
        if len(cells.counts[1]):
            _even(cells.counts[1], "classes in a region", widths, name, outer.row_of)
        classes = max(1, widths.get("classes in a region", 1))
        try:
            p = distributions(
                np.asarray(cells.values, np.float64).reshape(-1, classes), Group((name,), False, 0, whole=True), ()
            )
        except Bad as bad:
            raise Bad(outer.row_of(bad.position), bad.message, column=name, code=bad.code) from None
        logs = np.log(np.maximum(p, np.finfo(np.float64).tiny))
        worth = np.maximum(-(p * logs).sum(axis=1), 0.0) / (np.log(classes) if classes > 1 else 1.0)
    else:
        _finite(cells, name, least=0.0)
        worth = np.asarray(cells.values, np.float64)
    found = np.zeros((block.length, 3))
    filled = np.flatnonzero(counts)
    if filled.size:
        starts = cells.starts(0)[filled]
        found[filled, 1] = np.maximum.reduceat(worth, starts)
        found[filled, 2] = np.add.reduceat(worth, starts)
        found[filled, 0] = found[filled, 2] / counts[filled]
    return found


def vectors(cells: Cells, name: str, widths: dict[str, int]) -> NDArray[np.float32]:
    """Lists of one length as float32: (n, d)."""
    _even(cells.counts[0], "numbers", widths, name, lambda row: row)
    flat = _single(cells, name)
    return flat.reshape(len(cells.counts[0]), widths["numbers"])


def coordinates(cells: Cells, name: str) -> NDArray[np.float32]:
    """One coordinate of each row as float32: (n,)."""
    return _single(cells, name)


def _single(cells: Cells, name: str) -> NDArray[np.float32]:
    """The numbers as float32, all of them finite."""
    _finite(cells, name)
    with np.errstate(over="ignore"):
        flat = np.asarray(cells.values, np.float32)
    over = np.isinf(flat)
    if over.any():
        at = int(np.argmax(over))
        raise Bad(
            cells.row_of(at),
            f"{float(cells.values[at])!r} is too large for float32",
            column=name,
            hint=f"vectors are kept as float32, which ends at {float(np.finfo(np.float32).max):.4g}",
            code="bad-prediction",
        )
    return flat


def _present(lengths: NDArray[np.int64], name: str) -> None:
    if (lengths == 0).any():
        raise Bad(
            int(np.argmax(lengths == 0)),
            "has no tokens",
            column=name,
            hint="an empty text has one token, its end",
            code="not-a-vector",
        )


def _not_above_zero(cells: Cells, name: str) -> None:
    _finite(cells, name)
    if (cells.values > _EXACT).any():
        at = int(np.argmax(cells.values > _EXACT))
        raise Bad(
            cells.row_of(at),
            f"{float(cells.values[at])!r} is above 0, so it is no log-probability",
            column=name,
            hint="natural logarithms of probabilities",
            code="bad-prediction",
        )


def _finite(cells: Cells, name: str, least: float | None = None) -> None:
    wrong = ~np.isfinite(cells.values)
    if not wrong.any() and least is not None:
        wrong = cells.values < least
    if wrong.any():
        at = int(np.argmax(wrong))
        value = float(cells.values[at])
        if value != value:
            said = "a number is missing (NaN)"
        else:
            said = f"{value!r} is negative" if np.isfinite(value) else f"{value!r} is not a finite number"
        raise Bad(cells.row_of(at), said, column=name, code="bad-prediction")
