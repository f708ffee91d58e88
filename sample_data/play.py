"""The demo: five rounds on real text messages, from no label at all, with the commands a user types.

`make demo` runs it. It plays in the folder demo/ beside this one, which it empties first, and stands
in for two people: the one at the keyboard, and the labeler, who knows sms_answers.csv. Beside it, out
of sight, it plays the same campaign with rows drawn at random, and compares the two at the end.
"""

# ruff: noqa: T201

from __future__ import annotations

import csv
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROUNDS = 5
BATCH = 20
METRIC = "f1_macro"

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parent / "demo"
# Only a folder with this file in it is emptied: somebody may have made a demo/ of their own.
MARK = "made-by-play.py.txt"

# What a user types, from setting up to measuring. {data} is the folder of this file.
INIT = "init {data}/sms_pool.csv --id id --text text --classes ham,spam --test {data}/sms_test.csv"
ROUND = (
    "query -n {batch} -o {sheet}",
    "import-labels {sheet} --annotator demo",
    "train",
    "evaluate",
)


# Set when the shown campaign is over, so that the quiet one ends with its command of the moment if it failed.
OVER = threading.Event()


class Stopped(Exception):
    """The demo cannot go on; the message says why."""


def main() -> int:
    started = time.monotonic()
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # messages hold characters that not every terminal has
    try:
        command = find_alcli()
        answers = read_answers()
        prepare(FOLDER)
        say(
            "Is this text message spam? 4,572 messages without a label, and a labeler who",
            f"answers {BATCH} at a time. alcli picks which. After a $ stands what you would type.",
            "Beside it a second project gets as many labels, of rows drawn at random.",
        )
        with ThreadPoolExecutor(1) as aside:
            quiet = aside.submit(play, command, FOLDER / "random", answers, strategy="random")
            try:
                play(command, FOLDER, answers)
                run(command, FOLDER, "status")
                run(command, FOLDER, "report")
                quiet.result()
            finally:
                OVER.set()
        compare(read_curve(FOLDER), read_curve(FOLDER / "random"))
    except Stopped as stop:
        print(f"\nthe demo stopped: {stop}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nthe demo was interrupted", file=sys.stderr)
        return 130
    print(f"\nThe campaign in pictures: {FOLDER / 'report.html'} (open it in a browser)")
    print(f"Played in {time.monotonic() - started:.0f} seconds. Look around in demo/, or play on: `cd demo`.")
    return 0


def find_alcli() -> str:
    """The alcli of the Python that runs this, and no other one on the PATH."""
    found = shutil.which("alcli", path=str(Path(sys.executable).parent))
    if found is None:
        raise Stopped(f"alcli is not installed for {sys.executable}; run `make demo`")
    return found


def prepare(folder: Path) -> None:
    """Make the folder, or empty it when it is the demo's own."""
    if folder.exists():
        if any(folder.iterdir()) and not (folder / MARK).exists():
            raise Stopped(f"{folder} is not the demo's own folder; move it away first")
        shutil.rmtree(folder)
    folder.mkdir()
    (folder / MARK).write_text("`make demo` empties this folder whenever it starts.\n", encoding="utf-8")


def play(command: str, folder: Path, answers: dict[str, str], strategy: str | None = None) -> None:
    """One campaign: `ROUNDS` rounds, shown when alcli picks by itself, quiet with a named strategy."""
    shown = strategy is None
    folder.mkdir(exist_ok=True)
    data = Path(os.path.relpath(HERE, folder)).as_posix()
    run(command, folder, INIT.format(data=data), shown)
    for number in range(1, ROUNDS + 1):
        if shown:
            print(f"\n{f' Round {number} ':-^79}")
        sheet = f"sheets/{number:04}.csv"
        for line in ROUND:
            words = line.format(batch=BATCH, sheet=sheet)
            if strategy and line.startswith("query"):
                words += f" --strategy {strategy}"
            run(command, folder, words, shown)
            if line.startswith("query"):
                label(folder / sheet, answers, shown)


def run(command: str, folder: Path, words: str, shown: bool = True) -> None:
    """Run one command in `folder`; its words appear below it, or only if it fails when not shown."""
    typed = f"alcli {words}"
    if OVER.is_set():
        raise Stopped("the campaign that it is compared with has failed")
    # Settings of the person who runs the demo must not change it.
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ALCLI_")}
    clean.setdefault("COLUMNS", "80")
    if shown:
        print(f"\n$ {on_lines(typed)}", flush=True)
    done = subprocess.run(
        [command, *shlex.split(words)],
        cwd=folder,
        env=clean,
        stdin=subprocess.DEVNULL,
        stdout=None if shown else subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode:
        if not shown:
            sys.stderr.write(done.stdout.decode("utf-8", "replace"))
        raise Stopped(f"`{typed}` ended with {done.returncode} in {folder}")


def on_lines(typed: str) -> str:
    """A long command as a shell takes it on several lines, broken before its options."""
    lines: list[str] = []
    for part in re.split(" (?=-)", typed):
        if lines and len(lines[-1]) + len(part) < 74:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
    return " \\\n      ".join(lines)


def read_answers() -> dict[str, str]:
    with (HERE / "sms_answers.csv").open(newline="", encoding="utf-8") as file:
        return {row["id"]: row["label"] for row in csv.DictReader(file)}


def label(path: Path, answers: dict[str, str], shown: bool) -> None:
    """Fill in the sheet as a labeler would: read each message, type `ham` or `spam`, save."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            columns, rows = list(reader.fieldnames or ()), list(reader)
    except FileNotFoundError:
        raise Stopped(f"no sheet was written to {path}") from None
    if shown:
        print(f"\n# The labeler opens {path.relative_to(FOLDER)}, answers its {len(rows)} rows, saves:")
    for position, row in enumerate(rows):
        row["label"] = answers[row["id"]]
        if shown and position < 4:
            text = " ".join(row["text"].split())
            print(f"#   {row['label']:4}  {text if len(text) <= 68 else text[:67] + '…'}")
    if shown and len(rows) > 4:
        print(f"#   and {len(rows) - 4} more")
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def read_curve(folder: Path) -> list[tuple[int, float, str]]:
    """Labels, value and interval of each round, from the ledger that `evaluate` writes."""
    with (folder / "metrics.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["metric"] == METRIC]
    if len(rows) != ROUNDS:
        raise Stopped(f"{folder / 'metrics.csv'} has {len(rows)} measurements of {METRIC}, not {ROUNDS}")
    return [
        (
            int(row["labels"]),
            float(row["value"]),
            f"{float(row['low']):.2f} to {float(row['high']):.2f}" if row["low"] else "",
        )
        for row in rows
    ]


def compare(ours: list[tuple[int, float, str]], random: list[tuple[int, float, str]]) -> None:
    """Table, chart and verdict."""
    print(f"\n{' What the labels bought ':-^79}\n")
    print("Macro F1 on the 1,000 test messages, with 95% intervals\n")
    print(f"{'labels':>8}   {'alcli picks':<24}{'at random':<24}{'difference':>10}")
    for (labels, mine, my_range), (_, theirs, their_range) in zip(ours, random, strict=True):
        one, other = f"{mine:.3f}  {my_range}", f"{theirs:.3f}  {their_range}"
        print(f"{labels:>8}   {one:<24}{other:<24}{mine - theirs:>+10.3f}")
    print()
    print("\n".join(chart(ours, random)))
    (final, mine, _), (_, theirs, _) = ours[-1], random[-1]
    print()
    if mine <= theirs:
        print(f"Here random rows did as well: {theirs:.3f} against {mine:.3f} after {final} labels.")
        return
    print(f"After {final} labels: {mine:.3f} with rows that alcli picks, {theirs:.3f} with random ones.")
    # A curve that dips again has not passed yet.
    ahead = [labels for position, (labels, _, _) in enumerate(ours) if all(v > theirs for _, v, _ in ours[position:])]
    if ahead[0] < final:
        print(f"From {ahead[0]} labels on, alcli's rows did better than {final} random ones.")
    print("One data set and one seed prove little, but they show what to look for in your own.")


def chart(ours: list[tuple[int, float, str]], random: list[tuple[int, float, str]]) -> list[str]:
    """Both learning curves in characters, 13 lines high and less than 80 columns wide."""
    values = [value for _, value, _ in (*ours, *random)]
    low, high = int(min(values) * 20) / 20, 1.0
    lines, step = 10, 13
    grid = [[" "] * (step * len(ours)) for _ in range(lines + 1)]
    for mark, curve in (("x", random), ("o", ours)):
        for position, (_, value, _) in enumerate(curve):
            row = round((high - value) / (high - low) * lines) if high > low else 0
            column = position * step + step // 2
            grid[row][column] = "*" if grid[row][column] == "x" else mark
    drawn = [f"{high - (high - low) * row / lines:5.2f} |{''.join(cells)}".rstrip() for row, cells in enumerate(grid)]
    axis = "".join(f"{labels:^{step}}" for labels, _, _ in ours)
    return [
        *drawn,
        f"      +{'-' * step * len(ours)}",
        f"       {axis}".rstrip(),
        "       labels; o alcli picks, x at random, * both",
    ]


def say(*lines: str) -> None:
    print()
    print("\n".join(f"# {line}" for line in lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())
