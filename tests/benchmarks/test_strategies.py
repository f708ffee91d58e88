"""What `make bench-strategies` makes of its measurements."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from benchmarks.strategies import cases, table
from benchmarks.strategies.cases import CASES, MILLION, Case, Target
from benchmarks.strategies.judging import Measured, Row, judged, predicted
from benchmarks.strategies.peers import PEERS
from benchmarks.strategies.processes import No, Took, run

LATE = No("over 120 s", 120.0)
HUGE = No("out of memory")


def took(seconds: float, memory: float = 100, chosen: tuple[int, ...] = (1, 2, 3, 4)) -> list[Took]:
    return [Took(seconds, seconds + 1, seconds, memory, chosen)]


def row(case: Case, rows: int, query: Measured, **peers: Measured) -> Row:
    return Row(case, rows, query, query, peers)


def words(*rows: Row) -> list[str]:
    return [("met: " if each.met else "") + each.words for each in judged(rows, 120)]


def test_a_target_is_held_against_the_fastest_library_at_a_million_rows() -> None:
    case = Case("kcenter", "kcenter", {"a": "", "b": ""}, (Target(1 / 8),))
    small = row(case, 10_000, took(1), a=took(1), b=took(1))
    assert words(small) == []
    assert words(small, row(case, MILLION, took(3), a=took(40), b=took(30))) == ["met: 0.1 of b, at most 0.12"]
    assert words(small, row(case, MILLION, took(6), a=took(40), b=took(30))) == ["**missed**: 0.2 of b, at most 0.12"]


def test_the_limit_stands_for_libraries_that_do_not_end() -> None:
    case = Case("badge", "badge", {"a": ""}, (Target(1 / 50),))
    assert words(row(case, MILLION, took(2.4), a=LATE)) == [
        "met: 0.02 of the limit of 120 s: no library ended, at most 0.02"
    ]
    assert words(row(case, MILLION, took(2.5), a=HUGE))[0].startswith("**missed**")


def test_what_a_library_would_take_is_told_from_its_largest_pool() -> None:
    case = Case("density", "density", {"a": "", "b": ""}, (Target(1 / 50, of="predicted"),), grows=2)
    rows = [
        row(case, 10_000, took(1), a=took(1.3), b=took(1.7)),
        row(case, 100_000, took(1), a=HUGE, b=HUGE),
        row(case, MILLION, took(20), a=HUGE, b=HUGE),
    ]
    assert predicted(rows, "a", MILLION) == pytest.approx(13_000)
    assert words(*rows) == ["met: 0.0015 of a, predicted 13000 s, at most 0.02"]


def test_a_library_that_ran_into_the_limit_takes_at_least_as_long() -> None:
    case = Case("ranked", "ranked", {"a": ""}, (Target(1 / 50, of="predicted"),))
    rows = [row(case, 10_000, took(1), a=took(0.1)), row(case, MILLION, took(2), a=LATE)]
    assert words(*rows) == ["met: 0.017 of a, predicted 10 s, at most 0.02"]  # over 120 s, not over 10


def test_each_library_is_met_at_the_largest_pool_where_it_ends() -> None:
    case = Case("probcover", "probcover", {"a": "", "b": "", "c": ""}, (Target(1.0, of="own"),))
    rows = [
        row(case, 10_000, took(2), a=took(8), b=took(1), c=HUGE),
        row(case, 100_000, took(3), a=LATE, b=took(4), c=HUGE),
    ]
    assert words(*rows) == ["met: 0.25 of a, at most 1", "met: c ended at no size"]  # b's largest is not known yet
    rows.append(row(case, MILLION, took(30), a=LATE, b=took(20), c=HUGE))
    assert words(*rows)[1] == "**missed**: 1.5 of b, at most 1"


def test_no_answer_is_a_miss() -> None:
    case = Case("x", "x", {"a": ""}, (Target(1 / 8),))
    assert words(row(case, MILLION, LATE, a=took(1))) == ["no answer: over 120 s"]


def test_nothing_is_held_against_a_library_that_was_not_run() -> None:
    case = Case("x", "x", {"a": ""}, (Target(1 / 8), Target(1.0, of="own")))
    assert words(row(case, MILLION, took(100), a=No("left out", ran=False))) == ["met: query: no library was run"]


def test_memory_is_the_whole_commands() -> None:
    case = Case("margin", "margin", {"a": ""}, (Target(0.5, what="memory"),))
    found = words(row(case, MILLION, took(1, memory=270), a=took(1, memory=996)))
    assert found == ["met: memory 0.27 of a, at most 0.5"]


def test_the_same_model_and_rule_choose_the_same_rows() -> None:
    case = Case("margin", "margin", {"a": "", "b": ""}, same=True)
    other = took(1, chosen=(6, 7, 8, 9))
    assert words(row(case, 10_000, took(1), a=other, b=took(1))) == []
    assert words(row(case, 10_000, took(1), a=other)) == ["**missed**: no library shares more than 0 of the 4 rows"]


def test_cells_say_what_happened() -> None:
    case = Case("x", "x", {"fast": "", "slow": "", "huge": ""}, note="a|b")
    cells = table.cells(row(case, 10_000, took(0.05), fast=took(0.5), slow=LATE, huge=HUGE), [], 120)
    assert cells[:9] == [
        "`x`", "10,000", "0.050 s", "1.1 s, 100 MB", "fast 0.50 s", "1.5 s, 100 MB",
        "slow over 120 s; huge out of memory", "0.1", "–",
    ]  # fmt: skip
    assert table.line(cells).endswith("a\\|b |")


def test_a_page_keeps_the_rows_that_were_not_measured_again(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- measured: x -->\n<!-- end of measured -->\nafter\n", encoding="utf-8")
    names = ("strategy", "rows", "s")
    table.write(page, "x", "Monday", names, [["a", "1", "5 | 6"], ["b", "1", "7"]], 2)
    table.write(page, "x", "Tuesday", names, [["b", "1", "8"], ["b", "2", "9"]], 2)
    assert page.read_text(encoding="utf-8").splitlines() == [
        "before", "<!-- measured: x -->", "Tuesday", "", "| strategy | rows | s |", "| --- | --- | --- |",
        "| a | 1 | 5 \\| 6 |", "| b | 1 | 8 |", "| b | 2 | 9 |", "<!-- end of measured -->", "after",
    ]  # fmt: skip
    with pytest.raises(ValueError, match="no place"):
        table.write(page, "y", "", names, [], 2)


def test_every_case_names_a_case_of_the_runner() -> None:
    runners = Path(inspect.getfile(cases)).parent / "runners"
    for case in CASES.values():
        for peer, entry in case.peers.items():
            assert f'"{entry}":' in (runners / f"{PEERS[peer].runner}.py").read_text(encoding="utf-8"), (case, peer)
        assert not case.bare or f'"{case.name}":' in (runners / "bare.py").read_text(encoding="utf-8"), case


@pytest.mark.skipif(not hasattr(__import__("os"), "sched_setaffinity"), reason="needs Linux")
def test_a_process_over_its_limit_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setattr("benchmarks.strategies.processes.OUT", tmp_path)
    sleep, refuse, tell = "import time; time.sleep(9)", "raise SystemExit('error: no')", "print('hi')"
    assert run([sys.executable, "-c", sleep], tmp_path, 0.2, whole=True) == No("over 0.2 s", 0.2)
    assert run([sys.executable, "-c", refuse], tmp_path, 5, whole=True) == No("error: no")
    ended = run([sys.executable, "-c", tell], tmp_path, 5, whole=True)
    assert isinstance(ended, Took) and ended.said == "hi\n"
