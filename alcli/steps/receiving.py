"""What becomes of returned sheets in this project: whose answers they are and which of them are taken."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.clock import now
from alcli.errors import AlcliError, Place, TableError
from alcli.tables.history import batch_number, by_token, current, people_by_token
from alcli.tables.ledgers import Answer

if TYPE_CHECKING:
    from alcli.sheets.judging import Judged
    from alcli.sheets.verdict import Answer as Given
    from alcli.sheets.words import Vocabulary
    from alcli.steps.project import Project


class Reception:
    """Judges sheets one after the other, each in the light of the answers before it.

    What is looked up in the ledgers is looked up once, so that many small sheets cost no more than their
    rows even when there are a million answers.

    Parameters
    ----------
    history : the answers that there are; empty to compare with nothing.
    anyone : judge without regard to who answered, and whatever is there already.
    """

    def __init__(
        self, project: Project, history: Sequence[Answer], vocabulary: Vocabulary, *, anyone: bool = False
    ) -> None:
        from alcli.sheets.people import People

        settings = project.settings
        self.project, self.vocabulary, self.anyone = project, vocabulary, anyone
        self.asked = by_token(project.asked.rows())
        self.counting: dict[tuple[str, str], Answer] = {}
        self.by_source: dict[str, list[Answer]] = {}
        self.overridden: dict[tuple[str, str, str, str], None] = {}
        self.rechecked = rechecks(project)
        self.given: set[tuple[str, str, str]] = set()
        self.add(history)
        asked_of = people_by_token(project.asked.rows())
        self.people = People(asked_of=asked_of, stand_in=True)
        if not anyone:
            self.people = People(
                asked_of=asked_of,
                out_with=_out_with(project, history),
                said=settings.annotator if settings.sources["annotator"].kind == "flag" else "",
                stand_in=settings.stand_in,
            )
        self.newest = _newest_batches(project)

    def add(self, answers: Iterable[Answer]) -> None:
        """Know these answers too."""
        from alcli.sheets.verdict import meaning

        answers = list(answers)
        before = [self.counting[key] for a in answers if (key := (a.id, a.annotator)) in self.counting]
        current(answers, self.counting)
        for row in chain(before, answers):
            if row.batch and self.counting[row.id, row.annotator] is not row:
                self.overridden[row.id, row.annotator, row.batch, meaning(row.kind, row.label)] = None
        for answer in answers:
            self.by_source.setdefault(answer.source, []).append(answer)
        if self.rechecked:
            self.given.update((answer.id, answer.annotator, answer.batch) for answer in answers)

    def judge(
        self, name: str, source: Path | bytes, sheet_format: str | None = None, encoding: str | None = None
    ) -> Judged:
        """What becomes of one sheet.

        Parameters
        ----------
        encoding : of delimited text; None recognises what the settings of the command do not say.

        Raises
        ------
        TableError
            If it cannot be read, or is another project's.
        """
        from alcli.sheets.answers import read_answers
        from alcli.sheets.judging import judge

        project, settings = self.project, self.project.settings
        sheet = read_answers(
            source,
            "stdin" if name == "-" else name,
            id_column=project.pool.id_column,
            label_column=settings.label,
            pool_columns={column.name for column in project.pool.columns},
            format=sheet_format,
            encoding=encoding or project.sheet_encoding,
        )
        return judge(
            sheet,
            known_ids=project.pool.known,
            asked=self.asked,
            project=settings.project_key,
            vocabulary=self.vocabulary,
            existing=_Said(self.counting),
            annotator="" if self.anyone else settings.annotator,
            seen=self._seen(source_name(name)),
            on_conflict=settings.on_conflict,  # type: ignore[arg-type]
            people=self.people,
            anyone=self.anyone,
            asked_anew=self._asked_anew if self.rechecked else None,
        )

    def _asked_anew(self, id_: str, who: str, batch: str) -> bool:
        """Whether an answer of an annotator to a row in a batch is the first to a recheck of it.

        Such an answer is wanted, whether it confirms what the annotator said before or changes it.
        """
        return (id_, batch) in self.rechecked and (id_, who, batch) not in self.given

    def _seen(self, file: str) -> Collection[tuple[str, str, str, str]]:
        """What was said before and was changed since, so that an older sheet that comes again undoes no correction.

        An answer with a token is known by its batch, whatever the file is called now, unless the user insists
        on the newest. One without is known by the name of its sheet: in a new sheet it is a change like any other.
        """
        from alcli.sheets.verdict import meaning

        named = {
            (row.id, row.annotator, batch, meaning(row.kind, row.label)): None
            for row in self.by_source.get(file, ())
            if self.counting[row.id, row.annotator] is not row
            for batch in (row.batch, "")
        }
        return named if self.project.settings.on_conflict == "newest" else ChainMap(named, self.overridden)

    def answers(self, judged: Judged, name: str) -> list[Answer]:
        """The accepted answers as rows of the ledger."""
        moment, source = now(), source_name(name)
        return [self._answer(given, moment, source) for given in judged.accepted]

    def _answer(self, given: Given, moment: str, source: str) -> Answer:
        # a row without a token answers the newest batch that asked this person for it, or else anyone
        newest = self.newest
        batch = given.batch or newest.get((given.id, given.annotator)) or newest.get((given.id, None), "")
        when = given.answered_at
        before = self.counting.get((given.id, given.annotator)) if given.changed else None
        if before is not None and given.kind == "withdraw":
            # whatever sheet it stands in, it takes back what counts
            batch, when = before.batch, before.answered_at
        elif before is not None and not when and before.answered_at:
            when = moment  # without a time of its own it would stand behind the answer that it replaces
        return Answer(
            given.id, given.label, given.annotator, given.kind, given.comment, batch, source, when, moment
        )  # fmt: skip


class _Said(Mapping[tuple[str, str], str]):
    """The meaning of the answers that count, made when it is asked for."""

    def __init__(self, counting: Mapping[tuple[str, str], Answer]) -> None:
        from alcli.sheets.verdict import meaning

        self._counting, self._meaning = counting, meaning

    def get(self, key: tuple[str, str], default: Any = None) -> Any:
        answer = self._counting.get(key)
        return default if answer is None else self._meaning(answer.kind, answer.label)

    def __getitem__(self, key: tuple[str, str]) -> str:
        answer = self._counting[key]
        return self._meaning(answer.kind, answer.label)

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._counting)

    def __len__(self) -> int:
        return len(self._counting)


def _newest_batches(project: Project) -> dict[tuple[str, str | None], str]:
    """The newest batch that asked for an id: of somebody, of nobody in particular (empty), of whomever (None)."""
    newest: dict[tuple[str, str | None], str] = {}
    for row in project.asked.rows():
        for key in ((row.id, row.annotator), (row.id, None)):
            if batch_number(row.batch) >= batch_number(newest.get(key, "")):
                newest[key] = row.batch
    return newest


def _out_with(project: Project, history: Sequence[Answer]) -> dict[str, set[str]]:
    """The rows that are out with named people only."""
    if not any(row.annotator for row in project.asked.rows()):
        return {}
    named: dict[str, set[str]] = {}
    for row in project.campaign(history).waiting:
        named.setdefault(row.id, set()).add(row.annotator)
    return {id_: names for id_, names in named.items() if "" not in names}


def rechecks(project: Project) -> set[tuple[str, str]]:
    """(id, batch) of the rows that went out for a recheck."""
    if not project.asked.holds("recheck"):
        return set()
    return {(row.id, row.batch) for row in project.asked.rows() if row.purpose == "recheck"}


def source_name(name: str) -> str:
    """A sheet's name as labels.csv keeps it."""
    return "stdin" if name == "-" else Path(name).name.encode("utf-8", "backslashreplace").decode()


def problem_of(file: str, reject: Any) -> AlcliError:
    """A rejected row as an error, with its place."""
    at = Place(file, row=reject.row, column=reject.column)
    return TableError(reject.problem, at=at, hint=reject.hint or None, code=reject.code)
