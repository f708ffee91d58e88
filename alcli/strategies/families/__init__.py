"""The rows of the table, by family. A new strategy is a function in utilities/ or selectors/ and a row here.

Imports nothing heavy: rows name their functions by text.
"""

from __future__ import annotations

from alcli.strategies.families import (
    baseline,
    brought,
    change,
    committee,
    coverage,
    density,
    discriminative,
    hybrid,
    learned,
    reduction,
    submodular,
    testing,
    uncertainty,
)

#: In the order in which lists show them.
FAMILIES = (
    learned,
    baseline,
    uncertainty,
    committee,
    change,
    reduction,
    density,
    coverage,
    submodular,
    discriminative,
    hybrid,
    testing,
    brought,
)
