"""Flags, each made from its row in the table of settings, and those that act once."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from alcli.settings import TABLE, Settings, flag_of, variable_of

LETTERS = {
    "count": "-n",
    "recheck_count": "-n",
    "strategy": "-s",
    "jobs": "-j",
    "quiet": "-q",
    "verbose": "-v",
}
METAVARS = {
    "text": "COLUMN",
    "numeric": "COLUMN",
    "categorical": "COLUMN",
    "embedding": "COLUMN",
    "ignore": "COLUMN",
    "id": "COLUMN",
    "label": "COLUMN",
    "show": "COLUMN",
    "group_by": "COLUMN",
    "by": "COLUMN",
    "classes": "A,B",
    "query_param": "KEY=VALUE",
    "train_param": "KEY=VALUE",
    "fail_under": "METRIC=VALUE",
    "count": "N",
    "recheck_count": "N",
    "strategy": "NAME",
    "estimator": "NAME",
    "metric": "NAME",
    "annotator": "NAME",
    "annotators": "NAME,NAME,…",
    "exclude_annotator": "NAME",
    "per_row": "K",
    "workload": "NAME=ROWS,…",
    "price": "NAME=NUMBER,…",
    "gold": "N",
    "gold_from": "FILE/NAME",
    "synonyms": "WORD=CLASS",
    "skip_words": "WORD",
    "withdraw_words": "WORD",
    "memory": "SIZE",
    "wait": "SECONDS",
    "seed": "N",
    "jobs": "N",
    "folds": "K",
    "per_group": "K",
    "expire": "AGE",
    "where": "CONDITION",
    "train_fail_under": "METRIC=VALUE",
    "rule": "RULE",
    "mix": "NAME:SHARE,…",
    "combine": "NAME:WEIGHT,…",
    "predictions": "FILE",
    "embeddings": "FILE",
    "like": "FILE",
    "unlike": "FILE",
    "target": "FILE",
    "cost_matrix": "FILE",
    "cost": "COLUMN",
    "budget": "B",
    "space": "NAME",
    "format": "NAME",
    "committee": "N/NAMES",
    "class_weight": "WEIGHTS",
    "encoding": "NAME",
    "separator": "CHARACTER",
    "only_confident": "P",
    "target_precision": "P",
    "coverage": "P",
    "pool": "FILE",
    "cutoffs": "CLASS",
}
# The order in which help shows them: what to read, what to do, how to behave.
_LAST = ("seed", "jobs", "wait", "quiet", "verbose", "progress", "color")
_READ = ("pool", "labels", "asked", "metrics", "model", "test", "encoding", "separator")
_HIDDEN = ("project_key",)


def names_for(command: str) -> list[str]:
    """The settings that shape `command`, in the order of its help."""
    mine = [name for name, row in TABLE.items() if command in row.commands and name not in _HIDDEN]
    return sorted(mine, key=lambda name: (name in _READ) + 2 * (name in _LAST))


def annotation(name: str, **more: Any) -> Any:
    """The typer annotation of a setting's flag. Not given is None, so that the source is known."""
    row = TABLE[name]
    flag = flag_of(name)
    declared = [flag, LETTERS[name]] if name in LETTERS else [flag]
    kind: Any = {"int": int, "float": float, "texts": list[str], "paths": list[str]}.get(row.kind, str)
    options: dict[str, Any] = {"help": _help(name), "show_default": False}
    if row.choices:
        options["metavar"] = "/".join(row.choices)
    if name in METAVARS:
        options["metavar"] = METAVARS[name]
    elif row.kind == "path":
        options["metavar"] = "FILE"
    if row.kind == "bool":
        kind = bool
        if name == "quiet":
            declared = ["--quiet/--no-quiet", "-q"]
        else:
            declared = [f"{flag}/--no-{flag.removeprefix('--')}"]
        options.pop("metavar", None)
    if name == "verbose":
        options["count"] = True
        kind = int
    option: Any = typer.Option
    return Annotated[kind | None, option(*declared, **options, **more)]


def _help(name: str) -> str:
    row = TABLE[name]
    default = Settings.__dataclass_fields__[name].default
    notes = []
    if row.kind in ("texts", "paths"):
        notes.append("repeatable")
    elif row.kind == "bool":
        notes.append(f"default {'yes' if default else 'no'}")
    elif default not in (None, "", (), 0) or name == "seed":
        notes.append(f"default {default}")
    notes.append(variable_of(name))
    return f"{row.help} ({'; '.join(notes)})"


def once(kind: Any, *declared: str, help: str, **more: Any) -> Any:
    """A flag that acts once and has no setting."""
    return Annotated[kind | None, typer.Option(*declared, help=help, show_default=False, **more)]


PROJECT = once(str, "--project", "-C", metavar="DIR", help="Folder to work in (default .; ALCLI_PROJECT)")
CONFIG = once(str, "--config", metavar="FILE", help="Settings file, or none (default alcli.toml; ALCLI_CONFIG)")
JSON = once(bool, "--json", help="Print one JSON object about what was done to stdout")


def _show_version(asked: bool | None) -> None:
    if asked:
        from alcli.cli.running import version

        raise typer.Exit(version())


VERSION = once(bool, "--version", "-V", help="Print the version and exit", is_eager=True, callback=_show_version)
TABLE_FORMAT = once(
    str, "--format", metavar="NAME", help="csv, tsv, parquet, xlsx or jsonl, when the file's name does not say it"
)
OUTPUT = once(str, "--output", "-o", metavar="FILE", help="Where to write; - is stdout")
FORCE = once(bool, "--force", help="Replace what is there")
DRY_RUN = once(bool, "--dry-run", help="Show what would happen, write nothing")
ASK_AGAIN = once(bool, "--ask-again", help="Also rows that are labelled or out with a labeler")
FOR = once(
    str,
    "--for",
    metavar="training/evaluation",
    help="What the rows are for; rows for evaluation are drawn with known chances and never train (default training)",
)
EVEN_IF_ENOUGH = once(bool, "--even-if-enough", help="Also when a stopping rule holds")
TRUST_MODEL = once(bool, "--trust-model", help="Open a model that does not match its card: runs its code")
NEW_CLASSES = once(bool, "--new-classes", help="Take labels that are not classes of this project yet")
REJECTS = once(str, "--rejects", metavar="FILE", help="Where rejected rows go (default: beside the sheet)")
