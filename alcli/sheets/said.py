"""The answers of one sheet beside each other, and beside what the same annotators said before."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from alcli.sheets.identity import Problem
from alcli.sheets.verdict import WITHDRAWN, Answer, Judged, meaning

OnConflict = Literal["error", "newest", "first"]


@dataclass
class Said:
    """What a sheet says: an answer for each annotator and id, unless it says two things.

    Attributes
    ----------
    column : the header of the answers, for problems.
    late : row number -> what is wrong with an answer, where that is only known beside others.
    """

    column: str
    late: dict[int, Problem] = field(default_factory=dict)
    _answers: dict[str, dict[str, Answer]] = field(default_factory=dict)
    _again: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    _split: set[tuple[str, str]] = field(default_factory=set)

    def add(self, answer: Answer) -> None:
        """Take in an answer; one that contradicts another of this sheet makes all of that row and annotator late."""
        of_one = self._answers.setdefault(answer.annotator, {})
        first = of_one.setdefault(answer.id, answer)
        if first is answer:
            return
        key = (answer.annotator, answer.id)
        if (first.kind, first.label) == (answer.kind, answer.label):
            self._again.setdefault(key, []).append(answer.row)
            if key in self._split:
                self.late[answer.row] = self.late[first.row]
            if answer.comment and not first.comment:
                of_one[answer.id] = replace(first, comment=answer.comment)
        else:
            self._split.add(key)
            said = {_told(meaning(each.kind, each.label)) for each in (first, answer)}
            problem = Problem(
                f"{answer.id!r} has different answers in this sheet: {' and '.join(sorted(said))}",
                "two-answers",
                self.column,
                "leave one of them",
            )
            for row in (first.row, *self._again.get(key, ()), answer.row):
                self.late[row] = problem

    def take_all(self, out: Judged) -> None:
        """Take every answer that is not contradicted in the sheet itself."""
        for who, of_one in self._answers.items():
            out.accepted += [answer for id, answer in of_one.items() if (who, id) not in self._split]

    def compare(
        self,
        out: Judged,
        existing: Mapping[tuple[str, str], str],
        seen: Collection[tuple[str, str, str, str]],
        on_conflict: OnConflict,
        asked_anew: Callable[[str, str, str], bool] | None = None,
    ) -> None:
        """Hold the answers against those that are there."""
        for who, of_one in self._answers.items():
            for id, answer in of_one.items():
                if self._split and (who, id) in self._split:
                    continue
                before = existing.get((id, who))
                if before is None and answer.kind != "withdraw":
                    out.accepted.append(answer)
                    continue
                if answer.kind != "withdraw" and asked_anew is not None and asked_anew(id, who, answer.batch):
                    changed = before not in ("", WITHDRAWN, meaning(answer.kind, answer.label))
                    out.changed += changed
                    out.accepted.append(replace(answer, changed=changed))
                    continue
                said = answer.label if answer.kind == "label" else meaning(answer.kind, "")
                if before == said:
                    out.known += 1
                elif (id, who, answer.batch, said) in seen:
                    out.known += 1
                    out.superseded += 1
                elif before is None:
                    self._late(answer, f"{id!r} has no answer{f' of {who!r}' if who else ''} to take back", "no-answer")
                elif before in ("", WITHDRAWN) or answer.kind == "withdraw" or on_conflict == "newest":
                    out.changed += before != WITHDRAWN
                    out.accepted.append(replace(answer, changed=before != WITHDRAWN))
                elif on_conflict == "first":
                    out.known += 1
                else:
                    self._late(
                        answer,
                        f"{id!r} was answered with {_told(before)} before, and now with {_told(said)}",
                        "changed-answer",
                        "take the new answers with `--on-conflict newest`, keep the old with `--on-conflict first`",
                    )

    def _late(self, answer: Answer, problem: str, code: str, hint: str = "") -> None:
        self.late[answer.row] = Problem(problem, code, self.column, hint)


def _told(said: str) -> str:
    return {"": "a skip", WITHDRAWN: "a withdrawal"}.get(said) or repr(said)
