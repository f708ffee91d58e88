"""Help: examples, every flag, no wide lines, completion; and what start-up may import."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from alcli.settings import TABLE, flag_of

from .playing import Alcli

COMMANDS = [
    "init",
    "query",
    "answer",
    "import-labels",
    "train",
    "evaluate",
    "enough",
    "status",
    "recheck",
    "report",
    "predict",
    "labels",
    "run",
    "simulate",
    "strategies",
    "check",
]
# Flags that act once, or say where the settings are: they have no setting.
ONCE = {
    *("--project", "--config", "--json", "--version", "--help", "--output", "--force", "--dry-run", "--ask-again"),
    *("--trust-model", "--new-classes", "--rejects", "--format", "--settings", "--labelers", "--history", "--repair"),
    *("--again", "--annotator", "--rounds", "--budget", "--timeout", "--until", "--for"),
    *("--even-if-enough", "--forecast", "--list"),
    # of simulate: those of query and train are repeatable there
    *("--strategy", "--estimator", "--start", "--count", "--until-empty", "--repeats", "--test-share", "--stratified"),
    *("--protocol", "--splits", "--against", "--cold", "--reach", "--noise", "--imbalance", "--spend", "--curves"),
    *("--log", "--resume"),
}
HEAVY = ("numpy", "pandas", "scipy", "sklearn", "joblib", "pyarrow")


def flags(help: str) -> set[str]:
    """The long flags that a help text lists."""
    return set(re.findall(r"^  (?:-\w, )?(--[a-z-]+)", help, re.MULTILINE))


@pytest.fixture
def help_of(alcli: Alcli) -> dict[str, str]:
    return {name: alcli(name, "--help").out for name in COMMANDS}


def test_every_setting_is_a_flag_on_each_command_that_it_shapes(help_of: dict[str, str]) -> None:
    for name, row in TABLE.items():
        assert row.help, name
        assert row.commands or row.key == "project", name
        for command in row.commands:
            assert flag_of(name) in flags(help_of[command]), f"{flag_of(name)} on {command}"


def test_every_flag_is_a_setting_or_acts_once(help_of: dict[str, str]) -> None:
    for command, text in help_of.items():
        mine = {flag_of(name) for name, row in TABLE.items() if command in row.commands}
        assert flags(text) <= mine | ONCE, command


def test_booleans_come_as_pairs(help_of: dict[str, str]) -> None:
    for name, row in TABLE.items():
        if row.kind == "bool":
            assert f"--no-{flag_of(name)[2:]}" in help_of[row.commands[0]]


def test_shared_flags_mean_the_same_everywhere(help_of: dict[str, str]) -> None:
    for text in help_of.values():
        assert {"--project", "--config", "--json", "--quiet", "--verbose", "--progress", "--color", "--wait"} <= flags(
            text
        )
        assert {"-C,", "-q,", "-v,", "-h,", "-V,"} <= set(text.split())


def test_help_leads_with_examples_and_names_no_python_types(help_of: dict[str, str]) -> None:
    for command, text in help_of.items():
        assert text.index("Examples:") < text.index("Options:")
        assert f"      alcli {command}" in text
        assert not re.search(r"<(str|int|float|list)", text), command
        assert max(map(len, text.splitlines())) <= 80


def test_top_help_names_a_round_in_order_first(alcli: Alcli) -> None:
    text = alcli("--help").out
    found = re.findall(r"^  ([a-z-]+)  ", text.split("Commands:")[1], re.MULTILINE)
    assert found == COMMANDS
    assert "..." not in text.split("Commands:")[1]
    assert "Example: alcli" in text
    assert max(map(len, text.splitlines())) <= 80


def test_help_is_the_same_however_it_is_asked_for(alcli: Alcli) -> None:
    assert alcli().out == alcli("-h").out == alcli("--help").out
    assert alcli("help", "query").out == alcli("query", "-h").out == alcli("query", "--help").out


def test_strategy_help_points_to_the_list_instead_of_printing_it(help_of: dict[str, str]) -> None:
    assert "alcli strategies" in " ".join(help_of["query"].split())
    assert "vote_entropy" not in help_of["query"]


def test_version_is_one_line_and_more_with_v(alcli: Alcli) -> None:
    from alcli import __version__

    assert alcli("--version").out == alcli("-V").out == alcli("query", "-V").out == f"alcli {__version__}\n"
    assert alcli("-V", "-v").out == alcli("-v", "-V").out
    assert re.search(r"^scikit-learn \d", alcli("-V", "-v").out, re.MULTILINE)


def test_a_mistyped_command_or_flag_says_did_you_mean(alcli: Alcli) -> None:
    run = alcli("import-label")
    assert (run.code, run.out) == (2, "")
    assert "Did you mean 'import-labels'?" in run.err
    assert "--strategy" in alcli("query", "--stratgy", "margin").err


def test_a_command_is_never_abbreviated(alcli: Alcli) -> None:
    assert alcli("quer").code == 2
    assert alcli("query", "--strat", "margin").code == 2


def test_no_table_is_wider_than_the_terminal(trained: Path, alcli: Alcli) -> None:
    (trained / "alcli.toml").write_text((trained / "alcli.toml").read_text() + 'fail_under = ["f1=0.8"]\nx = 1\n')
    assert max(map(len, alcli("check").err.splitlines())) <= 80
    (trained / "alcli.toml").write_text((trained / "alcli.toml").read_text().rpartition("fail")[0])
    (trained / "wide.csv").write_text("id," + "t" * 50 + "\n1," + "word " * 60 + "\n2,b\n")
    for argv in (
        ["strategies"],
        ["strategies", "typiclust"],
        ["strategies", "lal"],
        ["status", "--settings"],
        ["status", "--labelers"],
        ["status", "--history", "003"],
        ["evaluate", "--test", "test.csv", "--by", "text"],
        ["init", "wide.csv", "-o", "-"],
    ):
        run = alcli(*argv)
        words = run.out if argv[0] == "strategies" else run.err
        lines = [line for line in words.splitlines() if not line.startswith(("warning: ", "note: "))]
        assert lines, argv
        assert max(map(len, lines)) <= 80, argv


def test_names_of_strategies_can_be_copied_from_the_list(alcli: Alcli, monkeypatch: pytest.MonkeyPatch) -> None:
    from alcli.strategies.catalogue import everything

    for columns in ("80", "60"):
        monkeypatch.setenv("COLUMNS", columns)
        lines = alcli("strategies").out.splitlines()
        first = {line.split(" ")[0] for line in lines}
        assert set(everything().strategies) <= first


@pytest.mark.parametrize("variable", ["NO_COLOR", "TERM", "GITHUB_ACTIONS", "CI"])
def test_plain_surroundings_get_plain_text(
    trained: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "dumb" if variable == "TERM" else "true")
    for argv in (["status"], ["query", "-h"], ["train", "--estimator", "logistc"], ["qury"]):
        run = alcli(*argv)
        assert "\x1b" not in run.out + run.err


def _imported(*argv: str, cwd: Path | None = None) -> tuple[int, set[str]]:
    probe = f"import sys; from alcli.cli import main; code = main({list(argv)!r}); print('\\n', code, *sys.modules)"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=cwd)
    code, *modules = done.stdout.splitlines()[-1].split()
    return int(code), set(modules) & set(HEAVY)


@pytest.mark.parametrize(
    ("argv", "code"),
    [(["--help"], 0), (["query", "--help"], 0), (["query", "--stratgy", "x"], 2), (["qury"], 2), (["-V"], 0)],
)
def test_help_and_refused_flags_import_nothing_heavy(argv: list[str], code: int) -> None:
    assert _imported(*argv) == (code, set())


def test_light_commands_import_neither_pandas_nor_sklearn(asked: Path) -> None:
    from .playing import fill

    fill(asked / "sheet.csv")
    argvs = [["import-labels", "sheet.csv"], ["status"], ["strategies"], ["labels"], ["check"], ["-V"]]
    probe = (
        "import sys; from alcli.cli import main\n"
        f"for argv in {argvs!r}:\n"
        "    assert main(argv) == 0, argv\n"
        "    print(argv, {'pandas', 'sklearn', 'scipy', 'joblib'} & set(sys.modules), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    told = [line for line in done.stderr.splitlines() if line.startswith("[")]
    assert told == [f"{argv} set()" for argv in argvs]


def test_the_shell_completes_a_strategy_without_pandas() -> None:
    probe = (
        "import sys\nfor name in ('pandas', 'numpy', 'sklearn', 'pyarrow'): sys.modules[name] = None\n"
        "from alcli.cli import entry; sys.argv = ['alcli']; entry()"
    )
    words = {"_ALCLI_COMPLETE": "complete_bash", "COMP_WORDS": "alcli query --strategy ent", "COMP_CWORD": "3"}
    done = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=False, env={**os.environ, **words}
    )
    assert done.stdout.split() == ["entropy"], done.stderr
