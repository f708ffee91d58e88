"""Every form in which class probabilities may come, and every way in which they may be wrong."""

from __future__ import annotations

import gzip
import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alcli.errors import AlcliError, TableError

from .files import WRITERS, jsonl, parquet, predictions, rows, table

PLAIN = [
    {"id": "a", "ham": 0.25, "spam": 0.75},
    {"id": "b", "ham": 0.5, "spam": 0.5},
    {"id": "c", "ham": 1.0, "spam": 0.0},
]
WANTED = np.array([[0.5, 0.5], [0.25, 0.75]])  # of b, a
PASSES = [[0.25, 0.75], [0.5, 0.5], [1.0, 0.0]]


def refused(path: Path, code: str, *words: str, **more: object) -> TableError:
    with pytest.raises(AlcliError) as caught:
        predictions(path, **more)
    error = caught.value
    assert error.code == code, error.message
    told = f"{error.message} {error.at} {error.hint}"
    assert all(word in told for word in words), told
    return error


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("prefix", ["", "p_"])
def test_a_column_a_class_in_any_order_and_format(tmp_path: Path, kind: str, prefix: str) -> None:
    records = [{f"{prefix}spam": row["spam"], "id": row["id"], f"{prefix}ham": row["ham"]} for row in PLAIN]
    brought = predictions(WRITERS[kind](tmp_path / f"p.{kind}", records))
    assert brought.has == {"proba"} and brought.classes == ("ham", "spam") and brought.members == 1
    assert np.array_equal(brought.signals(rows("b", "a"), ["proba"])["proba"], WANTED)


@pytest.mark.parametrize("name", ["proba", "probabilities"])
@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_an_object_a_row(tmp_path: Path, name: str, kind: str) -> None:
    records = [{"id": row["id"], name: {"spam": row["spam"], "ham": row["ham"]}} for row in PLAIN]
    brought = predictions(WRITERS[kind](tmp_path / f"p.{kind}", records))
    assert np.array_equal(brought.signals(rows("b", "a"), ["proba"])["proba"], WANTED)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_list_in_the_order_of_the_classes(tmp_path: Path, kind: str) -> None:
    records = [{"id": row["id"], "proba": [row["ham"], row["spam"]]} for row in PLAIN]
    path = WRITERS[kind](tmp_path / f"p.{kind}", records)
    assert np.array_equal(predictions(path).signals(rows("b", "a"), ["proba"])["proba"], WANTED)
    refused(path, "missing-class", "nothing says which number", classes=(), closed=False)


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("form", ["logit_ham", "logits"], ids=["a column a class", "a list"])
def test_logits_are_told_by_their_name(tmp_path: Path, kind: str, form: str) -> None:
    records = [
        {"id": "a", "logit_spam": 2.0, "logit_ham": 1.0} if form != "logits" else {"id": "a", "logits": [1.0, 2.0]},
        {"id": "b", "logit_spam": -900.0, "logit_ham": 900.0}
        if form != "logits"
        else {"id": "b", "logits": [900, -900]},
    ]
    proba = predictions(WRITERS[kind](tmp_path / f"p.{kind}", records)).signals(rows("a", "b"), ["proba"])["proba"]
    odds = np.exp(1.0)
    assert np.allclose(proba, [[1 / (1 + odds), odds / (1 + odds)], [1.0, 0.0]], rtol=1e-14)


def test_what_alcli_predict_writes_is_taken(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", [{"id": "a", "label": "spam", "confidence": 0.75, "p_ham": 0.25, "p_spam": 0.75}])
    assert predictions(path).signals(rows("a"), ["proba"])["proba"].tolist() == [[0.25, 0.75]]


def test_gzipped_files_are_read(tmp_path: Path) -> None:
    plain = jsonl(tmp_path / "p.jsonl", PLAIN)
    zipped = tmp_path / "p.jsonl.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    assert np.array_equal(predictions(zipped).signals(rows("b", "a"), ["proba"])["proba"], WANTED)


def test_integers_are_ids_in_every_format(tmp_path: Path) -> None:
    records = [{"id": 7, "ham": 0.25, "spam": 0.75}, {"id": 12345678901234567, "ham": 1, "spam": 0}]
    for kind, write in WRITERS.items():
        found = predictions(write(tmp_path / f"p.{kind}", records)).signals(rows("12345678901234567", "7"), ["proba"])
        assert found["proba"].tolist() == [[1.0, 0.0], [0.25, 0.75]]


def test_small_departures_from_one_are_rounding(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", [{"id": "a", "x": 0.33, "y": 0.33, "z": 0.33}])
    proba = predictions(path, classes=("x", "y", "z")).signals(rows("a"), ["proba"])["proba"]
    assert np.allclose(proba, 1 / 3, rtol=1e-15)


# -- several passes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WRITERS)
def test_passes_in_list_columns(tmp_path: Path, kind: str) -> None:
    records = [
        {"id": "a", "ham": [0.25, 0.5, 1.0], "spam": [0.75, 0.5, 0.0]},
        {"id": "b", "ham": [0.5, 0.5, 0.5], "spam": [0.5, 0.5, 0.5]},
    ]
    brought = predictions(WRITERS[kind](tmp_path / f"p.{kind}", records))
    assert brought.has == {"committee"} and brought.members == 3
    committee = brought.signals(rows("b", "a"), ["committee"])["committee"]
    assert committee.shape == (3, 2, 2) and committee[:, 1].tolist() == PASSES


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", ["members", "proba"])
def test_passes_as_a_list_of_lists(tmp_path: Path, kind: str, name: str) -> None:
    path = WRITERS[kind](tmp_path / f"p.{kind}", [{"id": "a", name: PASSES}])
    assert predictions(path).signals(rows("a"), ["committee"])["committee"][:, 0].tolist() == PASSES


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_passes_as_a_list_of_objects(tmp_path: Path, kind: str) -> None:
    members = [{"spam": spam, "ham": ham} for ham, spam in PASSES]
    path = WRITERS[kind](
        tmp_path / f"p.{kind}", [{"id": "a", "members": members}, {"id": "b", "members": members[::-1]}]
    )
    committee = predictions(path).signals(rows("a", "b"), ["committee"])["committee"]
    assert committee[:, 0].tolist() == PASSES and committee[:, 1].tolist() == PASSES[::-1]


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize("name", ["member", "pass"])
def test_passes_in_long_form_in_any_order(tmp_path: Path, kind: str, name: str) -> None:
    long = [
        {"id": id_, name: number, "ham": ham if id_ == "a" else spam, "spam": spam if id_ == "a" else ham}
        for number, (ham, spam) in zip((1, 2, 10), PASSES, strict=True)
        for id_ in "ab"
    ]
    order = np.random.default_rng(3).permutation(len(long))
    for number, records in enumerate((long, long[::-1], [long[at] for at in order])):
        brought = predictions(WRITERS[kind](tmp_path / f"{number}.{kind}", records))
        committee = brought.signals(rows("a", "b"), ["committee"])["committee"]
        assert committee[:, 0].tolist() == PASSES
        assert committee[:, 1, ::-1].tolist() == PASSES


def test_long_form_takes_logits(tmp_path: Path) -> None:
    path = table(
        tmp_path / "p.csv",
        [{"id": "a", "member": m, "logit_ham": 0.0, "logit_spam": x} for m, x in (("one", 0.0), ("two", np.log(3.0)))],
    )
    committee = predictions(path).signals(rows("a"), ["committee"])["committee"]
    assert np.allclose(committee[:, 0], [[0.5, 0.5], [0.25, 0.75]])


def test_passes_of_logits(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "p.jsonl", [{"id": "a", "logits": [[0.0, 0.0], [0.0, float(np.log(3.0))]]}])
    assert np.allclose(
        predictions(path).signals(rows("a"), ["committee"])["committee"][:, 0], [[0.5, 0.5], [0.25, 0.75]]
    )


def test_probabilities_and_members_stand_side_by_side(tmp_path: Path) -> None:
    brought = predictions(jsonl(tmp_path / "p.jsonl", [{"id": "a", "ham": 0.1, "spam": 0.9, "members": PASSES}]))
    assert brought.has == {"proba", "committee"}
    assert brought.signals(rows("a"), ["proba"])["proba"].tolist() == [[0.1, 0.9]]


def test_a_pass_that_lacks_is_named(tmp_path: Path) -> None:
    long = [{"id": i, "member": m, "ham": 0.5, "spam": 0.5} for i in "abc" for m in "12" if (i, m) != ("b", "2")]
    refused(table(tmp_path / "p.csv", long), "missing-pass", "'b'", "1 of the 2", "'2'", "row 4")


def test_a_pass_that_stands_twice_is_named(tmp_path: Path) -> None:
    long = [{"id": i, "member": m, "ham": 0.5, "spam": 0.5} for i in "ab" for m in "12"]
    refused(table(tmp_path / "p.csv", [*long, long[1]]), "duplicate-id", "'a'", "row 6", "rows 3 and 6")


def test_another_number_of_passes_is_named(tmp_path: Path) -> None:
    records = [{"id": "a", "ham": [0.5, 0.5], "spam": [0.5, 0.5]}, {"id": "b", "ham": [0.5, 0.5], "spam": [0.5]}]
    refused(jsonl(tmp_path / "p.jsonl", records), "not-a-vector", "'b'", "1 pass,", "row 2", "spam")
    records = [{"id": "a", "members": PASSES}, {"id": "b", "members": PASSES[:2]}]
    refused(jsonl(tmp_path / "q.jsonl", records), "not-a-vector", "'b'", "2 passes", "row 2")
    records = [{"id": "a", "members": PASSES}, {"id": "b", "members": [[0.5, 0.5], [1.0], [0.5, 0.5]]}]
    refused(jsonl(tmp_path / "r.jsonl", records), "not-a-vector", "'b'", "1 numbers for 2 classes", "ham, spam")


def test_too_many_passes_are_no_passes(tmp_path: Path) -> None:
    long = [{"id": f"r{n}", "member": n, "ham": 0.5, "spam": 0.5} for n in range(1100)]
    refused(table(tmp_path / "p.csv", long), "bad-prediction", "more than 1,000")


# -- what is wrong with a row ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WRITERS)
@pytest.mark.parametrize(
    ("ham", "spam", "code", "words"),
    [
        (0.25, 0.5, "sum-not-one", ("'b'", "0.75", "logit_CLASS")),
        (0.8, 0.9, "sum-not-one", ("'b'", "1.7")),
        (0.0, 0.0, "sum-not-one", ("'b'", "sum to 0")),
        (-0.5, 1.5, "bad-prediction", ("'b'", "-0.5", "negative", "'ham'")),
        (25.0, 75.0, "sum-not-one", ("'b'", "100")),
    ],
)
def test_a_row_that_is_no_distribution_is_named(
    tmp_path: Path, kind: str, ham: float, spam: float, code: str, words: tuple[str, ...]
) -> None:
    records = [PLAIN[0], {"id": "b", "ham": ham, "spam": spam}, PLAIN[2]]
    row = {"csv": "row 3", "jsonl": "row 2", "parquet": "row 2"}[kind]
    refused(WRITERS[kind](tmp_path / f"p.{kind}", records), code, f"p.{kind}", row, *words)


@pytest.mark.parametrize("bad", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_what_is_not_finite_is_named(tmp_path: Path, kind: str, bad: float) -> None:
    for prefix in ("p_", "logit_"):
        records = [
            {"id": "a", f"{prefix}ham": 0.5, f"{prefix}spam": 0.5},
            {"id": "b", f"{prefix}ham": 0.5, f"{prefix}spam": bad},
        ]
        path = WRITERS[kind](tmp_path / f"{prefix}.{kind}", records)
        refused(path, "bad-prediction", "'b'", f"{prefix}spam", "NaN" if bad != bad else "inf", "row 2")


@pytest.mark.parametrize("cell", ["", "nan", "NA"])
def test_a_missing_probability_is_named(tmp_path: Path, cell: str) -> None:
    path = table(tmp_path / "p.csv", [PLAIN[0], {"id": "b", "ham": 0.5, "spam": cell}])
    refused(path, "bad-prediction", "'b'", "missing", "row 3", "'spam'")
    path = jsonl(tmp_path / "p.jsonl", [PLAIN[0], {"id": "b", "ham": 0.5, "spam": None}, {"id": "c", "ham": 0.5}])
    refused(path, "bad-prediction", "'b'", "missing", "row 2", "'spam'")


def test_a_word_for_a_number_is_named(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", [PLAIN[0], {"id": "b", "ham": "half", "spam": 0.5}])
    refused(path, "not-a-number", "'b'", "'half'", "row 3", "'ham'")
    for value in ("0.5", True, {"x": 1}):
        path = jsonl(tmp_path / "p.jsonl", [PLAIN[0], {"id": "b", "ham": value, "spam": 0.5}])
        refused(path, "not-a-number", "'b'", "row 2", "'ham'")


def test_ids_are_checked(tmp_path: Path) -> None:
    refused(table(tmp_path / "a.csv", [*PLAIN, PLAIN[1]]), "duplicate-id", "'b'", "rows 3 and 5", "`member`")
    refused(jsonl(tmp_path / "b.jsonl", [*PLAIN, {"id": None, "ham": 0.5, "spam": 0.5}]), "blank-id", "row 4")
    refused(table(tmp_path / "c.csv", [PLAIN[0], {"id": " ", "ham": 0.5, "spam": 0.5}]), "blank-id", "row 3")
    refused(jsonl(tmp_path / "d.jsonl", [{"id": 1.5, "ham": 0.5, "spam": 0.5}]), "float-ids", "1.5")
    refused(parquet(tmp_path / "e.parquet", [{"id": 1.5, "ham": 0.5, "spam": 0.5}]), "float-ids")
    refused(jsonl(tmp_path / "f.jsonl", [{"id": [1], "ham": 0.5, "spam": 0.5}]), "id-type", "[1]")
    refused(table(tmp_path / "g.csv", [{"name": "a", "ham": 0.5, "spam": 0.5}]), "no-id-column", "name, ham, spam")


def test_the_pools_name_of_the_ids_goes_before_id(tmp_path: Path) -> None:
    records = [{"id": "x", "key": "a", "ham": 0.25, "spam": 0.75}]
    path = jsonl(tmp_path / "p.jsonl", records)
    assert predictions(path, id_column="key", ignored=("id",)).signals(rows("a"), ["proba"])["proba"].size == 2


# -- classes -----------------------------------------------------------------------------------------------------------


def test_a_class_that_lacks_is_named(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", PLAIN)
    refused(path, "missing-class", "'eggs'", "ham, spam", classes=("ham", "spam", "eggs"))
    refused(jsonl(tmp_path / "q.jsonl", [{"id": "a", "p_spam": 1.0}]), "missing-class", "'ham'")


def test_a_class_that_nobody_knows_is_named(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", [{"id": "a", "ham": 0.5, "spamm": 0.5}])
    refused(path, "unknown-class", "'spamm'", "did you mean `spam`")
    path = table(tmp_path / "q.csv", [{"id": "a", "ham": 0.25, "spam": 0.25, "other": 0.5}])
    refused(path, "unknown-class", "'other'", "ham, spam")
    path = jsonl(tmp_path / "r.jsonl", [{"id": "a", "p_ham": 0.25, "p_spam": 0.75, "p_eggs": 0.0}])
    refused(path, "unknown-class", "'eggs'")
    path = jsonl(
        tmp_path / "s.jsonl", [{"id": "a", "p_ham": 0.25, "p_spam": 0.75}, {"id": "b", "p_ham": 1, "p_eggs": 0}]
    )
    refused(path, "unknown-class", "p_eggs", "row 2")


def test_columns_define_the_classes_of_a_project_without_any(tmp_path: Path) -> None:
    path = table(tmp_path / "p.csv", [{"id": "a", "text": "hello", "spam": 0.75, "ham": 0.25}])
    for classes in ((), ("spam",)):
        brought = predictions(path, classes=classes, closed=False)
        assert brought.classes == ("ham", "spam")
        assert brought.signals(rows("a"), ["proba"])["proba"].tolist() == [[0.25, 0.75]]
    refused(path, "missing-class", "'eggs'", classes=("eggs",), closed=False)


def test_columns_of_the_pool_and_texts_are_passed_over(tmp_path: Path) -> None:
    records = [{"id": "a", "price": 3.5, "text": "hello", "model": "v2", "ham": 0.25, "spam": 0.75}]
    assert predictions(table(tmp_path / "p.csv", records), ignored=("price", "text")).has == {"proba"}
    # with prefixes there can be no doubt what is a class
    records = [{"id": "a", "score": 3.5, "p_ham": 0.25, "p_spam": 0.75}]
    assert predictions(table(tmp_path / "q.csv", records)).has == {"proba"}


def test_classes_may_be_called_as_columns_with_a_meaning(tmp_path: Path) -> None:
    records = [
        {"id": "a", "member": "1", "pass": 0.75, "fail": 0.25},
        {"id": "a", "member": "2", "pass": 0.5, "fail": 0.5},
    ]
    brought = predictions(table(tmp_path / "p.csv", records), classes=("fail", "pass"))
    assert brought.signals(rows("a"), ["committee"])["committee"][:, 0].tolist() == [[0.25, 0.75], [0.5, 0.5]]


def test_files_that_cannot_be_meant_are_refused(tmp_path: Path) -> None:
    refused(table(tmp_path / "a.csv", [{"id": "a", "text": "hello"}]), "no-signal", "id, text")
    refused(jsonl(tmp_path / "b.jsonl", [{"id": "a", "token_logprob": [-1.0]}]), "unknown-column", "token_logprobs")
    refused(jsonl(tmp_path / "c.jsonl", [{"id": "a", "ham": [0.5], "spam": 0.5}]), "not-a-vector", "'spam'")
    refused(
        jsonl(tmp_path / "d.jsonl", [{"id": "a", "ham": 0.5, "spam": 0.5, "logits": [1, 2]}]), "two-forms", "logits"
    )
    both = {"id": "a", "member": 1, "ham": 0.5, "spam": 0.5, "token_logprobs": [-1.0]}
    refused(jsonl(tmp_path / "e.jsonl", [both]), "two-forms", "'member'")
    refused(jsonl(tmp_path / "f.jsonl", [{"id": "a", "members": [1.0, 0.0]}]), "not-a-vector", "'members'")
    refused(table(tmp_path / "g.csv", [{"id": "", "ham": "", "spam": ""}]), "blank-id")
    (tmp_path / "h.csv").write_text("id,ham,spam\n")
    refused(tmp_path / "h.csv", "empty-file", "no rows")
    (tmp_path / "i.csv").write_text("")
    refused(tmp_path / "i.csv", "empty-file")
    refused(tmp_path / "none.csv", "no-such-file")
    (tmp_path / "j.jsonl").write_text('[{"id": "a"}]')
    refused(tmp_path / "j.jsonl", "not-json", "no list around them")
    (tmp_path / "k.jsonl").write_text('{"id": "a", "ham": 0.5, "spam": 0.5}\n{"id": "b", "ham"')
    refused(tmp_path / "k.jsonl", "not-json", "row 2")
    (tmp_path / "l.jsonl").write_text('{"id": "a", "ham": 0.5, "ham": 0.5, "spam": 0.5}\n')
    refused(tmp_path / "l.jsonl", "not-json", "'ham' stands twice")
    (tmp_path / "m.jsonl").write_text('{"id": "a", "ham": 0.5, "spam": 0.5}\n\n7\n')
    refused(tmp_path / "m.jsonl", "not-json", "row 3")
    (tmp_path / "n.jsonl").write_bytes(
        b'{"id": "a", "ham": 0.5, "spam": 0.5}\n{"id": "\xe4", "ham": 0.5, "spam": 0.5}\n'
    )
    refused(tmp_path / "n.jsonl", "encoding", "row 2")


def test_keys_that_only_later_lines_have_are_judged_as_in_the_first(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"

    def later(more: dict[str, object], code: str, *words: str, first: dict[str, object] | None = None) -> None:
        start = first or {"ham": 0.25, "spam": 0.75}
        jsonl(path, [*({"id": f"r{n}"} | start for n in range(100)), {"id": "heart-100"} | start | more])
        column = next(iter(more))
        refused(path, code, "'heart-100'", "p.jsonl, row 101, column", column, *words)

    later({"foo": 0.9}, "unknown-class", "no class of this project", "ham, spam")
    later({"p_eggs": 0.0}, "unknown-class", "'eggs'")
    later({"proba": [0.25, 0.75]}, "two-forms", "'ham'", "'proba'")
    later({"members": [[0.25, 0.75], [0.5, 0.5]]}, "two-forms", "'ham'", "'members'")
    later({"tokens_logprob": [-1.0]}, "unknown-column", "token_logprobs")
    later({"token_logprobs": [-1.0]}, "unknown-column", "first line")
    later({"p_ham": 0.25, "p_spam": 0.75}, "two-forms", "'p_ham'", "'ham'")
    later({"p_ham": 0.25}, "two-forms", first={"proba": [0.25, 0.75]})
    later({"ham": 0.25}, "unknown-class", first={"token_logprobs": [-1.0]})
    # the project names no classes: the columns of the first line do
    jsonl(path, [PLAIN[0], PLAIN[1] | {"foo": 0.9}])
    refused(path, "unknown-class", "'b'", "row 2", "'foo'", classes=(), closed=False)


def test_keys_of_later_lines_that_the_first_might_have_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    more = [{}, {"note": "unsure", "label": "ham", "price": 3.5}, {"note": None, "embedding": [1.0]}]
    jsonl(path, [row | extra for row, extra in zip(PLAIN, more, strict=True)])
    assert np.array_equal(predictions(path, ignored=("price",)).signals(rows("b", "a"), ["proba"])["proba"], WANTED)
    # a note in one line does not excuse a number in another
    jsonl(path, [PLAIN[0], PLAIN[1] | {"note": "unsure"}, PLAIN[2] | {"note": 0.5}])
    refused(path, "unknown-class", "'c'", "row 3", "'note'")


def test_what_is_passed_over_is_part_of_what_is_kept(tmp_path: Path) -> None:
    path, cache = jsonl(tmp_path / "p.jsonl", [PLAIN[0], PLAIN[1] | {"price": 3.5}]), tmp_path / "cache"
    assert predictions(path, ignored=("price",), cache=cache).file.rows == 2
    refused(path, "unknown-class", "'price'", cache=cache)


def test_a_key_that_lacks_in_a_later_line_is_named(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "p.jsonl", [PLAIN[0], {"id": "b", "ham": 0.5}])
    refused(path, "bad-prediction", "'b'", "row 2", "'spam'", "missing")


def test_a_file_without_ids_is_told_once(tmp_path: Path) -> None:
    path = jsonl(tmp_path / "noid.jsonl", [{"ham": 0.5, "spam": 0.5}])
    assert "neither" not in refused(path, "no-id-column", "no column is called 'id'").message
    refused(path, "no-id-column", "neither 'key' nor 'id'", id_column="key")


# -- looking up --------------------------------------------------------------------------------------------------------


def test_rows_asked_for_by_name_must_be_there(tmp_path: Path) -> None:
    brought = predictions(table(tmp_path / "p.csv", PLAIN))
    with pytest.raises(TableError, match=r"2 rows have no prediction: 'x', 'y'") as caught:
        brought.signals(rows("a", "x", "y"), ["proba"])
    assert caught.value.code == "missing-prediction"


def test_rows_of_a_scan_may_lack_and_are_even(tmp_path: Path) -> None:
    brought = predictions(table(tmp_path / "p.csv", PLAIN))
    proba = brought.signals(rows("x", "a", scanned=True), ["proba"])["proba"]
    assert proba.tolist() == [[0.5, 0.5], [0.25, 0.75]]


def test_it_can_be_sent_to_a_worker(tmp_path: Path) -> None:
    for kind, write in WRITERS.items():
        brought = predictions(write(tmp_path / f"p.{kind}", PLAIN))
        again = pickle.loads(pickle.dumps(brought))
        assert len(pickle.dumps(brought)) < 10_000
        assert np.array_equal(again.signals(rows("b", "a"), ["proba"])["proba"], WANTED)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_table_comes_back_as_it_was_whatever_the_format(tmp_path: Path, data: st.DataObject) -> None:
    count = data.draw(st.integers(2, 4))
    text = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=6)
    ids = data.draw(st.lists(text, min_size=1, max_size=30, unique=True))
    weights = data.draw(
        st.lists(st.lists(st.floats(1e-3, 1.0), min_size=count, max_size=count), min_size=len(ids), max_size=len(ids))
    )
    proba = np.array(weights) / np.sum(weights, axis=1, keepdims=True)
    names = tuple(f"c{n}" for n in range(count))
    records = [{"id": id_, **dict(zip(names, row, strict=True))} for id_, row in zip(ids, proba.tolist(), strict=True)]
    asked = data.draw(st.permutations(ids))
    at = [ids.index(id_) for id_ in asked]
    for kind, write in WRITERS.items():
        found = predictions(write(tmp_path / f"p.{kind}", records), classes=names).signals(rows(*asked), ["proba"])
        assert np.allclose(found["proba"], proba[at], rtol=1e-15)
