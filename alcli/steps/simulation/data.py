"""A labelled table, looked at once: its rows, its labels, what its columns are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.errors import TableError, UsageError, did_you_mean, listing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alcli.settings import Settings
    from alcli.tables.pool import Pool

MOST_CLASSES = 1000
# A category that tells the class so often is more likely a second label than a lucky find.
_TELLING, _LOOKED_AT = 0.99, 20_000


@dataclass(frozen=True)
class Data:
    """A labelled table. Picklable.

    Attributes
    ----------
    name : what it is called in results: the name of the file without its suffix.
    pool : the file as a pool; rows without a label are in no campaign.
    label : the column of the labels.
    roles : column -> role, the label's not among them.
    classes : of the labels, sorted, or as they were told.
    ids : of all n labelled rows, in the order of the file.
    codes : (n,) their classes.
    unlabelled : rows that were left out.
    """

    name: str
    pool: Pool
    label: str
    roles: Mapping[str, str]
    classes: tuple[str, ...]
    ids: Any
    codes: NDArray[np.int32]
    unlabelled: int = 0

    @property
    def fingerprint(self) -> str:
        return self.pool.facts().fingerprint

    def __len__(self) -> int:
        return len(self.codes)


def open_data(path: str, settings: Settings, cache: Path | None, *, classes: Sequence[str] = ()) -> Data:
    """Open a labelled table; its columns get roles as by `init`.

    Parameters
    ----------
    classes : that its labels may be; those that stand in it when there are none.

    Raises
    ------
    TableError
        When there is no column of labels, fewer than two classes, or too many to be classes.
    """
    from alcli.features.roles import infer_roles
    from alcli.steps.project import given_roles, sample_for_roles
    from alcli.tables.pool import Pool

    pool = Pool.open(
        [path], id_column=settings.id, encoding=settings.encoding, separator=settings.separator, cache=cache
    )
    facts = pool.facts()
    names = [column.name for column in pool.columns]
    overrides = dict(given_roles(settings))
    if settings.given("label"):
        overrides[settings.label] = "label"
    unknown = next((name for name in overrides if name not in names), None)
    if unknown is not None:
        raise UsageError(
            f"{path} has no column {unknown!r}",
            hint=did_you_mean(unknown, names) or f"its columns are: {listing(names)}",
            code="unknown-column",
        )
    found = infer_roles(pool.columns, facts, sample_for_roles(pool), overrides, pool.id_column)
    roles = {role.column: role.role for role in found}
    label = next((name for name, role in roles.items() if role == "label"), None)
    if label is None:
        raise TableError(
            "there is no column of labels: a simulated labeler reads its answers there",
            at=path,
            hint=f"`--label COLUMN` names it; the columns are: {listing(names)}",
            code="missing-column",
        )
    ids, labels = _labelled(pool, label)
    known = _known_classes(labels, classes, path, label)
    import numpy as np

    number = {name: code for code, name in enumerate(known)}
    blank = pool.facts().rows - len(labels)
    codes = np.fromiter((number[each] for each in labels), np.int32, len(labels))
    kept = {name: role for name, role in roles.items() if role != "label"}
    _warn_of_answers(
        pool, label, [name for name in kept if kept[name] == "categorical" and name not in overrides], path
    )
    return Data(Path(path.rstrip("/")).stem or path, pool, label, kept, known, ids, codes, blank)


def _warn_of_answers(pool: Pool, label: str, columns: Sequence[str], path: str) -> None:
    """Tell of columns, taken for categories unasked, whose values give the class away, as a finer label does."""
    from alcli.tables.pool import Request
    from alcli.telling import warn

    if not columns:
        return
    rows = pool.sample(_LOOKED_AT, Request(text=(label, *columns)), seed=0)
    truth = rows.columns[label].to_pylist()
    usual = Counter(each for each in truth if each).most_common(1)[0][1] if any(truth) else 0
    for name in columns:
        pairs = [pair for pair in zip(rows.columns[name].to_pylist(), truth, strict=True) if pair[0] and pair[1]]
        by: dict[str, Counter[str]] = defaultdict(Counter)
        for value, its in pairs:
            by[value][its] += 1
        right = sum(max(counts.values()) for counts in by.values())
        if len(by) * 10 <= len(pairs) and right >= _TELLING * len(pairs) and usual < _TELLING * len(pairs):
            share = right / len(pairs)
            warn(
                f"{path}: column {name!r} tells the class of {share:.1%} of the rows; if rows to be labelled do not have it"
                f" yet, leave it out with `--ignore {name}`"
            )


def _labelled(pool: Pool, label: str) -> tuple[Any, list[str]]:
    import numpy as np
    import pyarrow as pa

    from alcli.tables.arrays import integers
    from alcli.tables.pool import Request

    parts: list[Any] = []
    labels: list[str] = []
    for unit in pool.units():
        for rows in pool.read(unit, Request(text=(label,))):
            cells = rows.columns[label].to_pylist()
            filled = [at for at, cell in enumerate(cells) if cell is not None and cell.strip()]
            whole = len(filled) == len(cells)
            parts.append(rows.ids if whole else rows.ids.take(integers(np.asarray(filled, np.int64))))
            labels += cells if whole else [cells[at] for at in filled]
    return pa.concat_arrays(parts) if parts else pa.nulls(0, pa.string()), labels


def _known_classes(labels: Sequence[str], told: Sequence[str], path: str, label: str) -> tuple[str, ...]:
    found = set(labels)
    if told:
        strange = sorted(found - set(told))
        if strange:
            raise TableError(
                f"the data holds labels that are not among --classes: {listing(strange)}",
                at=path,
                hint="name them all with `--classes`",
                code="unknown-label",
            )
        return tuple(told)
    if len(found) > MOST_CLASSES:
        raise TableError(
            f"column {label!r} has {len(found):,} different labels, too many for classes",
            at=path,
            hint="is it another column? `--label COLUMN`",
            code="too-many-classes",
        )
    if len(found) < 2:
        raise TableError(
            f"column {label!r} has {'no label' if not found else 'one label only'}: there is nothing to learn",
            at=path,
            hint="a simulation needs the true label of every row, of two classes or more",
            code="too-few-labels",
        )
    return tuple(sorted(found))
