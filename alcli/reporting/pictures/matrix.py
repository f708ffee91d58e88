"""A confusion matrix: the truth in rows, what the model says in columns."""

from __future__ import annotations

from collections.abc import Sequence

from alcli.reporting.palette import color
from alcli.reporting.svg import Drawing, fitted, measure

MOST = 12  # classes that a picture holds
# Shades stay pale enough for the numbers on them to be read, in light and in dark.
DARKEST = 0.55


def matrix(classes: Sequence[str], counts: Sequence[Sequence[int]], width: float) -> Drawing:
    """Counts in cells, shaded by the share of their row: what became of the rows of each true class."""
    left = min(max(measure(name, 12) for name in classes) + 12, width * 0.3) + 18
    size = min((width - left - 4) / len(classes), 92.0)
    turned = size < max(measure(name, 12) for name in classes) + 6
    longest = min(max(measure(name, 12) for name in classes), 110.0)
    top = 26 + (longest + 6 if turned else 18)
    sheet = Drawing(width, top + size * len(classes) + 8)
    middle = left + size * len(classes) / 2
    sheet.text(middle, 14, "the model says", "soft", "middle")
    sheet.text(12, top + size * len(classes) / 2, "the truth is", "soft", "middle", turned=True)
    for at, name in enumerate(classes):
        center = left + size * (at + 0.5)
        if turned:
            sheet.text(center + 4, top - 6, fitted(name, longest, 12), "soft", turned=True)
        else:
            sheet.text(center, top - 7, fitted(name, size - 2, 12), "soft", "middle")
        sheet.text(left - 8, top + size * (at + 0.5) + 4, fitted(name, left - 28, 12), "soft", "end")
    for row, line in enumerate(counts):
        whole = sum(line)
        for column, count in enumerate(line):
            share = count / whole if whole else 0.0
            x, y = left + size * column, top + size * row
            ink = 0 if row == column else 1
            tip = f"{classes[row]} taken for {classes[column]}: {count:,} of {whole:,}"
            sheet.rect(x, y, size, size, "cell rule")
            sheet.rect(
                x + 0.5,
                y + 0.5,
                size - 1,
                size - 1,
                f"fill {color(ink)}",
                tip,
                **{"fill-opacity": f"{DARKEST * share:.3f}"},
            )
            number = f"{count:,}" if count < 10_000 else f"{count / 1000:,.0f}k"
            middle, shared = x + size / 2, bool(count) and size >= 46
            look = "small" if measure(number) > size - 4 else ""
            sheet.text(middle, y + size / 2 + (0 if shared else 4), number, look if count else "soft", "middle")
            if shared:
                sheet.text(middle, y + size / 2 + 15, f"{share:.0%}", "small", "middle")
    return sheet
