"""Sheets for pages and labelling tools, from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.playing import Alcli, truth


def test_a_page_says_what_to_do_with_it_and_waits_like_any_sheet(project: Path, alcli: Alcli) -> None:
    run = alcli("query", "-n", "4", "-o", "to_label.html")
    assert run.code == 0 and "open it in a browser" in run.err and "answers-batch-1.csv" in run.err
    assert all(len(line) <= 80 for line in run.err.partition("next:")[2].splitlines())
    again = alcli("query", "-n", "4", "-o", "to_label.html")
    assert again.code == 0 and "nobody has answered yet" in again.err
    run = alcli("import-labels", "to_label.html")
    assert run.code == 1 and "answers-batch-" in run.err


def test_label_studio_gets_tasks_and_their_configuration(project: Path, alcli: Alcli) -> None:
    run = alcli("query", "-n", "4", "-o", "tasks.json")
    assert run.code == 0 and "Label Studio" in run.err
    tasks = json.loads(Path("tasks.json").read_text())
    assert len(tasks) == 4 and "<Choices" in Path("tasks.xml").read_text()
    for number, task in enumerate(tasks):
        label = truth(task["data"]["alcli_id"])
        result = {"from_name": "label", "to_name": "shown_1", "type": "choices", "value": {"choices": [label]}}
        when = "2026-11-20T10:00:00.5Z"
        task["annotations"] = [
            {"id": number, "completed_by": 7, "was_cancelled": False, "result": [result], "updated_at": when}
        ]
    Path("export.json").write_text(json.dumps(tasks))
    run = alcli("import-labels", "export.json")
    assert run.code == 0 and "4 new" in run.err
    rows = Path("labels.csv").read_text().splitlines()[1:]
    assert all(",7," in row and "2026-11-20T10:00:00Z" in row for row in rows)


@pytest.mark.parametrize(("tool", "name"), [("prodigy", "tasks.jsonl"), ("argilla", "tasks.json")])
def test_tasks_that_come_back_as_they_went_are_told(tool: str, name: str, project: Path, alcli: Alcli) -> None:
    assert alcli("query", "-n", "4", "--format", tool, "-o", name, "-q").code == 0
    run = alcli("import-labels", name)
    assert run.code == 1 and "these are the tasks for a labelling tool" in run.err
    assert "export the answers" in run.err and len(run.err) < 300


def test_a_configuration_that_somebody_changed_stays(project: Path, alcli: Alcli) -> None:
    Path("tasks.xml").write_text("<View>mine</View>")
    run = alcli("query", "-n", "4", "-o", "tasks.json")
    assert run.code == 0 and "tasks.xml is not what this sheet needs" in run.err
    assert Path("tasks.xml").read_text() == "<View>mine</View>"


def test_every_tool_can_be_named(project: Path, alcli: Alcli) -> None:
    for format in ("label-studio", "doccano", "prodigy", "argilla"):
        run = alcli("query", "-n", "3", "-o", "-", "--format", format)
        assert run.code == 0 and run.out.count("alcli_row") == 3


def test_what_to_type_next_can_be_typed_though_the_name_holds_a_blank(project: Path, alcli: Alcli) -> None:
    run = alcli("query", "-n", "2", "-o", "to label.csv")
    assert "`alcli import-labels 'to label.csv'`" in run.out + run.err
