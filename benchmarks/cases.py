"""What is measured: one function a case, each giving rows of the table."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measuring import ALCLI, BARE, OUT, Beside, Failed, Run, Side, beside, environment, median, most, run

PYTHON = sys.executable
CLASSES = ",".join(f"class-{number}" for number in range(10))
TAGS = ",".join(f"class-{number}" for number in range(4))
BATCH = "50"


@dataclass(frozen=True)
class Line:
    """A row of the table.

    Attributes
    ----------
    ratio : alcli over the other; the target is an upper bound of it, None where nothing is promised.
    spread : the smallest and the largest ratio of a pair of runs.
    """

    case: str
    ours: str
    bare: str
    ratio: float | None = None
    spread: tuple[float, float] | None = None
    cpu: float | None = None
    target: float | None = None
    note: str = ""

    @property
    def missed(self) -> bool:
        return self.ratio is not None and self.target is not None and self.ratio > self.target


def compare(name: str, ours: Side, bare: Side, times: int, target: float | None, note: str = "") -> tuple[Line, Beside]:
    """Measure two sides in turn and put them in a row."""
    found = beside(ours, bare, times)
    ratios = found.ratios("wall")
    line = Line(
        case=name,
        ours=_took(found.ours),
        bare=_took(found.bare),
        ratio=found.ratio("wall"),
        spread=(min(ratios), max(ratios)),
        cpu=found.ratio("cpu"),
        target=target,
        note=note,
    )
    return line, found


def _took(runs: Sequence[Run]) -> str:
    return f"{median(runs, 'wall'):.2f} s, {median(runs, 'cpu'):.2f} s CPU, {most(runs, 'memory'):.0f} MB"


def query_1m() -> Iterator[Line]:
    """A query of 50 from 1,000,000 x 64 float32 in Parquet."""
    folder, model = _project_1m()
    for strategy in ("entropy", "margin"):
        ours, bare = _query(folder, strategy), _bare(model, strategy, "peers", _rows_1m())
        line, found = compare(f"1M Parquet, {strategy}", ours, bare, 5, 1.3, "the same libraries imported")
        yield _agreeing(line, found)
    line, _ = compare(
        "1M Parquet, margin",
        _query(folder, "margin"),
        _bare(model, "margin", "least", _rows_1m()),
        3,
        None,
        "the script imports no scikit-learn",
    )
    yield line
    yield _two_jobs(folder)


def _two_jobs(folder: Path) -> Line:
    """Both cores against one, for what `--jobs` is worth."""
    two, one = [], []
    for _ in range(3):
        two.append(_query(folder, "entropy", "--jobs", "2").run(cores=2))
        one.append(_query(folder, "entropy", "--jobs", "1").run(cores=2))
    found = Beside(two, one)
    ratios = found.ratios("wall")
    return Line(
        "1M Parquet, entropy, two jobs on two cores", _took(two), _took(one), found.ratio("wall"),
        (min(ratios), max(ratios)), found.ratio("cpu"), None, "beside `--jobs 1`",
    )  # fmt: skip


def query_10m() -> Iterator[Line]:
    """Peak memory at ten times the rows."""
    folder, _ = _project_1m()
    pool = OUT / "rows-10m"
    try:
        _make("ten_parquet", pool)
        large = OUT / "query-10m"
        _fresh(large)
        first = run([*ALCLI, "init", "../rows-10m/*.parquet", "--classes", CLASSES], large)
        (large / "labels.csv").write_bytes((folder / "labels.csv").read_bytes())
        model = str(folder / "model.joblib")
        many = [_query(large, name, "--model", model).run() for name in ("margin", "entropy")]
        few = [_query(folder, name).run() for name in ("margin", "entropy")]
    finally:
        shutil.rmtree(pool, ignore_errors=True)
    peak, low = most(many, "memory"), most(few, "memory")
    yield Line(
        "peak memory, 10M rows over 1M", f"{peak:.0f} MB at 10M", f"{low:.0f} MB at 1M", peak / low, None, None, 1.2,
        f"margin and entropy; the query took {median(many, 'wall'):.1f} s, {median(many, 'cpu'):.1f} s CPU",
    )  # fmt: skip
    yield Line("peak memory, 10M rows", f"{peak:.0f} MB", "450 MB", peak / 450, None, None, 1.0, "the bound")
    yield Line("`init` of 10M rows in ten files", _took([first]), "–", note="once: every id is checked")


def csv_1m() -> Iterator[Line]:
    """The same rows as CSV."""
    _, model = _project_1m()
    pool = _made("csv", OUT / "rows-1m.csv", str(_rows_1m()))
    folder = OUT / "csv-1m"
    trained = str(OUT / "query-1m" / "model.joblib")
    _fresh(folder)
    cold = run([*ALCLI, "init", "../rows-1m.csv", "--classes", CLASSES], folder)
    bare = Side("pandas", [PYTHON, str(BARE / "query_csv.py"), str(model), "margin", BATCH, str(pool)])
    line, found = compare(
        "1M CSV, margin",
        _query(folder, "margin", "--model", trained),
        bare,
        3,
        1.3,
        "after `init`; beside pandas in chunks",
    )
    yield _agreeing(line, found)
    first = median(found.bare, "wall")
    yield Line(
        "1M CSV, the first command (`init`)", _took([cold]), _took(found.bare), cold.wall / first, None,
        cold.cpu / median(found.bare, "cpu"), None, "once: checks every cell, makes the typed copy",
    )  # fmt: skip
    command = [*ALCLI, "query", "--config", "none", "--pool", str(pool), "--model", trained, "-s", "margin"]
    alone = run([*command, "-n", BATCH, "-o", "-"], folder)
    yield Line(
        "1M CSV, no project (`--config none`)", _took([alone]), _took(found.bare), alone.wall / first, None,
        alone.cpu / median(found.bare, "cpu"), None, "nothing is kept: every command reads strictly",
    )  # fmt: skip


def committee() -> Iterator[Line]:
    """Five members, 1,000,000 rows."""
    folder, _ = _project_1m()
    trained = folder / "committee.joblib"
    if not trained.exists():
        run([*ALCLI, "train", "--committee", "5", "--model", trained.name], folder)
    model = _made("linear", folder / "committee.npz", str(trained))
    for strategy in ("vote_entropy", "mean_kl"):
        ours = _query(folder, strategy, "--model", trained.name)
        line, found = compare(
            f"1M Parquet, committee of 5, {strategy}", ours, _bare(model, strategy, "peers", _rows_1m()), 3, 2.0,
            "beside one bare product X (64 x 50)",
        )  # fmt: skip
        # Votes of five take few values: which of the equal rows are chosen is the tie-break's business.
        yield line if strategy == "vote_entropy" else _agreeing(line, found)


def text() -> Iterator[Line]:
    """100,000 documents from the second round on, beside modAL with the same pipeline."""
    pool, answers = _made("documents", OUT / "documents.parquet"), _made("document_labels", OUT / "documents.csv")
    folder = OUT / "text-100k"
    _fresh(folder)
    run([*ALCLI, "init", "../documents.parquet", "--text", "text", "--classes", TAGS], folder)
    run([*ALCLI, "import-labels", str(answers), "--annotator", "a"], folder)
    run([*ALCLI, "train"], folder)
    cold = _query(folder, "margin").run()
    try:
        library = _modal()
    except Failed as why:
        warm = [_query(folder, "margin").run() for _ in range(3)]
        yield Line("100k documents, margin, second round", _took(warm), "–", note=f"modAL cannot be had: {why}")
        return
    script = [PYTHON, str(BARE / "round_modal.py")]
    kept = [str(OUT / "pipeline.joblib"), str(answers), BATCH, str(pool)]
    run([*script, "fit", *kept], OUT, env=library)
    ours, bare = _query(folder, "margin"), Side("modAL", [*script, "query", *kept], env=library)
    line, found = compare(
        "100k documents, margin, second round", ours, bare, 3, 0.1, "beside modAL with the same pipeline"
    )
    yield line
    other = median(found.bare, "wall")
    yield Line(
        "100k documents, margin, first round", _took([cold]), _took(found.bare), cold.wall / other, None,
        cold.cpu / median(found.bare, "cpu"), None, "makes the text matrix and keeps it",
    )  # fmt: skip


def light() -> Iterator[Line]:
    """Commands that need no model, on a pool of 10,000 rows."""
    _made("small", OUT / "rows-10k.parquet")
    answers = _made("small_labels", OUT / "labels-50.csv")
    folder = OUT / "light"
    _fresh(folder)
    run([*ALCLI, "init", "../rows-10k.parquet", "--classes", CLASSES], folder)
    libraries = Side("imports", [PYTHON, str(BARE / "light.py")])

    def unlabelled() -> None:
        for path in folder.glob("labels.csv*"):
            path.unlink()

    for command, more, before in (
        ("status", (), lambda: None),
        ("import-labels", (str(answers), "--annotator", "a"), unlabelled),
        ("strategies", (), lambda: None),
    ):
        ours = Side(command, [*ALCLI, command, *more], folder, before)
        heavy = _heavy([command, *more], folder, before)
        line, _ = compare(
            f"`alcli {command}`, 10k rows", ours, libraries, 7, 1.5,
            f"beside importing typer and pyarrow.parquet; {heavy}",
        )  # fmt: skip
        yield line
    typer = Side("typer", [PYTHON, str(BARE / "help.py")])
    for words, codes in ((["--help"], (0,)), (["query", "--nonsense"], (2,))):
        line, _ = compare(
            f"`alcli {' '.join(words)}`", Side("help", [*ALCLI, *words], folder, codes=codes), typer, 7, 3.0,
            "beside importing typer",
        )  # fmt: skip
        yield line


def import_1m() -> Iterator[Line]:
    """An import of 1,000,000 answers into a project whose pool is those rows, and the same sheet again."""
    pool, answers = _made("plain_pool", OUT / "plain-1m.csv"), _made("plain_answers", OUT / "answers-1m.csv")
    folder = OUT / "import-1m"
    _fresh(folder)
    run([*ALCLI, "init", "../plain-1m.csv", "--classes", "neg,pos", "--text", "text"], folder)

    def unlabelled() -> None:
        (folder / "labels.csv").unlink(missing_ok=True)

    bare = Side("script", [PYTHON, str(BARE / "import_csv.py"), str(pool), str(answers), str(OUT / "bare-labels.csv")])
    command = [*ALCLI, "import-labels", str(answers), "--annotator", "a"]
    line, _ = compare("1M answers imported", Side("first", command, folder, unlabelled), bare, 3, None)
    yield line
    line, _ = compare("1M answers imported again", Side("again", command, folder), bare, 3, None, "nothing is new")
    yield line


CASES: dict[str, Callable[[], Iterator[Line]]] = {
    "query-1m": query_1m,
    "query-10m": query_10m,
    "csv-1m": csv_1m,
    "committee": committee,
    "text": text,
    "light": light,
    "import-1m": import_1m,
}


def _rows_1m() -> Path:
    return _made("parquet", OUT / "rows-1m.parquet")


def _project_1m() -> tuple[Path, Path]:
    """A project on the million rows with a model of 1,000 labels, and the same model for bare scripts."""
    _rows_1m()
    answers = _made("labels", OUT / "labels-1k.csv")
    folder = OUT / "query-1m"
    if not (folder / "ready").exists():
        _fresh(folder)
        run([*ALCLI, "init", "../rows-1m.parquet", "--classes", CLASSES], folder)
        run([*ALCLI, "import-labels", str(answers), "--annotator", "a"], folder)
        run([*ALCLI, "train"], folder)
        (folder / "ready").touch()
    return folder, _made("linear", folder / "model.npz", str(folder / "model.joblib"))


def _query(folder: Path, strategy: str, *more: str) -> Side:
    """A query as a user types it; each run finds the project as it was before the first."""

    def before() -> None:
        for path in folder.glob("asked.csv*"):
            path.unlink()
        shutil.rmtree(folder / "sheets", ignore_errors=True)

    return Side("alcli", [*ALCLI, "query", "-s", strategy, "-n", BATCH, "--json", *more], folder, before)


def _bare(model: Path, strategy: str, libraries: str, *files: Path) -> Side:
    paths = [str(path) for path in files]
    return Side("bare", [PYTHON, str(BARE / "query_parquet.py"), str(model), strategy, BATCH, libraries, *paths])


def _agreeing(line: Line, found: Beside) -> Line:
    """The row, when both sides chose the same rows but for what float32 mistakes at the edge."""
    import json

    chosen, right = set(json.loads(found.ours[-1].printed)["data"]["ids"]), set(found.bare[-1].printed.split())
    # alcli leaves out the rows that are labelled; the script does not know which these are.
    labelled = {line.split(",")[0] for line in (OUT / "labels-1k.csv").read_text().splitlines()}
    if len(right - labelled - chosen) > 2:
        raise Failed(f"{line.case}: the batches differ in {len(right - labelled - chosen)} rows")
    return line


def _heavy(arguments: Sequence[str], folder: Path, before: Callable[[], None]) -> str:
    """Which heavy libraries a command imports, in words."""
    before()
    code = (
        "import sys; from alcli.cli import entry\n"
        "try: entry()\n"
        "except SystemExit: pass\n"
        "sys.stderr.write(' '.join(m for m in ('pandas', 'sklearn', 'scipy') if m in sys.modules) + '\\n')"
    )
    ran = subprocess.run(
        [PYTHON, "-c", code, *arguments], cwd=folder, env=environment(), capture_output=True, text=True, check=True
    )
    found = ran.stderr.splitlines()[-1]
    return f"imports {found}" if found else "neither pandas nor scikit-learn imported"


def _modal() -> dict[str, str]:
    """The environment in which modAL can be imported. It shares numpy and scikit-learn with alcli.

    Raises
    ------
    Failed
        If it cannot be installed or imported.
    """
    place = OUT / "modal"
    env = {"PYTHONPATH": str(place)}
    if not (place / "modAL").exists():
        pip = [PYTHON, "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
        run([*pip, "--no-deps", "--target", str(place), "modAL-python==0.4.2.1"], OUT)
    run([PYTHON, "-c", "import modAL.models, modAL.uncertainty"], OUT, env=env)
    return env


def _made(what: str, path: Path, *more: str) -> Path:
    if not path.exists():
        _make(what, path, *more)
    return path


def _make(what: str, path: Path, *more: str) -> None:
    """Make a file or folder, whole or not at all."""
    if path.exists():
        return
    part = path.with_name(f"part-{path.name}")
    if part.is_dir():
        shutil.rmtree(part)
    subprocess.run(
        [PYTHON, "-m", "benchmarks.data", what, str(part), *more], cwd=OUT.parent.parent, env=environment(), check=True
    )
    part.rename(path)


def _fresh(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
