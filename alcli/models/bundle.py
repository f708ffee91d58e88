"""The saved model and its card.

`model.joblib` is a pickle, and opening a pickle runs what is in it. So `model.json` beside it, the
card, keeps the SHA-256 of the file, and a file that doesn't match its card isn't opened.

Two files cannot be renamed at one instant. The new card is written first and says which card it
`replaces`; then the model takes its place. A process killed in between leaves the new card beside
the old model, and the old card inside the new one still vouches for it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from io import BufferedReader
from pathlib import Path
from typing import IO, Any

from alcli.errors import FileTrouble, MissingExtra, ModelError
from alcli.files import replacing, reporting_disk_trouble, take_back, write_bytes
from alcli.models import card as cards
from alcli.models.classifier import Model

FORMAT = 1


@dataclass
class Bundle:
    """What one model file holds.

    `maker` is the FeatureMaker the model was fitted with; `meta` plain values of the caller's.
    """

    model: Model
    maker: Any
    meta: dict[str, Any] = field(default_factory=dict)


def save_bundle(path: Path, bundle: Bundle, card: Mapping[str, Any]) -> dict[str, Any]:
    """Write a model and its card; at any instant the pair on the disk is a whole one.

    Parameters
    ----------
    path : `.skops` goes through skops, anything else through joblib.
    card : plain values for the card; `format`, `sha256`, `bytes`, `versions` and `replaces` are added.

    Returns
    -------
    card : as it was written.

    Raises
    ------
    FileTrouble
        The disk; the old pair is still there.
    ModelError
        `untrusted-type` for a .skops model that could not be loaded again, `not-savable` for an
        estimator that cannot be stored.
    MissingExtra
        A .skops model without skops.
    """
    beside = cards.card_path(path)
    with ExitStack() as undo:
        with replacing(path, commits=True) as file:
            digest = _Digesting(file)
            _dump(path, bundle, digest)
            whole = dict(card) | {
                "format": FORMAT,
                "sha256": digest.hexdigest(),
                "bytes": digest.size,
                "versions": cards.versions(),
            }
            replaced = cards.replaced(path, whole["sha256"])
            if replaced is not None:
                whole["replaces"] = replaced
            # A disk that is full or fails says so now, not between the two renames.
            file.flush()
            os.fsync(file.fileno())
            undo.callback(_put_back, beside, beside.read_bytes() if beside.is_file() else None)
            # Inside the block: the card is whole on the disk before the model is renamed.
            with replacing(beside, "w") as text:
                json.dump(whole, text, sort_keys=True, indent=1, ensure_ascii=False)
                text.write("\n")
        undo.pop_all()
    return whole


def _put_back(beside: Path, old: bytes | None) -> None:
    """The old card, after a failure. Where that fails too, the new one still vouches for the old model."""
    if old is None:
        take_back(beside)
    elif beside.read_bytes() != old:
        with suppress(FileTrouble):
            write_bytes(beside, old)


def load_bundle(path: Path, *, trust: bool = False) -> tuple[Bundle, dict[str, Any]]:
    """Open a model after checking it against its card.

    Parameters
    ----------
    trust : open it without a card or against its card (`--trust-model`). A .skops file needs no
        trust when it has no card: only types of a fixed list are loaded from it.

    Returns
    -------
    bundle, card
        The card that vouches for this file; empty when it was opened on trust alone.

    Raises
    ------
    ModelError
        `no-model`, `model-empty`, `model-no-card`, `model-mismatch`, `model-version`,
        `model-damaged`, `model-foreign`, `untrusted-type`. Nothing was unpickled for the first five.
    """
    # Model first, card second: a card is always at least as new as the model it stands beside. Two
    # trainings may still pass between the two reads, so look again before saying no.
    for attempt in range(3):
        with _opened(path) as file:
            card = cards.vouching(path, cards.sha256(file))
            if card is None and attempt < 2 and cards.card_path(path).exists() and not trust:
                continue
            _check(path, card, trust)
            file.seek(0)
            return _load(path, file), card or {}
    raise AssertionError  # the last attempt returns or raises


def _opened(path: Path) -> BufferedReader:
    if path.is_dir():
        raise ModelError(f"{path} is a folder, not a model", code="no-model")
    if not path.exists():
        raise ModelError(f"there is no model at {path} yet", hint="make one with `alcli train`", code="no-model")
    with reporting_disk_trouble(path):
        file = path.open("rb")
        if path.stat().st_size == 0:
            file.close()
            raise ModelError("the model file is empty", at=str(path), hint=_AGAIN, code="model-empty")
        return file


_AGAIN = "make it anew with `alcli train`"


def _check(path: Path, card: dict[str, Any] | None, trust: bool) -> None:
    if trust:
        return
    beside = cards.card_path(path)
    if card is None:
        if not beside.exists():
            if path.suffix == ".skops":
                return
            raise ModelError(
                f"the model has no card {beside.name} beside it, so nothing says where it comes from",
                at=str(path),
                hint=f"opening a model runs code that is in it; {_AGAIN}, or `--trust-model` if it is yours",
                code="model-no-card",
            )
        raise ModelError(
            f"the model is not the one that its card {beside.name} describes: "
            "it is damaged, or was put there by something else",
            at=str(path),
            hint=f"{_AGAIN}, or `--trust-model` if you know where it comes from",
            code="model-mismatch",
        )
    stored = card.get("versions")
    made_with = str(stored.get("scikit-learn", "")) if isinstance(stored, dict) else ""
    here = cards.versions()["scikit-learn"]
    if made_with.split(".")[:2] != here.split(".")[:2]:
        raise ModelError(
            f"the model was made with scikit-learn {made_with or '(unknown)'}, and this is {here}",
            at=str(path),
            hint=f"{_AGAIN}; `--trust-model` tries it all the same",
            code="model-version",
        )
    if card.get("format") != FORMAT:
        raise ModelError(
            f"the model has format {card.get('format')!r}, and this alcli reads {FORMAT}",
            at=str(path),
            hint=_AGAIN,
            code="model-version",
        )


def _dump(path: Path, bundle: Bundle, file: Any) -> None:
    try:
        if path.suffix == ".skops":
            data = _skops(path).dumps(bundle)
            _refuse_untrusted(path, data)
            file.write(data)
            return
        import joblib

        joblib.dump(bundle, file)
    except (ModelError, MissingExtra, OSError):
        raise
    except Exception as error:
        raise ModelError(
            f"the model cannot be saved: {_first_line(error)}",
            hint="a `module:factory` estimator has to be made of classes at the top of a module",
            code="not-savable",
        ) from error


def _load(path: Path, file: IO[bytes]) -> Bundle:
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if path.suffix == ".skops":
                data = file.read()
                skops = _skops(path)
                _refuse_untrusted(path, data)
                from alcli.models.trusted import TRUSTED

                found = skops.loads(data, trusted=list(TRUSTED))
            else:
                import joblib

                found = joblib.load(file)
    except (ModelError, MissingExtra, FileTrouble):
        raise
    except ModuleNotFoundError as error:
        raise ModelError(
            f"the model needs the Python module {error.name!r}, which is not found here",
            at=str(path),
            hint="run alcli in the folder that holds it, or put it on PYTHONPATH",
            code="model-module",
        ) from error
    except Exception as error:
        raise ModelError(
            f"the model file cannot be read: {_first_line(error)}",
            at=str(path),
            hint=_AGAIN,
            code="model-damaged",
        ) from error
    if not isinstance(found, Bundle) or not isinstance(getattr(found, "model", None), Model):
        raise ModelError(
            f"this is not a model written by alcli, but a {type(found).__name__}",
            at=str(path),
            hint=_AGAIN,
            code="model-foreign",
        )
    return found


def _skops(path: Path) -> Any:
    try:
        import skops.io
    except ImportError as error:
        raise MissingExtra(f"a {path.suffix} model", "skops") from error
    return skops.io


def _refuse_untrusted(path: Path, data: bytes) -> None:
    from alcli.models.trusted import TRUSTED

    strangers = sorted(set(_skops(path).get_untrusted_types(data=data)) - set(TRUSTED))
    if strangers:
        raise ModelError(
            f"a .skops model may not hold {strangers[0]}",
            at=str(path),
            hint="only types of alcli and scikit-learn travel this way; save it as .joblib",
            code="untrusted-type",
        )


class _Digesting:
    """A file being written, and the SHA-256 of what went in."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: Any) -> int:
        view = memoryview(data).cast("B")
        self._digest.update(view)
        self.size += len(view)
        return self._file.write(view)

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        self._file.flush()

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}"[:200] if lines else type(error).__name__
