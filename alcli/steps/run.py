"""`run`: the loop of query, a command that answers, import, train and evaluate, until told to stop.

All state is in the ledgers and in sheets/, so a run that was killed goes on when it is started again: a
batch that is out is answered first, answers that were written are imported first, a model that is older
than the labels is trained first.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alcli.errors import AlcliError, Exit, ModelError, TableError, UsageError, counted
from alcli.evaluation.stopping.conditions import Tree
from alcli.settings import TABLE, flag_of
from alcli.steps.annotating import answered_by
from alcli.steps.ending import why_enough
from alcli.steps.project import Project
from alcli.steps.result import Result, shaping
from alcli.steps.stopping import rules_of
from alcli.telling import say

if TYPE_CHECKING:
    from alcli.steps.import_labels import ImportLabelsResult

# What a printed command line leaves out: how much is said changes no result.
_UNSAID = ("wait", "quiet", "verbose", "progress", "color", "project", "count")


@dataclass(frozen=True, kw_only=True)
class RunResult(Result):
    """Where the campaign stands.

    Attributes
    ----------
    rounds, labelled : batches and labelled rows of the project, earlier runs included.
    played : batches that this run had answered.
    reason : why it ended.
    metrics : of the last measurement, name -> value.
    rejected : answers of this run that were not taken; `rejects`: the files with them, joined by `, `, or None.
    """

    rounds: int
    labelled: int
    played: int
    reason: str
    metrics: Mapping[str, float | None]
    rejected: int
    rejects: str | None


@dataclass
class _Rejected:
    """What the imports of a run did not take."""

    rows: int = 0
    files: list[str] = field(default_factory=list)
    problems: list[AlcliError] = field(default_factory=list)

    def add(self, result: ImportLabelsResult) -> None:
        self.rows += result.rejected
        self.files += [result.rejects] if result.rejects else []
        self.problems += result.problems


@dataclass(frozen=True)
class _End:
    """When to stop; None for never."""

    rounds: int | None
    labels: int | None
    until: tuple[str, ...] = ()

    def reached(self, project: Project) -> str | None:
        if why := why_enough(project, self.rules(project)):
            return why
        campaign, labelled = project.campaign(), len(project.resolved_labels().rows)
        if self.rounds is not None and campaign.batches() >= self.rounds:
            return f"{counted(campaign.batches(), 'round')} of {self.rounds:,}"
        if self.labels is not None and labelled >= self.labels:
            return f"{counted(labelled, 'label')} of {self.labels:,}"
        return None

    def rules(self, project: Project) -> list[Tree]:
        """The stopping rules: those of `until`, else the project's."""
        return rules_of(project, self.until, setting=None) if self.until else rules_of(project)


def run(
    *,
    command: str,
    rounds: int | None = None,
    labels_wanted: int | None = None,
    timeout: float | None = None,
    until: Sequence[str] = (),
    **flags: Any,
) -> RunResult:
    """Play rounds with a command as the annotator.

    Parameters
    ----------
    command : run by the shell for each batch. It reads the sheet as CSV on stdin and writes it back with its
        label column filled on stdout; or `{in}` and `{out}` in it stand for the two files.
    rounds : stop when the project has had so many batches, earlier ones included.
    labels_wanted : stop when so many rows are labelled; the last batch is as small as needed.
    timeout : seconds that the command may take for one batch.
    until : stopping rules, in place of the project's; one that holds is an end.

    Raises
    ------
    UsageError
        Without an end.
    ModelError, TableError, FileTrouble
        As the steps do; also `annotator-failed` when the command fails, hangs or answers nothing. What was
        answered before is kept, and the same command line goes on.
    """
    for name, value in (("--rounds", rounds), ("--budget", labels_wanted), ("--timeout", timeout)):
        if value is not None and value <= 0:
            raise UsageError(f"`{name}` must be above 0, not {value:g}", code="bad-value")
    project = Project("run", flags)
    if project.settings.config is None:
        raise UsageError("a run needs a project", hint="`alcli init POOL` makes one", code="no-project")
    end = _End(rounds, labels_wanted, (until,) if isinstance(until, str) else tuple(until))
    if not end.rules(project) and rounds is None and labels_wanted is None:
        hint = "`--rounds N`, `--budget N` or a stopping rule: `--until 'kappa >= 0.99 for 3'`"
        raise UsageError("a run needs an end", hint=hint, code="no-end")
    played, rejected = 0, _Rejected()
    metrics: dict[str, float | None] = {}
    while True:
        # settings and ledgers anew: somebody may have imported or changed something meanwhile
        project = Project("run", flags)
        pending = _pending(project)
        if pending is not None:
            rejected.add(_answer(project, flags, pending, command, timeout))
            played += 1
            project = Project("run", flags)
        metrics = _learned(project, flags, judged=bool(end.rules(project))) or metrics
        project.forget()  # metrics.csv has grown
        reason = end.reached(project)
        if reason is None and not _asked(project, flags, end):
            reason = "nothing is left to ask"
        if reason is not None:
            break
    from alcli.steps.import_labels import MOST_PROBLEMS

    project = Project("run", flags)
    return RunResult(
        rounds=project.campaign().batches(),
        labelled=len(project.resolved_labels().rows),
        played=played,
        reason=reason,
        metrics=metrics,
        rejected=rejected.rows,
        rejects=", ".join(rejected.files) or None,
        exit=Exit.NO if rejected.rows else Exit.DONE,
        problems=tuple(rejected.problems[:MOST_PROBLEMS]),
        problems_total=rejected.rows,
        settings=shaping(project.settings, "run"),
    )


def _sheet(project: Project, batch: int) -> Path:
    return project.settings.project / "sheets" / f"{batch:04d}.csv"


def _pending(project: Project) -> int | None:
    """The newest batch, when its sheet is here and nobody has answered any of it."""
    campaign = project.campaign()
    batch = campaign.batches()
    if batch == 0 or not _sheet(project, batch).is_file():
        return None
    ids = {row.id for row in campaign.rows_of(batch)}
    if any(row.id in ids and row.batch == str(batch) for row in project.labels.rows()):
        return None
    return batch


def _passed(flags: Mapping[str, Any], command: str) -> dict[str, Any]:
    """The flags that the command of a step has too: they mean there what they mean here.

    But the encoding that an import is told is that of the sheets, and a command answers in UTF-8.
    """
    return {
        name: value
        for name, value in flags.items()
        if name in ("project", "config")
        or (name in TABLE and command in TABLE[name].commands and (command, name) != ("import-labels", "encoding"))
    }


def _said(flags: Mapping[str, Any], command: str, *words: str) -> None:
    """The command line of a step, so that a person can take over by hand; a quiet run, as cron's, says none."""
    if Project("run", flags).settings.quiet:
        return
    more: list[str] = []
    for name, value in _passed(flags, command).items():
        if name in _UNSAID:
            continue
        flag = flag_of(name) if name in TABLE else f"--{name}"
        if isinstance(value, bool):
            more.append(flag if value else flag.replace("--", "--no-", 1))
        else:
            for one in value if isinstance(value, (list, tuple)) else (value,):
                more += [flag, str(one)]
    place = ["-C", str(flags["project"])] if flags.get("project") else []
    say("$ " + shlex.join(["alcli", command, *words, *more, *place]))


def _answer(
    project: Project, flags: Mapping[str, Any], batch: int, command: str, timeout: float | None
) -> ImportLabelsResult:
    from alcli.steps.import_labels import import_labels

    sheet = _sheet(project, batch)
    answers = sheet.with_suffix(".answers.csv")
    if not answers.exists():
        if not project.settings.quiet:
            say(f"$ {command}  < {sheet}  > {answers}" if "{in}" not in command else f"$ {command}")
        answered_by(command, sheet, answers, timeout)
    name = _annotator(project, command)
    _said(flags, "import-labels", str(answers), "--annotator", name)
    try:
        result = import_labels(sheets=[answers], annotator=name, **_passed(flags, "import-labels"))
    except AlcliError:
        answers.unlink(missing_ok=True)  # so that the next run asks again
        raise
    if result.new + result.known + result.changed == 0:
        answers.unlink(missing_ok=True)
        raise ModelError(
            f"the annotator answered none of the {counted(len(project.campaign().rows_of(batch)), 'row')} of batch {batch}",
            at=str(result.rejects or sheet),
            hint="nothing was lost: mend the command and run again",
            code="annotator-failed",
        )
    return result


def _annotator(project: Project, command: str) -> str:
    """The name under which the answers are kept: the project's setting, else that of the program."""
    if project.settings.annotator:
        return project.settings.annotator
    words = [word for word in shlex.split(command) if not word.startswith("-") and "{" not in word]
    # the interpreter in front may have a dot of its own, python3.12
    script = next((word for word in words[1:] if "." in Path(word).name), words[0] if words else "command")
    return Path(script).stem


def _learned(project: Project, flags: Mapping[str, Any], *, judged: bool) -> dict[str, float | None]:
    """Train when there are labels that the model has not seen, and measure it then.

    Parameters
    ----------
    judged : whether stopping rules will look at the measurements: a model that an earlier run left unmeasured
        is measured first.
    """
    from alcli.steps.evaluate import evaluate
    from alcli.steps.train import train
    from alcli.steps.up_to_date import is_measured, model_of

    labels = project.resolved_labels()
    model = model_of(project, labels)
    stale = bool(labels.rows) and (not model["exists"] or model["stale"])
    if not stale and not (judged and model["exists"] and not is_measured(project)):
        return {}
    if stale:
        _said(flags, "train")
        train(**_passed(flags, "train"))
    _said(flags, "evaluate")
    try:
        measured = evaluate(**_passed(flags, "evaluate"))
    except (TableError, ModelError) as error:
        if not project.settings.quiet:
            say(f"not measured: {error.message}")  # a few labels may be too few for folds
        return {}
    return {name: metric["value"] for name, metric in measured.metrics.items()}


def _asked(project: Project, flags: Mapping[str, Any], end: _End) -> bool:
    """Whether there was something to ask."""
    from alcli.steps.query import query

    chosen = _passed(flags, "query")
    if end.labels is not None:
        left = end.labels - len(project.resolved_labels().rows)
        chosen["count"] = min(int(chosen.get("count", project.settings.count)), left)
    # whether there is enough was judged just now, by the rules of this run
    chosen["even_if_enough"] = True
    words = ["-n", str(chosen.get("count", project.settings.count))]
    if project.settings.rule:
        words.append("--even-if-enough")
    _said(flags, "query", *words)
    # the command answers all of the batch, and reads CSV as it comes, whatever people's sheets look like
    alone: dict[str, Any] = {"annotators": (), "per_row": 1, "workload": ()}
    result = query(**{**chosen, **alone}, format="csv", bom=False, sheet_separator=",")
    return result.exit != Exit.NO and bool(result.asked)
