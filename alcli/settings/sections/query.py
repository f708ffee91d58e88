"""`[query]`: which rows are chosen, what their sheet looks like, and who gets it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from alcli.settings import rows

setting = partial(rows.setting, section="query")


@dataclass(frozen=True, kw_only=True, eq=False, repr=False, init=False)
class Query:
    """How rows are chosen, what their sheet looks like, and who gets it."""

    strategy: str = setting("auto", "text", "How rows are chosen; `alcli strategies` lists all", "query run")
    count: int = setting(50, "int", "Rows to pick", "query run", least=1)
    query_param: tuple[str, ...] = setting(
        (), "texts", "KEY=VALUE for the strategy", "query", flag="param", key="param"
    )
    mix: str | None = setting(
        None,
        "text",
        "Fill the batch from several strategies: entropy:0.7,random:0.3",
        "query",
    )
    combine: str | None = setting(
        None,
        "text",
        "Rank rows by several utilities together: margin:0.7,density:0.3",
        "query",
    )
    combine_by: str = setting(
        "rank",
        "choice",
        "How utilities are made alike before they are combined",
        "query",
        choices=("rank", "zscore", "product"),
    )
    space: str | None = setting(None, "text", "Where distances are taken", "query simulate")
    predictions: str | None = setting(
        None, "path", "File of predictions, in place of a model of alcli", "query recheck"
    )
    embeddings: str | None = setting(None, "path", "File of vectors, one a row of the pool", "query")
    like: str | None = setting(None, "path", "File of rows, or of ids, to look for more of", "query")
    unlike: str | None = setting(None, "path", "File of rows, or of ids, to keep away from", "query")
    target: str | None = setting(None, "path", "File of rows like those the model is for (strategy epig)", "query")
    cost_matrix: str | None = setting(
        None,
        "path",
        "File of what each mistake costs: a class a row, a class a column",
        "query evaluate",
    )
    cost: str | None = setting(None, "text", "Column of what a label of each row costs", "query enough simulate report")
    budget: float | None = setting(
        None, "float", "What the labels of a batch may cost together", "query simulate", least=0
    )
    memory: str = setting(
        "2GiB",
        "text",
        "Memory for strategies that compare rows with each other",
        "query recheck simulate",
    )
    format: str | None = setting(None, "text", "Format of the sheet, when its name does not say it", "query recheck")
    show: tuple[str, ...] = setting((), "texts", "Columns that labelers see", "query recheck")
    with_guess: bool = setting(False, "bool", "Show labelers what the model thinks", "query recheck")
    why: bool = setting(
        False,
        "bool",
        "Show labelers what chose each row, and the labelled rows most like it",
        "query",
    )
    instructions: str | None = setting(
        None,
        "path",
        "Markdown file that labelers read first, in sheets with a place for it",
        "query recheck",
    )
    bom: bool = setting(
        False,
        "bool",
        "Begin a CSV sheet with the UTF-8 mark, by which Excel knows it",
        "query recheck",
    )
    sheet_separator: str | None = setting(
        None,
        "choice",
        "Separator of a CSV sheet (default: comma)",
        "query recheck",
        choices=(",", ";", "tab"),
    )
    expire: str | None = setting(
        None,
        "text",
        "Age after which unanswered rows may be asked again: 14d, 36h",
        "query recheck status enough report",
    )
    group_by: str | None = setting(None, "text", "Column whose values cap the batch", "query")
    per_group: int = setting(1, "int", "Rows per value of --group-by", "query", least=1)
    where: tuple[str, ...] = setting(
        (), "texts", "Only rows for which this holds: 'lang=en', 'price>3'", "query recheck"
    )
    annotators: tuple[str, ...] = setting(
        (),
        "texts",
        "Who gets the rows, a sheet each, with commas between",
        "query recheck",
        commas=True,
    )
    per_row: int = setting(1, "int", "Annotators that each row goes to", "query recheck", least=1)
    workload: tuple[str, ...] = setting(
        (), "texts", "NAME=ROWS, the most that somebody's sheet may hold", "query recheck", commas=True
    )
    gold: int = setting(0, "int", "Rows of known answer to mix into every sheet, unseen", "query", least=0)
