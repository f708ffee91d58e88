"""The table of settings: one row a setting, read by the parser, the resolver, the docs and the tests.

A setting's type and default stand here; its flag is in cli/options.py, its variable is
`ALCLI_` and its name, its key in alcli.toml is its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

Kind = Literal["text", "texts", "int", "float", "bool", "path", "paths", "choice"]


@dataclass(frozen=True)
class Setting:
    """What is known about one setting besides its name, type and default."""

    kind: Kind
    help: str
    commands: tuple[str, ...] = ()
    section: str = ""
    flag: str = ""
    key: str = ""
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    commas: bool = False  # one text with commas between stands for several


@dataclass(frozen=True)
class Source:
    """Where a value was found: `flag`, `variable`, `file` or `default`, and its exact place."""

    kind: str
    where: str = ""


def setting(default: Any, kind: Kind, text: str, commands: str = "", **more: Any) -> Any:
    """A field of `Settings`."""
    return field(
        default=default,
        metadata={"setting": Setting(kind=kind, help=text, commands=tuple(commands.split()), **more)},
    )


_ALL = "init query import-labels train evaluate predict labels status recheck strategies check answer run enough simulate report"
_POOL = "query import-labels train evaluate predict labels status recheck check answer run enough report"
_ROLES = "init query recheck train check simulate report"


# eq and repr over some fifty fields are never asked for, and making them costs every start some ms
@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Settings:
    """Every setting of a project, typed. Build it with `resolve`."""

    pool: tuple[str, ...] = setting((), "paths", "Pool: files, patterns or folders", _POOL)
    id: str | None = setting(None, "text", "Column that holds the row ids", "init simulate " + _POOL)
    text: tuple[str, ...] = setting((), "texts", "Columns of text", _ROLES)
    numeric: tuple[str, ...] = setting((), "texts", "Columns of numbers", _ROLES)
    categorical: tuple[str, ...] = setting((), "texts", "Columns of categories", _ROLES)
    embedding: tuple[str, ...] = setting((), "texts", "Columns of vectors", _ROLES)
    ignore: tuple[str, ...] = setting((), "texts", "Columns the model must not see", _ROLES)
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
        None, "text", "Encoding of text files that are not UTF-8", "init import-labels simulate " + _POOL
    )
    separator: str | None = setting(None, "text", "Separator of the pool's text files", "init simulate " + _POOL)
    labels: str = setting("labels.csv", "path", "Ledger of the answers", "init " + _POOL)
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
    wait: float = setting(30.0, "float", "Seconds to wait for another alcli command", _ALL, least=0)
    quiet: bool = setting(False, "bool", "Say nothing but errors and rejected rows", _ALL)
    verbose: int = setting(0, "int", "Say more; twice for debugging", _ALL, least=0)
    progress: bool = setting(True, "bool", "Show progress on a terminal", _ALL)
    color: str = setting("auto", "choice", "Colour", _ALL, choices=("auto", "never", "always"))

    strategy: str = setting(
        "auto", "text", "How rows are chosen; `alcli strategies` lists all", "query run", section="query"
    )
    count: int = setting(50, "int", "Rows to pick", "query run", section="query", least=1)
    query_param: tuple[str, ...] = setting(
        (), "texts", "KEY=VALUE for the strategy", "query", section="query", flag="param", key="param"
    )
    mix: str | None = setting(
        None,
        "text",
        "Fill the batch from several strategies: entropy:0.7,random:0.3",
        "query",
        section="query",
    )
    combine: str | None = setting(
        None,
        "text",
        "Rank rows by several utilities together: margin:0.7,density:0.3",
        "query",
        section="query",
    )
    combine_by: str = setting(
        "rank",
        "choice",
        "How utilities are made alike before they are combined",
        "query",
        section="query",
        choices=("rank", "zscore", "product"),
    )
    space: str | None = setting(None, "text", "Where distances are taken", "query simulate", section="query")
    predictions: str | None = setting(
        None, "path", "File of predictions, in place of a model of alcli", "query recheck", section="query"
    )
    embeddings: str | None = setting(None, "path", "File of vectors, one a row of the pool", "query", section="query")
    like: str | None = setting(None, "path", "File of rows, or of ids, to look for more of", "query", section="query")
    unlike: str | None = setting(None, "path", "File of rows, or of ids, to keep away from", "query", section="query")
    target: str | None = setting(
        None, "path", "File of rows like those the model is for (strategy epig)", "query", section="query"
    )
    cost_matrix: str | None = setting(
        None,
        "path",
        "File of what each mistake costs: a class a row, a class a column",
        "query evaluate",
        section="query",
    )
    cost: str | None = setting(
        None, "text", "Column of what a label of each row costs", "query enough simulate report", section="query"
    )
    budget: float | None = setting(
        None, "float", "What the labels of a batch may cost together", "query simulate", section="query", least=0
    )
    memory: str = setting(
        "2GiB",
        "text",
        "Memory for strategies that compare rows with each other",
        "query recheck simulate",
        section="query",
    )
    format: str | None = setting(
        None, "text", "Format of the sheet, when its name does not say it", "query recheck", section="query"
    )
    show: tuple[str, ...] = setting((), "texts", "Columns that labelers see", "query recheck", section="query")
    with_guess: bool = setting(False, "bool", "Show labelers what the model thinks", "query recheck", section="query")
    why: bool = setting(
        False,
        "bool",
        "Show labelers what chose each row, and the labelled rows most like it",
        "query",
        section="query",
    )
    instructions: str | None = setting(
        None,
        "path",
        "Markdown file that labelers read first, in sheets with a place for it",
        "query recheck",
        section="query",
    )
    bom: bool = setting(
        False,
        "bool",
        "Begin a CSV sheet with the UTF-8 mark, by which Excel knows it",
        "query recheck",
        section="query",
    )
    sheet_separator: str | None = setting(
        None,
        "choice",
        "Separator of a CSV sheet (default: comma)",
        "query recheck",
        section="query",
        choices=(",", ";", "tab"),
    )
    expire: str | None = setting(
        None,
        "text",
        "Age after which unanswered rows may be asked again: 14d, 36h",
        "query recheck status enough report",
        section="query",
    )
    group_by: str | None = setting(None, "text", "Column whose values cap the batch", "query", section="query")
    per_group: int = setting(1, "int", "Rows per value of --group-by", "query", section="query", least=1)
    where: tuple[str, ...] = setting(
        (), "texts", "Only rows for which this holds: 'lang=en', 'price>3'", "query recheck", section="query"
    )

    annotators: tuple[str, ...] = setting(
        (),
        "texts",
        "Who gets the rows, a sheet each, with commas between",
        "query recheck",
        section="query",
        commas=True,
    )
    per_row: int = setting(1, "int", "Annotators that each row goes to", "query recheck", section="query", least=1)
    workload: tuple[str, ...] = setting(
        (), "texts", "NAME=ROWS, the most that somebody's sheet may hold", "query recheck", section="query", commas=True
    )
    gold: int = setting(
        0, "int", "Rows of known answer to mix into every sheet, unseen", "query", section="query", least=0
    )

    annotator: str = setting(
        "",
        "text",
        "Who answered, where neither the sheet nor asked.csv says it",
        "import-labels",
        section="import-labels",
    )
    stand_in: bool = setting(
        False,
        "bool",
        "Take answers of another person than the row was asked of",
        "import-labels",
        section="import-labels",
    )
    synonyms: tuple[str, ...] = setting(
        (),
        "texts",
        "WORD=CLASS, another word for a class",
        "import-labels check",
        section="import-labels",
        flag="synonym",
    )
    skip_words: tuple[str, ...] = setting(
        (),
        "texts",
        "Words for no answer, besides `?`, `skip` and `unsure`",
        "import-labels check",
        section="import-labels",
        flag="skip_word",
    )
    withdraw_words: tuple[str, ...] = setting(
        (),
        "texts",
        "Words that take an answer back, besides `withdraw`",
        "import-labels check",
        section="import-labels",
        flag="withdraw_word",
    )
    on_conflict: str = setting(
        "error",
        "choice",
        "When this annotator's answer differs from the earlier one",
        "import-labels",
        section="import-labels",
        choices=("error", "newest", "first"),
    )
    strict: bool = setting(False, "bool", "Take all rows or none", "import-labels", section="import-labels")
    fix_typos: bool = setting(
        False, "bool", "Take near misses of a class for that class", "import-labels", section="import-labels"
    )

    estimator: str = setting(
        "logistic",
        "text",
        "What learns: a name, several with + between, auto, or module:factory",
        "train",
        section="train",
    )
    train_param: tuple[str, ...] = setting(
        (), "texts", "KEY=VALUE for the estimator", "train", section="train", flag="param", key="param"
    )
    committee: str | None = setting(
        None,
        "text",
        "Members: a number, or names of estimators with commas between",
        "train simulate",
        section="train",
    )
    calibrate: bool = setting(False, "bool", "Calibrate the probabilities", "train simulate", section="train")
    class_weight: str | None = setting(
        None, "text", "`balanced`, or CLASS=WEIGHT with commas between", "train simulate", section="train"
    )
    label_weight: str = setting(
        "none",
        "choice",
        "How much a labelled row counts in training: all the same, or as much as its label is certain",
        "train simulate",
        section="train",
        choices=("none", "certainty"),
    )

    train_fail_under: tuple[str, ...] = setting(
        (),
        "texts",
        "Also measure by cross-validation on the labels, and answer no (3) when a metric is below this",
        "train",
        section="train",
        flag="fail_under",
        key="fail_under",
    )

    folds: int = setting(
        5, "int", "Folds of the cross-validation", "evaluate predict train recheck report", section="evaluate", least=2
    )
    metric: tuple[str, ...] = setting((), "texts", "Metrics to measure", "evaluate simulate report", section="evaluate")
    fail_under: tuple[str, ...] = setting(
        (), "texts", "Answer no (3) when a metric is below this", "evaluate", section="evaluate"
    )
    by: str | None = setting(None, "text", "Measure for each value of this column", "evaluate", section="evaluate")
    how: str = setting(
        "auto",
        "choice",
        "What to measure on: the test file, rows drawn for it, the random rows of a mix, or all labels by folds",
        "evaluate",
        section="evaluate",
        choices=("auto", "test", "evaluation", "random-arm", "folds"),
    )
    calibration: bool = setting(False, "bool", "Show confidence beside accuracy", "evaluate", section="evaluate")
    cutoffs: str | None = setting(
        None, "text", "Show precision and recall of this class at thresholds", "evaluate", section="evaluate"
    )

    rule: tuple[str, ...] = setting(
        (),
        "texts",
        "Stopping rule, such as 'kappa >= 0.99 for 3'; one that holds is enough",
        "enough query status check report",
        section="enough",
    )

    proba: bool = setting(False, "bool", "Write the probability of every class", "predict", section="predict")
    only_confident: float | None = setting(
        None,
        "float",
        "Only rows whose confidence reaches this",
        "predict",
        section="predict",
        least=0,
        most=1,
    )
    target_precision: float | None = setting(
        None,
        "float",
        "Only rows so confident that this share of them is right, as held-out rows promise",
        "predict",
        section="predict",
        least=0,
        most=1,
    )
    coverage: float | None = setting(
        None,
        "float",
        "Write the set of classes that holds the true one with this chance, as held-out rows promise",
        "predict",
        section="predict",
        least=0,
        most=1,
    )

    aggregate: str = setting(
        "majority",
        "choice",
        "How several answers become one label",
        "query recheck import-labels train evaluate predict status labels check answer run enough simulate report",
        choices=("majority", "newest", "weighted", "dawid-skene", "mace", "glad"),
    )
    on_recheck: str = setting(
        "override",
        "choice",
        "Whether the answer to a recheck takes the place of what others answered before",
        "query recheck import-labels train evaluate status labels check answer run enough report",
        choices=("override", "vote"),
    )
    exclude_annotator: tuple[str, ...] = setting(
        (),
        "texts",
        "Somebody whose answers do not count and who gets no rows",
        "query recheck import-labels train evaluate predict status labels check answer run enough report",
        commas=True,
    )
    gold_from: str | None = setting(
        None, "path", "Known answers: a file of ids and labels, or the annotator who gave them", "query recheck status"
    )
    recheck_count: int = setting(
        30, "int", "Rows to send out again", "recheck", section="recheck", flag="count", key="count", least=1
    )
    with_new: bool = setting(
        False, "bool", "Also rows without a label, where one is worth more", "recheck", section="recheck"
    )
    whom: str = setting(
        "interval",
        "choice",
        "Which of --annotators a row goes to: all alike, the best, or who may be the best",
        "recheck",
        section="recheck",
        choices=("even", "best", "interval"),
    )
    price: tuple[str, ...] = setting(
        (), "texts", "NAME=NUMBER, what an answer of an annotator costs", "recheck", section="recheck", commas=True
    )
    show_answers: bool = setting(False, "bool", "Show labelers what was answered before", "recheck", section="recheck")
    with_columns: bool = setting(False, "bool", "Join the pool's columns", "labels")

    # `labels` is a path above all sections, and TOML has no key twice: so [labels] cannot be a section.
    project: Path = Path()
    config: Path | None = None
    sources: Mapping[str, Source] = field(default_factory=dict)

    def path(self, name: str) -> Path:
        """The file behind a path setting: relative to alcli.toml, or to where the command runs."""
        return self.base(name) / str(getattr(self, name))

    def base(self, name: str) -> Path:
        """The folder that a path setting is relative to.

        That of a flag or a variable is where the command runs, that of alcli.toml its own folder,
        that of a default the project's.
        """
        kind = self.sources[name].kind
        if kind == "file" and self.config is not None:
            return self.config.parent
        return Path() if kind in ("flag", "variable") else self.project

    def given(self, name: str) -> bool:
        """Whether somebody chose the value."""
        return self.sources[name].kind != "default"

    @property
    def cache(self) -> Path | None:
        """The project's cache folder, or None for a command without a project."""
        return self.project / ".alcli" / "cache" if self.config is not None else None


TABLE: dict[str, Setting] = {
    each.name: each.metadata["setting"] for each in fields(Settings) if "setting" in each.metadata
}


def flag_of(name: str) -> str:
    """``--on-conflict`` for `on_conflict`."""
    return "--" + (TABLE[name].flag or name).replace("_", "-")


def variable_of(name: str) -> str:
    """``ALCLI_ON_CONFLICT`` for `on_conflict`; two settings that share a flag keep their own names."""
    return "ALCLI_" + name.upper()


def no_variable_of(name: str) -> str:
    """``ALCLI_NO_PROGRESS``: a boolean's variable with its meaning turned round."""
    return "ALCLI_NO_" + name.upper()


def key_of(name: str) -> str:
    """The key in alcli.toml, without its section."""
    return TABLE[name].key or name
