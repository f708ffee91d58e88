"""Settings as commands meet them: from a flag, the environment or alcli.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from .playing import Alcli, fill


def add(folder: Path, text: str) -> None:
    """Put lines above all sections of alcli.toml."""
    file = folder / "alcli.toml"
    file.write_text(text + "\n" + file.read_text())


def test_quiet_holds_from_everywhere_and_a_flag_undoes_it(
    project: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alcli("status").err
    monkeypatch.setenv("ALCLI_QUIET", "1")
    assert alcli("status").err == ""
    assert alcli("status", "--no-quiet").err
    monkeypatch.setenv("ALCLI_QUIET", "")
    add(project, "quiet = true")
    assert alcli("status").err == ""
    monkeypatch.setenv("ALCLI_QUIET", "no")
    assert alcli("status").err


def test_a_setting_works_the_same_from_each_place(project: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch) -> None:
    file = project / "alcli.toml"
    dry = ("query", "-s", "random", "--dry-run", "--json")
    assert len(alcli(*dry).json["data"]["ids"]) == 30
    file.write_text(file.read_text().replace("count = 50", "count = 4"))
    four = alcli(*dry).json["data"]["ids"]
    monkeypatch.setenv("ALCLI_COUNT", "3")
    three = alcli(*dry).json["data"]["ids"]
    two = alcli(*dry, "-n", "2").json["data"]["ids"]
    # the same seed draws the same rows, so a smaller batch begins a larger one
    assert (four[:3], three[:2], len(four)) == (three, two, 4)


def test_a_variable_that_nothing_reads_stops_every_command(
    project: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALCLI_STRATGY", "margin")
    for argv in (["status"], ["query", "-o", "x.csv"], ["labels"], ["strategies"], ["init", "pool.csv", "--force"]):
        run = alcli(*argv)
        assert run.code == 1
        assert "did you mean `ALCLI_STRATEGY`?" in run.err


def test_an_unknown_key_is_told_with_its_line(project: Path, alcli: Alcli) -> None:
    with (project / "alcli.toml").open("a") as file:
        file.write('[evaluate]\nmetrics = ["f1"]\n')
    lines = (project / "alcli.toml").read_text().splitlines()
    run = alcli("status")
    assert (run.code, run.out) == (1, "")
    assert run.err == (
        "error: unknown key 'metrics' in [evaluate]\n"
        f"   at: alcli.toml, line {len(lines)}\n"
        " hint: did you mean `metric`?\n"
    )


def test_check_lists_everything_that_is_wrong(asked: Path, alcli: Alcli) -> None:
    add(asked, 'sede = 1\nwait = "long"')
    (asked / "sheets").mkdir()
    (asked / "sheet.csv").rename(asked / "sheets" / "0001.csv")
    fill(asked / "sheets" / "0001.csv", label=lambda _: "spm", only=1)
    (asked / "labels.csv").write_text("id,label\n1,ham\n")
    run = alcli("check", "--json")
    assert run.code == 3
    found = [(row["file"], row["code"]) for row in run.json["data"]["problems"]]
    assert ("alcli.toml, line 1", "unknown-key") in found
    assert ("alcli.toml, line 2", "bad-value") in found
    assert any(file == "labels.csv" for file, _ in found)
    (asked / "labels.csv").unlink()
    found = [(row["file"], row["row"], row["code"]) for row in alcli("check", "--json").json["data"]["problems"]]
    assert ("sheets/0001.csv", 2, "unknown-label") in found


def test_an_imported_sheet_is_no_problem(asked: Path, alcli: Alcli) -> None:
    (asked / "sheets").mkdir()
    (asked / "sheet.csv").rename(asked / "sheets" / "0001.csv")
    fill(asked / "sheets" / "0001.csv")
    assert alcli("import-labels", "sheets/0001.csv", "--annotator", "a1").code == 0
    fill(asked / "sheets" / "0001.csv", label=lambda _: "ham")
    assert alcli("import-labels", "sheets/0001.csv", "--annotator", "a1", "--on-conflict", "newest").code == 0
    run = alcli("check")
    assert (run.code, run.err) == (0, "no problems\n")


def test_check_finds_a_tie_only_where_the_rule_leaves_one(asked: Path, alcli: Alcli) -> None:
    fill(asked / "sheet.csv", label=lambda _: "ham", only=2)
    assert alcli("import-labels", "sheet.csv", "--annotator", "a1").code == 0
    fill(asked / "sheet.csv", label=lambda _: "spam", only=1)
    assert alcli("import-labels", "sheet.csv", "--annotator", "a2").code == 0
    run = alcli("check", "--json")
    assert run.code == 3 and [row["code"] for row in run.json["data"]["problems"]] == ["tie"]
    assert alcli("check", "--aggregate", "newest").code == 0


def test_train_measures_what_fail_under_asks(trained: Path, alcli: Alcli) -> None:
    run = alcli("train", "--force", "--fail-under", "accuracy=0.1", "--folds", "2", "--json")
    assert run.code == 0
    assert run.json["data"]["metrics"].keys() == {"accuracy"}
    model = (trained / "model.joblib").read_bytes()
    run = alcli("train", "--fail-under", "log_loss=0.00001", "--folds", "2", "--json")
    assert (run.code, run.json["status"]) == (3, "no")
    assert run.json["data"]["missed"]
    assert (trained / "model.joblib").read_bytes() == model
    # what `evaluate` is to reach does not make every training measure
    with (trained / "alcli.toml").open("a") as file:
        file.write('\n[evaluate]\nfail_under = ["accuracy=1"]\n')
    assert alcli("train", "--json").json["data"]["metrics"] == {}
