"""Delimited files: what is read, and how each kind of damage is told."""

from __future__ import annotations

import codecs
import csv
import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alcli.errors import AlcliError, TableError, UsageError
from alcli.tables.blocks import read_blocks
from alcli.tables.delimited import read_records
from alcli.tables.dialect import recognise
from alcli.tables.pool import Pool, Request
from tests.tables.helpers import cells, put, written

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12) | st.sampled_from(
    ['"', '""', '5" pipe', "a,b", "x;y", "t\tt", "\n", "\r\n", "\r", " ", "NA", "007", "=1+1", "\ufeff"]
)
DIALECTS = st.fixed_dictionaries(
    {"delimiter": st.sampled_from(",;\t"), "lineterminator": st.sampled_from(["\n", "\r\n", "\r"])}
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=12),
    dialect=DIALECTS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    zipped=st.booleans(),
)
def test_any_table_reads_back_as_it_was_written(tmp_path, rows, dialect, encoding, zipped):
    numbered = [(f"r{number}", *row) for number, row in enumerate(rows)]
    # Before Python 3.13 csv.writer leaves a CR bare when lines end in LF; such a file says something else.
    breaks = any("\r" in cell or "\n" in cell for row in rows for cell in row)
    quoting = csv.QUOTE_ALL if breaks else csv.QUOTE_MINIMAL
    content = written(["id", "a", "b", "c"], numbered, quoting=quoting, **dialect).encode(encoding)
    path = put(tmp_path, "pool.csv", gzip.compress(content) if zipped else content)
    wanted = {name: dict(zip("abc", (cell or None for cell in row), strict=True)) for name, *row in numbered}
    for cache in (None, tmp_path / "cache"):
        pool = Pool.open([path], cache=cache)
        pool.facts()
        got = cells(pool)
        assert {name: {column: row[column] for column in "abc"} for name, row in got.items()} == wanted
    assert [tuple(row) for _, row in read_records(path, strict=True).rows] == numbered


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.sampled_from('ab",\n\r;é'), max_size=30))
def test_the_fast_reader_and_the_strict_one_agree_on_every_text(tmp_path, body):
    path = put(tmp_path, "pool.csv", "x,y\n" + body)

    def slow():
        return [tuple(cell or None for cell in row) for _, row in read_records(path, None, ",", strict=True).rows]

    def fast():
        blocks = read_blocks(path, recognise(path, "pool.csv", None, ","), "pool.csv")
        return [tuple(row.values()) for table in blocks for row in table.to_pylist()]

    def outcome(read):
        try:
            return read()
        except TableError as error:
            return error.code

    assert outcome(fast) == outcome(slow)


def refusal(tmp_path, content, **options):
    path = put(tmp_path, options.pop("name", "pool.csv"), content)
    errors = []
    for cache in (None, tmp_path / "cache"):
        with pytest.raises(AlcliError) as caught:
            Pool.open([path], cache=cache, **options).facts()
        errors.append(caught.value)
    assert (errors[0].code, str(errors[0]), errors[0].at) == (errors[1].code, str(errors[1]), errors[1].at)
    return errors[0]


@pytest.mark.parametrize(
    ("content", "code", "row"),
    [
        (b"", "empty-file", None),
        (b"\n\r\n", "empty-file", None),
        (b"id,x\n", "empty-pool", None),
        (b"id,x\na,1,2\n", "ragged", 2),
        (b"id,x\na,1\n\nb\n", "ragged", 4),
        (b"id,x\na,1\n,2\n", "blank-id", 3),
        (b"id,x\n,\n,\n", "blank-id", 2),
        (b"id,x\na,1\n\nb,2\na,3\n", "duplicate-id", 5),
        (b"id,id\na,1\n", "duplicate-header", 1),
        (b"id,\na,1\n", "blank-header", 1),
        (b"id,x\na,1\nid,x\nb,2\n", "repeated-header", 3),
    ],
)
def test_a_bad_row_is_named(tmp_path, content, code, row):
    error = refusal(tmp_path, content)
    assert error.code == code
    assert (error.at.row if error.at else None) == row


@pytest.mark.parametrize(
    ("content", "code", "line"),
    [
        (b"id,x\na,1\nb,\xe9\n", "encoding", "line 3 is not UTF-8: byte 0xe9 at offset 11"),
        (b"id,x\na,1\0\n", "nul-byte", "line 2"),
        (b'id,x\na,1\nb,"2\nc,3\n', "unclosed-quote", "line 3"),
        (b'id,x\na,"1" z\n', "quoting", "line 2"),
        (b'id,x\na,"1\nb,2\nc,"3"\n', "quoting", "line 2"),
    ],
)
def test_damage_in_the_text_names_the_line(tmp_path, content, code, line):
    error = refusal(tmp_path, content)
    assert error.code == code
    assert line in str(error)


def test_an_encoding_is_told_and_not_guessed(tmp_path):
    content = "id;x\na;é€\n".encode("cp1252")
    assert "--encoding cp1252" in refusal(tmp_path, content).hint
    pool = Pool.open([put(tmp_path, "pool.csv", content)], encoding="cp1252")
    assert cells(pool)["a"]["x"] == "é€"
    other = Pool.open([tmp_path / "pool.csv"], encoding="cp1251")
    assert other.facts().fingerprint != pool.facts().fingerprint  # the same bytes are another text
    for name in ("no-such", "base64", "rot13"):
        with pytest.raises(UsageError):
            Pool.open([tmp_path / "pool.csv"], encoding=name)


def test_a_separator_can_be_told(tmp_path):
    path = put(tmp_path, "pool.csv", "id|x\na|1,2\n")
    assert cells(Pool.open([path], separator="|"))["a"]["x"] == "1,2"
    path = put(tmp_path, "section.csv", 'id§x\na§"1§2"\n')
    assert cells(Pool.open([path], separator="§"))["a"]["x"] == "1§2"
    with pytest.raises(UsageError):
        Pool.open([path], separator="||")


def test_the_separator_is_the_one_that_fits_the_rows(tmp_path):
    assert recognise(b"id;name, first\n1;x\n", "x").separator == ";"
    assert recognise(b'"a;b",c\n1,2\n', "x").separator == ","
    assert recognise(b"text\nhello\n", "x").header == ("text",)


def test_excels_separator_line_is_obeyed(tmp_path):
    path = put(tmp_path, "pool.csv", "sep=;\nid;x\na;1,5\na;2\n")
    with pytest.raises(TableError) as caught:
        Pool.open([path]).facts()
    assert (caught.value.code, caught.value.at.row) == ("duplicate-id", 4)


@pytest.mark.parametrize("value", ["007", "1E5", "9007199254740993", "NA", "null", "TRUE", "-", "0x1F", " a "])
def test_ids_are_the_text_in_the_file(tmp_path, value):
    path = put(tmp_path, "pool.csv", f"id,x\n{value},1\n")
    for cache in (None, tmp_path / "cache"):
        pool = Pool.open([path], cache=cache)
        assert list(cells(pool)) == [value]
        assert pool.known([value, value.strip() + "?"]) == {value}


def test_long_cells_are_kept_and_endless_ones_refused(tmp_path):
    path = put(tmp_path, "pool.csv", "id,x\na," + "y" * 200_000 + "\n")
    assert len(cells(Pool.open([path]))["a"]["x"]) == 200_000
    bomb = gzip.compress(b"id,x\na," + b"y" * (40 << 20))
    assert refusal(tmp_path, bomb, name="bomb.csv.gz").code == "row-too-long"


def test_gzip_is_known_by_its_bytes_and_damage_in_it_is_told(tmp_path):
    content = gzip.compress(b"id,x\na,1\n") + gzip.compress(b"b,2\n")
    assert set(cells(Pool.open([put(tmp_path, "plain-name.csv", content)]))) == {"a", "b"}
    wrong = bytearray(gzip.compress(b"id,x\n" + b"".join(b"%d,1\n" % n for n in range(99))))
    wrong[-6] ^= 1
    assert refusal(tmp_path, bytes(wrong)).code == "damaged-gzip"
    assert refusal(tmp_path, gzip.compress(b"id,x\na,1\n")[:-9]).code == "damaged-gzip"


@pytest.mark.parametrize(
    ("start", "word"),
    [
        (b"PK\x03\x04", "zip"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"BZh9", "bzip2"),
        (b"\xfd7zXZ\x00", "xz"),
        (b"ARROW1", "Arrow"),
    ],
)
def test_other_formats_are_named(tmp_path, start, word):
    error = refusal(tmp_path, start + bytes(40))
    assert error.code == "unknown-format"
    assert word in str(error)


def test_utf16_without_its_mark_is_not_garbled(tmp_path):
    assert refusal(tmp_path, "id,x\na,e\n".encode("utf-16-le")).code == "nul-byte"
    content = "id,x\na,é\n".encode("utf-16-le")
    pool = Pool.open([put(tmp_path, "pool.csv", content)], encoding="utf-16-le")
    assert cells(pool)["a"]["x"] == "é"
    assert refusal(tmp_path, codecs.BOM_UTF16_LE + content + b"\x00").code == "encoding"


def test_one_literal_quote_in_a_large_file_is_no_open_cell(tmp_path):
    path = put(tmp_path, "pool.csv", 'id,x\n0,5" pipe\n' + "".join(f"{n},{'z' * 99}\n" for n in range(1, 90_000)))
    pool = Pool.open([path], cache=tmp_path / "cache")
    assert pool.facts().rows == 90_000
    assert pool.take(["0"], Request(text=("x",))).columns["x"].to_pylist() == ['5" pipe']


def test_blocks_join_without_a_seam(tmp_path, monkeypatch):
    from alcli.tables import blocks

    rows = [(f"{n}", 'x"\r\n' * (n % 5), "é" * (n % 7), "5") for n in range(200)]
    for end in ("\n", "\r\n", "\r"):
        path = put(tmp_path, "pool.csv", written(["id", "a", "b", "c"], rows, lineterminator=end))
        for size in (7, 64, 1000):
            monkeypatch.setattr(blocks, "BLOCK", size)
            assert list(cells(Pool.open([path])).values()) == [
                {"id": row[0], "a": row[1] or None, "b": row[2] or None, "c": "5"} for row in rows
            ]
