"""What a stopping rule is. Imports nothing heavy.

A rule compares one value with a threshold. The value of a `history` rule was measured once a round and stands
in metrics.csv; that of a `state` rule is counted from the ledgers as they are now.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Takes = Literal["", "class", "metric"]


@dataclass(frozen=True)
class Rule:
    """One way to know that there are enough labels.

    Parameters
    ----------
    name : as it is written in a rule.
    summary : what its value is, in one line.
    kind : ``history`` when it is judged over rounds, ``state`` when only now counts.
    target : ``module:function``. For a history it takes (values, ok, rounds) and gives (value, held); for a
        state (state, class) and gives a value or None.
    better : the side of the threshold on which there is enough.
    threshold : when none is written; None when one must be.
    rounds : for how many rounds it has to hold when that is not written.
    strict : whether the default comparison leaves out the threshold itself.
    measure : the metric in metrics.csv that it looks at.
    how : the start of that metric's `how`; nothing for what `evaluate` itself measures.
    takes : what may stand in brackets behind the name.
    low, high : bounds of its values.
    needs : the commands that record what it looks at.
    unit : ``time`` for thresholds like 30d.
    """

    name: str
    summary: str
    source: str
    kind: Literal["history", "state"]
    target: str
    better: Literal["higher", "lower"]
    threshold: float | None = None
    rounds: int = 1
    strict: bool = False
    measure: str = ""
    how: str = ""
    takes: Takes = ""
    low: float = 0.0
    high: float = 1.0
    needs: str = ""
    unit: Literal["", "time"] = ""
    example: str = ""

    @property
    def op(self) -> str:
        """The comparison when none is written."""
        return (">" if self.better == "higher" else "<") + ("" if self.strict else "=")
