"""Whether a Parquet footer speaks of encrypted columns.

pyarrow ends the process (`std::terminate`) when it is asked for the metadata of an encrypted
column, so this has to be known before. The footer is Thrift's compact protocol; only what is
needed to walk over it stands here.
"""

from __future__ import annotations

import re

_ROW_GROUPS, _COLUMNS, _CRYPTO = 4, 1, 8  # field ids in parquet.thrift
_LIST, _SET, _MAP, _STRUCT = 9, 10, 11, 12
# A field header for ColumnChunk.crypto_metadata and the start of either of its two forms. Rare
# enough in other footers that these are hardly ever walked.
_HINT = re.compile(rb"(?:[\x1c\x2c\x3c\x4c\x5c\x6c\x7c\x8c]|\x0c\x10)(?:\x1c\x00\x00|[\x2c\x0c].?\x19)", re.DOTALL)


def has_encrypted_columns(footer: bytes) -> bool:
    """Whether a plain footer holds columns that cannot be read without a key.

    A footer that cannot be walked counts as one: pyarrow could not be trusted with it either.
    """
    if not _HINT.search(footer):
        return False
    try:
        return _Walk(footer).file()
    except (IndexError, RecursionError, ValueError):
        return True


class _Walk:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def file(self) -> bool:
        """FileMetaData: does any column chunk have crypto_metadata?"""
        field = 0
        while found_field := self.header(field):
            field, kind = found_field
            if field == _ROW_GROUPS and kind == _LIST:
                length, inner = self.listed()
                if inner == _STRUCT and sum(self.row_group() for _ in range(length)):
                    return True
            else:
                self.skip(kind)
        return False

    def row_group(self) -> bool:
        field, found = 0, False
        while found_field := self.header(field):
            field, kind = found_field
            if field == _COLUMNS and kind == _LIST:
                length, _ = self.listed()
                found = bool(sum(self.column() for _ in range(length))) or found
            else:
                self.skip(kind)
        return found

    def column(self) -> bool:
        field, found = 0, False
        while found_field := self.header(field):
            field, kind = found_field
            found = found or field == _CRYPTO
            self.skip(kind)
        return found

    def header(self, before: int) -> tuple[int, int] | None:
        """The next field's id and type; None at the end of a struct."""
        byte = self.byte()
        if byte == 0:
            return None
        step = byte >> 4
        if step:
            return before + step, byte & 15
        number = self.varint()
        return (number >> 1) ^ -(number & 1), byte & 15

    def listed(self) -> tuple[int, int]:
        byte = self.byte()
        length = byte >> 4
        return (self.varint() if length == 15 else length), byte & 15

    def byte(self) -> int:
        value = self.data[self.at]
        self.at += 1
        return value

    def varint(self) -> int:
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
            if shift > 63:
                raise ValueError("a number that does not end")

    def skip(self, kind: int, depth: int = 0) -> None:
        if depth > 40:
            raise ValueError("nested too deep")
        if kind in (1, 2):  # a boolean, which is its own type
            return
        if kind == 3:
            self.at += 1
        elif kind in (4, 5, 6):
            self.varint()
        elif kind == 7:
            self.at += 8
        elif kind == 8:
            length = self.varint()  # moves `at` itself
            self.at += length
        elif kind in (_LIST, _SET):
            length, inner = self.listed()
            for _ in range(length):
                # In a list a boolean takes a byte.
                self.skip(3 if inner in (1, 2) else inner, depth + 1)
        elif kind == _MAP:
            length = self.varint()
            kinds = self.byte() if length else 0
            for _ in range(length):
                self.skip(3 if kinds >> 4 in (1, 2) else kinds >> 4, depth + 1)
                self.skip(3 if kinds & 15 in (1, 2) else kinds & 15, depth + 1)
        elif kind == _STRUCT:
            field = 0
            while found := self.header(field):
                field, inner = found
                self.skip(inner, depth + 1)
        else:
            raise ValueError("no such type")
        if self.at > len(self.data):
            raise IndexError("past the end")
