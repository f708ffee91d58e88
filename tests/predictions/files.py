"""Files as other systems write them, and what is read of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from alcli.predictions.brought import Predictions, Vectors, open_embeddings, open_predictions
from alcli.predictions.brought import read_embeddings as _read_embeddings
from alcli.predictions.brought import read_predictions as _read_predictions
from alcli.tables.arrays import strings
from alcli.tables.rows import Rows

CLASSES = ("ham", "spam")


def jsonl(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def table(path: Path, records: Sequence[Mapping[str, Any]]) -> Path:
    """CSV, with lists as JSON in their cells."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(records[0])
        for record in records:
            writer.writerow([json.dumps(cell) if isinstance(cell, list) else cell for cell in record.values()])
    return path


def parquet(path: Path, records: Sequence[Mapping[str, Any]], **more: Any) -> Path:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.Table.from_pylist([dict(record) for record in records]), path, **more)
    return path


WRITERS = {"csv": table, "jsonl": jsonl, "parquet": parquet}


def predictions(path: Path, classes: Sequence[str] = CLASSES, **more: Any) -> Predictions:
    """A predictions file, read without a cache."""
    given = {"id_column": "id", "closed": True, "ignored": (), "cache": None, **more}
    cache = given.pop("cache")
    return _read_predictions(*open_predictions(path, path.name, classes=classes, **given), cache)


def embeddings(path: Path, **more: Any) -> Vectors:
    given = {"id_column": "id", "ignored": (), "cache": None, **more}
    cache = given.pop("cache")
    return _read_embeddings(*open_embeddings(path, path.name, **given), cache)


def rows(*ids: str, scanned: bool = False) -> Rows:
    """Rows asked for by name, or as they come out of a pool that is scanned."""
    return Rows(strings(list(ids)), file=0 if scanned else -1)
