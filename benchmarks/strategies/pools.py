"""What is measured on: the first rows of the million that `make bench` uses, as files for all sides.

    python -m benchmarks.strategies.pools ROWS FOLDER            the pool
    python -m benchmarks.strategies.pools ROWS FILE sequence     predictions of another system; or regions

Makes rows.parquet for alcli, X.npy and y.npy for the libraries, from benchmarks/out/rows-1m.parquet and
labels-1k.csv. Beside them alcli makes a project with 1,000 labels, a model and a committee of five; the
libraries are given the model's weights.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.measuring import ALCLI, OUT, environment, run

ROWS = OUT / "rows-1m.parquet"
LABELS = OUT / "labels-1k.csv"
CLASSES = [f"class-{number}" for number in range(10)]
ROOT = OUT.parent.parent
WARM = 1_200  # rows of the project on which a query is played before it is timed


def folder_of(rows: int) -> Path:
    return OUT / "strategies" / str(rows)


def made(rows: int) -> Path:
    """The folder with all files of a pool of this many rows, made when it is not there.

    `project` in it is a template: queries are played on copies beside it.
    """
    folder = folder_of(rows)
    if (folder / "ready").exists():
        return folder
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for what, path in (("parquet", ROWS), ("labels", LABELS)):
        if not path.exists():
            part = path.with_name(f"part-{path.name}")
            _python("benchmarks.data", what, str(part))
            part.rename(path)
    _python("benchmarks.strategies.pools", str(rows), str(folder))
    answers = LABELS.read_text(encoding="utf-8")
    _project(folder / "project", CLASSES, answers)
    _python("benchmarks.data", "linear", str(folder / "weights.npz"), str(folder / "project" / "committee.joblib"))
    (folder / "ready").touch()
    return folder


def two_classes(rows: int) -> Path:
    """A second project on the same pool for strategies that know two classes only: even and odd."""
    folder = made(rows) / "project-two"
    if not (folder / "committee.joblib").exists():
        lines = LABELS.read_text(encoding="utf-8").splitlines()
        halves = [f"{line[:-1]}{int(line[-1]) % 2}" for line in lines[1:]]
        _project(folder, CLASSES[:2], "\n".join([lines[0], *halves]) + "\n")
    return folder


def brought(signal: str, rows: int) -> Path:
    """A file of predictions as another system writes it: log-probabilities of tokens, or scores of regions."""
    path = made(rows) / f"{signal}.parquet"
    if not path.exists():
        part = path.with_name(f"part-{path.name}")
        _python("benchmarks.strategies.pools", str(rows), str(part), signal)
        part.rename(path)
    return path


def _project(folder: Path, classes: list[str], answers: str) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    given = folder / "answers.csv"
    given.write_text(answers, encoding="utf-8")
    run([*ALCLI, "init", "../rows.parquet", "--classes", ",".join(classes)], folder)
    run([*ALCLI, "import-labels", given.name, "--annotator", "a"], folder)
    run([*ALCLI, "train"], folder)
    run([*ALCLI, "train", "--committee", "5", "--model", "committee.joblib"], folder)


def _python(module: str, *more: str) -> None:
    subprocess.run([sys.executable, "-m", module, *more], cwd=ROOT, env=environment(), check=True)


def slice_of_million(rows: int, folder: Path) -> None:
    """Write rows.parquet, X.npy and y.npy of the first `rows` rows.

    Raises
    ------
    SystemExit
        If there are not that many.
    """
    import numpy as np
    import pyarrow.parquet as pq

    source = pq.ParquetFile(ROWS, pre_buffer=False)
    if not 1_000 < rows <= source.metadata.num_rows:
        raise SystemExit(f"{rows:,} rows: not between 1,001 and {source.metadata.num_rows:,}")
    names = [name for name in source.schema_arrow.names if name != "id"]
    X = np.empty((rows, len(names)), np.float32)
    done = 0
    with pq.ParquetWriter(
        folder / "rows.parquet", source.schema_arrow, use_dictionary=False, compression="none"
    ) as out:
        for group in range(source.num_row_groups):
            table = source.read_row_group(group)[: rows - done]
            out.write_table(table, row_group_size=len(table))
            for at, name in enumerate(names):
                X[done : done + len(table), at] = table.column(name).to_numpy()
            done += len(table)
            if done == rows:
                break
    np.save(folder / "X.npy", X)
    answers = [line.split(",") for line in LABELS.read_text(encoding="utf-8").splitlines()[1:]]
    if [name for name, _ in answers] != [f"row-{i:08d}" for i in range(len(answers))]:
        raise SystemExit(f"{LABELS} does not hold the answers of the first rows")
    np.save(folder / "y.npy", np.array([int(label.rpartition("-")[2]) for _, label in answers]))


def lists(rows: int, path: Path, signal: str) -> None:
    """Write eight tokens a row, or six regions."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng, each = np.random.default_rng(3), 8 if signal == "sequence" else 6

    def column(values: Any) -> Any:
        ends = np.arange(0, rows * each + 1, each, dtype=np.int32)
        return pa.ListArray.from_arrays(pa.array(ends), pa.array(values.astype(np.float32)))

    columns = {"id": [f"row-{i:08d}" for i in range(rows)]}
    if signal == "sequence":
        columns["token_logprobs"] = column(-rng.exponential(0.5, rows * each))
        columns["token_entropies"] = column(rng.exponential(0.5, rows * each))
    else:
        columns["region_scores"] = column(rng.random(rows * each))
    pq.write_table(pa.table(columns), path, row_group_size=65_536)


if __name__ == "__main__":
    number, target, *kind = sys.argv[1:]
    if kind:
        lists(int(number), Path(target), kind[0])
    else:
        slice_of_million(int(number), Path(target))
