"""From campaigns to numbers that can be compared: curves, areas, differences from the reference."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alcli.evaluation.comparison import Mean, average_ranks, holm, mean_of, paired, signed_ranks
from alcli.evaluation.learning_curves import area, at, labels_to_reach
from alcli.evaluation.table import find_metric
from alcli.steps.simulation.campaign import FOUND
from alcli.steps.simulation.data import Data
from alcli.steps.simulation.games import Game, Told

#: Points at which the curves of several seeds are averaged where their labels differ.
POINTS = 60


def higher_is_better(metric: str) -> bool:
    """Whether larger values of a metric are better."""
    return metric.startswith(FOUND) or find_metric(metric).better == "higher"


def bounds_of(metric: str) -> dict[str, float]:
    """What a metric can be, as `mean_of` takes it; the height of a curve lies there too."""
    if metric.startswith(FOUND):
        return {"least": 0.0, "most": 1.0}
    found = find_metric(metric)
    return {"least": found.low, "most": found.high}


@dataclass(frozen=True)
class Curve:
    """The learning curves of one strategy in one setting.

    Attributes
    ----------
    setting : dataset, estimator, rows at the start, rows a batch.
    seeds : seed -> (labels, values), only where the metric is defined.
    spent : seed -> what the labels cost, where a column says so.
    seconds : mean seconds to choose a batch.
    """

    setting: tuple[str, str, int, int]
    strategy: str
    metric: str
    seeds: Mapping[int, tuple[list[float], list[float]]]
    seconds: float


@dataclass
class Line:
    """One row of the summary; what cannot be had is None.

    Attributes
    ----------
    area, final : means over seeds with 95% intervals; `area` is that under the curve, normalised.
    reached : the median number of labels at which the target was met, over the seeds that met it; `met` of them did.
    difference : of the area from that of the reference, seed by seed.
    p, p_holm : of the paired t test, and corrected for all strategies of this setting.
    rank : mean over seeds of the rank of the area among all strategies of this setting, 1 the best.
    """

    dataset: str
    estimator: str
    start: int
    batch: int
    strategy: str
    metric: str
    seeds: int
    area: Mean
    final: Mean
    target: float | None = None
    reached: float | None = None
    met: int = 0
    difference: Mean | None = None
    p: float | None = None
    p_holm: float | None = None
    wins: int = 0
    ties: int = 0
    losses: int = 0
    rank: float | None = None
    seconds: float = 0.0
    areas: Mapping[int, float] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        found: dict[str, Any] = {
            name: getattr(self, name)
            for name in ("dataset", "estimator", "start", "batch", "strategy", "metric", "seeds")
        }
        for name in ("area", "final", "difference"):
            mean = getattr(self, name)
            found |= {
                name: None if mean is None else mean.value,
                f"{name}_low": None if mean is None else mean.low,
                f"{name}_high": None if mean is None else mean.high,
            }
        for name in ("target", "reached", "met", "p", "p_holm", "wins", "ties", "losses", "rank", "seconds"):
            found[name] = getattr(self, name)
        return found


def curves_of(games: Sequence[Game], told: Mapping[str, Told], datasets: Sequence[Data], by_cost: bool) -> list[Curve]:
    """The curves of every strategy, setting and metric, in the order of the games.

    Parameters
    ----------
    by_cost : whether curves go along what labels cost in place of how many there are.
    """
    points: dict[tuple[Any, ...], dict[int, tuple[list[float], list[float]]]] = defaultdict(dict)
    seconds: dict[tuple[Any, ...], list[float]] = defaultdict(list)
    for game in games:
        rounds = told[game.key].rounds
        setting = (datasets[game.dataset].name, game.estimator, game.how.start, game.how.count)
        for metric in dict.fromkeys(name for each in rounds for name in each.metrics):
            known = [each for each in rounds if each.metrics.get(metric) is not None]
            if known:
                x = [float(each.cost if by_cost else each.labels) for each in known]
                key = (setting, game.strategy, metric)
                points[key][game.how.seed] = x, [float(each.metrics[metric]) for each in known]  # type: ignore[arg-type]
                seconds[key] += [each.choosing for each in rounds if each.number > 0]
    return [
        Curve(setting, strategy, metric, seeds, sum(seconds[key]) / max(1, len(seconds[key])))
        for key, seeds in points.items()
        for setting, strategy, metric in [key]
    ]


def averaged(curve: Curve) -> list[dict[str, Any]]:
    """The mean curve with its 95% band: at the labels measured, or at places between them where seeds differ."""
    import numpy as np

    same = {tuple(x) for x, _ in curve.seeds.values()}
    if len(same) == 1:
        places = np.asarray(next(iter(same)))
    else:
        low = max(x[0] for x, _ in curve.seeds.values())
        high = min(x[-1] for x, _ in curve.seeds.values())
        places = np.linspace(low, high, POINTS) if high > low else np.asarray([low])
    heights = np.stack([at(x, y, places) for x, y in curve.seeds.values()])
    found = []
    for place, column in zip(places.tolist(), heights.T, strict=True):
        known = column[np.isfinite(column)]
        if len(known):
            mean = mean_of(known, **bounds_of(curve.metric))
            found.append({"labels": place, "value": mean.value, "low": mean.low, "high": mean.high})
    return found


def lines_of(curves: Sequence[Curve], against: str, targets: Mapping[str, float]) -> list[Line]:
    """One line a curve; differences, ranks and corrected p within each setting and metric.

    Parameters
    ----------
    against : the strategy that the others are compared with.
    targets : metric -> value to be reached; the mean final value of `against` where none is given.
    """
    groups: dict[tuple[Any, ...], list[Curve]] = defaultdict(list)
    for curve in curves:
        groups[curve.setting, curve.metric].append(curve)
    return [line for (_, metric), group in groups.items() for line in _group(group, metric, against, targets)]


def _group(group: Sequence[Curve], metric: str, against: str, targets: Mapping[str, float]) -> list[Line]:
    import numpy as np

    higher = higher_is_better(metric)
    lines = []
    reference = next((curve for curve in group if curve.strategy == against), None)
    target = targets.get(metric)
    if target is None and reference is not None:
        target = mean_of([y[-1] for _, y in reference.seeds.values()]).value
    for curve in group:
        areas = {seed: area(x, y) for seed, (x, y) in sorted(curve.seeds.items())}
        line = Line(
            *curve.setting,
            strategy=curve.strategy,
            metric=metric,
            seeds=len(areas),
            area=mean_of(list(areas.values()), **bounds_of(metric)),
            final=mean_of([y[-1] for _, y in curve.seeds.values()], **bounds_of(metric)),
            target=target,
            seconds=curve.seconds,
            areas=areas,
        )
        if target is not None:
            reached = [labels_to_reach(x, y, target, higher=higher) for x, y in curve.seeds.values()]
            met = [each for each in reached if each is not None]
            line.met, line.reached = len(met), float(np.median(met)) if met else None
        lines.append(line)
    base = next((line for line in lines if line.strategy == against), None)
    if base is not None:
        for line in lines:
            both = [seed for seed in line.areas if seed in base.areas]
            if line is base or not both:
                continue
            found = paired([line.areas[seed] for seed in both], [base.areas[seed] for seed in both], higher=higher)
            line.difference, line.p = found.mean, found.p
            line.wins, line.ties, line.losses = found.wins, found.ties, found.losses
        for line, corrected in zip(lines, holm([line.p for line in lines]), strict=True):
            line.p_holm = corrected
    shared = sorted(set.intersection(*(set(line.areas) for line in lines)))
    if shared and len(lines) > 1:
        ranks = average_ranks([[line.areas[seed] for line in lines] for seed in shared], higher=higher)
        for line, rank in zip(lines, ranks.tolist(), strict=True):
            line.rank = rank
    return lines


def overall(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Over several settings: for each strategy and metric the mean of its settings' means.

    A setting counts once, however many seeds it has. p is Wilcoxon's over data sets, from six of them on.
    """
    found = []
    for metric in dict.fromkeys(line.metric for line in lines):
        mine = [line for line in lines if line.metric == metric]
        settings = list(dict.fromkeys(_setting(line) for line in mine))
        if len(settings) < 2:
            continue
        table = {(line.strategy, _setting(line)): line for line in mine}
        names = [
            name
            for name in dict.fromkeys(line.strategy for line in mine)
            if all((name, setting) in table for setting in settings)
        ]
        if not names:
            continue
        higher = higher_is_better(metric)
        ranks = average_ranks(
            [[table[name, setting].area.value for name in names] for setting in settings], higher=higher
        )
        rows = []
        for name, rank in zip(names, ranks.tolist(), strict=True):
            own = [table[name, setting] for setting in settings]
            gains = [line.difference.value for line in own if line.difference is not None]
            sign = [gain if higher else -gain for gain in gains]
            rows.append(
                {
                    "metric": metric,
                    "strategy": name,
                    "settings": len(settings),
                    "area": sum(line.area.value for line in own) / len(own),
                    "difference": sum(gains) / len(gains) if gains else None,
                    "worst": min(sign) if sign else None,
                    "p": _over_datasets(own),
                    "rank": rank,
                    "better": sum(value > 1e-12 for value in sign),
                    "equal": sum(abs(value) <= 1e-12 for value in sign),
                    "worse": sum(value < -1e-12 for value in sign),
                }
            )
        for row, corrected in zip(rows, holm([row["p"] for row in rows]), strict=True):
            row["p_holm"] = corrected
        found += rows
    return found


def _setting(line: Line) -> tuple[str, str, int, int]:
    return line.dataset, line.estimator, line.start, line.batch


def _over_datasets(lines: Sequence[Line]) -> float | None:
    gains: dict[str, list[float]] = defaultdict(list)
    for line in lines:
        if line.difference is not None:
            gains[line.dataset].append(line.difference.value)
    return signed_ranks([sum(each) / len(each) for each in gains.values()]) if gains else None
