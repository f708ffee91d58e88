"""What anybody would write to take in a CSV of answers: every id is looked up in the pool, every label in the classes.

python import_csv.py POOL.csv ANSWERS.csv LABELS.csv
"""

import csv
import sys
from pathlib import Path

pool, answers, out = map(Path, sys.argv[1:])
with pool.open(encoding="utf-8", newline="") as file:
    known = {row[0] for row in csv.reader(file)}
with answers.open(encoding="utf-8", newline="") as file, out.open("w", encoding="utf-8", newline="") as ledger:
    write = csv.writer(ledger, lineterminator="\n").writerow
    write(["id", "label", "annotator", "kind", "comment", "batch", "source", "answered_at", "imported_at"])
    rows = csv.reader(file)
    next(rows)
    for id_, label in rows:
        if id_ not in known or label not in ("neg", "pos"):
            sys.exit(f"{id_}: {label}")
        write([id_, label, "a", "label", "", "", "answers.csv", "", "2026-01-01T00:00:00Z"])
