"""Which line of a batch goes to whom: rows split between annotators, gold questions mixed in."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, TypeVar

from alcli.errors import UsageError, counted, did_you_mean, listing
from alcli.settings import Settings, flag_of
from alcli.steps.gold import from_file, known_answers, questions

if TYPE_CHECKING:
    from alcli.steps.project import Project


@dataclass(frozen=True, slots=True)
class Line:
    """One row in one person's sheet; `pick` is its place in the choice, None for a gold question."""

    id: str
    annotator: str
    pick: int | None


@dataclass(frozen=True)
class Split:
    """The lines of a batch in the order of their ranks, and what to warn of."""

    lines: tuple[Line, ...]
    notes: tuple[str, ...] = ()

    def people(self) -> list[str]:
        """Who gets rows."""
        return list(dict.fromkeys(line.annotator for line in sorted(self.lines, key=lambda line: line.annotator)))

    def ids(self) -> list[str]:
        """Every row once, in order."""
        return list(dict.fromkeys(line.id for line in self.lines))


def people_of(project: Project) -> tuple[str, ...]:
    """The annotators of this batch; empty when it is asked of nobody in particular.

    Raises
    ------
    UsageError, SettingsError
        A blank name, a name twice, or fewer people than a row needs.
    """
    settings = project.settings
    with project.blaming("annotators", "per_row", "workload"):
        names = [name.strip() for name in settings.annotators]
        wrong = [name for name in names if not name or not name.isprintable()]
        twice = sorted({name for name in names if names.count(name) > 1})
        if wrong or twice:
            what = f"names {listing(twice)} twice" if twice else f"has {wrong[0]!r}, which is no name"
            raise UsageError(f"`--annotators` {what}", hint="write a1,a2,a3", code="bad-value")
        idle = [name for name, most in caps_of(settings).items() if most == 0]
        people = tuple(name for name in names if name not in settings.exclude_annotator and name not in idle)
        if names and len(people) < settings.per_row:
            left = "" if len(people) == len(names) else " who are neither excluded nor without work"
            raise UsageError(
                f"`--per-row {settings.per_row}` needs as many annotators, and there are {len(people)}{left}",
                hint="name more, or ask fewer of each row",
                code="bad-value",
            )
        for flag, said in (("--per-row", settings.per_row > 1), ("--workload", bool(settings.workload))):
            if said and not names:
                raise UsageError(
                    f"`{flag}` needs to know who answers", hint="name them: `--annotators a1,a2,a3`", code="bad-value"
                )
    return people


def caps_of(settings: Settings) -> dict[str, int]:
    """How many rows the sheet of somebody may hold, for those of whom it is said."""

    def read(text: str) -> int | None:
        return int(text) if text.isdecimal() else None

    return by_name(settings, "workload", read, "write NAME=ROWS: `--workload a1=20,a2=10`")


Number = TypeVar("Number", int, float)


def by_name(settings: Settings, name: str, read: Callable[[str], Number | None], hint: str) -> dict[str, Number]:
    """What a setting of NAME=NUMBER says of each annotator; `read` gives None for what is no such number."""
    found: dict[str, Number] = {}
    for text in getattr(settings, name):
        who, equals, said = text.rpartition("=")
        value = read(said.strip()) if equals else None
        if value is None:
            raise UsageError(f"{text!r} is not a {name}", hint=hint, code="bad-value")
        who = who.strip()
        # those of alcli.toml may be of people who are not asked this time
        together = settings.sources[name].kind in ("flag", settings.sources["annotators"].kind)
        if together and settings.annotators and who not in settings.annotators:
            raise UsageError(
                f"`{flag_of(name)}` names {who!r}, who is not among the annotators",
                hint=did_you_mean(who, settings.annotators) or f"they are: {listing(settings.annotators)}",
                code="bad-value",
            )
        found[who] = value
    return found


def gold_of(project: Project) -> dict[str, str]:
    """Known answers to mix in; empty when none are wanted.

    Raises
    ------
    UsageError, SettingsError
        When gold is wanted and nobody says where the known answers are.
    """
    settings = project.settings
    if not settings.gold:
        return {}
    if settings.gold_from is None:
        with project.blaming("gold"):
            raise UsageError(
                f"`--gold {settings.gold}` needs rows whose answer is known",
                hint="`--gold-from FILE` names a file of ids and labels, `--gold-from NAME` the annotator who is right",
                code="no-gold",
            )
    return known_answers(project)


def known_elsewhere(project: Project) -> set[str]:
    """Ids that a gold file knows: they are no use as questions whose answer is wanted."""
    return set(known_answers(project)) if project.settings.gold_from is not None and from_file(project) else set()


def split(project: Project, ids: Sequence[str], people: Sequence[str], truth: Mapping[str, str]) -> Split:
    """The lines of a batch.

    Parameters
    ----------
    ids : the chosen rows, best first. The last ones fall out when the workloads have no room for them.
    people : from `people_of`.
    truth : from `gold_of`.

    Raises
    ------
    UsageError
        If the workloads have no room for a single row.
    """
    settings = project.settings
    wanted = questions(project, truth, people or ("",), set(ids)) if truth else {}
    if not people:
        return _with_gold(project, [Line(id_, "", at) for at, id_ in enumerate(ids)], wanted, [])
    from alcli.selection.sharing import share

    caps = caps_of(settings)
    most = [max(0, caps.get(who, len(ids) + settings.gold) - len(wanted.get(who, ()))) for who in people]
    rows, notes = room_of(project, len(ids), most)
    shares = share(
        rows, settings.per_row, most, order=order_of(project, people), shared=_shared(project, people),
        taken=taken(project, people, ids[:rows]),
    )  # fmt: skip
    lines = [Line(ids[at], people[who], at) for at, row in enumerate(shares) for who in row]
    idle = [who for at, who in enumerate(people) if not any(at in row for row in shares)]
    if idle:
        notes.append(f"there are too few rows for {listing(idle)}, who {'gets' if len(idle) == 1 else 'get'} none")
    return _with_gold(project, lines, {who: found for who, found in wanted.items() if who not in idle}, notes)


def room_of(project: Project, rows: int, most: Sequence[int]) -> tuple[int, list[str]]:
    """For how many of the chosen rows the workloads have room, and what to say when those are not all.

    Raises
    ------
    UsageError, SettingsError
        If there is no room for a single row.
    """
    from alcli.selection.sharing import sharable

    each = project.settings.per_row
    found = sharable(rows, each, most)
    if found == 0:
        with project.blaming("workload"):
            raise UsageError(
                "the workloads leave no room for a single row",
                hint=f"each row goes to {each}, and gold rows count",
                code="bad-value",
            )
    notes = [f"the workloads have room for {found:,} of the {rows:,} chosen rows"] if found < rows else []
    return found, notes


def _with_gold(project: Project, lines: list[Line], wanted: Mapping[str, Sequence[str]], notes: list[str]) -> Split:
    """Gold questions at places that a seeded hash says, anywhere between the others."""
    import numpy as np

    from alcli.tables.arrays import strings
    from alcli.tables.hashing import hash_ids

    settings = project.settings
    gold = [Line(id_, who, None) for who, ids in wanted.items() for id_ in ids]
    few = sorted(who or "the sheet" for who, ids in wanted.items() if len(ids) < settings.gold)
    if few:
        notes.append(
            f"fewer than {counted(settings.gold, 'gold row')} for {listing(few)}: the other known rows have been seen"
        )
    if not gold:
        return Split(tuple(lines), tuple(notes))
    hashes = hash_ids(strings([f"{line.annotator}\0{line.id}" for line in gold]), settings.seed, "gold place")
    places = (hashes % np.uint64(len(lines) + 1)).tolist()
    before: dict[int, list[Line]] = defaultdict(list)
    for _, place, line in sorted(zip(hashes.tolist(), places, gold, strict=True), key=lambda each: each[0]):
        before[place].append(line)
    mixed = [line for at in range(len(lines) + 1) for line in (*before[at], *lines[at : at + 1])]
    return Split(tuple(mixed), tuple(notes))


def order_of(project: Project, people: Sequence[str]) -> list[int]:
    """Between equals: who was asked less so far comes first, then who has the smaller hash."""
    import numpy as np

    from alcli.tables.arrays import strings
    from alcli.tables.hashing import hash_ids

    load = Counter(row.annotator for row in project.asked.rows())
    hashes = hash_ids(strings(list(people)), project.settings.seed, "annotator").tolist()
    ranked = sorted(range(len(people)), key=lambda at: (load[people[at]], hashes[at]))
    places = np.empty(len(people), np.intp)
    places[ranked] = np.arange(len(people))
    return [int(place) for place in places]


def _shared(project: Project, people: Sequence[str]) -> list[list[int]]:
    """(p, p) how many rows every two people were both asked before."""
    number = {who: at for at, who in enumerate(people)}
    counts = [[0] * len(people) for _ in people]
    for those in _asked_of(project, number).values():
        for one, other in combinations(sorted(those), 2):
            counts[one][other] += 1
            counts[other][one] += 1
    return counts


def _asked_of(project: Project, number: Mapping[str, int]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for row in project.asked.rows():
        if row.annotator in number:
            found.setdefault(row.id, set()).add(number[row.annotator])
    return found


def taken(project: Project, people: Sequence[str], ids: Iterable[str]) -> list[set[int]]:
    """Who was asked each row before, or has answered it."""
    number = {who: at for at, who in enumerate(people)}
    found = _asked_of(project, number)
    for answer in project.labels.rows():
        if answer.annotator in number:
            found.setdefault(answer.id, set()).add(number[answer.annotator])
    return [found.get(id_, set()) for id_ in ids]
