"""Columns that only later lines of a JSONL file have: judged as if the first line had them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from alcli.errors import TableError
from alcli.predictions.cells import Bad, kind_of_value
from alcli.predictions.layout import LOGIT, PROBA, WHOLE, Layout


class Later:
    """What the first line means, and whether more columns would change that.

    Parameters
    ----------
    kinds : column -> what its first cell holds.
    lay : what such columns mean, which it may refuse; picklable.
    rules : all else on which that depends.
    """

    def __init__(self, kinds: Mapping[str, str], lay: Callable[[Mapping[str, str]], Any], rules: str) -> None:
        self.kinds, self.lay, self.rules = dict(kinds), lay, rules
        self.meant = lay(self.kinds)
        # what may be passed over, so that files with remarks in some lines are not judged line by line
        self.harmless: set[tuple[str, str]] = set()

    def bad(self, row: int, record: Mapping[str, Any]) -> Bad | None:
        """The refusal of a record with a column that would be read, or refused, in the first line."""
        for name, value in record.items():
            if name in self.kinds:
                continue
            kind = kind_of_value(value)
            if (name, kind) in self.harmless:
                continue
            try:
                meant = self.lay({**self.kinds, name: kind})
            except TableError as error:
                # that other classes lack follows from looking at one column at a time
                if error.code == "missing-class":
                    return self._changed(row, name, True)
                return Bad(row, error.message, column=name, hint=error.hint, code=error.code)
            if meant != self.meant:
                classes = isinstance(meant, Layout) and meant.classes != self.meant.classes
                return self._changed(row, name, classes)
            self.harmless.add((name, kind))
        return None

    def _changed(self, row: int, name: str, of_class: bool) -> Bad:
        hint = "every line has the columns of the first"
        if isinstance(self.meant, Layout):
            group = self.meant.proba or self.meant.committee
            own = name.removeprefix(PROBA).removeprefix(LOGIT)
            if group is not None and (name in WHOLE or own in self.meant.classes):
                return Bad(
                    row,
                    f"has {name!r}, and in the first line the class probabilities stand in {group.columns[0]!r}",
                    column=name,
                    hint=hint,
                    code="two-forms",
                )
            if of_class or name.startswith((PROBA, LOGIT)):
                return Bad(
                    row, "has a class that the first line does not have", column=name, hint=hint, code="unknown-class"
                )
        return Bad(
            row, f"has {name!r}, which the first line does not have", column=name, hint=hint, code="unknown-column"
        )
