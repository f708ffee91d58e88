"""Ledgers: any text comes back, nothing is ever dropped, a damaged one is refused with its row."""

from __future__ import annotations

import tempfile
from dataclasses import astuple, fields
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from alcli.errors import TableError
from alcli.tables.ledgers import Answer, Asked, Ledger, Measurement, fingerprint_of, number

CALM = settings(max_examples=60, deadline=None)  # a busy machine is no failure

# everything that UTF-8 can hold; the first ones are those that CSV readers stumble over
TEXT = st.one_of(
    st.sampled_from(
        ["", " ", "\r", "\n", "\r\n", "a\rb", '"', '""', '"a', ",", "\x00", "\ufeff", "\u2028", "\x85", "\x1a"]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
ANSWERS = st.lists(st.builds(Answer, *[TEXT] * len(fields(Answer))), max_size=5)


def answer(id_: str = "007", label: str = "pos", **more: str) -> Answer:
    return Answer(id_, label, *(more.get(field.name, "") for field in fields(Answer)[2:]))


@CALM
@given(ANSWERS, ANSWERS)
def test_any_text_comes_back_and_the_old_bytes_stay(first: list[Answer], second: list[Answer]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        assert Ledger(path, Answer).append(first) == len(first)
        before = path.read_bytes() if first else b""
        ledger = Ledger(path, Answer)
        assert ledger.append(second) == len(second)
        assert ledger.rows() == Ledger(path, Answer).rows() == first + second
        if first or second:
            assert path.read_bytes().startswith(before)


class Growing(RuleBasedStateMachine):
    """A ledger that several commands append to, read, and find as people's editors leave it."""

    @initialize()
    def start(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "labels.csv"
        self.expected: list[Answer] = []
        self.kept = Ledger(self.path, Answer)

    @rule(new=ANSWERS)
    def append_by_a_new_command(self, new: list[Answer]) -> None:
        Ledger(self.path, Answer).append(new)
        self.expected += new
        self.kept = Ledger(self.path, Answer)

    @rule(new=ANSWERS)
    def append_by_the_same_object(self, new: list[Answer]) -> None:
        self.kept.append(new)
        self.expected += new

    @rule(new=ANSWERS)
    def append_fails(self, new: list[Answer]) -> None:
        before = self.path.read_bytes() if self.path.exists() else None
        with pytest.MonkeyPatch.context() as patch, pytest.raises(TableError):
            patch.setattr("alcli.files._rename", _fails)
            Ledger(self.path, Answer).append([*new, answer()])
        assert (self.path.read_bytes() if self.path.exists() else None) == before

    @rule()
    def an_editor_drops_the_last_line_end(self) -> None:
        if self.path.exists() and self.path.read_bytes().endswith(b"\n"):
            self.path.write_bytes(self.path.read_bytes()[:-1])
            self.kept = Ledger(self.path, Answer)

    @rule()
    def an_editor_adds_a_mark_and_blank_lines(self) -> None:
        if self.path.exists():
            self.path.write_bytes(b"\xef\xbb\xbf" + self.path.read_bytes().removeprefix(b"\xef\xbb\xbf") + b"\n\n")
            self.kept = Ledger(self.path, Answer)

    @invariant()
    def nothing_is_lost(self) -> None:
        assert Ledger(self.path, Answer).rows() == self.kept.rows() == self.expected

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()


def _fails(*_: object) -> None:
    raise TableError("no")


Growing.TestCase.settings = settings(max_examples=25, stateful_step_count=10, deadline=None)
TestGrowing = Growing.TestCase


def test_nothing_new_writes_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "labels.csv", Answer)
    assert ledger.append([]) == 0
    assert not ledger.path.exists()


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\n"])
def test_an_empty_file_is_a_ledger_without_rows(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    assert Ledger(path, Answer).rows() == []
    Ledger(path, Answer).append([answer()])
    assert Ledger(path, Answer).rows() == [answer()]


def test_a_ledger_is_plain_csv_with_the_header_of_the_contract(tmp_path: Path) -> None:
    headers = {
        Answer: "id,label,annotator,kind,comment,batch,source,answered_at,imported_at",
        Asked: "batch,rank,id,purpose,strategy,utility,probability,annotator,asked_at",
        Measurement: "evaluated_at,labels,labels_fingerprint,model_fingerprint,how,rows,metric,value,low,high",
    }
    for row, header in headers.items():
        path = tmp_path / f"{row.__name__}.csv"
        values = [str(at) for at in range(len(fields(row)))]
        Ledger(path, row).append([row(*values)])
        assert path.read_text() == f"{header}\n{','.join(values)}\n"


GOOD = b"id,label,annotator,kind,comment,batch,source,answered_at,imported_at\n"
ROW = b"007,pos,a1,label,,1,a.csv,,2025-11-22T00:00:00Z\n"


@pytest.mark.parametrize(
    ("content", "row", "code"),
    [
        (b"id,label\n", 1, "ledger-header"),
        (GOOD.replace(b"label,", b"Label,", 1) + ROW, 1, "ledger-header"),
        (GOOD + ROW + b"008,neg,a1\n", 3, "ragged"),
        (GOOD + ROW + ROW[:20], 3, "ragged"),
        (GOOD + ROW.replace(b",,1", b",more,,1"), 2, "ragged"),
        (GOOD + b'007,pos,a1,label,"two\nlines",1,a.csv,,\n' + b"008\n", 4, "ragged"),
        (GOOD + ROW + b'008,"pos,a1,label,,1,a.csv,,\n', 3, "csv"),
        (GOOD + ROW + b'008,"p"os,a1,label,,1,a.csv,,\n', 3, "csv"),
        (GOOD + ROW + b"008,p\xffs,a1,label,,1,a.csv,,\n", 3, "encoding"),
        (b"\x00" * 300, 1, "ledger-header"),
        ((GOOD + ROW).decode().encode("utf-16"), 1, "encoding"),
        (b"PAR1" + bytes(range(256)), 2, "encoding"),
    ],
)
def test_a_damaged_ledger_is_refused_with_its_row_and_not_grown(
    content: bytes, row: int, code: str, tmp_path: Path
) -> None:
    path = tmp_path / "labels.csv"
    path.write_bytes(content)
    with pytest.raises(TableError) as caught:
        Ledger(path, Answer).rows()
    assert (caught.value.at.row if caught.value.at else None, caught.value.code) == (row, code)
    assert "nothing was changed" in str(caught.value.hint)
    with pytest.raises(TableError):
        Ledger(path, Answer).append([answer()])
    assert path.read_bytes() == content


@CALM
@given(st.integers(1, len(ROW) - 2))
def test_a_row_cut_short_is_refused_or_was_only_short_in_its_last_cell(length: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "labels.csv"
        path.write_bytes(GOOD + ROW + ROW[:length])
        try:
            rows = Ledger(path, Answer).rows()
        except TableError as error:
            assert error.at is not None
            assert error.at.row == 3
        else:
            assert astuple(rows[1])[:-1] == astuple(rows[0])[:-1]


def test_a_name_that_is_not_utf8_can_be_written_down(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "labels.csv", Answer)
    ledger.append([answer(source=b"caf\xe9.csv".decode("utf-8", "surrogateescape"))])
    assert Ledger(ledger.path, Answer).rows()[0].source == "caf\\udce9.csv"


@CALM
@given(st.floats(allow_nan=False))
def test_numbers_come_back_exactly(value: float) -> None:
    assert float(number(value)) == value


def test_what_is_no_number_is_empty() -> None:
    assert number(float("nan")) == number(None) == ""
    assert number(3.0) == "3"


@CALM
@given(st.lists(st.tuples(TEXT, TEXT), unique=True), st.randoms())
def test_the_fingerprint_of_labels_knows_no_order(pairs: list[tuple[str, str]], shuffle: object) -> None:
    other = list(pairs)
    shuffle.shuffle(other)  # type: ignore[attr-defined]
    assert fingerprint_of(other) == fingerprint_of(pairs)
    assert fingerprint_of([*pairs, ("x" * 9, "new")]) != fingerprint_of(pairs)
