"""The pool: the same rows whatever the format, the order and the files."""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
from datetime import date, datetime
from unicodedata import category

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alcli.errors import FileTrouble, TableError
from alcli.tables.hashing import content_id
from alcli.tables.pool import Pool, Request
from tests.tables.helpers import cells, put, put_parquet, written

ROWS = [(f"{n:03d}", f"text {n}" if n % 5 else "", str(n / 4), f"[{n}, {n / 8}]") for n in range(500)]
HEADER = ["id", "text", "x", "v"]
REQUEST = Request(text=("text",), numbers=("x",), vectors=("v",))


def as_csv(folder, rows=ROWS):
    return [put(folder, "pool.csv", written(HEADER, rows))]


def as_gz(folder, rows=ROWS):
    import gzip

    return [put(folder, "pool.tsv.gz", gzip.compress(written(HEADER, rows, delimiter="\t").encode()))]


def as_parquet(folder, rows=ROWS):
    columns = {
        "id": [row[0] for row in rows],
        "text": [row[1] for row in rows],
        "x": [float(row[2]) for row in rows],
        "v": pa.array([[float(part) for part in row[3][1:-1].split(",")] for row in rows]),
    }
    return [put_parquet(folder / "pool.parquet", columns, row_group_size=70)]


def as_parts(folder, rows=ROWS):
    for number in range(7):
        put(folder, f"parts/{number}.csv", written(HEADER, rows[number::7]))
    return [folder / "parts" / "*.csv"]


def as_shuffled(folder, rows=ROWS):
    return as_parquet(folder, [rows[at] for at in np.random.default_rng(0).permutation(len(rows))])


def as_mixed(folder, rows=ROWS):
    return [*as_csv(folder, rows[:100]), *as_parquet(folder, rows[100:])]


LAYOUTS = [as_csv, as_gz, as_parquet, as_parts, as_shuffled, as_mixed]


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_means_the_same(tmp_path, layout, cached):
    cache = tmp_path / "cache" if cached else None
    pool = Pool.open(layout(tmp_path), cache=cache)
    facts = pool.facts()
    assert facts.rows == 500
    numeric = {column.name for column in pool.columns if column.kind in ("integer", "float")} | facts.numeric
    lists = {column.name for column in pool.columns if column.kind == "vector"} | facts.lists
    assert (numeric, lists) == ({"x"}, {"v"})
    wanted = {
        row[0]: {"text": row[1] or None, "x": float(row[2]), "v": [float(p) for p in row[3][1:-1].split(",")]}
        for row in ROWS
    }
    assert cells(pool, REQUEST, batch_rows=64) == wanted
    plain = Pool.open(as_csv(tmp_path / "plain")).sample(20, REQUEST, seed=5)
    sample = pickle.loads(pickle.dumps(pool)).sample(20, REQUEST, seed=5)
    assert sample.ids.to_pylist() == plain.ids.to_pylist()
    assert {name: array.to_pylist() for name, array in sample.columns.items()} == {
        name: array.to_pylist() for name, array in plain.columns.items()
    }
    taken = pool.take(["007", "499", "007"], REQUEST)
    assert taken.ids.to_pylist() == ["007", "499", "007"]
    assert taken.columns["x"].to_pylist() == [1.75, 124.75, 1.75]
    assert pool.known(["7", "007", "nobody"]) == {"007"}
    with pytest.raises(TableError) as caught:
        pool.take(["007", "nobody"], REQUEST)
    assert caught.value.code == "unknown-id"
    assert len(pool.sample(1000, Request(), 0)) == 500
    assert len(pool.take([], REQUEST)) == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        # blanks and invisible characters alone are no id
        st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8).filter(
            lambda text: any(not c.isspace() and category(c)[0] not in "ZC" for c in text)
        ),
        min_size=1,
        unique=True,
    ),
    seed=st.integers(),
)
def test_any_parquet_text_is_an_id(tmp_path, texts, seed):
    pool = Pool.open([put_parquet(tmp_path / "any.parquet", {"id": texts})])
    assert pool.facts().rows == len(texts)
    assert set(pool.sample(3, Request(), seed).ids.to_pylist()) <= set(texts)
    assert pool.known([*texts, "x" * 9]) == set(texts)


@pytest.mark.parametrize("cached", [False, True])
def test_generated_ids_are_stable_under_reordering_appending_and_columns_order(tmp_path, cached):
    cache = tmp_path / "cache" if cached else None
    rows = [("a", "1"), ("b", "2"), ("a", "1"), ("c", ""), ("a", "1")]

    def ids(name, rows, header=("t", "x")):
        pool = Pool.open([put(tmp_path, name, written(header, rows))], cache=cache)
        assert (pool.id_column, pool.generated_ids) == ("alcli_id", True)
        return {name: tuple(sorted(row.items())) for name, row in cells(pool).items()}

    first = ids("one.csv", rows)
    a = content_id(["a", "1"])
    assert sorted(first) == sorted([a, f"{a}-2", f"{a}-3", content_id(["b", "2"]), content_id(["c", None])])
    assert ids("two.csv", rows[::-1]) == first
    assert ids("three.csv", [row[::-1] for row in rows], ("x", "t")) == first
    more = ids("four.csv", [*rows, ("z", "9")])
    assert {name: more[name] for name in first} == first
    put(tmp_path, "parts/1.csv", written(["t", "x"], rows[:2]))
    put(tmp_path, "parts/2.csv", written(["t", "x"], rows[2:]))
    assert {name: tuple(sorted(row.items())) for name, row in cells(Pool.open([tmp_path / "parts"])).items()} == first


def test_generated_ids_survive_many_row_groups(tmp_path):
    columns = {"t": [f"t{n % 900}" for n in range(1000)]}
    path = put_parquet(tmp_path / "pool.parquet", columns, row_group_size=33)
    pool = Pool.open([path], cache=tmp_path / "cache")
    got = cells(pool, batch_rows=50)
    assert len(got) == 1000
    assert all(name.split("-")[0] == content_id([row["t"]]) for name, row in got.items())
    again = Pool.open([path], cache=tmp_path / "cache")
    assert [len(list(again.read(unit, Request()))) for unit in again.units(100)] and cells(again) == got


def test_facts_are_kept_until_a_file_changes(tmp_path, monkeypatch):
    import alcli.tables.facts as finding

    path = put(tmp_path, "pool.csv", "id,x\na,1\nb,2\n")
    first = Pool.open([path], cache=tmp_path / "cache").facts()
    with monkeypatch.context() as patch:
        patch.setattr(finding, "find", lambda plan: pytest.fail("read again"))
        assert Pool.open([path], cache=tmp_path / "cache").facts() == first
    for note in (tmp_path / "cache" / "pools").iterdir():
        note.write_bytes(b"{")
    assert Pool.open([path], cache=tmp_path / "cache").facts() == first
    put(tmp_path, "pool.csv", "id,x\na,1\nb,x\na,2\n")
    with pytest.raises(TableError, match="'a'"):
        Pool.open([path], cache=tmp_path / "cache").facts()


def test_a_cache_that_cannot_be_written_changes_nothing(tmp_path):
    put(tmp_path, "file", "in the way")
    for content in ("id,x\na,1\n", "x,y\na,1\n"):
        pool = Pool.open([put(tmp_path, "pool.csv", content)], cache=tmp_path / "file")
        assert pool.facts().rows == len(cells(pool)) == 1


def test_partitions_are_text_and_hidden_names_are_skipped(tmp_path):
    for shard in ("00", "01"):
        put_parquet(tmp_path / f"pool/shard={shard}/part.parquet", {"id": [f"{shard}-{n}" for n in range(3)]})
    put_parquet(tmp_path / "pool/shard=__HIVE_DEFAULT_PARTITION__/p.parquet", {"id": ["none"]})
    put(tmp_path, "pool/_SUCCESS", "")
    put(tmp_path, "pool/.hidden.csv", "junk")
    put(tmp_path, "pool/README.md", "junk")
    pool = Pool.open(["pool"], base=tmp_path)
    got = cells(pool)
    assert (got["00-1"]["shard"], got["none"]["shard"], len(got)) == ("00", None, 7)
    assert pool.facts().numeric == {"shard"}
    one = Pool.open(["pool/shard=*/part.parquet"], base=tmp_path)
    assert len(cells(one)) == 6
    assert cells(one)["01-2"]["shard"] == "01"


def test_stdin_is_a_pool(tmp_path, monkeypatch):
    sink = io.BytesIO()
    pq.write_table(pa.table({"id": ["a"]}), sink)
    for content in (b"id,x\na,1\n", sink.getvalue()):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        pool = Pool.open(["-"])
        assert (list(cells(pool)), pool.files[0].shown) == (["a"], "stdin")


def test_files_must_fit_together(tmp_path):
    put(tmp_path, "1.csv", "id,x\na,1\n")
    put(tmp_path, "2.csv", "id,y\nb,1\n")
    with pytest.raises(TableError) as caught:
        Pool.open([tmp_path / "*.csv"])
    assert caught.value.code == "different-columns"
    assert "'x'" in str(caught.value) and "'y'" in str(caught.value)
    with pytest.raises(FileTrouble):
        Pool.open([tmp_path / "no*.csv"])
    with pytest.raises(FileTrouble):
        Pool.open([tmp_path / "none.csv"])
    with pytest.raises(TableError) as caught:
        Pool.open([tmp_path / "1.csv"], id_column="ids")
    assert (caught.value.code, caught.value.hint) == ("no-such-column", "did you mean `id`?")


def test_repeated_ids_are_found_across_files_and_counted(tmp_path):
    put(tmp_path, "1.csv", "id\n" + "".join(f"{n}\n" for n in range(100)))
    put_parquet(tmp_path / "2.parquet", {"id": list(range(90, 100))})
    with pytest.raises(TableError) as caught:
        Pool.open(["1.csv", "2.parquet"], base=tmp_path).facts()
    told = str(caught.value)
    assert told.startswith("10 rows repeat an id: '90' (1.csv row 92 and 2.parquet row 1), ")
    assert told.endswith("and 5 more")


def test_equal_hashes_of_different_ids_are_no_repetition(tmp_path, monkeypatch):
    import alcli.tables.ids as ids

    monkeypatch.setattr(ids, "hash_ids", lambda texts, **_: np.arange(len(texts), dtype=np.uint64) // 2)
    path = put(tmp_path, "pool.csv", "id\na\nb\nc\n")
    assert Pool.open([path]).facts().rows == 3
    put(tmp_path, "pool.csv", "id\na\na\nc\n")
    with pytest.raises(TableError, match="'a'"):
        Pool.open([path]).facts()


def test_a_word_in_a_number_column_is_named(tmp_path):
    path = put(tmp_path, "pool.csv", 'id,x\na," 1.5 "\nb,n/a\nc,\n\nd,two\n')
    pool = Pool.open([path])
    assert pool.facts().numeric == frozenset()
    with pytest.raises(TableError) as caught:
        cells(pool, Request(numbers=("x",)))
    error = caught.value
    assert (error.code, error.at.row, error.at.column, str(error)) == (
        "not-a-number", 6, "x", "'two' is not a number",
    )  # fmt: skip
    put(tmp_path, "pool.csv", "id,x\na,+1\nb,-\nc,inf\nd,1e999\ne,None\n")
    assert [row["x"] for row in cells(Pool.open([path]), Request(numbers=("x",))).values()] == [1.0, *[None] * 4]


def test_vectors_of_another_length_are_named(tmp_path):
    path = put_parquet(tmp_path / "p.parquet", {"id": ["a", "b", "c"], "v": [[1.0, 2.0], None, [3.0]]})
    with pytest.raises(TableError) as caught:
        cells(Pool.open([path]), Request(vectors=("v",)))
    assert (caught.value.code, caught.value.at.row) == ("not-a-vector", 3)


def test_typed_columns_have_one_text_form(tmp_path):
    columns = {
        "id": [9007199254740993],
        "f": [1.0],
        "s": pa.array([0.1], pa.float32()),
        "b": [True],
        "t": [datetime(2026, 1, 2, 3, 4, 5)],
        "d": [date(2026, 1, 2)],
        "v": [[1.0, 0.5]],
        "c": pa.array(["x"]).dictionary_encode(),
        "o": [{"a": 1}],
    }
    pool = Pool.open([put_parquet(tmp_path / "p.parquet", columns)])
    assert [column.kind for column in pool.columns] == [
        "integer", "float", "float", "boolean", "time", "time", "vector", "text", "other",
    ]  # fmt: skip
    row = cells(pool)["9007199254740993"]
    assert list(row.values()) == [
        "9007199254740993", "1.0", "0.1", "true", "2026-01-02T03:04:05", "2026-01-02", "[1.0, 0.5]", "x",
    ]  # fmt: skip


def test_a_warm_pool_wakes_neither_pandas_nor_scikit_learn(tmp_path):
    as_csv(tmp_path)
    as_parquet(tmp_path)
    script = """if True:
        import sys
        from pathlib import Path
        from alcli.tables.pool import Pool, Request
        for name in ("pool.csv", "pool.parquet"):
            pool = Pool.open([name], cache=Path("cache"))
            pool.facts()
            assert pool.known(["007", "7"]) == {"007"}
            pool.take(["007"], Request(text=("text",), numbers=("x",), vectors=("v",)))
            pool.sample(5, Request(), 0)
        heavy = {"pandas", "sklearn", "scipy", "pyarrow.dataset"} & set(sys.modules)
        assert not heavy, heavy
    """
    for _ in range(2):
        done = subprocess.run([sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True)
        assert done.stderr == ""


@pytest.mark.parametrize("layout", ["parquet", "csv"])
def test_ids_that_are_known_are_not_read_again(tmp_path, layout, monkeypatch):
    table = {"id": [f"r{i}" for i in range(500)], "x": [float(i) for i in range(500)]}
    path = tmp_path / f"pool.{layout}"
    if layout == "csv":
        path.write_text("id,x\n" + "".join(f"{a},{b}\n" for a, b in zip(*table.values(), strict=True)))
    else:
        pq.write_table(pa.table(table), path, row_group_size=70)
    pool = Pool.open(path, cache=tmp_path / "cache")
    assert pool.columnar
    (unit,) = pool.units()
    ids = pa.concat_arrays([rows.ids for rows in pool.read(unit, Request())])
    monkeypatch.setattr(
        pool,
        "_as",
        lambda file, arrays, name, *more, its=pool._as: (
            pytest.fail("the ids were read") if name == "id" else its(file, arrays, name, *more)
        ),
    )
    found = list(pool.read(unit, Request(numbers=("x",)), batch_rows=64, ids=ids))
    assert [name for rows in found for name in rows.ids.to_pylist()] == table["id"]
    assert [value for rows in found for value in rows.columns["x"].to_pylist()] == table["x"]
    assert not Pool.open(path).columnar or layout == "parquet"
