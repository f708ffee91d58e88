"""How good and how quick each annotator is: plain data for `status --labelers` and whoever else shows it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from alcli.tables.history import current
from alcli.tables.ledgers import Answer

if TYPE_CHECKING:
    from alcli.evaluation.votes import Votes

Known = tuple[str, str, str, str]


def votes_of(answers: Sequence[Answer]) -> Votes:
    """The labels that count, as votes."""
    from alcli.evaluation.votes import Votes

    counting = (answer for answer in current(answers).values() if answer.kind == "label")
    return Votes.of((answer.id, answer.annotator, answer.label) for answer in counting)


def quality(answers: Sequence[Answer], gold: Sequence[Known]) -> dict[str, dict[str, Any]]:
    """What is known of each annotator's answers, by name.

    Parameters
    ----------
    answers : the ledger's rows; those that count are looked at.
    gold : (annotator, id, answer, truth) of rows whose answer was known before.

    Returns
    -------
    quality : annotator ->

        - `others`: answers that most of the row's other annotators give too, and `gold`: those that are the known
          truth; each `right`, `of`, `share`, and `low`, `high`, Wilson's 95% interval (None without such rows)
        - `accuracy` and `weight`: estimated by the rule ``weighted``
        - `confusion`: counts, a row a true class, a column an answered one, the truth being that of gold rows and
          elsewhere what most of the others say; `error_rates`: the shares that Dawid and Skene's model finds, each
          row summing to 1. Classes stand in the order of `classes`
        - `seconds`: from one answer to the next, the median; None where the tool gave no times
    """
    from alcli.evaluation.consensus import dawid_skene
    from alcli.evaluation.labelers import Share, accuracy, by_the_others, confusion, seconds_per_answer
    from alcli.evaluation.weighted import weighted

    votes = votes_of(answers)
    if not votes.rows:
        return {}
    others = by_the_others(votes)
    truth = {(who, id_): (who, id_, answer, true) for who, id_, answer, true in (*others, *gold)}
    judged, tested = accuracy(others), accuracy(gold)
    tables = confusion(truth.values(), votes.classes)
    model = dawid_skene(votes)
    found = weighted(votes, votes.truth({id_: true for _, id_, _, true in gold}))
    pace = _moments(answers)
    nothing, empty = Share.over(0, 0), [[0] * len(votes.classes) for _ in votes.classes]
    return {
        who: {
            "others": asdict(judged.get(who, nothing)),
            "gold": asdict(tested.get(who, nothing)),
            "accuracy": float(found.accuracy[at]),
            "weight": float(found.weight[at]),
            "seconds": seconds_per_answer(pace.get(who, {})),
            "classes": list(votes.classes),
            "confusion": tables.get(who, empty),
            "error_rates": model.confusion[at].round(6).tolist(),
        }
        for at, who in enumerate(votes.labelers)
    }


def _moments(answers: Sequence[Answer]) -> dict[str, dict[str, list[float]]]:
    """Annotator -> sheet of a batch -> when its answers were given, as far as a tool said so."""
    found: dict[str, dict[str, list[float]]] = {}
    for answer in current(answers).values():
        if answer.kind in ("label", "skip") and answer.answered_at:
            with suppress(ValueError):
                moment = datetime.fromisoformat(answer.answered_at).timestamp()
                sheets = found.setdefault(answer.annotator, {})
                sheets.setdefault(f"{answer.batch} {answer.source}", []).append(moment)
    return found
