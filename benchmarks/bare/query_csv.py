"""The n best rows of a CSV file by a linear model: `query_csv.py MODEL.npz STRATEGY N FILE`.

pandas' C engine in chunks: the fastest reader there is for one core.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import sklearn.linear_model  # noqa: F401
import typer  # noqa: F401
from scoring import Best, Linear


def main(model: str, strategy: str, n: str, path: str) -> None:
    linear, best = Linear(model, strategy), Best(int(n))
    kinds = {"id": str, **dict.fromkeys(linear.columns, np.float32)}
    for chunk in pd.read_csv(path, usecols=list(kinds), dtype=kinds, chunksize=50_000, engine="c"):
        X = np.ascontiguousarray(chunk[linear.columns].to_numpy().T)
        ids = chunk["id"]
        best.offer(linear.utility(X), lambda at, ids=ids: [ids.iloc[i] for i in at.tolist()])
    best.show()


main(*sys.argv[1:])
