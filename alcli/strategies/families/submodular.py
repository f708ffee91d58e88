"""Batches that maximise a function of the whole batch, and batches for or against given examples."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

UTILITIES: tuple[Utility, ...] = ()

SELECTORS: tuple[Selector, ...] = ()

STRATEGIES: tuple[Strategy, ...] = ()
