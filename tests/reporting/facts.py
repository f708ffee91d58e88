"""Facts of made-up campaigns: a plain one, and one with everything that is hard to draw."""

from __future__ import annotations

import math
from dataclasses import replace

from alcli.evaluation.calibration import Bin
from alcli.reporting.facts import (
    Agreement,
    Arm,
    Batch,
    Curve,
    Doubts,
    Facts,
    Foreseen,
    Judgement,
    Labeler,
    Map,
    Row,
    Rule,
    Standing,
    Stopping,
)  # fmt: skip
from alcli.reporting.pictures.lines import Point
from alcli.reporting.pictures.scatter import Spot

HOSTILE = (
    "<script>window.ran = 1</script>",
    "</style><script>window.ran = 2</script>",
    "<img src=x onerror='window.ran = 3'>",
    "]]><svg onload=window.ran=4>",
    "&lt;b&gt; &amp; \"quotes\" 'both'",
    "\u202eright to left \u202c\u0000\u0007\ud800",
    "`backticks` | pipes | `more",
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" * 2,
    "中文類別名稱" * 8,
    "",
)


def curve(metric: str, how: str, values: list[float], better: str = "higher") -> Curve:
    points = tuple(Point(20.0 * (at + 1), value, value - 0.03, value + 0.02) for at, value in enumerate(values))
    return Curve(metric, how, "1000", better, points)


def plain(classes: tuple[str, ...] = ("ham", "spam"), rounds: int = 5) -> Facts:
    """A campaign where everything is known, `rounds` batches of 20 over these classes."""
    count = len(classes)
    values = [0.9 - 0.4 / (at + 1) for at in range(rounds)]
    counts = [dict.fromkeys(classes, (at + 1) * 20 // count) for at in range(rounds)]
    circle = [(math.cos(at) * at / 10, math.sin(at) * at / 20) for at in range(100)]
    table = tuple(tuple(50 if row == column else 3 for column in range(count)) for row in range(count))
    return Facts(
        standing=Standing("pool.csv", 4572, 20 * rounds, 4, 4448, rounds, 2, "logistic, up to date", "", "alcli query"),
        curves=(
            curve("accuracy", "the test file", values),
            curve("accuracy", "5 folds", [each - 0.05 for each in values]),
            curve("log_loss", "the test file", [1 - each for each in values], "lower"),
        ),
        headline="accuracy",
        foreseen=tuple(Point(20.0 * at, 0.5, 0.3, 0.7) for at in range(2, rounds + 1)),
        foreseen_by_arm=tuple(
            Foreseen(at, arm, 10, Point(20.0 * at, 0.5, 0.3, 0.7))
            for at in range(2, rounds + 1) for arm in ("margin", "random")
        ),
        batches=tuple(
            Batch(at + 1, ("margin",), 20, 20, 1, 20 * (at + 1), counts[at], 35.5) for at in range(rounds)
        ),
        classes=classes,
        arms=tuple(Arm(name, 40, 30 - at, 2, {classes[0]: 9}) for at, name in enumerate(("margin", "random"))),
        agreement=Agreement(
            (Labeler("ann", 60, 2, (0.9, 0.8, 0.95, 40), (0.95, 0.7, 1.0, 12), 8.5), Labeler("bob", 50, 0, None, None, None)),
            40, 0.71, 0.7, (("ann", "bob", 40, 0.71),),
        ),
        judgement=Judgement(
            how="Measured on 1,000 rows of the test file",
            caution=("Mind this.",),
            rows=sum(map(sum, table)),
            classes=classes,
            counts=table,
            scores=tuple((0.9, None, 0.8, 53) for _ in classes),
            bins=tuple(Bin(at / 10, at / 10 + 0.1, 100 + at, at / 10 + 0.05, at / 10, at / 10 - 0.1, at / 10 + 0.1) for at in range(5, 10)),
            calibration=(0.1, 0.2),
            mistakes=(Row("r1", "a text", (classes[0], f"{classes[-1]}, 99%")),),
        ),
        map=Map(
            pool=tuple(circle),
            spots=tuple(Spot(x, y, at % (count + 1) - 1, at < 7) for at, (x, y) in enumerate(circle[:40])),
            groups=tuple((name, 9) for name in classes),
            shares=(0.031, 0.028),
            rows=4572,
            spots_in_all=40,
        ),
        doubts=Doubts(1963, 4448, dict.fromkeys(classes, 1 / count), (Row("r2", "a text", (f"{classes[0]}, 51%", f"{classes[-1]}, 49%")),)),
        stopping=Stopping(False, "Not yet.", (Rule("kappa >= 0.99 for 3", "0.91", ">= 0.99", "0 of 3 rounds", False, ""),)),
        settings=(("pool", "pool.csv", "file alcli.toml, line 3"),),
        versions={"alcli": "0.1.0", "python": "3.12"},
        files=(("pool", "pool.csv", "0123456789abcdef"),),
        written="2026-11-22T09:00:00Z",
    )  # fmt: skip


def hostile() -> Facts:
    """Names and texts that mean something to a browser, to XML, to Markdown, and very long ones."""
    facts = plain(HOSTILE, rounds=70)
    judged, doubts = facts.judgement, facts.doubts
    assert isinstance(judged, Judgement) and isinstance(doubts, Doubts)
    rows = tuple(Row(f"{text}{at}", text, (text, text)) for at, text in enumerate(HOSTILE))
    return replace(
        facts,
        standing=replace(facts.standing, pool=HOSTILE[0], model=HOSTILE[1], next=HOSTILE[2]),
        curves=tuple(curve(text, text, [0.5, 0.6]) for text in HOSTILE[:3]),
        headline=HOSTILE[0],
        arms=tuple(Arm(text, 10, 5, 1, {}) for text in HOSTILE),
        foreseen_by_arm=tuple(Foreseen(2, text, 10, Point(40.0, 0.5, 0.3, 0.7)) for text in HOSTILE),
        agreement=Agreement(tuple(Labeler(text, 5, 0, (0.5, 0.2, 0.8, 10), None, None) for text in HOSTILE), 9, None, None, ()),
        judgement=replace(judged, how=HOSTILE[0], caution=HOSTILE, mistakes=rows),
        doubts=replace(doubts, doubtful=rows),
        stopping=HOSTILE[0],
        settings=tuple((text, text, text) for text in HOSTILE),
        files=tuple((text, text, text) for text in HOSTILE),
        versions=dict.fromkeys(HOSTILE, HOSTILE[0]),
    )  # fmt: skip


def small_steps() -> Facts:
    """A campaign whose gains are a few thousandths, so that numbers beside the axis are long."""
    values = [0.9, 0.9125, 0.92, 0.925, 0.9275]
    return replace(plain(), curves=(curve("accuracy", "the test file", values),))


def nothing() -> Facts:
    """A campaign that has just begun."""
    facts = plain()
    why = "there is nothing yet: `alcli query` asks"
    return replace(
        facts, curves=why, headline="", foreseen=(), foreseen_by_arm=(), batches=why, arms=why, agreement=why, judgement=why, map=why,
        doubts=why, stopping=why,
    )  # fmt: skip
