"""How much a label would lower the error to come, found by fitting again or in closed form."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

UTILITIES: tuple[Utility, ...] = ()

SELECTORS: tuple[Selector, ...] = ()

STRATEGIES: tuple[Strategy, ...] = ()
