"""What the stopping rules of a project mean to the commands that spend labels, and to `status`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from alcli.errors import AlcliError, counted
from alcli.evaluation.stopping.conditions import Tree, conditions
from alcli.steps.project import Project
from alcli.steps.stopping import judge, rules_of
from alcli.steps.up_to_date import is_measured


def why_enough(project: Project, rules: Sequence[Tree]) -> str | None:
    """In words that there are enough labels and by which rules; None when none of them holds."""
    verdict = judge(project, rules) if rules else None
    if verdict is None or not verdict.enough:
        return None
    holding = " and ".join(f"`{text}`" for text in verdict.because)
    return f"there are enough labels, as {holding} hold{'s' if len(verdict.because) == 1 else ''}"


def unjudged(project: Project, rules: Sequence[Tree]) -> list[str]:
    """A warning for a loop that forgets to evaluate: its stopping rules would never hold."""
    over_rounds = any(each.rule.kind == "history" for tree in rules for each in conditions(tree))
    if not over_rounds or not project.settings.path("model").exists() or is_measured(project):
        return []
    return ["the model was not measured, so the stopping rules know nothing of it; `alcli evaluate` measures it"]


def standing(project: Project) -> dict[str, Any]:
    """How the stopping rules stand, in words; one that cannot be read is for `enough` and `query` to refuse."""
    try:
        verdict = judge(project, rules_of(project))
    except AlcliError as error:
        return {"enough": False, "says": f"cannot be judged: {error.message}"}
    if verdict.enough:
        return {"enough": True, "says": f"yes, {'; '.join(verdict.because)}"}
    met = sum(each.met for each in verdict.rules)
    return {"enough": False, "says": f"not yet, {met:,} of {counted(len(verdict.rules), 'condition')} met"}
