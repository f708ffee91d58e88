"""Query logs scored by one model, whatever model chose the rows: TF-IDF of words and pairs, logistic regression.

alcli's own features of short texts hold letters too. The recorded libraries were judged with words alone, so the rows
that alcli asked for are judged with words alone here, for a comparison of what was chosen and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

TEST, FIRST = 0, 2


@dataclass
class Judge:
    """The protocol's model on one seed of a data set.

    Attributes
    ----------
    X, codes : matrix of all rows, its vocabulary from the pool alone, and their classes.
    row : id -> row. first, test : rows labelled at the start, and rows to measure on.
    """

    X: object
    codes: np.ndarray
    row: dict[str, int]
    first: list[int]
    test: np.ndarray

    @classmethod
    def of(cls, data: pd.DataFrame, texts: Sequence[str], places: np.ndarray) -> Judge:
        """Of a table with the columns id and label, and the place of every row in the split."""
        whole = data[list(texts)].astype(str).agg(" ".join, axis=1).to_numpy()
        vectorizer = TfidfVectorizer(sublinear_tf=True, min_df=2, ngram_range=(1, 2), token_pattern=r"(?u)\b\w+\b").fit(
            whole[places != TEST]
        )
        codes = np.unique(data["label"].astype(str), return_inverse=True)[1]
        row = {id_: at for at, id_ in enumerate(data["id"].astype(str))}
        first = np.flatnonzero(places == FIRST).tolist()
        return cls(vectorizer.transform(whole).tocsr(), codes, row, first, np.flatnonzero(places == TEST))

    def area(self, batches: Sequence[Sequence[str]]) -> float:
        """The normalised area under the accuracy curve of a campaign.

        Raises
        ------
        ValueError
            If a row is asked twice, or is a test row.
        """
        labelled, x, y = list(self.first), [], []
        for batch in [[], *batches]:
            labelled += [self.row[id_] for id_ in batch]
            if len(set(labelled)) < len(labelled) or set(labelled) & set(self.test.tolist()):
                raise ValueError("a row was asked twice, or is one to measure on")
            model = LogisticRegression(C=10.0, tol=1e-3, max_iter=1000).fit(self.X[labelled], self.codes[labelled])
            x.append(len(labelled))
            y.append(float((model.predict(self.X[self.test]) == self.codes[self.test]).mean()))
        return float(np.trapezoid(y, x) / (x[-1] - x[0]))


def scored(data: Path, texts: Sequence[str], splits: Path, logs: Path, cache: Path) -> pd.Series:
    """Areas by (strategy, seed) of the logs in a folder, ``STRATEGY.csv`` each; what `cache` holds of them is not fitted again."""
    columns = ["strategy", "seed", "log", "area"]
    known = pd.read_csv(cache) if cache.exists() else pd.DataFrame(columns=columns)
    areas = {tuple(row[:3]): row[3] for row in known[columns].itertuples(index=False)}
    wanted: dict[int, list[tuple[str, str, list[list[str]]]]] = {}
    found = []
    for path in sorted(logs.glob("*.csv")):
        log = pd.read_csv(path, dtype={"id": str})
        for seed, its in log.groupby("seed"):
            batches = [batch["id"].tolist() for _, batch in its.groupby("round")]
            # a campaign that was played again is another log
            digest = blake2b(repr(batches).encode(), digest_size=8).hexdigest()
            key = path.stem, int(seed), digest
            if key in areas:
                found.append((*key, areas[key]))
            else:
                wanted.setdefault(int(seed), []).append((path.stem, digest, batches))
    table = pd.read_csv(data, keep_default_na=False) if data.suffix == ".csv" else pd.read_parquet(data)
    for seed, campaigns in sorted(wanted.items()):
        places = pd.read_csv(splits / f"{data.stem}.csv")[f"s{seed}"].to_numpy()
        judge = Judge.of(table, texts, places)
        found += [(strategy, seed, digest, judge.area(batches)) for strategy, digest, batches in campaigns]
    whole = pd.DataFrame(found, columns=columns)
    whole.to_csv(cache, index=False)
    return whole.set_index(["strategy", "seed"])["area"]
