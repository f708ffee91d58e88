"""An id of blanks alone is no id."""

from __future__ import annotations

from pathlib import Path

import pytest

from alcli.errors import TableError
from alcli.tables.pool import Pool


@pytest.mark.parametrize("blank", ["  ", "\t", "\u00a0", '""'])
def test_an_id_of_blanks_is_refused_with_its_row(tmp_path: Path, blank: str) -> None:
    path = tmp_path / "pool.csv"
    path.write_text(f"id,x,y\na,1,2\n{blank},2,3\nb,3,4\n", encoding="utf-8")
    with pytest.raises(TableError) as caught:
        Pool.open([str(path)]).facts()
    assert caught.value.code == "blank-id"
    assert "row 3" in str(caught.value)
