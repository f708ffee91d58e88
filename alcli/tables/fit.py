"""Whether several files make one table, and whether a column can hold its ids."""

from __future__ import annotations

from collections.abc import Sequence

from alcli.errors import Place, TableError, listing
from alcli.tables.sources import PoolFile


def common_columns(files: Sequence[PoolFile]) -> dict[str, str]:
    """Column -> kind over all files, in the first one's order."""
    kinds = dict(files[0].kinds)
    for file in files[1:]:
        here = file.kinds
        if here.keys() != kinds.keys():
            missing = [name for name in kinds if name not in here]
            extra = [name for name in here if name not in kinds]
            words = []
            if missing:
                words.append(f"has no {listing([repr(name) for name in missing])}")
            if extra:
                words.append(f"has {listing([repr(name) for name in extra])} besides")
            raise TableError(
                f"the files of a pool must have the same columns; compared with {files[0].shown} this one "
                + " and ".join(words),
                at=file.shown,
                code="different-columns",
            )
        for name, kind in here.items():
            kinds[name] = _common_kind(kinds[name], kind, name, file)
    return kinds


def _common_kind(one: str, other: str, name: str, file: PoolFile) -> str:
    if one == other:
        return one
    if {one, other} == {"integer", "float"}:
        return "float"
    if "other" in (one, other):
        raise TableError(
            f"column {name!r} is of another type here than in the files before it",
            at=Place(file.shown, column=name),
            code="different-columns",
        )
    # A vector may be a list in Parquet and JSON text in CSV; anything else meets as text.
    return "vector" if "vector" in (one, other) else "text"


def check_id_kind(name: str, files: Sequence[PoolFile]) -> None:
    for file in files:
        kind = file.kinds[name]
        if kind == "float":
            raise TableError(
                "the ids are floating-point numbers, whose text is not certain",
                at=Place(file.shown, column=name),
                hint="write the id column as text or as integers",
                code="float-ids",
            )
        if kind in ("vector", "other"):
            raise TableError(
                "the id column holds neither text nor integers",
                at=Place(file.shown, column=name),
                hint="write the id column as text",
                code="id-type",
            )
