"""From the answers of the ledger to the labels that count, by the rule of the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from alcli.tables.history import Labels, Resolved, aggregate, current
from alcli.tables.ledgers import Answer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alcli.evaluation.votes import Votes

# Chances that differ by less are a tie: sums come out a little different in another order.
_TIE = 1e-9


def resolved(
    answers: Sequence[Answer], rule: str, truth: Mapping[str, str] | None = None, cache: Path | None = None
) -> Labels:
    """One label a row.

    Parameters
    ----------
    rule : ``majority`` and ``newest`` count; ``weighted``, ``dawid-skene``, ``mace`` and ``glad`` find out how
        right everybody is and give each class of a row a probability. Classes that are equally likely are a tie.
    truth : id -> the known answer of gold rows, by which ``weighted`` also judges.
    cache : folder in which what the slow rules found is kept, by the content of the answers.

    Raises
    ------
    MissingExtra
        ``mace`` or ``glad`` without crowd-kit.
    """
    if rule in ("majority", "newest"):
        return aggregate(answers, rule)
    by_row: dict[str, list[Answer]] = {}
    for (id_, _), answer in current(answers).items():
        if answer.kind == "label":
            by_row.setdefault(id_, []).append(answer)
    if not truth and all(len(given) == 1 for given in by_row.values()):
        return aggregate(answers)  # nobody answered what another did: there is nothing to weigh

    from alcli.evaluation.votes import Votes

    votes = Votes.of((answer.id, answer.annotator, answer.label) for given in by_row.values() for answer in given)
    proba = _chances(votes, rule, truth or {}, cache)
    best = proba.max(axis=1)
    tie = ((proba >= best[:, None] - _TIE).sum(axis=1) > 1).tolist()
    likeliest, chance = proba.argmax(axis=1).tolist(), best.tolist()
    number = {id_: at for at, id_ in enumerate(votes.rows)}
    rows: list[Resolved] = []
    tied: list[str] = []
    for id_, given in by_row.items():
        at = number[id_]
        if tie[at]:
            tied.append(id_)
            continue
        label = votes.classes[likeliest[at]]
        agreeing = sum(answer.label == label for answer in given)
        rows.append(Resolved(id_, label, len(given), agreeing / len(given), min(1.0, chance[at])))
    return Labels(tuple(rows), tuple(tied))


def _chances(votes: Votes, rule: str, truth: Mapping[str, str], cache: Path | None) -> NDArray[np.float64]:
    """Probabilities of the classes by one of the rules that weigh: (rows, classes)."""
    if rule == "weighted":
        from alcli.evaluation.weighted import weighted

        return weighted(votes, votes.truth(truth)).proba
    if rule == "dawid-skene":
        from alcli.evaluation.consensus import dawid_skene

        return dawid_skene(votes).proba
    from alcli.steps.crowd_kit import crowd_kit

    return crowd_kit(rule, votes, cache)
