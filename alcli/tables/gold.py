"""Rows with a known answer that are mixed into batches, to see how labelers do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from alcli.tables.history import aggregate, batch_number, current
from alcli.tables.ledgers import Answer, Asked


def gold_answers(
    asked: Iterable[Asked], answers: Sequence[Answer], truth: Mapping[str, str] | None = None
) -> list[tuple[str, str, str, str]]:
    """(annotator, id, answer, truth) of every answer to a row that was asked as gold.

    The truth is the label that the row had before it was first asked as gold: the majority of the answers to
    earlier batches, or to none, that count now. A row without one has no truth and gives nothing. What somebody
    says who was not asked the row as gold, such as an expert's correction, is no answer to it.

    Parameters
    ----------
    truth : id -> the known answer, where somebody says it.
    """
    first: dict[str, int] = {}
    people: dict[str, set[str]] = {}
    for row in asked:
        if row.purpose == "gold":
            batch = batch_number(row.batch)
            first[row.id] = min(batch, first.get(row.id, batch))
            people.setdefault(row.id, set()).add(row.annotator)
    if not first:
        return []
    counting = [answer for answer in current(answers).values() if answer.id in first and answer.kind == "label"]
    if truth is None:
        earlier = [answer for answer in counting if batch_number(answer.batch) < first[answer.id]]
        truth = dict(aggregate(earlier).pairs())
    return [
        (answer.annotator, answer.id, answer.label, truth[answer.id])
        for answer in counting
        if answer.id in truth
        and batch_number(answer.batch) >= first[answer.id]
        and people[answer.id] & {answer.annotator, ""}
    ]
