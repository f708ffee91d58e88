"""Parquet from strangers: damage, encryption and bombs end in one clear message."""

from __future__ import annotations

import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alcli.errors import TableError
from alcli.tables.encryption import has_encrypted_columns
from alcli.tables.parquet import longest_cells, open_parquet
from alcli.tables.pool import Pool
from tests.tables.helpers import cells, put, put_parquet


def test_a_cut_or_foreign_file_is_refused(tmp_path):
    whole = put_parquet(tmp_path / "whole.parquet", {"id": ["a", "b"], "x": [1, 2]}).read_bytes()
    for content in (b"id,x\na,1\n", whole[: len(whole) // 2], whole[:10], whole[:-1], b"PAR1" + bytes(9), b"PAR1PAR1"):
        with pytest.raises(TableError) as caught:
            Pool.open([put(tmp_path, "cut.parquet", content)]).facts()
        assert caught.value.code in ("not-parquet", "damaged-parquet")


def test_parquet_named_csv_is_read(tmp_path):
    put_parquet(tmp_path / "pool.csv", {"id": ["a"]})
    assert list(cells(Pool.open([tmp_path / "pool.csv"]))) == ["a"]


def test_any_flipped_byte_is_read_or_refused_and_never_crashes(tmp_path):
    columns = {"id": [f"r{n}" for n in range(50)], "x": [n / 3 for n in range(50)], "t": ["a", "b"] * 25}
    whole = put_parquet(tmp_path / "whole.parquet", columns, row_group_size=20).read_bytes()
    choose = random.Random(7)
    for _ in range(300):
        content = bytearray(whole)
        # Most of the risk is in the footer, the last third.
        start = choose.choice([0, len(whole) * 2 // 3, len(whole) * 2 // 3])
        content[choose.randrange(start, len(whole))] = choose.randrange(256)
        path = put(tmp_path, "flipped.parquet", bytes(content))
        try:
            pool = Pool.open([path])
            assert len(cells(pool)) <= pool.facts().rows
        except TableError as error:
            assert "\n" not in str(error)


def test_text_that_is_not_utf8_names_the_column(tmp_path):
    offsets = pa.py_buffer(b"\0\0\0\0\1\0\0\0\2\0\0\0")
    wrong = pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"a\xff")])
    path = put_parquet(tmp_path / "p.parquet", {"id": ["a", "b"], "note": wrong})
    with pytest.raises(TableError, match="'note'") as caught:
        Pool.open([path]).facts()
    assert caught.value.code == "encoding"


def test_float_ids_are_refused_and_integers_are_exact(tmp_path):
    with pytest.raises(TableError) as caught:
        Pool.open([put_parquet(tmp_path / "f.parquet", {"id": [1.0]})])
    assert caught.value.code == "float-ids"
    pool = Pool.open([put_parquet(tmp_path / "i.parquet", {"id": [9007199254740993, -1]})])
    assert list(cells(pool)) == ["9007199254740993", "-1"]


def test_a_bomb_of_equal_ids_is_refused_after_the_first_batches(tmp_path, monkeypatch):
    ids = pa.DictionaryArray.from_arrays(pa.array([0] * 400_000, pa.int8()), ["a"])
    path = put_parquet(tmp_path / "bomb.parquet", {"id": ids})
    with pytest.raises(TableError, match="at least") as caught:
        Pool.open([path]).facts()
    assert caught.value.code == "duplicate-id"


def test_a_dictionary_that_stands_for_gigabytes_is_read_in_small_batches(tmp_path):
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 2000, pa.int32()), ["x" * 4_000_000])
    path = put_parquet(tmp_path / "wide.parquet", {"id": [str(n) for n in range(2000)], "t": text})
    file = open_parquet(path, "wide")
    assert longest_cells(file, path, "wide", ["t"], [0])["t"] >= 4_000_000
    from alcli.tables.pool import Request

    pool = Pool.open([path])
    first = next(pool.read(pool.units()[0], Request(text=("t",))))
    assert len(first) <= 68


def test_encrypted_columns_are_known_before_pyarrow_is_asked(tmp_path):
    import pyarrow.parquet.encryption as pe

    class Kms(pe.KmsClient):
        def __init__(self, _):
            super().__init__()

        def wrap_key(self, key, _):
            return key

        def unwrap_key(self, key, _):
            return key

    factory = pe.CryptoFactory(lambda settings: Kms(settings))
    for plain in (True, False):
        settings = pe.EncryptionConfiguration(
            footer_key="0123456789012345", column_keys={"1234567890123450": ["x"]}, plaintext_footer=plain
        )
        path = tmp_path / "secret.parquet"
        table = pa.table({"id": ["a"], "x": [1]})
        properties = factory.file_encryption_properties(pe.KmsConnectionConfig(), settings)
        with pq.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
            writer.write_table(table)
        with pytest.raises(TableError, match="encrypted"):
            Pool.open([path])


def test_footers_of_plain_files_are_never_taken_for_encrypted(tmp_path):
    for rows in range(40):
        path = put_parquet(
            tmp_path / "p.parquet",
            {"id": [str(n) for n in range(rows)], "x": [n * 0x2C191C5C for n in range(rows)], "v": [[0.0]] * rows},
            row_group_size=7,
            write_page_index=bool(rows % 2),
        )
        content = path.read_bytes()
        length = int.from_bytes(content[-8:-4], "little")
        import alcli.tables.encryption as encryption

        assert not encryption._Walk(content[-8 - length : -8]).file()
        assert not has_encrypted_columns(content[-8 - length : -8])
