"""Parquet files, opened with care and read in batches.

A footer is only a claim: before anything is read, its row counts and offsets are held against the
file, and batches are kept so short that no column can unfold into more than `LARGEST_BATCH`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alcli.errors import TableError
from alcli.tables.convert import LONGEST_VECTOR, is_text, kind_of
from alcli.tables.encryption import has_encrypted_columns
from alcli.tables.formats import no_file

LARGEST_BATCH = 256 << 20  # bytes one column may take in one batch
LONGEST_CELL = 32 << 20  # the same bound that a row of a delimited file has


@dataclass(frozen=True)
class Footer:
    """What a Parquet file says of itself.

    Attributes
    ----------
    names, kinds : its top columns and their kinds (see `convert.kind_of`).
    groups : rows of each row group.
    """

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    groups: tuple[int, ...]

    @property
    def rows(self) -> int:
        return sum(self.groups)


@contextmanager
def refusing_damage(shown: str, column: str | None = None) -> Iterator[None]:
    """Whatever pyarrow says of a damaged file, told as one `TableError`."""
    import pyarrow as pa

    try:
        yield
    except FileNotFoundError as error:
        raise no_file(error, shown) from error
    except (
        pa.ArrowException,  # what pyarrow notices itself, an encoding or a type that it cannot read among it
        OSError,  # a page that ends before its length
        UnicodeError,  # a name or a text that is not UTF-8
        OverflowError,  # a length or a count beyond 64 bits
        IndexError,  # a row group or a column that the footer claims and the file lacks
        KeyError,  # a column that is in one schema of the file and not in the other
        MemoryError,  # a claimed size that no machine has
        TypeError,  # a statistic of another type than its column
        ValueError,  # a number that cannot be
    ) as error:
        said = (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(". ")
        about = f"column {column!r} of the Parquet file" if column else "the Parquet file"
        if "utf8" in said.lower() or "utf-8" in said.lower() or isinstance(error, UnicodeError):
            raise TableError(
                f"a text of {about} is not UTF-8", at=shown, hint="write it again as text", code="encoding"
            ) from error
        raise TableError(
            f"{about} is damaged or of a form that is not read: {said}", at=shown, code="damaged-parquet"
        ) from error


def open_parquet(path: Path, shown: str, texts: Sequence[str] = (), trusted: bool = False) -> Any:
    """A `pyarrow.parquet.ParquetFile` whose claims were held against the file.

    Parameters
    ----------
    texts : columns to hand out as dictionaries.
    trusted : its claims were checked before, and it has not changed since.
    """
    import pyarrow.parquet as pq

    with refusing_damage(shown):
        size = path.stat().st_size
        with path.open("rb") as raw:
            raw.seek(max(0, size - 8))
            length, magic = int.from_bytes(raw.read(4), "little"), raw.read(4)
            if size < 12 or magic != b"PAR1" or length > size - 12:
                raise TableError(
                    "the Parquet file is cut short: its footer is missing", at=shown, code="damaged-parquet"
                )
            raw.seek(size - 8 - length)
            encrypted = not trusted and has_encrypted_columns(raw.read(length))
        if encrypted:
            raise TableError(
                "the Parquet file is encrypted or damaged",
                at=shown,
                hint="write it without encryption",
                code="encrypted",
            )
        # For dictionaries alone a buffer keeps pyarrow from reading whole column chunks.
        file = pq.ParquetFile(
            path, pre_buffer=False, read_dictionary=list(texts) or None, buffer_size=(1 << 18) if texts else 0
        )
        if not trusted:
            _check_claims(file, size, shown)
        return file


def _check_claims(file: Any, size: int, shown: str) -> None:
    footer = file.metadata
    rows = 0
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        rows += group.num_rows
        fine = group.num_rows >= 0
        for index in range(group.num_columns):
            chunk = group.column(index)
            fine = fine and 0 <= chunk.total_compressed_size <= size and chunk.total_uncompressed_size >= 0
            fine = fine and 0 <= chunk.data_page_offset <= size and chunk.num_values >= 0
            flat = footer.schema.column(index).max_repetition_level == 0
            # A column that is no list has one value a row, present or not.
            fine = fine and (not flat or chunk.num_values == group.num_rows)
        if not fine:
            raise TableError(
                f"the Parquet file is damaged: row group {number + 1} claims what the file cannot hold",
                at=shown,
                code="damaged-parquet",
            )
    if rows != footer.num_rows:
        raise TableError(
            f"the Parquet file is damaged: it claims {footer.num_rows} rows and its row groups hold {rows}",
            at=shown,
            code="damaged-parquet",
        )


def read_footer(path: Path, shown: str) -> Footer:
    """Columns and row groups of a Parquet file; `TableError` when it cannot be read."""
    file = open_parquet(path, shown)
    with refusing_damage(shown), file:
        schema = file.schema_arrow
        footer = file.metadata
        groups = tuple(footer.row_group(number).num_rows for number in range(footer.num_row_groups))
        kinds = [kind_of(kind) for kind in schema.types]
        long = _long_lists(footer)
        for position, name in enumerate(schema.names):
            if kinds[position] == "vector" and name in long:
                kinds[position] = "other"
        return Footer(tuple(schema.names), tuple(kinds), groups)


def _long_lists(footer: Any) -> set[str]:
    """List columns with row groups whose lists are too long for vectors, on average."""
    long = set()
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        for index in range(group.num_columns):
            if group.column(index).num_values > LONGEST_VECTOR * max(1, group.num_rows):
                long.add(group.column(index).path_in_schema.split(".")[0])
    return long


def read_batches(
    path: Path,
    shown: str,
    columns: Sequence[str],
    groups: Sequence[int],
    batch_rows: int,
    file: Any = None,
    longest: Mapping[str, int] | None = None,
) -> Iterator[dict[str, Any]]:
    """Batches of some columns of some row groups, in order.

    Parameters
    ----------
    file : an open file to read from; None opens `path`.
    longest : what `longest_cells` found when the file was checked; None checks and looks.

    Yields
    ------
    dict
        Column -> arrow array; under ``""`` stands the number of rows, also when no column is wanted.
    """
    file = file or open_parquet(path, shown, trusted=longest is not None)
    if not columns:
        for group in groups:
            left = file.metadata.row_group(group).num_rows
            while left > 0:
                yield {"": min(left, batch_rows)}
                left -= batch_rows
        return
    batches = None
    with refusing_damage(shown):
        if longest is None:
            longest = longest_cells(file, path, shown, columns, groups)
        largest = max((longest.get(name, 0) for name in columns), default=0)
        batch_rows = max(1, min(batch_rows, LARGEST_BATCH // max(1, largest)))
        batches = file.iter_batches(
            batch_size=batch_rows, row_groups=list(groups), columns=list(columns), use_threads=False
        )
    promised = sum(file.metadata.row_group(group).num_rows for group in groups)
    while True:
        with refusing_damage(shown):
            batch = next(batches, None)
            if batch is None:
                break
            promised -= batch.num_rows
            # `a` also selects a flat column that is called `a.b`, so columns are taken by name.
            found = {name: batch.column(batch.schema.get_field_index(name)) for name in columns}
        found[""] = batch.num_rows
        del batch  # held until the next one is read, its memory could not be used again
        yield found
        del found
    if promised:
        raise TableError(
            "the Parquet file is damaged: it holds fewer rows than it claims", at=shown, code="damaged-parquet"
        )


def longest_cells(file: Any, path: Path, shown: str, columns: Sequence[str], groups: Sequence[int]) -> dict[str, int]:
    """An upper bound, in bytes, of what one row of a text or list column may take.

    A dictionary page of a few kB can stand for terabytes of text. A cell of a text column is at
    most as long as the longest entry of its dictionary, so that a batch is bounded by that times
    its rows. Costs a look at each row group's dictionary; the pool keeps the result with its facts.
    """
    footer, schema = file.metadata, file.schema_arrow
    texts, lists = [], set()
    for name in columns:
        kind = schema.field(name).type
        if is_text(getattr(kind, "value_type", kind)) and kind_of(kind) == "text":
            texts.append(name)
        elif kind_of(kind) in ("vector", "other"):
            lists.add(name)
    longest: dict[str, int] = {}
    coded = open_parquet(path, shown, texts) if texts else None
    for number in groups:
        group = footer.row_group(number)
        if not group.num_rows:
            continue
        for index in range(group.num_columns):
            chunk = group.column(index)
            name = chunk.path_in_schema
            if name in texts:
                size = _longest_text(coded, shown, number, chunk)
            elif (name := name.split(".")[0]) in lists:
                size = (chunk.num_values // group.num_rows + 1) * 8 * 4
            else:
                continue
            longest[name] = max(size, longest.get(name, 0))
    return longest


def _longest_text(coded: Any, shown: str, number: int, chunk: Any) -> int:
    whole, rows = int(chunk.total_uncompressed_size), int(chunk.num_values)
    encodings = set(chunk.encodings)
    if whole <= 4096 or "DELTA_BYTE_ARRAY" in encodings:  # there each cell may repeat the one before
        return whole
    # Cells stored one by one: no batch can hold more than all of them; 4 for uneven ones.
    plain = max(1, whole // rows * 4)
    if not encodings & {"RLE_DICTIONARY", "PLAIN_DICTIONARY"}:
        return plain
    import pyarrow.compute as pc

    column = chunk.path_in_schema
    first = next(coded.iter_batches(batch_size=1, row_groups=[number], columns=[column], use_threads=False))
    cells = first.column(first.schema.get_field_index(column))
    longest = int(pc.max(pc.binary_length(getattr(cells, "dictionary", cells))).as_py() or 0)
    if longest > LONGEST_CELL:
        raise TableError(
            f"column {column!r} has a text of {longest >> 20} MiB",
            at=shown,
            hint=f"cells may have up to {LONGEST_CELL >> 20} MiB",
            code="cell-too-long",
        )
    return max(longest, plain)
