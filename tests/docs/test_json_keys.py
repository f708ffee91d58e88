"""docs/json.md names the keys that `--json` prints, all of them and no others."""

from __future__ import annotations

import csv
import io
import json
import re
import sys
from itertools import islice
from pathlib import Path

import pytest

from alcli.cli import main

ROOT = Path(__file__).parents[2]


def documented() -> dict[str, set[str]]:
    page = (ROOT / "docs" / "json.md").read_text(encoding="utf-8")
    section = page.split("## Keys of `data`")[1].split("##")[0]
    found = {}
    for name, keys in re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", section, re.MULTILINE):
        # what stands in brackets explains a key
        found[name] = set(re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", keys)))
    return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, rows in (("sms_pool", 200), ("sms_test", 50)):
        whole, cut = ROOT / "sample_data" / f"{name}.csv", tmp_path / f"{name}.csv"
        with whole.open(encoding="utf-8", newline="") as old, cut.open("w", encoding="utf-8", newline="") as new:
            csv.writer(new).writerows(islice(csv.reader(old), rows + 1))
    with (ROOT / "sample_data" / "sms_answers.csv").open(encoding="utf-8") as file:
        (tmp_path / "sheet.csv").write_text("".join(islice(file, 41)), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_key_is_documented(
    project: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = {
        "init": ["sms_pool.csv", "--classes", "ham,spam", "--test", "sms_test.csv"],
        "query": ["-s", "random", "-n", "5"],
        "import-labels": ["sheet.csv"],
        "train": [],
        "evaluate": ["--metric", "accuracy"],
        "enough": ["--rule", "labels >= 1", "--forecast"],
        "predict": [],
        "labels": ["-o", "labelled.csv"],
        "run": ["--annotator", "cat", "--budget", "1"],
        "status": ["--settings", "--labelers", "--history", "sms-0002"],
        "recheck": ["--with-new", "-n", "3"],
        "report": [],
        "answer": ["sheets/0001.csv"],
        "simulate": [
            "sms_test.csv",
            "-s",
            "margin",
            "--start",
            "10",
            "--rounds",
            "1",
            "--repeats",
            "1",
            "-j",
            "1",
            "--config",
            "none",
        ],
        "strategies": ["margin"],
        "check": [],
    }
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"q\n")))  # what `answer` reads
    keys = documented()
    assert list(keys) == list(lines)
    for name, more in lines.items():
        code = main([name, *more, "--json", "--quiet"])
        envelope = json.loads(capsys.readouterr().out)
        assert code == envelope["exit_code"] == 0, envelope
        assert set(envelope) - {"settings"} == {
            "alcli",
            "schema",
            "command",
            "status",
            "exit_code",
            "data",
            "warnings",
            "errors",
        }
        assert set(envelope["data"]) == keys[name], name
