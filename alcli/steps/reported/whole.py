"""The campaign as a whole: where it stands, the settings in force, the versions, the files that were read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alcli.reporting.facts import Standing
from alcli.settings import TABLE
from alcli.settings.table import key_of
from alcli.steps.result import plain

if TYPE_CHECKING:
    from alcli.steps.project import Project
    from alcli.tables.history import Campaign, Labels

# How to behave, not what to do.
_SILENT = {"wait", "quiet", "verbose", "progress", "color", "jobs", "project_key"}


def standing(project: Project, campaign: Campaign, labels: Labels, left: int, model: str, next_: str) -> Standing:
    """Where the campaign stands."""
    settings = project.settings
    moments = [
        *(row.asked_at for row in project.asked.rows()),
        *(row.imported_at for row in project.labels.rows()),
        *(row.evaluated_at for row in project.metrics.rows()),
    ]
    return Standing(
        pool=", ".join(each.replace("\\", "/").rsplit("/", 1)[-1] or each for each in settings.pool) or "a pool",
        rows=project.pool.facts().rows if settings.pool else 0,
        labelled=len(labels.rows),
        out=len(campaign.out),
        left=left,
        batches=campaign.batches(),
        annotators=len({row.annotator for row in project.labels.rows() if row.kind == "label"}),
        model=model,
        newest=max(moments, default=""),
        next=next_.partition("    ")[0],
    )


def in_force(project: Project) -> tuple[tuple[str, str, str], ...]:
    """Settings that somebody chose: name, value, source."""
    settings = project.settings
    found = []
    for name, row in TABLE.items():
        source = settings.sources[name]
        if source.kind == "default" or name in _SILENT:
            continue
        value = plain(getattr(settings, name))
        shown = "" if value is None else ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        key = f"{row.section}.{key_of(name)}" if row.section else key_of(name)
        # the folder is where this machine keeps it, and would differ on another
        where = source.where.replace("\\", "/").rsplit("/", 1)[-1]
        found.append((key, shown, f"{source.kind} {where}".strip()))
    return tuple(found)


def versions(project: Project) -> dict[str, str]:
    """Programs by name; those that made the model where they differ."""
    from importlib.metadata import version

    from alcli.models.card import read_card
    from alcli.models.card import versions as mine

    here = {**mine(), "pyarrow": version("pyarrow")}
    card = read_card(project.settings.path("model")) or {}
    its = card.get("versions")
    if isinstance(its, dict):
        here |= {f"{name}, of the model": str(its[name]) for name in its if str(its[name]) != here.get(name)}
    return here


def files(project: Project) -> tuple[tuple[str, str, str], ...]:
    """What was read: name, file, the first 16 digits of its digest."""
    from alcli.models.card import read_card

    settings = project.settings
    found = []
    if settings.pool:
        found.append(("pool", ", ".join(settings.pool), project.pool.facts().fingerprint[:16]))
    for name, ledger in (("labels", project.labels), ("asked", project.asked), ("metrics", project.metrics)):
        if ledger.rows():
            found.append((name, str(getattr(settings, name)), ledger.fingerprint()[:16]))
    if settings.path("model").exists():
        card = read_card(settings.path("model")) or {}
        found.append(("model", settings.model, str(card.get("sha256", ""))[:16]))
    if settings.test is not None:
        found.append(("test", settings.test, ""))
    return tuple(found)
