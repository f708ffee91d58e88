"""A command reads no setting that it has no flag for: what shapes a result must be in reach of the user."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from alcli import check, evaluate, import_labels, labels, predict, query, status, train
from alcli.settings import TABLE, Settings
from alcli.steps import project as project_of_steps

POOL = "id,text\n" + "".join(f"{n},{'free money' if n % 2 else 'see you'} {n}\n" for n in range(12))
LABELS = "id,label\n" + "".join(f"{n},{'spam' if n % 2 else 'ham'}\n" for n in range(8))
# Read by what all commands share, whether or not they need them; and by `shaping`, which reads all of a command's.
SHARED = {"project_key", "labels", "asked", "metrics", "model", "test", "pool", "encoding", "separator", "id"}


def test_no_command_reads_a_setting_that_it_has_no_flag_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pool.csv").write_text(POOL)
    (tmp_path / "answers.csv").write_text(LABELS)
    (tmp_path / "alcli.toml").write_text('pool = "pool.csv"\nid = "id"\ntext = ["text"]\nclasses = ["ham", "spam"]\n')
    read: dict[str, set[str]] = defaultdict(set)
    plain = Settings.__getattribute__
    command = [""]

    def spying(self: Settings, name: str) -> Any:
        if name in TABLE:
            read[command[0]].add(name)
        return plain(self, name)

    monkeypatch.setattr(Settings, "__getattribute__", spying)
    original = project_of_steps.Project.__init__

    def remembering(self: Any, name: str, *more: Any, **flags: Any) -> None:
        command[0] = name
        original(self, name, *more, **flags)

    monkeypatch.setattr(project_of_steps.Project, "__init__", remembering)
    import_labels(sheets=["answers.csv"])
    train(train_fail_under=["accuracy=0"])
    evaluate(folds=2)
    query(count=2, output="sheet.csv", group_by="text")
    predict(output="p.csv")
    labels(output="l.csv")
    status(labelers=True)
    check()
    assert {"strategy", "count", "aggregate"} <= read["query"]  # the spy sees
    for name, names in read.items():
        strangers = {each for each in names if name not in TABLE[each].commands} - SHARED
        assert not strangers, f"{name} reads {sorted(strangers)}"
