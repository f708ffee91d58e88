"""The libraries that alcli is measured beside, each in an environment of its own under benchmarks/out/peers.

Nothing of theirs is copied: pip brings them, in the releases named here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.measuring import OUT, environment

HERE = Path(__file__).resolve().parent
COMMON = ("numpy==2.4.6", "scipy==1.17.1", "scikit-learn==1.9.1")


class Missing(Exception):
    """A library cannot be had; the message says why."""


@dataclass(frozen=True)
class Peer:
    """A library.

    Attributes
    ----------
    runner : the file in runners/ that asks it.
    steps : what pip is given, call by call.
    env : environment variables of these calls.
    python : the only release of Python that it can be installed for; empty for any.
    """

    name: str
    runner: str
    steps: tuple[tuple[str, ...], ...]
    env: Mapping[str, str] = field(default_factory=dict)
    python: str = ""

    def command(self, *more: str) -> list[str]:
        """Its runner's command line.

        Raises
        ------
        Missing
            If its environment cannot be made.
        """
        return [str(self.interpreter()), str(HERE / "runners" / f"{self.runner}.py"), *more]

    def interpreter(self) -> Path:
        """The Python of its environment, which is made when it is not there."""
        folder = OUT / "peers" / self.runner.removeprefix("with_")
        python, stamp = folder / "bin" / "python", folder / "installed"
        recipe = repr((self.steps, sorted(self.env.items())))
        if stamp.exists() and stamp.read_text() == recipe:
            return python
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        base = self._base()
        _run([base, "-m", "venv", str(folder)])
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        for step in self.steps:
            _run([*pip, *step], self.env)
        stamp.write_text(recipe)
        return python

    def _base(self) -> str:
        if not self.python or self.python == f"{sys.version_info[0]}.{sys.version_info[1]}":
            return sys.executable
        found = shutil.which(f"python{self.python}")
        if found is None or subprocess.run([found, "-c", "import venv, ensurepip"], capture_output=True).returncode:
            raise Missing(f"needs Python {self.python}, which is not installed")
        return found


def _run(command: list[str], env: Mapping[str, str] | None = None) -> None:
    ran = subprocess.run(command, env=environment(env), capture_output=True, text=True)
    if ran.returncode:
        lines = [line for line in ran.stderr.splitlines() if line.strip()] or [f"{command[0]} failed"]
        told = next((line for line in lines if line.startswith("ERROR")), lines[-1])
        raise Missing(told.removeprefix("ERROR: ")[:200])


PEERS = {
    peer.name: peer
    for peer in (
        Peer("modAL", "with_modal", (("modAL-python==0.4.2.1", *COMMON),)),
        Peer("ALiPy", "with_alipy", (("alipy==1.2.5", *COMMON),)),
        Peer("scikit-activeml", "with_skactiveml", (("scikit-activeml==1.0.1", *COMMON),)),
        Peer("small-text", "with_small_text", (("small-text==1.4.1", *COMMON),)),
        # It does not name scikit-learn among its requirements, and does not import without it.
        Peer("apricot", "with_apricot", (("apricot-select==0.6.1", "numba==0.68.1", *COMMON),)),
        # Its requirements name a scikit-learn of 2018; this is the newest set that it runs with. Its two
        # extensions, which need a C compiler and LAPACK's headers, serve strategies that no case has.
        Peer(
            "libact",
            "with_libact",
            (
                ("setuptools==59.8.0", "wheel==0.45.1", "Cython==0.29.37", "numpy==1.23.5"),
                (
                    "scipy==1.10.1",
                    "scikit-learn==1.2.2",
                    "joblib==1.3.2",
                    "six==1.17.0",
                    "matplotlib==3.7.5",
                    "numpy==1.23.5",
                ),
                ("--no-build-isolation", "--no-deps", "libact==0.1.6"),
            ),
            {"LIBACT_BUILD_VARIANCE_REDUCTION": "0", "LIBACT_BUILD_HINTSVM": "0"},
            python="3.11",
        ),
    )
}


def main() -> int:
    """Make all environments: `python -m benchmarks.strategies.peers`."""
    if os.name != "posix":
        print("the benchmarks need Linux", file=sys.stderr)
        return 1
    for peer in PEERS.values():
        try:
            print(f"{peer.name}: {peer.interpreter().parent.parent.relative_to(OUT.parent.parent)}", flush=True)
        except Missing as why:
            print(f"{peer.name} is left out: {why}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
