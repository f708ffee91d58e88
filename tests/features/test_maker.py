"""Rows to matrices: equal to scikit-learn's own pipeline, row by row, whatever is missing."""

from __future__ import annotations

import pickle
import subprocess
import sys
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from alcli.errors import TableError
from alcli.features.maker import FeatureMaker, request_for
from alcli.tables.pool import Rows

from .tables import part, rows

RNG = np.random.default_rng(0)
WORDS = ["free", "win", "call", "now", "later", "love", "money", "text", "phone", "see", "you", "ok", "cake"]
N = 80
TABLE: dict[str, list[Any]] = {
    "x": [None if i % 7 == 0 else float(v) for i, v in enumerate(RNG.normal(5, 3, N))],
    "y": [float(v) for v in RNG.integers(0, 9, N)],
    "kind": [None if i % 9 == 0 else "abc"[i % 3] for i in range(N)],
    "note": [None if i % 11 == 0 else " ".join(RNG.choice(WORDS, 8)) for i in range(N)],
    "vec": [None if i % 13 == 0 else RNG.normal(size=4).astype(np.float32).tolist() for i in range(N)],
}
ROLES = {"x": "numeric", "y": "numeric", "kind": "categorical", "note": "text", "vec": "embedding"}
SETS = [
    {"x": "numeric", "y": "numeric"},
    {"vec": "embedding"},
    {"vec": "embedding", "x": "numeric"},
    {"kind": "categorical"},
    {"kind": "categorical", "x": "numeric", "vec": "embedding"},
    {"note": "text"},
    ROLES,
]


def made(roles: dict[str, str], table: dict[str, list[Any]] = TABLE, seed: int = 0) -> tuple[FeatureMaker, Rows]:
    sample = rows(table, request_for(roles))
    return FeatureMaker.fit(roles, sample, seed=seed), sample


def dense(X: Any) -> np.ndarray:
    return X if isinstance(X, np.ndarray) else X.toarray()


@pytest.mark.parametrize("roles", SETS, ids=lambda roles: "+".join(roles))
def test_every_mixture_keeps_the_contract(roles: dict[str, str]) -> None:
    maker, sample = made(roles)
    X = maker.transform(sample)
    assert X.dtype == np.float64
    assert X.shape == (N, maker.width) == (N, len(maker.names))
    assert isinstance(X, csr_matrix) == maker.sparse == ("note" in roles)
    assert np.isfinite(dense(X)).all()
    if maker.sparse:
        assert X.has_sorted_indices
    points = maker.vectors(X)
    assert points.dtype == np.float32
    assert points.flags.c_contiguous
    assert np.isfinite(points).all()
    empty = maker.transform(part(sample, 0, 0))
    assert empty.shape == (0, maker.width)
    assert maker.vectors(empty).shape == (0, points.shape[1])


@pytest.mark.parametrize("roles", SETS, ids=lambda roles: "+".join(roles))
def test_a_row_does_not_depend_on_the_rows_beside_it(roles: dict[str, str]) -> None:
    maker, sample = made(roles)
    whole = maker.transform(sample)
    for start, stop in [(0, 1), (13, 14), (20, 57), (79, 80)]:
        alone = maker.transform(part(sample, start, stop))
        assert np.array_equal(dense(alone), dense(whole)[start:stop])
        assert np.allclose(maker.vectors(alone), maker.vectors(whole)[start:stop], atol=1e-6)


@pytest.mark.parametrize("roles", SETS, ids=lambda roles: "+".join(roles))
def test_pieces_are_the_matrix_and_rounded_ones_give_the_same_points(
    roles: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    maker, sample = made(roles)
    monkeypatch.setattr("alcli.features.maker._PIECE", 1)  # 256 rows, the fewest there are
    many = sample.take(np.arange(600) % N)
    whole, points = maker.transform(many), maker.vectors(maker.transform(many))
    pieces = list(maker.pieces(many))
    assert [start for start, _ in pieces] == ([0] if maker.sparse else [0, 256, 512])
    assert np.array_equal(np.concatenate([dense(X) for _, X in pieces]), dense(whole))
    rounded = [X for _, X in maker.pieces(many, np.float32)]
    assert np.array_equal(np.concatenate([maker.vectors(X) for X in rounded]), points)
    only = [maker.embedding_only(X) for X in rounded]
    assert np.array_equal(np.concatenate(only), maker.embedding_only(whole))
    for embedding, its in ((False, points), (True, only[0])):
        told = maker.points_width(embedding)
        # text has as many directions as its sample
        assert told == its.shape[1] or (told is None and "note" in roles)
    assert not list(maker.pieces(part(sample, 0, 0))) or maker.sparse


@given(st.lists(st.none() | st.floats(width=64), min_size=1, max_size=40))
@settings(deadline=None)
def test_any_numbers_give_the_same_points_from_a_rounded_matrix(values: list[float | None]) -> None:
    maker, sample = made({"x": "numeric"}, {"x": values})
    ((_, rounded),) = maker.pieces(sample, np.float32)
    assert rounded.dtype == np.float32
    assert np.array_equal(maker.vectors(rounded), maker.vectors(maker.transform(sample)))


def test_numbers_equal_scikit_learns_pipeline() -> None:
    maker, sample = made({"x": "numeric", "y": "numeric"})
    raw = np.array([[np.nan if v is None else v for v in TABLE[name]] for name in ("x", "y")]).T
    pipeline = make_pipeline(SimpleImputer(strategy="median", keep_empty_features=True), StandardScaler())
    assert np.abs(maker.transform(sample) - pipeline.fit_transform(raw)).max() < 1e-13


@given(st.lists(st.none() | st.floats(width=64), min_size=1, max_size=40))
@settings(deadline=None)
def test_any_numbers_become_finite_ones(values: list[float | None]) -> None:
    maker, sample = made({"x": "numeric"}, {"x": values})
    X = maker.transform(sample)
    assert np.isfinite(X).all()
    assert np.isfinite(maker.vectors(X)).all()
    missing = [v is None or not np.isfinite(v) for v in values]
    assert len(set(X[missing, 0].tolist())) <= 1


def test_float32_columns_give_the_same_as_float64() -> None:
    values = pa.array(RNG.normal(size=50).astype(np.float32))
    ids = pa.array([str(i) for i in range(50)])
    narrow, wide = (Rows(ids, {"x": values.cast(kind)}, 0, 0) for kind in (pa.float32(), pa.float64()))
    maker = FeatureMaker.fit({"x": "numeric"}, wide, seed=0)
    assert np.array_equal(maker.transform(narrow), maker.transform(wide))
    assert FeatureMaker.fit({"x": "numeric"}, narrow, seed=0).fingerprint == maker.fingerprint


def test_a_missing_vector_is_the_mean_and_others_stay() -> None:
    maker, sample = made({"vec": "embedding"})
    X = maker.transform(sample)
    filled = np.array([v for v in TABLE["vec"] if v is not None])
    assert np.allclose(X[0], filled.mean(axis=0))
    assert np.array_equal(X[1], np.array(TABLE["vec"][1]))


def test_vectors_of_another_length_are_refused() -> None:
    maker, _ = made({"vec": "embedding"})
    with pytest.raises(TableError) as caught:
        maker.transform(rows({"vec": [[1.0, 2.0]]}, maker.request))
    assert caught.value.code == "vector-length"


def test_categories_equal_scikit_learns_and_missing_is_one() -> None:
    maker, sample = made({"kind": "categorical"})
    cells = np.array(TABLE["kind"], dtype=object).reshape(-1, 1)
    theirs = OneHotEncoder(sparse_output=False).fit_transform(cells)
    assert np.array_equal(maker.transform(sample), theirs)
    assert maker.names == ["kind=a", "kind=b", "kind=c", "kind="]


def test_a_category_never_seen_is_harmless() -> None:
    maker, _ = made({"kind": "categorical"})
    assert maker.transform(rows({"kind": ["zebra"]}, maker.request)).tolist() == [[0, 0, 0, 0]]


def test_rare_categories_share_a_column_with_unseen_ones() -> None:
    cells = [f"v{i}" for i in range(60)] + [f"v{i}" for i in range(49)]
    maker, _ = made({"kind": "categorical"}, {"kind": cells})
    assert maker.width == 50
    X = maker.transform(rows({"kind": ["v55", "unseen", None, "v1"]}, maker.request))
    assert X.argmax(axis=1)[:3].tolist() == [49, 49, 49]
    assert X.sum(axis=1).tolist() == [1, 1, 1, 1]


def test_booleans_are_the_same_however_they_are_written() -> None:
    flags = [None if i % 5 == 0 else bool(i % 3) for i in range(30)]
    found = []
    for write in (str, lambda flag: str(flag).lower(), lambda flag: str(flag).upper()):
        table = {"ok": [None if flag is None else write(flag) for flag in flags]}
        maker, sample = made({"ok": "categorical"}, table)
        found.append((maker.fingerprint, maker.transform(sample).tobytes()))
    assert found[0] == found[1] == found[2]
    assert maker.width == 3


def test_many_categories_alone_are_sparse() -> None:
    table = {f"k{j}": [f"v{i % 45}" for i in range(90)] for j in range(6)}
    maker, sample = made(dict.fromkeys(table, "categorical"), table)
    X = maker.transform(sample)
    assert maker.sparse
    assert (X.sum(axis=1) == 6).all()
    assert maker.vectors(X).shape == (90, 270)


def test_words_equal_scikit_learns_tfidf() -> None:
    texts = [" ".join(RNG.choice(WORDS, 60)) for _ in range(40)]
    maker, sample = made({"note": "text"}, {"note": texts})
    theirs = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b")
    assert np.abs((maker.transform(sample) - theirs.fit_transform(texts)).toarray()).max() < 1e-15


def test_short_texts_get_letters_too() -> None:
    maker, _ = made({"note": "text"})
    assert [terms.kind for terms in maker.texts[0].terms] == ["word", "letters"]


def test_writing_without_blanks_is_told_apart() -> None:
    texts = ["今天天气很好我们去公园吧" * 20, "股票市场今天下跌了很多" * 20] * 5
    maker, sample = made({"note": "text"}, {"note": texts})
    points = maker.vectors(maker.transform(sample))
    assert maker.texts[0].terms[-1].kind == "signs"
    assert points[0] @ points[1] < 0.5 < points[0] @ points[2]


@pytest.mark.parametrize("texts", [[None, None], ["", " "], ["!!!", "???"], [None, "one"]])
def test_texts_with_hardly_a_word_are_harmless(texts: list[str | None]) -> None:
    maker, sample = made({"note": "text"}, {"note": texts})
    X = maker.transform(sample)
    assert maker.width >= 1
    assert np.isfinite(maker.vectors(X)).all()


@given(st.lists(st.none() | st.text(), min_size=1, max_size=12))
@settings(deadline=None, max_examples=40)
def test_any_text_becomes_finite_numbers(texts: list[str | None]) -> None:
    maker, sample = made({"note": "text"}, {"note": texts})
    X = maker.transform(sample)
    assert np.isfinite(X.data).all()
    assert len(maker.names) == maker.width
    assert np.allclose(dense(pickle.loads(pickle.dumps(maker)).transform(sample)), dense(X))


def test_several_texts_are_read_as_one() -> None:
    apart = {"a": ["one two", "two three", None], "b": ["two four", None, "five two"]}
    maker, sample = made({"a": "text", "b": "text"}, apart)
    assert {"a+b: one", "a+b: two", "a+b: five"} <= set(maker.names)
    one, whole = made({"a": "text"}, {"a": ["one two\n\ntwo four", "two three", "five two"]})
    assert [name.removeprefix("a+") for name in maker.names] == [f"b{name[1:]}" for name in one.names]
    assert np.array_equal(dense(maker.transform(sample)), dense(one.transform(whole)))
    assert maker.fingerprint != one.fingerprint


def test_nothing_to_learn_from_names_the_flags() -> None:
    for roles in ({}, {"x": "ignore", "id": "id"}):
        with pytest.raises(TableError) as caught:
            FeatureMaker.fit(roles, rows(TABLE, request_for(ROLES)), seed=0)
        assert caught.value.code == "no-features"
        assert "--text" in str(caught.value.hint)


def test_the_order_of_columns_changes_nothing() -> None:
    forward, sample = made(ROLES)
    backward, _ = made(dict(reversed(ROLES.items())))
    assert forward.fingerprint == backward.fingerprint
    assert np.array_equal(dense(forward.transform(sample)), dense(backward.transform(sample)))


def test_the_fingerprint_tells_makers_apart() -> None:
    other = TABLE | {"note": [*TABLE["note"][:-1], "zebra zebra zebra"]}
    prints = {made(ROLES)[0].fingerprint, made(ROLES, other)[0].fingerprint}
    prints |= {made(roles)[0].fingerprint for roles in SETS}
    assert len(prints) == len(SETS) + 1


def test_the_fingerprint_and_points_are_the_same_in_every_process() -> None:
    probe = (
        "import hashlib; from tests.features.test_maker import made, ROLES\n"
        "maker, sample = made(ROLES)\n"
        "points = maker.vectors(maker.transform(sample))\n"
        "print(maker.fingerprint, hashlib.sha256(points.tobytes()).hexdigest())"
    )
    runs = {
        subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout
        for _ in range(2)
    }
    maker, _ = made(ROLES)
    assert len(runs) == 1
    assert runs.pop().split()[0] == maker.fingerprint


def test_text_points_have_length_one_and_few_numbers() -> None:
    table = {"note": [" ".join(f"w{j}" for j in RNG.integers(0, 900, 30)) for _ in range(300)]}
    maker, sample = made({"note": "text"}, table)
    points = maker.vectors(maker.transform(sample))
    assert points.shape == (300, 100)
    assert np.allclose(np.linalg.norm(points, axis=1), 1, atol=1e-5)


def test_the_embedding_space_is_the_embeddings_if_there_are_any() -> None:
    maker, sample = made(ROLES)
    X = maker.transform(sample)
    points = maker.embedding_only(X)
    assert points.shape == (N, 4)
    assert np.allclose(points[1], TABLE["vec"][1])
    plain, its = made({"x": "numeric"})
    Z = plain.transform(its)
    assert np.array_equal(plain.embedding_only(Z), plain.vectors(Z))


def test_numbers_are_transformed_without_scikit_learn_or_pandas() -> None:
    maker, sample = made({"x": "numeric", "kind": "categorical"})
    probe = (
        "import pickle, sys\n"
        "maker, sample = pickle.load(sys.stdin.buffer)\n"
        "maker.vectors(maker.transform(sample))\n"
        "print({'sklearn', 'pandas', 'scipy'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", probe], input=pickle.dumps((maker, sample)), capture_output=True, check=True
    )
    assert run.stdout.decode().strip() == "set()"
