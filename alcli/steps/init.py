"""`init`: looks at a pool, infers what each column is, and writes alcli.toml."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.clock import now
from alcli.errors import FileTrouble, Place, TableError, UsageError, did_you_mean, listing
from alcli.files import digest_bytes, write_bytes
from alcli.settings import CONFIG_NAME
from alcli.steps.delivering import write_stdout
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.steps.roles import ROLE_SETTINGS, given_roles, sample_for_roles
from alcli.tables.history import current
from alcli.tables.ledgers import Answer

if TYPE_CHECKING:
    from alcli.features.roles import Role
    from alcli.tables.pool import Pool


@dataclass(frozen=True, kw_only=True)
class InitResult(Result):
    """What `init` found.

    Attributes
    ----------
    id : the column of the ids; `made_ids` when they were made from the rows' content.
    columns : column -> role. `roles` says why.
    labels : labels taken in from the pool's label column.
    settings_path : the file that was written, or None for `-o -`.
    """

    rows: int
    id: str
    made_ids: bool
    columns: Mapping[str, str]
    classes: tuple[str, ...]
    labels: int
    settings_path: str | None
    roles: tuple[Role, ...]
    next: str

    def data(self) -> dict[str, Any]:
        data = super().data()
        data["settings"] = data.pop("settings_path")
        return data


def init(*, pool: Sequence[str | Path], output: str | None = None, force: bool = False, **flags: Any) -> InitResult:
    """Look at a pool and write alcli.toml.

    Parameters
    ----------
    pool : files, patterns or folders.
    output : ``-`` prints the settings instead of writing them.
    force : replace alcli.toml. Labels that are there stay.

    Raises
    ------
    FileTrouble
        If alcli.toml exists.
    TableError
        If the pool cannot be read as it is: an id twice or missing, an unknown encoding, a row with
        too many cells; the row is named.
    """
    if output not in (None, "-"):
        raise UsageError("`init -o` takes only `-`", hint="alcli.toml is always called so; `-C DIR` says where")
    folder = Path(flags.get("project") or os.environ.get("ALCLI_PROJECT") or ".")
    if not folder.is_dir():
        raise UsageError(f"the folder {folder} does not exist", hint="make it first")
    config = folder / CONFIG_NAME
    if config.exists() and not force and output is None:
        raise FileTrouble(f"{config} exists already", hint="`--force` writes it anew; labels stay", code="exists")
    flags = {key: value for key, value in flags.items() if key != "config"}
    project = Project("init", {**flags, "config": "none", "project": folder})
    patterns = [_as_seen_from(folder, str(each)) for each in pool]
    opened = _open(project, [str(each) for each in pool], folder, cached=output is None)
    facts = opened.facts()
    roles = _roles(project, opened)
    classes, answers, warnings = _classes_and_labels(project, opened, roles)
    text = _toml(project, opened, patterns, roles, classes, facts.fingerprint)
    taken = 0
    if output == "-":
        write_stdout(text.encode("utf-8"))
    else:
        with project.writing():
            taken = _take_in(project, answers)
            write_bytes(config, text.encode("utf-8"), commits=True)
    if not classes:
        warnings.append("no classes are known: pass `--classes a,b`, or put them into alcli.toml")
    return InitResult(
        rows=facts.rows,
        id=opened.id_column,
        made_ids=opened.generated_ids,
        columns={role.column: role.role for role in roles},
        classes=tuple(classes),
        labels=taken,
        settings_path=str(config) if output is None else None,
        roles=tuple(roles),
        next=f"alcli query -n 50 -o to_label.xlsx{'' if str(folder) == '.' else f' -C {folder}'}",
        warnings=tuple(warnings),
        settings=shaping(project.settings, "init"),
    )


def _as_seen_from(folder: Path, pattern: str) -> str:
    """A pattern relative to the project's folder; absolute ones and remote ones stay."""
    if pattern == "-":
        raise UsageError("`init` cannot remember a pool that came from stdin", hint="save it to a file first")
    try:
        pattern.encode()
    except UnicodeEncodeError:
        raise UsageError(
            f"the name {pattern!r} is not UTF-8, so alcli.toml cannot hold it",
            hint="rename it, or name it by a pattern",
            code="encoding",
        ) from None
    if Path(pattern).is_absolute() or "://" in pattern:
        return pattern
    return Path(os.path.relpath(pattern, folder)).as_posix()


def _open(project: Project, patterns: Sequence[str], folder: Path, cached: bool) -> Pool:
    from alcli.tables.pool import Pool

    settings = project.settings
    return Pool.open(
        patterns,
        id_column=settings.id,
        encoding=settings.encoding,
        separator=settings.separator,
        cache=folder / ".alcli" / "cache" if cached else None,
        base=Path(),
    )


def _roles(project: Project, pool: Pool) -> list[Role]:
    from alcli.features.roles import infer_roles

    overrides = given_roles(project.settings)
    settings = project.settings
    names = [column.name for column in pool.columns]
    if settings.given("label"):
        if settings.label not in names:
            raise UsageError(
                f"`--label {settings.label}` names a column that the pool does not have",
                hint=did_you_mean(settings.label, names) or f"the columns are: {listing(names)}",
                code="unknown-column",
            )
        overrides[settings.label] = "label"
    return infer_roles(pool.columns, pool.facts(), sample_for_roles(pool), overrides, pool.id_column)


def _classes_and_labels(
    project: Project, pool: Pool, roles: Sequence[Role]
) -> tuple[list[str], list[tuple[str, str]], list[str]]:
    """The classes, the labels that stand in the pool, and warnings."""
    column = next((role.column for role in roles if role.role == "label"), None)
    pairs = list(_labels_in(pool, column)) if column is not None else []
    classes = list(project.settings.classes)
    seen = {label for _, label in pairs}
    if project.settings.test is not None:
        seen |= _labels_of_test(project)
    if not classes:
        if len(seen) > 1000:
            raise TableError(
                f"column {column!r} has {len(seen):,} different labels, too many for classes",
                hint="is it another column? `--label COLUMN`, or `--ignore` it",
                code="too-many-classes",
            )
        return sorted(seen), pairs, []
    unknown = sorted(seen - set(classes))
    if unknown:
        raise TableError(
            f"the data holds labels that are not among --classes: {listing(unknown)}",
            at=Place(pool.files[0].shown, column=column),
            hint="name them all with `--classes`, or leave the column out with `--ignore`",
            code="unknown-label",
        )
    return classes, pairs, []


def _labels_in(pool: Pool, column: str) -> Iterable[tuple[str, str]]:
    from alcli.tables.pool import Request

    for unit in pool.units():
        for rows in pool.read(unit, Request(text=(column,))):
            for id_, label in zip(rows.ids.to_pylist(), rows.columns[column].to_pylist(), strict=True):
                if label is not None and label.strip():
                    yield id_, label


def _labels_of_test(project: Project) -> set[str]:
    from alcli.tables.pool import Pool

    settings = project.settings
    test = Pool.open([str(settings.path("test"))], id_column=None, encoding=settings.encoding, base=Path())
    if settings.label not in [column.name for column in test.columns]:
        raise TableError(
            f"the test file has no column {settings.label!r}",
            at=str(settings.path("test")),
            hint=f"its columns are: {listing([column.name for column in test.columns])}; `--label` names another",
            code="missing-column",
        )
    return {label for _, label in _labels_in(test, settings.label)}


def _take_in(project: Project, pairs: Sequence[tuple[str, str]]) -> int:
    """Labels of the pool into labels.csv; rows that have an answer already keep it."""
    have = {id_ for id_, _ in current(project.labels.rows())}
    moment = now()
    new = [Answer(id_, label, "", "label", "", "", "pool", "", moment) for id_, label in pairs if id_ not in have]
    return project.labels.append(new)


def _toml(
    project: Project,
    pool: Pool,
    patterns: Sequence[str],
    roles: Sequence[Role],
    classes: Sequence[str],
    fingerprint: str,
) -> str:
    settings = project.settings
    by_role: dict[str, list[str]] = {role: [] for role in ROLE_SETTINGS}
    for role in roles:
        if role.role in by_role:
            by_role[role.role].append(role.column)
    key = digest_bytes("\x1f".join([fingerprint, pool.id_column, *classes]).encode("utf-8", "surrogatepass"))[:12]
    lines = ["# Settings of this project; paths are relative to this file. Flags and ALCLI_ variables come first."]
    lines.append(f"pool = {_value(list(patterns))}")
    if not pool.generated_ids:
        lines.append(f"id = {_value(pool.id_column)}")
    lines += [f"{role} = {_value(columns)}" for role, columns in by_role.items() if columns]
    lines.append(f"classes = {_value(list(classes))}")
    label = next((role.column for role in roles if role.role == "label"), settings.label)
    if label != "label":
        lines.append(f"label = {_value(label)}")
    for name in ("encoding", "separator"):
        if getattr(settings, name) is not None:
            lines.append(f"{name} = {_value(getattr(settings, name))}")
    if settings.test is not None:
        test = str(settings.path("test"))
        lines.append(f"test = {_value(_as_seen_from(settings.project, test))}")
    lines.append(f"project = {_value(key)}  # tells this project's sheets from another's")
    lines += ["seed = 0", "", "[query]", 'strategy = "auto"', "count = 50", "", "[train]", 'estimator = "logistic"', ""]
    return "\n".join(lines)


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    text = str(value)
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    # TOML wants control characters escaped
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in plain) + '"'
