"""Rounds with a command as the annotator: to the end, over a kill, past a command that fails."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.playing import Alcli, truth

ORACLE = """
import csv, sys
rows = list(csv.DictReader(sys.stdin))
out = csv.DictWriter(sys.stdout, rows[0], lineterminator="\\n")
out.writeheader()
for row in rows:
    row["label"] = "spam" if int(row["id"]) % 3 == 0 else "ham"
    out.writerow(row)
"""


@pytest.fixture
def oracle(project: Path) -> str:
    (project / "oracle.py").write_text(ORACLE)
    return f"{shlex.quote(sys.executable)} oracle.py"


def labelled(project: Path) -> list[str]:
    file = project / "labels.csv"
    return file.read_text().splitlines()[1:] if file.exists() else []


def test_rounds_are_played_to_the_end(project: Path, alcli: Alcli, oracle: str) -> None:
    run = alcli("run", "--annotator", oracle, "--rounds", "3", "-n", "6")
    assert run.code == 0, run.err
    assert len(labelled(project)) == 18 and (project / "model.joblib").exists()
    said = [line for line in run.err.splitlines() if line.startswith("$ ")]
    assert [line.split()[2] for line in said if line.startswith("$ alcli")] == (
        ["query", "import-labels", "train", "evaluate"] * 3
    )
    assert "3 rounds of 3" in run.err and "last measured: accuracy" in run.err


def test_each_inner_command_line_can_be_typed(project: Path, alcli: Alcli, oracle: str) -> None:
    run = alcli("run", "--annotator", oracle, "--rounds", "1", "-n", "8")
    lines = [line[2:].split() for line in run.err.splitlines() if line.startswith("$ alcli ")]
    assert len(lines) == 4
    for line in lines[1:]:
        assert alcli(*line[1:]).code == 0


def test_a_flag_means_in_every_step_what_it_means_here(project: Path, alcli: Alcli, oracle: str) -> None:
    """One whose answers do not count would otherwise train the model."""
    flags = ["--exclude-annotator", "oracle", "--aggregate", "newest", "--seed", "7"]
    run = alcli("run", "--annotator", oracle, "--rounds", "1", "-n", "8", *flags)
    assert not (project / "model.joblib").exists() and "0 rows labelled in all" in run.err
    said = {line.split()[2]: line for line in run.err.splitlines() if line.startswith("$ alcli ")}
    assert "--aggregate newest --exclude-annotator oracle" in said["import-labels"]
    assert "--seed 7" in said["query"] and "--seed" not in said["import-labels"]


def test_the_same_command_line_does_not_go_beyond_its_end(project: Path, alcli: Alcli, oracle: str) -> None:
    assert alcli("run", "--annotator", oracle, "--rounds", "2", "-n", "5").code == 0
    before = labelled(project)
    run = alcli("run", "--annotator", oracle, "--rounds", "2", "-n", "5")
    assert run.code == 0 and "played 0 rounds" in run.err and labelled(project) == before


def test_a_run_takes_answers_to_a_recheck_that_are_all_changes(project: Path, alcli: Alcli, oracle: str) -> None:
    """Nothing is new then, and nothing known."""
    sheet = project / "given.csv"
    sheet.write_text("id,label\n" + "".join(f"{n:03d},{'ham' if n < 6 else truth(f'{n:03d}')}\n" for n in range(20)))
    assert alcli("import-labels", "given.csv", "--annotator", "oracle", "-q").code == 0
    guesses = (f"{n:03d},0.01,0.99" if n % 3 == 0 else f"{n:03d},0.99,0.01" for n in range(30))
    (project / "guess.csv").write_text("\n".join(["id,p_ham,p_spam", *guesses]) + "\n")
    run = alcli("recheck", "--predictions", "guess.csv", "-n", "2", "--json")
    assert run.code == 0 and set(run.json["data"]["ids"]) == {"000", "003"}, run.err
    run = alcli("run", "--annotator", oracle, "--rounds", "1", "-n", "5", "--json")
    assert run.code == 0 and run.json["data"]["played"] == 1, run.err
    assert [line.split(",")[:3] for line in labelled(project)[20:]] == [
        [id_, "spam", "oracle"] for id_ in sorted(("000", "003"))
    ]


def test_a_run_writes_csv_whatever_format_peoples_sheets_have(project: Path, alcli: Alcli, oracle: str) -> None:
    file = project / "alcli.toml"
    file.write_text(file.read_text().replace("[query]\n", '[query]\nformat = "xlsx"\n'))
    run = alcli("run", "--annotator", oracle, "--rounds", "2", "-n", "5")
    assert run.code == 0 and len(labelled(project)) == 10, run.err


def test_a_quiet_run_says_nothing_when_all_goes_well(project: Path, alcli: Alcli, oracle: str) -> None:
    run = alcli("run", "--annotator", oracle, "--rounds", "1", "-n", "5", "--quiet")
    assert (run.code, run.out, run.err) == (0, "", "") and len(labelled(project)) == 5


def test_a_budget_is_met_exactly(project: Path, alcli: Alcli, oracle: str) -> None:
    assert alcli("run", "--annotator", oracle, "--budget", "13", "-n", "5").code == 0
    assert len(labelled(project)) == 13


def test_it_ends_when_the_pool_does(project: Path, alcli: Alcli, oracle: str) -> None:
    run = alcli("run", "--annotator", oracle, "--rounds", "100", "-n", "20", "--json")
    assert run.code == 0 and len(labelled(project)) == 30
    data = run.json["data"]
    assert data["reason"] == "nothing is left to ask" and data["labelled"] == 30 and data["played"] == 2


def test_files_may_stand_in_the_command(project: Path, alcli: Alcli, oracle: str) -> None:
    run = alcli("run", "--annotator", oracle + " < {in} > {out}", "--rounds", "1", "-n", "4")
    assert run.code == 0 and len(labelled(project)) == 4


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("echo no such model >&2; exit 7", "ended with exit code 7: no such model"),
        ("cat > /dev/null", "wrote nothing"),
        ("no-such-program-at-all", "exit code 127"),
        ("kill -9 $$", "ended by signal 9"),
    ],
)
def test_a_command_that_fails_loses_nothing(project: Path, alcli: Alcli, oracle: str, command: str, says: str) -> None:
    assert alcli("run", "--annotator", oracle, "--rounds", "1", "-n", "5").code == 0
    before = labelled(project)
    run = alcli("run", "--annotator", command, "--rounds", "3", "-n", "5")
    assert run.code == 1 and says in run.err and "mend the command" in run.err
    assert labelled(project) == before and not list((project / "sheets").glob("*answers*tmp*"))
    # mended, it goes on with the batch that is out
    run = alcli("run", "--annotator", oracle, "--rounds", "3", "-n", "5")
    assert run.code == 0 and len(labelled(project)) == 15


@pytest.mark.parametrize("command", ["echo nonsense", "sed 's/$/x/'", "cat", "printf 'id,label\\n000,maybe\\n'"])
def test_a_command_that_answers_nonsense_loses_nothing(project: Path, alcli: Alcli, oracle: str, command: str) -> None:
    run = alcli("run", "--annotator", command, "--rounds", "1", "-n", "5")
    assert run.code == 1 and labelled(project) == [], run.err
    assert alcli("run", "--annotator", oracle, "--rounds", "1", "-n", "5").code == 0
    assert len(labelled(project)) == 5


@pytest.mark.parametrize("quiet", [[], ["-q"]])
def test_answers_that_are_rejected_are_told_at_the_end(
    project: Path, alcli: Alcli, oracle: str, quiet: list[str]
) -> None:
    first_is_wrong = f"{oracle} | awk -F, -v OFS=, 'NR == 2 {{ sub(/,(ham|spam),/, \",nonsense,\") }} 1'"
    run = alcli("run", "--annotator", first_is_wrong, "--rounds", "3", "-n", "5", *quiet)
    assert run.code == 3 and len(labelled(project)) == 12, run.err
    files = sorted(str(path.relative_to(project)) for path in (project / "sheets").glob("*rejects*"))
    assert len(files) == 3 and f"3 rows rejected, all in {', '.join(files)}" in run.err
    assert run.err.count("'nonsense'") == 3
    run = alcli("run", "--annotator", first_is_wrong, "--rounds", "5", "-n", "5", "--json", *quiet)
    assert run.code == 3 and run.json["status"] == "no"
    data = run.json["data"]
    assert (data["played"], data["rejected"], len(data["rejects"].split(", "))) == (2, 2, 2)
    assert [error["row"] for error in run.json["errors"]] == [2, 2]
    # a run that meets nothing of the kind says nothing of it
    run = alcli("run", "--annotator", oracle, "--rounds", "6", "-n", "5", "--json")
    assert run.code == 0 and (run.json["data"]["rejected"], run.json["data"]["rejects"]) == (0, None)


def test_a_command_that_hangs_is_ended_with_all_it_started(project: Path, alcli: Alcli) -> None:
    begun = time.monotonic()
    run = alcli("run", "--annotator", "sleep 600 & echo $! > child; wait", "--rounds", "1", "-n", "5", "--timeout", "1")
    assert run.code == 1 and "took longer than 1 s" in run.err and time.monotonic() - begun < 60
    child = int((project / "child").read_text())
    end = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().split()[2]:
        assert time.monotonic() < end, "the child of the command is still there"
        time.sleep(0.05)


def test_a_run_that_was_killed_goes_on(project: Path, alcli: Alcli, oracle: str) -> None:
    slow = f"sleep 0.3; {oracle}"
    command = [sys.executable, "-c", "from alcli.cli import entry; entry()", "run", "--annotator", slow]
    command += ["--rounds", "4", "-n", "5"]
    killed = 0
    for wait in (1.2, 2.0, 2.6, 3.3):
        process = subprocess.Popen(command, stderr=subprocess.PIPE, start_new_session=True)
        try:
            process.communicate(timeout=wait)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            killed += 1
    run = alcli("run", "--annotator", slow, "--rounds", "4", "-n", "5")
    assert run.code == 0, run.err
    assert killed and len(labelled(project)) == 20
    assert alcli("check").code == 0


@pytest.mark.parametrize("flags", [[], ["--rounds", "0"], ["--budget", "-5"], ["--rounds", "2", "--timeout", "0"]])
def test_a_run_without_an_end_is_refused(project: Path, alcli: Alcli, oracle: str, flags: list[str]) -> None:
    run = alcli("run", "--annotator", oracle, *flags)
    assert run.code == 2 and labelled(project) == []
