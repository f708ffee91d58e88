from __future__ import annotations

import pytest

from alcli.errors import TableError
from alcli.tables.pool import Pool, Request
from alcli.tables.scan import default_jobs, scan
from tests.tables.helpers import put_parquet


def total(pool, unit):
    numbers = (rows.columns["x"].to_pylist() for rows in pool.read(unit, Request(numbers=("x",))))
    return unit.file, sum(sum(part) for part in numbers)


def refuse(pool, unit):
    raise TableError("no", at=pool.files[unit.file].shown, code="test")


@pytest.fixture
def pool(tmp_path):
    for number in range(4):
        put_parquet(tmp_path / f"{number}.parquet", {"id": [f"{number}-{n}" for n in range(9)], "x": [number] * 9})
    return Pool.open(["*.parquet"], base=tmp_path)


@pytest.mark.parametrize(("jobs", "processes"), [(1, False), (3, False), (2, True), (1, True)])
def test_results_come_in_order_and_errors_come_through(pool, jobs, processes):
    assert scan(pool, total, jobs, processes) == [(number, 9 * number) for number in range(4)]
    with pytest.raises(TableError) as caught:
        scan(pool, refuse, jobs, processes)
    assert caught.value.code == "test"


def test_jobs_are_the_cores_this_process_may_use():
    assert default_jobs() >= 1
