from __future__ import annotations

import csv
import io

from alcli.sheets.rejects import rejects_csv, rejects_name

from .projects import taken


def spoilt(project):
    table = project.table(dict.fromkeys(project.ids, "cat"))
    label = table[0].index("label")
    table[1][label], table[4][label], table[9][label] = "horse", "=1+1", "brd"
    table[12][0] = "nothing known"
    table[12][1] = "and another text"
    table[2][label + 1] = "-a comment"
    table[4][label + 1] = "=a comment"
    return table


def test_rejects_can_be_put_right_and_come_back(project):
    judged = project.judge(spoilt(project))
    data = rejects_csv("inbox/s.csv", judged.header, judged.rejects)
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert rows[0] == ["file", "row", "column", "problem", "id", "text", "label", "comment", "alcli_row"]
    assert [row[:3] for row in rows[1:]] == [
        ["inbox/s.csv", "2", "label"],
        ["inbox/s.csv", "5", "label"],
        ["inbox/s.csv", "10", "label"],
        ["inbox/s.csv", "13", "id"],
    ]
    for row in rows[1:]:
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
        row[6] = "dog"
    rows[4][4] = project.ids[11]
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    again = project.judge(text.getvalue())
    assert again.rejects == []
    assert taken(again) == {project.ids[i]: "dog" for i in (0, 3, 8, 11)}
    assert [a.comment for a in again.accepted] == ["", "=a comment", "", ""]
    assert len(taken(judged)) + len(taken(again)) == len(project.ids)


def test_a_rejects_file_that_was_not_put_right_rejects_the_same_rows(project):
    judged = project.judge(spoilt(project))
    data = rejects_csv("s.csv", judged.header, judged.rejects)
    again = project.judge(data)
    assert again.accepted == []
    assert again.header == judged.header
    assert [r.cells[-1] for r in again.rejects] == [r.cells[-1] for r in judged.rejects]


def test_names_tell_sheet_and_content_apart():
    name = rejects_name("inbox/batch 3.xlsx", b"one")
    assert name.startswith("batch 3.rejects-") and name.endswith(".csv")
    assert name != rejects_name("inbox/batch 3.xlsx", b"two")
    assert rejects_name(name, b"two") == rejects_name("batch 3.csv", b"two")
    assert rejects_name("-", b"x").startswith("stdin.rejects-")
