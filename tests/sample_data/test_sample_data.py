from __future__ import annotations

import csv
import hashlib
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parents[2] / "sample_data"


def read(name):
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def play():
    spec = importlib.util.spec_from_file_location("play", HERE / "play.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_pool_row_has_one_hidden_answer_and_no_label():
    pool, answers = read("sms_pool.csv"), read("sms_answers.csv")
    assert [row["id"] for row in pool] == [row["id"] for row in answers]
    assert list(pool[0]) == ["id", "text"]
    assert {row["label"] for row in answers} == {"ham", "spam"}


def test_no_test_message_stands_in_the_pool():
    pool, test = read("sms_pool.csv"), read("sms_test.csv")
    assert not {row["text"] for row in pool} & {row["text"] for row in test}
    assert len({row["id"] for row in [*pool, *test]}) == len(pool) + len(test) == 5572


def test_the_split_is_the_one_that_the_readme_tells():
    def digest(row):
        return hashlib.sha256(row["text"].encode()).hexdigest()

    assert max(map(digest, read("sms_test.csv"))) < min(map(digest, read("sms_pool.csv")))


def test_the_sample_is_small_enough_to_travel_with_the_code():
    assert sum(path.stat().st_size for path in HERE.glob("*.csv")) < 700_000


def test_the_chart_marks_both_curves_within_80_columns(play):
    ours, random = [(20, 0.61, ""), (40, 1.0, "")], [(20, 0.47, ""), (40, 1.0, "")]
    lines = play.chart(ours, random)
    assert lines[0].split("|")[1].strip() == "*"
    assert sum("o" in line for line in lines[:11]) == 1
    assert sum("x" in line for line in lines[:11]) == 1
    assert max(map(len, play.chart(ours[:1] * 5, random[:1] * 5))) < 80


@pytest.mark.parametrize(("mine", "words"), [(0.9, "0.900 with rows that alcli picks"), (0.5, "did as well")])
def test_the_verdict_is_honest(play, capsys, mine, words):
    play.compare([(20, 0.4, ""), (40, mine, "")], [(20, 0.3, ""), (40, 0.6, "")])
    assert words in capsys.readouterr().out


def test_a_folder_of_somebody_else_is_not_emptied(play, tmp_path):
    (tmp_path / "mine.txt").write_text("work", encoding="utf-8")
    with pytest.raises(play.Stopped):
        play.prepare(tmp_path)
    assert (tmp_path / "mine.txt").exists()


def test_its_own_folder_is_emptied(play, tmp_path):
    play.prepare(tmp_path / "demo")
    (tmp_path / "demo" / "old.csv").touch()
    play.prepare(tmp_path / "demo")
    assert [path.name for path in (tmp_path / "demo").iterdir()] == [play.MARK]


@pytest.mark.slow
def test_the_demo_plays_to_its_end_and_beats_random_rows(tmp_path):
    data = tmp_path / "a folder with blanks" / "sample_data"
    shutil.copytree(HERE, data)
    run = subprocess.run([sys.executable, data / "play.py"], capture_output=True, text=True, encoding="utf-8")
    assert run.returncode == 0, run.stderr
    assert "After 100 labels: " in run.stdout
    assert (data.parent / "demo" / "report.html").read_text(encoding="utf-8").count("<svg") >= 18
