"""What makes two rows exclude each other in a batch: the same content, or the same full group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from alcli.tables.rows import Request, Rows

if TYPE_CHECKING:
    from alcli.selection.candidates import Kept
    from alcli.selection.material import Material


class Identities:
    """Reads of offered rows what tells copies and groups.

    Parameters
    ----------
    per_group : rows of one value of `material.group_by` that a batch may hold.
    """

    def __init__(self, material: Material, per_group: int = 1) -> None:
        self.material = material
        self.per_group = per_group
        content, group = material.content or Request(), material.group_by
        self._whole = Request(
            text=tuple(dict.fromkeys([*content.text, *([group] if group else [])])),
            numbers=tuple(name for name in content.numbers if name != group),
            vectors=content.vectors,
        )

    @property
    def needed(self) -> bool:
        """Whether anything can make two rows exclude each other."""
        return bool(self._whole.columns)

    def of(self, kept: Kept) -> tuple[list[Any], list[str]]:
        """For each row its content, by which copies are known, and its group; empty lists where there are none."""
        material, whole = self.material, self._whole
        if not len(kept) or not whole.columns:
            return [], []
        cells = {name: cells for name, cells in kept.cells.items() if whole.uses.get(name) == _use(cells)}
        missing = {name: use for name, use in whole.uses.items() if name not in cells}
        if missing:
            lacking = Request(
                *(tuple(n for n, use in missing.items() if use == kind) for kind in ("text", "numbers", "vectors"))
            )
            cells.update(material.pool.take(kept.ids.to_pylist(), lacking).columns)
        group = material.group_by
        groups = ["" if value is None else str(value) for value in cells[group].to_pylist()] if group else []
        return material.contents(Rows(kept.ids, cells)), groups

    def limits(self, kept: Kept) -> Sequence[tuple[NDArray[np.intp], int]]:
        """Positions of rows that exclude each other, and how many of them a batch may hold."""
        contents, groups = self.of(kept)
        taken = self.material.taken
        together: dict[Hashable, list[int]] = defaultdict(list)
        most: dict[Hashable, int] = {}
        for at, content in enumerate(contents):
            if content is not None:
                together["content", content].append(at)
                most["content", content] = 0 if content in taken else 1
        for at, group in enumerate(groups):
            together["group", group].append(at)
            most["group", group] = self.per_group
        return [(np.array(rows, np.intp), most[key]) for key, rows in together.items() if len(rows) > most[key]]


def _use(cells: Any) -> str:
    """As what a column was read: a condition may have read it as something else than the features do."""
    kind = str(cells.type)
    return "text" if kind == "string" else "numbers" if kind in ("float", "double") else "vectors"
