"""The real client of Argilla takes alcli's records, and what it exports comes back."""

from __future__ import annotations

import contextlib
import json
import subprocess
import uuid
from pathlib import Path

import pytest

from .answering import ANSWERS, CLASSES, ROWS, Said, alcli, copied, imported, new_project, record
from .environments import Tool
from .serving import surroundings

pytestmark = pytest.mark.slow

# it imports requests and does not ask for it
ARGILLA = Tool("argilla", ("argilla==2.8.0", "requests"), ((3, 11), (3, 12), (3, 10), (3, 13)))
SCRIPT = Path(__file__).with_name("argilla_client.py")
PEOPLE = {person: str(uuid.uuid5(uuid.NAMESPACE_DNS, person)) for person in ("ann", "ben")}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, list[Said]]:
    """alcli's project, the folder with the exports, and the answers: besides all others a discarded one and a draft."""
    python = ARGILLA.bin() / "python"
    folder = tmp_path_factory.mktemp("argilla")
    project = new_project(folder / "project", "records.json", "--format", "argilla")
    discarded, draft = (id for id, _ in ROWS[-4:-2])
    given = [(said.id, PEOPLE[said.person], said.label, "submitted") for said in ANSWERS]
    given += [(discarded, PEOPLE["ann"], None, "discarded"), (draft, PEOPLE["ben"], CLASSES[0], "draft")]
    (folder / "answers.json").write_text(json.dumps([CLASSES, given]))
    subprocess.run(
        [python, SCRIPT, project / "records.json", folder / "answers.json", folder],
        env=surroundings(folder),
        check=True,
    )
    answers = [Said(said.id, said.person, said.label) for said in ANSWERS] + [Said(discarded, "ann", "")]
    record("argilla", [folder / "flat.json", folder / "nested.json"], answers, project)
    return project, folder, sorted(answers)


def test_every_answer_comes_back_on_its_row(sent: tuple[Path, Path, list[Said]], tmp_path: Path) -> None:
    project, folder, answers = sent
    assert imported(project, folder / "flat.json", tmp_path / "fresh", PEOPLE) == answers


def test_an_export_without_the_status_of_responses_is_refused(
    sent: tuple[Path, Path, list[Said]], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    project, folder, _ = sent
    with contextlib.chdir(copied(project, tmp_path / "fresh")):
        alcli("import-labels", str(folder / "nested.json"), code=1)
        assert not Path("labels.csv").exists()
    assert "to_list(flatten=True)" in capfd.readouterr().err
