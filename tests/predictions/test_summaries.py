"""Tokens, regions and gradients: what is made of them, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alcli.errors import AlcliError

from .files import WRITERS, jsonl, parquet, predictions, rows


def sequence(path: Path, *ids: str) -> np.ndarray:
    brought = predictions(path)
    assert brought.has == {"sequence"}
    return brought.signals(rows(*ids), ["sequence"])["sequence"]


def refused(path: Path, code: str, *words: str) -> None:
    with pytest.raises(AlcliError) as caught:
        predictions(path)
    error = caught.value
    assert error.code == code, error.message
    told = f"{error.message} {error.at} {error.hint}"
    assert all(word in told for word in words), told


@pytest.mark.parametrize("kind", WRITERS)
def test_tokens_are_summarised_by_hand(tmp_path: Path, kind: str) -> None:
    # a: ln 1/2 and ln 1/8 make ln 1/16 together and -2 ln 2 on average; b: one token of probability 1
    records = [
        {"id": "a", "token_logprobs": [float(np.log(0.5)), float(np.log(0.125))], "token_entropies": [0.5, 1.0]},
        {"id": "b", "token_logprobs": [0.0], "token_entropies": [0.0]},
    ]
    path = WRITERS[kind](tmp_path / f"p.{kind}", records)
    wanted = [[0.0, 0.0, 0.0], [-2 * np.log(2), -4 * np.log(2), 0.75]]
    assert np.allclose(sequence(path, "b", "a"), wanted, rtol=1e-14)


@pytest.mark.parametrize("kind", WRITERS)
def test_alternatives_make_an_entropy_with_the_rest_as_one_more(tmp_path: Path, kind: str) -> None:
    # first token: 1/2, 1/4 and a rest of 1/4; second: one alternative that has all
    tops = [[float(np.log(0.5)), float(np.log(0.25))], [0.0]]
    path = WRITERS[kind](
        tmp_path / f"p.{kind}", [{"id": "a", "token_logprobs": [-0.7, -0.1], "token_top_logprobs": tops}]
    )
    assert np.allclose(sequence(path, "a")[0, 2], 1.5 * np.log(2) / 2, rtol=1e-14)


def test_entropies_go_before_alternatives(tmp_path: Path) -> None:
    record = {"id": "a", "token_logprobs": [-0.7], "token_top_logprobs": [[-0.7]], "token_entropies": [2.5]}
    assert sequence(jsonl(tmp_path / "p.jsonl", [record]), "a")[0, 2] == 2.5


def test_what_the_file_does_not_tell_is_not_a_number(tmp_path: Path) -> None:
    found = sequence(jsonl(tmp_path / "p.jsonl", [{"id": "a", "token_logprobs": [-1.0, -3.0]}]), "a")
    assert found[0, :2].tolist() == [-2.0, -4.0] and np.isnan(found[0, 2])
    found = sequence(jsonl(tmp_path / "q.jsonl", [{"id": "a", "token_entropies": [1.0, 3.0]}]), "a")
    assert np.isnan(found[0, :2]).all() and found[0, 2] == 2.0


def test_the_answer_of_a_chat_interface_is_taken_as_it_is(tmp_path: Path) -> None:
    content = [
        {
            "token": "Hel",
            "logprob": -0.5,
            "top_logprobs": [{"token": "Hel", "logprob": -0.5}, {"token": "x", "logprob": -2}],
        },
        {"token": "lo", "logprob": -0.25, "top_logprobs": [{"token": "lo", "logprob": -0.25}]},
    ]
    path = jsonl(tmp_path / "p.jsonl", [{"id": "a", "text": "Hello", "logprobs": {"content": content}, "n": 1}])
    found = sequence(path, "a")[0]
    p = [np.exp([-0.5, -2.0]), np.exp([-0.25])]
    spread = [-(each * np.log(each)).sum() - (1 - each.sum()) * np.log(1 - each.sum()) for each in p]
    assert np.allclose(found, [-0.375, -0.75, np.mean(spread)])
    refused(
        jsonl(tmp_path / "q.jsonl", [{"id": "a", "logprobs": {"content": [{"token": "x"}]}}]), "not-json", "logprob"
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.lists(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=5), min_size=1, max_size=8),
        min_size=1,
        max_size=12,
    )
)
def test_summaries_are_those_of_each_row_by_itself(tmp_path: Path, texts: list[list[list[float]]]) -> None:
    shares = [[np.array(token) / sum(token) * 0.9 for token in text] for text in texts]
    records = [
        {
            "id": f"r{n}",
            "token_logprobs": [float(np.log(token[0])) for token in text],
            "token_top_logprobs": [np.log(token).tolist() for token in text],
        }
        for n, text in enumerate(shares)
    ]
    wanted = []
    for text in shares:
        logs = [np.log(token[0]) for token in text]
        spread = [-(token * np.log(token)).sum() - 0.1 * np.log(0.1) for token in text]
        wanted.append([np.mean(logs), np.sum(logs), np.mean(spread)])
    ids = [record["id"] for record in records]
    found = [sequence(write(tmp_path / f"p.{kind}", records), *ids) for kind, write in WRITERS.items()]
    for each in found:
        assert np.allclose(each, wanted, rtol=1e-9)
        assert np.array_equal(each, found[0])


def test_tokens_that_cannot_be_are_named(tmp_path: Path) -> None:
    good = {"token_logprobs": [-1.0], "token_entropies": [1.0], "token_top_logprobs": [[-1.0]]}

    def told(name: str, record: dict[str, object], code: str, *words: str) -> None:
        first = {"id": "a", **{column: good[column] for column in record if column != "id"}}
        refused(jsonl(tmp_path / f"{name}.jsonl", [first, record]), code, "'b'", "row 2", *words)

    told("a", {"id": "b", "token_logprobs": []}, "not-a-vector", "no tokens")
    told("b", {"id": "b", "token_logprobs": [-1.0, 0.5]}, "bad-prediction", "0.5", "no log-probability")
    told("c", {"id": "b", "token_logprobs": [-1.0, float("nan")]}, "bad-prediction", "NaN")
    told("d", {"id": "b", "token_logprobs": [-1.0, -float("inf")]}, "bad-prediction", "-inf")
    told("e", {"id": "b", "token_logprobs": "-1.0"}, "not-a-vector", "'-1.0'")
    told("f", {"id": "b", "token_logprobs": [-1.0, "x"]}, "not-a-number", "'x'")
    told("g", {"id": "b", "token_logprobs": [-1.0], "token_entropies": [1.0, 2.0]}, "not-a-vector", "2 tokens", "1 in")
    told("h", {"id": "b", "token_logprobs": [-1.0], "token_entropies": [-1.0]}, "bad-prediction", "negative")
    told("i", {"id": "b", "token_logprobs": [-1.0], "token_top_logprobs": [[]]}, "not-a-vector", "no alternatives")
    told("j", {"id": "b", "token_logprobs": [-1.0], "token_top_logprobs": [[-0.1, -0.1]]}, "sum-not-one", "1.8")
    told("k", {"id": "b", "token_logprobs": [-1.0], "token_top_logprobs": [-0.1]}, "not-a-vector", "list of lists")


@pytest.mark.parametrize("kind", WRITERS)
def test_regions_are_summarised_by_hand(tmp_path: Path, kind: str) -> None:
    records = [
        {"id": "a", "region_scores": [0.25, 0.5, 0.75]},
        {"id": "b", "region_scores": []},
        {"id": "c", "region_scores": [2]},
    ]
    brought = predictions(WRITERS[kind](tmp_path / f"p.{kind}", records))
    assert brought.has == {"regions"}
    found = brought.signals(rows("c", "b", "a"), ["regions"])["regions"]
    assert found.tolist() == [[2.0, 2.0, 2.0], [0.0, 0.0, 0.0], [0.5, 0.75, 1.5]]


@pytest.mark.parametrize("kind", WRITERS)
def test_class_probabilities_of_regions_become_entropies(tmp_path: Path, kind: str) -> None:
    records = [
        {"id": "a", "region_proba": [[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]]},
        {"id": "b", "region_proba": [[0.5, 0.5, 0.0]]},
    ]
    found = predictions(WRITERS[kind](tmp_path / f"p.{kind}", records)).signals(rows("a", "b"), ["regions"])["regions"]
    half = np.log(2) / np.log(3)
    assert np.allclose(found, [[0.5, 1.0, 1.0], [half, half, half]])


def test_regions_that_cannot_be_are_named(tmp_path: Path) -> None:
    good = {"id": "a", "region_proba": [[0.5, 0.5]]}
    records = [good, {"id": "b", "region_proba": [[0.5, 0.5], [0.5, 0.25]]}]
    refused(jsonl(tmp_path / "a.jsonl", records), "sum-not-one", "'b'", "0.75", "row 2")
    records = [good, {"id": "b", "region_proba": [[0.5, 0.5], [1.0]]}]
    refused(jsonl(tmp_path / "b.jsonl", records), "not-a-vector", "'b'", "1 class in a region", "row 2")
    records = [{"id": "a", "region_scores": [1.0]}, {"id": "b", "region_scores": [-1.0]}]
    refused(jsonl(tmp_path / "c.jsonl", records), "bad-prediction", "'b'", "-1.0", "negative")
    refused(jsonl(tmp_path / "d.jsonl", [good | {"region_scores": [1.0]}]), "two-forms", "regions")


@pytest.mark.parametrize("kind", WRITERS)
def test_gradients_are_points(tmp_path: Path, kind: str) -> None:
    records = [{"id": "a", "gradient": [0.5, -1.0, 2.0]}, {"id": "b", "gradient": [0.0, 0.25, 1e-3]}]
    brought = predictions(WRITERS[kind](tmp_path / f"p.{kind}", records))
    assert brought.has == {"gradient"}
    found = brought.signals(rows("b", "a"), ["gradient"])["gradient"]
    assert found.dtype == np.float32 and found[1].tolist() == [0.5, -1.0, 2.0]


def test_gradients_of_other_lengths_are_named(tmp_path: Path) -> None:
    records = [{"id": "a", "gradient": [0.5, 1.0]}, {"id": "b", "gradient": [0.5]}]
    refused(jsonl(tmp_path / "a.jsonl", records), "not-a-vector", "'b'", "1 number", "have 2")
    refused(parquet(tmp_path / "b.parquet", records), "not-a-vector", "'b'", "row 2", "gradient")
    refused(
        jsonl(tmp_path / "c.jsonl", [records[0], {"id": "b", "gradient": [1e300, 0]}]),
        "bad-prediction",
        "'b'",
        "1e+300 is too large for float32",
    )
