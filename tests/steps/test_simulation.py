"""The parts of a simulation: splits, first labels, labelers, the held pool, budgets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.errors import TableError, UsageError
from alcli.selection.held import HeldMaker, HeldPool, Places, contents
from alcli.settings import resolve
from alcli.steps.learning import Recipe
from alcli.steps.simulation.campaign import How, InMemory
from alcli.steps.simulation.data import Data, open_data
from alcli.steps.simulation.field import Field, Ground, make_field
from alcli.steps.simulation.fields import Fields
from alcli.steps.simulation.oracles import Labelers
from alcli.steps.simulation.splits import FIRST, TEST, Split
from alcli.steps.simulation.starts import first_rows, shares
from alcli.tables.rows import Request, Rows

N = 300
RECIPE = Recipe("logistic", {}, 0, False, None, 0)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Data:
    folder = tmp_path_factory.mktemp("data")
    random = np.random.default_rng(1)
    lines = ["id,x,y,price,label"]
    for i in range(N):
        x, y = random.normal(size=2) + (i % 10 == 0)
        lines.append(f"r{i:03d},{x:.4f},{y:.4f},{1 + i % 3},{'rare' if i % 10 == 0 else 'common'}")
    (folder / "data.csv").write_text("\n".join(lines) + "\n")
    return open_data(str(folder / "data.csv"), resolve({"ignore": ["price"]}, config="none"), None)


@pytest.fixture(scope="module")
def field(data: Data) -> Field:
    return make_field(data, Ground(Split(), 0, price="price"), None)


def test_a_share_of_each_class_tests(data: Data) -> None:
    for seed in (0, 1):
        places = Split("share", 0.4).places(data, seed)
        assert [int((places[data.codes == code] == TEST).sum()) for code in (0, 1)] == [108, 12]
    assert (Split().places(data, 0) != Split().places(data, 1)).any()


def test_a_split_belongs_to_ids_not_to_places(data: Data) -> None:
    import dataclasses

    turned = dataclasses.replace(data, ids=data.ids.take(pa.array(np.arange(N)[::-1])), codes=data.codes[::-1])
    assert (Split().places(turned, 3)[::-1] == Split().places(data, 3)).all()


def test_lu_is_drawn_as_published(data: Data) -> None:
    order = np.arange(N)
    np.random.default_rng(5).shuffle(order)
    train = order[:180].copy()
    np.random.default_rng(5).shuffle(train)
    places = Split("lu").places(data, 5)
    assert set(np.flatnonzero(places == FIRST)) == set(train[:20]) and (places == TEST).sum() == 120


def test_a_file_of_splits_is_read_and_checked(data: Data, tmp_path: Path) -> None:
    path = tmp_path / "splits.csv"
    path.write_text("id,s0,s7\n" + "".join(f"r{i:03d},{i % 3},1\n" for i in range(N)))
    assert Split("file", path=str(path)).places(data, 0).tolist() == [i % 3 for i in range(N)]
    with pytest.raises(UsageError, match="no split s1"):
        Split("file", path=str(path)).places(data, 1)
    path.write_text("id,s0\nr000,3\n")
    with pytest.raises(TableError, match="neither 0"):
        Split("file", path=str(path)).places(data, 0)
    path.write_text("id,s0\nr000,1\n")
    with pytest.raises(TableError, match="are in no split"):
        Split("file", path=str(path)).places(data, 0)


@given(st.lists(st.integers(0, 50), min_size=1, max_size=8), st.integers(0, 100))
def test_shares_fit_and_every_class_has_one(counts: list[int], n: int) -> None:
    found = shares(np.array(counts), n)
    assert found.sum() == min(n, sum(counts)) and (found <= counts).all() and (found >= 0).all()
    if n >= len(counts):
        assert ((found > 0) == (np.array(counts) > 0)).all()


def test_first_rows_are_the_same_for_all_and_stratified_where_told(field: Field) -> None:
    assert first_rows(field, 20, 0, False) == first_rows(field, 20, 0, False) != first_rows(field, 20, 1, False)
    codes = field.truth_of(first_rows(field, 20, 0, True))
    assert np.bincount(codes).tolist() == [18, 2]


def test_labelers_err_as_often_as_told_and_always_alike() -> None:
    ids = [f"r{i}" for i in range(20_000)]
    codes = np.arange(20_000) % 4
    said = Labelers((1.0, 0.8)).says(ids, codes, 4, 7)
    assert (said[0] == codes).all()
    wrong = said[1] != codes
    assert wrong.mean() == pytest.approx(0.2, abs=0.012)
    assert np.bincount((said[1] - codes)[wrong] % 4, minlength=4)[1:] / wrong.sum() == pytest.approx(
        [1 / 3] * 3, abs=0.03
    )
    some = Labelers((1.0, 0.8)).says(ids[50:60], codes[50:60], 4, 7)
    assert (some == said[:, 50:60]).all()
    assert (Labelers((0.8, 0.8)).says(ids, codes, 4, 7)[0] != Labelers((0.8, 0.8)).says(ids, codes, 4, 7)[1]).any()


def test_several_answers_become_one_label_and_a_tie_none(field: Field) -> None:
    how = How("random", RECIPE, labelers=Labelers((0.6, 0.6)), start=60, rounds=1, count=10, metrics=("accuracy",))
    campaign = InMemory(field, how)
    rounds = list(campaign.rounds())
    assert rounds[-1].answers == 2 * 70 and rounds[-1].labels + len(campaign.standing.labels.tied) == 70
    assert campaign.standing.labels.tied


def test_no_row_is_asked_twice_and_the_pool_runs_dry(field: Field) -> None:
    rounds = list(InMemory(field, How("margin", RECIPE, start=20, count=50, rounds=None)).rounds())
    ids = [id_ for each in rounds for id_ in each.ids]
    assert len(ids) == len(set(ids)) == len(field.pool) == rounds[-1].labels


def test_money_is_never_overspent(field: Field) -> None:
    rounds = list(InMemory(field, How("margin", RECIPE, start=10, count=10, rounds=None, spend=100)).rounds())
    assert rounds[-1].cost <= 100 < rounds[-1].cost + 3 * 10
    assert rounds[-1].cost == sum(field.costs_of([id_ for each in rounds for id_ in each.ids]))


def test_what_learns_without_labels_sees_the_pool_and_no_row_that_is_measured_on(field: Field) -> None:
    from dataclasses import replace

    how = How("random", replace(RECIPE, estimator="label-spreading"), start=40, rounds=1, metrics=("accuracy",))
    campaign = InMemory(field, how)
    assert [each.metrics["accuracy"] is None for each in campaign.rounds()] == [False, False]
    rows = campaign.opened()[0].unlabelled
    assert rows is not None and rows.matrix.shape[0] == len(field.pool)
    seen = {row.tobytes() for row in np.ascontiguousarray(rows.matrix)}
    assert not any(row.tobytes() in seen for row in np.ascontiguousarray(field.X_test))


def test_rare_classes_are_made_rare_in_the_pool_only(data: Data) -> None:
    thin = make_field(data, Ground(Split(), 0, keep=(("rare", 0.5),)), None)
    whole = make_field(data, Ground(Split(), 0), None)
    assert thin.counts.tolist() == [whole.counts[0], 9] and thin.truth == whole.truth


def test_found_counts_what_was_asked_for(field: Field) -> None:
    campaign = InMemory(field, How("random", RECIPE, start=0, count=30, rounds=2, metrics=("found[rare]", "accuracy")))
    first, *_, last = campaign.rounds()
    assert first.metrics == {"found[rare]": 0.0}
    asked = field.truth_of([row.id for row in campaign.asked])
    assert last.metrics["found[rare]"] == pytest.approx((asked == 1).sum() / field.counts[1])


def test_a_field_on_the_disk_is_the_field(data: Data, tmp_path: Path) -> None:
    fresh = make_field(data, Ground(Split(), 0), None)
    kept = Fields(tmp_path).of("key", data, Ground(Split(), 0), None)
    how = How("kcenter", RECIPE, rounds=3)
    played = [[each.ids for each in InMemory(each_field, how).rounds()] for each_field in (fresh, kept)]
    assert played[0] == played[1] and np.array_equal(fresh.X_test, kept.X_test) and fresh.truth == kept.truth
    assert (
        np.array_equal(fresh.maker.X, kept.maker.X)
        and fresh.maker.X.flags.f_contiguous == kept.maker.X.flags.f_contiguous
    )


def test_test_rows_that_are_in_the_data_are_left_out(data: Data, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="every row of the test file"):
        make_field(data, Ground(Split("whole"), 0), data)


class TestHeldPool:
    """It answers like the pool that it was made of."""

    def pool(self, n: int = 50) -> HeldPool:
        ids = pa.array([f"r{i:02d}" for i in range(n)])
        return HeldPool(ids, {"price": pa.array(np.arange(n, dtype=float))})

    def test_rows_know_their_place(self) -> None:
        pool = self.pool()
        rows = pool.take(["r07", "r03"], Request(numbers=("price",)))
        assert rows.at.tolist() == [7, 3] and rows.columns["price"].to_pylist() == [7.0, 3.0]
        assert rows.take([1]).at.tolist() == [3]
        units = pool.units(20)
        assert [unit.rows for unit in units] == [20, 20, 10]
        assert [
            id_ for unit in units for rows in pool.read(unit, Request(), 7) for id_ in rows.ids.to_pylist()
        ] == pool.ids.to_pylist()
        among = list(pool.read(units[0], Request(), 7, among=pa.array(["r01", "r19"])))
        assert [rows.ids.to_pylist() for rows in among] == [["r01"], ["r19"]]

    def test_strangers_are_told(self) -> None:
        pool = self.pool()
        assert pool.known(["r01", "no"]) == {"r01"}
        with pytest.raises(TableError, match="'no'"):
            pool.take(["no"], Request())
        with pytest.raises(TableError, match="no column"):
            pool.take(["r01"], Request(text=("colour",)))

    def test_a_sample_is_that_of_a_pool_of_files(self, tmp_path: Path) -> None:
        from alcli.tables.pool import Pool

        (tmp_path / "p.csv").write_text("id,price\n" + "".join(f"r{i:02d},{i}\n" for i in range(50)))
        real = Pool.open([tmp_path / "p.csv"])
        for purpose in ("sample", "stop"):
            wanted = real.sample(9, Request(), 3, purpose).ids.to_pylist()
            assert self.pool().sample(9, Request(), 3, purpose).ids.to_pylist() == wanted

    @given(st.lists(st.text(max_size=12), unique=True, max_size=40), st.lists(st.text(max_size=12), max_size=10))
    def test_places_are_found_by_any_text(self, ids: list[str], others: list[str]) -> None:
        places = Places(pa.array(ids, pa.string()))
        asked = [*ids, *others]
        wanted = [ids.index(each) if each in ids else -1 for each in asked]
        assert places.of(pa.array(asked, pa.string())).tolist() == wanted
        assert places.of_texts(asked).tolist() == wanted

    def test_large_pools_have_no_dictionary_of_ids(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("alcli.selection.held._IN_DICTIONARY", 5)
        places = Places(pa.array(list("abcdef"), pa.string()))
        assert places.of_texts(["c", "x", "a", "c"]).tolist() == [2, -1, 0, 2]
        assert places._by_text is None

    def test_rows_are_told_as_rows_of_files_are(self) -> None:
        pool = self.pool()
        rows = pool.take(["r07", "r03", "r21"], Request())
        plain = Rows(rows.ids)
        for at in (None, np.array([2, 0])):
            for _ in range(2):
                assert rows.hashes(4, "tie", at).tolist() == plain.hashes(4, "tie", at).tolist()
        for ids, wanted in ((["elsewhere", "r03", "r21"], [False, True, True]), (["r07"], [True, False, False])):
            values = pa.array(ids)
            for _ in range(2):
                assert rows.among(values).tolist() == plain.among(values).tolist() == wanted


CELLS = st.sampled_from([None, "", "a", "b", "ab"])
NUMBERS = st.sampled_from([None, 0.0, -0.0, 1.0, float("nan"), 2.5])


@given(st.lists(st.tuples(CELLS, NUMBERS, CELLS), min_size=1, max_size=20))
def test_contents_tell_copies_as_the_cells_do(rows: list[tuple[Any, Any, Any]]) -> None:
    arrays = [pa.array([row[at] for row in rows], pa.float64() if at == 1 else pa.string()) for at in range(3)]
    keys = contents(arrays).tolist()
    plain = [tuple(None if cell != cell else cell for cell in row) for row in rows]
    for one, other in zip(keys, plain, strict=True):
        assert (one == 0) == all(cell is None for cell in other)
        for two, another in zip(keys, plain, strict=True):
            assert (one == two) == (other == another)


def test_points_of_text_are_made_once() -> None:
    assert HeldMaker.has_text is not None  # a property: nothing is expensive for a held pool
    pool = HeldPool(pa.array(["a", "b", "c"]), {})

    class Made:
        roles = None
        seed, sparse, width, fingerprint, has_text, calls = 0, False, 2, "", True, 0

        def points_of(self, rows: Any, X: Any, embedding: bool) -> np.ndarray:
            self.calls += 1
            return X.astype(np.float32)

    made = Made()
    held = HeldMaker(made, pool, np.arange(6.0).reshape(3, 2))  # type: ignore[arg-type]
    for ids in (["c", "a"], ["b"]):
        rows = pool.take(ids, Request())
        assert held.points_of(rows, held.transform(rows), False).tolist() == held.X[rows.at].tolist()
    assert made.calls == 1
