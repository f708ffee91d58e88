"""Labelling tools: what they get, and what their exports bring back."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
import zipfile
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alcli.errors import TableError
from alcli.sheets.answers import read_answers
from alcli.sheets.base import Sheet, SheetRow
from alcli.sheets.exchange import data, keys
from alcli.sheets.judging import judge
from alcli.sheets.label_studio import configuration
from alcli.sheets.table import FORMATS, writer
from alcli.sheets.words import Vocabulary

from .projects import Project, taken
from .test_round_trip import CELLS, IDS

WRITERS = {row.name: writer(row) for row in FORMATS if row.then and row.name != "html"}
WHEN = "2026-11-21T23:43:14.547344Z"


def written(format: str, sheet: Sheet) -> bytes:
    file = io.BytesIO()
    WRITERS[format](sheet, file)
    return file.getvalue()


def lines(data: bytes) -> list[Any]:
    return [json.loads(line) for line in data.decode().split("\n") if line]


def jsonl(items: list[Any]) -> bytes:
    return "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in items).encode()


def label_studio(data: bytes, labels: dict[str, str], who: int = 1, control: str = "label") -> list[dict[str, Any]]:
    """Its export as JSON, shaped as the server 1.23.2 gives it."""
    tasks = []
    for number, task in enumerate(json.loads(data), start=1):
        label = labels.get(task["data"]["alcli_id"])
        choice = {"from_name": control, "to_name": "shown_1", "type": "choices", "value": {"choices": [label]}}
        note = {"from_name": "comment", "to_name": "shown_1", "type": "textarea", "value": {"text": ["unsure"]}}
        annotation = {
            "id": number + 100,
            "completed_by": who,
            "was_cancelled": False,
            "lead_time": 3.5,
            "created_at": WHEN,
            "updated_at": WHEN,
            "result": [choice, note],
        }
        tasks.append(
            {"id": number, "data": task["data"], "annotations": [annotation] if label is not None else [], "drafts": []}
        )
    return tasks


def json_min(tasks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same export as JSON_MIN: tasks without a submitted annotation are not in it."""
    return [
        {
            **task["data"],
            "id": task["id"],
            "label": annotation["result"][0]["value"]["choices"][0],
            "comment": "unsure",
            "annotator": annotation["completed_by"],
            "annotation_id": annotation["id"],
            "created_at": WHEN,
            "updated_at": WHEN,
            "lead_time": 3.5,
        }
        for task in tasks
        for annotation in task["annotations"]
        if not annotation["was_cancelled"]
    ]


def label_studio_csv(tasks: list[dict[str, Any]]) -> bytes:
    items = json_min(tasks)
    text = io.StringIO(newline="")
    names = sorted({name for item in items for name in item})
    out = csv.DictWriter(text, names, quoting=csv.QUOTE_ALL)
    out.writeheader()
    out.writerows(items)
    return text.getvalue().encode()


def doccano(data: bytes, labels: dict[str, str]) -> bytes:
    return jsonl(
        [
            {
                **item,
                "id": at + 7,
                "label": [labels[item["alcli_id"]]] if item["alcli_id"] in labels else [],
                "Comments": [],
            }
            for at, item in enumerate(lines(data))
        ]
    )


def prodigy(data: bytes, labels: dict[str, str]) -> bytes:
    return jsonl(
        [
            {
                **item,
                "accept": [labels[item["alcli_id"]]],
                "answer": "accept",
                "_timestamp": 1732231234,
                "_annotator_id": "batch3-a1",
            }
            for item in lines(data)
            if item["alcli_id"] in labels
        ]
    )


def argilla(data: bytes, labels: dict[str, str]) -> bytes:
    records = []
    for item in json.loads(data):
        record = {**item, "status": "completed", "_server_id": "9a"}
        if item["alcli_id"] in labels:
            record |= {"label.responses": [labels[item["alcli_id"]]], "label.responses.users": ["8f0c"]}
            record["label.responses.status"] = ["submitted"]
        records.append(record)
    return json.dumps(records, ensure_ascii=False).encode()


EXPORTS = {
    "label-studio": lambda data, labels: json.dumps(label_studio(data, labels), ensure_ascii=False).encode(),
    "label-studio min": lambda data, labels: json.dumps(json_min(label_studio(data, labels))).encode(),
    "label-studio csv": lambda data, labels: label_studio_csv(label_studio(data, labels)),
    "doccano": doccano,
    "prodigy": prodigy,
    "argilla": argilla,
}


@pytest.mark.parametrize("export", EXPORTS)
def test_odd_ids_and_texts_come_back_on_their_rows(export, project):
    answers = {id_: project.classes[at % 3] for at, id_ in enumerate(project.ids)}
    judged = project.judge(EXPORTS[export](written(export.split()[0], project.sheet()), answers))
    assert judged.rejects == [] and judged.edited == 0
    assert taken(judged) == answers


@pytest.mark.parametrize("export", EXPORTS)
@settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    rows=st.lists(
        st.tuples(IDS, CELLS, CELLS, st.integers(0, 5)), min_size=1, max_size=6, unique_by=lambda row: row[0]
    ),
    classes=st.lists(IDS, min_size=1, max_size=5, unique=True),
)
def test_any_table_of_text_comes_back(export, rows, classes):
    labels = {id_: classes[pick % len(classes)] for id_, _, _, pick in rows}
    made = [SheetRow(id_, (one, two), rank) for rank, (id_, one, two, _) in enumerate(rows)]
    data = written(export.split()[0], Sheet("p", 1, "key", ("one", "two"), made, tuple(classes)))
    judged = judge(
        read_answers(EXPORTS[export](data, labels), "export", id_column="key", pool_columns=["key", "one", "two"]),
        known_ids=lambda ids: set(ids) & set(labels),
        asked={(1, rank): row[0] for rank, row in enumerate(rows)},
        project="p",
        vocabulary=Vocabulary(tuple(classes)),
        existing={},
        annotator="a1",
    )
    assert judged.rejects == [] and judged.edited == 0
    assert taken(judged) == labels


@pytest.mark.parametrize("format", WRITERS)
def test_nothing_that_a_tool_gets_is_called_id_but_argillas_own_record(format, project):
    data = written(format, project.sheet())
    items = json.loads(data) if data.startswith(b"[") else lines(data)
    assert len(items) == len(project.ids)
    for item, id_ in zip(items, project.ids, strict=True):
        inside = item.get("data", item)
        assert inside["alcli_id"] == id_ and isinstance(inside["alcli_row"], str)
        assert "id" not in inside or format == "argilla"


def test_the_labeling_configuration_escapes_what_it_names():
    sheet = Sheet("p", 1, "id", ('a "b" <c>', "text"), [], ("<yes> & no", 'q"q'))
    tree = ET.fromstring(configuration(sheet))
    assert [choice.get("value") for choice in tree.iter("Choice")] == ["<yes> & no", 'q"q']
    assert [text.get("value") for text in tree.iter("Text")] == ["$column_1", "$text"]


def test_predictions_are_given_only_when_guesses_are_shown():
    rows = [SheetRow("r1", ("x",), 1, guess="cat", confidence=0.7)]
    blind, open_ = (Sheet("p", 1, "id", ("text",), rows, ("cat", "dog"), with_guess=told) for told in (False, True))
    for format in WRITERS:
        assert b"0.7" not in written(format, blind)
    assert json.loads(written("label-studio", open_))[0]["predictions"][0]["score"] == 0.7


def test_doccano_gets_the_guess_beside_the_text_and_not_as_a_label_that_it_would_export():
    sheet = Sheet("p", 1, "id", ("text",), [SheetRow("r1", ("x",), 1, "cat", 0.7)], ("cat", "dog"), with_guess=True)
    (line,) = lines(written("doccano", sheet))
    assert (line["label"], line["guess"], line["confidence"]) == ([], "cat", "0.700")


@pytest.mark.parametrize(
    "names", [("column_2", "a b"), ("a b", "column_1", "c d"), ("column_3", "column_1", "a b", "x")]
)
def test_no_two_shown_columns_get_one_name(names):
    """A column may be called as one whose own name no tool takes would be."""
    rows = [SheetRow("007", tuple(f"in {name}" for name in names), 1)]
    sheet = Sheet("reviews", 3, "id", names, rows, ("neg", "pos"))
    found = keys(sheet)
    assert len(set(found)) == len(names) and keys(sheet, ("x",))[-1] != "x"
    assert list(data(sheet, rows[0], found).values())[: len(names)] == [f"in {name}" for name in names]


@given(
    names=st.lists(
        st.sampled_from(["a", "A", "a b", "id", "ID", "column_1", "column_2", "column_02", "7"]), unique=True
    )
)
def test_names_for_tools_are_never_shared(names):
    found = keys(Sheet("reviews", 3, "key", tuple(names), [], ("neg",)))
    assert len(set(found)) == len(names) and not {"id", "ID"} & set(found)


def test_no_shown_column_has_a_name_that_label_studio_writes_over():
    names = ("created_at", "annotator", "Lead_Time", "annotation_id", "updated_at", "text")
    sheet = Sheet("p", 1, "key", names, [SheetRow("r1", names, 1)], ("cat",))
    (task,) = json.loads(written("label-studio", sheet))
    keys = [name for name in task["data"] if not name.startswith("alcli_")]
    assert keys == ["column_1", "column_2", "column_3", "column_4", "column_5", "text"]
    assert [text.get("value") for text in ET.fromstring(configuration(sheet)).iter("Text")] == [f"${k}" for k in keys]


def test_people_times_comments_and_skips_of_label_studio(project):
    tasks = label_studio(written("label-studio", project.sheet()), {project.ids[0]: "cat"})
    first = tasks[0]["annotations"][0]
    first["completed_by"] = {"id": 4, "email": "ann@example.com"}
    tasks[0]["annotations"].append({**first, "id": 900, "completed_by": 5, "was_cancelled": True, "result": []})
    tasks[1]["annotations"] = [{**first, "result": []}]  # submitted with nothing chosen
    judged = project.judge(json.dumps(tasks).encode())
    found = {
        (answer.annotator, answer.kind, answer.label, answer.comment, answer.answered_at) for answer in judged.accepted
    }
    when = "2026-11-21T23:43:14Z"
    assert found == {("ann@example.com", "label", "cat", "unsure", when), ("5", "skip", "", "", when)}
    assert judged.blank == len(project.ids) - 1


def test_several_choices_are_no_label_and_are_told(project):
    tasks = label_studio(written("label-studio", project.sheet()), {project.ids[0]: "cat"})
    tasks[0]["annotations"][0]["result"][0]["value"]["choices"] = ["cat", "dog"]
    judged = project.judge(json.dumps(tasks).encode())
    assert len(judged.rejects) == 1 and "cat + dog" in judged.rejects[0].problem


def test_a_label_that_the_tool_did_not_check_is_rejected(project):
    tasks = label_studio(written("label-studio", project.sheet()), {project.ids[0]: "nosuch"})
    assert len(project.judge(json.dumps(tasks).encode()).rejects) == 1


def test_tasks_of_their_own_come_in_by_the_pools_ids(project):
    tasks = [
        {
            "id": 1,
            "data": {"id": "img_0001", "text": "whatever"},
            "annotations": [
                {
                    "id": 2,
                    "completed_by": 1,
                    "result": [{"from_name": "label", "type": "choices", "value": {"choices": ["dog"]}}],
                }
            ],
        }
    ]
    assert taken(project.judge(json.dumps(tasks).encode())) == {"img_0001": "dog"}


def test_the_label_may_have_another_name(project):
    sheet = Sheet("p-1", 2, "id", ("text",), project.sheet().rows, project.classes, label_column="kind")
    data = json.dumps(label_studio(written("label-studio", sheet), {"img_0001": "cat"}, control="kind")).encode()
    assert taken(project.judge(data, label_column="kind")) == {"img_0001": "cat"}


@pytest.mark.parametrize("export", ["doccano", "prodigy"])
def test_a_tool_may_call_the_label_otherwise_than_the_project(export, project):
    answers = dict.fromkeys(project.ids, "dog")
    data = EXPORTS[export](written(export, project.sheet()), answers)
    assert taken(project.judge(data, label_column="kind")) == answers


@pytest.mark.parametrize("export", EXPORTS)
def test_an_export_whose_first_text_is_long_is_known(export):
    project = Project(ids=("r1", "r2"), texts={"r1": "long text, " * 2000, "r2": "short"})
    answers = {"r1": "cat", "r2": "dog"}
    assert taken(project.judge(EXPORTS[export](written(export.split()[0], project.sheet()), answers))) == answers


@pytest.mark.parametrize("export", [name for name in EXPORTS if name.startswith("label-studio")])
def test_a_pool_with_columns_called_as_the_tools_own_hides_nobody(export, project):
    tasks = label_studio(written("label-studio", project.sheet()), {project.ids[0]: "cat"}, who=4)
    tasks[0]["annotations"].append(
        {
            **label_studio(written("label-studio", project.sheet()), {project.ids[0]: "dog"}, who=5)[0]["annotations"][
                0
            ],
            "id": 900,
        }
    )
    make = {"label-studio": lambda: json.dumps(tasks).encode(), "label-studio csv": lambda: label_studio_csv(tasks)}
    data = make.get(export, lambda: json.dumps(json_min(tasks)).encode())()
    judged = project.judge(data, pool_columns=["id", "text", "annotator", "answered_at", "updated_at"])
    found = {(answer.annotator, answer.label, answer.answered_at) for answer in judged.accepted}
    assert found == {("4", "cat", "2026-11-21T23:43:14Z"), ("5", "dog", "2026-11-21T23:43:14Z")}


def test_who_passed_a_task_over_and_came_back_has_answered_it(project):
    tasks = label_studio(written("label-studio", project.sheet()), dict.fromkeys(project.ids[:2], "cat"))
    for task, when in zip(tasks, ("2026-11-21T20:00:00Z", "2026-11-22T20:00:00Z"), strict=False):
        skip = {**task["annotations"][0], "id": 900, "was_cancelled": True, "result": [], "updated_at": when}
        task["annotations"].insert(0, skip)
    judged = project.judge(json.dumps(tasks).encode())
    assert taken(judged) == {project.ids[0]: "cat"}  # a skip after a label is a second answer, and is told
    assert [reject.code for reject in judged.rejects] == ["two-answers", "two-answers"]


def test_a_table_of_a_tool_names_its_rows_as_a_spreadsheet_does(project):
    tasks = label_studio(written("label-studio", project.sheet()), {project.ids[0]: "cat", project.ids[2]: "nosuch"})
    (reject,) = project.judge(label_studio_csv(tasks)).rejects
    assert reject.row == 3


def test_doccanos_own_numbers_are_no_ids():
    project = Project(ids=("1", "2"))
    judged = project.judge("id,text,label,Comments\n1,some text,cat,\n")
    assert judged.accepted == [] and [reject.code for reject in judged.rejects] == ["blank-id"]


def test_doccano_zips_a_file_for_each_annotator(project):
    data = written("doccano", project.sheet())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("ann.jsonl", doccano(data, {"img_0001": "cat"}))
        archive.writestr("bob.jsonl", doccano(data, {"img_0001": "dog"}))
    judged = project.judge(out.getvalue())
    assert {(answer.annotator, answer.label) for answer in judged.accepted} == {("ann", "cat"), ("bob", "dog")}


@pytest.mark.parametrize("export", EXPORTS)
def test_a_text_that_says_what_a_tool_calls_its_keys_is_only_a_text(export):
    words = (
        "annotations",
        "annotation_id",
        "answer",
        "data",
        "label.responses",
        "_server_id",
        '"annotations": [',
        "label",
    )
    project = Project(ids=words, texts=dict(zip(words, words, strict=True)))
    answers = dict.fromkeys(words, "cat")
    assert taken(project.judge(EXPORTS[export](written(export.split()[0], project.sheet()), answers))) == answers


@pytest.mark.parametrize("spoil", ["cut", "flip", "method"])
def test_a_damaged_zip_of_doccano_is_named(project, spoil):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("ann.jsonl", doccano(written("doccano", project.sheet()), {"img_0001": "cat"}))
    data = bytearray(out.getvalue())
    if spoil == "cut":
        data = data[: len(data) // 2]
    elif spoil == "flip":
        data[60] ^= 0xFF
    else:  # a method of compression that does not exist, in both headers
        data[8:10] = b"\x63\x00"
        at = data.rindex(b"PK\x01\x02") + 10
        data[at : at + 2] = b"\x63\x00"
    with pytest.raises(TableError, match="damaged or cut short") as caught:
        project.judge(bytes(data))
    assert caught.value.code == "damaged"


def test_what_prodigy_rejected_is_no_label_and_what_it_ignored_a_skip(project):
    items = lines(prodigy(written("prodigy", project.sheet()), dict.fromkeys(project.ids[:3], "cat")))
    items[1]["answer"], items[2]["answer"] = "reject", "ignore"
    judged = project.judge(jsonl(items))
    assert [(answer.id, answer.kind, answer.annotator) for answer in judged.accepted] == [
        (project.ids[0], "label", "a1"),
        (project.ids[2], "skip", "a1"),
    ]
    assert judged.accepted[0].answered_at == "2024-11-21T23:20:34Z" and judged.blank == 1


def test_argillas_drafts_are_nothing_and_its_discards_skips(project):
    records = json.loads(argilla(written("argilla", project.sheet()), dict.fromkeys(project.ids[:3], "cat")))
    records[1]["label.responses.status"], records[2]["label.responses.status"] = ["draft"], ["discarded"]
    judged = project.judge(json.dumps(records).encode())
    assert [(answer.id, answer.kind) for answer in judged.accepted] == [
        (project.ids[0], "label"),
        (project.ids[2], "skip"),
    ]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b'[{"annotations": [', "not JSON"),
        (b'[1, {"annotations": []}]', "not an object"),
        (b'{"label": ["x"], "alcli_id": "a"}\n{oops', "not JSON"),
        (b'[{"annotations": "\xff"}]', "not UTF-8"),
        (b'[{"annotations": ' + b"[" * 200_000, "nested too deeply"),
    ],
)
def test_a_damaged_export_is_named(project, data, says):
    with pytest.raises(TableError, match=says):
        project.judge(data)


def test_an_export_without_answers_is_blank(project: Project):
    for export in ("label-studio", "doccano", "argilla"):
        judged = project.judge(EXPORTS[export](written(export, project.sheet()), {}))
        assert (judged.accepted, judged.rejects, judged.blank) == ([], [], len(project.ids))
