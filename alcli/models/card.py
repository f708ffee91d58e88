"""The card beside a model: what the file is, and which file it vouches for."""

from __future__ import annotations

import hashlib
import json
from io import BufferedReader
from pathlib import Path
from typing import Any

from alcli.files import reporting_disk_trouble


def card_path(path: Path) -> Path:
    """Where the card of a model lies.

    >>> [card_path(Path(name)).name for name in ("model.joblib", "model.skops")]
    ['model.json', 'model.skops.json']
    """
    return path.with_suffix(".json") if path.suffix == ".joblib" else path.with_name(path.name + ".json")


def versions() -> dict[str, str]:
    """Versions that decide whether a model can be opened; imports none of the packages."""
    import platform
    from importlib.metadata import version

    from alcli import __version__

    return {
        "alcli": __version__,
        "numpy": version("numpy"),
        "python": platform.python_version(),
        "scikit-learn": version("scikit-learn"),
    }


def read_card(path: Path) -> dict[str, Any] | None:
    """The card beside a model, or None when there is none or it cannot be read as one."""
    try:
        card = json.loads(card_path(path).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return card if isinstance(card, dict) else None


def current_card(path: Path) -> dict[str, Any] | None:
    """The card that vouches for the model at `path` as it is now; None when none does. Opens no pickle."""
    try:
        with path.open("rb") as file:
            return vouching(path, sha256(file))
    except OSError:
        return None


def replaced(path: Path, new: str) -> dict[str, Any] | None:
    """The card of the model now at `path`, without the one before it; None when none vouches."""
    try:
        with path.open("rb") as file:
            now = sha256(file)
    except OSError:
        return None
    card = vouching(path, now)
    if card is None:
        return None
    if now == new:
        # The same model again, as after a kill just behind the rename: end as if never killed.
        before = card.get("replaces")
        return before if isinstance(before, dict) else None
    return {key: value for key, value in card.items() if key != "replaces"}


def vouching(path: Path, digest: str) -> dict[str, Any] | None:
    """The card that knows this digest: the one beside the model, or the one it replaces."""
    card = read_card(path)
    before = card.get("replaces") if card else None
    for candidate in (card, before):
        if isinstance(candidate, dict) and candidate.get("sha256") == digest:
            return candidate
    return None


def sha256(file: BufferedReader) -> str:
    with reporting_disk_trouble(file.name):
        return hashlib.file_digest(file, "sha256").hexdigest()
