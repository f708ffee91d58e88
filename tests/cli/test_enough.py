"""`enough` as typed: yes, not yet, trouble; and the commands that ask it: query, run, status, check."""

from __future__ import annotations

import csv
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from .playing import Alcli, fill, state
from .test_run import ORACLE


def played(folder: Path, alcli: Alcli, rounds: int, n: int = 4) -> None:
    """Rounds of random rows, each answered, learned and measured."""
    for _ in range(rounds):
        assert alcli("query", "-n", str(n), "-s", "random", "-o", "round.csv", "--force", "-q").code == 0
        fill(folder / "round.csv")
        assert alcli("import-labels", "round.csv", "--annotator", "a1", "-q").code == 0
        assert alcli("train", "-q").code == 0
        assert alcli("evaluate", "--test", "test.csv", "-q").code == 0


def rule(folder: Path, *texts: str) -> None:
    """Write the project's stopping rules."""
    with (folder / "alcli.toml").open("a") as file:
        file.write(f"\n[enough]\nrule = {list(texts)!r}\n")


def measured(folder: Path) -> list[dict[str, str]]:
    with (folder / "metrics.csv").open() as file:
        return list(csv.DictReader(file))


def test_yes_is_0_not_yet_is_3_and_the_table_says_why(trained: Path, alcli: Alcli) -> None:
    run = alcli("enough", "--rule", "labels >= 8")
    assert (run.code, run.out) == (0, "")
    assert run.err.splitlines()[0] == "enough: labels >= 8 holds"
    run = alcli("enough", "--rule", "labels >= 9 or kappa")
    assert run.code == 3
    lines = run.err.splitlines()
    assert lines[0] == "not yet"
    assert [line.split() for line in lines[3:5]] == [
        ["labels", "8", ">=", "9", "no"],
        ["kappa", "-", ">=", "0.99", "0", "of", "3", "rounds", "no"],
    ]
    assert "in: labels >= 9 or kappa >= 0.99 for 3" in run.err
    assert "`alcli train`, then `alcli evaluate` records it" in " ".join(run.err.split())
    assert max(map(len, lines)) <= 80


def test_without_a_rule_it_is_trouble_and_names_the_flag(trained: Path, alcli: Alcli) -> None:
    run = alcli("enough")
    assert run.code == 1 and "--rule" in run.err
    assert alcli("enough", "--json").json["errors"][0]["code"] == "no-rule"


def test_one_of_several_rules_is_enough(trained: Path, alcli: Alcli) -> None:
    rule(trained, "labels >= 1000", "rounds >= 1")
    run = alcli("enough", "--json")
    assert run.code == 0 and run.json["data"]["because"] == ["rounds >= 1"]
    assert [each["met"] for each in run.json["data"]["rules"]] == [False, True]
    # a flag takes the place of the settings
    assert alcli("enough", "--rule", "labels >= 1000").code == 3


def test_keys_that_scripts_rely_on(trained: Path, alcli: Alcli) -> None:
    data = alcli("enough", "--rule", "labels >= 8 and accuracy >= 0.9 for 2", "--json").json["data"]
    assert data["enough"] is False
    for each in data["rules"]:
        assert {"rule", "value", "threshold", "held", "needed", "met"} <= set(each)
    assert data["rules"][0]["value"] == 8 and data["rules"][0]["rule"] == "labels >= 8"
    assert data["rules"][1]["needed"] == 2 and data["rules"][1]["value"] is None


@pytest.mark.parametrize("text", ["kapa", "kappa >=", "(kappa", "found[egg]", "labels >= 5 for 2"])
def test_a_rule_that_cannot_be_read_is_usage_as_a_flag_and_trouble_as_a_setting(
    trained: Path, alcli: Alcli, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(trained)
    run = alcli("enough", "--rule", text)
    assert run.code == 2 and "Traceback" not in run.err and f"`{text}`" in run.err
    monkeypatch.setenv("ALCLI_RULE", text)
    for argv in (["enough"], ["query", "-s", "random", "-o", "x.csv"]):
        run = alcli(*argv)
        assert run.code == 1 and "at: ALCLI_RULE" in run.err, argv
    assert state(trained) == before
    monkeypatch.delenv("ALCLI_RULE")
    rule(trained, text)
    run = alcli("check", "--json")
    assert run.code == 3
    (problem,) = run.json["data"]["problems"]
    assert problem["code"] == "stopping-rule" and problem["file"].startswith("alcli.toml, line ")
    assert alcli("status").code == 0 and "cannot be judged" in alcli("status").err


def test_what_rules_look_at_is_recorded_once_a_model(trained: Path, alcli: Alcli) -> None:
    played(trained, alcli, 2)
    rows = measured(trained)
    names = {row["metric"].partition("[")[0] for row in rows}
    assert names >= {
        *("kappa_with_before", "agreement_with_before", "change_with_before", "contradiction_with_before"),
        *("delta_f_with_before", "uncertainty", "max_uncertainty", "expected_error", "confidence", "remaining"),
        "selected_accuracy",
    }
    before = (trained / "metrics.csv").read_bytes()
    assert alcli("evaluate", "--test", "test.csv", "-q").code == 0
    assert alcli("train", "-q").code == 0 and alcli("evaluate", "--test", "test.csv", "-q").code == 0
    # the very same model fitted again is no other model
    assert alcli("train", "--force", "-q").code == 0 and alcli("evaluate", "--test", "test.csv", "-q").code == 0
    assert (trained / "metrics.csv").read_bytes() == before
    last = [row for row in rows if row["metric"] == "selected_accuracy"][-1]
    assert last["rows"] == "4" and last["how"].startswith("batch ")
    assert float(last["low"]) <= float(last["value"]) <= float(last["high"])


def test_rounds_are_counted_and_a_model_trained_again_on_the_same_labels_is_none(trained: Path, alcli: Alcli) -> None:
    played(trained, alcli, 3)
    text = "contradiction <= 1 for 4"
    held = alcli("enough", "--rule", text, "--json").json["data"]["rules"][0]["held"]
    assert held == 3  # the model of the fixture was never measured, but the next one was compared with it
    assert alcli("train", "--param", "C=7", "-q").code == 0
    assert alcli("evaluate", "--test", "test.csv", "-q").code == 0
    again = alcli("enough", "--rule", text, "--json").json["data"]["rules"][0]
    assert again["held"] == held


def test_a_metric_counts_by_the_worse_end_of_its_interval(trained: Path, alcli: Alcli) -> None:
    assert alcli("evaluate", "--test", "test.csv", "--metric", "accuracy", "--metric", "log_loss", "-q").code == 0
    rows = {row["metric"]: row for row in measured(trained)}
    data = alcli("enough", "--rule", "accuracy >= 0.01", "--rule", "log_loss <= 99", "--json").json["data"]["rules"]
    assert data[0]["value"] == float(rows["accuracy"]["low"]) < float(rows["accuracy"]["value"])
    assert data[1]["value"] == float(rows["log_loss"]["high"]) > float(rows["log_loss"]["value"])
    run = alcli("enough", "--rule", "recall[spam] >= 0.5")
    assert run.code == 3 and "alcli evaluate --metric 'recall[spam]'" in " ".join(run.err.split())


def test_screening_rules_follow_the_order_of_asking(trained: Path, alcli: Alcli) -> None:
    with (trained / "asked.csv").open() as file:
        asked = [row["id"] for row in csv.DictReader(file)]
    since = next(at for at, id_ in enumerate(reversed(asked)) if int(id_) % 3 == 0)
    data = alcli("enough", "--rule", "negatives[spam] >= 30", "--rule", "found[spam]", "--json").json["data"]["rules"]
    assert data[0]["value"] == since and 0 < data[1]["value"] < 1


def test_cost_adds_up_the_column_and_counts_one_without(trained: Path, alcli: Alcli) -> None:
    pool = trained / "pool.csv"
    lines = pool.read_text().splitlines()
    pool.write_text(
        "\n".join([lines[0] + ",price", *(f"{line},{at % 5 + 0.5}" for at, line in enumerate(lines[1:]))]) + "\n"
    )
    assert alcli("enough", "--rule", "cost >= 8", "--json").json["data"]["rules"][0]["value"] == 8
    with (trained / "labels.csv").open() as file:
        want = sum(int(row["id"]) % 5 + 0.5 for row in csv.DictReader(file))
    run = alcli("enough", "--rule", "cost >= 8", "--cost", "price", "--json")
    assert run.json["data"]["rules"][0]["value"] == want
    run = alcli("enough", "--rule", "cost >= 8", "--cost", "prise")
    assert run.code == 1 and "did you mean `price`?" in run.err


def test_time_runs_from_the_first_batch(trained: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "4102444800")  # the year 2100
    assert alcli("enough", "--rule", "time >= 1000d").code == 0
    assert alcli("enough", "--rule", "time >= 900000d").code == 3


def test_query_says_no_when_it_is_enough_and_goes_on_when_told(trained: Path, alcli: Alcli) -> None:
    rule(trained, "labels >= 8")
    before = state(trained)
    for argv in (["query", "-s", "random", "-n", "3", "-o", "more.csv"], ["query", "-s", "random", "--dry-run"]):
        run = alcli(*argv)
        assert run.code == 3 and "--even-if-enough" in run.err and "labels >= 8` holds" in run.err
        assert state(trained) == before
    run = alcli("query", "-s", "random", "-n", "3", "-o", "more.csv", "--json")
    assert run.json["data"]["enough"] is True and run.json["data"]["left"] == 22
    assert alcli("query", "-s", "random", "-n", "3", "-o", "more.csv", "--even-if-enough").code == 0
    assert alcli("query", "-s", "random", "-n", "3", "-o", "mine.csv", "--rule", "labels >= 9").code == 0


def test_a_rule_of_nothing_measured_yet_does_not_stop_the_first_query(project: Path, alcli: Alcli) -> None:
    rule(project, "kappa", "found[spam]", "uncertainty", "rarest >= 5", "share >= 50%", "exhausted")
    assert alcli("query", "-n", "4", "-s", "random", "-o", "first.csv").code == 0
    assert alcli("enough").code == 3


def test_query_warns_when_rules_wait_for_a_measurement_that_nobody_makes(trained: Path, alcli: Alcli) -> None:
    ask = ("query", "-n", "2", "-s", "random", "--json", "-o")
    rule(trained, "kappa or labels >= 99")
    (warning,) = alcli(*ask, "one.csv").json["warnings"]
    assert "`alcli evaluate` measures it" in warning
    assert alcli(*ask, "two.csv", "--rule", "labels >= 99").json["warnings"] == []
    assert alcli("evaluate", "--test", "test.csv", "-q").code == 0
    assert alcli(*ask, "three.csv").json["warnings"] == []


def test_status_mentions_it_in_one_line(trained: Path, alcli: Alcli) -> None:
    assert "enough" not in alcli("status").err and alcli("status", "--json").json["data"]["enough"] is None
    rule(trained, "labels >= 8")
    run = alcli("status")
    assert "enough labels: yes, labels >= 8" in run.err
    assert "(there are enough labels)" in alcli("status").err or "alcli evaluate" in alcli("status").err
    assert "not yet, 0 of 2 conditions met" in alcli("status", "--rule", "labels >= 9 and rounds >= 3").err


def test_forecast_says_what_it_lacks_then_what_it_expects(trained: Path, alcli: Alcli) -> None:
    run = alcli("enough", "--rule", "labels >= 99", "--forecast")
    assert run.code == 3 and "no forecast:" in run.err and "5 different numbers of labels" in " ".join(run.err.split())
    played(trained, alcli, 5, n=3)
    run = alcli("enough", "--rule", "accuracy >= 0.99", "--forecast")
    assert "forecast: accuracy is" in run.err
    assert max(map(len, run.err.splitlines())) <= 80
    found = alcli("enough", "--rule", "plateau[log_loss]", "--forecast", "--json").json["data"]["forecast"]
    assert found["metric"] == "log_loss" and found["labels"] == 23 and found["more"] == 100 and found["points"] == 5
    assert found["gain_low"] <= found["gain"] <= found["gain_high"] and found["low"] <= found["then"] <= found["high"]


def test_one_measurement_in_another_way_does_not_wipe_the_forecast(trained: Path, alcli: Alcli) -> None:
    path = trained / "metrics.csv"
    at = "2026-01-01T00:00:00Z"

    def history(*rows: tuple[int, str]) -> None:
        lines = [f"{at},{n},labels{n},m{n},{how},10,accuracy,{0.9 - 1 / n:.3f},0.5,1.0" for n, how in rows]
        path.write_text("\n".join([header, *lines]) + "\n")

    assert alcli("evaluate", "--test", "test.csv", "-q").code == 0
    header = path.read_text().splitlines()[0]
    assert header == "evaluated_at,labels,labels_fingerprint,model_fingerprint,how,rows,metric,value,low,high"
    five = [(n, "test e1") for n in (10, 20, 30, 40, 50)]
    history(*five, (60, "folds 5"))
    ask = ("enough", "--rule", "accuracy >= 0.99", "--forecast")
    run = alcli(*ask)
    said = " ".join(run.err.split())
    assert "Fitted to 5 points, by test, as the newest measurement (by folds) has fewer" in said
    assert "accuracy is judged as it was measured last, by folds, in 1 round; by test it was measured in 5" in said
    told = alcli(*ask, "--json").json["data"]["forecast"]
    assert (told["how"], told["newest"], told["labels"], told["points"]) == ("test", "folds", 50, 5)
    # of equals the newest; rows drawn for evaluation are one way, however many are answered
    history(*five, *[(n, f"evaluation {n}") for n in (15, 25, 35, 45, 55)])
    told = alcli(*ask, "--json").json["data"]["forecast"]
    assert (told["how"], told["labels"]) == ("evaluation", 55) and "newest" not in told
    history(*five[:3], (60, "folds 5"))
    assert "and accuracy was measured by test at 3;" in " ".join(alcli(*ask).err.split())
    history(*five)
    assert not any("judged as" in each for each in alcli(*ask, "--json").json["warnings"])


def test_list_prints_every_rule_to_be_paged(folder: Path, alcli: Alcli) -> None:
    from alcli.evaluation.stopping.table import RULES

    run = alcli("enough", "--list")
    assert run.code == 0 and run.err == ""
    assert max(map(len, run.out.splitlines())) <= 80
    for name in RULES:
        assert f"\n{name}" in run.out
    assert len(alcli("enough", "--list", "--json").json["data"]["known"]) == len(RULES)


@pytest.fixture
def oracle(project: Path) -> str:
    (project / "oracle.py").write_text(ORACLE)
    return f"{shlex.quote(sys.executable)} oracle.py"


def test_run_ends_when_its_rule_holds(project: Path, alcli: Alcli, oracle: str) -> None:
    run = alcli("run", "--annotator", oracle, "-n", "6", "--until", "rarest >= 4 and selected_accuracy >= 0", "--json")
    assert run.code == 0, run.err
    assert "selected_accuracy >= 0 for 1` holds" in run.json["data"]["reason"]
    labelled = run.json["data"]["labelled"]
    assert 12 <= labelled < 30
    # the same command line again asks nothing more
    run = alcli("run", "--annotator", oracle, "-n", "6", "--until", "rarest >= 4 and selected_accuracy >= 0", "--json")
    assert run.json["data"]["played"] == 0 and run.json["data"]["labelled"] == labelled


def test_run_takes_the_projects_rule_and_until_takes_its_place(project: Path, alcli: Alcli, oracle: str) -> None:
    rule(project, "labels >= 10")
    run = alcli("run", "--annotator", oracle, "-n", "5")
    assert run.code == 0 and "labels >= 10` holds" in run.err
    run = alcli("run", "--annotator", oracle, "-n", "5", "--until", "labels >= 15")
    assert run.code == 0 and "labels >= 15` holds" in run.err and "--even-if-enough" in run.err
    assert alcli("run", "--annotator", oracle, "--until", "labls >= 15").code == 2


def test_run_measures_first_what_a_killed_run_left_unmeasured(trained: Path, alcli: Alcli, oracle: str) -> None:
    assert not (trained / "metrics.csv").exists()
    run = alcli("run", "--annotator", oracle, "--until", "uncertainty <= 1")
    assert run.code == 0 and "uncertainty <= 1 for 1` holds" in run.err, run.err
    assert [line for line in run.err.splitlines() if line.startswith("$ ")] == ["$ alcli evaluate"]


def test_enough_writes_nothing_and_is_quiet_for_cron(trained: Path, alcli: Alcli) -> None:
    rule(trained, "labels >= 8")
    before = state(trained)
    run = alcli("enough", "--quiet")
    assert (run.code, run.out, run.err) == (0, "", "")
    run = alcli("enough", "--quiet", "--rule", "labels >= 9")
    assert (run.code, run.out, run.err) == (3, "", "")
    assert state(trained) == before


NIGHT = """
{alcli} import-labels 'inbox/*.csv' --annotator a1 --quiet; code=$?
case $code in 0|3) ;; *) exit $code ;; esac
{alcli} train --quiet && {alcli} evaluate --quiet --json >> metrics.jsonl
{alcli} enough --quiet; case $? in 0) echo enough ;; 3) {alcli} query -s random -n 4 -q -o outbox/ ;; *) exit 1 ;; esac
"""


def test_the_loop_for_cron_asks_until_it_is_enough_and_spends_nothing_in_trouble(trained: Path, alcli: Alcli) -> None:
    command = f"{shlex.quote(sys.executable)} -c 'from alcli.cli import entry; entry()'"
    night = NIGHT.format(alcli=command)

    def play() -> tuple[int, str]:
        done = subprocess.run(["sh", "-u"], input=night, capture_output=True, text=True)
        return done.returncode, done.stdout

    for name in ("inbox", "outbox"):
        (trained / name).mkdir()
    rule(trained, "labels >= 12")
    assert play() == (0, "")
    (sheet,) = (trained / "outbox").iterdir()
    fill(sheet)
    sheet.rename(trained / "inbox" / sheet.name)
    before = len((trained / "asked.csv").read_text().splitlines())
    assert play() == (0, "enough\n")
    assert play() == (0, "enough\n")
    (trained / "alcli.toml").write_text((trained / "alcli.toml").read_text().replace("labels >= 12", "lbels >= 12"))
    assert play()[0] == 1
    assert len((trained / "asked.csv").read_text().splitlines()) == before
