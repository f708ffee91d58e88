"""From what a user typed to the games that are to be played."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.errors import UsageError, counted
from alcli.steps.learning import Recipe
from alcli.steps.simulation.campaign import FOUND, MEMBERS, How
from alcli.steps.simulation.field import Ground, places_of
from alcli.steps.simulation.games import Game, game_key, ground_key
from alcli.steps.simulation.oracles import Labelers
from alcli.steps.simulation.protocols import Setup, find_protocol
from alcli.steps.simulation.splits import FIRST, POOL, Split, seeds_in
from alcli.steps.simulation.summary import bounds_of
from alcli.strategies.kinds import Past

if TYPE_CHECKING:
    from alcli.settings import Settings
    from alcli.steps.simulation.data import Data

ROUNDS, COUNT, START, REPEATS, SHARE = 20, 10, 20, 10, 0.4
METRICS = ("accuracy", "f1_macro")
STRATEGIES = ("auto", "margin")


@dataclass(frozen=True)
class Asking:
    """What was asked for. None is not said: a protocol or the default decides."""

    strategies: Sequence[str] = ()
    estimators: Sequence[str] = ()
    starts: Sequence[int] = ()
    counts: Sequence[int] = ()
    rounds: int | None = None
    exhaust: bool = False
    repeats: int | None = None
    test_share: float | None = None
    stratified: bool | None = None
    protocol: str | None = None
    splits: str | None = None
    against: str = "random"
    cold: str = "random"
    noise: float | None = None
    labelers: str | None = None
    imbalance: Sequence[str] = ()
    spend: float | None = None


def games_of(
    asking: Asking,
    settings: Settings,
    datasets: Sequence[Data],
    tests: Sequence[Data | None],
    targets: Mapping[str, float],
) -> list[Game]:
    """Every combination, by data set, seed, and then all else: those of one field stand together.

    Raises
    ------
    UsageError
        For an unknown strategy, estimator, metric or protocol, or a number that cannot be.
    """
    protocol = find_protocol(asking.protocol) if asking.protocol is not None else None
    strategies = list(dict.fromkeys([*(asking.strategies or STRATEGIES), asking.against]))
    plays = {text: _strategy(text, settings.space) for text in strategies}
    _strategy(asking.cold, None)
    labelers, memory = _labelers(asking), _memory(settings)
    games = []
    for number, data in enumerate(datasets):
        # what is to be reached is measured, and comes first when nobody says what stands in front
        metrics = metrics_of((*settings.metric, *targets) if settings.metric else (*targets, *METRICS), data.classes)
        split = _split(asking, data, tests[number], None if protocol is None else protocol.of(data, 0).split)
        keep = _keep(asking.imbalance, data.classes)
        for seed in _seeds(asking, settings.seed, split):
            ground = Ground(split, seed, not asking.starts, keep, settings.cost)
            places = places_of(data, ground)
            pool, first = int(((places == POOL) | (places == FIRST)).sum()), int((places == FIRST).sum())
            many = next((start for start in asking.starts if start > pool), None)
            if many is not None:
                raise UsageError(
                    f"`--start {many}` is more than there is to label: the pool of {data.name} has {counted(pool, 'row')}",
                    hint=f"{len(data):,} rows have a label, and some are set aside to measure on"
                    if pool < len(data)
                    else None,
                    code="bad-value",
                )
            known = set(data.codes[places == FIRST].tolist())
            if protocol is not None and protocol.complete and first and len(known) < len(data.classes):
                continue  # as the paper has it: the first labels of this seed miss a class
            setup = protocol.of(data, pool) if protocol is not None else _usual(data)
            key = ground_key(data, ground, tests[number])
            for estimator in asking.estimators or [setup.estimator]:
                recipe = _recipe(estimator, settings, seed)
                for start in asking.starts or [first or setup.start]:
                    for count in asking.counts or [setup.count]:
                        for text, (name, mix, params) in plays.items():
                            how = How(
                                strategy=name,
                                mix=mix,
                                params=params,
                                recipe=recipe,
                                count=count,
                                start=start,
                                stratified=setup.stratified if asking.stratified is None else asking.stratified,
                                rounds=None if asking.exhaust else asking.rounds or setup.rounds,
                                seed=seed,
                                cold=asking.cold,
                                labelers=labelers,
                                aggregate=settings.aggregate,
                                space=settings.space if _takes_space(name, mix, params, settings.space) else None,
                                memory=memory,
                                budget=settings.budget,
                                spend=asking.spend,
                                metrics=metrics,
                            )
                            games.append(Game(game_key(key, how), key, number, ground, how, text, estimator))
    return games


def _usual(data: Data) -> Setup:
    return Setup(max(START, 2 * len(data.classes)), COUNT, ROUNDS, "logistic", "share", False)


def _strategy(text: str, space: str | None) -> tuple[str, str | None, tuple[str, ...]]:
    """A strategy as it was written: its name, or the mix that it is, and its parameters.

    >>> _strategy("typiclust neighbours=10", None)
    ('typiclust', None, ('neighbours=10',))
    >>> _strategy("margin:0.9,random:0.1", None)
    ('margin:0.9,random:0.1', 'margin:0.9,random:0.1', ())
    """
    from alcli.selection.playing import plan

    name, *params = text.split()
    mix = name if re.search(r":[0-9.]+(,|$)", name) else None
    needs = plan(name, mix, () if mix else params, space=None, past=Past({}, False)).needs
    if {"liked", "unliked"} & needs:
        raise UsageError(
            f"{text!r} looks for rows like given ones, or unlike them, and a simulation has none to give",
            hint="`alcli strategies` tells what each strategy needs",
            code="bad-value",
        )
    if mix and params:
        raise UsageError(f"a mix takes no parameters, and {text!r} has some", code="bad-value")
    return name, mix, tuple(params)


def _takes_space(name: str, mix: str | None, params: Sequence[str], space: str | None) -> bool:
    """Whether `--space` does something for it: several strategies are played, and some take no distances."""
    from alcli.selection.playing import plan

    if space is None or mix is not None:
        return False
    try:
        plan(name, None, params, space=space, past=Past({}, False))
    except UsageError as error:
        if error.code != "bad-value":
            raise
        return False
    return True


def _recipe(text: str, settings: Settings, seed: int) -> Recipe:
    """An estimator as it was written: its name and its parameters."""
    name, *params = text.split()
    told = Recipe.of(replace(settings, estimator=name, train_param=tuple(params), seed=seed))
    told.check()
    return told if settings.committee is not None else replace(told, committee=MEMBERS)


def metrics_of(names: Sequence[str], classes: Sequence[str]) -> tuple[str, ...]:
    """The metrics by their proper names, each once; ``found[CLASS]`` too."""
    from alcli.evaluation.table import find_metric

    found = []
    for name in names:
        if name == FOUND or (name.startswith(f"{FOUND}[") and name.endswith("]")):
            label = name.removeprefix(FOUND).strip("[]")
            if label not in classes:
                raise UsageError(
                    f"`--metric {name}` names no class",
                    hint=f"the share of a class that was found: `--metric found[{classes[0]}]`",
                    code="unknown-class",
                )
            found.append(name)
        else:
            found.append(find_metric(name, classes).name)
    return tuple(dict.fromkeys(found))


def _split(asking: Asking, data: Data, test: Data | None, protocol: str | None) -> Split:
    if test is not None:
        return Split("whole")
    if asking.splits is not None:
        path = Path(asking.splits)
        return Split("file", path=str(path / f"{data.name}.csv" if path.is_dir() else path))
    if protocol is not None and asking.test_share is None:
        return Split(protocol)
    share = SHARE if asking.test_share is None else asking.test_share
    if not 0 < share < 1:
        raise UsageError(f"`--test-share {share:g}` is no share: between 0 and 1", code="bad-value")
    return Split("share", share)


def _seeds(asking: Asking, first: int, split: Split) -> list[int]:
    if split.kind == "file":
        known = [seed for seed in seeds_in(Path(str(split.path))) if seed >= first]
        return known[: asking.repeats] if asking.repeats is not None else known
    return list(range(first, first + (asking.repeats or REPEATS)))


def _labelers(asking: Asking) -> Labelers:
    if asking.noise is not None and asking.labelers is not None:
        raise UsageError("`--noise` is one labeler, `--labelers` are several: give one of them", code="bad-value")
    if asking.noise is not None:
        if not 0 <= asking.noise < 1:
            raise UsageError(f"`--noise {asking.noise:g}` is no share of wrong answers", code="bad-value")
        return Labelers((1.0 - asking.noise,))
    if asking.labelers is None:
        return Labelers()
    qualities = []
    for part in asking.labelers.split(","):
        try:
            quality = float(part)
        except ValueError:
            quality = float("nan")
        if not 0 < quality <= 1:
            raise UsageError(
                f"`--labelers` has {part.strip()!r}, which is no share of right answers",
                hint="one number a labeler, as in `--labelers 0.95,0.8,0.7`",
                code="bad-value",
            )
        qualities.append(quality)
    return Labelers(tuple(qualities))


def _keep(texts: Sequence[str], classes: Sequence[str]) -> tuple[tuple[str, float], ...]:
    found = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        try:
            share = float(value)
        except ValueError:
            share = float("nan")
        if not equals or not 0 < share <= 1:
            raise UsageError(
                f"`--imbalance {text}` is not CLASS=SHARE",
                hint=f"as in `--imbalance {classes[0]}=0.1`: a tenth of its rows stays in the pool",
                code="bad-value",
            )
        if name not in classes:
            from alcli.errors import did_you_mean, listing

            raise UsageError(
                f"`--imbalance {text}` names {name!r}, which is no class",
                hint=did_you_mean(name, classes) or f"the classes are: {listing(classes)}",
                code="unknown-class",
            )
        found[name] = share
    return tuple(sorted(found.items()))


def _memory(settings: Settings) -> int:
    from alcli.steps.gathering import size_in_bytes

    return size_in_bytes(settings.memory)


def targets_of(texts: Sequence[str], classes: Sequence[str]) -> Mapping[str, float]:
    """``accuracy=0.9`` as metric -> value."""
    found: dict[str, float] = {}
    for text in texts:
        name, equals, value = text.rpartition("=")
        try:
            target: Any = float(value)
        except ValueError:
            target = None
        if not equals or target is None:
            raise UsageError(
                f"`--reach {text}` is not METRIC=VALUE", hint="as in `--reach accuracy=0.9`", code="bad-value"
            )
        metric = metrics_of([name], classes)[0]
        low, high = bounds_of(metric).values()
        if not low <= target <= high:
            near = f"; did you mean `{name}={target / 100:g}`?" if high < target <= 100 else ""
            raise UsageError(
                f"`--reach {text}`: {metric} is never {target:g}",
                hint=f"it lies between {low:g} and {high:g}{near}",
                code="bad-value",
            )
        found[metric] = target
    return found
