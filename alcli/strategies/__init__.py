"""Which rows are worth a label: spaces, utilities, selectors, and the table of named strategies.

Importing this package imports nothing heavy; functions on arrays load when a strategy is used.

>>> from alcli.strategies import resolve
>>> resolve("breaking-ties").name
'margin'
>>> row = resolve("entropy+kmeans")
>>> row.utility, row.selector, row.space
('entropy', 'kmeans', 'embedding')
"""

from __future__ import annotations

from alcli.strategies.catalogue import Catalogue, Problem, everything
from alcli.strategies.kinds import Selector, Signal, Space, Strategy, Utility, load
from alcli.strategies.params import Param, Params, known_params, parse_params, split_params
from alcli.strategies.resolve import resolve, selector_of, utility_of
from alcli.strategies.table import SELECTORS, SIGNALS, SPACES, TABLE, UTILITIES, names, needs_model

__all__ = [
    "SELECTORS",
    "SIGNALS",
    "SPACES",
    "TABLE",
    "UTILITIES",
    "Catalogue",
    "Param",
    "Params",
    "Problem",
    "Selector",
    "Signal",
    "Space",
    "Strategy",
    "Utility",
    "everything",
    "known_params",
    "load",
    "names",
    "needs_model",
    "parse_params",
    "resolve",
    "selector_of",
    "split_params",
    "utility_of",
]
