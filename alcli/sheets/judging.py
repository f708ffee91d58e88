"""Which rows of a returned sheet are taken as answers, and why the others are not.

Nothing is guessed: a row is taken when it is certain whose answer it is and which class it means.
Every other row with an answer is a reject with its reason. The same judgement serves every format.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from alcli.clock import moment
from alcli.cycles import no_cycles
from alcli.errors import Place, TableError
from alcli.sheets.answers import Returned
from alcli.sheets.columns import clean_header
from alcli.sheets.harmless import unescape
from alcli.sheets.identity import Clue, Found, Identifier, Problem
from alcli.sheets.people import People
from alcli.sheets.raw import RawRow
from alcli.sheets.said import OnConflict, Said
from alcli.sheets.verdict import Answer, Judged, Reject
from alcli.sheets.words import Vocabulary, Word

# Ids are looked up in the pool this many rows at a time.
_CHUNK = 200_000

__all__ = ["Answer", "Judged", "OnConflict", "Reject", "judge"]


def judge(
    sheet: Returned,
    *,
    known_ids: Callable[[Iterable[str]], Collection[str]],
    asked: Mapping[tuple[int, int], str],
    project: str,
    vocabulary: Vocabulary,
    existing: Mapping[tuple[str, str], str],
    annotator: str,
    seen: Collection[tuple[str, str, str, str]] = frozenset(),
    on_conflict: OnConflict = "error",
    asked_anew: Callable[[str, str, str], bool] | None = None,
    people: People | None = None,
    anyone: bool = False,
) -> Judged:
    """Judge every row of a sheet. Nothing is written; takes time and memory in proportion to the rows.

    Parameters
    ----------
    sheet : from `read_answers`.
    known_ids : which of these ids are in the pool; called with some 200,000 rows' ids at a time.
    asked : (batch, rank) to id, from asked.csv.
    project : what the tokens were made with.
    vocabulary : reads the words of the label column.
    existing : what counts now: (id, annotator) to the `meaning` of what was said.
    annotator : who answered, where neither the sheet nor `people` says it.
    seen : answers that came in before: (id, annotator, batch, meaning), so that an older sheet
        that comes again is known, and undoes no correction.
    on_conflict : what to do with an answer other than the one that the same annotator gave before:
        ``error`` rejects it, ``newest`` takes it, ``first`` keeps the earlier one and counts the row
        as known. A label after a skip is no conflict: it is taken.
    asked_anew : tells of an id, an annotator and a batch whether the row was sent out to be judged anew and has no
        answer to that yet: then the answer is taken, also one that was given before.
    people : whom the rows were asked of.
    anyone : judge without regard to who answered, and compare with nothing that is there.

    Raises
    ------
    TableError
        If every row with a token was sent out by another project.
    """
    if on_conflict not in ("error", "newest", "first"):
        raise ValueError(f"on_conflict must be error, newest or first, not {on_conflict!r}")
    header = clean_header(sheet.raw.header)
    start = 4 if sheet.columns.is_rejects else 0
    work = _Work(
        sheet,
        header,
        Identifier(project, asked, _name(header, sheet.columns.id), (people or People()).asked_of),
        vocabulary,
        Judged(sheet.file, header[start:], without_ids=sheet.columns.id is None),
        annotator,
        people or People(),
        Said(header[sheet.columns.label]),
    )
    with no_cycles():
        _go_through(work, known_ids)
        if work.identifier.foreign_tokens and not work.identifier.own_tokens:
            raise TableError(
                "this sheet was sent out by another project",
                at=Place(sheet.file),
                hint="import it there: `alcli import-labels -C FOLDER`",
                code="other-project",
            )
        work.settle_doubts()
        if anyone:
            work.said.take_all(work.out)
        else:
            work.said.compare(work.out, existing, seen, on_conflict, asked_anew)
        return work.finish()


def _go_through(work: _Work, known_ids: Callable[[Iterable[str]], Collection[str]]) -> None:
    """Judge the rows one by one, looking up ids in the pool for many at a time."""
    rows = work.sheet.raw.rows()
    while chunk := list(islice(rows, _CHUNK)):
        clues = list(work.clues(chunk))
        questions: set[str] = set()
        for _, clue, _ in clues:
            if isinstance(clue, str):
                questions.add(clue)
            else:
                questions.update(work.identifier.questions(clue))
        known = known_ids(questions) if questions else ()
        known = known if isinstance(known, set) else set(known)
        for raw, clue, word in clues:
            work.take(raw, clue, word, known)


def _name(header: list[str], position: int | None) -> str:
    return "alcli_row" if position is None else header[position]


@dataclass
class _Work:
    """The judgement of one sheet while it lasts."""

    sheet: Returned
    header: list[str]
    identifier: Identifier
    vocabulary: Vocabulary
    out: Judged
    annotator: str
    people: People
    said: Said
    doubts: list[tuple[RawRow, Clue | str, Word, Found]] = field(default_factory=list)
    new_classes: set[str] = field(default_factory=set)

    @property
    def _id_name(self) -> str:
        return "" if self.sheet.columns.id is None else self.header[self.sheet.columns.id]

    def clues(self, chunk: list[RawRow]) -> Iterator[tuple[RawRow, Clue | str, Word]]:
        """The evidence of every row that has an answer; the others are counted."""
        columns = self.sheet.columns
        width = len(self.header)
        for raw in chunk:
            number, cells, odd = raw
            if len(cells) != width:
                problem = self._ragged(cells, width)
                if problem is not None:
                    self._reject(raw, problem)
                    continue
                cells = cells[:width] + [""] * (width - len(cells))
                raw = (number, cells, odd)
            label = cells[columns.label]
            kinds = odd or {}
            token = "" if columns.token is None else cells[columns.token]
            id = "" if columns.id is None else cells[columns.id]
            if label and label.strip() == self.header[columns.label] and id.strip() == self._id_name:
                self._reject(
                    raw,
                    Problem(f"the header is repeated here; {id!r} is an unknown id", "repeated-header", None),
                )
                continue
            shown = [(name, cells[i]) for name, i in columns.shown] if token else []
            clue = self.identifier.clue(id, kinds.get(columns.id, "") if columns.id is not None else "", token, shown)
            what = kinds.get(columns.label)
            if what in ("formula", "error"):
                words = "a formula without a stored value" if what == "formula" else "an error"
                problem = Problem(
                    f"the answer of {id!r} is {words}",
                    "formula",
                    self.header[columns.label],
                    "type the label itself",
                )
                self._reject(raw, problem)
                continue
            word = self.vocabulary.read(label)
            if word.kind == "blank":
                if any(map(str.strip, cells)):
                    self.out.blank += 1
                    self.out.only_comments += columns.comment is not None and bool(cells[columns.comment].strip())
                continue
            yield raw, clue, word

    def _ragged(self, cells: list[str], width: int) -> Problem | None:
        """Rows may end early or in blanks, as spreadsheets write them; else cells may have slipped."""
        token = self.sheet.columns.token
        if len(cells) > width and any(cell.strip() for cell in cells[width:]):
            return Problem(
                f"the row has {len(cells)} cells, the header {width}, so cells may have slipped",
                "ragged",
                None,
                "a cell that holds the separator or a line break must stand in quotes",
            )
        cut = token is not None and len(cells) <= token and len(cells) > self.sheet.columns.label
        if cut and cells[self.sheet.columns.label].strip():
            return Problem(
                f"the row ends after {len(cells)} of {width} cells", "ragged", None, "is the file cut short?"
            )
        return None

    def take(self, raw: RawRow, clue: Clue | str, word: Word, known: set[str]) -> None:
        """Take, reject or put off one row."""
        found = self.identifier.identify(clue, known)
        if isinstance(found, Problem):
            self._reject(raw, found)
        elif word.kind == "wrong":
            self._reject(
                raw,
                Problem(
                    f"{word.problem} (the id is {found.id!r})",
                    word.code,
                    self.header[self.sheet.columns.label],
                    word.hint,
                ),
            )
        elif found.strangers or found.restored:
            self.doubts.append((raw, clue, word, found))
        else:
            self._answer(raw, clue, word, found)

    def settle_doubts(self) -> None:
        """Judge the rows with changed ids or texts, now that it is known whether rows were sorted apart."""
        if any(self.identifier.is_stranger(found) for _, _, _, found in self.doubts):
            self.identifier.was_sorted = True
        for raw, clue, word, found in self.doubts:
            problem = self.identifier.settle(found)
            if problem is not None:
                self._reject(raw, problem)
            else:
                self.out.edited += bool(found.strangers)
                self._answer(raw, clue, word, found)

    def _answer(self, raw: RawRow, clue: Clue | str, word: Word, found: Found) -> None:
        number, cells, _ = raw
        columns = self.sheet.columns
        who = cells[columns.annotator].strip() if columns.annotator is not None else ""
        comment = cells[columns.comment].strip() if columns.comment is not None else ""
        if columns.is_rejects:
            who, comment = unescape(who), unescape(comment)
        known = self.people.who(who, found.asked_of, found.id, self.annotator)
        if not isinstance(known, str):
            self._reject(raw, known)
            return
        who = known
        when = moment(cells[columns.answered]) if columns.answered is not None else ""
        answer = Answer(found.id, word.label, who, word.kind, comment, found.batch, number, answered_at=when)
        if found.restored:
            self.out.restored.append((number, clue if isinstance(clue, str) else clue.cell, found.id))
        if word.fixed:
            self.out.fixed.append((number, cells[columns.label], word.label))
        if word.new:
            self.new_classes.add(word.label)
        self.said.add(answer)

    def finish(self) -> Judged:
        """Fetch the rows that turned out wrong late, and put everything in the sheet's order."""
        out = self.out
        late = self.said.late
        if late:
            left = dict(late)
            for raw in self.sheet.raw.rows():
                problem = left.pop(raw[0], None)
                if problem is not None:
                    self._reject(raw, problem)
                    if not left:
                        break
        taken = {answer.row for answer in out.accepted} if late or out.restored or out.fixed else set()
        out.restored = [entry for entry in out.restored if entry[0] in taken]
        out.fixed = [entry for entry in out.fixed if entry[0] in taken]
        out.new_classes = tuple(sorted(self.new_classes & {answer.label for answer in out.accepted}))
        out.accepted.sort(key=lambda answer: answer.row)
        out.rejects.sort(key=lambda reject: reject.row)
        return out

    def _reject(self, raw: RawRow, problem: Problem) -> None:
        number, cells, _ = raw
        start = 4 if self.sheet.columns.is_rejects else 0
        self.out.rejects.append(
            Reject(number, problem.column, problem.problem, problem.code, problem.hint, tuple(cells[start:]))
        )
