"""Rules of crowd-kit, which comes with the extra `crowd`."""

from __future__ import annotations

import warnings
from contextlib import suppress
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.errors import FileTrouble, MissingExtra
from alcli.files import digest_bytes, replacing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from alcli.evaluation.votes import Votes

# crowd-kit draws every restart of MACE from the same seed, so that all are one and the same: one is enough.
_MACE = {"n_restarts": 1, "n_iter": 50, "random_state": 0}
RULES: dict[str, tuple[str, dict[str, Any]]] = {"mace": ("MACE", _MACE), "glad": ("GLAD", {"silent": True})}


def crowd_kit(rule: str, votes: Votes, cache: Path | None = None) -> NDArray[np.float64]:
    """Probabilities of the classes by ``mace`` or ``glad``, with crowd-kit's own defaults: (rows, classes).

    Parameters
    ----------
    cache : folder in which they are kept: GLAD takes seconds for some thousand answers, and every command asks.

    Raises
    ------
    MissingExtra
        Without crowd-kit.

    References
    ----------
    Hovy, Berg-Kirkpatrick, Vaswani, Hovy (2013). Learning whom to trust with MACE.
    Whitehill, Ruvolo, Wu, Bergsma, Movellan (2009). Whose vote should count more (GLAD).
    """
    import numpy as np

    if len(votes.classes) < 2:
        return np.ones((len(votes.rows), len(votes.classes)))  # GLAD divides by the number of the other classes
    try:
        package = version("crowd-kit")
    except PackageNotFoundError as error:
        raise MissingExtra(f"`--aggregate {rule}`", "crowd") from error
    place = None
    if cache is not None:
        codes = b"".join(np.asarray(each, "<i8").tobytes() for each in (votes.row, votes.labeler, votes.label))
        key = digest_bytes(repr((2, package, RULES[rule], len(votes.classes))).encode() + codes)
        place = cache / "crowd" / f"{rule}-{key}"
        kept = _kept(place, (len(votes.rows), len(votes.classes)))
        if kept is not None:
            return kept
    found = _asked(rule, votes)
    if place is not None:
        _keep(place, rule, found)
    return found


def _asked(rule: str, votes: Votes) -> NDArray[np.float64]:
    """What crowd-kit says.

    Names are given as numbers in the order in which they are met: its MACE counts by labelers and classes in the order of
    their names, but looks the counts up in the order in which they are met, and gives labelers each other's counts
    where the two differ. GLAD makes columns of the classes, which must not be called as its own.
    """
    import numpy as np
    import pandas as pd

    try:
        package = import_module("crowdkit.aggregation.classification")
    except ImportError as error:
        raise MissingExtra(f"`--aggregate {rule}`", "crowd") from error
    classes, label = _by_appearance(votes.label)
    table = pd.DataFrame({"task": votes.row, "worker": _by_appearance(votes.labeler)[1], "label": label})
    name, options = RULES[rule]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of pandas, about how crowd-kit is written
        proba = getattr(package, name)(**options).fit_predict_proba(table)
    given = proba.reindex(index=range(len(votes.rows)), columns=range(len(classes)))
    found = np.empty((len(votes.rows), len(votes.classes)))
    found[:, classes] = given.to_numpy(np.float64)
    return found


def _by_appearance(codes: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The codes in the order in which they are first met, and each of `codes` as its place in that order."""
    import numpy as np

    known, at, place = np.unique(codes, return_index=True, return_inverse=True)
    order = np.argsort(at)
    return known[order], np.argsort(order)[place]


def _kept(place: Path, shape: tuple[int, int]) -> NDArray[np.float64] | None:
    """What was kept; None when there is nothing, or not what was written."""
    import numpy as np

    with suppress(OSError):
        digest, _, data = place.read_bytes().partition(b"\n")
        if digest == digest_bytes(data).encode() and len(data) == 8 * shape[0] * shape[1]:
            return np.frombuffer(data, "<f8").reshape(shape).astype(np.float64)
    return None


def _keep(place: Path, rule: str, found: NDArray[np.float64]) -> None:
    """Keep it, in place of what the rule found before; a cache that cannot be written is done without."""
    data = found.astype("<f8").tobytes()
    with suppress(FileTrouble, OSError):
        with replacing(place) as file:
            file.write(digest_bytes(data).encode() + b"\n" + data)
        for other in place.parent.glob(f"{rule}-*"):
            if other != place:
                other.unlink()
