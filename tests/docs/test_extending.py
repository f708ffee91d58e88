"""The packages of docs/extending.md, as distributions on the path, used by the commands that it shows."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from alcli.cli import main
from alcli.sheets import table

PAGE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text(encoding="utf-8")
CODE = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
POINTS = re.findall(r'\[project\.entry-points\."([a-z.]+)"\]\n(\w+) = "(\w+):(\w+)"', PAGE)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    place = tmp_path / "site"
    for code, (group, name, module, attribute) in zip(CODE, POINTS, strict=True):
        info = place / f"{module}-1.0.dist-info"
        info.mkdir(parents=True)
        (place / f"{module}.py").write_text(code)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {module}:{attribute}\n")
    monkeypatch.syspath_prepend(place)
    table.formats.cache_clear()
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    rows = "".join(f"{n:03d},{'free money' if n % 3 == 0 else 'see you'} {n}\n" for n in range(20))
    (work / "pool.csv").write_text("id,text\n" + rows)
    assert main(["init", "pool.csv", "--text", "text", "--classes", "ham,spam", "-q"]) == 0
    yield place
    table.formats.cache_clear()
    for _, _, module, _ in POINTS:
        sys.modules.pop(module, None)


def answered(text: str) -> str:
    return re.sub(r"(.*)\n> ", lambda m: f"{m[1]}\n> {'spam' if 'money' in m[1] else 'ham'}", text)


def test_the_sheet_format_goes_out_and_comes_back(installed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    Path("guide.md").write_text("# Read this\n")
    assert main(["query", "-n", "12", "-s", "random", "-o", "to_label.cards", "--instructions", "guide.md"]) == 0
    sheet = Path("to_label.cards")
    assert sheet.read_text().startswith("CARDS\n; # Read this\n")
    assert "no place for instructions" not in capfd.readouterr().err
    sheet.write_text(answered(sheet.read_text()))
    assert main(["import-labels", "to_label.cards", "--annotator", "a1"]) == 0
    labels = Path("labels.csv").read_text().splitlines()
    assert len(labels) == 13 and all(("spam" in row) == (int(row[:3]) % 3 == 0) for row in labels[1:])


def test_the_strategy_is_used(installed: Path) -> None:
    assert main(["query", "-n", "12", "-s", "random", "-o", "to_label.cards", "-q"]) == 0
    sheet = Path("to_label.cards")
    sheet.write_text(answered(sheet.read_text()))
    assert main(["import-labels", "to_label.cards", "--annotator", "a1", "-q"]) == 0
    assert main(["train", "-q"]) == 0
    assert main(["query", "-n", "3", "-s", "surprise", "--param", "power=2", "-o", "next.csv", "-q"]) == 0
    assert "free money" in Path("next.csv").read_text()


def test_a_package_that_cannot_be_loaded_is_told_and_does_no_harm(
    installed: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (installed / "alcli_cards.py").write_text("import a_module_that_nobody_has\n")
    table.formats.cache_clear()
    sys.modules.pop("alcli_cards", None)
    assert main(["query", "-n", "2", "-s", "random", "-o", "x.csv"]) == 0
    err = capfd.readouterr().err
    assert "cards" in err and "a_module_that_nobody_has" in err
