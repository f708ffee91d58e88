"""Who gets which row: as many people as wanted, equal loads, and every two share about as much as any two."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alcli.selection.sharing import loads, sharable, share

CALM = settings(max_examples=150, deadline=None)


def pairs_of(shares: list[tuple[int, ...]], people: int) -> list[int]:
    counts = Counter(pair for row in shares for pair in combinations(row, 2))
    return [counts[pair] for pair in combinations(range(people), 2)]


@st.composite
def batches(draw: st.DrawFn) -> tuple[int, int, int]:
    people = draw(st.integers(1, 9))
    return draw(st.integers(0, 60)), people, draw(st.integers(1, people))


@CALM
@given(batches())
def test_every_row_goes_to_so_many_different_people_and_loads_differ_by_one_at_most(
    batch: tuple[int, int, int],
) -> None:
    rows, people, each = batch
    shares = share(rows, each, [rows] * people)
    assert len(shares) == rows
    assert all(len(set(row)) == each for row in shares)
    load = Counter(who for row in shares for who in row)
    assert max(load[at] for at in range(people)) - min(load[at] for at in range(people)) <= 1


@CALM
@given(batches())
def test_every_two_people_share_rows_once_there_are_enough(batch: tuple[int, int, int]) -> None:
    rows, people, each = batch
    shared = pairs_of(share(rows, each, [rows] * people), people)
    slots = rows * each * (each - 1) // 2
    if each > 1 and slots >= 2 * len(shared):
        assert min(shared) > 0
    if shared:
        assert max(shared) - min(shared) <= max(3, max(shared) // 8)


@pytest.mark.parametrize(
    ("rows", "people", "each", "least", "most"),
    [
        (3, 3, 2, 1, 1),  # all pairs once
        (6, 4, 2, 1, 1),
        (15, 6, 2, 1, 1),
        (7, 7, 3, 1, 1),  # the Fano plane
        (12, 9, 3, 1, 1),  # the affine plane of order 3
        (13, 13, 4, 0, 2),  # the projective plane of order 3 is not found, but nearly
        (50, 3, 2, 16, 17),
        (1000, 20, 3, 14, 17),
    ],
)
def test_designs_that_are_known(rows: int, people: int, each: int, least: int, most: int) -> None:
    shared = pairs_of(share(rows, each, [rows] * people), people)
    assert least <= min(shared) and max(shared) <= most


@CALM
@given(st.lists(st.integers(0, 12), min_size=1, max_size=6), st.integers(1, 4), st.integers(0, 15))
def test_nobody_gets_more_than_they_take(most: list[int], each: int, rows: int) -> None:
    fits = sharable(rows, each, most)
    assert fits <= rows
    shares = share(fits, each, most)
    load = Counter(who for row in shares for who in row)
    assert all(load[at] <= cap for at, cap in enumerate(most))
    assert all(len(set(row)) == each for row in shares)
    # who could take more has no less than who could not, but for one row
    free = [load[at] for at, cap in enumerate(most) if load[at] < min(cap, fits)]
    assert not free or max(load.values()) - min(free) <= 1
    if fits < rows:
        with pytest.raises(ValueError, match="do not go to"):
            share(fits + 1, each, most)


@CALM
@given(batches(), st.data())
def test_who_had_a_row_gets_another_where_that_can_be(batch: tuple[int, int, int], data: st.DataObject) -> None:
    rows, people, each = batch
    if each == people:
        return
    taken = [data.draw(st.sets(st.integers(0, people - 1), max_size=1)) for _ in range(rows)]
    shares = share(rows, each, [rows] * people, taken=taken)
    again = sum(len(had & set(row)) for had, row in zip(taken, shares, strict=True))
    if all(had == taken[0] for had in taken):
        return  # equal loads may force it
    assert again <= rows // 2 + 1


def test_a_batch_goes_on_where_the_one_before_ended() -> None:
    counts = [[0] * 5 for _ in range(5)]
    for _ in range(5):
        for one, other in share(2, 2, [2] * 5, shared=counts, order=[sum(line) for line in counts]):
            counts[one][other] += 1
            counts[other][one] += 1
    assert sorted(counts[one][other] for one, other in combinations(range(5), 2)) == [1] * 10


def test_the_same_batch_is_split_the_same_way() -> None:
    assert share(40, 3, [40] * 7) == share(40, 3, [40] * 7)
    assert share(3, 1, [3] * 4, order=[3, 2, 1, 0]) == [(3,), (2,), (1,)]


def test_loads_follow_the_caps() -> None:
    assert loads(10, 2, [99, 4, 99], [0, 1, 2]) == [8, 4, 8]
    assert loads(0, 2, [5, 5], [0, 1]) == [0, 0]
    with pytest.raises(ValueError, match="do not go to"):
        loads(3, 2, [3, 1], [0, 1])
