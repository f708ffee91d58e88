"""`status`: where the round stands and what to do next. Reads ledgers and a cached fact of the pool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alcli.settings import TABLE
from alcli.settings.table import key_of, variable_of
from alcli.steps.excluding import excluded_strangers
from alcli.steps.labelers import agreement
from alcli.steps.labelers import labelers as who_did_what
from alcli.steps.project import Project
from alcli.steps.quality import quality
from alcli.steps.result import Result, plain, shaping
from alcli.steps.up_to_date import is_measured, model_of
from alcli.tables.history import Campaign, Labels, batch_number, current
from alcli.tables.ledgers import Measurement


@dataclass(frozen=True, kw_only=True)
class StatusResult(Result):
    """Where the campaign stands.

    Attributes
    ----------
    rows, labelled, out, left, rounds : rows of the pool, with a label, with a labeler, free; batches so far.
    classes : class -> rows labelled so.
    model : `exists`, `stale` (labels came in since), `says` in words.
    metrics : of the newest measurement: name -> `value`, `low`, `high`.
    enough : whether a stopping rule holds, and `says` how they stand; None without one.
    next : the command to type next.
    values : with `show_settings`: name, value, source of every setting.
    history, labelers : with those flags; `agreement` of the labelers with the latter.
    waiting : who has rows out: `annotator` (empty for anyone), `batch`, `rows`, `since`; gold questions among them.
    expired : rows that nobody answered in time; they may be asked again.
    """

    rows: int
    labelled: int
    out: int
    left: int
    rounds: int
    classes: Mapping[str, int]
    model: Mapping[str, Any]
    metrics: Mapping[str, Mapping[str, Any]]
    enough: Mapping[str, Any] | None
    next: str
    values: tuple[Mapping[str, str], ...] = ()
    history: tuple[Mapping[str, Any], ...] | None = None
    labelers: tuple[Mapping[str, Any], ...] | None = None
    agreement: Mapping[str, Any] | None = None
    waiting: tuple[Mapping[str, Any], ...] = ()
    expired: int = 0

    def data(self) -> dict[str, Any]:
        data = super().data()
        data["settings"] = data.pop("values")
        if not self.values:
            del data["settings"]
        for name in ("history", "labelers", "agreement"):
            if getattr(self, name) is None:
                del data[name]
        return data


def status(
    *, show_settings: bool = False, labelers: bool = False, history: str | None = None, **flags: Any
) -> StatusResult:
    """Say where the round stands.

    Parameters
    ----------
    show_settings : every setting with where it was found.
    labelers : answers and open rows of each annotator, and how far they agree.
    history : an id: everything that happened to it.
    """
    project = Project("status", flags)
    settings = project.settings
    campaign = project.campaign()
    labels = project.resolved_labels()
    rows = project.pool.facts().rows if settings.pool else 0
    counts = dict.fromkeys(project.classes(labels), 0) | labels.counts()
    model = model_of(project, labels)
    left = project.left(campaign)
    enough = None
    if settings.rule and settings.pool:
        from alcli.steps.ending import standing

        enough = standing(project)
    tied = (f"{len(labels.tied):,} rows have annotators who disagree without a majority",) if labels.tied else ()
    return StatusResult(
        rows=rows,
        labelled=len(labels.rows),
        out=len(campaign.out),
        left=left,
        rounds=campaign.batches(),
        classes=counts,
        model=model,
        metrics=_metrics(project.metrics.rows()),
        enough=enough,
        next=next_command(project, campaign, labels, model, left, enough=bool(enough and enough["enough"])),
        values=tuple(_values(project)) if show_settings else (),
        history=tuple(_history(project, history)) if history is not None else None,
        labelers=_people(project, campaign, labels) if labelers else None,
        # that a recheck settled who is right does not mean that they agreed
        agreement=agreement(project.voting(overridden=True)) if labelers else None,
        waiting=tuple(_waiting(campaign)),
        expired=len({row.id for row in campaign.expired} - campaign.unavailable()),
        warnings=excluded_strangers(project) + tied,
        settings=shaping(settings, "status"),
    )


def _people(project: Project, campaign: Campaign, labels: Labels) -> tuple[Mapping[str, Any], ...]:
    """What each annotator did and has, and how good the answers are."""
    answers = project.labels.rows()
    known = quality(answers, project.gold())
    people = who_did_what(answers, campaign, labels)
    # somebody without a label has nothing but what is out
    return tuple(
        {**each, **known.get("" if each["annotator"] == "(anyone)" else each["annotator"], {})} for each in people
    )


def _metrics(rows: list[Measurement]) -> dict[str, dict[str, Any]]:
    # what is recorded for stopping rules says little by itself
    measured = [row for row in rows if row.how.partition(" ")[0] not in ("stop", "batch", "prequential")]
    if not measured:
        return {}
    last = measured[-1]
    same = (last.evaluated_at, last.model_fingerprint, last.how)
    return {
        row.metric: {"value": _number(row.value), "low": _number(row.low), "high": _number(row.high)}
        for row in measured
        if (row.evaluated_at, row.model_fingerprint, row.how) == same
    }


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def next_command(
    project: Project, campaign: Campaign, labels: Labels, model: Mapping[str, Any], left: int, *, enough: bool
) -> str:
    """The command to type next, and behind four blanks why."""
    here = "" if str(project.settings.project) == "." else f" -C {project.settings.project}"
    if not project.settings.pool:
        return "alcli init POOL"
    if campaign.out:
        return f"alcli import-labels SHEET{here}    ({len(campaign.out):,} rows are out)"
    if labels.rows and (not model["exists"] or model["stale"]):
        return f"alcli train{here}"
    if model["exists"] and not is_measured(project):
        return f"alcli evaluate{here}"
    if enough:
        return f"alcli labels -o labelled.csv{here}    (there are enough labels)"
    if left:
        return f"alcli query -o to_label.xlsx{here}"
    return f"alcli labels -o labelled.csv{here}    (every row is labelled)"


def _values(project: Project) -> list[dict[str, str]]:
    settings = project.settings
    found = []
    for name, row in TABLE.items():
        source = settings.sources[name]
        where = f"{source.kind} {source.where}".strip() if source.kind != "default" else "default"
        key = f"{row.section}.{key_of(name)}" if row.section else key_of(name)
        value = plain(getattr(settings, name))
        shown = "" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        found.append({"name": key, "value": shown, "source": where, "variable": variable_of(name)})
    return found


def _waiting(campaign: Campaign) -> list[dict[str, Any]]:
    """Who has which batch, and since when; the oldest first."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in campaign.waiting:
        new = {"annotator": row.annotator, "batch": row.batch, "rows": 0, "since": row.asked_at}
        entry = found.setdefault((row.annotator, row.batch), new)
        entry["rows"] += 1
        entry["since"] = min(entry["since"], row.asked_at)
    return sorted(found.values(), key=lambda each: (each["since"], batch_number(each["batch"]), each["annotator"]))


def _history(project: Project, id_: str) -> list[dict[str, Any]]:
    """Everything that happened to a row: asked of whom, answered, corrected, withdrawn; what counts now."""
    answers = project.labels.rows()
    mine = [answer for answer in answers if answer.id == id_]
    voting = {id(answer) for answer in project.voting(mine)}
    counting = {id(answer) for answer in current(mine).values() if id(answer) in voting}
    events: list[dict[str, Any]] = []
    for row in project.asked.rows():
        if row.id == id_:
            why = "as gold" if row.purpose == "gold" else f"by {row.strategy}"
            what = f"asked {why}, rank {row.rank}"
            events.append(_event(row.asked_at, "asked", what, row.annotator, row.batch))
    for answer in mine:
        what = f"{answer.kind} {answer.label}".strip() + (f" ({answer.comment})" if answer.comment else "")
        event = _event(answer.imported_at, answer.kind, what, answer.annotator, answer.batch)
        event |= {"label": answer.label, "comment": answer.comment, "answered_at": answer.answered_at}
        events.append(event | {"source": answer.source, "counts": id(answer) in counting and answer.kind == "label"})
    # of one second: what a batch asked stands before what it brought
    return sorted(events, key=lambda event: (event["when"], batch_number(event["batch"]), event["kind"] != "asked"))


def _event(when: str, kind: str, what: str, by: str, batch: str) -> dict[str, Any]:
    return {
        "when": when, "kind": kind, "what": what, "by": by, "batch": batch, "source": "", "label": "", "comment": "",
        "answered_at": "", "counts": False,
    }  # fmt: skip
