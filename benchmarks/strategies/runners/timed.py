"""What the runners of the libraries share: the data, and how a query call is timed.

    python with_LIBRARY.py CASE FOLDER BATCH LIMIT

Prints one JSON object: the seconds of the query call and the positions that it chose, or why it failed.
Everything before the call is set-up: imports, data in memory, models fitted. Runs in environments where
there is nothing of alcli, from Python 3.11 and numpy 1.23 on.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
import time
import warnings
from pathlib import Path

import numpy as np

CLASSES = 10


class Data:
    """The pool, the labels of its first rows, and weights of alcli's model for it.

    Attributes
    ----------
    X : (n, d) float32; rows 0 to l - 1 are labelled.
    y : (l,) their classes.
    batch : how many rows a query is to choose.
    """

    def __init__(self, folder, batch):
        self.X = np.load(folder / "X.npy")
        self.y = np.load(folder / "y.npy")
        self.batch = batch
        with np.load(folder / "weights.npz") as kept:
            self.weights, self.bias = kept["weights"], kept["bias"]
            self.members, self.member_bias = kept["members"], kept["member_bias"]

    @property
    def labelled(self):
        return np.arange(len(self.y))

    @property
    def free(self):
        return np.arange(len(self.y), len(self.X))

    def model(self):
        """scikit-learn's classifier with alcli's weights, so that all sides rank by the same probabilities."""
        return self._given(self.weights, self.bias)

    def committee(self):
        return [self._given(*member) for member in zip(self.members, self.member_bias, strict=True)]

    def partly(self, missing):
        """(n,) the labels, `missing` where there is none."""
        y = np.full(len(self.X), missing, dtype=float)
        y[: len(self.y)] = self.y
        return y

    def give(self, model, weights, bias):
        """Put weights into a fitted classifier."""
        model.coef_ = weights.T.astype(np.float64)
        model.intercept_ = bias.astype(np.float64)
        return model

    def _given(self, weights, bias):
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(max_iter=1000).fit(self.X[: len(self.y)].astype(np.float64), self.y)
        return self.give(model, weights, bias)


def main(cases):
    """Time one of `cases`: functions that take the data, do the set-up and return the query call."""
    name, folder, batch, limit = sys.argv[1:]
    warnings.simplefilter("ignore")
    np.random.seed(0)  # noqa: NPY002 - what several libraries draw from
    # A matrix of all pairs is refused at once instead of filling the machine.
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    resource.setrlimit(resource.RLIMIT_AS, (int(memory * 0.85),) * 2)
    try:
        call = cases[name](Data(Path(folder), int(batch)))
        signal.setitimer(signal.ITIMER_REAL, float(limit))  # ends the process: nobody handles it
        wall, cpu = time.perf_counter(), time.process_time()
        chosen = call()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        signal.setitimer(signal.ITIMER_REAL, 0)
    except MemoryError:
        told = {"failed": "out of memory"}
    except Exception as error:  # another library's code: it can fail in any way
        told = {"failed": f"{type(error).__name__}: {error}"}
    else:
        told = {"seconds": wall, "cpu": cpu, "chosen": [int(at) for at in np.asarray(chosen).ravel()]}
    print(json.dumps(told))
