"""Makes what is measured on. Each thing is made once, in a process of its own: `python -m benchmarks.data WHAT PATH`.

The parent stays small this way: on Linux a child's peak memory is never less than its parent's was.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

WIDTH = 64
CLASSES = 10
GROUP = 65_536  # rows of a row group
ROWS = 1_000_000
LABELLED = 1_000
DOCUMENTS = 100_000
TAGS = 4  # classes of the documents


def parquet(path: Path, rows: int = ROWS, first: int = 0) -> None:
    """Rows of a mixture of 30 Gaussians, three for each class: id and 64 float32 columns.

    Stored plainly: reading is as fast as it can be, which is kind to the bare script.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([("id", pa.string()), *((name, pa.float32()) for name in names())])
    with pq.ParquetWriter(path, schema, use_dictionary=False, compression="none") as out:
        for start, X, _ in _blocks(rows, first):
            ids = pa.array([f"row-{first + start + i:08d}" for i in range(len(X))], pa.string())
            columns = [pa.array(column) for column in X.T.copy()]
            out.write_table(pa.table([ids, *columns], schema=schema), row_group_size=GROUP)


def plain_pool(path: Path) -> None:
    """A CSV of a million short texts."""
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write("id,text\n")
        out.writelines(f"r{at:07d},some text number {at}\n" for at in range(ROWS))


def plain_answers(path: Path) -> None:
    """An answer for each row of `plain_pool`."""
    with path.open("w", encoding="utf-8", newline="") as out:
        out.write("id,label\n")
        out.writelines(f"r{at:07d},{'pos' if at % 3 else 'neg'}\n" for at in range(ROWS))


def ten_parquet(folder: Path) -> None:
    """Ten files of a million rows each."""
    folder.mkdir()
    for number in range(10):
        parquet(folder / f"part-{number}.parquet", ROWS, number * ROWS)


def csv(path: Path, rows: str) -> None:
    """The rows of a Parquet pool as CSV."""
    import pyarrow.csv as pc
    import pyarrow.parquet as pq

    source = pq.ParquetFile(rows, pre_buffer=False)
    with pc.CSVWriter(path, source.schema_arrow, write_options=pc.WriteOptions(quoting_style="none")) as out:
        for group in range(source.num_row_groups):
            out.write_table(source.read_row_group(group))


def labels(path: Path) -> None:
    """Answers for the first thousand rows, as a person's plain table."""
    _, _, classes = next(_blocks(ROWS, 0))
    lines = [f"row-{i:08d},class-{classes[i]}" for i in range(LABELLED)]
    path.write_text("\n".join(["id,label", *lines]) + "\n", encoding="utf-8")


def documents(path: Path) -> None:
    """Documents of 8 to 29 words, drawn by Zipf's law; a few words lean to a class."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    ids = [f"doc-{i:06d}" for i in range(DOCUMENTS)]
    texts = [text for text, _ in _documents()]
    pq.write_table(pa.table({"id": ids, "text": texts}), path, row_group_size=GROUP)


def document_labels(path: Path) -> None:
    """Answers for the first thousand documents."""
    tags = [tag for (_, tag), _ in zip(_documents(), range(LABELLED), strict=False)]
    lines = [f"doc-{i:06d},class-{tag}" for i, tag in enumerate(tags)]
    path.write_text("\n".join(["id,label", *lines]) + "\n", encoding="utf-8")


def small(path: Path) -> None:
    """10,000 rows of the Gaussians."""
    parquet(path, 10_000)


def small_labels(path: Path) -> None:
    """Answers for 50 rows of the small pool."""
    lines = [f"row-{i:08d},class-{i % CLASSES}" for i in range(50)]
    path.write_text("\n".join(["id,label", *lines]) + "\n", encoding="utf-8")


def linear(path: Path, model: str) -> None:
    """The weights of a trained model as plain arrays, the scaling of the columns folded in.

    Bare scripts read these, so that both sides compute the same probabilities.
    """
    import numpy as np

    from alcli.models.bundle import load_bundle

    bundle, _ = load_bundle(Path(model))
    numbers = bundle.maker.numbers
    heads = [bundle.model.head, *bundle.model.heads]
    folded = [head.weights / numbers.scales[:, None] for head in heads]
    bias = [head.bias - (numbers.means / numbers.scales) @ head.weights for head in heads]
    np.savez(
        path,
        columns=np.array(numbers.columns),
        weights=folded[0].astype(np.float32),
        bias=bias[0].astype(np.float32),
        members=np.stack(folded[1:] or folded).astype(np.float32),
        member_bias=np.stack(bias[1:] or bias).astype(np.float32),
    )


def names() -> list[str]:
    return [f"f{number:02d}" for number in range(WIDTH)]


def _blocks(rows: int, first: int) -> Iterator[tuple[int, Any, Any]]:
    """(start, X of shape (n, 64) float32, classes of shape (n,)), one row group at a time."""
    import numpy as np

    centres = np.random.default_rng(7).normal(0, 0.55, (CLASSES * 3, WIDTH)).astype(np.float32)
    rng = np.random.default_rng([11, first])
    for start in range(0, rows, GROUP):
        n = min(GROUP, rows - start)
        which = rng.integers(0, len(centres), n)
        X = rng.standard_normal((n, WIDTH), dtype=np.float32)
        X += centres[which]
        yield start, X, which % CLASSES


def _documents() -> Iterator[tuple[str, int]]:
    import numpy as np

    rng = np.random.default_rng(5)
    syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "ol")]
    words = ["".join(rng.choice(syllables, rng.integers(1, 5))) for _ in range(30_000)]
    for _ in range(DOCUMENTS):
        tag = int(rng.integers(0, TAGS))
        picked = rng.zipf(1.3, int(rng.integers(8, 30))) % len(words)
        leaning = rng.random(len(picked)) < 0.15
        picked[leaning] = picked[leaning] % 40 * TAGS + tag
        yield " ".join(words[at] for at in picked), tag


MAKERS: dict[str, Callable[..., None]] = {
    maker.__name__: maker
    for maker in (
        parquet,
        ten_parquet,
        csv,
        plain_pool,
        plain_answers,
        labels,
        documents,
        document_labels,
        small,
        small_labels,
        linear,
    )
}

if __name__ == "__main__":
    what, target, *more = sys.argv[1:]
    MAKERS[what](Path(target), *more)
