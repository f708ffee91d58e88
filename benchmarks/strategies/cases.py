"""The table of comparisons: one row each. A strategy falls in when `alcli strategies` has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

MILLION = 1_000_000

Of = Literal["fastest", "predicted", "own"]
What = Literal["query", "whole", "memory"]


@dataclass(frozen=True)
class Target:
    """What alcli's figure over another may be at most.

    Attributes
    ----------
    of : "fastest" is the fastest library at a million rows, or the time limit when none ends there.
        "predicted" is the same, but what did not end counts with what its largest pool that did
        leads one to expect. "own" is each library at the largest pool at which it ends.
    what : the query's seconds, the whole process's, or its peak memory.
    """

    share: float
    of: Of = "fastest"
    what: What = "query"


@dataclass(frozen=True)
class Case:
    """One strategy beside the libraries that have it.

    Attributes
    ----------
    strategy : as `alcli query --strategy` takes it.
    peers : for each library the name of the case in its runner.
    bare : whether runners/bare.py has it.
    committee : whether the model is the committee of five.
    grows : the libraries' time grows with this power of the rows, as their source shows; 1 where unknown.
    same : whether alcli and the libraries, given the same model, must choose the same rows.
    note : what one should know about the comparison.
    """

    name: str
    strategy: str
    peers: Mapping[str, str]
    targets: tuple[Target, ...] = ()
    bare: bool = False
    committee: bool = False
    grows: float = 1.0
    flags: Mapping[str, object] = field(default_factory=dict)
    same: bool = False
    note: str = ""


def _all(name: str, *peers: str) -> dict[str, str]:
    return dict.fromkeys(peers, name)


LEVEL = (Target(1.1, what="whole"), Target(0.5, what="memory"))
FASTER = (Target(1.0, of="own"),)
UNCERTAIN = ("modAL", "ALiPy", "libact", "scikit-activeml", "small-text")

CASES: dict[str, Case] = {
    case.name: case
    for case in (
        Case("least_confident", "least_confident", _all("least_confident", *UNCERTAIN), LEVEL, bare=True, same=True),
        Case("margin", "margin", _all("margin", *UNCERTAIN), LEVEL, bare=True, same=True),
        Case("entropy", "entropy", _all("entropy", *UNCERTAIN), LEVEL, bare=True, same=True),
        Case(
            "vote_entropy", "vote_entropy", _all("vote_entropy", "modAL", "ALiPy", "scikit-activeml"),
            (Target(1 / 4),), bare=True, committee=True,
        ),
        Case(
            "mean_kl", "mean_kl", _all("mean_kl", "ALiPy", "scikit-activeml"),
            (Target(1 / 4),), bare=True, committee=True, same=True,
        ),
        Case("max_kl", "max_kl", _all("max_kl", "modAL"), (Target(1 / 4),), committee=True, same=True),
        Case("bald", "bald", _all("bald", "scikit-activeml"), (Target(1 / 4),), committee=True, same=True),
        Case(
            "kcenter", "kcenter", _all("kcenter", "ALiPy", "scikit-activeml", "small-text"),
            (Target(1 / 8),), bare=True,
        ),
        Case("kmeans", "kmeans", _all("kmeans", "small-text"), bare=True, note="bare: 20 passes of Lloyd's"),
        Case("kmeans++", "kmeans++", {}, bare=True, note="no library has it as a strategy"),
        Case("typiclust", "typiclust", _all("typiclust", "scikit-activeml")),
        Case("probcover", "probcover", _all("probcover", "scikit-activeml"), FASTER, grows=2),
        Case("maxherding", "maxherding", _all("maxherding", "scikit-activeml"), FASTER, grows=2),
        Case(
            "facility_location", "facility_location", _all("facility_location", "apricot"), FASTER, bare=True, grows=2,
        ),
        Case("dropquery", "dropquery", _all("dropquery", "scikit-activeml"), FASTER),
        Case("badge", "badge", _all("badge", "scikit-activeml"), (Target(1 / 50),), bare=True),
        Case(
            "ranked_batch", "ranked_batch", _all("ranked_batch", "modAL"), (Target(1 / 50, of="predicted"),), bare=True,
        ),
        Case(
            "information_density", "information_density", _all("information_density", "modAL", "ALiPy"),
            (Target(1 / 50, of="predicted"),), bare=True, grows=2,
            note="bare: cosine; modAL's density times entropy",
        ),
        Case("graph_density", "graph_density", _all("graph_density", "ALiPy"), FASTER),
        Case("falcun", "falcun", _all("falcun", "scikit-activeml"), FASTER),
        Case("dal", "dal", _all("dal", "scikit-activeml"), FASTER, note="one fit"),
        Case("dal_repeated", "dal_repeated", _all("dal_repeated", "small-text"), FASTER, note="ten fits"),
        Case("contrastive", "contrastive", _all("contrastive", "scikit-activeml", "small-text"), FASTER),
        Case("clue", "clue", _all("clue", "scikit-activeml"), FASTER),
        Case("eer_log", "eer_log", _all("eer_log", "modAL", "scikit-activeml"), note="a refit for each row and class"),
    )
}  # fmt: skip
