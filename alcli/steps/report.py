"""`report`: the campaign in pictures, as one file. Reads ledgers, model and pool; writes nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.clock import now
from alcli.errors import AlcliError
from alcli.files import replacing
from alcli.steps.delivering import format_of, write_stdout
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.steps.status import next_command
from alcli.steps.untouched import refuse_untouched
from alcli.steps.up_to_date import model_of

if TYPE_CHECKING:
    from alcli.reporting.facts import Facts
    from alcli.reporting.section import Report

FORMATS = {".html": "html", ".htm": "html", ".md": "md", ".markdown": "md"}


@dataclass(frozen=True, kw_only=True)
class ReportResult(Result):
    """Where the report went, and what is in it.

    Attributes
    ----------
    output, format : the file, or ``-``; ``html`` or ``md``.
    sections : each with `name`, `title`, whether it is `shown` and `why` not, what it `says`, and its `tables`
        (`caption`, `columns`, `rows`).
    facts : the figures at its head.
    """

    output: str
    format: str
    facts: Mapping[str, str]
    sections: tuple[Mapping[str, Any], ...]


def report(
    *, output: str | None = None, report_format: str | None = None, trust_model: bool = False, **flags: Any
) -> ReportResult:
    """Write the campaign in pictures and numbers.

    Parameters
    ----------
    output : a file (.html or .md) or ``-``; report.html in the project by default.
    report_format : html or md, where the suffix does not say it.

    Raises
    ------
    UsageError
        If nothing says the format, or there is neither a pool nor a ledger to report on.
    FileTrouble
        If `output` is a file that nothing is written over: of the pool, a ledger, the model, …
    """
    project = Project("report", flags)
    settings = project.settings
    target = output or str(Path(settings.project) / "report.html")
    form = format_of(target, report_format, FORMATS, "report")
    refuse_untouched(project, target)
    from alcli import __version__
    from alcli.reporting.markdown import markdown
    from alcli.reporting.page import page
    from alcli.reporting.sections.whole import compose

    made: Report = compose(_gathered(project, trust_model))
    text = (page if form == "html" else markdown)(made, __version__)
    data = text.encode("utf-8", "replace")
    if target == "-":
        write_stdout(data)
    else:
        with replacing(Path(target)) as file:
            file.write(data)
    return ReportResult(
        output=target,
        format=form,
        facts=made.facts,
        sections=tuple(section.plain() for section in made.sections),
        settings=shaping(settings, "report"),
    )


def _gathered(project: Project, trust: bool) -> Facts:
    from alcli.reporting.facts import Facts
    from alcli.steps.reported import history
    from alcli.steps.reported.judging import judgement
    from alcli.steps.reported.sample import doubts, landscape, sampled
    from alcli.steps.reported.whole import files, in_force, standing, versions

    settings = project.settings
    if not settings.pool and not (project.labels.rows() or project.asked.rows() or project.metrics.rows()):
        project.pool  # noqa: B018  (says that there is none, and what to do)
    labels, campaign = project.resolved_labels(), project.campaign()
    classes = project.classes(labels)
    roles: dict[str, str] = project.roles() if settings.pool else {}
    bundle, why = _model(project, trust)
    sample = sampled(project, bundle, roles) if settings.pool else "no pool is named: `--pool FILE`"
    curves = history.curves(project.metrics.rows())
    left = project.left(campaign)
    model = model_of(project, labels)
    stopping = history.stopping(project)
    enough = not isinstance(stopping, str) and stopping.enough
    following = next_command(project, campaign, labels, model, left, enough=enough)
    return Facts(
        standing=standing(project, campaign, labels, left, model["says"], following),
        curves=curves,
        headline=history.headline(curves, settings.metric),
        foreseen=history.foreseen(project.metrics.rows()),
        foreseen_by_arm=history.foreseen_by_arm(project.metrics.rows()),
        batches=history.batches(project, labels, classes),
        classes=classes,
        arms=history.arms(project, labels),
        agreement=history.agreement(project, campaign, labels),
        judgement=why if bundle is None else judgement(project, bundle, roles),
        map=landscape(project, sample, campaign, labels, classes),
        doubts=why if bundle is None else doubts(project, bundle, sample, campaign),
        stopping=stopping,
        settings=in_force(project),
        versions=versions(project),
        files=files(project),
        written=now(),
    )


def _model(project: Project, trust: bool) -> tuple[Any, str]:
    """The bundle, or why there is none."""
    from alcli.steps.learning import open_model
    from alcli.steps.reported.history import NO_LABEL, told

    try:
        opened = open_model(project, trust=trust, needed=False)
    except AlcliError as error:
        return None, told(error)
    if opened is not None:
        return opened[0], ""
    return None, "there is no model yet: `alcli train` makes one" if project.labels.rows() else NO_LABEL
