"""`alcli status`: where the round stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from alcli.cli.building import add
from alcli.cli.text import table, wrapped
from alcli.errors import counted

MOST_WAITING = 12  # shown in words, oldest first; `--json` has all
MOST_PAIRS = 15  # shown in words; `--json` has all

HELP = """Show where the round stands and what to do next.

Examples:

\b
    alcli status
    alcli status --settings
    alcli status --history sms-0042
    alcli status --labelers
"""


def words(result: Any) -> list[str]:
    if result.values:
        return table(
            ["setting", "value", "source"],
            [[each["name"], each["value"], each["source"]] for each in result.values],
            wrap=True,
        )
    if result.history is not None:
        return table(
            ["when", "what", "by", "batch", "from", "counts"],
            [
                [*(each[key] for key in ("when", "what", "by", "batch", "source")), "yes" if each["counts"] else ""]
                for each in result.history
            ],
            wrap=True,
        ) or ["nothing has happened to a row with that id"]
    if result.labelers is not None:
        return [*_labelers(result.labelers), *_quality(result.labelers), *_agreement(result.agreement)]
    lines = [
        f"{result.rows:,} rows: {result.labelled:,} labelled, {result.out:,} out, {result.left:,} left; "
        f"{result.rounds} round{'' if result.rounds == 1 else 's'}"
    ]
    if result.classes:
        lines.append("classes: " + ", ".join(f"{name} {count:,}" for name, count in result.classes.items()))
    lines.append(f"model: {result.model['says']}")
    if result.metrics:
        lines.append(
            "last measured: "
            + ", ".join(
                f"{name} {metric['value']:.3f}"
                for name, metric in list(result.metrics.items())[:4]
                if metric["value"] is not None
            )
        )
    lines += _waiting(result)
    if result.enough:
        lines += wrapped("enough labels:", result.enough["says"])
    lines.append(f"next: {result.next}")
    return lines


def _waiting(result: Any) -> list[str]:
    """Who has what since when, and what came back too late or never."""
    lines = []
    if any(each["annotator"] for each in result.waiting):
        rows = [
            [each["annotator"] or "(anyone)", each["batch"], f"{each['rows']:,}", each["since"]]
            for each in result.waiting
        ]
        shown = rows if len(rows) <= MOST_WAITING else rows[:MOST_WAITING]
        lines = ["", *table(["out with", "batch", "rows", "since"], shown)]
        if len(rows) > len(shown):
            lines.append(f"and {len(rows) - len(shown):,} more; `--json` has all")
        lines.append("")
    if result.expired:
        lines.append(f"{counted(result.expired, 'row')} came back from nobody in time and may be asked again")
    return lines


def _labelers(labelers: Sequence[Any]) -> list[str]:
    return table(
        ["annotator", "labels", "skips", "agrees", "of shared", "out", "out since"],
        [
            [
                each["annotator"],
                f"{each['labels']:,}",
                f"{each['skips']:,}",
                "" if each["agrees"] is None else f"{each['agrees']:.3f}",
                f"{each['shared']:,}",
                f"{each['out']:,}",
                each["since"],
            ]
            for each in labelers
        ],
    )


def _quality(labelers: Sequence[Any]) -> list[str]:
    """How right and how quick; nothing while nobody can be judged."""
    known = [each for each in labelers if "others" in each]
    if not any(each["others"]["of"] or each["gold"]["of"] or each["seconds"] for each in known):
        return []
    rows = [
        [
            each["annotator"],
            _share(each["others"]),
            _share(each["gold"]),
            f"{each['accuracy']:.2f}",
            "" if each["seconds"] is None else f"{each['seconds']:.0f} s",
            _slip(each["classes"], each["confusion"]),
        ]
        for each in known
    ]
    return ["", *table(["annotator", "as the others", "right on gold", "est.", "pace", "most often wrong"], rows)]


def _share(found: Any) -> str:
    if not found["of"]:
        return ""
    return f"{found['share']:.2f} ({found['low']:.2f}–{found['high']:.2f})"


def _slip(classes: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    """The commonest mistake: what was said for what, and how often."""
    slips = [(counts[a][b], a, b) for a in range(len(classes)) for b in range(len(classes)) if a != b]
    most, true, said = max(slips, key=lambda slip: slip[0], default=(0, 0, 0))
    return f"{classes[said]} for {classes[true]}, {most:,}" if most else ""


def _agreement(found: Any) -> list[str]:
    if not found["rows"]:
        return ["", "no row has answers of two annotators yet"]
    lines = [
        "",
        f"{found['rows']:,} rows with several answers: Krippendorff's alpha {found['krippendorff_alpha']:.3f}, "
        f"Fleiss' kappa {found['fleiss_kappa']:.3f}",
    ]
    if 1 < len(found["pairs"]) <= MOST_PAIRS:
        lines += [
            "",
            *table(["two", "", "Cohen's kappa"], [[x["one"], x["other"], f"{x['kappa']:.3f}"] for x in found["pairs"]]),
        ]
    return lines


def register(app: typer.Typer) -> None:
    add(
        app,
        "status",
        help=HELP,
        short="Where the round stands and what to do next",
        words=words,
        once={
            "show_settings": Annotated[
                bool | None,
                typer.Option("--settings", help="Each setting with where it came from", show_default=False),
            ],
            "labelers": Annotated[
                bool | None,
                typer.Option("--labelers", help="Who answered how much, who has what out", show_default=False),
            ],
            "history": Annotated[
                str | None,
                typer.Option("--history", metavar="ID", help="Everything about one row", show_default=False),
            ],
        },
    )
