"""Candidates as points: the same however they are read, and each where its id belongs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from scipy.sparse import csr_matrix

from alcli.features.maker import FeatureMaker, request_for
from alcli.selection import gathering
from alcli.selection.eligible import Condition
from alcli.selection.gathering import gather, told_apart
from alcli.selection.laying import Laid, Made, Wanted
from alcli.selection.material import Material
from alcli.selection.playing import plan, play
from alcli.strategies.kinds import Past
from alcli.strategies.points import Outer
from alcli.tables.hashing import hash_ids
from alcli.tables.pool import Pool, Request

WANTED = [
    Wanted("features"),
    Wanted("features", matrix=True),
    Wanted("embedding", ("proba", "committee")),
    Wanted("gradient", ("dropout", "proba"), factored=True),
    Wanted("gradient", ("space",)),
    Wanted("probability", most=50),
    Wanted(None, ("decision", "matrix")),
]


@pytest.fixture
def parquet(tmp_path, table):
    """The pool's table in a Parquet file of several row groups."""
    numbers = {name: [float(cell) for cell in table[name]] for name in ("x", "y")}
    path = tmp_path / "pool.parquet"
    pq.write_table(pa.table({"id": table["id"], **numbers, "shop": table["shop"]}), path, row_group_size=77)
    return path


def arrays(cloud):
    """All arrays of a cloud by name."""
    named = {"points": cloud.points, **cloud.signals, "matrix": cloud.matrix}
    named = {name: value.dense() if isinstance(value, Outer) else value for name, value in named.items()}
    return {name: value for name, value in named.items() if value is not None}


@pytest.mark.parametrize("conditions", [(), (Condition("shop", "=", "s3"),), (Condition("shop", "!=", "s3"),)])
@pytest.mark.parametrize("wanted", WANTED, ids=lambda wanted: f"{wanted.where} {' '.join(wanted.needs)}")
def test_one_pass_two_passes_and_several_threads_give_the_same(material, parquet, wanted, conditions, monkeypatch):
    monkeypatch.setattr("alcli.features.maker._PIECE", 1)
    more = {"committee": 3, "conditions": conditions}
    csv, columns = material(**more), material([parquet], **more)
    assert columns.pool.columnar and not csv.pool.columnar  # read once and read twice
    clouds = [gather(csv, wanted), gather(columns, wanted), gather(material([parquet], jobs=3, **more), wanted)]
    monkeypatch.setattr(gathering, "_whole", lambda *_, **__: pytest.fail("it was read once"))
    clouds.append(gather(columns, wanted))
    first = arrays(clouds[0])
    for cloud in clouds[1:]:
        assert cloud.ids.equals(clouds[0].ids) and cloud.eligible == clouds[0].eligible
        its = arrays(cloud)
        assert its.keys() == first.keys()
        for name, value in its.items():
            np.testing.assert_allclose(value, first[name], rtol=1e-12, atol=1e-15, err_msg=name)


def test_a_row_stands_where_the_hash_of_its_id_says(material, parquet):
    given = material([parquet])
    cloud = gather(given, Wanted("features", matrix=True))
    hashes = hash_ids(cloud.ids, given.seed, gathering.PURPOSE)
    assert len(cloud) == 360 and (np.diff(hashes.astype(float)) > 0).all()
    X = given.maker.transform(given.pool.take(cloud.ids.to_pylist(), given.maker.request))
    np.testing.assert_array_equal(cloud.matrix, X)
    np.testing.assert_array_equal(cloud.points, given.maker.vectors(X))


@pytest.mark.parametrize("jobs", [1, 2])
def test_text_is_gathered_from_the_cache_and_without(tmp_path, jobs):
    words = np.random.default_rng(3).choice(["red", "green", "blue", "sky", "sea"], (300, 6))
    ids = [f"t{i}" for i in range(300)]
    pq.write_table(pa.table({"id": ids, "note": [" ".join(row) for row in words]}), tmp_path / "pool.parquet")
    pool, roles = Pool.open(tmp_path / "pool.parquet"), {"note": "text"}
    maker = FeatureMaker.fit(roles, pool.sample(300, request_for(roles), 0), seed=0)
    given = Material(pool, maker, None, excluded={"t7"}, jobs=jobs)
    wanted = Wanted("features", ("matrix",), matrix=True)
    plain = gather(given, wanted)
    kept = [gather(replace(given, cache=tmp_path / "cache"), wanted) for _ in range(2)]  # made, then read back
    assert isinstance(plain.matrix, csr_matrix) and len(plain) == 299
    for cloud in kept:
        assert cloud.ids.equals(plain.ids) and (cloud.matrix != plain.matrix).nnz == 0
        np.testing.assert_array_equal(cloud.points, plain.points)
        assert (cloud.signals["matrix"] != plain.matrix).nnz == 0
    assert not told_apart(replace(given, content=request_for(roles)), "features", plain.points, np.arange(5))


def test_no_candidate_at_all(material, parquet):
    for given in (material(conditions=(Condition("shop", "=", "none"),)), material([parquet], excluded=set())):
        if not given.excluded:
            given.excluded = {f"r{i:04d}" for i in range(400)}
        cloud = gather(given, Wanted("gradient", ("proba",), factored=True))
        assert len(cloud) == 0 and cloud.eligible == 0 and len(cloud.points) == 0


def test_arrays_are_laid_out_along_their_axis():
    laid, rng = Laid(6), np.random.default_rng(0)
    spots = np.array([4, 0, 5, 2, 1, 3])
    whole = {"a": (rng.normal(size=(6, 3)).astype(np.float32), 0), "signal b": (rng.normal(size=(2, 6, 4)), 1)}
    for start in (0, 4):
        at = np.arange(start, min(start + 4, 6))
        laid.put([Made(6, whole).only(at[:1]), Made(6, whole).only(at[1:])], spots[at])
    np.testing.assert_array_equal(laid.get("a")[spots], whole["a"][0])
    np.testing.assert_array_equal(laid.signals()["b"][:, spots], whole["signal b"][0])
    assert laid.get("c") is None


def test_points_tell_rows_apart_only_where_a_copy_has_the_same_point(material, parquet):
    given = material([parquet])
    cloud = gather(given, Wanted("features"))
    copies = [[str(id_) for id_ in cloud.ids].index(id_) for id_ in ("r0003", "r0393")]
    apart, together = np.array([0, 1, 2]), np.array(copies)
    assert told_apart(given, "features", cloud.points, apart)
    assert not told_apart(given, "features", cloud.points, together)
    gradient = gather(given, Wanted("gradient", factored=True)).points
    assert told_apart(given, "gradient", gradient, apart) and not told_apart(given, "gradient", gradient, together)
    # products of a matrix may differ in the last digit for copies
    assert not told_apart(given, "gradient", gradient.dense(), apart)
    assert not told_apart(given, "probability", cloud.points, apart)
    # what the features do not read may differ, and what content does not say may be the same
    assert not told_apart(replace(given, content=Request(numbers=("x",))), "features", cloud.points, apart)
    assert not told_apart(replace(given, content=None), "features", cloud.points, apart)


def test_copies_are_left_out_of_a_batch_and_rows_that_differ_are_not_read_again(material, parquet, monkeypatch):
    taken = []
    take = Pool.take
    monkeypatch.setattr(Pool, "take", lambda self, ids, request: (taken.append(len(ids)), take(self, ids, request))[1])

    def batch(n, content):
        taken.clear()
        chosen = play(
            material([parquet], content=content), plan("kcenter", None, (), space=None, past=Past({}, True)), n
        )
        return [pick.id for pick in chosen.picks], list(taken)

    few, reads = batch(20, Request(numbers=("x", "y")))
    again, more = batch(20, Request(numbers=("x", "y"), text=("shop",)))
    # with words, a copy of an answered row is not asked either, so all are read
    assert few == again and 20 not in reads and 20 in more
    whole, reads = batch(360, Request(numbers=("x", "y")))
    assert 360 in reads and len(whole) == 350  # rows 0 to 9 have copies
