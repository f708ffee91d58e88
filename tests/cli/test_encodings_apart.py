"""The encoding of the sheets and that of the pool are two things."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.playing import Alcli

ROWS = "id,text\nTür-1,Größe eins\nTür-2,Größe zwei drei\n"


def sheet_in(folder: Path, alcli: Alcli, encoding: str) -> None:
    """A batch of both rows, answered and saved by a spreadsheet in this encoding."""
    assert alcli("query", "-n", "2", "-o", "out.csv", "--sheet-separator", ";", "--bom", "-q").code == 0
    text = (folder / "out.csv").read_text("utf-8-sig").replace(";;;", ";schön;für mich;")
    (folder / "back.csv").write_text(text, encoding)


def said(folder: Path) -> set[tuple[str, str, str]]:
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        return {(row["id"], row["label"], row["comment"]) for row in csv.DictReader(file)}


WANTED = {("Tür-1", "schön", "für mich"), ("Tür-2", "schön", "für mich")}


@pytest.mark.parametrize("pool", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("sheet", ["utf-8", "cp1252"])
def test_pool_and_sheet_may_be_in_different_encodings(folder: Path, alcli: Alcli, pool: str, sheet: str) -> None:
    (folder / "pool.csv").write_text(ROWS, pool)
    told = ["--encoding", pool] if pool == "cp1252" else []
    init = ["init", "pool.csv", "--id", "id", "--text", "text", "--classes", "schön,schlecht", "-q"]
    assert alcli(*init, *told).code == 0
    sheet_in(folder, alcli, sheet)
    flags = ["--encoding", sheet] if sheet == "cp1252" else []
    run = alcli("import-labels", "back.csv", *flags, "--json")
    assert run.code == 0, run.err
    assert run.json["data"]["new"] == 2 and run.json["data"]["restored"] == 0 and said(folder) == WANTED


@pytest.mark.parametrize("pool", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("sheet", ["utf-8", "cp1252", "utf-16"])
def test_a_sheet_in_any_encoding_gives_way_when_it_is_imported_and_not_before(
    folder: Path, alcli: Alcli, pool: str, sheet: str
) -> None:
    (folder / "pool.csv").write_text(ROWS + "Tür-3,Größe drei\n", pool)
    told = ["--encoding", pool] if pool == "cp1252" else []
    init = ["init", "pool.csv", "--id", "id", "--text", "text", "--classes", "schön,schlecht", "-q"]
    assert alcli(*init, *told).code == 0
    sheet_in(folder, alcli, sheet)
    (folder / "sheets").mkdir()
    name = str((folder / "back.csv").rename(folder / "sheets" / "back.csv").relative_to(folder))
    assert alcli("query", "-n", "1", "--ask-again", "-o", "other.csv", "-q").code == 0
    run = alcli("query", "-n", "1", "--ask-again", "-o", name)
    assert run.code == 1 and "a labeler's work may be in it" in run.err
    if sheet == "cp1252":
        run = alcli("check")
        assert run.code == 3 and "--encoding cp1252" in run.err
    flags = ["--encoding", sheet] if sheet == "cp1252" else []
    assert alcli("import-labels", name, *flags, "-q").code == 0
    assert (alcli("check").code, alcli("check").err) == (0, "no problems\n")
    assert alcli("query", "-n", "1", "--ask-again", "-o", name).code == 0


@pytest.mark.parametrize("gold", ["utf-8", "cp1252"])
def test_known_answers_may_be_in_the_encoding_of_the_pool(folder: Path, alcli: Alcli, gold: str) -> None:
    (folder / "pool.csv").write_text(ROWS, "cp1252")
    init = ["init", "pool.csv", "--id", "id", "--text", "text", "--classes", "schön,schlecht", "-q"]
    assert alcli(*init, "--encoding", "cp1252").code == 0
    (folder / "gold.csv").write_text("id,label\nTür-1,schön\n", gold)
    run = alcli("query", "-n", "1", "--gold", "1", "--gold-from", "gold.csv", "--dry-run", "--json")
    assert run.code == 0 and set(run.json["data"]["ids"]) == {"Tür-1", "Tür-2"}


def test_a_pool_that_cannot_be_decoded_is_told_by_the_setting(
    folder: Path, alcli: Alcli, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "pool.csv").write_text(ROWS, "cp1252")
    (folder / "back.csv").write_text("id;label\nTür-1;schön\n", "cp1252")
    line = ["import-labels", "back.csv", "--pool", "pool.csv", "--id", "id", "--classes", "schön"]
    line += ["--encoding", "cp1252"]
    run = alcli(*line)
    assert run.code == 1 and "pool.csv" in run.err and "ALCLI_ENCODING" in run.err
    monkeypatch.setenv("ALCLI_ENCODING", "cp1252")
    run = alcli(*line)
    assert run.code == 0 and said(folder) == {("Tür-1", "schön", "")}, run.err
