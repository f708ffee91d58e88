"""How a long step says where it is, without knowing about terminals.

Steps call `stage`; the command line puts a teller in place that draws a bar or writes a line.
Without one, nothing is said: a Python caller hears nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol


class Teller(Protocol):
    """What the command line provides."""

    def begin(self, what: str, total: int | None, unit: str = "rows") -> None:
        """A stage begins; `total` is the number of rows, or other units, when it is known."""

    def advance(self, done: int) -> None:
        """`done` more rows are through."""

    def end(self) -> None:
        """The stage is over."""

    def say(self, line: str) -> None:
        """Something that a person must know now."""


_teller: ContextVar[Teller | None] = ContextVar("teller", default=None)
_warned: ContextVar[list[str] | None] = ContextVar("warned", default=None)


@contextmanager
def telling(teller: Teller | None, warned: list[str] | None = None) -> Iterator[None]:
    """Let `teller` hear the stages inside the block.

    Parameters
    ----------
    warned : collects the warnings that were said at once, so that nobody says them again; None to say none.
    """
    token, its = _teller.set(teller), _warned.set(warned)
    try:
        yield
    finally:
        _teller.reset(token)
        _warned.reset(its)


@contextmanager
def stage(what: str, total: int | None = None, unit: str = "rows") -> Iterator[None]:
    """Name what the block does: ``with stage("reading the pool", total=rows):``; `unit` is what is counted."""
    teller = _teller.get()
    if teller is not None:
        teller.begin(what, total, unit)
    try:
        yield
    finally:
        if teller is not None:
            teller.end()


def say(line: str) -> None:
    """Tell something at once: what is waited for."""
    teller = _teller.get()
    if teller is not None:
        teller.say(line)


def warn(text: str) -> None:
    """Tell before long work what it will do otherwise than asked; the result's warnings should hold it too."""
    teller, warned = _teller.get(), _warned.get()
    if teller is not None and warned is not None and text not in warned:
        warned.append(text)
        teller.say(f"warning: {text}")


def advance(done: int) -> None:
    """Say that `done` more units of this stage are through."""
    teller = _teller.get()
    if teller is not None:
        teller.advance(done)
