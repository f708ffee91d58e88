"""The n best rows of Parquet files by a linear model: `query_parquet.py MODEL.npz STRATEGY N LIBRARIES FILE...`.

LIBRARIES is "peers" to import what a command of this kind imports (typer, scikit-learn), or "least".
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from scoring import Best, Linear


def main(model: str, strategy: str, n: str, libraries: str, *files: str) -> None:
    if libraries == "peers":
        import sklearn.linear_model  # noqa: F401
        import typer  # noqa: F401
    linear, best = Linear(model, strategy), Best(int(n))
    for path in files:
        file = pq.ParquetFile(path, pre_buffer=False)
        X = np.empty((len(linear.columns), 0), np.float32)
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, columns=["id", *linear.columns], use_threads=False)
            if X.shape[1] != len(table):
                X = np.empty((len(linear.columns), len(table)), np.float32)
            for line, name in zip(X, linear.columns, strict=True):
                column = table.column(name).chunk(0)
                line[:] = np.frombuffer(column.buffers()[1], np.float32, len(column), column.offset * 4)
            best.offer(linear.utility(X), partial(_names, table.column("id")))
            del table, column
    best.show()


def _names(ids: Any, at: Any) -> list[str]:
    return [ids[i].as_py() for i in at.tolist()]


main(*sys.argv[1:])
