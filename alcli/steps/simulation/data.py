"""A labelled table, looked at once: its rows, its labels, what its columns are."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.errors import TableError, UsageError, counted, did_you_mean, listing
from alcli.telling import stage

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


def open_all(paths: Sequence[str], settings: Settings, folder: Path) -> tuple[list[Data], list[Data | None]]:
    """The data sets, and for each of them the test file, or None.

    Parameters
    ----------
    folder : of the run, where text that was parsed is kept.

    Raises
    ------
    UsageError
        If a path is ``-``, or two data sets have one name.
    TableError
        As `open_data` and `check_prices`.
    """
    if "-" in paths:
        raise UsageError(
            "a table that is read many times cannot come from stdin", hint="save it to a file", code="stdin"
        )
    cache = folder / "cache"
    datasets, tests = [], []
    for path in paths:
        with stage(f"reading {path}"):
            found = open_data(path, settings, cache, classes=settings.classes)
            test = None
            if settings.test is not None:
                test = open_data(str(settings.path("test")), settings, cache, classes=settings.classes, learned=False)
            if settings.cost is not None:
                check_prices(found, settings.cost)
        datasets.append(found)
        tests.append(test)
    names = [data.name for data in datasets]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UsageError(f"two data sets are called {twice!r}, so results could not tell them apart", code="bad-value")
    return datasets, tests


def noted(datasets: Sequence[Data], tests: Sequence[Data | None]) -> list[str]:
    """What a reader has to know of the rows."""
    left_out = sum(data.unlabelled for data in datasets)
    notes = [f"{counted(left_out, 'row')} without a label were left out"] if left_out else []
    for data, test in zip(datasets, tests, strict=True):
        strangers = [] if test is None else sorted(set(test.classes) - set(data.classes))
        if strangers:
            notes.append(f"the test file holds labels that {data.name} does not have: {listing(strangers)}")
    return notes


def open_data(
    path: str, settings: Settings, cache: Path | None, *, classes: Sequence[str] = (), learned: bool = True
) -> Data:
    """Open a labelled table; its columns get roles as by `init`.

    Parameters
    ----------
    classes : that its labels may be; those that stand in it when there are none.
    learned : whether campaigns are played on it; to measure on, rows of one class will do.

    Raises
    ------
    TableError
        When there is no column of labels, no label, one class only to learn, or too many to be classes.
    """
    from alcli.features.roles import infer_roles
    from alcli.steps.roles import given_roles, sample_for_roles
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
    known = _known_classes(labels, classes, path, label, 2 if learned else 1)
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


def check_prices(data: Data, column: str) -> None:
    """See that every labelled row says what its label costs.

    Raises
    ------
    TableError
        ``missing-column``; ``bad-number`` or the like where a cell is no number; ``bad-cost`` when a price is missing,
        0 or negative.
    """
    import numpy as np

    from alcli.tables.pool import Request

    names = [each.name for each in data.pool.columns]
    file = data.pool.files[0].shown
    if column not in names:
        raise TableError(
            f"the data has no column {column!r}, which `--cost` names",
            at=file,
            hint=did_you_mean(column, names) or f"its columns are: {listing(names)}",
            code="missing-column",
        )
    wrong: list[tuple[str, float]] = []
    for unit in data.pool.units():
        for rows in data.pool.read(unit, Request(text=(data.label,), numbers=(column,))):
            prices = rows.columns[column].to_numpy(zero_copy_only=False)  # NaN where there is none
            labels = rows.columns[data.label]
            for at in np.flatnonzero(~(np.isfinite(prices) & (prices > 0))).tolist():
                if (labels[at].as_py() or "").strip():
                    wrong.append((rows.ids[at].as_py(), float(prices[at])))
    if wrong:
        id_, price = wrong[0]
        what = "has no cost" if np.isnan(price) else f"costs {price:g}, and a cost is above 0"
        others = f"; so it is with {counted(len(wrong) - 1, 'other row')}" if len(wrong) > 1 else ""
        raise TableError(
            f"the row {id_!r} {what}{others}",
            at=file,
            hint=f"correct column {column!r}, or leave such rows out",
            code="bad-cost",
        )


def _known_classes(labels: Sequence[str], told: Sequence[str], path: str, label: str, least: int) -> tuple[str, ...]:
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
    if len(found) < least:
        raise TableError(
            f"column {label!r} has no label: there is nothing to {'learn' if least > 1 else 'measure on'}"
            if not found
            else f"column {label!r} has one label only: there is nothing to learn",
            at=path,
            hint="a simulation needs the true label of every row, of two classes or more where it learns",
            code="too-few-labels",
        )
    return tuple(sorted(found))
