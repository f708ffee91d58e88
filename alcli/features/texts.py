"""Text columns: TF-IDF of words, and of letters where words are not enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa
    from scipy.sparse import csr_matrix

MOST_TERMS = 50_000
#: Texts that a vocabulary is made of; more would change it little and take minutes.
MOST_TEXTS = 10_000
SHORT_TEXT = 120  # characters; below it, parts of words help
FEW_BLANKS = 0.05  # share of blanks below which words are not set apart by blanks

#: How a kind of term is cut out of a text. Single letters are words too: "I", "r u ok".
KINDS: dict[str, dict[str, Any]] = {
    "word": {"analyzer": "word", "ngram_range": (1, 2), "token_pattern": r"(?u)\b\w+\b"},
    "letters": {"analyzer": "char_wb", "ngram_range": (3, 4)},
    # Writing without blanks has no words to find: two signs are often one.
    "signs": {"analyzer": "char_wb", "ngram_range": (2, 4)},
}


class Terms:
    """One TF-IDF vocabulary, kept as its terms in order and their weights."""

    def __init__(self, kind: str, terms: Sequence[str], weights: Any) -> None:
        self.kind = kind
        # One string: a list of 50,000 would be 50,000 nodes in a skops file. No term holds a line end.
        self.terms = "\n".join(terms)
        self.weights = np.asarray(weights, dtype=np.float64)

    @classmethod
    def fit(cls, kind: str, texts: Sequence[str]) -> Terms | None:
        """The vocabulary of these texts, or None when they hold no term of this kind."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        least = 1 if len(texts) < 500 else 2 if len(texts) < 5_000 else 3
        vectorizer = TfidfVectorizer(
            **KINDS[kind], sublinear_tf=True, max_features=MOST_TERMS, min_df=least, dtype=np.float64
        )
        try:
            vectorizer.fit(texts)
        except ValueError:  # "empty vocabulary", or nothing left after min_df
            return None
        return cls(kind, vectorizer.get_feature_names_out().tolist(), vectorizer.idf_)

    @property
    def width(self) -> int:
        return len(self.weights)

    def state(self) -> Iterator[bytes]:
        yield repr((self.kind, sorted(KINDS[self.kind].items()))).encode()
        yield self.terms.encode("utf-8", "surrogatepass")
        yield self.weights.tobytes()

    def transform(self, texts: Sequence[str]) -> csr_matrix:
        """TF-IDF rows of length 1, float64, sorted indices, shape (n, width)."""
        ready = self.__dict__.get("_ready")
        if ready is None:
            from sklearn.feature_extraction.text import TfidfVectorizer

            ready = TfidfVectorizer(
                **KINDS[self.kind], sublinear_tf=True, vocabulary=self.terms.split("\n"), dtype=np.float64
            )
            ready.idf_ = self.weights
            self._ready = ready
        matrix = ready.transform(texts)
        matrix.sort_indices()
        return matrix

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in self.__dict__.items() if key != "_ready"}


class Texts:
    """The text columns, read as one text. A missing text is an empty one; texts without any term are a zero.

    A word says much the same in a title and in an abstract. With few labels a model learns it only once, where
    columns of their own would have to be learned apart.

    Parameters
    ----------
    columns : their names, in the order in which they are joined.
    arrays : one of each, equally long.
    """

    def __init__(self, columns: Sequence[str], arrays: Sequence[pa.Array]) -> None:
        texts = joined([array.slice(0, MOST_TEXTS) for array in arrays])
        lengths = [len(text) for text in texts if text]
        letters = sum(lengths)
        blanks = sum(len(text.split()) - 1 for text in texts if text.strip()) / max(letters, 1)
        unparted = blanks < FEW_BLANKS
        short = bool(lengths) and float(np.median(lengths)) < SHORT_TEXT
        kinds = ["word", "signs"] if unparted else ["word", "letters"] if short else ["word"]
        found = [Terms.fit(kind, texts) for kind in kinds]
        if not any(found) and kinds == ["word"]:
            found = [Terms.fit("signs", texts)]
        self.columns = list(columns)
        self.terms = [terms for terms in found if terms is not None]
        # Geometry looks at words only where there are words: a tenth of the cost of all letters.
        kind = "signs" if unparted else "word"
        kinds_found = [terms.kind for terms in self.terms]
        self.main = kinds_found.index(kind) if kind in kinds_found else 0

    @property
    def width(self) -> int:
        return sum(terms.width for terms in self.terms) or 1

    @property
    def span(self) -> tuple[int, int]:
        """Columns, counted from this part's first, that geometry looks at."""
        if not self.terms:
            return 0, 1
        start = sum(terms.width for terms in self.terms[: self.main])
        return start, start + self.terms[self.main].width

    def names(self) -> list[str]:
        head = "+".join(self.columns)
        names = [f"{head}: {term}" for terms in self.terms for term in terms.terms.split("\n")]
        return names or [f"{head}: "]

    def state(self) -> Iterator[bytes]:
        yield repr(self.columns).encode("utf-8", "surrogatepass")
        for terms in self.terms:
            yield from terms.state()

    def matrices(self, arrays: Sequence[pa.Array]) -> list[csr_matrix]:
        from scipy.sparse import csr_matrix

        if not self.terms:
            return [csr_matrix((len(arrays[0]), 1), dtype=np.float64)]
        texts = joined(arrays)
        if not texts:
            return [csr_matrix((0, terms.width), dtype=np.float64) for terms in self.terms]
        return [terms.transform(texts) for terms in self.terms]


def joined(arrays: Sequence[pa.Array]) -> list[str]:
    """The texts of each row, one after the other, with an empty line between.

    >>> import pyarrow
    >>> joined([pyarrow.array(["a", None]), pyarrow.array(["b", "c"])])
    ['a\\n\\nb', 'c']
    """
    if len(arrays) == 1:
        return ["" if text is None else text for text in arrays[0].to_pylist()]
    rows = zip(*(array.to_pylist() for array in arrays), strict=True)
    return ["\n\n".join(text for text in row if text) for row in rows]
