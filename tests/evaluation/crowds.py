"""Simulated labelers and answers of any kind, for tests of what is made of them."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from alcli.evaluation.votes import Votes

ANSWERS = st.dictionaries(
    st.tuples(st.sampled_from("pqrstu"), st.sampled_from("abcd")), st.sampled_from("xyz"), min_size=1
).map(lambda cells: [(row, who, label) for (row, who), label in cells.items()])


def simulated(rows: int, quality: dict[str, float], share: float = 1.0, classes: str = "xyz", seed: int = 0):
    """Answers of labelers who are right with their quality, else any other class; and the truth."""
    random = np.random.default_rng(seed)
    truth = {f"r{i:04d}": classes[random.integers(len(classes))] for i in range(rows)}
    answers = []
    for row, label in truth.items():
        for who, good in quality.items():
            if random.random() < share:
                others = [each for each in classes if each != label]
                answers.append((row, who, label if random.random() < good else others[random.integers(len(others))]))
    return answers, truth


def right(proba: np.ndarray, votes: Votes, truth: dict[str, str]) -> float:
    found = proba.argmax(axis=1)
    return float(np.mean([votes.classes[code] == truth[row] for row, code in zip(votes.rows, found, strict=True)]))
