"""Who gets which rows of a batch, when several people answer: a balanced incomplete block design, nearly.

Every row goes to `each` different people, loads are equal or as the caps allow, and every two people
share about as many rows as every other two, so that their agreement can be told. A design where all
pairs share exactly alike exists for few numbers of rows and people (Bose 1939); here rows are handed
out one by one to those who have shared least so far, and then swapped as long as that evens the pairs.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import combinations

Counts = list[list[int]]

# A row that comes to the same person again is worse than any unevenness of pairs.
_AGAIN = 1_000_000
# Swaps look at so many rows on either side, and at so many swaps in all: a second's work at most.
_LOOKED_AT = 60
_MOST_TRIED = 200_000
_MOST_STARTS = 12


def sharable(rows: int, each: int, most: Sequence[int]) -> int:
    """How many of `rows` can go to `each` different people who take `most` rows at most.

    >>> sharable(10, 2, [10, 10, 3]), sharable(10, 2, [10, 3, 3]), sharable(10, 2, [10])
    (10, 6, 0)
    """
    low, high = 0, rows
    while low < high:
        middle = (low + high + 1) // 2
        if sum(min(cap, middle) for cap in most) >= middle * each:
            low = middle
        else:
            high = middle - 1
    return low


def loads(rows: int, each: int, most: Sequence[int], order: Sequence[int]) -> list[int]:
    """How many rows each person gets: alike, but nobody more than `most`; leftovers go by `order`.

    >>> loads(5, 2, [9, 9, 9], [0, 1, 2]), loads(5, 2, [9, 1, 9], [0, 1, 2])
    ([4, 3, 3], [5, 1, 4])
    """
    caps = [min(cap, rows) for cap in most]
    found = [0] * len(caps)
    left = rows * each
    while left:
        open_ = [at for at in sorted(range(len(caps)), key=lambda at: order[at]) if found[at] < caps[at]]
        if not open_:
            raise ValueError(f"{rows} rows do not go to {each} of {len(caps)} people")
        step = min(left // len(open_), min(caps[at] - found[at] for at in open_))
        for at in open_ if step else open_[:left]:
            found[at] += step or 1
            left -= step or 1
    return found


def share(
    rows: int,
    each: int,
    most: Sequence[int],
    *,
    order: Sequence[int] | None = None,
    shared: Sequence[Sequence[int]] | None = None,
    taken: Sequence[Collection[int]] | None = None,
) -> list[tuple[int, ...]]:
    """For every row the `each` people who get it, smallest number first.

    Parameters
    ----------
    rows : how many; all of them must be `sharable`.
    each : people a row.
    most : of length p, the most rows that each person takes. Two people whose caps do not matter
        get equally many, or one more.
    order : of length p, decides between equals: smaller first.
    shared : (p, p), how many rows every two people have shared before this batch; they share fewer now.
    taken : for every row those who had it before; they get it again only where nobody else can.

    Raises
    ------
    ValueError
        If so many rows cannot be shared.
    """
    people = len(most)
    if each < 1 or sharable(rows, each, most) < rows:
        raise ValueError(f"{rows} rows do not go to {each} of {people} people")
    order = list(range(people)) if order is None else order
    counts: Counts = [list(line) for line in shared] if shared is not None else [[0] * people for _ in range(people)]
    had: Sequence[Collection[int]] = taken if taken is not None else [()] * rows
    left = loads(rows, each, most, order)
    found: list[list[int]] = []
    for row in range(rows):
        chosen = _pick(each, left, rows - row, counts, order, had[row])
        for one, other in combinations(chosen, 2):
            counts[one][other] += 1
            counts[other][one] += 1
        for at in chosen:
            left[at] -= 1
        found.append(chosen)
    _even(found, counts, had)
    return [tuple(sorted(chosen)) for chosen in found]


def _pick(
    each: int, left: Sequence[int], rows: int, counts: Counts, order: Sequence[int], had: Collection[int]
) -> list[int]:
    """People for one row: who needs every row that is left, then who has shared least with those."""
    forced = [at for at, load in enumerate(left) if load == rows]
    if len(forced) >= each:
        return forced[:each]
    free = sorted(
        (at for at, load in enumerate(left) if 0 < load < rows), key=lambda at: (at in had, -left[at], order[at])
    )

    best: tuple[int, int] | None = None
    found: list[int] = []
    base = [_AGAIN * (at in had) + sum(counts[at][other] for other in forced) for at in range(len(left))]
    for start in free[:_MOST_STARTS]:
        chosen, worth, total = [*forced], [*base], 0
        at = start
        while True:
            total += worth[at]
            chosen.append(at)
            if len(chosen) == each:
                break
            worth = [value + count for value, count in zip(worth, counts[at], strict=True)]
            # `free` stands in the order that decides between equals
            at = min((other for other in free if other not in chosen), key=worth.__getitem__)
        ranked = (total, -sum(left[at] for at in chosen))
        if best is None or ranked < best:
            best, found = ranked, chosen
    return found


def _even(found: list[list[int]], counts: Counts, had: Sequence[Collection[int]]) -> None:
    """Swap two people between two rows as long as that evens the pairs; loads stay as they are."""
    people = len(counts)
    if not found or people <= len(found[0]):
        return
    budget = [_MOST_TRIED]
    while budget[0] > 0:
        if not any(
            _improved(found, counts, had, pair, want, budget)
            for want, pairs in _unevenest(counts)
            for pair in pairs[:people]
        ):  # fmt: skip
            return


def _unevenest(counts: Counts) -> list[tuple[bool, list[tuple[int, int]]]]:
    """The pairs that share most, to be parted (False), and those that share least, to be joined (True)."""
    pairs = list(combinations(range(len(counts)), 2))
    values = [counts[one][other] for one, other in pairs]
    low, high = min(values), max(values)
    # a tenth more or less makes no difference to a measure of agreement
    if high - low <= max(1, high // 10):
        return []
    return [
        (False, [pair for pair, value in zip(pairs, values, strict=True) if value == high]),
        (True, [pair for pair, value in zip(pairs, values, strict=True) if value == low]),
    ]


def _improved(
    found: list[list[int]],
    counts: Counts,
    had: Sequence[Collection[int]],
    pair: tuple[int, int],
    want: bool,
    budget: list[int],
) -> bool:
    """Make the best swap that joins or parts a pair, if one makes the pairs more even."""
    best, swap = 0, None
    for stay, go in (pair, pair[::-1]):
        here = [at for at, row in enumerate(found) if stay in row and (go in row) != want][:_LOOKED_AT]
        for r in here:
            # joined: `go` comes in for anyone but `stay`; parted: `go` leaves for anyone
            outs = [at for at in found[r] if at != stay] if want else [go]
            for s, other in enumerate(found[: 4 * _LOOKED_AT]):
                ins = [go] if want else other
                for x in outs:
                    if s == r or x in other:
                        continue
                    for y in ins:
                        if y in found[r] or y not in other:
                            continue
                        budget[0] -= 1
                        gain = _gain(found[r], other, x, y, counts) + _repeats(had[r], had[s], x, y)
                        if gain < best:
                            best, swap = gain, (r, s, x, y)
            if budget[0] <= 0:
                break
    if swap is None:
        return False
    _swap(found, counts, *swap)
    return True


def _gain(r: Sequence[int], s: Sequence[int], x: int, y: int, counts: Counts) -> int:
    """Half the change of the sum of squared pair counts when x of r and y of s change places."""
    mine = [z for z in r if z != x and z not in s]
    yours = [z for z in s if z != y and z not in r]
    return sum(counts[y][z] - counts[x][z] + 1 for z in mine) + sum(counts[x][z] - counts[y][z] + 1 for z in yours)


def _repeats(had_r: Collection[int], had_s: Collection[int], x: int, y: int) -> int:
    return _AGAIN * ((y in had_r) + (x in had_s) - (x in had_r) - (y in had_s))


def _swap(found: list[list[int]], counts: Counts, r: int, s: int, x: int, y: int) -> None:
    for row, out, come in ((r, x, y), (s, y, x)):
        found[row].remove(out)
        for z in found[row]:
            counts[out][z] -= 1
            counts[z][out] -= 1
            counts[come][z] += 1
            counts[z][come] += 1
        found[row].append(come)
