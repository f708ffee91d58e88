"""Why each row of a batch is in it, for labelers who are to know: what chose it, and what it is like."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from alcli.telling import stage, warn

if TYPE_CHECKING:
    from alcli.selection.choosing import Pick
    from alcli.selection.material import Material
    from alcli.selection.playing import Plan

NEIGHBOURS = 3
_LONGEST = 100  # characters that are told of a text
NONE_YET = "no row is labelled yet"


def explain(material: Material, plan: Plan, picks: Sequence[Pick], shown: Sequence[str]) -> list[tuple[str, str]]:
    """What chose each row, and the labelled rows nearest to it, a label and a text on each line.

    Parameters
    ----------
    shown : the columns whose texts are told of a labelled row.
    """
    from alcli.selection.neighbours import nearest_labelled
    from alcli.tables.pool import Request

    chosen = [_chosen_by(pick, plan) for pick in picks]
    if not material.labelled:
        warn(f"{NONE_YET}: `--why` tells what chose each row, and no rows like it")
        return [(words, NONE_YET) for words in chosen]
    with stage("looking for the nearest labelled rows"):
        near = nearest_labelled(material, [pick.id for pick in picks], NEIGHBOURS)
        ids = sorted({id_ for each in near for id_ in each})
        rows = material.pool.take(ids, Request(text=tuple(shown)))
    columns = [rows.columns[name].to_pylist() for name in shown]
    told = {
        id_: f"{material.labelled[id_]}: {shortened([column[at] or '' for column in columns] or [id_], shown)}"
        for at, id_ in enumerate(ids)
    }
    return [(words, "\n".join(told[id_] for id_ in each)) for words, each in zip(chosen, near, strict=True)]


def _chosen_by(pick: Pick, plan: Plan) -> str:
    """``margin: near-ties between the two likeliest classes; utility 0.934``."""
    meaning = next((strategy.summary for strategy, _, _ in plan.arms if strategy.name == pick.arm), "")
    # a product of two parts has the summaries of both
    parts = [part[:1].lower() + part[1:] for part in meaning.rstrip(".").split("; ") if part]
    words = f"{pick.arm}: {', '.join(parts)}" if parts else pick.arm
    # a row that is drawn, or worth as much as any other, has no utility to tell
    return words if pick.utility is None or pick.arm == "random" else f"{words}; utility {pick.utility:.3g}"


def shortened(texts: Sequence[str], names: Sequence[str]) -> str:
    """The texts on one line, each after its name where there are several, cut where the line is long.

    >>> shortened(["good\\n phone"], ["review"]), shortened(["63", "1"], ["age", "sex"])
    ('good phone', 'age 63 | sex 1')
    """
    lines = [" ".join(text[: 4 * _LONGEST].split()) for text in texts]
    if len(lines) > 1:
        lines = [f"{name} {text}" for name, text in zip(names, lines, strict=True)]
    line = " | ".join(lines)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"
