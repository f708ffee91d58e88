"""Plays games in parallel, keeps what is finished, and says how far it is.

Finished campaigns are lines of a journal beside the output, written as they come and flushed to the disk: a
kill at any instant loses the campaigns that were under way, and nothing else. A line that was cut short is no line.
"""

from __future__ import annotations

import json
import os
import pickle
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alcli.errors import FileTrouble
from alcli.files import reporting_disk_trouble
from alcli.steps.simulation.data import Data
from alcli.steps.simulation.fields import Fields
from alcli.steps.simulation.games import Game, Told, from_plain, plain, play
from alcli.telling import advance, stage
from alcli.threads import one_thread

FORMAT = "alcli simulate 1"


class Journal:
    """The finished campaigns of a run.

    Parameters
    ----------
    path : of the journal; None keeps nothing.
    """

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._file: Any = None

    def read(self) -> dict[str, Told]:
        """Finished campaigns by their keys; what is cut short or foreign is passed over."""
        if self.path is None or not self.path.exists():
            return {}
        found = {}
        with reporting_disk_trouble(self.path):
            lines = self.path.read_bytes().split(b"\n")
        if lines[0].decode("utf-8", "replace") != json.dumps(FORMAT):
            raise FileTrouble(
                f"{self.path} is no journal of `alcli simulate`, or one of another release",
                hint="`--force` begins anew",
                code="exists",
            )
        for line in lines[1:]:
            try:
                told = from_plain(json.loads(line))
            except (ValueError, KeyError, TypeError):
                continue
            found[told.key] = told
        return found

    def begin(self, done: Mapping[str, Told]) -> None:
        """Begin the journal with what is done."""
        if self.path is None:
            return
        from alcli.files import replacing

        with replacing(self.path) as file:
            for value in (FORMAT, *map(plain, done.values())):
                file.write(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
        with reporting_disk_trouble(self.path):
            self._file = self.path.open("ab")

    def add(self, told: Told) -> None:
        """One campaign more."""
        if self._file is None or told.error:
            return
        with reporting_disk_trouble(str(self.path)):
            self._file.write(json.dumps(plain(told), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
            self._file.flush()
            os.fsync(self._file.fileno())

    def end(self) -> None:
        """Nothing more is written."""
        if self._file is not None:
            self._file.close()
            self._file = None


def play_all(
    games: Sequence[Game],
    datasets: Sequence[Data],
    tests: Sequence[Data | None],
    *,
    jobs: int,
    journal: Journal,
    done: Mapping[str, Told],
    folder: Path,
) -> dict[str, Told]:
    """Play what is not done yet; all results by the keys of their games.

    Parameters
    ----------
    jobs : processes. No result depends on it.
    folder : where the fields of this run are, gone when the caller removes it.
    """
    found = {game.key: done[game.key] for game in games if game.key in done}
    left = list({game.key: game for game in games if game.key not in found}.values())
    waiting = Counter(game.ground_key for game in left)
    fields = Fields(folder)
    ground = {game.key: game.ground_key for game in left}
    journal.begin(done)  # all of it: a line typed otherwise by mistake must not lose what is finished
    try:
        with stage("playing", len(left), "campaigns"):
            for told in _each(left, datasets, tests, fields, jobs, folder):
                journal.add(told)
                found[told.key] = told
                waiting[ground[told.key]] -= 1
                if not waiting[ground[told.key]]:
                    fields.forget(ground[told.key])
                advance(1)
    finally:
        journal.end()
    return found


def _each(
    games: Sequence[Game],
    datasets: Sequence[Data],
    tests: Sequence[Data | None],
    fields: Fields,
    jobs: int,
    folder: Path,
) -> Iterator[Told]:
    """Results as they come; games of one field stand together, so that a worker has it at hand."""
    jobs = max(1, min(jobs, len(games)))
    if jobs == 1:
        import sklearn.linear_model  # noqa: F401 - with it come the libraries that are to be held

        with one_thread():
            for game in games:
                yield play(game, fields, datasets, tests)
        return
    from joblib import Parallel, delayed

    with (folder / "data.pickle").open("wb") as file:
        pickle.dump((str(Path.cwd()), list(datasets), list(tests)), file, protocol=5)
    parallel = Parallel(
        n_jobs=jobs, backend="loky", return_as="generator_unordered", batch_size=1, inner_max_num_threads=1
    )
    yield from parallel(delayed(_in_worker)(game, folder) for game in games)


_here: dict[str, Any] = {}


def _in_worker(game: Game, folder: Path) -> Told:
    """One game in a process of its own, which keeps the data sets and its last field between games."""
    if _here.get("folder") != folder:
        with (folder / "data.pickle").open("rb") as file:
            place, datasets, tests = pickle.load(file)
        os.chdir(place)  # a process that another run has left behind may stand elsewhere
        _here.update(folder=folder, datasets=datasets, tests=tests, fields=Fields(folder))
        import sklearn.linear_model  # noqa: F401 - with it come the libraries that are to be held

    with one_thread():
        return play(game, _here["fields"], _here["datasets"], _here["tests"])


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder for what a run makes for itself, gone when it is over."""
    with tempfile.TemporaryDirectory(prefix="alcli-simulate-") as folder:
        yield Path(folder)
