"""The campaign as a whole: where it stands, whether it is enough, by which settings and versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from alcli.reporting.facts import Curve, Facts, Standing, Stopping
from alcli.reporting.section import Report, Section, Table
from alcli.reporting.sections.people import agreement
from alcli.reporting.sections.progress import arms, balance, gains, learning
from alcli.reporting.sections.rows import doubtful, landscape
from alcli.reporting.sections.truth import calibration, confusion


def compose(facts: Facts) -> Report:
    """The report of these facts."""
    return Report(
        f"Labelling campaign on {facts.standing.pool}",
        moment(facts.written),
        key_figures(facts.standing, facts.curves),
        (
            learning(facts.curves),
            gains(facts.curves, facts.headline, facts.batches, facts.foreseen),
            stopping(facts.stopping),
            balance(facts.batches, facts.classes, facts.doubts),
            arms(facts.arms, facts.classes, facts.foreseen_by_arm),
            agreement(facts.agreement),
            confusion(facts.judgement),
            calibration(facts.judgement),
            landscape(facts.map),
            doubtful(facts.doubts, facts.judgement),
            settings(facts.settings, facts.files),
            versions(facts.versions),
        ),
    )


def key_figures(standing: Standing, curves: Sequence[Curve] | str) -> dict[str, str]:
    """The campaign in a few figures: what it is, and its value."""
    share = f" ({standing.labelled / standing.rows:.1%})" if standing.rows and standing.labelled else ""
    found = {
        "rows in the pool": f"{standing.rows:,}",
        "labelled": f"{standing.labelled:,}{share}",
        "out with labelers": f"{standing.out:,}",
        "left to ask": f"{standing.left:,}",
        "batches": f"{standing.batches:,}",
        "labelers": f"{standing.annotators:,}",
    }
    for metric in [] if isinstance(curves, str) else list(dict.fromkeys(each.metric for each in curves))[:2]:
        curve = max((each for each in curves if not isinstance(each, str) and each.metric == metric), key=_reach)
        last = curve.points[-1]
        interval = "" if last.low is None else f" ({last.low:.3f} to {last.high:.3f})"
        found[metric] = f"{last.value:.3f}{interval}"
    found["model"] = standing.model
    found["newest entry"] = moment(standing.newest) if standing.newest else "none"
    found["next"] = f"`{standing.next}`"
    return found


def moment(text: str) -> str:
    """A time of a ledger, for people.

    >>> moment("2026-11-22T09:16:37Z")
    '2026-11-22 09:16 UTC'
    """
    return f"{text[:10]} {text[11:16]} UTC" if len(text) == 20 else text


def _reach(curve: Curve) -> float:
    return curve.points[-1].labels


def stopping(found: Stopping | str) -> Section:
    """Each stopping rule with its value."""
    head = ("stopping", "Are there enough labels?")
    if isinstance(found, str):
        return Section(*head, why=found)
    table = Table(
        "Stopping rules",
        (("rule", "text"), ("value", "text"), ("threshold", "text"), ("held", "text"), ("met", "text")),
        tuple((each.rule, each.value, each.threshold, each.held, "yes" if each.met else "no") for each in found.rules),
    )
    whys = tuple(f"{each.rule}: {each.why}." for each in found.rules if each.why)
    return Section(*head, (found.says, *whys), (), (table,))


def settings(found: Sequence[tuple[str, str, str]], files: Sequence[tuple[str, str, str]]) -> Section:
    """Settings that are not at their default, and the files that were read."""
    return Section(
        "settings",
        "Settings and files",
        ("All other settings have their defaults; `alcli status --settings` lists them.",),
        (),
        (
            Table("Settings", (("setting", "text"), ("value", "text"), ("source", "text")), tuple(found)),
            Table("Files", (("what", "text"), ("file", "text"), ("digest", "text")), tuple(files)),
        ),
    )


def versions(found: Mapping[str, str]) -> Section:
    """What made the report."""
    rows = tuple(sorted(found.items()))
    return Section(
        "versions",
        "Versions",
        tables=(Table("Programs that made this report and the model", (("name", "text"), ("version", "text")), rows),),
    )
