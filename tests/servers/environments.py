"""Environments for tools that alcli must not depend on, made once under the checkout and used again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Tool:
    """What to install, and for which versions of Python it has wheels."""

    name: str
    requirements: tuple[str, ...]
    pythons: tuple[tuple[int, int], ...]

    def bin(self) -> Path:
        """The folder of the tool's programs; the test is skipped where it cannot be installed."""
        folder = ROOT / f".venv-{self.name}"
        stamp, wanted = folder / "installed", "\n".join(self.requirements)
        with FileLock(f"{folder}.lock"):
            if not (stamp.is_file() and stamp.read_text() == wanted):
                self._install(folder)
                stamp.write_text(wanted)  # last: an installation that was stopped is done again
        return folder / "bin"

    def _install(self, folder: Path) -> None:
        python = next(filter(None, (_python(version) for version in self.pythons)), None)
        if python is None:
            known = ", ".join(f"{major}.{minor}" for major, minor in self.pythons)
            pytest.skip(f"{self.name} needs one of Python {known}, with its venv module")
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", folder], check=True, capture_output=True)
        pip = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        done = subprocess.run([*pip, *self.requirements], capture_output=True, text=True)
        if done.returncode:
            said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or ["pip failed"]
            pytest.skip(f"{self.name} cannot be installed: {said[-1]}")


def _python(version: tuple[int, int]) -> str | None:
    """A Python of that version that can make environments: the one that runs, or one on the path."""
    name = f"python{version[0]}.{version[1]}"
    found = sys.executable if sys.version_info[:2] == version else shutil.which(name)
    if found is None:
        return None
    # a name on the path is no proof: it may be a shim for a version that is not there
    probe = subprocess.run(
        [found, "-c", "import ensurepip, venv, sys; print(sys.version_info[:2])"], capture_output=True, text=True
    )
    return found if probe.stdout.strip() == str(version) else None
