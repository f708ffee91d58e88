"""Writes the parts of docs/ that the code knows best, so that they cannot drift.

    python docs/generate.py            write them
    python docs/generate.py --check    write nothing; 1 when a page is out of date

Whole pages are reference, settings, strategies, estimators and metrics. In the other pages a region
between `<!-- generated: NAME -->` and `<!-- end -->` is filled in; the rest is written by hand.
"""

from __future__ import annotations

import ast
import io
import os
import re
import sys
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent
NOTE = "<!-- Written by `make docs`. Change the code or docs/generate.py, not this page. -->"
# The layout of help is typer's: a page made by another of its releases says nothing about drift.
MADE_WITH = re.compile(r"<!-- help laid out by typer (\S+) -->")


def main(argv: Sequence[str]) -> int:
    """Write or check all pages; returns the exit code."""
    if list(argv) not in ([], ["--check"]):
        sys.stderr.write("usage: python docs/generate.py [--check]\n")
        return 2
    old = stale()
    if argv:
        for path in old:
            sys.stderr.write(f"docs/{path.name} is out of date; run `make docs`\n")
        return 1 if old else 0
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8", newline="\n")
    sys.stderr.write(f"wrote {', '.join(path.name for path in old) or 'nothing new'}\n")
    return 0


def stale() -> list[Path]:
    """The pages that differ from what would be written."""
    return [path for path, text in pages().items() if not _same(path, text)]


def _same(path: Path, text: str) -> bool:
    if not path.exists():
        return False
    old = path.read_text(encoding="utf-8")
    before, now = MADE_WITH.search(old), MADE_WITH.search(text)
    if before and now and before[1] != now[1]:
        return True
    return old == text


def pages() -> dict[Path, str]:
    """Every generated page, and every page with a generated region, by its path."""
    found = {DOCS / f"{name}.md": page() for name, page in PAGES.items()}
    for path in sorted(DOCS.glob("*.md")):
        if path not in found:
            text = path.read_text(encoding="utf-8")
            filled = filled_in(text)
            if filled != text or "<!-- generated: " in text:
                found[path] = filled
    return found


def filled_in(text: str) -> str:
    """`text` with its generated regions as they should be."""

    def region(match: re.Match[str]) -> str:
        return f"<!-- generated: {match[1]} -->\n{REGIONS[match[1]]()}\n<!-- end -->"

    return re.sub(r"<!-- generated: ([a-z-]+) -->\n.*?<!-- end -->", region, text, flags=re.DOTALL)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; bars and line ends in cells are made harmless."""

    def line(cells: Iterable[object]) -> str:
        return "| " + " | ".join(" ".join(str(cell).split()).replace("|", "\\|") for cell in cells) + " |"

    return "\n".join([line(header), line("---" for _ in header), *map(line, rows)])


def code(text: object) -> str:
    """`text` as code, nothing for nothing."""
    return f"`{text}`" if str(text) else ""


# --- reference ------------------------------------------------------------------------------------


def reference() -> str:
    """What `--help` says, command by command."""
    import typer

    from alcli.cli.app import build

    release = ".".join(typer.__version__.split(".")[:2])
    names = [command.name for command in build().registered_commands if command.name]
    parts = [
        NOTE,
        f"<!-- help laid out by typer {release} -->",
        "",
        "# Commands",
        "",
        "What `alcli COMMAND --help` says. Flags that are settings can also stand in alcli.toml or in the environment:",
        "[settings.md](settings.md). Exit codes are in [exit-codes.md](exit-codes.md), what `--json` prints in",
        "[json.md](json.md).",
        "",
        "- " + "\n- ".join(f"[{name}](#{name})" for name in names),
        "",
        "```text",
        help_of(),
        "```",
    ]
    for name in names:
        parts += ["", f"## {name}", "", "```text", help_of(name), "```"]
    return "\n".join(parts) + "\n"


def help_of(*command: str) -> str:
    """A help text, as on a terminal of 80 columns without colour."""
    from alcli.cli import main as alcli

    out = io.StringIO()
    with _plain_terminal(), redirect_stdout(out):
        if alcli([*command, "--help"]) != 0:
            raise RuntimeError(f"alcli {' '.join(command)} --help failed")
    return textwrap.dedent("\n".join(line.rstrip() for line in out.getvalue().strip().splitlines()))


@contextmanager
def _plain_terminal() -> Iterator[None]:
    kept = dict(os.environ)
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "PY_COLORS", "GITHUB_ACTIONS", "TERMINAL_WIDTH"):
        os.environ.pop(name, None)
    for name in [name for name in os.environ if name.startswith(("ALCLI_", "_TYPER", "TYPER_"))]:
        del os.environ[name]
    os.environ |= {"COLUMNS": "80", "LINES": "24", "NO_COLOR": "1", "TERM": "dumb"}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ |= kept


def settings() -> str:
    """One table for each section of alcli.toml."""
    from alcli.cli.options import LETTERS, names_for
    from alcli.settings import TABLE, Settings, flag_of, key_of, variable_of
    from alcli.settings.table import no_variable_of

    every = {name for row in TABLE.values() for name in row.commands}
    parts = [
        NOTE,
        "",
        "# Settings",
        "",
        _paragraph(
            "A setting is looked for in this order: its flag, its variable, alcli.toml, its default. "
            "`alcli status --settings` shows each with where it came from. An empty variable counts as unset; a variable "
            "takes several values with commas between them; of two variables for a true or false, the second means the opposite. A name that starts with `ALCLI_` and is none of these, or an "
            "unknown key in alcli.toml, is an error that names the nearest one."
        ),
        "",
        _paragraph(
            "Paths in alcli.toml are relative to its folder; paths in flags and variables are relative to where the "
            "command runs. Two more variables are read before the settings: `ALCLI_PROJECT` (as `--project`) and "
            "`ALCLI_CONFIG` (as `--config`). `SOURCE_DATE_EPOCH` takes the place of the clock."
        ),
    ]
    for section in dict.fromkeys(row.section for row in TABLE.values()):
        rows = []
        for name, row in TABLE.items():
            if row.section != section:
                continue
            shown = any(name in names_for(command) for command in row.commands)
            letter = f", `{LETTERS[name]}`" if name in LETTERS else ""
            flag = flag_of(name) if row.kind != "bool" else f"{flag_of(name)}/--no-{flag_of(name)[2:]}"
            default = Settings.__dataclass_fields__[name].default
            written = "" if default in (None, "", ()) else str(default).lower() if row.kind == "bool" else default
            help_ = row.help + (f" (one of {', '.join(row.choices)})" if len(row.choices) > 1 else "")
            commands = "all" if set(row.commands) == every else ", ".join(dict.fromkeys(row.commands))
            rows.append(
                [
                    code(key_of(name)),
                    f"`{flag}`{letter}" if shown else "none",
                    code(variable_of(name)) + (f", `{no_variable_of(name)}`" if row.kind == "bool" else ""),
                    _KINDS[row.kind],
                    code(written),
                    commands if shown else "",
                    help_,
                ]
            )
        parts += ["", f"## `[{section}]`" if section else "## Above all sections", ""]
        parts.append(table(["key", "flag", "variable", "type", "default", "commands", "meaning"], rows))
    return "\n".join(parts) + "\n"


_KINDS = {
    "text": "text",
    "texts": "list of texts",
    "int": "whole number",
    "float": "number",
    "bool": "true or false",
    "path": "path",
    "paths": "path or list of paths",
    "choice": "text",
}


def _paragraph(text: str) -> str:
    return "\n".join(textwrap.wrap(text, 120, break_long_words=False, break_on_hyphens=False))


# --- strategies, estimators, metrics ---------------------------------------------------------------


def strategies() -> str:
    """The table of strategies, one section for each, and the parts others can be made of."""
    from alcli.strategies import SELECTORS, SIGNALS, SPACES, TABLE, UTILITIES, known_params
    from alcli.strategies.table import FAMILY_OF, FAMILY_SUMMARIES, example, limits

    anchors = _anchors(TABLE)
    parts = [
        NOTE,
        "",
        "# Strategies",
        "",
        _paragraph(
            "A strategy is a space (where distances are taken), a utility (what one row is worth; larger is better) and a "
            "selector (how a batch is made of rows). The names below are points of that product; any other point is "
            "written with a plus sign, as in `--strategy entropy+kmeans`. `alcli strategies NAME` explains one at the "
            "terminal."
        ),
        "",
        _paragraph(
            "In formulas p1 and p2 are the largest and second largest class probability of a row, C the number of "
            "classes, m the members of a committee, s a utility, L the labelled rows, S the rows chosen so far. Costs are "
            "in n rows of the pool, b rows of the batch, d dimensions, c classes, m members, l labelled rows."
        ),
        "",
        _paragraph(
            "Whatever compares rows with each other compares all of them while they fit `--memory`, unless the strategy "
            "says below how many it compares exactly; the command then says so before it begins. With `--predictions` "
            "and `--embeddings` the signals come from files: see [predictions](predictions.md)."
        ),
    ]
    for family, about in FAMILY_SUMMARIES.items():
        its = [row for row in TABLE.values() if FAMILY_OF[row.name] == family]
        rows = (
            [
                f"[{row.name}](#{anchors[row.name]})",
                row.summary,
                row.space or "",
                "" if row.utility == "one" else row.utility,
                row.selector,
                ", ".join(row.needs) or "nothing",
            ]
            for row in its
        )
        parts += [
            "",
            f"**{about}**",
            "",
            table(["strategy", "what it picks", "space", "utility", "selector", "needs"], rows),
        ]
    for row in TABLE.values():
        params = ", ".join(f"`{name}={param.default}`" for name, param in known_params(row).items())
        facts = {
            "Formula": code(row.formula),
            "Needs": "; ".join(f"{name}: {SIGNALS[name].summary}" for name in row.needs) or "nothing",
            "Cost": row.cost,
            "Limits": limits(row, UTILITIES[row.utility], SELECTORS[row.selector]),
            "Use it when": row.use_when,
            "Parameters (`--param`)": params,
            "Also called": ", ".join(map(code, row.aliases)),
            "Source": row.source,
        }
        parts += ["", f"## {row.name}", "", f"{row.summary}.", ""]
        parts += [f"- {name}: {text}" for name, text in facts.items() if text]
        parts += ["", "```sh", example(row), "```"]
    parts += [
        "",
        "## Spaces",
        "",
        "`--space NAME` takes distances elsewhere than the strategy would.",
        "",
        table(["space", "where distances are taken"], ([row.name, row.summary] for row in SPACES.values())),
        "",
        "## Utilities",
        "",
        table(
            ["utility", "what it is worth", "formula", "needs", "source"],
            (
                [row.name, row.summary, code(row.formula), ", ".join(row.needs), row.source]
                for row in UTILITIES.values()
                if row.name != "one"
            ),
        ),
        "",
        "## Selectors",
        "",
        _paragraph(
            "Selectors with a prefilter look only at that many times the batch, the best rows by utility, when a utility "
            "goes with them; the command says so. `prefilter=0` as a parameter looks at all rows."
        ),
        "",
        table(
            ["selector", "how a batch is made", "formula", "prefilter", "source"],
            (
                [row.name, row.summary, code(row.formula), row.prefilter or "", row.source]
                for row in SELECTORS.values()
                if row.kind != "auto"
            ),
        ),
        "",
        "## Your own",
        "",
        _paragraph(
            "A package can add strategies, utilities and selectors by an entry point in the group `alcli.strategies`; "
            "its value is a `Strategy`, `Utility` or `Selector` of `alcli.strategies`, or a list of them. See the "
            "docstrings of `alcli/strategies/kinds.py` for what the functions are given and return."
        ),
    ]
    return "\n".join(parts) + "\n"


def _anchors(headings: Iterable[str]) -> dict[str, str]:
    """The anchor of each heading, as GitHub makes them: `kmeans++` after `kmeans` is `kmeans-1`."""
    found: dict[str, str] = {}
    for heading in headings:
        plain = re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        again = sum(re.fullmatch(rf"{plain}(-\d+)?", other) is not None for other in found.values())
        found[heading] = f"{plain}-{again}" if again else plain
    return found


def estimators() -> str:
    """What can learn."""
    from alcli.models.estimators import ESTIMATORS

    rows = (
        [
            code(row.name),
            row.summary,
            code(row.target.replace(":", ".")),
            ", ".join(f"`{key}={value}`" for key, value in row.defaults.items()),
            "yes" if row.accepts_sparse else "no",
        ]
        for row in ESTIMATORS.values()
    )
    return (
        "\n".join(
            [
                NOTE,
                "",
                "# Estimators",
                "",
                _paragraph(
                    "`alcli train --estimator NAME` takes one of these, or `module:factory` for your own: a class, or a "
                    "function without arguments, that gives a classifier with scikit-learn's `fit` and `predict_proba` or "
                    "`decision_function` (an example is in the [cookbook](cookbook.md)). `--param KEY=VALUE` sets "
                    "parameters of the class; the column of defaults lists where alcli departs from its own."
                ),
                "",
                table(["name", "what it is", "class", "defaults set by alcli", "takes text features"], rows),
                "",
                _paragraph(
                    "Names with `+` between, as in `--estimator logistic+extra-trees`, are one estimator whose probabilities "
                    "are the mean of theirs; `--param logistic__C=0.1` reaches a part. `--estimator auto` chooses among "
                    "several by what the labels say: see [choosing](choosing.md)."
                ),
                "",
                _paragraph(
                    "`--class-weight balanced` or `--class-weight spam=5,ham=1` weighs classes, by sample weights where the "
                    "estimator has no class weights of its own. `--calibrate` calibrates the probabilities. `--committee 5` "
                    "also fits five members on bootstrap samples in which every class occurs; "
                    "`--committee logistic,random-forest` makes a committee of several estimators. The strategies that "
                    "need `committee` need one of these."
                ),
                "",
                "## Rows without labels",
                "",
                _paragraph(
                    "`self-training` and `label-spreading` learn from the pool too: from its rows, never from answers that nobody "
                    "gave. They look at the 10,000 rows with the smallest seeded hashes of their ids, all of a smaller pool. What they "
                    "suppose of these rows stays inside the fit: labels.csv holds what labelers said, and `train` tells how many "
                    "rows it supposed something of. Their probabilities are always calibrated by temperature, when every class has two "
                    "labels: who learns from their own guesses is too sure of them. They take no weights of rows."
                ),
                "",
                _paragraph(
                    "- `self-training` fits `base` (`--param base=naive-bayes`; `logistic` when nothing is said), takes what it is sure of "
                    "(`threshold=0.9`) for labels, and fits again, `max_iter=10` times at most. A base that errs early learns its "
                    "errors: naive Bayes on text did."
                ),
                _paragraph(
                    "- `label-spreading` joins each row with its `n_neighbors=10` nearest ones and lets labels flow along (`alpha=0.2` is "
                    "how much a row listens). A new row is what its nearest rows are. It helps where classes are clumps, and its model "
                    "holds the rows of the graph."
                ),
                "",
                _paragraph(
                    "Both are slower with each fold and each supposed label, as the graph or the guesses are made anew. In simulations they see "
                    "rows of the pool, never those that are measured on. What they gained, and what they lost, is in "
                    "[choosing](choosing.md#rows-without-labels), with the command."
                ),
            ]
        )
        + "\n"
    )


def metrics() -> str:
    """What can be measured."""
    from alcli.evaluation.table import ALIASES, DEFAULT, METRICS, PER_CLASS

    def rows(known: Any, suffix: str = "") -> list[list[object]]:
        return [
            [
                code(row.name + suffix),
                row.summary,
                row.better,
                f"{row.low:g} to {row.high:g}",
                "yes" if row.name in DEFAULT else "",
                ", ".join(code(short) for short, name in ALIASES.items() if name == row.name),
                row.source,
            ]
            for row in known.values()
        ]

    return (
        "\n".join(
            [
                NOTE,
                "",
                "# Metrics",
                "",
                _paragraph(
                    "`alcli evaluate --metric NAME` measures one of these (repeatable), `--fail-under NAME=VALUE` makes the "
                    "answer no (3) when it is not reached; for metrics where lower is better it is a ceiling. Intervals are "
                    "95% intervals over the test rows: Wilson's for accuracy, precision and recall on rows that count alike, "
                    "percentile bootstrap intervals (1,000 replicates, seeded) for all else. They tell how far the "
                    "value may be off because the test set is small, not how much another training set would change it. "
                    "Where every replicate gives the same value, a weighted share of rows gets Wilson's interval and other "
                    "metrics get none."
                ),
                "",
                table(
                    ["metric", "meaning", "better", "range", "by default", "also called", "source"],
                    [*rows(METRICS), *rows(PER_CLASS, "[CLASS]")],
                ),
            ]
        )
        + "\n"
    )


# --- regions in pages that are written by hand -------------------------------------------------------


def exit_codes() -> str:
    """The numbers and names of `Exit`; what they mean stands here, and a new one must be told."""
    from alcli.errors import Exit

    return table(["code", "name", "meaning"], ([int(each), each.name, _MEANS[each.name]] for each in Exit))


_MEANS = {
    "DONE": "done; or the answer is yes",
    "TROUBLE": "nothing was changed, and a message says what to fix; also a bug in alcli",
    "USAGE": "the command line is wrong",
    "NO": "done, and the answer is no; or only a part could be done",
    "INTERRUPTED": "Ctrl-C (SIGINT); nothing was changed, or the message says that all was done",
    "BROKEN_PIPE": "whoever read stdout went away; nothing was recorded",
    "TERMINATED": "SIGTERM; the same",
}


def ledgers() -> str:
    """The header of each ledger."""
    from alcli.tables.ledgers import Answer, Asked, Measurement

    named = {"asked.csv": Asked, "labels.csv": Answer, "metrics.csv": Measurement}
    return table(
        ["ledger", "columns"],
        ([code(name), code(",".join(f.name for f in fields(row)))] for name, row in named.items()),
    )


def sheet_formats() -> str:
    """The formats of sheets."""
    from alcli.sheets.table import FORMATS

    return table(
        ["format", "suffixes", "written", "taken back", "instructions", "what it is"],
        (
            [
                row.name,
                " ".join(row.suffixes),
                "yes" if row.write else "",
                _taken_back(row),
                "yes" if "instructions" in row.takes else "",
                row.summary,
            ]
            for row in FORMATS
        ),
    )


def _taken_back(row: Any) -> str:
    if row.then and not row.recognises:
        return "as CSV"
    return "yes" if row.read else ""


def stopping_rules() -> str:
    """The rules of `enough`, with their papers."""
    from alcli.steps.enough import known

    brackets = {"class": "[CLASS]", "metric": "[METRIC]", "": ""}
    parts = []
    for kind, about in (("history", "Over rounds:"), ("state", "As things are now:")):
        rows = (
            [
                code(row["name"] + brackets[row["takes"]]),
                row["summary"] + (f"; also called {row['aliases']}" if row["aliases"] else ""),
                code(row["default"]) or "a number is needed",
                row["source"],
                row["needs"],
                code(row["example"]),
            ]
            for row in known()
            if row["kind"] == kind
        )
        parts += [about, "", table(["rule", "its value", "by default", "source", "recorded by", "example"], rows), ""]
    return "\n".join(parts).rstrip()


@dataclass(frozen=True)
class Raised:
    """One place in the source that gives an error its code."""

    code: str
    message: str
    kind: str
    room: str


def error_codes() -> str:
    """Every code in the source, with what is said."""
    from alcli import errors

    found: dict[str, list[Raised]] = defaultdict(list)
    for each in raised():
        found[each.code].append(each)
    kinds = {name: value for name, value in vars(errors).items() if isinstance(value, type)}
    rows = []
    for name in sorted(found):
        ends = sorted({_STOPPED.get(name) or _end(each.kind, kinds) for each in found[name]})
        messages = [text for text in dict.fromkeys(each.message for each in found[name]) if text]
        said = "; or: ".join(text.replace("<", "\\<").replace("*", "\\*") for text in messages[:2])
        rooms = ", ".join(sorted({each.room for each in found[name]}))
        rows.append([code(name), ", ".join(ends), said, rooms])
    return table(["code", "exit", "what is said", "from"], rows)


_STOPPED = {"interrupted": "130", "terminated": "143"}


def _end(kind: str, kinds: dict[str, Any]) -> str:
    if kind in ("Problem", "Reject", "Word"):
        return "3"  # a row of a sheet: the others are taken
    found = kinds.get(kind)
    return str(int(found.exit)) if found is not None and hasattr(found, "exit") else "1"


def raised() -> list[Raised]:
    """Every code that the source gives, by keyword or by position."""
    source = DOCS.parent / "alcli"
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(source.rglob("*.py"))}
    places: dict[str, tuple[int, int | None]] = {}
    for tree in trees.values():
        for node in ast.walk(tree):
            names = _parameters(node)
            if names and "code" in names and not isinstance(node, ast.Lambda):
                message = next((names.index(name) for name in ("problem", "message") if name in names), None)
                places[node.name] = (names.index("code"), message)  # type: ignore[attr-defined]
    found = []
    for path, tree in trees.items():
        inside = path.relative_to(source).parts
        room = inside[0].removesuffix(".py")
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                for text in _class_codes(node):
                    found.append(Raised(text, _first_line(node), node.name, room))
            if not isinstance(node, ast.Call):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            at, message_at = places.get(called, (None, 0))
            given = [word.value for word in node.keywords if word.arg == "code"]
            if not given and at is not None and at < len(node.args):
                given = [node.args[at]]
            said = [word.value for word in node.keywords if word.arg in ("problem", "message")]
            if not said and node.args and (message_at or 0) < len(node.args):
                said = [node.args[message_at or 0]]
            for value in _assigned(given, tree):
                found += [Raised(text, _text(said[0]) if said else "", called, room) for text in _constants(value)]
    return found


def _assigned(given: Sequence[ast.expr], tree: ast.Module) -> Iterator[ast.expr]:
    """The values; for a variable all that the file puts into it. One called `code` hands on what others give."""
    for value in given:
        if not isinstance(value, ast.Name):
            yield value
        elif value.id != "code":
            for node in ast.walk(tree):
                if isinstance(node, ast.Assign) and any(getattr(to, "id", "") == value.id for to in node.targets):
                    yield node.value


def _parameters(node: ast.AST) -> list[str]:
    """The positional parameters of a function (without self), or the fields of a class, in order."""
    if isinstance(node, ast.FunctionDef):
        return [each.arg for each in node.args.args if each.arg not in ("self", "cls")]
    if isinstance(node, ast.ClassDef):
        return [
            each.target.id
            for each in node.body
            if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
        ]
    return []


def _class_codes(node: ast.ClassDef) -> list[str]:
    return [
        text
        for each in node.body
        if isinstance(each, ast.Assign) and any(getattr(target, "id", "") == "code" for target in each.targets)
        for text in _constants(each.value)
    ]


def _first_line(node: ast.ClassDef) -> str:
    return (ast.get_docstring(node) or "").splitlines()[0].rstrip(".") if ast.get_docstring(node) else ""


def _constants(node: ast.expr) -> list[str]:
    if isinstance(node, ast.IfExp):
        return [*_constants(node.body), *_constants(node.orelse)]
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _text(node: ast.expr) -> str:
    """A message with … for what is filled in; nothing for one that is put together elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return re.sub("…+", "…", "".join(_text(part) or "…" for part in node.values))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return re.sub("…+", "…", (_text(node.left) or "…") + (_text(node.right) or "…"))
    return ""


PAGES: dict[str, Callable[[], str]] = {
    "reference": reference,
    "settings": settings,
    "strategies": strategies,
    "estimators": estimators,
    "metrics": metrics,
}
REGIONS: dict[str, Callable[[], str]] = {
    "exit-codes": exit_codes,
    "ledgers": ledgers,
    "sheet-formats": sheet_formats,
    "error-codes": error_codes,
    "stopping-rules": stopping_rules,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
