"""Which rows a recheck sends out: doubtful labels, and rows without one where they are less sure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from alcli.steps.doubting import Doubts, Suspect, doubts_of
from alcli.steps.gathering import material_of
from alcli.steps.project import Project
from alcli.steps.splitting import Line, Split
from alcli.steps.standing import Standing
from alcli.tables.history import batch_number
from alcli.tables.rows import Request
from alcli.telling import stage

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alcli.evaluation.activelab import ActiveLab
    from alcli.models.bundle import Bundle
    from alcli.selection.choosing import Choice, Pick
    from alcli.selection.material import Material
    from alcli.steps.bringing import Guesses

NAME = "activelab"  # what asked.csv calls it


@dataclass(frozen=True)
class Row:
    """One row of the batch: a suspect, or a new one.

    `ask` is who gets it or, when nobody is named, whose answer would tell most; empty for nobody known.
    """

    id: str
    utility: float
    suspect: Suspect | None = None
    ask: str = ""

    def plain(self) -> dict[str, Any]:
        """What `--json` says of it."""
        each = self.suspect
        if each is None:
            none: Mapping[str, str] = {}
            return {
                "id": self.id,
                "why": ["new"],
                "label": "",
                "answers": none,
                "model": "",
                "confidence": None,
                "score": 1.0 - self.utility,
                "ask": self.ask,
            }
        return {
            "id": each.id,
            "why": list(each.why),
            "label": each.label,
            "answers": dict(each.answers),
            "model": each.model,
            "confidence": each.confidence,
            "score": each.score,
            "ask": self.ask,
        }


@dataclass
class Job:
    """One choice, from the ledgers as they are now."""

    project: Project
    ask_again: bool
    trust_model: bool
    people: tuple[str, ...] = ()
    standing: Standing = field(init=False)
    doubts: Doubts = field(init=False)
    bundle: Bundle | Guesses | None = field(init=False)
    suspects: list[Suspect] = field(init=False)
    rows: list[Row] = field(init=False)
    parts: Split = field(init=False)
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        project, settings = self.project, self.project.settings
        self.standing = project.standing()
        material, self.bundle = material_of(
            project,
            {"proba"},
            standing=self.standing,
            ask_again=False,
            trust=self.trust_model,
            spaces=(),
        )
        self.doubts = doubts_of(project, self.standing.labels, material, self.bundle, self.people)
        self.notes = (self.doubts.caution,) if self.doubts.caution else ()
        settled = set() if self.ask_again else self._settled()
        self.suspects = [each for each in self.doubts.suspects if each.id not in settled]
        rows = [Row(each.id, 1.0 - each.score, each) for each in self.suspects]
        if settings.with_new:
            choice = self._new(material)
            rows += [Row(pick.id, float(pick.utility or 0.0)) for pick in choice.picks]
            self.notes += choice.notes
        rows.sort(key=lambda row: (-row.utility, row.suspect is None, row.id))
        rows = rows[: settings.recheck_count]
        self.rows, self.parts = self._whose(rows, material)

    def _whose(self, rows: list[Row], material: Material) -> tuple[list[Row], Split]:
        """Who gets each row; rows for which the annotators' sheets have no room fall out."""
        ids = [row.id for row in rows]
        if not self.people or not rows:
            whom = self.doubts.whom(ids)
            lines = tuple(Line(id_, "", at) for at, id_ in enumerate(ids))
            return [replace(row, ask=whom[row.id]) for row in rows], Split(lines)
        from alcli.steps.handing import hand_out

        place = set(self.doubts.votes.rows)
        new = self._probabilities([id_ for id_ in ids if id_ not in place], material)
        parts = hand_out(self.project, self.doubts, ids, self.people, new)
        self.notes += parts.notes
        whose: dict[str, list[str]] = {}
        for line in parts.lines:
            whose.setdefault(line.id, []).append(line.annotator)
        return [replace(row, ask=", ".join(whose[row.id])) for row in rows if row.id in whose], parts

    def _probabilities(self, ids: list[str], material: Material) -> dict[str, Any]:
        """(classes,) of each of some rows without an answer."""
        if not ids:
            return {}
        if material.brought is not None:
            found = material.brought.signals(self.project.pool.take(ids, Request()), ["proba"])["proba"]
        elif material.model is not None and material.maker is not None:
            rows = self.project.pool.take(ids, material.maker.request)
            found = material.model.predict_proba(material.maker.transform(rows))
        else:
            raise ValueError("neither a model nor predictions")
        return dict(zip(ids, found, strict=True))

    @property
    def picks(self) -> list[Pick]:
        """The rows as asked.csv tells of them."""
        from alcli.selection.choosing import Pick

        return [Pick(row.id, NAME, row.utility, 1.0) for row in self.rows]

    def _settled(self) -> set[str]:
        """Rows that are out, and those that were answered since they were sent out for a recheck."""
        answered: dict[str, int] = {}
        excluded = self.project.settings.exclude_annotator
        for answer in self.standing.answers:
            if answer.kind in ("label", "skip") and answer.annotator not in excluded:
                answered[answer.id] = max(batch_number(answer.batch), answered.get(answer.id, -1))
        done = {
            row.id
            for row in self.standing.asked
            if row.purpose == "recheck" and answered.get(row.id, -1) >= batch_number(row.batch)
        }
        return done | set(self.standing.campaign.out)

    def _new(self, material: Material) -> Choice:
        """The rows without a label that are least sure, in one pass over the pool."""
        from alcli.selection.choosing import choose
        from alcli.selection.given import given
        from alcli.strategies.kinds import Utility

        utility = Utility(NAME, partial(_unsure, scores=self.doubts.scores))
        material = replace(material, price=None, budget=None, group_by=None)
        with stage("looking for rows that are less sure than the labels"):
            return choose(material, [given(material, utility)], self.project.settings.recheck_count)


def _unsure(proba: NDArray[Any], scores: ActiveLab) -> NDArray[Any]:
    """(n,) how unsure rows without a label are."""
    return 1.0 - scores.unlabelled(proba)
