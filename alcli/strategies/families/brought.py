"""What only another system can tell: tokens of a text it wrote, regions of an image."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

UTILITIES: tuple[Utility, ...] = ()

SELECTORS: tuple[Selector, ...] = ()

STRATEGIES: tuple[Strategy, ...] = ()
