"""From what was measured to ratios and verdicts. Numbers in, words out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.strategies.cases import MILLION, Case, Target
from benchmarks.strategies.processes import No, Took, median

Measured = Sequence[Took] | No


@dataclass(frozen=True)
class Row:
    """One case at one size.

    Attributes
    ----------
    query, whole : alcli's choice alone, and its command as a process.
    peers : the libraries, by name.
    bare : the floor; None where there is none.
    """

    case: Case
    rows: int
    query: Measured
    whole: Measured
    peers: Mapping[str, Measured] = field(default_factory=dict)
    bare: Measured | None = None


@dataclass(frozen=True)
class Verdict:
    """Whether a target is met; `rows` says at which size it was looked at, None when it could not be."""

    words: str
    met: bool
    rows: int | None


def value(measured: Measured, what: str = "seconds") -> float | None:
    """The median, or None when there was no answer."""
    return None if isinstance(measured, No) or not measured else median(measured, what)


def fastest(row: Row, what: str = "seconds") -> str | None:
    """The library with the shortest query among those that ended."""
    ended = {name: found for name, took in row.peers.items() if (found := value(took, what)) is not None}
    return min(ended, key=ended.__getitem__, default=None)


def predicted(rows: Sequence[Row], name: str, at: int) -> float | None:
    """What a library's query would take at a size, from the largest pool at which it ended."""
    ended = [(row.rows, found, row.case.grows) for row in rows if (found := value(row.peers[name])) is not None]
    if not ended:
        return None
    largest, seconds, grows = max(ended)
    return seconds * (at / largest) ** grows


def other_side(rows: Sequence[Row], row: Row, target: Target, limit: float) -> tuple[float | None, str]:
    """What alcli is held against at a size, and how to call it."""
    measure = {"query": "seconds", "whole": "wall", "memory": "memory"}[target.what]
    name = fastest(row)
    if name is not None:
        return value(row.peers[name], measure), name
    if not any(_ran(took) for took in row.peers.values()):
        return None, "no library was run"
    if target.what != "query":
        return None, "no library ended"
    if target.of == "predicted":
        # What ran into the limit takes at least as long; what ran out of memory may take any time.
        found = [(guess, name) for name in row.peers if (guess := predicted(rows, name, row.rows)) is not None]
        if found:
            seconds, name = min(found)
            late = all(isinstance(took, No) and took.seconds for took in row.peers.values())
            return max(seconds, limit) if late else seconds, f"{name}, predicted {seconds:.0f} s"
    return limit, f"the limit of {limit:g} s: no library ended"


def judged(rows: Sequence[Row], limit: float) -> list[Verdict]:
    """All verdicts of one case, from its rows in order of size."""
    found = [*_answers(rows), *_agreement(rows)]
    for target in rows[0].case.targets:
        found += _held(rows, target, limit)
    return found


def _answers(rows: Sequence[Row]) -> list[Verdict]:
    """Every strategy answers at every size."""
    return [
        Verdict(f"no answer: {took}", False, row.rows)
        for row in rows
        for took in (row.whole if isinstance(row.whole, No) else row.query,)
        if isinstance(took, No)
    ]


def _agreement(rows: Sequence[Row]) -> list[Verdict]:
    """Where all use the same model and rule, some library has chosen the same rows but for what rounding moves."""
    found = []
    for row in rows:
        if not row.case.same or isinstance(row.query, No) or not row.query:
            continue
        mine = set(row.query[0].chosen)
        shared = [len(mine & set(took[0].chosen)) for took in row.peers.values() if not isinstance(took, No) and took]
        if shared and max(shared) < len(mine) - 2:
            words = f"**missed**: no library shares more than {max(shared)} of the {len(mine)} rows"
            found.append(Verdict(words, False, row.rows))
    return found


def _held(rows: Sequence[Row], target: Target, limit: float) -> list[Verdict]:
    if target.of == "own":
        return _own(rows, target)
    row = next((row for row in rows if row.rows == MILLION), None)
    if row is None:
        return []
    measure = {"query": "seconds", "whole": "wall", "memory": "memory"}[target.what]
    mine = value(row.query if target.what == "query" else row.whole, measure)
    theirs, whose = other_side(rows, row, target, limit)
    if mine is None:
        return []  # told already
    if theirs is None:
        return [Verdict(f"{target.what}: {whose}", True, row.rows)]
    return [_verdict(mine / theirs, target, whose, row.rows)]


def _own(rows: Sequence[Row], target: Target) -> list[Verdict]:
    found = []
    for name, took in rows[0].peers.items():
        if not _ran(took):
            continue
        if rows[-1].rows < MILLION and value(rows[-1].peers[name]) is not None:
            continue  # larger pools were not tried, so its largest is not known
        ended = [row for row in rows if value(row.peers[name]) is not None]
        if not ended:
            found.append(Verdict(f"{name} ended at no size", True, rows[0].rows))
            continue
        row = ended[-1]
        mine, theirs = value(row.query), value(row.peers[name])
        if mine is not None and theirs is not None:
            found.append(_verdict(mine / theirs, target, name, row.rows))
    return found


def _ran(took: Measured) -> bool:
    return not isinstance(took, No) or took.ran


def _verdict(ratio: float, target: Target, whose: str, rows: int) -> Verdict:
    met = ratio <= target.share
    what = {"query": "", "whole": "whole process ", "memory": "memory "}[target.what]
    words = f"{what}{figure(ratio)} of {whose}, at most {figure(target.share)}"
    return Verdict(words if met else f"**missed**: {words}", met, rows)


def figure(ratio: float) -> str:
    """Two digits that count.

    >>> figure(0.125), figure(1.1), figure(0.0213), figure(12.3)
    ('0.12', '1.1', '0.021', '12')
    """
    return f"{ratio:.0f}" if ratio >= 10 else f"{ratio:.2g}"
