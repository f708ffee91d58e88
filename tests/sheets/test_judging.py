"""Each family of things that happen to a sheet while it is away."""

from __future__ import annotations

import csv
import io

import pytest

from alcli.errors import TableError
from alcli.sheets.base import Sheet, SheetRow
from alcli.sheets.csv_sheet import write

from .projects import Project, taken

PLAIN = Project(ids=("a-1", "a-2", "a-3", "a-4"), existing={})


def plain(*rows: str, header: str = "id,text,label") -> str:
    return "\n".join([header, *rows]) + "\n"


def only(judged):
    assert len(judged.rejects) == 1, judged.rejects
    return judged.rejects[0]


# -- ids ---------------------------------------------------------------------------------------------


def test_an_unknown_id_is_rejected_by_its_row_and_the_rest_is_taken():
    judged = PLAIN.judge(plain("a-1,t,cat", "nope,t,dog", "a-2,t,dog"))
    assert taken(judged) == {"a-1": "cat", "a-2": "dog"}
    reject = only(judged)
    assert (reject.row, reject.column, reject.code) == (3, "id", "unknown-id")
    assert "'nope'" in reject.problem
    assert reject.cells == ("nope", "t", "dog")


def test_the_same_row_twice_counts_once():
    judged = PLAIN.judge(plain("a-1,t,cat", "a-1,t, Cat ", "a-2,t,dog"))
    assert taken(judged) == {"a-1": "cat", "a-2": "dog"}
    assert (judged.new, judged.rejects) == (2, [])


def test_one_id_with_two_labels_is_rejected_with_all_its_rows():
    judged = PLAIN.judge(plain("a-1,t,cat", "a-1,t,cat", "a-2,t,dog", "a-1,t,bird", "a-1,t,cat"))
    assert taken(judged) == {"a-2": "dog"}
    assert [reject.row for reject in judged.rejects] == [2, 3, 5, 6]
    assert {reject.code for reject in judged.rejects} == {"two-answers"}
    assert all("a-1" in reject.problem and reject.cells[0] == "a-1" for reject in judged.rejects)


@pytest.mark.parametrize(
    ("cell", "id"), [("100000", "1E5"), ("Mar-01", "MAR1"), ("456", "00456"), ("1.23457E+19", "12345678901234567890")]
)
def test_a_mangled_id_without_token_is_rejected_with_the_likely_id(project, cell, id):
    reject = only(project.judge(plain(f"{cell},t,cat")))
    assert (reject.code, cell in reject.problem, repr(id) in reject.hint) == ("unknown-id", True, True)


@pytest.mark.parametrize(
    ("id", "cell"),
    [
        ("00456", "456"), ("1E5", "100000"), ("MAR1", "Mar-01"), ("12345678901234567890", "1.23456789012346E+019"),
        ("12345678901234567890", "1.23457E+19"), (" 7 ", "7"), ("3.10", "3.1"), ("+1", "1"), ("=1+1", "2"),
        ("#N/A", ""), ("Café-7", "CafÃ©-7"), ("🙂", "??"), ("TRUE", "true"), ("=1+1", "'=1+1"), ("'=x", "=x"),
    ],
)  # fmt: skip
def test_a_mangled_id_is_restored_by_its_token(project, id, cell):
    table = project.table({id: "cat"})
    at = project.ids.index(id) + 1
    table[at][0] = cell
    judged = project.judge(table)
    assert (taken(judged), judged.rejects) == ({id: "cat"}, [])


def test_an_id_mangled_into_another_pool_id_is_restored_only_with_its_text(project):
    table = project.table({"00123": "cat"})
    at = project.ids.index("00123") + 1
    table[at][0] = "123"
    assert taken(project.judge(table)) == {"00123": "cat"}
    table[at][1] = "something else"
    reject = only(project.judge(table))
    assert (reject.code, reject.row) == ("sorted-apart", at + 1)


def test_a_deleted_id_column_is_restored_by_the_tokens(project):
    table = [row[1:] for row in project.table({"a,b": "cat", "00123": "dog"})]
    assert taken(project.judge(table)) == {"a,b": "cat", "00123": "dog"}


def test_an_orphan_sheet_that_no_ledger_mentions_is_known_by_ids_and_tokens(project):
    judged = project.judge(project.write("csv", {"00123": "cat"}), asked={})
    assert taken(judged) == {"00123": "cat"}
    table = project.table({"00123": "cat"})
    table[project.ids.index("00123") + 1][0] = "0123"
    assert only(project.judge(table, asked={})).code == "unknown-token"


def test_an_id_that_left_the_pool_is_rejected(project):
    judged = project.judge(project.write("csv", {"00123": "cat"}), known_ids=lambda ids: set(ids) - {"00123"})
    assert only(judged).code == "unknown-id"


# -- sorted apart ------------------------------------------------------------------------------------


def rotate(table, columns, by=1):
    body = table[1:]
    for column in columns:
        cells = [row[column] for row in body]
        for row, cell in zip(body, cells[by:] + cells[:by], strict=True):
            row[column] = cell
    return [table[0], *body]


@pytest.mark.parametrize("columns", [[0], [0, 1], [1], [1, 2], [0, 2], [4], [0, 1, 2]])
def test_columns_sorted_apart_store_nothing(project, columns):
    answers = [project.classes[i % 3] for i in range(len(project.ids))]
    judged = project.judge(rotate(project.table(answers), columns))
    right = dict(zip(project.ids, answers, strict=True))
    assert all(right[id] == label for id, label in taken(judged).items())
    assert len(judged.rejects) >= len(project.ids) - 2
    assert {reject.code for reject in judged.rejects} <= {"sorted-apart"}


def test_one_of_two_texts_sorted_apart_is_seen():
    ids = tuple(f"a-{i}" for i in range(6))
    rows = [SheetRow(id, (f"title {id}", f"body {id}"), i, label="cat") for i, id in enumerate(ids, 1)]
    file = io.BytesIO()
    write(Sheet("p-1", 2, "id", ("text", "x1"), rows, ("cat",)), file)
    table = list(csv.reader(io.StringIO(file.getvalue().decode())))
    judged = Project(ids=ids).judge(rotate(table, [2, 3]))
    assert taken(judged) == {}
    assert {reject.code for reject in judged.rejects} == {"sorted-apart"}


def test_whole_rows_may_be_sorted_and_deleted(project):
    answers = [project.classes[i % 3] for i in range(len(project.ids))]
    table = project.table(answers)
    judged = project.judge([table[0], *reversed(table[3:15])])
    assert len(judged.accepted) == 12
    assert taken(judged).items() <= dict(zip(project.ids, answers, strict=True)).items()


def test_an_edited_text_is_taken_and_counted(project):
    table = project.table({"img_0001": "cat", "img_0002": "dog"})
    table[1][1] = "a typo put right by the labeler"
    judged = project.judge(table)
    assert (taken(judged), judged.edited) == ({"img_0001": "cat", "img_0002": "dog"}, 1)


def test_an_edited_text_is_not_taken_where_rows_were_sorted_apart(project):
    table = project.table({"img_0001": "cat", "img_0002": "dog", "img_0003": "dog"})
    table[1][1] = "changed"
    table[2][1], table[3][1] = table[3][1], table[2][1]
    judged = project.judge(table)
    assert taken(judged) == {}
    assert [reject.row for reject in judged.rejects] == [2, 3, 4]


def test_deleted_texts_do_not_matter(project):
    table = [[row[0], *row[2:]] for row in project.table({"img_0001": "cat"})]
    judged = project.judge(table)
    assert (taken(judged), judged.edited) == ({"img_0001": "cat"}, 0)


# -- tokens ------------------------------------------------------------------------------------------


def test_a_sheet_of_another_project_is_refused_whole(project, make_project):
    data = make_project(name="other").write("csv", {"00123": "cat"})
    with pytest.raises(TableError, match="another project"):
        project.judge(data)


def test_rows_of_another_project_are_rejected(project, make_project):
    mine, other = project.table({"00123": "cat"}), make_project(name="other").table({"123": "dog"})
    judged = project.judge([*mine, other[project.ids.index("123") + 1]])
    assert (taken(judged), only(judged).code) == ({"00123": "cat"}, "other-project")


def test_a_damaged_token_is_rejected_and_a_cleared_one_is_not(project):
    table = project.table({"img_0001": "cat", "img_0002": "dog"})
    table[1][-1] = table[1][-1][:-4]
    judged = project.judge(table)
    assert (taken(judged), only(judged).code) == ({"img_0002": "dog"}, "damaged-token")
    table[1][-1] = ""
    assert taken(project.judge(table)) == {"img_0001": "cat", "img_0002": "dog"}


def test_answers_carry_the_batch_of_their_token(project, make_project):
    older = make_project(batch=1, ids=("00123", "1E5"))
    judged = project.judge(older.write("csv", {"1E5": "cat"}), asked={**project.asked, **older.asked})
    assert [answer.batch for answer in judged.accepted] == ["1"]
    judged = project.judge(plain("00123,t,cat"))
    assert [answer.batch for answer in judged.accepted] == [""]


# -- labels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("classes", "cell", "label"),
    [
        (("cat", "dog"), " dog ", "dog"), (("cat", "dog"), "CAT", "cat"), (("TRUE", "FALSE"), "True", "TRUE"),
        (("café",), "cafe\u0301", "café"), (("cafe\u0301",), "café", "cafe\u0301"), (("1", "2"), "2.0", "2"),
        (("01", "02", "10"), "1", "01"), (("❤",), "❤\ufe0f", "❤"), (("NA", "None", "nan"), "NA", "NA"),
        (("NA", "None", "nan"), "None", "None"), (("A", "a"), "a", "a"), (("skip", "x"), "skip", "skip"),
        (("two words",), "two  words", "two words"), (("=a", "b"), "'=a", "=a"), (("-1", "+1"), "-1", "-1"),
        (("-1", "1"), "-1.0", "-1"),
    ],
)  # fmt: skip
def test_a_label_that_can_only_be_one_class_is_taken(make_project, classes, cell, label):
    judged = make_project(ids=("a-1",), classes=classes).judge(plain(f'a-1,t,"{cell}"'))
    assert taken(judged) == {"a-1": label}


@pytest.mark.parametrize(
    ("classes", "cell", "code"),
    [
        (("cat", "dog"), "horse", "unknown-label"), (("Pos", "pos"), "POS", "unclear-label"),
        (("1", "01"), "1.0", "unclear-label"), (("cat",), "=cmd|' /C calc'!A0", "formula"),
        (("cat",), "@SUM(A1)", "formula"), (("cat",), "-1", "unknown-label"), (("yes",), "NA", "unknown-label"),
    ],
)  # fmt: skip
def test_a_label_that_is_no_class_is_rejected_naming_row_and_id(make_project, classes, cell, code):
    reject = only(make_project(ids=("a-1",), classes=classes).judge(plain(f'a-1,t,"{cell}"')))
    assert (reject.code, reject.row, reject.column) == (code, 2, "label")
    assert "'a-1'" in reject.problem


def test_a_typo_is_suggested_and_corrected_only_when_told():
    data = plain("a-1,t,brd", "a-2,t,cat")
    judged = PLAIN.judge(data)
    assert taken(judged) == {"a-2": "cat"}
    assert "did you mean 'bird'" in only(judged).hint
    judged = PLAIN.judge(data, fix_typos=True)
    assert taken(judged) == {"a-1": "bird", "a-2": "cat"}
    assert judged.fixed == [(2, "brd", "bird")]


def test_new_classes_come_in_only_when_told():
    data = plain("a-1,t,horse ", "a-2,t,=1+1", "a-3,t,emu")
    assert len(PLAIN.judge(data).rejects) == 3
    judged = PLAIN.judge(data, new_classes=True)
    assert taken(judged) == {"a-1": "horse", "a-3": "emu"}
    assert judged.new_classes == ("emu", "horse")
    assert only(judged).code == "formula"


def test_synonyms_and_skips():
    judged = PLAIN.judge(plain("a-1,t,kitty", "a-2,t,?", "a-3,t,Unsure"), synonyms={"Kitty": "cat"})
    assert [(a.id, a.kind, a.label) for a in judged.accepted] == [
        ("a-1", "label", "cat"),
        ("a-2", "skip", ""),
        ("a-3", "skip", ""),
    ]


def test_blank_answers_and_blank_lines_are_no_trouble():
    judged = PLAIN.judge(plain("a-1,t,", "a-2,t,cat", "a-3,t,  ", "", ",,", ""))
    assert (taken(judged), judged.blank, judged.rejects) == ({"a-2": "cat"}, 2, [])


# -- rows --------------------------------------------------------------------------------------------


def test_a_total_row_and_a_repeated_header_are_rejected():
    judged = PLAIN.judge(plain("a-1,t,cat", "id,text,label", "a-2,t,dog", "Total,,30", ",,cat"))
    assert taken(judged) == {"a-1": "cat", "a-2": "dog"}
    assert [(r.row, r.code) for r in judged.rejects] == [
        (3, "repeated-header"),
        (5, "unknown-id"),
        (6, "blank-id"),
    ]


def test_slipped_and_cut_rows_are_rejected(project):
    judged = PLAIN.judge(plain("a-1,t,cat,dog", "a-2,t,dog,,"))
    assert (taken(judged), only(judged).code) == ({"a-2": "dog"}, "ragged")
    table = project.table({"img_0001": "cat", "img_0002": "dog"})
    table[2] = table[2][:3]
    judged = project.judge(table)
    assert (taken(judged), only(judged).code) == ({"img_0001": "cat"}, "ragged")


# -- what was there before ---------------------------------------------------------------------------


def test_the_same_sheet_again_adds_nothing():
    project = Project(ids=PLAIN.ids, existing={("a-1", "a1"): "cat", ("a-2", "a1"): ""})
    judged = project.judge(plain("a-1,t,cat", "a-2,t,?"))
    assert (judged.accepted, judged.known, judged.rejects) == ([], 2, [])


@pytest.mark.parametrize(
    ("rule", "accepted", "known", "rejected"), [("error", 0, 0, 1), ("newest", 1, 0, 0), ("first", 0, 1, 0)]
)
def test_a_changed_answer_goes_by_the_rule(rule, accepted, known, rejected):
    project = Project(ids=PLAIN.ids, existing={("a-1", "a1"): "cat"})
    judged = project.judge(plain("a-1,t,dog"), on_conflict=rule)
    assert (len(judged.accepted), judged.changed, judged.known, len(judged.rejects)) == (
        accepted,
        accepted,
        known,
        rejected,
    )
    if rejected:
        assert all(word in only(judged).problem for word in ("'a-1'", "'cat'", "'dog'"))
        assert "--on-conflict newest" in only(judged).hint


def test_answers_of_different_annotators_stand_side_by_side():
    project = Project(ids=PLAIN.ids, existing={("a-1", "a2"): "dog"})
    judged = project.judge(plain("a-1,b1,cat", "a-1,b2,dog", "a-1,,bird", header="id,annotator,label"))
    assert [(a.annotator, a.label) for a in judged.accepted] == [("b1", "cat"), ("b2", "dog"), ("a1", "bird")]


def test_a_label_after_a_skip_is_no_conflict_and_a_skip_after_a_label_is():
    project = Project(ids=PLAIN.ids, existing={("a-1", "a1"): "", ("a-2", "a1"): "cat"})
    judged = project.judge(plain("a-1,t,dog", "a-2,t,?"))
    assert (taken(judged), judged.changed, only(judged).code) == ({"a-1": "dog"}, 1, "changed-answer")


def test_an_older_sheet_undoes_no_correction():
    project = Project(ids=PLAIN.ids, existing={("a-1", "a1"): "cat"})
    seen = {("a-1", "a1", "", "dog"), ("a-1", "a1", "", "cat")}
    judged = project.judge(plain("a-1,t,dog"), seen=seen, on_conflict="newest")
    assert (judged.accepted, judged.known) == ([], 1)


def test_comments_are_kept():
    judged = PLAIN.judge(plain("a-1,cat,-not sure ", "a-2,dog,", "a-2,dog,late", header="id,label,comment"))
    assert [a.comment for a in judged.accepted] == ["-not sure", "late"]


def test_an_unknown_rule_is_the_programmers_mistake():
    with pytest.raises(ValueError, match="on_conflict"):
        PLAIN.judge(plain("a-1,t,cat"), on_conflict="last")


def test_a_million_rows_are_looked_up_in_chunks(monkeypatch):
    monkeypatch.setattr("alcli.sheets.judging._CHUNK", 7)
    ids = tuple(f"r{i}" for i in range(50))
    asked: list[int] = []

    def known(some):
        asked.append(len(set(some)))
        return set(some) & set(ids)

    judged = Project(ids=ids).judge(plain(*(f"{id},t,cat" for id in ids)), known_ids=known)
    assert len(judged.accepted) == 50
    assert len(asked) == 8 and max(asked) == 7
