"""What a simulation writes: every measurement as a row, and every row asked for as a line of a query log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from alcli.errors import UsageError
from alcli.steps.simulation.data import Data
from alcli.steps.simulation.games import Game, Told

HEADER = (
    "dataset", "strategy", "estimator", "seed", "start", "batch", "round", "labels", "answers", "cost", "metric", "value",
    "query_seconds", "fit_seconds", "campaign",
)  # fmt: skip
NUMBERS = (
    "seed", "start", "batch", "round", "labels", "answers", "cost", "value", "query_seconds", "fit_seconds",
)  # fmt: skip


def measurements(
    games: Sequence[Game], told: Mapping[str, Told], datasets: Sequence[Data]
) -> Iterator[list[list[Any]]]:
    """Rows of the tidy table, one list a campaign, in the order of the games."""
    for game in games:
        rows = []
        for each in told[game.key].rounds:
            for metric, value in each.metrics.items():
                rows.append(
                    [
                        datasets[game.dataset].name,
                        game.strategy,
                        game.estimator,
                        game.how.seed,
                        len(told[game.key].rounds[0].ids),
                        game.how.count,
                        each.number,
                        each.labels,
                        each.answers,
                        _short(each.cost),
                        metric,
                        value,
                        round(each.choosing, 6),
                        round(each.fitting, 6),
                        game.key,
                    ]
                )
        yield rows


def _short(value: float) -> float | int:
    return int(value) if float(value).is_integer() else float(f"{value:.12g}")


LOG = ("dataset", "seed", "round", "id")


def log_paths(output: str, games: Sequence[Game]) -> dict[str, Path]:
    """Where the query log of each game goes: key -> one file for all, or a file of a folder.

    Raises
    ------
    UsageError
        If campaigns that a log does not tell apart would share one file: strategies, estimators, batch sizes, starts.
    """
    kinds: dict[int, set[tuple[str, ...]]] = {}
    for game in games:
        kinds.setdefault(game.dataset, set()).add(_kind(game))
    varying = [at for at in range(4) if any(len({kind[at] for kind in own}) > 1 for own in kinds.values())]
    if not (output.endswith("/") or Path(output).is_dir()):
        if varying:
            raise UsageError(
                f"a query log holds one strategy, and {max(map(len, kinds.values()))} kinds of campaigns are played",
                hint=f"name a folder, which gets a file for each: `--log {output.rpartition('.')[0] or output}/`",
                code="bad-value",
            )
        return {game.key: Path(output) for game in games}
    parts = sorted({0, *varying})
    return {game.key: Path(output) / ("-".join(_safe(_kind(game)[at]) for at in parts) + ".csv") for game in games}


def _kind(game: Game) -> tuple[str, ...]:
    """What a log does not tell apart: strategy, estimator, rows a batch, rows at the start."""
    return game.strategy, game.estimator, str(game.how.count), str(game.how.start)


def _safe(text: str) -> str:
    return "".join(c if c.isalnum() or c in "+_.=" else "_" for c in text)


def log_rows(games: Sequence[Game], told: Mapping[str, Told], datasets: Sequence[Data]) -> Iterator[list[list[Any]]]:
    """Rows ``dataset, seed, round, id``; what was labelled at the start is not in it."""
    for game in games:
        yield [
            [datasets[game.dataset].name, game.how.seed, each.number, id_]
            for each in told[game.key].rounds
            if each.number > 0
            for id_ in each.ids
        ]
