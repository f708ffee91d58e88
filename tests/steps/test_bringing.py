"""Examples, costs and vectors on their way from files to the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alcli.errors import AlcliError
from alcli.selection.context import Context
from alcli.steps.gathering import material_of
from alcli.steps.project import Project


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pool of 20 rows on a line, ids in column `key`, and nothing else."""
    monkeypatch.chdir(tmp_path)
    lines = [f"r{n:02d},{n},{-n}" for n in range(20)]
    (tmp_path / "pool.csv").write_text("\n".join(["key,x,y", *lines]) + "\n")
    (tmp_path / "alcli.toml").write_text(
        'pool = "pool.csv"\nid = "key"\nnumeric = ["x", "y"]\nclasses = ["no", "yes"]\n'
    )
    return tmp_path


def material(needs: set[str], spaces: set[str] | None = None, **flags: Any) -> Any:
    project = Project("query", flags)
    found, _ = material_of(
        project,
        needs,
        standing=project.standing(),
        ask_again=False,
        trust=False,
        spaces=spaces,
    )
    return found


def test_examples_are_points_of_the_pools_own_features(folder: Path) -> None:
    (folder / "like.txt").write_text("r03\nr07\n")
    (folder / "unlike.csv").write_text("x,y\n3,-3\n")
    found = material({"space", "liked", "unliked"}, like="like.txt", unlike="unlike.csv")
    context = Context(found, "features")
    signals = context.of(["liked", "unliked"])
    assert signals["liked"].shape == (2, 2) and signals["unliked"].shape == (1, 2)
    # r03 and the row that was brought hold the same, so they are the same point
    at = found.liked.ids.to_pylist().index("r03")
    assert np.array_equal(signals["liked"][at], signals["unliked"][0])


def test_examples_stand_in_the_vectors_that_were_brought(folder: Path) -> None:
    values = np.arange(42, dtype=np.float32).reshape(21, 2)
    np.save(folder / "v.npy", values)
    (folder / "v.ids.txt").write_text("".join(f"r{n:02d}\n" for n in range(21)))
    (folder / "like.txt").write_text("r03\nr20\n")
    # r20 is not in the pool: it may be in the file, as it is an example
    found = material({"space", "liked"}, {"embedding"}, embeddings="v.npy", like="like.txt")
    assert found.maker is None
    liked = dict(
        zip(found.liked.ids.to_pylist(), Context(found, "embedding").of(["liked"])["liked"].tolist(), strict=True)
    )
    assert liked == {"r03": [6.0, 7.0], "r20": [40.0, 41.0]}
    with pytest.raises(AlcliError, match="1 id is not in the pool: 'r20'"):
        material({"space"}, {"embedding"}, embeddings="v.npy")


def test_no_features_are_made_where_nobody_looks_at_them(folder: Path) -> None:
    (folder / "p.csv").write_text("key,no,yes\n" + "".join(f"r{n:02d},0.5,0.5\n" for n in range(20)))
    assert material({"proba"}, set(), predictions="p.csv").maker is None
    assert material({"proba", "space"}, {"probability"}, predictions="p.csv").maker is None
    assert material({"proba", "space"}, {"gradient"}, predictions="p.csv").maker is not None


def test_costs_stand_in_the_order_of_the_classes(folder: Path) -> None:
    (folder / "p.csv").write_text("key,yes,no\n" + "".join(f"r{n:02d},0.5,0.5\n" for n in range(20)))
    (folder / "costs.csv").write_text(",yes,no\nyes,0,7\nno,1,0\n")
    found = material({"proba", "costs"}, set(), predictions="p.csv", cost_matrix="costs.csv")
    assert found.classes == ("no", "yes")
    assert Context(found, "features").of(["costs"])["costs"].tolist() == [[0.0, 1.0], [7.0, 0.0]]


def test_a_line_of_the_settings_file_may_be_for_another_strategy(folder: Path) -> None:
    (folder / "like.txt").write_text("r03\n")
    path = folder / "alcli.toml"
    path.write_text(path.read_text() + '\n[query]\nlike = "like.txt"\n')
    assert material({"space"}).liked is None
    assert material({"space", "liked"}).liked.ids.to_pylist() == ["r03"]
    path.write_text(path.read_text().replace("like.txt", "none.txt"))
    with pytest.raises(AlcliError, match="no such file"):
        material({"space"})


def test_more_examples_than_can_be_compared_are_drawn(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("alcli.predictions.examples.MOST", 5)
    (folder / "like.txt").write_text("".join(f"r{n:02d}\n" for n in range(20)))
    first = material({"space", "liked"}, like="like.txt").liked.ids.to_pylist()
    (folder / "like.txt").write_text("".join(f"r{n:02d}\n" for n in reversed(range(20))))
    assert len(first) == 5
    assert material({"space", "liked"}, like="like.txt").liked.ids.to_pylist() == first


def test_width_does_not_depend_on_a_row_that_cannot_be_chosen(folder: Path) -> None:
    (folder / "p.csv").write_text("key,no,yes\n" + "".join(f"r{n:02d},0.5,0.5\n" for n in range(1, 20)))
    found = material({"proba", "space"}, {"probability"}, predictions="p.csv", where=["key!=r00"])
    assert Context(found, "probability").width == 2
    assert Context(found, "probability").of(["mean"])["mean"].tolist() == pytest.approx([0.5**0.5] * 2)


def test_a_strategy_without_its_examples_names_the_flags_that_it_takes(folder: Path) -> None:
    for needs, words in (
        ({"liked", "unliked"}, "give `--like FILE` or `--unlike FILE` or both:"),
        ({"liked"}, "give `--like FILE`:"),
        ({"unliked"}, "give `--unlike FILE`:"),
    ):
        with pytest.raises(AlcliError, match="none are given") as caught:
            material({"space", *needs})
        assert str(caught.value.hint).startswith(words)
    # an example of the other kind does not help
    (folder / "like.txt").write_text("r03\n")
    with pytest.raises(AlcliError, match="rows unlike others") as caught:
        material({"space", "unliked"}, like="like.txt")
    assert "`--like" not in str(caught.value.hint)


@pytest.mark.parametrize(
    ("name", "flag", "signal"),
    [("like", "--like", "liked"), ("target", "--target", "target"), ("cost_matrix", "--cost-matrix", "costs")],
)
def test_a_flag_that_does_nothing_is_named_with_what_takes_it(folder: Path, name: str, flag: str, signal: str) -> None:
    (folder / "file.csv").write_text("key\nr03\n")
    with pytest.raises(AlcliError, match=f"`{flag}` does nothing") as caught:
        material({"space"}, **{name: "file.csv"})
    hint = str(caught.value.hint)
    assert f"`{flag} FILE`" in hint and f"'{signal}'" in hint and "must be" not in hint
