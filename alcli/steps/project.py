"""What every step needs first: settings, ledgers, pool, classes, and the lock for those that write."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.clock import now
from alcli.errors import Place, SettingsError, UsageError, did_you_mean
from alcli.files import locked, sweep
from alcli.settings import TABLE, Settings, flag_of, resolve
from alcli.steps.resolving import resolved
from alcli.steps.standing import Standing, all_classes, in_order, training_pairs
from alcli.tables.gold import gold_answers
from alcli.tables.history import Campaign, Labels, after_recheck, age, aggregate, voting
from alcli.tables.ledgers import Answer, Asked, Ledger, Measurement
from alcli.telling import warn

if TYPE_CHECKING:
    from alcli.tables.pool import Pool

# The ledgers that a command appends to.
_WRITES = {
    "init": ("labels",),
    "query": ("asked",),
    "recheck": ("asked",),
    "import-labels": ("labels",),
    "evaluate": ("metrics",),
}


class Project:
    """A command's view of a project.

    Parameters
    ----------
    command : the name of the command, for the lock and for the settings it takes.
    flags : keywords of the step: settings by name or as their flag is called, besides `project` and
        `config`. None is not given.
    tolerate : takes what is wrong with alcli.toml and the environment, instead of the first of it raised.
    """

    def __init__(self, command: str, flags: Mapping[str, Any], *, tolerate: list[SettingsError] | None = None) -> None:
        allowed = [name for name, row in TABLE.items() if command in row.commands]
        shared = {TABLE[name].flag: name for name in allowed if TABLE[name].flag}
        flags = {shared.get(name, name): value for name, value in flags.items()}
        folder, config = flags.pop("project", None), flags.pop("config", None)
        for name in flags:
            if name not in allowed:
                raise UsageError(
                    f"`{command}` has no setting {name!r}",
                    hint=did_you_mean(name, allowed),
                    code="unknown-setting",
                )
        self.command = command
        self._resolved: tuple[tuple[str, ...], Labels] | None = None
        self.settings: Settings = resolve(flags, project=folder, config=config, tolerate=tolerate)
        # what `query` wrote is UTF-8 beside any pool
        self._pool_encoding, self.sheet_encoding = self.settings.encoding, None
        if command == "import-labels":
            # the flag is the sheets', the setting the pool's
            self.sheet_encoding = flags.pop("encoding", None)
            self._pool_encoding = resolve(flags, project=folder, config=config, tolerate=[]).encoding
        self.check_stdin()

    def check_stdin(self, *more: str) -> None:
        """At most one thing is read from stdin, and nothing that is written, or needs a second file, is called ``-``."""
        settings = self.settings
        mine = [name for name in ("labels", "asked", "metrics", "model") if self.command in TABLE[name].commands]
        for name in mine:
            if getattr(settings, name) == "-" and (name == "model" or name in _WRITES.get(self.command, ())):
                raise UsageError(
                    f"`{flag_of(name)} -` cannot be: `{self.command}` needs a file there",
                    hint=f"name a file: `{flag_of(name)} FILE`",
                    code="stdin",
                )
        named = [*settings.pool, *more, *(getattr(settings, name) for name in mine), settings.test]
        if named.count("-") > 1:
            raise UsageError("stdin can be read once", hint="name `-` once", code="stdin")

    @contextmanager
    def blaming(self, *names: str) -> Iterator[None]:
        """A bad value that the block finds is the command line's fault only if it stands there.

        When one of the settings `names` comes from alcli.toml or a variable and none from a flag,
        that place is blamed, and the code is 1: the command line was right.
        """
        try:
            yield
        except UsageError as error:
            sources = [self.settings.sources[name] for name in names]
            elsewhere = [source for source in sources if source.kind in ("file", "variable")]
            if not elsewhere or any(source.kind == "flag" for source in sources):
                raise
            at = error.at or Place(elsewhere[0].where)
            raise SettingsError(error.message, at=at, hint=error.hint, code=error.code) from error

    def _ledger_path(self, name: str) -> Path:
        if getattr(self.settings, name) == "-":
            from alcli.tables.paths import spooled_stdin

            return spooled_stdin()
        return self.settings.path(name)

    @cached_property
    def labels(self) -> Ledger[Answer]:
        return Ledger(self._ledger_path("labels"), Answer)

    @cached_property
    def asked(self) -> Ledger[Asked]:
        return Ledger(self._ledger_path("asked"), Asked)

    @cached_property
    def metrics(self) -> Ledger[Measurement]:
        return Ledger(self._ledger_path("metrics"), Measurement)

    def forget(self) -> None:
        """Read the ledgers anew when they are needed next; stdin is read once."""
        for name in ("labels", "asked", "metrics"):
            if getattr(self.settings, name) != "-":
                self.__dict__.pop(name, None)

    @cached_property
    def pool(self) -> Pool:
        """The pool, opened but not read.

        Raises
        ------
        UsageError
            If no pool is named anywhere.
        """
        from alcli.tables.pool import Pool

        settings = self.settings
        if not settings.pool:
            where = "alcli.toml names none" if settings.config else "there is no alcli.toml here"
            raise UsageError(
                f"no pool is named: {where}",
                hint="`alcli init POOL…` starts a project, or `--pool FILE`",
                code="no-pool",
            )
        return Pool.open(
            settings.pool,
            id_column=settings.id,
            encoding=self._pool_encoding,
            separator=settings.separator,
            cache=settings.cache,
            base=settings.base("pool"),
        )

    @property
    def jobs(self) -> int:
        if self.settings.jobs is not None:
            return self.settings.jobs
        from alcli.tables.scan import default_jobs

        return default_jobs()

    def classes(self, labels: Labels | None = None) -> tuple[str, ...]:
        """The classes of the settings, then those that labels.csv brought, sorted."""
        return all_classes(self.settings.classes, labels)

    def standing(self) -> Standing:
        """Where the campaign stands now, with all that its ledgers mean."""
        return Standing(
            self.asked.rows(), self.labels.rows(), self.settings.classes, self.resolved_labels(), self.campaign()
        )

    def resolved_labels(self, answers: Sequence[Answer] | None = None) -> Labels:
        """One label a row, after aggregation, from the answers of labels.csv or from these."""
        if answers is not None:
            return self._resolve(answers)
        settings = self.settings
        key = (settings.aggregate, self.labels.fingerprint(), self.asked.fingerprint())
        if self._resolved is None or self._resolved[0] != key:
            self._resolved = key, self._resolve(self.labels.rows())
        return self._resolved[1]

    def _resolve(self, ledger: Sequence[Answer]) -> Labels:
        settings, answers = self.settings, self.voting(ledger)
        truth = {id_: truth for _, id_, _, truth in self.gold(ledger)} if settings.aggregate == "weighted" else {}
        if not truth:
            return resolved(answers, settings.aggregate, None, settings.cache)
        # answers to gold questions judge their labelers here, but the known answer stands
        counting = {id(answer) for answer in answers}
        judging = [
            answer
            for answer in ledger
            if id(answer) in counting or (answer.id in truth and answer.annotator not in settings.exclude_annotator)
        ]
        found = resolved(judging, settings.aggregate, truth, settings.cache)
        known = {row.id: row for row in aggregate([answer for answer in answers if answer.id in truth]).rows}
        rows = [known.get(row.id) if row.id in truth else row for row in found.rows]
        return replace(found, rows=tuple(row for row in rows if row is not None))

    def voting(self, answers: Sequence[Answer] | None = None, *, overridden: bool = False) -> Sequence[Answer]:
        """The answers of labels.csv, or these, that may count.

        None to gold questions counts, none of who is excluded, and, unless `overridden`, none that the answer to a
        recheck took the place of.
        """
        from alcli.steps.excluding import excluded_strangers

        for text in excluded_strangers(self):
            warn(text)
        settings, asked = self.settings, self.asked.rows()
        found = voting(self.labels.rows() if answers is None else answers, asked, settings.exclude_annotator)
        if overridden or settings.on_recheck != "override" or not self.asked.holds("recheck"):
            return found
        return after_recheck(found, asked)

    def gold(self, answers: Sequence[Answer] | None = None) -> list[tuple[str, str, str, str]]:
        """(annotator, id, answer, truth) of the answers, of labels.csv or these, to rows whose truth is known."""
        from alcli.steps.gold import known_answers

        truth = known_answers(self) if self.settings.gold_from is not None else None
        return gold_answers(self.asked.rows(), self.labels.rows() if answers is None else answers, truth)

    @cached_property
    def gold_file(self) -> dict[str, str]:
        """What the file that `gold_from` names says, id -> label; looked up in the pool once."""
        from alcli.steps.gold import read_known

        return read_known(self)

    def campaign(self, answers: Sequence[Answer] | None = None) -> Campaign:
        """Where the campaign stands now, by the answers of labels.csv or by these."""
        with self.blaming("expire"):
            expire = age(self.settings.expire)
        answers = self.labels.rows() if answers is None else answers
        return Campaign(self.asked.rows(), answers, now(), expire, self.settings.exclude_annotator)

    def training(self, labels: Labels) -> list[tuple[str, str]]:
        """(id, label) of the rows that may train: those asked for evaluation never do."""
        return training_pairs(self.asked.rows(), labels)

    def trainable(self, labels: Labels) -> list[tuple[str, str]]:
        """`training` of rows that the pool still has, in the order of their ids: what `train` learns from."""
        pairs = self.training(labels)
        self.pool.facts()
        return in_order(pairs, self.pool.known(id_ for id_, _ in pairs))

    def left(self, campaign: Campaign, asked: Collection[str] = ()) -> int:
        """Rows of the pool that may still be asked, when those `asked` now are out too; 0 without a pool.

        Ledgers may hold ids that the pool no longer has; these take nothing away.
        """
        if not self.settings.pool:
            return 0
        rows = self.pool.facts().rows
        return rows - len(self.pool.known(campaign.unavailable().union(asked)))

    def roles(self) -> dict[str, str]:
        """Column -> role: from the settings, and inferred where the settings say nothing at all."""
        from alcli.steps.roles import roles_of

        return roles_of(self.pool, self.settings)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the project's lock; temporaries that killed runs left are removed first."""
        settings = self.settings
        folders = {settings.project.resolve()}
        if settings.config is not None or self.command == "init":
            path = settings.project / ".alcli" / "lock"
        else:
            # without a project nothing but the named files is written, so the lock stands elsewhere
            ledger = os.path.realpath(settings.path("labels"))
            name = hashlib.blake2b(os.fsencode(ledger), digest_size=8).hexdigest()
            user = os.getuid() if hasattr(os, "getuid") else "user"
            path = Path(tempfile.gettempdir()) / f"alcli-{user}" / f"{name}.lock"
            folders = set()
        with locked(path, settings.wait, self.command):
            for name in ("labels", "asked", "metrics", "model"):
                folders.add(Path(os.path.realpath(settings.path(name))).parent)
            if settings.config is not None:
                folders.add(settings.project / "sheets")
            if settings.cache is not None:
                folders.add(settings.cache / "pools")
            for folder in folders:
                if folder.is_dir():
                    sweep(folder)
            self.forget()
            yield
