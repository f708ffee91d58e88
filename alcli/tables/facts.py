"""What is true of a whole pool: found once by reading it, and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alcli.errors import AlcliError, Place, TableError
from alcli.files import digest_bytes, digest_file, write_bytes
from alcli.tables.arrays import repeated, strings, values
from alcli.tables.convert import to_text
from alcli.tables.delimited import read_records
from alcli.tables.ids import IdCheck, content_ids, number_repeats, write_generated
from alcli.tables.mirror import Mirror
from alcli.tables.parquet import longest_cells, open_parquet, refusing_damage
from alcli.tables.paths import own_folder
from alcli.tables.sources import PoolFile, raw_batches, read_row_numbers
from alcli.tables.survey import Seen, Survey, merged

VERSION = 1
BATCH_ROWS = 32_768


@dataclass(frozen=True)
class PoolFacts:
    """What is true of a whole pool.

    Attributes
    ----------
    rows : how many.
    numeric : text columns whose every filled cell is a number (columns of numbers are, too).
    lists : text columns whose every filled cell is a list of numbers of one length.
    fingerprint : of the content; the same for the same files in any order.
    file_rows : rows of each file.
    digests : of each file's content.
    longest : for each file, column -> bytes that one cell may take (see `parquet.longest_cells`).
    """

    rows: int
    numeric: frozenset[str]
    lists: frozenset[str]
    fingerprint: str
    file_rows: tuple[int, ...] = ()
    digests: tuple[str, ...] = ()
    longest: tuple[dict[str, int], ...] = ()


@dataclass(frozen=True)
class Plan:
    """What facts are found about: the files, their mirrors and the id column (None: generated)."""

    files: tuple[PoolFile, ...]
    mirrors: tuple[Mirror | None, ...]
    id_column: str | None
    cache: Path | None

    @property
    def key(self) -> str:
        """Changes with every file's stamp and how it is read."""
        parts = [(file.stamp, file.dialect, sorted(file.partitions.items())) for file in self.files]
        return digest_bytes(repr((VERSION, parts, self.id_column)).encode())


def kept(plan: Plan) -> PoolFacts | None:
    """The facts of an unchanged pool, from the cache; None when they must be found."""
    if plan.cache is None:
        return None
    try:
        note = json.loads(_note(plan, plan.cache).read_bytes())
        facts = PoolFacts(
            note["rows"],
            frozenset(note["numeric"]),
            frozenset(note["lists"]),
            note["fingerprint"],
            tuple(note["file_rows"]),
            tuple(note["digests"]),
            tuple(note["longest"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    right = len(facts.file_rows) == len(facts.digests) == len(facts.longest) == len(plan.files)
    if plan.id_column is None and not all(path.is_file() for path in id_files(plan, plan.cache / "pools")):
        return None
    return facts if right else None


def keep(plan: Plan, facts: PoolFacts) -> None:
    """Put the facts into the cache; where it cannot be written they're found again next time."""
    if plan.cache is None:
        return
    note = {
        "rows": facts.rows,
        "numeric": sorted(facts.numeric),
        "lists": sorted(facts.lists),
        "fingerprint": facts.fingerprint,
        "file_rows": facts.file_rows,
        "digests": facts.digests,
        "longest": facts.longest,
    }
    with suppress(AlcliError):
        write_bytes(_note(plan, plan.cache), json.dumps(note).encode())


def _note(plan: Plan, cache: Path) -> Path:
    return cache / "pools" / f"facts-{plan.key}.json"


def id_files(plan: Plan, folder: Path) -> tuple[Path, ...]:
    """Where generated ids are kept, one file for each of the pool's."""
    return tuple(folder / f"ids-{plan.key}-{number}.parquet" for number in range(len(plan.files)))


def find(plan: Plan) -> tuple[PoolFacts, tuple[Path, ...]]:
    """Read the whole pool once: every check there is, and the facts.

    Returns
    -------
    facts, and the files of the generated ids (none when the pool has its own).

    Raises
    ------
    TableError
        Whatever is wrong with the pool, with rows.
    """
    shown = [file.shown for file in plan.files]
    check = IdCheck(plan.id_column or "", shown, lambda file, at: read_row_numbers(plan.files[file], at))
    drafts_in = own_folder() if plan.id_column is None else None
    drafts, hashes, found = [], [], []
    whole = True
    for number in range(len(plan.files)):
        look = _Look(plan, number)
        if drafts_in is not None:
            drafts.append(drafts_in / f"{number}.parquet")
            hashes.append(write_generated(look.content(), drafts[-1]))
        else:
            for first, ids in look.ids():
                whole = check.add(number, first, ids)
                if not whole:
                    break
        found.append(look)
        if not whole:
            break
    check.finish(whole, lambda: _all_ids(plan))
    rows = tuple(look.rows for look in found)
    if not sum(rows):
        raise TableError("the pool is empty: it has a header and no rows", at=", ".join(shown[:3]), code="empty-pool")
    numeric, lists = merged((look.seen, file.kinds) for look, file in zip(found, plan.files, strict=True))
    texts = {name for file in plan.files for name, kind in file.kinds.items() if kind == "text"}
    digests = tuple(look.digest() for look in found)
    facts = PoolFacts(
        sum(rows),
        numeric & texts - {plan.id_column},
        lists & texts - {plan.id_column},
        digest_bytes(repr((sorted(digests), plan.id_column)).encode()),
        rows,
        digests,
        tuple(look.longest for look in found),
    )
    return facts, _settle(plan, drafts, hashes)


def _settle(plan: Plan, drafts: list[Path], hashes: list[Any]) -> tuple[Path, ...]:
    """Number repeated contents and put the generated ids where they stay."""
    if not drafts:
        return ()
    targets = id_files(plan, plan.cache / "pools") if plan.cache else ()
    try:
        if not targets:
            raise FileNotFoundError
        number_repeats(drafts, targets, hashes)
    except (AlcliError, OSError):
        targets = id_files(plan, own_folder())
        number_repeats(drafts, targets, hashes)
    for draft in drafts:
        draft.unlink()
    return targets


def _all_ids(plan: Plan) -> Iterator[tuple[int, int, Any]]:
    for number in range(len(plan.files)):
        for first, ids in _Look(plan, number, ids_only=True).ids():
            yield number, first, ids


class _Look:
    """One file, read from start to end: its ids, and what its text columns hold."""

    def __init__(self, plan: Plan, number: int, ids_only: bool = False) -> None:
        self.file, self.mirror, self.id_column = plan.files[number], plan.mirrors[number], plan.id_column
        self.rows = 0
        self.longest: dict[str, int] = {}
        kinds = {name: kind for name, kind in self.file.kinds.items() if name not in self.file.partitions}
        texts = [name for name, kind in kinds.items() if kind == "text" and name != self.id_column]
        if self.mirror or ids_only:
            texts = []  # the mirror was surveyed when it was made
        self._survey = Survey(texts)
        self._texts = texts
        self._contents = sorted(name for name, kind in self.file.kinds.items() if kind != "other")
        self._digest = hashlib.blake2b(digest_size=16)
        if self.file.footer is not None:
            groups = range(len(self.file.footer.groups))
            wanted = [*kinds]
            source = open_parquet(self.file.path, self.file.shown)
            with refusing_damage(self.file.shown):
                self.longest = longest_cells(source, self.file.path, self.file.shown, wanted, groups)

    def ids(self) -> Iterator[tuple[int, Any]]:
        """``(position of the first row, ids)``, surveying the other texts on the way."""
        assert self.id_column is not None
        for length, arrays in self._batches([self.id_column, *self._texts]):
            first, self.rows = self.rows, self.rows + length
            self._look_at(arrays)
            ids = self._text(self.id_column, arrays, length)
            if self.file.dialect is not None:
                self._refuse_second_header(first, ids)
            yield first, ids

    def _refuse_second_header(self, first: int, ids: Any) -> None:
        """Two files joined with `cat`: the second one's header would become a row with the id ``id``."""
        import pyarrow.compute as pc

        position = pc.index_in(strings([self.id_column]), value_set=ids)
        dialect = self.file.dialect
        if position.null_count or dialect is None:
            return
        number = self.file.row_number(first + values(position)[0])
        for row, cells in read_records(self.file.path, dialect.encoding, dialect.separator).rows:
            if row == number and tuple(cells) == dialect.header:
                raise TableError(
                    "the row repeats the header",
                    at=Place(self.file.shown, number),
                    hint="were two files joined? remove the row, or give the files one by one",
                    code="repeated-header",
                )
            if row >= number:
                return

    def content(self) -> Iterator[Any]:
        """Content ids, surveying the texts on the way."""
        if not self._contents:
            raise TableError(
                "no column of this file can be read",
                at=self.file.shown,
                hint="nested and binary columns are not; add an id column or a text",
                code="no-columns",
            )
        for length, arrays in self._batches(list(dict.fromkeys([*self._contents, *self._texts]))):
            self.rows += length
            texts = self._look_at(arrays)
            columns = [texts[name] if name in texts else self._text(name, arrays, length) for name in self._contents]
            yield content_ids(columns)

    def _batches(self, columns: list[str]) -> Iterator[tuple[int, dict[str, Any]]]:
        want = dict.fromkeys(columns, "text")
        listen = self._digest.update
        return raw_batches(self.file, self.mirror, want, None, BATCH_ROWS, self.longest, listen)

    def _text(self, name: str, arrays: dict[str, Any], length: int) -> Any:
        if name in self.file.partitions:
            return repeated(self.file.partitions[name], length)
        with refusing_damage(self.file.shown, name):
            return to_text(arrays[name])

    def _look_at(self, arrays: dict[str, Any]) -> dict[str, Any]:
        """Every text column as text, so that each was checked, and surveyed while there is hope."""
        texts = {name: self._text(name, arrays, 0) for name in self._texts}
        for name in self._survey.open & texts.keys():
            self._survey.numbers(name, texts[name])
            self._survey.lists(name, texts[name])
        return texts

    @property
    def seen(self) -> Seen:
        """What the columns hold, the folder's names included."""
        own = self.mirror.seen if self.mirror else self._survey.seen()
        folder = Survey(self.file.partitions)
        for name, value in self.file.partitions.items():
            folder.numbers(name, strings([value]))
            folder.lists(name, strings([value]))
        more = folder.seen()
        return Seen({**own.numbers, **more.numbers}, {**own.lists, **more.lists})

    def digest(self) -> str:
        """Of the content and how it is read; a delimited file's bytes are taken unzipped, as they pass."""
        if self.mirror is not None:
            content = self.mirror.digest
        elif self.file.footer is not None:
            content = digest_file(self.file.path)
        else:
            content = self._digest.hexdigest()
        dialect = self.file.dialect
        reading = (dialect.encoding, dialect.separator) if dialect else ()
        return digest_bytes(repr((content, reading, sorted(self.file.partitions.items(), key=str))).encode())
