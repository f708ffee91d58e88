"""Learning curves, what each batch bought, the balance of classes, the arms."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise

from alcli.reporting.facts import Arm, Batch, Curve, Doubts, Foreseen
from alcli.reporting.palette import INKS, PLAIN
from alcli.reporting.pictures.bars import Bar, across, upright
from alcli.reporting.pictures.lines import Point, Series, lines
from alcli.reporting.section import Cell, Figure, Kind, Section, Table

MOST_METRICS = 4
MOST_BARS = 60
NAMED = INKS - 1  # classes with a line of their own


def learning(curves: Sequence[Curve] | str) -> Section:
    """Metrics over labels, a figure a metric, a line for each way to measure."""
    head = ("learning", "Learning curves")
    if isinstance(curves, str):
        return Section(*head, why=curves)
    metrics = list(dict.fromkeys(each.metric for each in curves))
    figures = []
    for metric in metrics[:MOST_METRICS]:
        mine = [each for each in curves if each.metric == metric]
        series = [Series(each.how if len(mine) > 1 else "", each.points, at) for at, each in enumerate(mine)]
        title = f"{metric} over the number of labels"
        caption = "Up is better." if mine[0].better == "higher" else "Down is better."
        draw = partial(lines, series, name=metric)
        figures.append(Figure(title, " ".join(_course(each) for each in mine), draw, caption))
    says = [
        *(_course(each) for each in curves if each.metric == metrics[0]),
        "The shaded band is the 95% interval of each measurement: how far it may be off because it was taken on so many "
        "rows and no more. Points that were measured on the same rows move together, so a step between two of them is "
        "better known than the band suggests. Another campaign, with another seed, would draw another curve.",
    ]
    return Section(*head, tuple(says), tuple(figures), tuple(_measurements(curves)))


def _course(curve: Curve) -> str:
    first, last = curve.points[0], curve.points[-1]
    on = f"on {curve.how}" + (f", {int(curve.rows):,} rows" if curve.rows.isdecimal() else "")
    if len(curve.points) == 1:
        return f"{curve.metric} is {last.value:.3f} with {last.labels:,.0f} labels ({on})."
    return (
        f"{curve.metric} went from {first.value:.3f} with {first.labels:,.0f} labels to {last.value:.3f} "
        f"with {last.labels:,.0f} ({on})."
    )


def _measurements(curves: Sequence[Curve]) -> Iterator[Table]:
    """All measurements: a table for each way to measure, a row for each number of labels."""
    for how in dict.fromkeys(each.how for each in curves):
        mine = [each for each in curves if each.how == how]
        for start in range(0, len(mine), MOST_METRICS):
            part = mine[start : start + MOST_METRICS]
            at = {each.metric: {point.labels: point for point in each.points} for each in part}
            rows: list[tuple[Cell, ...]] = []
            for labels in sorted({point.labels for each in part for point in each.points}):
                points = (at[each.metric].get(labels) for each in part)
                rows.append((labels, *(None if each is None else (each.value, each.low, each.high) for each in points)))
            columns: tuple[tuple[str, Kind], ...] = (("labels", "count"), *((each.metric, "value") for each in part))
            yield Table(f"Measured on {how}, with 95% intervals", columns, tuple(rows), newest_last=True)


def gains(
    curves: Sequence[Curve] | str, headline: str, batches: Sequence[Batch] | str, foreseen: Sequence[Point]
) -> Section:
    """The change of one metric from one measurement to the next, what it cost, and what was known before."""
    head = ("gains", "What each batch bought")
    if isinstance(curves, str):
        return Section(*head, why=curves)
    curve = max((each for each in curves if each.metric == headline), key=lambda each: len(each.points))
    if len(curve.points) < 2:
        return Section(
            *head,
            why="a gain needs two measurements, and there is one: ask, import, `alcli train` and `alcli evaluate` again",
        )
    sign = 1.0 if curve.better == "higher" else -1.0
    prices = _prices(batches)
    bars: list[Bar] = []
    rows: list[tuple[Cell, ...]] = []
    for before, after in pairwise(curve.points):
        more, gain = after.labels - before.labels, sign * (after.value - before.value)
        spent = prices(before.labels, after.labels) if prices else None
        row: list[Cell] = [f"{before.labels:,.0f} → {after.labels:,.0f}", before.value, after.value, gain]
        row.append(100 * gain / more if more else None)
        if prices:
            row += [spent, gain / spent if spent else None]
        rows.append(tuple(row))
        bars.append(Bar(f"{after.labels:,.0f}", gain, ink=0 if gain >= 0 else 1))
    columns: list[tuple[str, Kind]] = [
        ("labels", "text"), ("before", "value"), ("after", "value"), ("gain", "gain"), ("per 100 labels", "gain"),
    ]  # fmt: skip
    if prices:
        columns += [("cost", "count"), ("gain per unit", "gain")]
    best = max(bars, key=lambda bar: bar.value)
    says = (
        f"A gain is the change of {curve.metric} from one measurement to the next"
        + (", counted so that up is better" if sign < 0 else "")
        + f". The best step was the one to {best.name} labels. "
        + ("Losses are no mistake: a" if any(bar.value < 0 for bar in bars) else "A")
        + " step as small as the bands above may be chance.",
    )
    figures = [
        Figure(
            f"Gain in {curve.metric} by each step",
            "; ".join(f"to {bar.name} labels: {bar.value:+.3f}" for bar in bars[-MOST_BARS:]),
            partial(upright, bars[-MOST_BARS:], name=f"gain in {curve.metric}", along="labels after the step"),
            "Bars stand on zero; losses hang below it and have another colour.",
        )
    ]
    if foreseen:
        figures.append(_foreseen(foreseen))
    return Section(
        *head,
        says,
        tuple(figures),
        (Table(f"Steps, measured on {curve.how}", tuple(columns), tuple(rows), newest_last=True),),
    )


def _foreseen(points: Sequence[Point]) -> Figure:
    return Figure(
        "How much of each batch the model before already knew",
        "; ".join(f"{point.value:.0%} of the batch up to {point.labels:,.0f} labels" for point in points),
        partial(
            lines,
            [Series("", tuple(points))],
            name="share of the batch predicted rightly",
            percent=True,
            within=(0.0, 1.0),
        ),
        "Each batch was predicted before it was trained on; the band is the 95% interval. Rows that were chosen "
        "because they are hard lie below the accuracy. Near 100%, a batch brings nothing new.",
    )


class _Paid:
    """What labels cost between two counts of labels."""

    def __init__(self, batches: Sequence[Batch]) -> None:
        self.batches = batches

    def __call__(self, before: float, after: float) -> float:
        return sum(each.price or 0.0 for each in self.batches if before < each.labels <= after)


def _prices(batches: Sequence[Batch] | str) -> _Paid | None:
    if isinstance(batches, str) or all(each.price is None for each in batches):
        return None
    return _Paid(batches)


def balance(batches: Sequence[Batch] | str, classes: Sequence[str], doubts: Doubts | str) -> Section:
    """Share of each class among the labels, batch by batch."""
    head = ("balance", "Balance of the classes")
    if isinstance(batches, str):
        return Section(*head, why=batches)
    with_labels = [each for each in batches if each.labelled]
    last, before = with_labels[-1], with_labels[-2] if len(with_labels) > 1 else None
    common = sorted(classes, key=lambda name: (-last.counts.get(name, 0), classes.index(name)))
    named = sorted(common[:NAMED], key=classes.index)
    series = [
        Series(name, tuple(Point(each.labels, each.counts.get(name, 0) / each.labels) for each in with_labels), at)
        for at, name in enumerate(named)
    ]
    if len(classes) > NAMED:
        rest = [name for name in classes if name not in named]
        points = tuple(
            Point(each.labels, sum(each.counts.get(name, 0) for name in rest) / each.labels) for each in with_labels
        )
        series.append(Series(f"{len(rest)} others", points, PLAIN))
    most = max(point.value for each in series for point in each.points)
    expected = {} if isinstance(doubts, str) else _expected(last, doubts)
    rows: list[tuple[Cell, ...]] = []
    for name in classes:
        count = last.counts.get(name, 0)
        new = count - before.counts.get(name, 0) if before else count
        row: tuple[Cell, ...] = (name, count, count / last.labels, new)
        rows.append((*row, expected.get(name)) if expected else row)
    columns: list[tuple[str, Kind]] = [
        ("class", "text"), ("labels", "count"), ("share", "percent"), ("of the newest batch", "count"),
    ]  # fmt: skip
    says = [
        f"{last.labels:,} labelled rows: "
        + ", ".join(f"{name} ({last.counts.get(name, 0):,})" for name in common[:5])
        + (f" and {len(common) - 5:,} more classes." if len(common) > 5 else ".")
    ]
    empty = [name for name in classes if not last.counts.get(name, 0)]
    if empty:
        says.append(f"No row carries {', '.join(empty[:5])}{' …' if len(empty) > 5 else ''} yet.")
    if expected:
        columns.append(("expected in the pool", "percent"))
        says.append(
            "Rows that a strategy chose are no random sample, so these shares are not those of the pool. What is "
            "expected there counts labelled rows by their labels, and the rest by the mean of the model's "
            "probabilities, as far as it is to be trusted."
        )
    figure = Figure(
        "Share of each class among the labels",
        "; ".join(f"{each.name} {each.points[-1].value:.0%}" for each in series),
        partial(
            lines,
            series,
            name="share of the labelled rows",
            percent=True,
            within=(0.0, 1.0 if most > 0.5 else most * 1.15),
        ),
        "All lines stand on the same zero, so that they can be compared; a point is the end of a batch.",
    )
    return Section(*head, tuple(says), (figure,), (Table("Labels by class", tuple(columns), tuple(rows)),))


def _expected(last: Batch, doubts: Doubts) -> dict[str, float]:
    """Class -> its share of labelled rows and the rest together; the mean over the looked-at rows stands for the rest."""
    return {
        name: (last.counts.get(name, 0) + share * doubts.rows) / (last.labels + doubts.rows)
        for name, share in doubts.expected.items()
    }


def arms(found: Sequence[Arm] | str, classes: Sequence[str], foreseen: Sequence[Foreseen]) -> Section:
    """Which strategies chose rows, how many, and how well their rows were known before."""
    head = ("arms", "Arms: what chose the rows")
    if isinstance(found, str):
        return Section(*head, why=found)
    bars = [Bar(each.name, each.asked, each.labelled, f"{each.labelled:,} of {each.asked:,}") for each in found]
    figure = Figure(
        "Rows that each arm asked for",
        "; ".join(f"{each.name}: {each.asked:,} asked, {each.labelled:,} labelled" for each in found),
        partial(across, bars, along="rows asked"),
        "Full: rows that carry a label now; pale: asked, and skipped, tied or still out.",
    )
    says = ["An arm is a strategy that chose rows, alone or with its share of a batch."]
    columns: list[tuple[str, Kind]] = [("arm", "text"), ("asked", "count"), ("labelled", "count"), ("skipped", "count")]
    top = classes if len(classes) <= 3 else ()
    columns += [(name, "count") for name in top]
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (each.name, each.asked, each.labelled, each.skipped, *(each.classes.get(name, 0) for name in top))
        for each in found
    )
    tables = [Table("Arms", tuple(columns), rows)]
    if foreseen:
        says.append(
            "Known before is the share of an arm's rows that the model had right before it learned from them: of rows "
            "drawn at random it says how good the model was, of others how hard the rows are that the arm picks."
        )
        tables.append(_foreseen_by_arm(foreseen))
    return Section(*head, tuple(says), (figure,), tuple(tables))


def _foreseen_by_arm(foreseen: Sequence[Foreseen]) -> Table:
    columns: tuple[tuple[str, Kind], ...] = (
        ("labels", "count"), ("batch", "count"), ("arm", "text"), ("rows", "count"), ("known before", "value"),
    )  # fmt: skip
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (each.known.labels, each.batch, each.arm, each.rows, (each.known.value, each.known.low, each.known.high))
        for each in foreseen
    )
    return Table("What the model before knew of each arm's rows, with 95% intervals", columns, rows, newest_last=True)
