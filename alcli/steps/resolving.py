"""From the answers of the ledger to the labels that count, by the rule of the settings."""

from __future__ import annotations

from collections.abc import Sequence

from alcli.tables.history import Labels, Resolved, aggregate, current
from alcli.tables.ledgers import Answer


def resolved(answers: Sequence[Answer], rule: str) -> Labels:
    """One label a row.

    Parameters
    ----------
    rule : ``majority``, ``newest`` or ``dawid-skene``. With the last, labelers who are often right count
        more, and a row whose classes are equally likely is tied.
    """
    if rule != "dawid-skene":
        return aggregate(answers, rule)
    counting = [answer for answer in current(answers).values() if answer.kind == "label"]
    by_row: dict[str, list[Answer]] = {}
    for answer in counting:
        by_row.setdefault(answer.id, []).append(answer)
    if len(by_row) == len(counting):
        return aggregate(answers)  # nobody answered what another did: there is nothing to weigh

    from alcli.evaluation.consensus import dawid_skene
    from alcli.evaluation.votes import Votes

    votes = Votes.of((answer.id, answer.annotator, answer.label) for answer in counting)
    proba = dawid_skene(votes).proba
    number = {id_: at for at, id_ in enumerate(votes.rows)}
    rows: list[Resolved] = []
    tied: list[str] = []
    for id_, given in by_row.items():
        chances = proba[number[id_]]
        best = chances.max()
        if int((chances >= best - 1e-9).sum()) > 1:
            tied.append(id_)
            continue
        label = votes.classes[int(chances.argmax())]
        agreeing = sum(answer.label == label for answer in given)
        rows.append(Resolved(id_, label, len(given), agreeing / len(given)))
    return Labels(tuple(rows), tuple(tied))
