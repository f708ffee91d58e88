"""The real doccano, with its queue, gets alcli's lines by its API, two people label, and every export comes back."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .answering import ANSWERS, CLASSES, Said, alcli, guessing_project, imported, ledger, new_project, record
from .environments import Tool
from .serving import Visitor, free_port, running, surroundings, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="servers are ended by their process group"),
]

# Its last release is of 2023: newer marshmallow, numpy and setuptools lack what it uses.
DOCCANO = Tool("doccano", ("doccano==1.8.4", "marshmallow<4", "numpy<2", "setuptools<81"), ((3, 11), (3, 10), (3, 9)))
PASSWORD = "correct horse"
EXPORTS = {
    "jsonl.zip": ("JSONL", False),
    "json.zip": ("JSON", False),
    "csv.zip": ("CSV", False),
    "together-jsonl.zip": ("JSONL", True),
    "together-csv.zip": ("CSV", True),
}


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Visitor]]:
    """A server and its queue with their data in a temporary folder, and two people who are signed in."""
    programs = DOCCANO.bin()
    home, port = tmp_path_factory.mktemp("doccano"), free_port()
    base, web_log, queue_log = f"http://127.0.0.1:{port}", home / "web.log", home / "queue.log"
    env = surroundings(
        home,
        DOCCANO_HOME=str(home),
        # what `doccano webserver` sets; it would listen to the whole network, gunicorn does as it is told
        STANDALONE="True",
        DJANGO_SETTINGS_MODULE="config.settings.production",
        DATABASE_URL=f"sqlite:///{home}/db.sqlite3",
        MEDIA_ROOT=str(home / "media"),
    )
    python, doccano = programs / "python", programs / "doccano"

    def once(*command: str | Path) -> str:
        return subprocess.run(command, env=env, cwd=home, check=True, capture_output=True, text=True).stdout

    code = once(python, "-c", "import backend; print(backend.__path__[0])").strip()
    once(doccano, "init")
    for name in ("ann", "ben"):
        once(doccano, "createuser", "--username", name, "--password", PASSWORD)
    gunicorn = [python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--chdir", code, "config.wsgi"]
    with (
        running(gunicorn, web_log, env, home) as web,
        running([doccano, "task", "--concurrency", "1"], queue_log, env, home) as queue,
    ):
        ann, ben = Visitor(base), Visitor(base)
        alive = [(web, web_log), (queue, queue_log)]
        until(lambda: ann.answers("/v1/health/?format=json"), "doccano", seconds=300, alive=alive)
        for name, who in (("ann", ann), ("ben", ben)):
            key = who.post("/v1/auth/login/", {"username": name, "password": PASSWORD})["key"]
            who.headers["Authorization"] = f"Token {key}"
        yield {"ann": ann, "ben": ben}


def until_done(who: Visitor, task: str, what: str) -> None:
    """Wait for something that the queue does."""

    def done() -> bool | None:
        said = who.get(f"/v1/tasks/status/{task}")
        if said["error"]:
            raise RuntimeError(f"{what}: {said}")
        return said["ready"] or None

    until(done, what, seconds=120, alive=[])


@dataclass
class Work:
    """A project of alcli's, the project of doccano that got its lines, and what was answered there."""

    project: Path
    here: str
    examples: dict[str, int]
    classes: dict[str, int]
    people: dict[str, Visitor]

    def label(self, said: Said) -> None:
        """Choose a class, comment, and mark as done, as the page does."""
        who, example = self.people[said.person], f"{self.here}/examples/{self.examples[said.id]}"
        who.post(f"{example}/categories", {"label": self.classes[said.label], "prob": 0, "manual": True})
        if said.comment:
            who.post(f"{self.here}/comments?example={self.examples[said.id]}", {"text": said.comment})
        who.post(f"{example}/states")

    def export(self, format: str, to: Path, *, approved: bool = False) -> Path:
        """Save an export, which is always a zip."""
        ann = self.people["ann"]
        task = ann.post(f"{self.here}/download", {"format": format, "exportApproved": approved})["task_id"]
        until_done(ann, task, "the export")
        to.write_bytes(ann.raw("GET", f"{self.here}/download?taskId={task}"))
        return to


@pytest.fixture(scope="module")
def start(people: dict[str, Visitor]) -> Callable[..., Work]:
    """Sends a batch to a new project of doccano."""

    def begin(folder: Path, make: Callable[[Path, str], Path] = new_project, *, together: bool = False) -> Work:
        project = make(folder, "lines.jsonl")
        ann = people["ann"]
        body = {
            "name": "batch 1",
            "description": "rows of a batch",
            "project_type": "DocumentClassification",
            "resourcetype": "TextClassificationProject",
            "single_class_classification": True,
            "collaborative_annotation": together,
            "tags": [],
        }
        here = f"/v1/projects/{ann.post('/v1/projects', body)['id']}"
        roles = {role["name"]: role["id"] for role in ann.get("/v1/roles")}
        users = {user["username"]: user["id"] for user in ann.get("/v1/users")}
        ann.post(f"{here}/members", {"user": users["ben"], "role": roles["annotator"]})
        for name in CLASSES:
            ann.post(f"{here}/category-types", {"text": name, "background_color": "#209cee"})
        upload(ann, here, project / "lines.jsonl")
        found = ann.get(f"{here}/examples?limit=100")["results"]
        assert len(found) == len((project / "lines.jsonl").read_text().split("\n")) - 1
        examples = {example["meta"]["alcli_id"]: example["id"] for example in found}
        classes = {kind["text"]: kind["id"] for kind in ann.get(f"{here}/category-types")}
        return Work(project, here, examples, classes, people)

    return begin


def upload(who: Visitor, here: str, file: Path) -> None:
    """Import a file as the page does: sent by itself, then taken in by the queue."""
    mark = uuid.uuid4().hex
    head = f'--{mark}\r\nContent-Disposition: form-data; name="filepond"'
    body = f'{head}\r\n\r\n{{}}\r\n{head}; filename="{file.name}"\r\nContent-Type: application/json\r\n\r\n'.encode()
    body += file.read_bytes() + f"\r\n--{mark}--\r\n".encode()
    number = who.raw("POST", "/v1/fp/process/", body, f"multipart/form-data; boundary={mark}").decode()
    wish = {"format": "JSONL", "task": "DocumentClassification", "uploadIds": [number], "encoding": "utf_8"}
    wish |= {"column_data": "text", "column_label": "label", "delimiter": ","}
    until_done(who, who.post(f"{here}/upload", wish)["task_id"], "the import")


@pytest.fixture(scope="module")
def works(start: Callable[..., Work], tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Work]:
    """Two projects with all of `ANSWERS`: one where everybody labels alone, one where all share the labels.

    There a row has one label, so only ann answers.
    """
    folder = tmp_path_factory.mktemp("sent")
    found = {}
    for together in (False, True):
        found[together] = start(folder / f"{together}", together=together)
        for said in ANSWERS:
            if said.person == "ann" or not together:
                found[together].label(said)
    return found


@pytest.fixture(scope="module")
def exports(works: dict[bool, Work], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every export of both."""
    folder = tmp_path_factory.mktemp("exports")
    files = {name: works[together].export(kind, folder / name) for name, (kind, together) in EXPORTS.items()}
    for together, tool in ((False, "doccano"), (True, "doccano-together")):
        own = [files[name] for name in EXPORTS if EXPORTS[name][1] == together]
        told = [said for said in ANSWERS if said.person == "ann" or not together]
        record(tool, own, told, works[together].project)
    return files


@pytest.mark.parametrize("name", EXPORTS)
def test_every_answer_comes_back_on_its_row(
    name: str, works: dict[bool, Work], exports: dict[str, Path], tmp_path: Path
) -> None:
    _, together = EXPORTS[name]
    told = [said for said in ANSWERS if said.person == "ann" or not together]
    names = {"ann": "ann", "ben": "ben"}
    flags = ("--annotator", "ann") if together else ()  # a shared project does not say who it was
    assert imported(works[together].project, exports[name], tmp_path / "fresh", names, *flags) == sorted(told)


@pytest.mark.parametrize("together", [False, True])
def test_guesses_are_shown_beside_the_text_and_come_back_as_no_answers(
    together: bool, start: Callable[..., Work], tmp_path: Path
) -> None:
    work = start(tmp_path / "project", guessing_project, together=together)
    for number in work.examples.values():
        shown = work.people["ben"].get(f"{work.here}/examples/{number}")["meta"]
        assert shown["guess"] in CLASSES and 0 <= float(shown["confidence"]) <= 1
        assert work.people["ben"].get(f"{work.here}/examples/{number}/categories") == []
    before = ledger(work.project)
    export = work.export("JSONL", tmp_path / "export.zip")
    with contextlib.chdir(work.project):
        alcli("import-labels", str(export), "-q")
    assert ledger(work.project) == before
