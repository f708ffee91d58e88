"""The saved model: whole at any instant, checked before it is opened, refused in plain words."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from alcli.errors import AlcliError, FileTrouble, ModelError
from alcli.models import card as cards
from alcli.models.bundle import Bundle, load_bundle, save_bundle
from alcli.models.card import card_path, read_card
from alcli.models.estimators import ESTIMATORS
from alcli.models.training import fit

X = np.random.default_rng(0).normal(size=(30, 4))
Y = ["a" if x[0] > 0 else "b" for x in X]


#: Small ones: what is stored is the same.
SMALL = {
    "random-forest": {"n_estimators": 8},
    "extra-trees": {"n_estimators": 8},
    "hist-gradient-boosting": {"max_iter": 8},
    "mlp": {"hidden_layer_sizes": (4,)},
}


def made(name: str = "logistic", **options: Any) -> Bundle:
    options.setdefault("params", SMALL.get(name))
    return Bundle(fit(X, Y, ["a", "b", "c"], estimator=name, unlabelled=X, **options), maker=None, meta={"round": 1})


def refusal(path: Path, **options: Any) -> AlcliError:
    with pytest.raises(AlcliError) as caught:
        load_bundle(path, **options)
    assert "\n" not in caught.value.message
    return caught.value


@pytest.mark.parametrize("suffix", ["joblib", "skops"])
@pytest.mark.parametrize("name", ESTIMATORS)
def test_every_estimator_comes_back_the_same(name: str, suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"model.{suffix}"
    for calibrate in (False, True):
        before = made(name, committee=2, calibrate=calibrate)
        save_bundle(path, before, {"estimator": name})
        after, card = load_bundle(path)
        assert card["estimator"] == name
        assert after.meta == {"round": 1}
        assert np.array_equal(after.model.predict_proba(X), before.model.predict_proba(X))
        assert np.array_equal(after.model.committee_proba(X), before.model.committee_proba(X))
        assert (after.model.classes, after.model.seen) == (("a", "b", "c"), ("a", "b"))


@pytest.mark.parametrize("kind", ["numbers", "mixed"])
@pytest.mark.parametrize("suffix", ["joblib", "skops"])
def test_a_maker_travels_with_its_model(kind: str, suffix: str, tmp_path: Path) -> None:
    from tests.features.test_maker import ROLES
    from tests.features.test_maker import made as maker_of

    maker, sample = maker_of(ROLES if kind == "mixed" else {"x": "numeric", "y": "numeric"})
    path = tmp_path / f"model.{suffix}"
    matrix = maker.transform(sample)
    points = maker.vectors(matrix)
    model = fit(matrix[:40], ["a", "b"] * 20, ["a", "b"])
    save_bundle(path, Bundle(model, maker), {})
    again = load_bundle(path)[0]
    assert again.maker.fingerprint == maker.fingerprint
    assert np.array_equal(again.model.predict_proba(again.maker.transform(sample)), model.predict_proba(matrix))
    assert np.array_equal(again.maker.vectors(matrix), points)


def test_the_card_says_what_the_file_is(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    card = save_bundle(path, made(), {"labels": 30, "estimator": "logistic"})
    assert card == read_card(path)
    assert card["bytes"] == path.stat().st_size
    assert card["versions"].keys() == {"alcli", "numpy", "python", "scikit-learn"}
    text = card_path(path).read_text()
    assert text == json.dumps(card, sort_keys=True, indent=1) + "\n"


PROBE = """
import sys
from pathlib import Path
from tests.models.test_bundle import made, X, Y, Bundle
from tests.features.test_maker import made as maker_of, ROLES
from alcli.models.bundle import save_bundle
from alcli.models.training import fit
maker, sample = maker_of(ROLES)
maker.vectors(maker.transform(sample))
bundle = made(sys.argv[2], committee=2)
bundle.model.committee_proba(X)
bundle.maker = maker
print(save_bundle(Path(sys.argv[1]), bundle, {})["sha256"])
"""


@pytest.mark.parametrize("name", ["logistic", "random-forest"])
def test_two_processes_write_the_same_bytes(name: str, tmp_path: Path) -> None:
    found = set()
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", PROBE, str(tmp_path / f"{seed}.joblib"), name],
            capture_output=True, text=True, check=True, env=os.environ | {"PYTHONHASHSEED": seed},
        )  # fmt: skip
        found.add(run.stdout)
    assert len(found) == 1


def test_opening_a_linear_model_imports_neither_scikit_learn_nor_pandas(tmp_path: Path) -> None:
    from tests.features.test_maker import made as maker_of

    maker, _ = maker_of({"x": "numeric", "kind": "categorical"})
    save_bundle(tmp_path / "model.joblib", Bundle(made(committee=2).model, maker), {})
    probe = (
        "import sys, numpy; from pathlib import Path; from alcli.models.bundle import load_bundle\n"
        "bundle, _ = load_bundle(Path(sys.argv[1]))\n"
        "bundle.model.committee_proba(numpy.ones((3, 4)))\n"
        "print({'sklearn', 'pandas', 'scipy'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", probe, str(tmp_path / "model.joblib")], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"


class Canary:
    """Leaves a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("with_card", [False, True])
@pytest.mark.parametrize("suffix", ["joblib", "skops"])
def test_a_strangers_pickle_is_not_opened(suffix: str, with_card: bool, tmp_path: Path) -> None:
    path, canary = tmp_path / f"model.{suffix}", tmp_path / "canary"
    if with_card:
        save_bundle(path, made(), {})
    path.write_bytes(pickle.dumps(Canary(canary)))
    error = refusal(path)
    if suffix == "joblib":
        assert error.code == ("model-mismatch" if with_card else "model-no-card")
        assert "--trust-model" in str(error.hint)
    assert not canary.exists()
    if suffix == "joblib":
        assert refusal(path, trust=True).code == "model-foreign"
        assert canary.exists()


def test_a_skops_file_with_a_strange_type_is_refused_by_name(tmp_path: Path) -> None:
    import skops.io

    path = tmp_path / "model.skops"
    path.write_bytes(skops.io.dumps(Bundle(made().model, Canary(tmp_path))))
    error = refusal(path, trust=True)
    assert error.code == "untrusted-type"
    # 3.13 keeps the class in pathlib._local
    assert error.message.startswith("a .skops model may not hold pathlib.") and error.message.endswith(".PosixPath")


def test_a_skops_model_that_could_not_be_opened_is_not_written(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    with pytest.raises(ModelError) as caught:
        save_bundle(path, Bundle(made().model, Canary(tmp_path)), {})
    assert caught.value.code == "untrusted-type"
    assert list(tmp_path.iterdir()) == []


def test_a_skops_model_needs_no_card(tmp_path: Path) -> None:
    path = tmp_path / "model.skops"
    save_bundle(path, made(), {})
    card_path(path).unlink()
    assert load_bundle(path)[1] == {}


@pytest.mark.parametrize(
    ("damage", "code"),
    [
        (lambda data: b"", "model-empty"),
        (lambda data: data[: len(data) // 2], "model-mismatch"),
        (lambda data: data + b"x", "model-mismatch"),
        (lambda data: os.urandom(2000), "model-mismatch"),
        (lambda data: pickle.dumps([1]), "model-mismatch"),
    ],
)
def test_a_damaged_model_is_refused(damage: Any, code: str, tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    save_bundle(path, made(), {})
    path.write_bytes(damage(path.read_bytes()))
    error = refusal(path)
    assert error.code == code
    assert "alcli train" in str(error.hint)
    if damage(b"") != b"x":  # a byte too many does no harm to who trusts the file
        assert refusal(path, trust=True).code in ("model-empty", "model-damaged", "model-foreign")


@pytest.mark.parametrize("seed", range(20))
def test_a_trusted_random_file_is_one_message(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    path.write_bytes(np.random.default_rng(seed).bytes(500))
    assert refusal(path, trust=True).code in ("model-damaged", "model-foreign")


def test_no_model_names_the_command(tmp_path: Path) -> None:
    error = refusal(tmp_path / "model.joblib")
    assert (error.code, error.hint) == ("no-model", "make one with `alcli train`")
    assert refusal(tmp_path).code == "no-model"


@pytest.mark.parametrize("card", ["", "[]", "{", '{"sha256": 3}', '{"replaces": []}', "\x00", "[" * 100_000])
def test_a_damaged_card_vouches_for_nothing(card: str, tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    save_bundle(path, made(), {})
    card_path(path).write_text(card)
    assert refusal(path).code == "model-mismatch"
    assert load_bundle(path, trust=True)[1] == {}


def test_another_minor_version_of_scikit_learn_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.joblib"
    real = cards.versions()
    monkeypatch.setattr(cards, "versions", lambda: real | {"scikit-learn": "1.2.9"})
    save_bundle(path, made(), {})
    monkeypatch.setattr(cards, "versions", lambda: real | {"scikit-learn": "1.2.0"})
    load_bundle(path)
    monkeypatch.setattr(cards, "versions", lambda: real | {"scikit-learn": "1.20.0"})
    error = refusal(path)
    assert (error.code, error.message) == (
        "model-version",
        "the model was made with scikit-learn 1.2.9, and this is 1.20.0",
    )
    load_bundle(path, trust=True)


def snapshots(path: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, bytes]]:
    """What a reader finds on the disk at each rename of a save, before and after it."""
    found: list[dict[str, bytes]] = []

    def look() -> None:
        names = [path, card_path(path)]
        found.append({its.name: its.read_bytes() for its in names if its.exists()})

    real = Path.replace

    def replace(self: Path, target: Any) -> Path:
        look()
        done = real(self, target)
        look()
        return done

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", replace)
        save_bundle(path, bundle, {})
    look()
    return found


def test_a_save_killed_at_any_instant_leaves_a_whole_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.joblib"
    save_bundle(path, made(params={"C": 1}), {"n": 1})
    old, new = made(params={"C": 1}), made(params={"C": 2})
    states = snapshots(path, new, monkeypatch)
    final = states[-1]
    assert len(states) == 5
    proba = {bytes(b.model.predict_proba(X).tobytes()) for b in (old, new)}
    seen = set()
    for state in states:
        for name, data in state.items():
            (tmp_path / name).write_bytes(data)
        bundle, card = load_bundle(path)
        assert "replaces" not in card or card["sha256"] != card["replaces"]["sha256"]
        seen.add(bundle.model.predict_proba(X).tobytes())
        # running it again ends as if it had never been killed
        save_bundle(path, new, {})
        assert {its: (tmp_path / its).read_bytes() for its in final} == final
    assert seen == proba


def test_a_first_save_killed_at_any_instant_leaves_no_model_or_a_whole_pair(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model.joblib"
    for state in snapshots(path, made(), monkeypatch):
        for its in (path, card_path(path)):
            its.unlink(missing_ok=True)
        for name, data in state.items():
            (tmp_path / name).write_bytes(data)
        if path.exists():
            load_bundle(path)
        else:
            assert refusal(path).code == "no-model"


def test_cards_do_not_pile_up(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    for strength in (1, 2, 3):
        card = save_bundle(path, made(params={"C": strength}), {"n": strength})
    assert card["replaces"]["n"] == 2
    assert "replaces" not in card["replaces"]


def test_a_failed_save_leaves_the_old_pair(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    save_bundle(path, made(), {})
    before = path.read_bytes(), card_path(path).read_bytes()
    with pytest.raises(ModelError, match="cannot be saved"):
        save_bundle(path, Bundle(made().model, lambda: None), {})
    assert (path.read_bytes(), card_path(path).read_bytes()) == before
    assert sorted(its.name for its in tmp_path.iterdir()) == ["model.joblib", "model.json"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_model_is_the_disks_fault(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    save_bundle(path, made(), {})
    path.chmod(0)
    with pytest.raises(FileTrouble):
        load_bundle(path)


def test_a_model_of_a_module_that_is_gone_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "own_gone.py").write_text("class Thing: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import own_gone  # type: ignore[import-not-found]

    path = tmp_path / "model.joblib"
    save_bundle(path, Bundle(made().model, own_gone.Thing()), {})
    (tmp_path / "own_gone.py").unlink()
    monkeypatch.delitem(sys.modules, "own_gone")
    error = refusal(path)
    assert error.code == "model-module"
    assert "'own_gone'" in error.message


def test_without_skops_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "skops.io", None)
    with pytest.raises(AlcliError) as caught:
        save_bundle(tmp_path / "model.skops", made(), {})
    assert caught.value.code == "missing-extra"
    assert "alcli[skops]" in str(caught.value.hint)


def test_joblib_reads_the_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "model.joblib"
    save_bundle(path, made(), {})
    assert isinstance(joblib.load(path), Bundle)
