"""Rows that tell the unlabelled pool from the labelled rows, and batches that make the two alike."""

from __future__ import annotations

from alcli.strategies.kinds import Selector, Strategy, Utility

UTILITIES: tuple[Utility, ...] = ()

SELECTORS: tuple[Selector, ...] = ()

STRATEGIES: tuple[Strategy, ...] = ()
