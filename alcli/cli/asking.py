"""Asks a person at the terminal: one key an answer; a line an answer where there are no keys to be read."""

from __future__ import annotations

import shutil
import sys
import textwrap
from typing import TYPE_CHECKING, Any

from alcli.cli.keyboard import END, Keyboard
from alcli.cli.text import clean

if TYPE_CHECKING:
    from alcli.sheets.keys import Keys
    from alcli.steps.answer import Question, Reply

_WIDEST = 100
_NEXT, _BACK = ("\x1b[C", "\x1b[B"), ("\x1b[D", "\x1b[A")


class Terminal:
    """Calls to it ask one question. Questions are told on stderr, answers read from stdin."""

    def __init__(self) -> None:
        self._told_keys = False
        self._keyboard = Keyboard()

    def __call__(self, question: Question) -> Reply:
        self._show(question)
        while True:
            word = self._word(question)
            reply = self._meaning(word, question)
            if reply is not None:
                return reply
            self._say(f"{word!r} means nothing here; ? lists the keys")

    def _show(self, question: Question) -> None:
        width = min(_WIDEST, shutil.get_terminal_size().columns)
        if question.said:
            self._say(question.said)
        item = question.item
        head = f"── {question.number} of {question.rows}, {question.left} left · {clean(item.id)} "
        self._say("", head + "─" * max(0, width - len(head)))
        for name, text in item.shown:
            # every paragraph by itself; control characters of the pool must not reach the terminal
            lines = [part for line in text.splitlines() or [""] for part in textwrap.wrap(clean(line), width) or [""]]
            self._say(*([f"{clean(name)}:"] if len(item.shown) > 1 else []), *lines)
        for name, text in item.remarks:
            said = text.splitlines()
            name = name.replace("_", " ")
            lines = [f"{name}: {text}"] if len(said) == 1 else [f"{name}:", *said]
            self._say(*(part for line in lines for part in textwrap.wrap(clean(line), width)))
        if item.label or item.comment:
            self._say(
                f"so far: {clean(item.label) or 'no answer'}" + (f" ({clean(item.comment)})" if item.comment else "")
            )
        if not self._told_keys:
            self._say("", *self._keys(question))
            self._told_keys = True

    def _keys(self, question: Question) -> list[str]:
        width = min(_WIDEST, shutil.get_terminal_size().columns)
        keys = _keys_of(question)
        # a space that is no place to break keeps a key and what it does together
        named = [f"{key or '/'}\xa0{clean(name)}" for key, name in zip(keys.classes, question.classes, strict=True)]
        if "" in keys.classes:
            named.append("/ and a name for the others")
        actions = [
            f"{key}\xa0{action}"
            for key, action in (keys.actions() | {"?": "keys"}).items()
            if action != "comment" or sys.stdin.isatty()  # what asks for its words; a line has them behind the key
        ]
        lines = [line for part in (named, actions) for line in textwrap.wrap("   ".join(part), width)]
        return [line.replace("\xa0", " ") for line in lines]

    def _word(self, question: Question) -> str:
        if not sys.stdin.isatty():
            line = sys.stdin.readline()
            return line.strip() if line else END
        key = self._keyboard.key()
        if key.lower() == _keys_of(question).comment:
            return f"{key} {self._keyboard.line('comment: ')}"
        if key == "/":
            return self._keyboard.line("label: ")
        return key

    def _meaning(self, word: str, question: Question) -> Reply | None:
        from alcli.steps.answer import Reply

        if word in question.classes:
            return Reply("label", word)
        keys = _keys_of(question)
        key = word.lower()
        if key and key in keys.classes:
            return Reply("label", question.classes[keys.classes.index(key)])
        if keys.comment and key.startswith(keys.comment + " "):
            return Reply("comment", word[2:].strip())
        if word == "?":
            self._say(*self._keys(question))
            return self(question)
        kinds: dict[str, Any] = {"skip": "skip", "": "next", END: "stop", "\x1b": "stop", **keys.actions()}
        kinds |= dict.fromkeys(_NEXT, "next") | dict.fromkeys(_BACK, "back")
        kinds.pop(keys.comment, None)  # without words there is nothing to keep
        kind = kinds.get(word, kinds.get(key))
        return Reply(kind) if kind else None

    def _say(self, *lines: str) -> None:
        sys.stderr.write("".join(line + "\n" for line in lines))
        sys.stderr.flush()


def _keys_of(question: Question) -> Keys:
    from alcli.sheets.keys import keys_for

    return keys_for(tuple(question.classes))
