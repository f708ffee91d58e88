"""The best rows of a stream: the same as sorting everything at once."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.selection.candidates import Best, Counted, Kept, merge


def kept(keys: list[float], first: int = 0) -> Kept:
    key = np.asarray(keys, dtype=float)
    at = np.arange(first, first + len(key))
    # an odd multiplier spreads the ties without two equal ones
    tie = (at.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)) ^ np.uint64(0xABCDEF)
    return Kept(pa.array([f"r{i}" for i in at], pa.string()), key, key.copy(), np.zeros(len(key)), tie, {})


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 5), max_size=30), max_size=8),
    st.integers(1, 20),
    st.integers(1, 4),
)
def test_a_stream_in_any_split_keeps_the_same_rows(batches: list[list[int]], most: int, workers: int) -> None:
    everything = [float(value) for batch in batches for value in batch]
    whole = merge([kept(everything)], most)
    streams = [Best(most) for _ in range(workers)]
    first = 0
    for number, batch in enumerate(batches):
        part = kept([float(value) for value in batch], first)
        best = streams[number % workers]
        best.offer(part.take(best.wanted(part.key, None)))
        first += len(batch)
    merged = merge([best.kept for best in streams], most)
    if whole is None:
        assert merged is None
    else:
        assert merged is not None
        assert merged.ids.to_pylist() == whole.ids.to_pylist()


def test_the_sum_of_weights_does_not_depend_on_who_was_first() -> None:
    rng = np.random.default_rng(0)
    parts = []
    for _ in range(5):
        counted = Counted()
        counted.add(rng.normal(size=100), 100)
        parts.append(counted)
    assert Counted.sum(parts).log_total == Counted.sum(parts[::-1]).log_total
    assert Counted.sum(parts).eligible == 500
    assert Counted.sum([]).log_total == -np.inf


def test_columns_of_one_name_may_differ_in_width_between_files() -> None:
    one, two = kept([1.0]), kept([2.0], 1)
    one.cells = {"x": pa.array([1.5], pa.float32())}
    two.cells = {"x": pa.array([2.5], pa.float64())}
    merged = merge([one, two], 2)
    assert merged is not None and merged.cells["x"].to_pylist() == [2.5, 1.5]
