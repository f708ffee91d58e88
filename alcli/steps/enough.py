"""`enough`: are there enough labels? Judges the stopping rules, one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from alcli.errors import AlcliError, Exit
from alcli.steps.forecasting import forecast_of
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.steps.stopping import Judged, judge, rules_of, short_of_rounds
from alcli.steps.up_to_date import newer_labels


@dataclass(frozen=True, kw_only=True)
class EnoughResult(Result):
    """Whether there are enough labels; the exit code is 0 for yes, 3 for not yet.

    Attributes
    ----------
    enough : whether one of the rules holds.
    because : the rules that hold, as they were understood.
    rules : every condition with `value`, `threshold`, `held` and `needed` rounds, whether it is `met`, and `why`
        it has no value.
    forecast : with that flag: what the next labels are expected to bring.
    known : with `listed`: every rule that there is, and nothing is judged.
    """

    enough: bool
    because: tuple[str, ...] = ()
    rules: tuple[Judged, ...] = ()
    forecast: Mapping[str, Any] | None = None
    known: tuple[Mapping[str, Any], ...] = ()

    def data(self) -> dict[str, Any]:
        data = super().data()
        for name in ("forecast", "known"):
            if not getattr(self, name):
                del data[name]
        return data


def enough(*, forecast: bool = False, listed: bool = False, **flags: Any) -> EnoughResult:
    """Judge the stopping rules by the ledgers.

    Parameters
    ----------
    forecast : also fit a learning curve and say what the next 100 labels would buy.
    listed : list the rules there are instead.

    Raises
    ------
    AlcliError
        ``no-rule`` when there is none to judge.
    UsageError, SettingsError
        ``stopping-rule`` when one cannot be read.
    """
    project = Project("enough", flags)
    if listed:
        return EnoughResult(enough=False, known=tuple(known()))
    rules = rules_of(project)
    if not rules:
        raise AlcliError(
            "there is no stopping rule to judge",
            hint="`--rule 'kappa >= 0.99 for 3'`, or `rule` in [enough] of alcli.toml; `alcli enough --list` has all",
            code="no-rule",
        )
    verdict = judge(project, rules)
    return EnoughResult(
        enough=verdict.enough,
        because=verdict.because,
        rules=verdict.rules,
        forecast=forecast_of(project, rules) if forecast else None,
        exit=Exit.DONE if verdict.enough else Exit.NO,
        warnings=(*_unmeasured(project), *short_of_rounds(project, rules))
        if any(each.over_rounds for each in verdict.rules)
        else (),
        settings=shaping(project.settings, "enough"),
    )


def _unmeasured(project: Project) -> tuple[str, ...]:
    """What stands between the newest labels and the newest measurement."""
    measured = project.metrics.rows()
    if not measured or not newer_labels(project, {"labels": measured[-1].labels_fingerprint}):
        return ()
    return ("labels have come in since the last measurement; `alcli train && alcli evaluate` counts them",)


def known() -> list[dict[str, Any]]:
    """Every rule that has a name of its own; each metric of `evaluate` is one more."""
    from alcli.evaluation.stopping.conditions import shown
    from alcli.evaluation.stopping.table import ALIASES, RULES

    return [
        {
            "name": rule.name,
            "summary": rule.summary,
            "kind": rule.kind,
            "takes": rule.takes,
            "default": ""
            if rule.threshold is None
            else f"{rule.op} {shown(rule.threshold)}" + (f" for {rule.rounds}" if rule.kind == "history" else ""),
            "aliases": ", ".join(name for name, of in ALIASES.items() if of == rule.name),
            "needs": rule.needs,
            "source": rule.source,
            "example": rule.example,
        }
        for rule in RULES.values()
    ]
