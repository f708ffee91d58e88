"""Vectors from Parquet, .npy, JSONL and CSV; and the store behind them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from alcli.errors import AlcliError
from alcli.predictions import building
from alcli.predictions.store import load

from .files import WRITERS, embeddings, jsonl, parquet, predictions, rows, table

RECORDS = [{"id": "a", "embedding": [1.0, 2.0]}, {"id": "b", "embedding": [0.5, -1.0]}]
WANTED = [[0.5, -1.0], [1.0, 2.0]]  # of b, a


def refused(path: Path, code: str, *words: str) -> AlcliError:
    with pytest.raises(AlcliError) as caught:
        embeddings(path)
    error = caught.value
    assert error.code == code, error.message
    told = f"{error.message} {error.at} {error.hint}"
    assert all(word in told for word in words), told
    return error


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", ["embedding", "whatever"])
def test_a_list_a_row(tmp_path: Path, kind: str, name: str) -> None:
    records = [{"id": row["id"], name: row["embedding"], "text": "hello"} for row in RECORDS]
    found = embeddings(WRITERS[kind](tmp_path / f"e.{kind}", records)).of(rows("b", "a"))
    assert found.dtype == np.float32 and found.tolist() == WANTED


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_a_column_a_coordinate(tmp_path: Path, kind: str) -> None:
    records = [{"id": row["id"], "e0": row["embedding"][0], "price": 3.0, "e1": row["embedding"][1]} for row in RECORDS]
    path = WRITERS[kind](tmp_path / f"e.{kind}", records)
    assert embeddings(path, ignored=("price",)).of(rows("b", "a")).tolist() == WANTED


@pytest.mark.parametrize("size", ["f2", "f4", "f8", "i4"])
def test_parquet_of_any_width_and_fixed_lists(tmp_path: Path, size: str) -> None:
    values = np.array([[1, 2], [3, -1]], size)
    fixed = pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), 2)
    pq.write_table(pa.table({"id": ["a", "b"], "embedding": fixed}), tmp_path / "e.parquet", row_group_size=1)
    assert embeddings(tmp_path / "e.parquet").of(rows("b", "a")).tolist() == [[3.0, -1.0], [1.0, 2.0]]


@pytest.mark.parametrize("beside", ["v.ids.txt", "v.npy.ids.txt", "v.ids.csv", "v.npy.ids.csv"])
def test_npy_with_its_ids_beside_it(tmp_path: Path, beside: str) -> None:
    np.save(tmp_path / "v.npy", np.array([[1.0, 2.0], [0.5, -1.0]]))
    text = "a\nb\n" if beside.endswith("txt") else "n,id\n1,a\n2,b\n"
    (tmp_path / beside).write_text(text)
    found = embeddings(tmp_path / "v.npy")
    assert found.file.rows == 2 and found.of(rows("b", "a")).tolist() == WANTED


def test_npy_in_column_order_and_many_rows(tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(5000, 3)).astype(np.float32)
    np.save(tmp_path / "v.npy", np.asfortranarray(values))
    (tmp_path / "v.ids.txt").write_text("".join(f"r{n}\r\n" for n in range(5000)))
    found = embeddings(tmp_path / "v.npy").of(rows(*(f"r{n}" for n in (4999, 0, 2048))))
    assert np.array_equal(found, values[[4999, 0, 2048]])


def test_npy_files_that_cannot_be_meant(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((2, 2)))
    refused(tmp_path / "a.npy", "no-ids", "a.ids.txt")
    (tmp_path / "a.ids.txt").write_text("x\n")
    refused(tmp_path / "a.npy", "uneven-ids", "2 rows", "1 ids")
    (tmp_path / "a.ids.txt").write_text("x\ny\nz\n")
    refused(tmp_path / "a.npy", "uneven-ids", "2 rows", "3 ids")
    (tmp_path / "a.ids.txt").write_text("x\n\n")
    refused(tmp_path / "a.npy", "blank-id", "row 2")
    (tmp_path / "a.ids.txt").write_text("x\nx\n")
    error = refused(tmp_path / "a.npy", "duplicate-id", "'x'", "rows 1 and 2")
    assert str(error.at) == "a.ids.txt, row 2" and "member" not in str(error.hint)
    (tmp_path / "a.ids.txt").unlink()
    (tmp_path / "a.ids.csv").write_text("n,id\n1,x\n2,x\n")
    error = refused(tmp_path / "a.npy", "duplicate-id", "'x'", "rows 2 and 3")
    assert str(error.at) == "a.ids.csv, row 3, column 'id'"
    for name, array in {"b": np.zeros(3), "c": np.array([["x", "y"]]), "d": np.zeros((2, 2), complex)}.items():
        np.save(tmp_path / f"{name}.npy", array)
        (tmp_path / f"{name}.ids.txt").write_text("x\ny\n")
        refused(tmp_path / f"{name}.npy", "not-a-vector", "shape")
    np.save(tmp_path / "e.npy", np.array([{"x": 1}, {}], object), allow_pickle=True)
    (tmp_path / "e.ids.txt").write_text("x\ny\n")
    refused(tmp_path / "e.npy", "damaged-npy", "np.save")
    whole = (tmp_path / "a.npy").read_bytes()
    (tmp_path / "f.ids.txt").write_text("x\ny\n")
    for length in (len(whole) - 8, 128, 100, 9, 7):
        (tmp_path / "f.npy").write_bytes(whole[:length])
        refused(tmp_path / "f.npy", "damaged-npy", "the file is shorter than its header says")
    (tmp_path / "f.npy").write_bytes(whole.replace(b"descr", b"besch"))
    assert "shorter" not in refused(tmp_path / "f.npy", "damaged-npy", "np.save").message


def test_vectors_that_cannot_be_are_named(tmp_path: Path) -> None:
    refused(
        jsonl(tmp_path / "a.jsonl", [*RECORDS, {"id": "c", "embedding": [1.0]}]),
        "not-a-vector",
        "'c'",
        "row 3",
        "have 2",
    )
    refused(parquet(tmp_path / "b.parquet", [*RECORDS, {"id": "c", "embedding": None}]), "not-a-vector", "'c'", "row 3")
    nan = [*RECORDS, {"id": "c", "embedding": [1.0, float("nan")]}]
    for kind, write in WRITERS.items():
        row = "row 4" if kind == "csv" else "row 3"
        refused(write(tmp_path / f"c.{kind}", nan), "bad-prediction", "'c'", "NaN", row)
    refused(
        table(tmp_path / "e.csv", [{"id": "a", "x": 1.0}, {"id": "b", "x": ""}]),
        "bad-prediction",
        "'b'",
        "'x'",
        "row 3",
    )
    refused(table(tmp_path / "f.csv", [{"id": "a", "text": "hello"}]), "no-vectors", "embedding")
    refused(jsonl(tmp_path / "g.jsonl", [{"id": "a", "x": [1.0], "y": [1.0]}]), "no-vectors", "x, y")
    refused(jsonl(tmp_path / "h.jsonl", [{"id": "a", "embedding": []}]), "not-a-vector", "no numbers")
    refused(jsonl(tmp_path / "i.jsonl", [{"vector": [1.0]}]), "no-id-column")
    refused(jsonl(tmp_path / "j.jsonl", [*RECORDS, RECORDS[0]]), "duplicate-id", "'a'", "rows 1 and 3")


@pytest.mark.parametrize("kind", WRITERS)
def test_a_number_too_large_for_float32_is_named(tmp_path: Path, kind: str) -> None:
    for name, large in (("embedding", [0.5, -1e300]), ("x", -1e300)):
        plain: object = RECORDS[0]["embedding"] if name == "embedding" else 1.0
        path = WRITERS[kind](tmp_path / f"{name}.{kind}", [{"id": "a", name: plain}, {"id": "b", name: large}])
        refused(path, "bad-prediction", "'b': -1e+300 is too large for float32", f"column '{name}'")


def test_a_coordinate_that_only_a_later_line_has_is_refused(tmp_path: Path) -> None:
    records = [{"id": "a", "x": 1.0, "y": 2.0}, {"id": "b", "x": 1.0, "y": 2.0, "z": 3.0}]
    refused(jsonl(tmp_path / "a.jsonl", records), "unknown-column", "'b'", "row 2", "'z'")
    path = jsonl(tmp_path / "b.jsonl", [RECORDS[0], RECORDS[1] | {"p_ham": 0.5, "note": "x"}])
    assert embeddings(path).of(rows("b", "a")).tolist() == WANTED
    error = refused(jsonl(tmp_path / "c.jsonl", [RECORDS[0], RECORDS[0]]), "duplicate-id", "rows 1 and 2")
    assert "member" not in str(error.hint)


def test_rows_that_lack_a_vector_are_named(tmp_path: Path) -> None:
    vectors = embeddings(jsonl(tmp_path / "e.jsonl", RECORDS))
    with pytest.raises(AlcliError, match="1 row has no vector: 'x'"):
        vectors.of(rows("a", "x"))
    assert vectors.of(rows("x", "a", scanned=True)).tolist() == [[0.0, 0.0], [1.0, 2.0]]


# -- the store ---------------------------------------------------------------------------------------------------------


def stores(cache: Path) -> list[Path]:
    return sorted((cache / "brought").glob("*.rows"))


def test_a_file_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, cache = jsonl(tmp_path / "e.jsonl", RECORDS), tmp_path / "cache"
    first = embeddings(path, cache=cache)
    assert stores(cache) == [first.file.store.path]
    monkeypatch.setattr(building._Build, "into", lambda *_: pytest.fail("read again"))
    assert embeddings(path, cache=cache).of(rows("b", "a")).tolist() == WANTED


def test_a_file_that_changed_is_read_again_and_old_stores_go(tmp_path: Path) -> None:
    path, cache = tmp_path / "e.jsonl", tmp_path / "cache"
    for number in range(5):
        jsonl(path, [{"id": "a", "embedding": [float(number), 0.0]}])
        os.utime(path, ns=(number * 10**9, number * 10**9))
        assert embeddings(path, cache=cache).of(rows("a")).tolist() == [[float(number), 0.0]]
    assert len(stores(cache)) == 2
    jsonl(tmp_path / "other.jsonl", RECORDS)
    embeddings(tmp_path / "other.jsonl", cache=cache)
    assert len(stores(cache)) == 3


def test_the_classes_and_their_order_are_part_of_what_is_kept(tmp_path: Path) -> None:
    path, cache = jsonl(tmp_path / "p.jsonl", [{"id": "a", "ham": 0.25, "spam": 0.75}]), tmp_path / "cache"
    for classes, wanted in ((("ham", "spam"), [0.25, 0.75]), (("spam", "ham"), [0.75, 0.25])):
        found = predictions(path, classes=classes, cache=cache).signals(rows("a"), ["proba"])
        assert found["proba"].tolist() == [wanted]


def test_a_damaged_store_is_made_again(tmp_path: Path) -> None:
    path, cache = jsonl(tmp_path / "e.jsonl", RECORDS), tmp_path / "cache"
    place = embeddings(path, cache=cache).file.store.path
    whole = place.read_bytes()
    for damaged in (whole[:-1], whole[:10], b"", whole[:40] + whole[48:]):
        place.write_bytes(damaged)
        assert load(place) is None
        assert embeddings(path, cache=cache).of(rows("b", "a")).tolist() == WANTED
        assert place.read_bytes() == whole


def test_a_file_that_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    path = jsonl(tmp_path / "e.jsonl", [*RECORDS, RECORDS[0]])
    with pytest.raises(AlcliError):
        embeddings(path, cache=cache)
    assert list((cache / "brought").iterdir()) == []


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir(mode=0o500)
    assert embeddings(jsonl(tmp_path / "e.jsonl", RECORDS), cache=cache).of(rows("b", "a")).tolist() == WANTED


def test_a_cache_that_is_a_file_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    found = embeddings(jsonl(tmp_path / "e.jsonl", RECORDS), cache=tmp_path / "cache")
    assert found.of(rows("b", "a")).tolist() == WANTED


def test_two_ids_of_one_hash_are_two_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alcli.predictions import store
    from alcli.tables.hashing import hash_ids

    def clashing(ids: object, seed: int = 0, purpose: str = "") -> np.ndarray:
        found = hash_ids(ids, seed, purpose)
        return np.zeros_like(found) if purpose == "brought-0" else found

    for module in (building, store):
        monkeypatch.setattr(module, "hash_ids", clashing)
    vectors = embeddings(jsonl(tmp_path / "e.jsonl", RECORDS))
    assert vectors.file.store.purpose == "brought-1"
    assert vectors.of(rows("b", "a")).tolist() == WANTED


def test_blocks_of_any_size_give_the_same_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from alcli.predictions import source

    values = np.random.default_rng(1).normal(size=(500, 4))
    records = [{"id": f"r{n}", "embedding": row} for n, row in enumerate(values.tolist())]
    for kind, write in WRITERS.items():
        path = write(tmp_path / f"e.{kind}", records)
        whole = embeddings(path).file.store.path.read_bytes()
        monkeypatch.setattr(source, "LISTED_ROWS", 7)
        assert embeddings(path).file.store.path.read_bytes() == whole
        monkeypatch.undo()
