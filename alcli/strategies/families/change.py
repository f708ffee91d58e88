"""How much a label would change the model: gradients in closed form, and rows near the edge."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

UTILITIES: tuple[Utility, ...] = ()

SELECTORS: tuple[Selector, ...] = ()

STRATEGIES: tuple[Strategy, ...] = ()
