"""Rows of labels.csv, made quickly."""

from __future__ import annotations

from alcli.tables.ledgers import Answer


def answer(id_: str, label: str, annotator: str = "a", **more: str) -> Answer:
    """One label, imported on a day in 2026."""
    told = {"kind": "label", "comment": "", "batch": "1", "source": "s.csv", "answered_at": ""} | more
    return Answer(id=id_, label=label, annotator=annotator, imported_at="2026-01-01T00:00:00Z", **told)
