"""Labelling at the terminal: keys, a stop and a go on, a pipe in place of a person."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.playing import Alcli, truth


@pytest.fixture
def sheet(project: Path, alcli: Alcli) -> Path:
    assert alcli("query", "-n", "6", "-o", "sheet.csv").code == 0
    return project / "sheet.csv"


def column(sheet: Path, name: str) -> list[str]:
    import csv

    return [row[name] for row in csv.DictReader(sheet.read_text().splitlines())]


def test_lines_of_a_pipe_are_answers(sheet: Path, alcli: Alcli) -> None:
    ids = column(sheet, "id")
    run = alcli("answer", "sheet.csv", stdin="".join(truth(id_) + "\n" for id_ in ids).encode())
    assert run.code == 0 and "6 answers written to sheet.csv: 6 answered, 0 skipped, 0 left" in run.err
    assert column(sheet, "label") == [truth(id_) for id_ in ids]
    run = alcli("import-labels", "sheet.csv", "--annotator", "me")
    assert run.code == 0 and "6 new" in run.err


def test_keys_skip_undo_comment_and_pages(sheet: Path, alcli: Alcli) -> None:
    # ham; spam; taken back; ham; a comment on the third and its skip; back; next; stop
    run = alcli("answer", "sheet.csv", stdin=b"1\n2\nu\n1\nc odd one\n0\nb\nn\nq\n")
    assert run.code == 0, run.err
    assert column(sheet, "label") == ["ham", "ham", "?", "", "", ""]
    assert column(sheet, "comment")[2] == "odd one"
    assert "2 answered, 1 skipped, 3 left" in run.err


def test_it_goes_on_where_it_stopped(sheet: Path, alcli: Alcli) -> None:
    assert alcli("answer", "sheet.csv", stdin=b"1\n1\n").code == 0
    run = alcli("answer", "sheet.csv", stdin=b"2\n")
    assert "3 of 6, 4 left" in run.err
    assert column(sheet, "label") == ["ham", "ham", "spam", "", "", ""]
    assert "1 of 6" in alcli("answer", "sheet.csv", "--again", stdin=b"").err


def test_what_means_nothing_is_asked_again(sheet: Path, alcli: Alcli) -> None:
    run = alcli("answer", "sheet.csv", stdin=b"maybe\n7\nham\n")
    assert "'maybe' means nothing here" in run.err and column(sheet, "label")[0] == "ham"


def test_the_rest_of_the_sheet_stays_as_it_was(sheet: Path, alcli: Alcli) -> None:
    before = sheet.read_bytes()
    assert alcli("answer", "sheet.csv", stdin=b"1\nu\n").code == 0
    assert sheet.read_bytes() == before


def test_a_sheet_that_another_program_writes_is_not_overwritten(project: Path, sheet: Path) -> None:
    from alcli import answer
    from alcli.errors import FileTrouble
    from alcli.steps.answer import Question, Reply

    def ask(question: Question) -> Reply:
        sheet.write_text(sheet.read_text() + "\n")
        return Reply("label", "ham")

    with pytest.raises(FileTrouble, match="changed by another program"):
        answer(sheet="sheet.csv", ask=ask)
    assert "ham" not in column(sheet, "label")


@pytest.mark.parametrize("name", ["missing.csv", "sheet.xlsx"])
def test_what_is_no_csv_sheet_is_refused(project: Path, alcli: Alcli, name: str) -> None:
    if name.endswith("xlsx"):
        assert alcli("query", "-n", "3", "-o", name).code == 0
    run = alcli("answer", name, stdin=b"")
    assert run.code == 1 and "hint:" in run.err


def test_control_characters_of_the_pool_do_not_reach_the_terminal(folder: Path, alcli: Alcli) -> None:
    (folder / "pool.csv").write_text("id,text\na,\x1b[31mred\x07\nb,plain\n")
    assert alcli("init", "pool.csv", "--classes", "x,y", "--text", "text", "-q").code == 0
    assert alcli("query", "-n", "2", "-o", "sheet.csv").code == 0
    run = alcli("answer", "sheet.csv", stdin=b"")
    assert "\x1b" not in run.err and "\x07" not in run.err


class Person:
    """Presses keys at a terminal of its own and reads what is said there."""

    def __init__(self, sheet: Path) -> None:
        self.master, slave = pty.openpty()
        command = [sys.executable, "-c", "from alcli.cli import entry; entry()", "answer", str(sheet)]
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, close_fds=True)
        os.close(slave)
        self.said = b""

    def press(self, keys: bytes, then: bytes) -> None:
        os.write(self.master, keys)
        self.until(then)

    def until(self, text: bytes) -> None:
        end = time.monotonic() + 60
        while text not in self.said:
            assert time.monotonic() < end, self.said
            if select.select([self.master], [], [], 0.2)[0]:
                self.said += os.read(self.master, 65536)

    def leave(self) -> None:
        assert self.process.wait(timeout=60) == 0
        os.close(self.master)


def test_a_person_at_a_terminal_presses_keys(sheet: Path) -> None:
    person = Person(sheet)
    person.until(b"1 of 6")
    person.press(b"1", b"2 of 6")
    person.press(b"\x1b[C", b"3 of 6")  # an arrow: the next page
    person.press(b"2", b"4 of 6")
    person.press(b"q", b"2 answers written")
    person.leave()
    assert b"c comment" in person.said
    assert column(sheet, "label") == ["ham", "", "spam", "", "", ""]


def test_keys_that_come_in_one_burst_are_each_an_answer(sheet: Path) -> None:
    """Somebody is quicker than the screen, or the line is slow."""
    person = Person(sheet)
    person.until(b"1 of 6")
    person.press("12\x1b[Cc für xy\x7fz später\r1ucnew".encode(), b"comment: new")
    person.press(b"er\n", b"the comment is saved")
    assert column(sheet, "label") == ["ham", "spam", "", "", "", ""]
    assert "(für xz später)" in person.said.decode()
    person.press(b"2\x1b[3~", b"means nothing here")  # Delete is not Escape
    person.press(b"\x1b", b"3 answers written")
    person.leave()
    assert column(sheet, "label") == ["ham", "spam", "", "spam", "", ""]
    assert column(sheet, "comment") == ["", "", "", "newer", "", ""]


def test_all_keys_may_come_before_the_first_question(sheet: Path) -> None:
    person = Person(sheet)
    person.press(b"121212", b"6 answers written")
    person.leave()
    assert column(sheet, "label") == ["ham", "spam"] * 3


def digits(folder: Path, alcli: Alcli, classes: str) -> Path:
    (folder / "pool.csv").write_text("id,text\n" + "".join(f"r{at},text {at}\n" for at in range(4)))
    assert alcli("init", "pool.csv", "--classes", classes, "--text", "text", "-q").code == 0
    assert alcli("query", "-n", "4", "-o", "sheet.csv").code == 0
    return folder / "sheet.csv"


def test_the_key_of_a_digit_is_the_digit(folder: Path, alcli: Alcli) -> None:
    sheet = digits(folder, alcli, "0,1")
    person = Person(sheet)
    person.until(b"1 of 4")
    person.press(b"1", b"2 of 4")
    person.press(b"0", b"3 of 4")
    person.press(b"s", b"4 of 4")
    person.press(b"c", b"comment: ")
    person.press(b"not sure\n", b"the comment is saved")
    person.press(b"q", b"answers written")
    person.leave()
    assert b"0 0   1 1" in person.said and b"s skip" in person.said
    assert column(sheet, "label") == ["1", "0", "?", ""]
    assert column(sheet, "comment")[3] == "not sure"


def test_a_line_of_a_pipe_is_the_same_as_the_key(folder: Path, alcli: Alcli) -> None:
    sheet = digits(folder, alcli, "0,1")
    run = alcli("answer", "sheet.csv", stdin=b"1\n0\ns\n1\n")
    assert run.code == 0 and column(sheet, "label") == ["1", "0", "?", "1"]


def test_numbers_get_letters_and_the_end_of_a_pipe_is_no_answer(folder: Path, alcli: Alcli) -> None:
    sheet = digits(folder, alcli, "10,20")
    run = alcli("answer", "sheet.csv", stdin=b"a\n1\n20\n")
    assert "a 10   d 20" in run.err and "'1' means nothing here" in run.err
    assert column(sheet, "label") == ["10", "20", "", ""]


def test_a_class_called_q_is_given_and_does_not_stop(folder: Path, alcli: Alcli) -> None:
    sheet = digits(folder, alcli, "q,c")
    run = alcli("answer", "sheet.csv", stdin=b"q\nc\n# odd\n")
    assert run.code == 0 and column(sheet, "label") == ["q", "c", "", ""]
    assert column(sheet, "comment")[2] == "odd"


def test_a_key_stands_on_the_line_of_its_class(folder: Path, alcli: Alcli) -> None:
    names = [f"kind{'x' * (at % 5)}-{at}" for at in range(28)]
    digits(folder, alcli, ",".join(names))
    run = alcli("answer", "sheet.csv", stdin=b"c\n")
    assert "c comment" not in run.err and "'c' means nothing here" in run.err
    told = dict.fromkeys(part for line in run.err.splitlines() for part in line.strip().split("   "))
    shown = {part.split(" ", 1)[1]: part.split(" ", 1)[0] for part in told if " kind" in part}
    assert list(shown) == names and all(len(key) == 1 for key in shown.values())


def test_what_a_sheet_tells_is_shown_too(trained: Path, alcli: Alcli) -> None:
    assert alcli("query", "-n", "2", "-s", "margin", "--why", "--with-guess", "-o", "told.csv").code == 0
    run = alcli("answer", "told.csv", stdin=b"q\n")
    assert run.code == 0
    for words in ("guess: ", "confidence: 0.", "chosen by: margin: near-ties", "nearest labelled:\n"):
        assert words in run.err
    assert alcli("query", "-n", "2", "-s", "margin", "-o", "blind.csv").code == 0
    run = alcli("answer", "blind.csv", stdin=b"q\n")
    assert "guess" not in run.err and "margin" not in run.err
