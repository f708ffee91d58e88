"""What `query` brings in from files besides the pool: predictions, vectors, examples, costs.

Headers are looked at before the pool is read, so that a wrong file is told at once; rows are read
once, into the cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from alcli.errors import ModelError, UsageError
from alcli.telling import stage, warn

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from alcli.features.maker import FeatureMaker
    from alcli.predictions.brought import Lookup, Predictions, VectorLayout, Vectors
    from alcli.predictions.layout import Layout
    from alcli.predictions.source import Source
    from alcli.selection.material import Material
    from alcli.steps.project import Project
    from alcli.tables.history import Labels
    from alcli.tables.pool import Pool, Rows, Unit

#: Setting -> the signal for which it is.
EXAMPLES = {"like": "liked", "unlike": "unliked", "target": "target"}
COSTS = {"cost_matrix": "costs"}
FILES = ("predictions", "embeddings", *EXAMPLES, *COSTS)
NAMED = 5  # ids in a message

_spooled: WeakKeyDictionary[Project, Path] = WeakKeyDictionary()


@dataclass(frozen=True)
class Guesses:
    """What a predictions file says of rows, for sheets."""

    predictions: Predictions

    def of(self, pool: Pool, ids: Sequence[str]) -> list[tuple[str, float | None]]:
        """The likeliest class of each row and its probability."""
        from alcli.tables.pool import Request

        rows = pool.take(ids, Request())
        if "proba" in self.predictions.has:
            proba = self.predictions.signals(rows, ["proba"])["proba"]
        else:
            proba = self.predictions.signals(rows, ["committee"])["committee"].mean(axis=0)
        best = proba.argmax(axis=1).tolist()
        return [(self.predictions.classes[at], float(proba[row, at])) for row, at in enumerate(best)]


class Bringing:
    """The files of one query, recognised when this is made.

    Parameters
    ----------
    needs : signals that the strategies need.
    spaces : where they take distances; None when that is not known.
    named : whether the user named these strategies, and not alcli by what was there.

    Raises
    ------
    UsageError
        For a flag that does nothing with these strategies, one that they lack, and stdin named twice.
    TableError, FileTrouble
        For a file that is not there, or whose columns cannot be what is asked for.
    """

    def __init__(
        self,
        project: Project,
        labels: Labels,
        needs: Collection[str],
        spaces: Collection[str] | None = None,
        named: bool = True,
    ) -> None:
        self.project, self.settings = project, project.settings
        self.given = [name for name in FILES if getattr(self.settings, name) is not None]
        self._predictions: tuple[Source, Layout] | None = None
        self._embeddings: tuple[Source, VectorLayout] | None = None
        self._files: list[Lookup] = []
        # the flags that the strategies take; one of them has to be there, and another one does not help
        taken = [name for name in ("like", "unlike") if EXAMPLES[name] in needs]
        if taken and not set(taken) & set(self.given):
            from alcli.settings import flag_of

            flags = " or ".join(f"`{flag_of(name)} FILE`" for name in taken) + (" or both" if taken[1:] else "")
            with project.blaming("strategy", "mix", "combine"):
                raise UsageError(
                    f"the strategy looks for rows {'like' if 'like' in taken else 'unlike'} others, and none are given",
                    hint=f"give {flags}: ids one a line, or a table of rows",
                    code="bad-value",
                )
        if not self.given:
            return
        project.check_stdin(*(getattr(self.settings, name) for name in self.given))
        self._check_use(needs, spaces, named)
        if "predictions" in self.given:
            self._predictions = self._open_predictions(labels)
        if "embeddings" in self.given:
            self._embeddings = self._open_embeddings()
        for name in (*EXAMPLES, *COSTS):
            if name in self.given:
                from alcli.tables.formats import file_format

                file_format(self._path(name), self._shown(name))

    def _check_use(self, needs: Collection[str], spaces: Collection[str] | None, named: bool) -> None:
        """Refuse a flag that no strategy of this query looks at; say so where alcli chose the strategy itself."""
        from alcli.settings import flag_of

        for name in self.given:
            # a line of alcli.toml may be meant for another day's strategy; a flag is meant for this one
            if self.settings.sources[name].kind != "flag" or self._looked_at(name, needs, spaces):
                continue
            if not named:
                warn(f"`{flag_of(name)}` does nothing this time: the strategy that was chosen does not look at it")
                continue
            raise UsageError(
                f"`{flag_of(name)}` does nothing: no strategy of this query looks at it",
                hint=f"leave `{flag_of(name)} FILE` out, or take a strategy that looks at it: {_lookers(name)}, as"
                " `alcli strategies NAME` tells",
                code="bad-value",
            )

    def _looked_at(self, name: str, needs: Collection[str], spaces: Collection[str] | None) -> bool:
        from alcli.strategies.table import SIGNALS

        if name == "predictions":
            modelled = any(SIGNALS[each].model for each in needs if each in SIGNALS)
            return (
                modelled
                or self.settings.with_guess
                or spaces is None
                or bool({"probability", "gradient"} & set(spaces))
            )
        if name == "embeddings":
            return spaces is None or bool({"embedding", "gradient"} & set(spaces))
        return (EXAMPLES | COSTS)[name] in needs

    def _path(self, name: str) -> Path:
        if getattr(self.settings, name) != "-":
            return self.settings.path(name)
        if self.project not in _spooled:
            from alcli.tables.paths import spooled_stdin

            _spooled[self.project] = spooled_stdin()
        return _spooled[self.project]

    def _shown(self, name: str) -> str:
        shown = str(getattr(self.settings, name))
        return "stdin" if shown == "-" else shown

    def _open_predictions(self, labels: Labels) -> tuple[Source, Layout]:
        from alcli.predictions.brought import open_predictions

        pool = self.project.pool
        source, layout = open_predictions(
            self._path("predictions"),
            self._shown("predictions"),
            id_column=pool.id_column,
            classes=self.project.classes(labels),
            closed=bool(self.settings.classes),
            ignored={column.name for column in pool.columns},
        )
        if self.settings.with_guess and layout.proba is None and layout.committee is None:
            raise ModelError(
                "`--with-guess` shows the likeliest class, and the predictions file has no class probabilities",
                at=self._shown("predictions"),
                hint="leave `--with-guess` out, or bring a column for each class",
                code="no-signal",
            )
        return source, layout

    def _open_embeddings(self) -> tuple[Source, VectorLayout]:
        from alcli.predictions.brought import open_embeddings

        pool = self.project.pool
        return open_embeddings(
            self._path("embeddings"),
            self._shown("embeddings"),
            id_column=pool.id_column,
            ignored={column.name for column in pool.columns},
        )

    def predictions(self) -> Predictions | None:
        """All predictions, checked."""
        if self._predictions is None:
            return None
        from alcli.predictions.brought import read_predictions

        found = read_predictions(*self._predictions, self.settings.cache)
        self._files.append(found.file)
        return found

    def vectors(self) -> Vectors | None:
        """All vectors, checked."""
        if self._embeddings is None:
            return None
        from alcli.predictions.brought import read_embeddings

        found = read_embeddings(*self._embeddings, self.settings.cache)
        self._files.append(found.file)
        return found

    def examples(self, name: str, needs: Collection[str], maker: FeatureMaker | None) -> Rows | None:
        """The rows of `--like`, `--unlike` or `--target`; None when nobody asks for them."""
        if name not in self.given or EXAMPLES[name] not in needs:
            return None
        from alcli.predictions.examples import MOST, read_examples
        from alcli.tables.pool import Request

        rows, count = read_examples(
            self._path(name),
            self._shown(name),
            self.project.pool,
            maker.request if maker is not None else Request(),
            seed=self.settings.seed,
            anywhere=bool({"predictions", "embeddings"} & set(self.given)),
        )
        if count > MOST:
            warn(f"{self._shown(name)} has {count:,} rows; {MOST:,}, drawn by a hash of the id, stand for them")
        return rows

    def costs(self, needs: Collection[str], classes: Sequence[str]) -> NDArray[np.float64] | None:
        """The cost matrix in the order of the classes; None when nobody asks for it."""
        if "cost_matrix" not in self.given or "costs" not in needs:
            return None
        from alcli.predictions.costs import read_costs

        return read_costs(self._path("cost_matrix"), self._shown("cost_matrix"), classes)

    def check(self, material: Material) -> None:
        """Hold the ids of predictions and vectors against those of the pool.

        Every row that may be chosen must be in each file, and each row of a file in the pool (or
        among the examples). Rows that are labelled, out, or excluded by `--where` may lack.

        Raises
        ------
        TableError
            ``missing-prediction`` or ``unknown-id``, with some ids and how many there are.
        """
        if self._files:
            with stage("holding ids against the pool"):
                _check(material, self._files)


def _lookers(name: str) -> str:
    """Which strategies look at a file."""
    if name == "predictions":
        return "those that need class probabilities, a committee or another thing that a model says"
    if name == "embeddings":
        return "those whose space is 'embedding' or 'gradient'"
    return f"those with {(EXAMPLES | COSTS)[name]!r} among what they need"


def _check(material: Material, files: Sequence[Lookup]) -> None:
    import numpy as np

    from alcli.predictions.brought import missing, unknown
    from alcli.tables.arrays import booleans
    from alcli.tables.scan import scan

    seen = [np.zeros(file.rows, np.bool_) for file in files]
    for rows in (material.liked, material.unliked, material.target):
        for file, found in zip(files, seen, strict=True):
            if rows is not None:
                places = file.find(rows.ids)
                found[places[places >= 0]] = True

    def look(pool: Pool, unit: Unit) -> list[tuple[int, list[str]]]:
        lacking: list[tuple[int, list[str]]] = [(0, []) for _ in files]
        for rows, _ in material.batches(unit, False):
            allowed = material.eligible.mask(rows)
            for at, (file, found) in enumerate(zip(files, seen, strict=True)):
                places = file.find(rows.ids)
                absent = places < 0
                found[places[~absent]] = True
                absent = absent if allowed is None else absent & allowed
                if absent.any():
                    count, names = lacking[at]
                    if len(names) < NAMED:
                        names += rows.ids.filter(booleans(absent)).to_pylist()[: NAMED - len(names)]
                    lacking[at] = count + int(absent.sum()), names
        return lacking

    parts = scan(material.pool, look, jobs=material.jobs)
    for at, (file, found) in enumerate(zip(files, seen, strict=True)):
        count = sum(part[at][0] for part in parts)
        names = [name for part in parts for name in part[at][1]][:NAMED]
        strange = np.flatnonzero(~found)
        told = file.names(strange[:NAMED].tolist())
        if count:
            raise missing(file, names, count, strange=told)
        if len(strange):
            raise unknown(file, told, len(strange), material.pool.id_column)
