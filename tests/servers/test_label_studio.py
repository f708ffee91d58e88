"""The real Label Studio gets alcli's tasks by its API, two people label, and every export comes back."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from .answering import (
    ANSWERS,
    CLASSES,
    ROWS,
    Said,
    alcli,
    answers_in,
    guessing_project,
    imported,
    ledger,
    new_project,
    record,
)
from .environments import Tool
from .serving import Visitor, free_port, running, surroundings, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="servers are ended by their process group"),
]

LABEL_STUDIO = Tool("label-studio", ("label-studio==1.23.2",), ((3, 11), (3, 12), (3, 10), (3, 13)))
ADDRESSES = {"ann": "ann@example.com", "ben": "ben@example.com"}
PASSWORD = "correct horse"
NUMBERS = {"ann": "1", "ben": "2"}
#: How each export is asked for, and what it calls the people: by the number of their account, or by address.
EXPORTS = {
    "export.json": ("JSON", NUMBERS),
    "export-min.json": ("JSON_MIN", NUMBERS),
    "export.csv": ("CSV", NUMBERS),
    "export.tsv": ("TSV", NUMBERS),
    "snapshot.json": ("", ADDRESSES),
}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Visitor]]:
    """A server with its data in a temporary folder, and two people who are signed in."""
    program = LABEL_STUDIO.bin() / "label-studio"
    home, port = tmp_path_factory.mktemp("label-studio"), free_port()
    base, log = f"http://127.0.0.1:{port}", home / "log"
    env = surroundings(
        home,
        LABEL_STUDIO_BASE_DATA_DIR=str(home),
        COLLECT_ANALYTICS="False",
        LATEST_VERSION_CHECK="False",
        SENTRY_DSN="",
        FRONTEND_SENTRY_DSN="",
    )
    command: list[str | Path] = [program, "start", "--no-browser", "--agree-fix-sqlite", "--log-level", "WARNING"]
    command += ["--host", base, "--internal-host", "127.0.0.1", "-p", str(port)]
    command += ["--username", ADDRESSES["ann"], "--password", PASSWORD]
    with running(command, log, env, home) as process:
        ann, ben = Visitor(base), Visitor(base)
        until(lambda: ann.answers("/health"), "Label Studio", seconds=600, alive=[(process, log)])
        ann.form("/user/login/", email=ADDRESSES["ann"], password=PASSWORD)
        ben.form("/user/signup/", email=ADDRESSES["ben"], password=PASSWORD)
        assert [str(who.get("/api/current-user/whoami")["id"]) for who in (ann, ben)] == list(NUMBERS.values())
        yield {"ann": ann, "ben": ben}


@dataclass
class Work:
    """A project of alcli's, the project of Label Studio that got its tasks, and what was answered there."""

    project: Path
    number: int
    tasks: dict[str, int]
    people: dict[str, Visitor]

    def label(self, id: str, person: str, label: str, comment: str = "") -> dict[str, Any]:
        """Submit an annotation as the page does; without a label the task is skipped."""
        body = {"result": result(label, comment) if label else [], "was_cancelled": not label, "lead_time": 2.5}
        return dict(self.people[person].post(f"/api/tasks/{self.tasks[id]}/annotations/", body))

    def export(self, kind: str, to: Path) -> Path:
        """Save an export; without a kind, a snapshot with the people's addresses."""
        ann, here = self.people["ann"], f"/api/projects/{self.number}"
        if kind:
            to.write_bytes(ann.raw("GET", f"{here}/export?exportType={kind}&download_all_tasks=true"))
            return to
        options = {"annotations__completed_by": {"only_id": False}}
        made = ann.post(f"{here}/exports/", {"title": "snapshot", "serialization_options": options})["id"]

        def finished() -> bool | None:
            return ann.get(f"{here}/exports/{made}")["status"] == "completed" or None

        until(finished, "the snapshot", seconds=60, alive=[])
        to.write_bytes(ann.raw("GET", f"{here}/exports/{made}/download?exportType=JSON"))
        return to


def result(label: str, comment: str = "") -> list[dict[str, Any]]:
    """What the page sends for a choice and a comment."""
    found: list[dict[str, Any]] = [
        {"from_name": "label", "to_name": "shown_1", "type": "choices", "value": {"choices": [label]}}
    ]
    if comment:
        found.append(
            {"from_name": "comment", "to_name": "shown_1", "type": "textarea", "value": {"text": comment.split("; ")}}
        )
    return found


@pytest.fixture(scope="module")
def start(people: dict[str, Visitor]) -> Callable[..., Work]:
    """Sends a batch to a new project of Label Studio, with the labeling configuration written beside the tasks."""

    def begin(folder: Path, make: Callable[[Path, str], Path] = new_project) -> Work:
        project = make(folder, "tasks.json")
        ann = people["ann"]
        config = (project / "tasks.xml").read_text()
        number = ann.post("/api/projects/", {"title": "batch 1", "label_config": config})["id"]
        tasks = json.loads((project / "tasks.json").read_bytes())
        said = ann.post(f"/api/projects/{number}/import?return_task_ids=true", tasks)
        assert said["task_count"] == len(tasks)
        assert said["prediction_count"] == sum("predictions" in task for task in tasks)
        ids = [task["data"]["alcli_id"] for task in tasks]
        return Work(project, number, dict(zip(ids, said["task_ids"], strict=True)), people)

    return begin


@pytest.fixture(scope="module")
def work(start: Callable[..., Work], tmp_path_factory: pytest.TempPathFactory) -> tuple[Work, list[Said]]:
    """All of `ANSWERS` given, and besides: a correction, a skip, a label after a skip, nothing chosen."""
    work = start(tmp_path_factory.mktemp("sent") / "project")
    made = [work.label(said.id, said.person, said.label, said.comment) for said in ANSWERS]
    # ann thinks better of her first answer, and comments twice
    better = Said(ANSWERS[0].id, "ann", CLASSES[1], "first; second")
    path = f"/api/annotations/{made[0]['id']}/"
    made[0] = work.people["ann"].post(path, {"result": result(better.label, better.comment)}, method="PATCH")
    skipped, nothing, later, _untouched = (id for id, _ in ROWS[-4:])
    work.people["ann"].post(f"/api/tasks/{work.tasks[nothing]}/annotations/", {"result": []})
    work.label(later, "ben", "")
    extra = [Said(skipped, "ann", ""), Said(later, "ben", CLASSES[3])]
    made += [work.label(said.id, said.person, said.label) for said in extra]
    given = [better, *ANSWERS[1:], *extra]
    whens = [annotation["updated_at"][:19] + "Z" for annotation in made]
    return work, sorted(
        Said(said.id, said.person, said.label, said.comment, when) for said, when in zip(given, whens, strict=True)
    )


@pytest.fixture(scope="module")
def exports(work: tuple[Work, list[Said]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every export of that project."""
    sent, answers = work
    folder = tmp_path_factory.mktemp("exports")
    files = {name: sent.export(kind, folder / name) for name, (kind, _) in EXPORTS.items()}
    record("label-studio", files.values(), answers, sent.project)
    return files


@pytest.mark.parametrize("name", EXPORTS)
def test_every_answer_comes_back_on_its_row(
    name: str, work: tuple[Work, list[Said]], exports: dict[str, Path], tmp_path: Path
) -> None:
    sent, answers = work
    _, names = EXPORTS[name]
    # tasks that were skipped are in JSON only
    told = answers if exports[name].suffix == ".json" and "min" not in name else [a for a in answers if a.label]
    assert imported(sent.project, exports[name], tmp_path / "fresh", names) == told


def test_a_correction_in_the_tool_is_a_change(start: Callable[..., Work], tmp_path: Path) -> None:
    work = start(tmp_path / "project")
    id = ROWS[0][0]
    made = work.label(id, "ann", CLASSES[0])
    with contextlib.chdir(work.project):
        alcli("import-labels", str(work.export("JSON", tmp_path / "one.json")), "-q")
        changed = {"result": result(CLASSES[1])}
        work.people["ann"].post(f"/api/annotations/{made['id']}/", changed, method="PATCH")
        again = str(work.export("JSON", tmp_path / "two.json"))
        alcli("import-labels", again, "-q", code=3)
        alcli("import-labels", again, "-q", "--on-conflict", "newest")
    labels = [said.label for said in answers_in(work.project, NUMBERS)]
    assert sorted(labels) == sorted(CLASSES[:2])


def test_a_script_exports_with_a_personal_access_token(work: tuple[Work, list[Said]], exports: dict[str, Path]) -> None:
    sent, _ = work
    personal = sent.people["ann"].post("/api/token/")["token"]
    script = Visitor(sent.people["ann"].base)
    access = script.post("/api/token/refresh", {"refresh": personal})["access"]
    script.headers["Authorization"] = f"Bearer {access}"
    got = script.get(f"/api/projects/{sent.number}/export?exportType=JSON&download_all_tasks=true")
    assert got == json.loads(exports["export.json"].read_bytes())


def test_guesses_arrive_as_predictions_and_come_back_as_no_answers(start: Callable[..., Work], tmp_path: Path) -> None:
    work = start(tmp_path / "project", guessing_project)
    sent = {task["data"]["alcli_id"]: task for task in json.loads((work.project / "tasks.json").read_bytes())}
    for id, number in work.tasks.items():
        (guess,) = work.people["ben"].get(f"/api/tasks/{number}/")["predictions"]
        wanted = sent[id]["predictions"][0]
        assert {name: guess[name] for name in wanted} == wanted
    before = ledger(work.project)
    # who accepts a guess submits it as an annotation that names the prediction
    accepted = next(iter(work.tasks))
    guess = sent[accepted]["predictions"][0]["result"]
    parent = work.people["ben"].get(f"/api/tasks/{work.tasks[accepted]}/")["predictions"][0]["id"]
    body = {"result": guess, "parent_prediction": parent}
    work.people["ben"].post(f"/api/tasks/{work.tasks[accepted]}/annotations/", body)
    for kind in ("JSON", "JSON_MIN", "CSV"):
        export = work.export(kind, tmp_path / f"export.{kind}")
        with contextlib.chdir(work.project):
            alcli("import-labels", str(export), "-q")
        (new,) = ledger(work.project)[len(before) :]
        assert (new["id"], new["annotator"], new["label"]) == (accepted, "2", guess[0]["value"]["choices"][0])
