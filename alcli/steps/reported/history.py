"""What the ledgers tell of a campaign: curves, batches, arms, agreement, stopping rules."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from alcli.errors import AlcliError
from alcli.reporting.facts import Agreement, Arm, Batch, Curve, Foreseen, Labeler, Rule, Stopping
from alcli.reporting.pictures.lines import Point
from alcli.steps.labelers import agreement as coefficients
from alcli.steps.labelers import labelers as who_did_what
from alcli.steps.prequential import METRIC, part_of
from alcli.steps.quality import quality
from alcli.tables.history import Campaign, Labels, batch_number, current
from alcli.tables.ledgers import Measurement

if TYPE_CHECKING:
    from alcli.steps.project import Project

# What stopping rules need to know has a picture of its own meaning; it is no measurement of how good the model is.
# Neither is what the model before knew of each batch: other rows each time, so no curve over the labels.
_NOT_QUALITY = ("stop", "batch", "prequential")

NO_LABEL = "there is no label yet: `alcli query -o to_label.xlsx` asks for some, `alcli import-labels to_label.xlsx` takes them in"


def curves(rows: Sequence[Measurement]) -> tuple[Curve, ...] | str:
    """Each metric of metrics.csv over the labels, a curve for each way to measure; the newest ways first."""
    from alcli.evaluation.table import METRICS

    found: dict[tuple[str, str], dict[float, tuple[Point, str]]] = defaultdict(dict)
    order: dict[tuple[str, str], int] = {}
    for number, row in enumerate(rows):
        value = _number(row.value)
        labels = _number(row.labels)
        if value is None or labels is None or row.metric.endswith("_with_before") or "[" in row.metric:
            continue
        if row.how.partition(" ")[0] in _NOT_QUALITY:
            continue
        key = (row.metric, row.how)
        found[key][labels] = Point(labels, value, _number(row.low), _number(row.high)), row.rows
        order[key] = number
    if not found:
        return "nothing is measured yet: `alcli train`, then `alcli evaluate` records how good the model is"
    names = _ways(dict.fromkeys(how for _, how in found))
    place = {name: at for at, name in enumerate(METRICS)}
    keys = sorted(found, key=lambda key: (place.get(key[0], len(place)), key[0], -order[key]))
    return tuple(
        Curve(
            metric,
            names[how],
            next(reversed(found[metric, how].values()))[1],
            METRICS[metric].better if metric in METRICS else "higher",
            tuple(point for _, (point, _) in sorted(found[metric, how].items())),
        )
        for metric, how in keys
    )


def foreseen(rows: Sequence[Measurement]) -> tuple[Point, ...]:
    """The share of each batch that the model before it was right about, by the labels that the batch led to."""
    found = {}
    for row in rows:
        value, labels = _number(row.value), _number(row.labels)
        if row.metric == "selected_accuracy" and value is not None and labels is not None:
            found[labels] = Point(labels, value, _number(row.low), _number(row.high))
    return tuple(found[labels] for labels in sorted(found))


def foreseen_by_arm(rows: Sequence[Measurement]) -> tuple[Foreseen, ...]:
    """The same for each arm's part of each batch, in the order of labels; a batch answered in parts has several."""
    found = {}
    for row in rows:
        value, labels = _number(row.value), _number(row.labels)
        where = part_of(row.how) if row.metric == METRIC else None
        if where is not None and value is not None and labels is not None:
            point = Point(labels, value, _number(row.low), _number(row.high))
            found[labels, *where] = Foreseen(*where, int(_number(row.rows) or 0), point)
    return tuple(found[key] for key in sorted(found))


def _ways(hows: Mapping[str, Any]) -> dict[str, str]:
    """Each way to measure, as metrics.csv has it, in words."""
    tests = [how for how in hows if how.startswith("test ")]
    named = {}
    for how in hows:
        kind, _, which = how.partition(" ")
        if kind == "test":
            named[how] = "the test file" if len(tests) == 1 else f"test file {which[:6]}"
        else:
            named[how] = f"{which} folds" if kind == "folds" else how
    return named


def headline(rows: Sequence[Curve] | str, wanted: Sequence[str]) -> str:
    """The metric that stands for all: the first that was asked for, or the first measured."""
    if isinstance(rows, str):
        return ""
    metrics = [each.metric for each in rows]
    return next((name for name in wanted if name in metrics), metrics[0])


def batches(project: Project, labels: Labels, classes: Sequence[str]) -> tuple[Batch, ...] | str:
    """The batches with what had been labelled once each was answered."""
    if not labels.rows:
        return NO_LABEL
    first = _first_batches(project)
    asked: dict[int, list[Any]] = defaultdict(list)
    for row in project.asked.rows():
        asked[batch_number(row.batch)].append(row)
    skipped = Counter(max(0, batch_number(answer.batch)) for answer in _counting(project) if answer.kind == "skip")
    of: dict[int, list[Any]] = defaultdict(list)
    for each in labels.rows:
        of[first[each.id]].append(each)
    prices = _prices(project, labels)
    counts = dict.fromkeys(classes, 0)
    total, found = 0, []
    for number in sorted({0, *asked, *of} if 0 in of else {*asked, *of}):
        mine = of[number]
        total += len(mine)
        for each in mine:
            counts[each.label] = counts.get(each.label, 0) + 1
        found.append(
            Batch(
                number,
                tuple(dict.fromkeys(row.strategy for row in asked[number])),
                len(asked[number]),
                len(mine),
                skipped[number],
                total,
                dict(counts),
                None if prices is None else sum(prices[each.id] for each in mine),
            )
        )
    return tuple(found)


def _first_batches(project: Project) -> dict[str, int]:
    """id -> the batch that its first label came from, 0 for none."""
    first: dict[str, int] = {}
    for answer in project.labels.rows():
        if answer.kind == "label":
            batch = max(0, batch_number(answer.batch))
            first[answer.id] = min(batch, first.get(answer.id, batch))
    return first


def _counting(project: Project) -> list[Any]:
    return list(current(project.labels.rows()).values())


def _prices(project: Project, labels: Labels) -> dict[str, float] | None:
    """What the label of each row cost, where the settings name a column for it."""
    if project.settings.cost is None or not project.settings.pool:
        return None
    from alcli.steps.stopping import prices

    return prices(project, project.settings.cost, sorted(row.id for row in labels.rows))


def arms(project: Project, labels: Labels) -> tuple[Arm, ...] | str:
    """The strategies that chose rows, in the order of their first batch."""
    label = dict(labels.pairs())
    skipped = {answer.id for answer in _counting(project) if answer.kind == "skip"} - set(label)
    rows: dict[str, dict[str, None]] = {}
    for row in project.asked.rows():
        rows.setdefault(row.strategy or "(not recorded)", {})[row.id] = None
    if not rows:
        return "no row was asked yet: `alcli query -o to_label.xlsx` asks for the first batch"
    return tuple(
        Arm(
            name,
            len(ids),
            sum(id_ in label for id_ in ids),
            sum(id_ in skipped for id_ in ids),
            Counter(label[id_] for id_ in ids if id_ in label),
        )
        for name, ids in rows.items()
    )


def agreement(project: Project, campaign: Campaign, labels: Labels) -> Agreement | str:
    """How far labelers agree; needs answers of two to the same rows, or rows whose answer was known."""
    answers = project.labels.rows()
    known = quality(answers, project.gold())
    whole = coefficients(project.voting(overridden=True))
    if not whole["rows"] and not any(each["gold"]["of"] for each in known.values()):
        return (
            "no row has answers of two annotators, and none whose answer was known was asked: "
            "`alcli query --ask-again`, answered by somebody else, shows how far they agree"
        )
    people = []
    for each in who_did_what(answers, campaign, labels):
        name = each["annotator"]
        more = known.get("" if name == "(anyone)" else name, {})
        people.append(
            Labeler(
                name, each["labels"], each["skips"], _share(more.get("others")), _share(more.get("gold")),
                more.get("seconds"),
            )
        )  # fmt: skip
    pairs = tuple(
        (pair["one"] or "(anyone)", pair["other"] or "(anyone)", int(pair["rows"]), _defined(pair["kappa"]))
        for pair in whole["pairs"]
    )
    return Agreement(
        tuple(people), whole["rows"], _defined(whole["krippendorff_alpha"]), _defined(whole["fleiss_kappa"]), pairs
    )


def _share(found: Mapping[str, Any] | None) -> tuple[float, float, float, int] | None:
    if not found or not found["of"]:
        return None
    return found["share"], found["low"], found["high"], found["of"]


def _defined(value: float | None) -> float | None:
    return None if value is None or value != value else float(value)


def stopping(project: Project) -> Stopping | str:
    """The stopping rules and how they stand."""
    from alcli.steps.stopping import judge, rules_of

    try:
        rules = rules_of(project)
        if not rules:
            return (
                'there is no stopping rule: `rule = ["kappa >= 0.99 for 3"]` in [enough] of alcli.toml is one, and '
                "`alcli enough --list` lists all"
            )
        verdict = judge(project, rules)
    except AlcliError as error:
        return told(error)
    says = f"Yes, as {'; '.join(verdict.because)}" if verdict.enough else "Not yet: no rule holds as a whole"
    return Stopping(verdict.enough, f"{says}.", tuple(_rule(each) for each in verdict.rules))


def _rule(each: Any) -> Rule:
    value = (
        "–" if each.value is None else f"{each.value:,.0f}" if float(each.value).is_integer() else f"{each.value:.4f}"
    )
    held = f"{min(each.held, each.needed)} of {each.needed} rounds" if each.over_rounds else ""
    return Rule(each.rule, value, f"{each.op} {each.threshold:g}", held, each.met, each.why)


def told(error: AlcliError) -> str:
    """An error as the reason why a section is not shown."""
    return error.message + (f": {error.hint}" if error.hint else "")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value - value == 0 else None
