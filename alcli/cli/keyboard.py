"""Keys of a terminal one by one, also those that were pressed before they were asked for."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

END = "\x04"
_MANY = 4096  # bytes: more keys than anybody presses at once
_PAUSE = 0.1  # seconds; a terminal sends the bytes of one key at once, but a slow line may part them


class Keyboard:
    """What is typed at stdin, a terminal. Keys that come in one burst are kept until they are asked for."""

    def __init__(self) -> None:
        self._typed = b""

    def key(self) -> str:
        """The next key, without waiting for Return; an arrow is one. `END` when the terminal is gone.

        Ctrl-C interrupts as ever.
        """
        if sys.platform == "win32":
            import msvcrt

            return msvcrt.getwch()
        with _key_by_key():
            while not (size := first_key(self._typed)):
                if self._typed and not _more_comes():
                    size = len(self._typed)  # Escape by itself
                    break
                if not self._read():
                    return END
        pressed, self._typed = self._typed[:size], self._typed[size:]
        text = pressed.decode("utf-8", errors="replace")
        # a terminal in application mode says O where others say [
        return text.replace("\x1bO", "\x1b[", 1)

    def line(self, prompt: str) -> str:
        """A line, of which some may be typed already."""
        if sys.platform == "win32":
            sys.stderr.write(prompt)
            sys.stderr.flush()
            return sys.stdin.readline().strip()
        early, end, rest = self._typed.replace(b"\r", b"\n").partition(b"\n")
        sys.stderr.write(prompt + _edited(early) + end.decode())
        sys.stderr.flush()
        self._typed = early + end
        while not self._typed.endswith(b"\n") and self._read():
            pass
        line, self._typed = self._typed, rest
        return _edited(line).strip()

    def _read(self) -> bool:
        """Whether anything more came."""
        came = os.read(sys.stdin.fileno(), _MANY)
        self._typed += came
        return bool(came)


def first_key(typed: bytes) -> int:
    r"""How many bytes are the first key; 0 when it is not whole.

    >>> [first_key(typed) for typed in (b"1u", b"\x1b[Cq", b"\x1b[3~", b"\xc3\xa4x", b"\xc3", b"\x1b", b"\x1bx")]
    [1, 3, 4, 2, 0, 0, 1]
    """
    if typed[:1] != b"\x1b":
        lead = typed[0] if typed else 0
        size = 1 + (lead >= 0xC0) + (lead >= 0xE0) + (lead >= 0xF0)
        return size if len(typed) >= size else 0
    if typed[1:2] == b"O":
        return 3 if len(typed) > 2 else 0
    if typed[1:2] == b"[":
        return next((at + 1 for at in range(2, len(typed)) if 0x40 <= typed[at] <= 0x7E), 0)
    return 1 if len(typed) > 1 else 0


def _edited(line: bytes) -> str:
    r"""A line as its keys of correction leave it: those that came in early no terminal has seen to.

    >>> _edited(b"god\x7fod x\x1b"), _edited(b"wrong\x15right\x7f\x7f\x7f\x7f\x7f\x7fok")
    ('good x', 'ok')
    """
    found: list[str] = []
    for letter in line.decode("utf-8", errors="replace"):
        if letter in "\x7f\b":
            del found[-1:]
        elif letter == "\x15":
            found.clear()
        elif letter.isprintable():
            found.append(letter)
    return "".join(found)


@contextmanager
def _key_by_key() -> Iterator[None]:
    import termios
    import tty

    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    try:
        tty.setcbreak(number, termios.TCSADRAIN)  # a key pressed early is not lost
        yield
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


def _more_comes() -> bool:
    from select import select

    return bool(select([sys.stdin.fileno()], [], [], _PAUSE)[0])
