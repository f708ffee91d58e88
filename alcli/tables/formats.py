"""What kind of file this is, by its first bytes."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import IO, Any

from alcli.errors import FileTrouble, TableError

_MAGIC = (
    (b"PAR1", "parquet"),
    (b"PARE", "an encrypted Parquet file"),
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "a zip archive (an XLSX workbook is one too)"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"ARROW1", "an Arrow (Feather) file"),
    (b"FEA1", "an Arrow (Feather) file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"%PDF", "a PDF document"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook (XLS)"),
)


def file_format(path: Path, shown: str) -> str:
    """``"delimited"`` or ``"parquet"``, by content.

    Raises
    ------
    TableError
        If the file is empty, or of a format that is not read; the message names the format.
    FileTrouble
        If there is no such file, or it cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(64)
    except OSError as error:
        raise no_file(error, shown) from error
    if not start:
        raise TableError("the file is empty", at=shown, code="empty-file")
    known = next((name for magic, name in _MAGIC if start.startswith(magic)), "delimited")
    if known == "ORC" and start[3:4].isalnum():
        known = "delimited"
    named_parquet = path.suffix.lower() in (".parquet", ".pq", ".parq")
    if known == "gzip":
        with opened(path, shown) as inner:
            known = "a gzipped Parquet file" if inner.read(4) == b"PAR1" else "delimited"
    if known == "parquet" or (known == "delimited" and not named_parquet):
        return known
    if known == "delimited":
        raise TableError(
            "the file is named as Parquet and is none",
            at=shown,
            hint="name a CSV file .csv; a Parquet file that was cut short or damaged must be written again",
            code="not-parquet",
        )
    raise TableError(
        f"the file is {known}, which is not read",
        at=shown,
        hint="pools are CSV or TSV (gzipped or not) and Parquet",
        code="unknown-format",
    )


def no_file(error: OSError, shown: str) -> FileTrouble:
    """The refusal for a file that cannot be opened."""
    if isinstance(error, FileNotFoundError):
        return FileTrouble("there is no such file", at=shown, code="no-such-file")
    if isinstance(error, IsADirectoryError):
        return FileTrouble("this is a folder, not a file", at=shown, code="not-a-file")
    return FileTrouble(f"the file cannot be read: {(error.strerror or str(error)).lower()}", at=shown, code="disk")


class opened:  # noqa: N801 - used like `open`
    """A file or bytes as a binary stream, unzipped where it is gzip; damage becomes a `TableError`."""

    def __init__(self, source: Path | bytes, shown: str) -> None:
        self.shown = shown
        try:
            self._raw: IO[bytes] = io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
            zipped = self._raw.read(2) == b"\x1f\x8b"
            self._raw.seek(0)
        except OSError as error:
            raise no_file(error, shown) from error
        self._stream: Any = gzip.GzipFile(fileobj=self._raw) if zipped else self._raw

    def read(self, size: int) -> bytes:
        try:
            piece: bytes = self._stream.read(size)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise TableError(
                f"the gzip data is damaged or cut short: {str(error).lower()}",
                at=self.shown,
                code="damaged-gzip",
            ) from error
        except OSError as error:
            raise no_file(error, self.shown) from error
        return piece

    def __enter__(self) -> opened:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._raw.close()
