"""What every utility, selector and strategy keeps. Adding a row to a table is enough to be tested here."""

from __future__ import annotations

import inspect
from math import isfinite

import numpy as np
import pytest

from alcli.strategies import SELECTORS, SIGNALS, SPACES, TABLE, UTILITIES, load, resolve
from alcli.strategies.calls import log_weights, on_groups, prepare, random_slots

from .signals import ROWS, select, shared, signals, signals_of, taken, values

BY_CLASS = {"proba", "committee", "decision", "dropout", "costs"}
GEOMETRY = [name for name, row in SELECTORS.items() if row.kind == "geometry"]
WEIGHTED = [name for name, row in SELECTORS.items() if row.kind == "weighted"]


@pytest.mark.parametrize("name", UTILITIES)
def test_utilities_are_one_finite_number_a_row(name):
    got = values(name, signals_of(name))
    assert got.shape == (ROWS,) and got.dtype == np.float64
    assert np.isfinite(got).all()
    assert not UTILITIES[name].nonnegative or got.min() >= 0.0


@pytest.mark.parametrize("name", UTILITIES)
def test_utilities_leave_their_input_alone(name):
    given = signals_of(name)
    before = {key: array.copy() for key, array in given.items()}
    for array in given.values():
        array.setflags(write=False)
    values(name, given)
    assert all(np.array_equal(given[key], before[key]) for key in given)


@pytest.mark.parametrize("name", UTILITIES)
def test_utilities_do_not_depend_on_the_order_of_the_rows(name):
    given, order = signals_of(name), np.random.default_rng(1).permutation(ROWS)
    np.testing.assert_allclose(values(name, taken(given, order)), values(name, given)[order], rtol=1e-12)


@pytest.mark.parametrize("name", [name for name, row in UTILITIES.items() if row.scope == "row"])
def test_utilities_of_one_row_do_not_depend_on_the_others(name):
    given, whole = signals_of(name), values(name, signals_of(name))
    for size in (1, 7):
        parts = [values(name, taken(given, slice(a, a + size))) for a in range(0, ROWS, size)]
        np.testing.assert_allclose(np.concatenate(parts), whole, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("name", UTILITIES)
def test_utilities_take_an_empty_pool(name):
    assert values(name, taken(signals_of(name), slice(0, 0))).shape == (0,)


@pytest.mark.parametrize("name", UTILITIES)
def test_utilities_take_one_row(name):
    assert np.isfinite(values(name, signals_of(name, rows=1))).all()


@pytest.mark.parametrize("name", UTILITIES)
def test_utilities_take_float32(name):
    given = {
        key: array if array.dtype.kind == "i" else array.astype(np.float32) for key, array in signals_of(name).items()
    }
    np.testing.assert_allclose(values(name, given), values(name, signals_of(name)), rtol=1e-4, atol=1e-5)


CERTAIN = [
    name
    for name, row in UTILITIES.items()
    # one that also looks at neighbours or at dropped features may find something in a certain row
    if "proba" in row.needs and row.scope == "row" and not {"dropout", "labelled_proba"} & set(row.needs)
]


@pytest.mark.parametrize("name", CERTAIN)
def test_larger_is_better_with_probabilities(name):
    certain, tie = values(
        name,
        shared(4, 1)
        | {"proba": np.array([[1.0, 0, 0, 0], [0.25] * 4]), "space": np.ones((2, 1)), "matrix": np.ones((2, 1))},
    )
    assert tie > certain == 0.0


@pytest.mark.parametrize("name", [name for name, row in UTILITIES.items() if "committee" in row.needs])
def test_larger_is_better_with_a_committee(name):
    agreed = [[0.999, 0.001, 0.0]] * 3
    split = [[0.51, 0.49, 0.0], [0.4, 0.6, 0.0], [0.0, 0.49, 0.51]]
    committee = np.array([agreed, split]).transpose(1, 0, 2)
    target = np.array([[0.9, 0.1, 0.0], [0.1, 0.9, 0.0], [0.0, 0.1, 0.9]])[:, None]
    certain, open_ = values(name, {"committee": committee, "space": np.zeros((2, 1)), "target": target})
    assert open_ > certain >= 0.0


@pytest.mark.parametrize(
    "name", [name for name, row in UTILITIES.items() if BY_CLASS & set(row.needs) and row.scope == "row"]
)
def test_one_class_leaves_nothing_to_ask(name):
    given = signals(classes=1) | {"decision": np.zeros((ROWS, 1))}
    assert np.array_equal(np.abs(values(name, given)), np.zeros(ROWS))


@pytest.mark.parametrize("signal", ["proba", "committee"])
@pytest.mark.parametrize("bad", [[0.5, 0.4, 0.0, 0.0], [1.2, -0.2, 0.0, 0.0], [float("nan"), 0.5, 0.5, 0.0]])
def test_one_bad_row_among_good_ones_is_named(signal, bad):
    for name, row in UTILITIES.items():
        if row.needs == (signal,):
            given = signals()
            given[signal][..., 17, :] = bad
            with pytest.raises(ValueError, match=r"row 17: .*probabilit"):
                values(name, given)


@pytest.mark.parametrize("name", [name for name, row in UTILITIES.items() if row.needs])
def test_signals_of_another_shape_are_refused(name):
    function = load(UTILITIES[name].target)
    with pytest.raises(ValueError, match="shape"):
        row = UTILITIES[name]
        wrong = [np.zeros((2, 2, 2, 2)) for signal in row.needs if not row.prepare or SIGNALS[signal].of_rows]
        given = signals_of(name)
        function(*wrong, *([prepare(row, given, 0, {})] if row.prepare else []))


# Points that have been trouble: in general position, all equal, in few places, on a grid, on a line, huge, tiny.
def clouds() -> dict[str, np.ndarray]:
    random = np.random.default_rng(3)
    return {
        "random": random.normal(size=(60, 3)),
        "float32": random.normal(size=(60, 3)).astype(np.float32),
        "equal": np.full((60, 3), 0.1),
        "duplicates": random.normal(size=(4, 3))[random.integers(0, 4, 60)],
        "grid": np.stack(np.meshgrid(*[np.arange(4.0)] * 3), axis=-1).reshape(-1, 3)[:60],
        "line": np.outer(np.arange(60.0), [1.0, 2.0, 3.0]),
        "far": random.normal(size=(60, 3)) + 1e8,
        "huge": (random.normal(size=(60, 3)) * 1e17).astype(np.float32),
        "tiny": (random.normal(size=(60, 3)) * 1e-25).astype(np.float32),
        "one column": random.normal(size=(60, 1)),
    }


def settings(points: np.ndarray) -> list[dict[str, object]]:
    """With and without labelled rows, with and without utilities."""
    weights = np.random.default_rng(4).random(len(points))
    return [
        {},
        {"labelled": points[:1]},
        {"labelled": points[:5]},
        {"labelled": points[:0]},
        {"utility": weights},
        {"utility": np.zeros(len(points))},
        {"utility": np.where(weights > 0.9, weights, 0.0), "labelled": points[3:4]},
    ]


@pytest.mark.parametrize("cloud", clouds())
@pytest.mark.parametrize("name", GEOMETRY)
def test_geometry_returns_distinct_positions_of_any_points(name, cloud):
    points = clouds()[cloud]
    for given in settings(points):
        for n in (0, 1, 2, 12, 60, 100):
            got = select(SELECTORS[name], points, n, seed=5, **given)
            assert got.shape == (min(n, len(points)),)
            assert len(set(got.tolist())) == len(got)
            assert len(got) == 0 or 0 <= got.min() <= got.max() < len(points)


@pytest.mark.parametrize("name", GEOMETRY)
def test_geometry_takes_one_row_and_no_row(name):
    assert select(SELECTORS[name], np.ones((1, 2)), 3).tolist() == [0]
    assert select(SELECTORS[name], np.empty((0, 2)), 3).tolist() == []
    assert select(SELECTORS[name], np.empty((0, 2)), 3, labelled=np.ones((1, 2))).tolist() == []


@pytest.mark.parametrize("name", GEOMETRY)
def test_geometry_gives_the_same_batch_for_the_same_seed(name):
    points = clouds()["random"]
    for given in settings(points):
        first = select(SELECTORS[name], points, 10, seed=5, **given)
        assert np.array_equal(select(SELECTORS[name], points.copy(), 10, seed=5, **given), first)


@pytest.mark.parametrize("name", GEOMETRY)
def test_geometry_leaves_its_input_and_the_global_random_state_alone(name):
    points, labelled, weights = clouds()["random"], np.zeros((2, 3)), np.random.default_rng(0).random(60)
    before = points.copy()
    for array in (points, labelled, weights):
        array.setflags(write=False)
    np.random.seed(1)  # noqa: NPY002
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    select(SELECTORS[name], points, 10, labelled=labelled, utility=weights)
    assert np.array_equal(points, before)
    assert np.array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize("name", GEOMETRY)
@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_geometry_names_a_row_that_is_not_finite(name, bad):
    points = clouds()["random"]
    points[41, 1] = bad
    with pytest.raises(ValueError, match="points, row 41"):
        select(SELECTORS[name], points, 3)


@pytest.mark.parametrize("name", [name for name in GEOMETRY if name != "kmeans"])
def test_geometry_refuses_labelled_rows_of_another_width(name):
    with pytest.raises(ValueError, match="columns"):
        select(SELECTORS[name], np.ones((5, 3)), 2, labelled=np.ones((2, 4)))


@pytest.mark.parametrize("name", [name for name in GEOMETRY if SELECTORS[name].grouping])
def test_geometry_takes_a_utility_that_is_computed_on_groups(name):
    points = clouds()["random"]
    worth = on_groups(UTILITIES["typicality"], {})
    assert len(select(SELECTORS[name], points, 10, utility=worth, seed=2)) == 10


@pytest.mark.parametrize("name", GEOMETRY)
def test_geometry_takes_a_memory_map(name, tmp_path):
    np.save(tmp_path / "points.npy", clouds()["float32"])
    mapped = np.load(tmp_path / "points.npy", mmap_mode="r")
    assert np.array_equal(
        select(SELECTORS[name], mapped, 9, seed=1), select(SELECTORS[name], clouds()["float32"], 9, seed=1)
    )


@pytest.mark.parametrize("name", WEIGHTED)
def test_weights_are_finite_and_grow_with_utility(name):
    utility = np.array([0.0, 1e-300, 1e-9, 0.5, 1.0, 7.0])
    got = log_weights(SELECTORS[name], utility, {})
    assert np.isfinite(got).all() and (np.diff(got) >= 0.0).all() and got[-1] > got[0]
    assert log_weights(SELECTORS[name], utility[:0], {}).shape == (0,)


def test_ranks_weigh_less_the_later_they_are():
    for name, row in SELECTORS.items():
        if row.kind == "ranked":
            assert (np.diff(log_weights(SELECTORS[name], np.arange(1.0, 9.0), {})) < 0.0).all()


def test_chance_slots_are_as_many_as_asked_for_and_seeded():
    for row in SELECTORS.values():
        if row.kind == "epsilon":
            slots = random_slots(row, 1000, 3, {"epsilon": 0.3})
            assert slots.shape == (1000,) and slots.dtype == bool and 240 < slots.sum() < 360
            assert np.array_equal(slots, random_slots(row, 1000, 3, {"epsilon": 0.3}))
            assert random_slots(row, 0, 3, {}).shape == (0,)


@pytest.mark.parametrize("table", [UTILITIES, SELECTORS], ids=["utilities", "selectors"])
def test_every_target_loads_and_has_a_full_docstring(table):
    for name, row in table.items():
        function = load(row.target)
        text = inspect.getdoc(function) or ""
        assert row.name == name and row.summary and row.formula and row.cost
        for part in ("Parameters\n---", "Returns\n---", "Examples\n---", ">>> "):
            assert part in text, (name, part)
        assert "References\n---" in text or name in ("one",), name


@pytest.mark.parametrize("table", [UTILITIES, SELECTORS], ids=["utilities", "selectors"])
def test_settings_are_annotated_and_have_finite_defaults(table):
    ours = {"utility", "labelled", "seed", "tie", *SIGNALS}
    for name, row in table.items():
        for parameter in inspect.signature(load(row.target)).parameters.values():
            if parameter.kind is parameter.KEYWORD_ONLY and parameter.name not in ours:
                assert parameter.annotation in ("int", "float", "bool", "str"), name
                assert not isinstance(parameter.default, float) or isfinite(parameter.default)


@pytest.mark.parametrize("name", TABLE)
def test_every_strategy_says_what_a_person_needs_to_choose_it(name):
    row = TABLE[name]
    assert row.name == name and row.summary and row.use_when and row.formula and row.cost
    assert row.source or name == "random"
    assert row.space is None or row.space in SPACES
    assert set(row.needs) <= set(SIGNALS)
    assert resolve(name) == row
    assert all(resolve(alias) == row for alias in row.aliases)
    assert not any(text.endswith(".") for text in (row.summary, row.use_when))


def test_no_name_or_alias_means_two_things():
    from alcli.strategies.kinds import key_of

    said = [key_of(name) for row in TABLE.values() for name in {row.name, *row.aliases}]
    assert len(said) == len(set(said))
    for utility in UTILITIES.values():
        if utility.name in TABLE:
            assert TABLE[utility.name].utility == utility.name
