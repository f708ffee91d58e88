"""`python -m benchmarks.efficiency DATA... --splits FOLDER`: every strategy by protocol B, as Markdown tables."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import pandas as pd

from benchmarks.efficiency.playing import names, play
from benchmarks.efficiency.results import Gains, areas_of, gains, recorded
from benchmarks.efficiency.scoring import scored
from benchmarks.measuring import OUT


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.efficiency", description=__doc__)
    parser.add_argument("data", nargs="+", type=Path, metavar="DATA", help="labelled tables with a column label")
    parser.add_argument("--splits", type=Path, required=True, help="folder with SET.csv of fixed splits for each set")
    parser.add_argument("--peers", type=Path, help="folder of tables: dataset,library,strategy,seed,aubc")
    parser.add_argument("-s", "--strategy", action="append", default=[], help="some strategies in place of all")
    parser.add_argument(
        "--text",
        action="append",
        default=[],
        metavar="SET=COLUMNS",
        help="columns of text of a set, whose rows are scored by their query log (repeatable)",
    )
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="SET=COLUMNS", help="columns that nobody may see"
    )
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--out", type=Path, default=OUT / "efficiency", help="where the campaigns are kept")
    parser.add_argument("--no-play", action="store_true", help="only the tables of what was played before")
    told = parser.parse_args()
    told.out.mkdir(parents=True, exist_ok=True)
    texts, unseen = _columns(told.text), _columns(told.ignore)
    if not told.no_play:
        chosen = told.strategy or names()
        for data in told.data:
            flags = [word for column in texts.get(data.stem, []) for word in ("--text", column)]
            flags += [word for column in unseen.get(data.stem, []) for word in ("--ignore", column)]
            if data.stem in texts:
                flags += ["--log", f"{told.out / data.stem}.log/"]
            play(data, told.out, told.splits, chosen, told.repeats, flags)
    ours = {data.stem: areas for data in told.data if (areas := _areas(data, told.out, told.splits, texts)) is not None}
    areas = pd.concat(ours)
    if told.peers is not None:
        others = recorded(told.peers)
        areas = pd.concat([areas, others[others.index.get_level_values(0).isin(ours)]])
    found = gains(areas)
    tabular, text = [name for name in ours if name not in texts], [name for name in ours if name in texts]
    print(_overall(found, tabular, text), end="\n\n")
    print(_by_set(found, [*tabular, *text]))
    return 0


def _areas(data: Path, out: Path, splits: Path, texts: dict[str, list[str]]) -> pd.Series | None:
    """Areas of what was played on one set: of texts as the protocol's model of words sees them."""
    if data.stem in texts:
        logs = out / f"{data.stem}.log"
        return scored(data, texts[data.stem], splits, logs, out / f"{data.stem}.areas.csv") if logs.exists() else None
    table = out / f"{data.stem}.csv"
    return areas_of(table, "accuracy") if table.exists() else None


def _columns(told: list[str]) -> dict[str, list[str]]:
    """
    >>> _columns(["a=x,y", "b=z"])
    {'a': ['x', 'y'], 'b': ['z']}
    """
    return {name: columns.split(",") for name, _, columns in (text.partition("=") for text in told)}


def _overall(found: Gains, tabular: list[str], text: list[str]) -> str:
    """One line a strategy: gain on each kind of sets, the worst set, the average rank."""
    both = [*tabular, *text]
    ranks = found.ranks(both).sort_values()
    parts = {kind: found.over(sets) for kind, sets in (("tabular", tabular), ("text", text)) if sets}
    worst = found.mean[both].min(axis=1)
    lines = ["| strategy | rank | " + " | ".join(parts) + " | worst | sets |", "| --- " * (len(parts) + 4) + "|"]
    for name in ranks.index:
        cells = [_gain(part.loc[name]) for part in parts.values()]
        played = int(found.mean.loc[name, both].notna().sum())
        lines.append(f"| {name} | {ranks[name]:.1f} | {' | '.join(cells)} | {_signed(worst[name])} | {played} |")
    return "\n".join(lines)


def _by_set(found: Gains, sets: list[str]) -> str:
    """One line a strategy, one column a set; seeds in brackets where they are not those of random."""
    lines = ["| strategy | " + " | ".join(sets) + " |", "| --- " * (len(sets) + 1) + "|"]
    for name in found.mean.index:
        cells = []
        for each in sets:
            seeds, all_seeds = found.seeds.loc[name, each], found.seeds.loc["random", each]
            few = f" ({seeds})" if 0 < seeds < all_seeds else ""
            cells.append(_signed(found.mean.loc[name, each]) + few if seeds else "")
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _gain(row: pd.Series) -> str:
    if not row["sets"]:
        return ""
    spread = "" if pd.isna(row["error"]) else f" ± {row['error']:.3f}".replace("0.", ".")
    return _signed(row["gain"]) + spread


def _signed(value: float) -> str:
    """
    >>> _signed(0.0171), _signed(-0.0004)
    ('+.017', '.000')
    """
    text = f"{abs(value):.3f}".replace("0.", ".", 1)
    return text if text == ".000" else ("+" if value > 0 else "−") + text


if __name__ == "__main__":
    sys.exit(main())
