"""Several labelers: whose answers count, and how far they agree."""

from __future__ import annotations

from pathlib import Path

from tests.cli.playing import Alcli, fill, truth

FLIP = {"spam": "ham", "ham": "spam"}


def answered(alcli: Alcli, folder: Path, who: dict[str, float]) -> None:
    """Everybody answers the same sheet; each is wrong on the rows whose number falls under their share."""
    assert alcli("query", "-n", "20", "-o", "sheet.csv").code == 0
    empty = (folder / "sheet.csv").read_text()
    for name, wrong in who.items():
        sheet = folder / f"{name}.csv"
        sheet.write_text(empty)
        fill(sheet, lambda id_, w=wrong: FLIP[truth(id_)] if int(id_) % 10 < 10 * w else truth(id_))
        run = alcli("import-labels", sheet.name, "--annotator", name)
        assert run.code == 0, run.err


def test_dawid_skene_hears_who_is_right_and_majority_who_are_many(project: Path, alcli: Alcli) -> None:
    # one is always right; two make the same mistakes on some rows, two others on rows of their own
    answered(alcli, project, {"ann": 0.0, "bob": 0.0, "eve": 0.4})
    run = alcli("labels", "--aggregate", "dawid-skene")
    rows = [line.split(",") for line in run.out.splitlines()[1:]]
    assert len(rows) == 20 and all(label == truth(id_) for id_, label, *_ in rows)


def test_status_tells_how_far_labelers_agree(project: Path, alcli: Alcli) -> None:
    answered(alcli, project, {"ann": 0.0, "bob": 0.0, "eve": 0.4})
    run = alcli("status", "--labelers")
    assert run.code == 0 and "Krippendorff's alpha" in run.err and "Cohen's kappa" in run.err
    data = alcli("status", "--labelers", "--json").json["data"]
    people = {each["annotator"]: each for each in data["labelers"]}
    assert people["ann"]["agrees"] == people["bob"]["agrees"] == 1.0
    assert people["ann"]["shared"] == 20 and 0.4 < people["eve"]["agrees"] < 0.8
    pairs = {(pair["one"], pair["other"]): pair["kappa"] for pair in data["agreement"]["pairs"]}
    assert pairs["ann", "bob"] == 1.0 and pairs["ann", "eve"] < 0.5
    assert all(len(line) <= 80 for line in run.err.splitlines())


def test_an_answer_that_was_corrected_or_withdrawn_counts_once(project: Path, alcli: Alcli) -> None:
    answered(alcli, project, {"ann": 0.0})
    asked = [line.split(",")[0] for line in (project / "ann.csv").read_text().splitlines()[1:]]
    said = [f"{asked[0]},{FLIP[truth(asked[0])]}", f"{asked[1]},?", f"{asked[2]},withdraw"]
    (project / "new.csv").write_text("\n".join(["id,label", *said]) + "\n")
    run = alcli("import-labels", "new.csv", "--annotator", "ann", "--on-conflict", "newest")
    assert run.code == 0, run.err
    (ann,) = alcli("status", "--labelers", "--json").json["data"]["labelers"]
    assert (ann["labels"], ann["skips"]) == (18, 1)


def test_one_labeler_has_nobody_to_agree_with(project: Path, alcli: Alcli) -> None:
    answered(alcli, project, {"ann": 0.0})
    run = alcli("status", "--labelers")
    assert run.code == 0 and "no row has answers of two annotators yet" in run.err


def test_nobody_has_answered_yet(project: Path, alcli: Alcli) -> None:
    assert alcli("query", "-n", "5", "-o", "sheet.csv").code == 0
    run = alcli("status", "--labelers")
    assert run.code == 0 and "5" in run.err
