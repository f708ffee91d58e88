"""Whatever the pool holds: a sheet that goes out and comes back gives the same ids and labels."""

from __future__ import annotations

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alcli.sheets.answers import read_answers
from alcli.sheets.base import Sheet, SheetRow
from alcli.sheets.judging import judge
from alcli.sheets.table import FORMATS, writer
from alcli.sheets.words import Vocabulary

from .projects import ODD_IDS, taken

# Everything that UTF-8 can hold. NUL is refused in CSV by the reader of pools too.
ANY = st.characters(exclude_categories=["Cs"], exclude_characters="\x00")
NASTY = st.sampled_from(
    [*ODD_IDS, "nan", "NULL", "1,5", "1;5", "a\tb", "\r", "\r\n", "_x000D_", "\ufeff", "€", "=cmd|x"]
)
CELLS = st.text(ANY, max_size=12) | NASTY | st.builds(str, st.floats() | st.integers())
IDS = CELLS.filter(lambda text: text.strip() != "")
# A page and the files of labelling tools are answered elsewhere: test_html_page.py, test_exchange.py.
WRITERS = {row.name: writer(row) for row in FORMATS if row.write and not row.then}


@pytest.mark.parametrize("format", WRITERS)
@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.lists(
        st.tuples(IDS, CELLS, CELLS, st.integers(0, 5)), min_size=1, max_size=8, unique_by=lambda row: row[0]
    ),
    classes=st.lists(IDS, min_size=1, max_size=5, unique=True),
)
def test_any_table_of_text_comes_back(format, rows, classes):
    classes = tuple(classes)
    labels = {id: classes[pick % len(classes)] for id, _, _, pick in rows}
    sheet = Sheet(
        "p",
        1,
        "key",
        ("one", "two"),
        [SheetRow(id, (one, two), rank, label=labels[id]) for rank, (id, one, two, _) in enumerate(rows)],
        classes,
    )
    file = io.BytesIO()
    WRITERS[format](sheet, file)
    back = read_answers(file.getvalue(), "sheet", id_column="key", pool_columns=["key", "one", "two"])
    judged = judge(
        back,
        known_ids=lambda ids: set(ids) & set(labels),
        asked={(1, rank): row[0] for rank, row in enumerate(rows)},
        project="p",
        vocabulary=Vocabulary(classes),
        existing={},
        annotator="a1",
    )
    assert judged.rejects == []
    assert judged.edited == 0
    assert taken(judged) == labels
    assert {answer.batch for answer in judged.accepted} == {"1"}


@pytest.mark.parametrize("format", WRITERS)
def test_the_same_sheet_gives_the_same_bytes(format, project):
    assert project.write(format) == project.write(format)


@pytest.mark.parametrize("format", WRITERS)
def test_odd_ids_come_back(format, project):
    answers = {id: project.classes[i % 3] for i, id in enumerate(project.ids)}
    judged = project.judge(project.write(format, answers))
    assert judged.rejects == []
    assert taken(judged) == answers


@pytest.mark.parametrize("format", WRITERS)
def test_an_empty_sheet_comes_back_blank(format, project):
    judged = project.judge(project.write(format))
    assert (judged.accepted, judged.rejects, judged.blank) == ([], [], len(project.ids))
