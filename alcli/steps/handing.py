"""Who of the named annotators gets which row of a recheck."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from alcli.errors import UsageError, counted
from alcli.steps.splitting import Line, Split, by_name, caps_of, order_of, room_of, taken

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from alcli.settings import Settings
    from alcli.steps.doubting import Doubts
    from alcli.steps.project import Project

# (rows, people) whom each row may be asked of, (rows,) how many it still needs, (people,) how many more answers each
# takes, (people,) how many each has: pairs of row and person.
_Give = Callable[["NDArray[Any]", "NDArray[Any]", "NDArray[Any]", "NDArray[Any]"], list[tuple[int, int]]]


def check_whom(project: Project, people: Sequence[str]) -> None:
    """Refuse what says nothing here.

    Raises
    ------
    UsageError, SettingsError
        `--whom` or `--price` without annotators, or a price that cannot be.
    """
    settings = project.settings
    for flag in ("whom", "price"):
        if not people and settings.sources[flag].kind == "flag":
            raise UsageError(
                f"`--{flag}` needs to know who answers", hint="name them: `--annotators a1,a2,a3`", code="bad-value"
            )
    with project.blaming("price", "whom"):
        if people and prices_of(settings) and settings.whom == "even":
            raise UsageError(
                "`--whom even` asks everybody alike, whatever the price",
                hint="leave `--price` out, or take `--whom best` or `--whom interval`",
                code="bad-value",
            )


def prices_of(settings: Settings) -> dict[str, float]:
    """What an answer of somebody costs, for those of whom it is said; for the others it is 1."""

    def read(text: str) -> float | None:
        try:
            price = float(text)
        except ValueError:
            return None
        return price if 0 < price < float("inf") else None

    return by_name(settings, "price", read, "write NAME=NUMBER, above 0: `--price a1=1,a2=2.5`")


def hand_out(
    project: Project, doubts: Doubts, ids: Sequence[str], people: Sequence[str], new: Mapping[str, Any]
) -> Split:
    """The lines of a recheck: every row goes to `per_row` people, as the setting `whom` says.

    Nobody gets a row that they had before, unless there are not enough others among the named. As far as the
    workloads go: when those who have not had a row have full sheets, it goes to fewer people, or to none.

    Parameters
    ----------
    ids : the chosen rows, the least sure first.
    people : from `people_of`.
    new : (classes,) probabilities by the model of each row that has no answer.

    Raises
    ------
    UsageError
        If the workloads have no room for a single row.
    """
    import numpy as np

    settings = project.settings
    caps = caps_of(settings)
    rows, notes = room_of(project, len(ids), [caps.get(who, len(ids)) for who in people])
    ids = ids[:rows]
    most = np.array([min(caps.get(who, rows), rows) for who in people], dtype=np.intp)
    fresh = np.ones((rows, len(people)), bool)
    for at, those in enumerate(taken(project, people, ids)):
        fresh[at, list(those)] = False
    tiers = [fresh, ~fresh & (fresh.sum(axis=1) < settings.per_row)[:, None]]
    if settings.whom == "even":
        give = _evenly(order_of(project, people))
    else:
        able, give = _by_worth(settings, doubts, ids, people, new)
        tiers.insert(0, fresh & able)
    given = np.zeros(fresh.shape, bool)
    for tier in tiers:
        need, load = settings.per_row - given.sum(axis=1), given.sum(axis=0)
        for row, who in give(tier & ~given, need, most - load, load):
            given[row, who] = True
    return _lines(ids, people, given, settings.per_row, notes)


def _lines(ids: Sequence[str], people: Sequence[str], given: NDArray[Any], each: int, notes: list[str]) -> Split:
    import numpy as np

    counts = given.sum(axis=1)
    none, few = int((counts == 0).sum()), int(((counts > 0) & (counts < each)).sum())
    if none:
        notes.append(f"{counted(none, 'row')} could go to nobody: the sheets of those who have not had them are full")
    if few:
        notes.append(f"{counted(few, 'row')} could go to fewer than {each} people: the sheets of the others are full")
    kept = [at for at in range(len(ids)) if counts[at]]
    lines = [
        Line(ids[at], people[who], place) for place, at in enumerate(kept) for who in np.flatnonzero(given[at]).tolist()
    ]
    return Split(tuple(lines), tuple(notes))


def _evenly(order: Sequence[int]) -> _Give:
    """Whoever has least so far; between equals by `order`."""

    def give(free: NDArray[Any], need: NDArray[Any], left: NDArray[Any], load: NDArray[Any]) -> list[tuple[int, int]]:
        have, left = load.tolist(), left.tolist()
        found: list[tuple[int, int]] = []
        for row, wanted in enumerate(need.tolist()):
            open_ = [who for who in free[row].nonzero()[0].tolist() if left[who] > 0]
            for who in sorted(open_, key=lambda at: (have[at], order[at]))[:wanted]:
                have[who] += 1
                left[who] -= 1
                found.append((row, who))
        return found

    return give


def _by_worth(
    settings: Settings, doubts: Doubts, ids: Sequence[str], people: Sequence[str], new: Mapping[str, Any]
) -> tuple[NDArray[Any], _Give]:
    """(people,) who is worth asking, and what gives rows to those whose answers tell most for their price."""
    import numpy as np

    from alcli.evaluation.whom import assign, worth_asking

    number = {name: at for at, name in enumerate(doubts.labelers)}
    quality = doubts.people.of([number[who] for who in people])
    price = [prices_of(settings).get(who, 1.0) for who in people]
    beliefs = doubts.beliefs
    place = {id_: at for at, id_ in enumerate(doubts.votes.rows)}
    proba = np.array([beliefs[place[id_]] if id_ in place else new[id_] for id_ in ids])
    counts, able = quality.quality, np.ones(len(people), bool)
    if settings.whom == "interval":
        counts, able = quality.high, worth_asking(quality)

    def give(free: NDArray[Any], need: NDArray[Any], left: NDArray[Any], _: NDArray[Any]) -> list[tuple[int, int]]:
        return assign(proba, counts, int(need.sum()), cost=price, free=free, most=left, each=need)

    return able, give
