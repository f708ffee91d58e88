"""Batch active-learning rounds: pick rows, send sheets, take labels back, retrain, measure.

Every command of the command line is also a function here with the same name and the same
flags as keywords, and returns the object that `--json` prints::

    from alcli import query

    result = query(project="reviews", strategy="margin", count=50)
    print(result.ids)

The functions are imported on first use, so that `import alcli` costs nothing. What `alcli strategies`
shows is the package `alcli.strategies` itself: `everything()` lists them, `resolve(name)` finds one.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from alcli.errors import AlcliError as AlcliError
    from alcli.steps.answer import answer as answer
    from alcli.steps.check import check as check
    from alcli.steps.enough import enough as enough
    from alcli.steps.evaluate import evaluate as evaluate
    from alcli.steps.import_labels import import_labels as import_labels
    from alcli.steps.init import init as init
    from alcli.steps.labels import labels as labels
    from alcli.steps.predict import predict as predict
    from alcli.steps.query import query as query
    from alcli.steps.recheck import recheck as recheck
    from alcli.steps.report import report as report
    from alcli.steps.run import run as run
    from alcli.steps.simulate import simulate as simulate
    from alcli.steps.status import status as status
    from alcli.steps.train import train as train

STEPS = (
    "init",
    "query",
    "import_labels",
    "train",
    "evaluate",
    "enough",
    "predict",
    "labels",
    "status",
    "recheck",
    "report",
    "answer",
    "run",
    "simulate",
    "check",
)

__all__ = ["AlcliError", "__version__", *STEPS]


def __getattr__(name: str) -> Any:
    if name in STEPS:
        return getattr(import_module(f"alcli.steps.{name}"), name)
    if name == "AlcliError":
        return import_module("alcli.errors").AlcliError
    raise AttributeError(f"module 'alcli' has no attribute {name!r}")
