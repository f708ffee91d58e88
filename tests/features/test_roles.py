"""What each column is for: the same for CSV and Parquet, and always correctable."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alcli.errors import UsageError
from alcli.features.roles import ROLES, infer_roles

from .tables import as_text, columns, facts

N = 60
ANIMALS = ["cat", "dog", "cow"]
CASES: dict[str, tuple[list[Any], str, str]] = {
    # name: (cells as text, kind a Parquet file would have, role)
    "age": ([str(20 + i % 41) for i in range(N)], "integer", "numeric"),
    "flag01": ([str(i % 2) for i in range(N)], "integer", "numeric"),
    "height": ([f"{i / 7:.3f}" for i in range(N)], "float", "numeric"),
    "gaps": ([None if i % 3 else str(i) for i in range(N)], "integer", "numeric"),
    "index": ([str(i) for i in range(N)], "integer", "ignore"),
    "Unnamed: 0": ([str(i) for i in range(N)], "integer", "ignore"),
    "order_number": ([str(i) for i in range(N)], "integer", "numeric"),
    "same": (["7"] * N, "integer", "ignore"),
    "blank": ([None] * N, "text", "ignore"),
    "constant": (["x"] * N, "text", "ignore"),
    "animal": ([ANIMALS[i % 3] for i in range(N)], "text", "categorical"),
    "animal or blank": ([None if i % 4 else ANIMALS[i % 3] for i in range(N)], "text", "categorical"),
    "ok": (["True" if i % 2 else "False" for i in range(N)], "boolean", "categorical"),
    "message": ([f"call me at {i} o'clock please" for i in range(N)], "text", "text"),
    "title": ([f"word{i} other{i}" for i in range(N)], "text", "text"),
    "chinese": ([f"今天天气{'很' * (i % 9)}好{chr(0x4E00 + i)}" for i in range(N)], "text", "text"),
    "word": ([f"w{'abcdefghij'[i // 10]}{'abcdefghij'[i % 10]}" for i in range(N)], "text", "text"),
    "sku": ([f"AB-{i:05d}" for i in range(N)], "text", "ignore"),
    "when": ([f"2024-03-{1 + i % 28:02d}T10:00:{i % 60:02d}" for i in range(N)], "time", "ignore"),
    "day": ([f"2024-03-{1 + i % 28:02d}" for i in range(N)], "time", "ignore"),
    "label": (["spam" if i % 5 else "ham" for i in range(N)], "text", "label"),
}
NUMERIC = [name for name, (_, kind, _) in CASES.items() if kind in ("integer", "float")]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_the_role_is_the_same_from_csv_and_parquet(name: str, kind: str) -> None:
    cells, typed, role = CASES[name]
    if kind == "csv":
        [found] = infer_roles(columns(**{name: "text"}), facts(NUMERIC), as_text({name: cells}), {}, "id")
    else:
        if typed == "boolean":
            cells = [cell.lower() for cell in cells]
        [found] = infer_roles(columns(**{name: typed}), facts(), as_text({name: cells}), {}, "id")
    assert found.role == role, found.why
    assert found.why


def test_the_id_column_names_the_rows() -> None:
    found = infer_roles(columns(key="text", x="text"), facts(["x"]), as_text({"key": ["1"], "x": ["2"]}), {}, "key")
    assert [role.role for role in found] == ["id", "numeric"]


def test_overrides_win() -> None:
    cells = {name: case[0] for name, case in CASES.items()}
    pool = columns(**dict.fromkeys(cells, "text"))
    overrides = {"animal": "text", "sku": "categorical", "label": "ignore", "age": "label"}
    found = {role.column: role for role in infer_roles(pool, facts(NUMERIC), as_text(cells), overrides, "id")}
    assert {name: found[name].role for name in overrides} == overrides
    assert found["animal"].why == "as told"


def test_only_one_column_is_the_label() -> None:
    cells = {"Label": ["a", "b"], "label": ["a", "b"], "x": ["1", "2"]}
    pool = columns(**dict.fromkeys(cells, "text"))
    found = [role.role for role in infer_roles(pool, facts(["x"]), as_text(cells), {}, "id")]
    assert found.count("label") == 1
    assert found[1] == "label"
    with pytest.raises(UsageError, match="only one column"):
        infer_roles(pool, facts(), as_text(cells), {"Label": "label", "x": "label"}, "id")


def test_a_column_that_may_hold_the_answers_is_pointed_at() -> None:
    cells = {"class": [ANIMALS[i % 3] for i in range(N)]}
    [found] = infer_roles(columns(**{"class": "text"}), facts(), as_text(cells), {}, "id")
    assert found.role == "categorical"
    assert "`--label`" in found.why


def test_an_unknown_column_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        infer_roles(columns(text="text"), facts(), as_text({"text": ["a b"]}), {"texd": "text"}, "id")
    assert caught.value.message == "the pool has no column 'texd' to take as text"
    assert caught.value.hint == "did you mean `text`?"


@pytest.mark.parametrize(("kind", "lists"), [("vector", []), ("text", ["e"])])
def test_lists_of_numbers_are_embeddings(kind: str, lists: list[str]) -> None:
    sample = as_text({"e": ["[0.1, 2]", None]})
    [found] = infer_roles(columns(e=kind), facts(lists=lists), sample, {}, "id")
    assert found.role == "embedding"


def test_an_example_is_short_and_on_one_line() -> None:
    sample = as_text({"t": [None, "first line\nsecond " + "x" * 100]})
    [found] = infer_roles(columns(t="text"), facts(), sample, {}, "id")
    assert found.example.startswith("first line second x")
    assert len(found.example) == 40


@given(st.lists(st.none() | st.text(max_size=50), max_size=30))
def test_any_text_gets_some_role(cells: list[str | None]) -> None:
    [found] = infer_roles(columns(t="text"), facts(), as_text({"t": cells}), {}, "id")
    assert found.role in ROLES


@given(st.lists(st.none() | st.sampled_from(["NA", "-", "inf", "1e400", "nan", "0", "12", "-3.5e10", " 7 "])))
def test_any_number_column_is_numeric_or_ignored(cells: list[str | None]) -> None:
    [found] = infer_roles(columns(t="text"), facts(["t"]), as_text({"t": cells}), {}, "id")
    assert found.role in ("numeric", "ignore")


def test_inferring_imports_nothing_heavy() -> None:
    probe = (
        "import sys, alcli.features.roles; "
        "sys.exit(str({'numpy', 'sklearn', 'pandas', 'scipy'} & set(sys.modules) or ''))"
    )
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True).stderr.strip() == ""
