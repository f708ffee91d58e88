"""Which key gives which class, on the page and at the terminal alike.

A key must never be the name of another class: who labels digits and presses 1 means the class 1, wherever it
stands in the list, and a pipe that writes the line `1` means it too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import lru_cache

_DIGITS = "123456789"
#: Letters for classes, without the first wishes of actions below.
_LETTERS = "adefghijklmoprstvwxyz"
#: What an action would like to be, in this order; then any mark that is no class.
_WISHES = {"skip": "0s-", "undo": "u,", "comment": "c#", "next": "n>", "back": "b<", "stop": "q."}
_MARKS = "-,#><.;:+=!*_@$%&"


@dataclass(frozen=True)
class Keys:
    """A key for each action, and one for each class in their order; "" where none is left. All are lower case."""

    classes: tuple[str, ...]
    skip: str
    undo: str
    comment: str
    next: str
    back: str
    stop: str

    def actions(self) -> dict[str, str]:
        """Key to action, of the actions that have one."""
        named = {getattr(self, each.name): each.name for each in fields(self) if each.name != "classes"}
        return {key: action for key, action in named.items() if key}


@lru_cache(maxsize=8)
def keys_for(classes: tuple[str, ...]) -> Keys:
    """Keys of `classes` and of the actions, all distinct; none is the name of another class.

    Classes of one letter or digit each are their own keys. Others are counted, unless one begins with a number,
    which a digit would be mistaken for: these get letters.

    >>> keys_for(("ham", "spam")).classes, keys_for(("0", "1")).classes, keys_for(("10", "20")).classes
    (('1', '2'), ('0', '1'), ('a', 'd'))
    >>> keys_for(("ham", "spam")).skip, keys_for(("0", "1")).skip, keys_for(("s", "0")).skip
    ('0', 's', '-')
    """
    names = [name.lower() for name in classes]
    own = len(set(names)) == len(names) and all(re.fullmatch("[a-z0-9]", name) for name in names)
    numbers = any(re.match(r"[+-]?[.,]?\d", name) for name in names)
    taken = {name for name in names if len(name) == 1} | (set("0123456789") if numbers else set())
    actions = {}
    for action, wishes in _WISHES.items():
        actions[action] = _free(wishes + _MARKS, taken)
        taken.add(actions[action])
    if own:
        return Keys(tuple(names), **actions)
    free = [key for key in _DIGITS + _LETTERS if key not in taken]
    return Keys(tuple(free[at] if at < len(free) else "" for at in range(len(names))), **actions)


def _free(wishes: Sequence[str], taken: set[str]) -> str:
    return next((key for key in wishes if key not in taken), "")
