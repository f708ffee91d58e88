"""`simulate`: plays whole campaigns on labelled tables, to see which strategy is best on data like yours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.errors import AlcliError, Exit, FileTrouble, TableError, UsageError, counted, listing
from alcli.steps.delivering import TableWriter
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping

if TYPE_CHECKING:
    from alcli.settings import Settings
    from alcli.steps.simulation.asking import Asking
    from alcli.steps.simulation.data import Data
    from alcli.steps.simulation.games import Game, Told


@dataclass(frozen=True, kw_only=True)
class SimulateResult(Result):
    """What the campaigns came to.

    Attributes
    ----------
    campaigns : played in all; `resumed` of them were finished before.
    metrics : those that were asked for by `metric` and `reach`, else the first of those that are measured.
    table : where every measurement is, or None.
    curves : mean learning curves: dataset, estimator, start, batch, strategy, metric and `points` of labels, value,
        low and high (95% over seeds).
    summary : a line for each of them: area under the curve, final value, labels to the target, paired differences.
    overall : the same over all data sets and settings, where there are several.
    against : what the others are compared with.
    pictures, logs : files that were written.
    failed : campaigns that could not be played: how many, of which strategy, why and where.
    """

    campaigns: int
    table: str | None
    curves: tuple[Mapping[str, Any], ...]
    summary: tuple[Mapping[str, Any], ...]
    overall: tuple[Mapping[str, Any], ...]
    against: str
    metrics: tuple[str, ...] = ()
    resumed: int = 0
    pictures: tuple[str, ...] = ()
    logs: tuple[str, ...] = ()
    failed: tuple[Mapping[str, Any], ...] = ()


def simulate(
    *,
    data: Sequence[str],
    strategies: Sequence[str] = (),
    estimators: Sequence[str] = (),
    starts: Sequence[int] = (),
    counts: Sequence[int] = (),
    rounds: int | None = None,
    exhaust: bool = False,
    repeats: int | None = None,
    test_share: float | None = None,
    stratified: bool | None = None,
    protocol: str | None = None,
    splits: str | None = None,
    against: str = "random",
    cold: str = "random",
    reach: Sequence[str] = (),
    noise: float | None = None,
    labelers: str | None = None,
    imbalance: Sequence[str] = (),
    spend: float | None = None,
    output: str | None = None,
    format: str | None = None,
    pictures: str | None = None,
    log: str | None = None,
    resume: bool = False,
    force: bool = False,
    **flags: Any,
) -> SimulateResult:
    """Play campaigns on labelled tables; every combination of what is given.

    Parameters
    ----------
    data : labelled tables, each a data set of its own.
    strategies, estimators : as `query` and `train` take them, parameters behind a blank: ``"typiclust neighbours=10"``.
    starts, counts : rows labelled at the start, and rows a batch.
    rounds : batches. exhaust: go on until the pool is empty.
    repeats : seeds, from `seed` on; splits, first rows and all chance differ between them.
    test_share : of each class, to be measured on; not with `test`.
    stratified : whether first rows are drawn class by class.
    protocol, splits : a published way to play, and a file (or a folder of them) of fixed splits.
    against : the strategy that others are compared with; it is always played.
    cold : the strategy that chooses while there are too few labels for the other one.
    reach : ``METRIC=VALUE``: labels needed for that are counted.
    noise, labelers : how often the labeler is wrong; or how often each of several is right.
    imbalance : ``CLASS=SHARE`` of its rows that stay in the pool.
    spend : what a campaign may cost.
    output, pictures, log : files for the measurements, the curves (SVG), and the rows that were asked for.
    resume : go on with the campaigns that are finished. force: begin anew, and replace what is there.

    Raises
    ------
    UsageError
        For what cannot be played.
    FileTrouble
        If an interrupted simulation is there and neither `resume` nor `force` says what to do with it; if a file to
        be written holds what this run does not write again, without `force`; or if it is one that is read.
    """
    from alcli.steps.simulation.asking import Asking, games_of, targets_of
    from alcli.steps.simulation.data import noted, open_all
    from alcli.steps.simulation.places import read_files, refuse_read, refuse_taken
    from alcli.steps.simulation.running import Journal, play_all, workshop
    from alcli.steps.simulation.tables import log_paths

    project = Project("simulate", flags)
    settings = project.settings
    strategies, estimators = tuple(dict.fromkeys(strategies)), tuple(dict.fromkeys(estimators))
    starts, counts = tuple(dict.fromkeys(starts)), tuple(dict.fromkeys(counts))
    asking = Asking(
        strategies, estimators, starts, counts, rounds, exhaust, repeats, test_share, stratified, protocol, splits,
        against, cold, noise, labelers, imbalance, spend,
    )  # fmt: skip
    _check(asking, settings, output, resume)
    journal = Journal(_journal(output))
    read = read_files(data, splits)
    # a folder of logs is looked into once it is known what they are called
    one_log = None if log is None or log.endswith("/") or Path(log).is_dir() else log
    refuse_read(project, read, [("-o", output), ("-o", journal.path), ("--curves", pictures), ("--log", one_log)])
    done = _finished(journal, resume, force)
    writer = None if output is None else TableWriter(output, *_columns(), named=format)
    with workshop() as folder:
        datasets, tests = open_all(data, settings, folder)
        targets = targets_of(reach, datasets[0].classes)
        games = games_of(asking, settings, datasets, tests, targets)
        if not games:
            raise TableError(
                "there is no campaign to play: the first labels of every seed miss a class", code="too-few-labels"
            )
        paths = {} if log is None else log_paths(log, games)
        for path in dict.fromkeys(paths.values()):
            refuse_read(project, read, [("-o", output), ("--curves", pictures), ("--log", path)])
        if not force:
            refuse_taken(writer, pictures, dict.fromkeys(paths.values()), {*done, *(game.key for game in games)})
        told = play_all(games, datasets, tests, jobs=project.jobs, journal=journal, done=done, folder=folder)
        result = _summed(
            project, asking, games, told, datasets, targets,
            resumed=sum(game.key in done for game in games), notes=[*noted(datasets, tests), *_fewer(asking, games, datasets)],
        )  # fmt: skip
        along = "labels" if settings.cost is None else "cost of the labels"
        return _delivered(
            result,
            journal,
            games,
            told,
            datasets,
            writer=writer,
            pictures=pictures,
            along=along,
            logs=paths,
            force=force,
        )


def _check(asking: Asking, settings: Settings, output: str | None, resume: bool) -> None:
    if resume and (output is None or output == "-"):
        raise UsageError("`--resume` needs `-o FILE`: beside it the finished campaigns are kept", code="bad-value")
    for flag, values, least in (("--start", asking.starts, 0), ("-n", asking.counts, 1)):
        if any(value < least for value in values):
            raise UsageError(f"`{flag}` is {least} or more", code="bad-value")
    for flag, value in (("--rounds", asking.rounds), ("--repeats", asking.repeats)):
        if value is not None and value < 1:
            raise UsageError(f"`{flag}` is 1 or more", code="bad-value")
    if asking.rounds is not None and asking.exhaust:
        raise UsageError(
            "`--rounds` and `--until-empty` exclude each other: one ends a campaign, the other goes on",
            code="bad-value",
        )
    if asking.splits is not None and (settings.test is not None or asking.test_share is not None):
        raise UsageError(
            "`--splits` says which rows test; `--test` and `--test-share` would say so too", code="bad-value"
        )
    if settings.given("test") and asking.test_share is not None:
        raise UsageError("`--test` and `--test-share` exclude each other", code="bad-value")
    if asking.spend is not None and settings.cost is None:
        raise UsageError("`--spend` needs `--cost COLUMN`: what a label costs", code="bad-value")
    if settings.budget is not None and settings.cost is None:
        raise UsageError("`--budget` needs `--cost COLUMN`: what a label costs", code="bad-value")


def _fewer(asking: Asking, games: Sequence[Game], datasets: Sequence[Data]) -> list[str]:
    """A warning of each data set whose fixed splits are fewer than `--repeats`."""
    if asking.splits is None or asking.repeats is None:
        return []
    seeds = [len({game.how.seed for game in games if game.dataset == at}) for at in range(len(datasets))]
    return [
        f"`--repeats {asking.repeats}` is more than the splits there are: {played} are played on {data.name}"
        for data, played in zip(datasets, seeds, strict=True)
        if played < asking.repeats
    ]


def _journal(output: str | None) -> Path | None:
    return None if output is None or output == "-" else Path(output + ".campaigns")


def _finished(journal: Any, resume: bool, force: bool) -> dict[str, Told]:
    if journal.path is None or force or not journal.path.exists():
        return {}
    found: dict[str, Told] = journal.read()
    if not resume and found:
        raise FileTrouble(
            f"{journal.path} holds {counted(len(found), 'finished campaign')} of a simulation that was cut short",
            hint="`--resume` goes on with it, `--force` begins anew",
            code="exists",
        )
    return found


def _columns() -> tuple[Sequence[str], Sequence[str]]:
    from alcli.steps.simulation.tables import HEADER, NUMBERS

    return HEADER, NUMBERS


def _summed(
    project: Project,
    asking: Asking,
    games: Sequence[Game],
    told: Mapping[str, Told],
    datasets: Sequence[Data],
    targets: Mapping[str, float],
    *,
    resumed: int,
    notes: Sequence[str],
) -> SimulateResult:
    from alcli.steps.simulation.asking import METRICS, metrics_of
    from alcli.steps.simulation.summary import averaged, curves_of, lines_of, overall

    played = [game for game in games if not told[game.key].error]
    if not played:
        why = next(error for error in (told[game.key].error for game in games) if error is not None)
        raise AlcliError(f"no campaign could be played: {why.message}", at=why.at, hint=why.hint, code=why.code)
    failed = _failures(games, told, datasets)
    curves = curves_of(played, told, datasets, by_cost=project.settings.cost is not None)
    lines = lines_of(curves, asking.against, targets)
    empty = sorted({name for game in played for name in game.how.metrics} - {curve.metric for curve in curves})
    more = [f"no value in any round, as the test rows do not define it: {listing(empty)}"] if empty else []
    return SimulateResult(
        campaigns=len(played),
        table=None,
        curves=tuple(
            {
                **dict(zip(("dataset", "estimator", "start", "batch"), curve.setting, strict=True)),
                "strategy": curve.strategy,
                "metric": curve.metric,
                "points": averaged(curve),
            }
            for curve in curves
        ),
        summary=tuple(line.plain() for line in lines),
        overall=tuple(overall(lines)),
        against=asking.against,
        metrics=metrics_of((*project.settings.metric, *targets), datasets[0].classes) or METRICS[:1],
        resumed=resumed,
        failed=tuple(failed),
        exit=Exit.NO if failed else Exit.DONE,
        warnings=(*notes, *more),
        settings=shaping(project.settings, "simulate"),
    )


def _failures(games: Sequence[Game], told: Mapping[str, Told], datasets: Sequence[Data]) -> list[dict[str, Any]]:
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for game in games:
        error = told[game.key].error
        if error is not None:
            entry = {
                "dataset": datasets[game.dataset].name,
                "strategy": game.strategy,
                "estimator": game.estimator,
                "why": error.message,
                "at": str(error.at or ""),
                "hint": error.hint or "",
                "code": error.code,
            }
            found.setdefault(tuple(entry.values()), {**entry, "campaigns": 0})["campaigns"] += 1
    return list(found.values())


def _delivered(
    result: SimulateResult,
    journal: Any,
    games: Sequence[Game],
    told: Mapping[str, Told],
    datasets: Sequence[Data],
    *,
    writer: TableWriter | None,
    pictures: str | None,
    along: str,
    logs: Mapping[str, Path],
    force: bool,
) -> SimulateResult:
    """Write what was asked for; the journal goes when the table, which holds the same, stands, and all else does."""
    from dataclasses import replace

    from alcli.files import replacing
    from alcli.steps.simulation.places import loses_lines, signed
    from alcli.steps.simulation.tables import LOG, log_rows, measurements
    from alcli.tables.csv_text import csv_text

    played = [game for game in games if not told[game.key].error]
    stays: list[Path] = []
    for path in dict.fromkeys(logs.values()):
        mine = [game for game in played if logs[game.key] == path]
        path.parent.mkdir(parents=True, exist_ok=True)
        text = csv_text([LOG, *(row for rows in log_rows(mine, told, datasets) for row in rows)]).encode()
        if not force and loses_lines(path, text):
            stays.append(path)
            continue
        with replacing(path) as file:
            file.write(text)
    if pictures is not None:
        from alcli.files import write_bytes
        from alcli.reporting.curves import draw

        drawn = draw(result.curves, against=result.against, along=along)
        write_bytes(Path(pictures), signed(drawn, (game.key for game in played)))
    if writer is not None:
        writer.write(measurements(played, told, datasets))
        if journal.path is not None and not result.failed and not stays:
            journal.path.unlink(missing_ok=True)
    return replace(
        result,
        table=None if writer is None else writer.output,
        pictures=() if pictures is None else (pictures,),
        logs=tuple(str(path) for path in dict.fromkeys(logs.values()) if path not in stays),
        exit=Exit.NO if stays else result.exit,
        warnings=(
            *result.warnings,
            *(
                f"{path} is the log of another simulation and was left as it is; `--force` replaces it"
                for path in stays
            ),
        ),
    )
