"""Colours, strokes and marks, and the style that gives them their look in light and dark.

No picture leans on colour alone: every ink has a stroke and a mark of its own besides, and is named in words.
"""

from __future__ import annotations

#: Okabe and Ito's colours, told apart with every kind of colour vision; light and dark scheme.
COLORS = (
    ("#0072b2", "#56b4e9"), ("#d55e00", "#ff8c42"), ("#009e73", "#2fd6a4"), ("#b4568f", "#e6a3c8"),
    ("#8a6d00", "#f0c419"), ("#5b4b9e", "#a99be8"), ("#8c2d04", "#e8a07a"), ("#3f6b1e", "#9fd356"),
)  # fmt: skip
GREY = ("#767676", "#9a9a9a")
#: Strokes of lines beyond the first eight, and of lines that must be told apart without colour.
DASHES = ("", "7 3", "2 3", "9 3 2 3")
LIGHT = "--paper:#ffffff;--ink:#1a1a1a;--soft:#595959;--rule:#e2e2e2;--panel:#f6f6f4"
DARK = "--paper:#16181c;--ink:#ececec;--soft:#a8a8a8;--rule:#34373d;--panel:#1e2126"
INKS = len(COLORS)
#: The ink of what others are compared with, and of what has no name of its own.
PLAIN = -1


def color(ink: int) -> str:
    """The class that gives a shape its ink: ``c0`` … ``c7``, or ``cg`` for grey."""
    return "cg" if ink < 0 else f"c{ink % INKS}"


def dash(ink: int) -> str:
    """The stroke of an ink; inks beyond the palette's repeat its colours with other strokes."""
    return "" if ink < 0 else DASHES[(ink // INKS) % len(DASHES)]


def variables(selector: str) -> str:
    """The colours as CSS variables of `selector`, in both schemes; paper is always light."""
    day = [LIGHT, f"--g:{GREY[0]}", *(f"--c{at}:{day}" for at, (day, _) in enumerate(COLORS))]
    night = [DARK, f"--g:{GREY[1]}", *(f"--c{at}:{night}" for at, (_, night) in enumerate(COLORS))]
    return (
        f"{selector}{{color-scheme:light dark;{';'.join(day)}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{{selector}{{{';'.join(night)}}}}}\n"
    )


def marks() -> str:
    """The style of everything that pictures are made of."""
    inks = "".join(f".c{at}{{--k:var(--c{at})}}" for at in range(INKS))
    return (
        f"{inks}.cg{{--k:var(--g)}}\n"
        "svg text{fill:var(--ink);font:13px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}"
        "svg .soft{fill:var(--soft);font-size:12px}svg .head{font-size:14px;font-weight:600}"
        "svg .name{fill:var(--k)}svg .small{font-size:11px}\n"
        ".paper{fill:var(--paper)}.rule{stroke:var(--rule);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}"
        ".guide{stroke:var(--soft);stroke-width:1;stroke-dasharray:3 3;fill:none}"
        ".line{fill:none;stroke:var(--k);stroke-width:2;stroke-linejoin:round}"
        ".band{fill:var(--k);opacity:.16}.fill{fill:var(--k)}.dot{fill:var(--k);stroke:var(--paper);stroke-width:1}"
        ".open{fill:none;stroke:var(--ink);stroke-width:1.2}.bar{fill:var(--k);opacity:.75}"
        ".whisker{stroke:var(--k);stroke-width:1.5;fill:none}"
        ".dust{stroke:var(--g);stroke-width:2.6;stroke-linecap:round;opacity:.5;fill:none}"
        ".plate{fill:none;stroke:var(--rule)}.cell{fill:none}.cross{stroke:var(--ink);stroke-width:1.6;fill:none}\n"
    )
