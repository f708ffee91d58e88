"""An arm whose utility is no strategy's: it is given, made of what one choice has found out."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from alcli.selection.arms import Arm
from alcli.strategies.kinds import Strategy, Utility

if TYPE_CHECKING:
    from alcli.selection.material import Material


@dataclass
class Given(Arm):
    """Takes the rows of the largest utility, as an arm of a named strategy does.

    Parameters
    ----------
    given : the utility. Its function goes to the workers of a scan, so it must be picklable.
    """

    given: Utility = field(kw_only=True)

    @cached_property
    def utility(self) -> Utility:
        return self.given


def given(material: Material, utility: Utility) -> Given:
    """The arm of a utility; refuses, as any arm does, when the model cannot give what it needs."""
    # `one` stands in for the utility where only the table's are known
    strategy = Strategy(utility.name, None, "one", "top", needs=utility.needs)
    return Given(material, strategy, given=utility)
