"""What a project is: most of the settings above all sections."""

from __future__ import annotations

from dataclasses import dataclass

from alcli.settings.rows import ALL, POOL, ROLES, setting


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)
class Project:
    """Where a project's files are and what is in them; what all commands share."""

    pool: tuple[str, ...] = setting((), "paths", "Pool: files, patterns or folders", POOL)
    id: str | None = setting(None, "text", "Column that holds the row ids", "init simulate " + POOL)
    text: tuple[str, ...] = setting((), "texts", "Columns of text", ROLES)
    numeric: tuple[str, ...] = setting((), "texts", "Columns of numbers", ROLES)
    categorical: tuple[str, ...] = setting((), "texts", "Columns of categories", ROLES)
    embedding: tuple[str, ...] = setting((), "texts", "Columns of vectors", ROLES)
    ignore: tuple[str, ...] = setting((), "texts", "Columns the model must not see", ROLES)
    label: str = setting(
        "label",
        "text",
        "Column of the labels, in the pool and in sheets",
        "init query recheck import-labels evaluate predict check answer simulate report",
    )
    classes: tuple[str, ...] = setting(
        (),
        "texts",
        "Classes of this project, with commas between",
        "init query recheck import-labels train evaluate predict status check answer run enough simulate report",
        commas=True,
    )
    task: str = setting("classification", "choice", "What a label is", "init", choices=("classification",))
    test: str | None = setting(
        None, "path", "File of labelled rows to measure on", "init evaluate predict simulate report"
    )
    encoding: str | None = setting(
        None, "text", "Encoding of text files that are not UTF-8", "init import-labels simulate " + POOL
    )
    separator: str | None = setting(None, "text", "Separator of the pool's text files", "init simulate " + POOL)
    labels: str = setting("labels.csv", "path", "Ledger of the answers", "init " + POOL)
    asked: str = setting(
        "asked.csv",
        "path",
        "Ledger of the rows sent out",
        "query recheck import-labels train evaluate predict status labels check run enough report",
    )
    metrics: str = setting(
        "metrics.csv", "path", "Ledger of the measurements", "query evaluate status check run enough report"
    )
    model: str = setting(
        "model.joblib", "path", "The model", "query recheck train evaluate predict status check run report"
    )
    project_key: str = setting("", "text", "What tells this project's sheets from another's", key="project")
    seed: int = setting(
        0,
        "int",
        "Seed: the same command gives the same result",
        "query recheck train evaluate predict run simulate report",
        least=0,
        most=2**32 - 1,
    )
    jobs: int | None = setting(
        None,
        "int",
        "Cores to use; never changes a result (default: all)",
        "query recheck train evaluate predict run simulate report",
        least=1,
    )
    wait: float = setting(30.0, "float", "Seconds to wait for another alcli command", ALL, least=0)
    quiet: bool = setting(False, "bool", "Say nothing but errors and rejected rows", ALL)
    verbose: int = setting(0, "int", "Say more; twice for debugging", ALL, least=0)
    progress: bool = setting(True, "bool", "Show progress on a terminal", ALL)
    color: str = setting("auto", "choice", "Colour", ALL, choices=("auto", "never", "always"))
