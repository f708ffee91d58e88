"""Which column of a predictions file is what, by its name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from alcli.errors import TableError, did_you_mean, listing
from alcli.predictions.cells import KINDS

MEMBER = ("member", "pass")
WHOLE = ("proba", "probabilities", "members", "logits")
TOKENS = ("token_logprobs", "token_top_logprobs", "token_entropies")
REGIONS = ("region_scores", "region_proba")
GRADIENT = "gradient"
#: Columns with a meaning of their own; a class of the project that is called so goes first.
KNOWN = (*MEMBER, *WHOLE, *TOKENS, *REGIONS, GRADIENT)
#: Columns that `alcli predict` writes besides, or that `--embeddings` takes.
PASSED_OVER = ("label", "confidence", "embedding")
PROBA, LOGIT = "p_", "logit_"

_DEPTHS = {"token_logprobs": 1, "token_entropies": 1, "token_top_logprobs": 2, "region_scores": 1, "region_proba": 2}


@dataclass(frozen=True)
class Group:
    """Where class probabilities stand.

    Attributes
    ----------
    columns : one a class in the order of the classes, or one that holds a list in that order.
    logits : whether they are logits.
    depth : of a cell: 0 for a number, 1 for a list, 2 for a list of lists.
    """

    columns: tuple[str, ...]
    logits: bool
    depth: int
    whole: bool = False

    @property
    def several(self) -> bool:
        """Whether a row has several passes."""
        return self.depth == 1 + self.whole


@dataclass(frozen=True)
class Layout:
    """What a predictions file brings.

    Attributes
    ----------
    id : the column of the ids.
    member : the column that numbers the passes, where each has a row of its own.
    classes : in the order of what is stored.
    proba, committee : class probabilities, of one pass and of several.
    tokens, regions : of `TOKENS` and `REGIONS` those that are there.
    gradient : whether there is one.
    """

    id: str
    classes: tuple[str, ...]
    member: str | None = None
    proba: Group | None = None
    committee: Group | None = None
    tokens: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    gradient: bool = False

    @property
    def columns(self) -> tuple[str, ...]:
        """All that is read, once each."""
        groups = [group.columns for group in (self.proba, self.committee) if group is not None]
        more = (self.member,) if self.member else ()
        last = (GRADIENT,) if self.gradient else ()
        return tuple(
            dict.fromkeys((self.id, *more, *(c for g in groups for c in g), *self.tokens, *self.regions, *last))
        )


def id_column_of(kinds: Collection[str], id_column: str, shown: str) -> str:
    """The pool's own name for it, or ``id``."""
    for name in (id_column, "id"):
        if name in kinds:
            return name
    sought = "no column is called 'id'" if id_column == "id" else f"neither {id_column!r} nor 'id'"
    raise TableError(
        f"there is no id column: {sought}",
        at=shown,
        hint=f"the columns are: {listing(list(kinds))}",
        code="no-id-column",
    )


def lay_out(
    kinds: Mapping[str, str],
    *,
    id_column: str,
    classes: Sequence[str],
    closed: bool,
    ignored: Collection[str],
    shown: str,
) -> Layout:
    """What the columns mean.

    Parameters
    ----------
    kinds : column -> what its first cell holds; see `cells.KINDS`.
    id_column : what the pool calls its ids.
    classes : of the project; those of its labels when it names none.
    closed : whether there can be no others.
    ignored : the pool's own columns, which may stand in the file too.

    Raises
    ------
    TableError
        ``no-id-column``, ``unknown-class``, ``missing-class``, ``unknown-column``, ``no-signal``,
        ``two-forms``, with the column.
    """
    id_ = id_column_of(kinds, id_column, shown)
    own = set(classes) if closed else set()
    rest = {name: kind for name, kind in kinds.items() if name != id_}
    special = {name: kind for name, kind in rest.items() if name in KNOWN and name not in own}
    others = {name: kind for name, kind in rest.items() if name not in special}
    for name in others.keys() - own - set(ignored):
        near = did_you_mean(name, [known for known in KNOWN if len(known) > 6])
        if near and not name.startswith((PROBA, LOGIT)):
            raise TableError(f"no column is called {name!r}", at=shown, hint=near, code="unknown-column")
    named = _class_columns(others, special, own, closed, classes, ignored)
    found = _classes(named, classes, closed, shown)
    groups = [_by_class(named, found, kinds, shown)] if named else []
    for name in WHOLE:
        if name in special:
            groups.append(_whole(name, special[name], found, shown))
    member = next((name for name in MEMBER if name in special), None)
    layout = Layout(
        id=id_,
        classes=found,
        member=member,
        proba=_only([group for group in groups if not group.several], shown),
        committee=_only([group for group in groups if group.several], shown),
        tokens=tuple(name for name in TOKENS if name in special),
        regions=tuple(name for name in REGIONS if name in special),
        gradient=GRADIENT in special,
    )
    _check(layout, special, kinds, shown)
    return layout


def _class_columns(
    others: Mapping[str, str],
    special: Mapping[str, str],
    own: Collection[str],
    closed: bool,
    classes: Sequence[str],
    ignored: Collection[str],
) -> dict[str, str]:
    """Column -> the class it is for."""
    for prefix in (PROBA, LOGIT):
        found = {
            name: name.removeprefix(prefix)
            for name in others
            if name.startswith(prefix) and name != prefix and name not in own and name not in ignored
        }
        if found:
            return found
    free = [name for name in others if name not in ignored and name not in PASSED_OVER]
    numeric = [name for name in free if others[name] in KINDS]
    if closed:
        mine = [name for name in others if name in own]
        # a number more is a class that the project does not know, or somebody's misspelt one
        return {name: name for name in dict.fromkeys((*mine, *numeric))} if mine else {}
    alone = not (set(special) - set(MEMBER))
    if (alone and len(numeric) > 1) or set(numeric) & set(classes):
        return {name: name for name in numeric}
    return {}


def _classes(named: Mapping[str, str], classes: Sequence[str], closed: bool, shown: str) -> tuple[str, ...]:
    """The classes in their order; refuses those that are wrong."""
    if not named:
        return tuple(classes)
    there = list(named.values())
    for column, name in named.items():
        if closed and name not in classes:
            raise TableError(
                f"column {column!r} is for {name!r}, which is no class of this project",
                at=shown,
                hint=did_you_mean(name, classes)
                or f"the classes are: {listing(list(classes))}; in a file whose class columns are called `p_CLASS`"
                " other columns are passed over",
                code="unknown-class",
            )
    missing = [name for name in classes if name not in there]
    if missing:
        raise TableError(
            f"no column is for the class {missing[0]!r}"
            + (f", nor for {len(missing) - 1} more" if missing[1:] else ""),
            at=shown,
            hint=f"the columns are for: {listing(there)}; a class that the model does not know has 0 everywhere",
            code="missing-class",
        )
    return tuple(classes) if closed else tuple(sorted(there))


def _by_class(named: Mapping[str, str], classes: Sequence[str], kinds: Mapping[str, str], shown: str) -> Group:
    column = {name: each for each, name in named.items()}
    columns = tuple(column[name] for name in classes)
    depths = {name: KINDS.index(kinds[name]) if kinds[name] in KINDS else 0 for name in columns}
    uneven = next((name for name in columns if depths[name] != depths[columns[0]] or depths[name] > 1), None)
    if uneven is not None:
        raise TableError(
            f"column {uneven!r} holds {kinds[uneven]} and {columns[0]!r} {kinds[columns[0]]}",
            at=shown,
            hint="a class's column holds a number, or a list with one number for each pass, and all hold the same",
            code="not-a-vector",
        )
    return Group(columns, columns[0].startswith(LOGIT) and named[columns[0]] != columns[0], depths[columns[0]])


def _whole(name: str, kind: str, classes: Sequence[str], shown: str) -> Group:
    if kind not in ("list", "lists") or (name == "members" and kind == "list"):
        raise TableError(
            f"column {name!r} holds {'no list' if kind != 'list' else 'one list'}",
            at=shown,
            hint="it holds a list with one number a class, or a list of such lists, one a pass",
            code="not-a-vector",
        )
    if not classes:
        raise TableError(
            f"column {name!r} holds lists, and nothing says which number is for which class",
            at=shown,
            hint='name them in alcli.toml, `classes = ["ham", "spam"]`, in the order of the lists; or write an object:'
            f' {{"{name}": {{"ham": 0.1, "spam": 0.9}}}}',
            code="missing-class",
        )
    return Group((name,), name == "logits", KINDS.index(kind), whole=True)


def _only(groups: Sequence[Group], shown: str) -> Group | None:
    if len(groups) > 1:
        one, other = (group.columns[0] for group in groups[:2])
        raise TableError(
            f"the class probabilities stand in two forms, {one!r} and {other!r}",
            at=shown,
            hint="leave one out",
            code="two-forms",
        )
    return groups[0] if groups else None


def _check(layout: Layout, special: Mapping[str, str], kinds: Mapping[str, str], shown: str) -> None:
    more = (*layout.tokens, *layout.regions, *((GRADIENT,) if layout.gradient else ()))
    if layout.proba is None and layout.committee is None and not more:
        raise TableError(
            "the file has no column that is known",
            at=shown,
            hint=f"its columns are: {listing(list(kinds))}; a class's column is called like the class, or `p_CLASS`;"
            " docs/predictions.md lists the others",
            code="no-signal",
        )
    if layout.member is not None and (more or layout.committee is not None or layout.proba is None):
        raise TableError(
            f"column {layout.member!r} numbers the passes, so that a row stands for one pass only; that goes with a"
            " number for each class and with nothing else",
            at=shown,
            hint="bring the other signals in list columns, with a row for each id",
            code="two-forms",
        )
    if len(layout.regions) > 1:
        raise TableError("the regions stand in two forms", at=shown, hint="leave one out", code="two-forms")
    for name in more:
        depth = _DEPTHS.get(name, 1)
        # an empty list may be the first; what the others are is seen when they are read
        if special[name] != KINDS[depth] and not (special[name] == "list" and depth == 2):
            raise TableError(
                f"column {name!r} does not hold {'lists of lists' if depth == 2 else 'lists'} of numbers",
                at=shown,
                hint="docs/predictions.md shows each column",
                code="not-a-vector",
            )
