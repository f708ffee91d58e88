"""Kept text matrices: bit for bit what is made anew, whatever has happened to the folder."""

from __future__ import annotations

import csv
import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from alcli.features import cache as caching
from alcli.features.cache import matrices
from alcli.features.maker import FeatureMaker, request_for
from alcli.tables.pool import Pool

ROLES = {"text": "text", "size": "numeric"}
WORDS = ["win", "cash", "now", "see", "you", "later", "today", "ok"]


@pytest.fixture
def pool(tmp_path: Path) -> Pool:
    rng = np.random.default_rng(0)
    with (tmp_path / "pool.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["id", "text", "size"])
        for i in range(200):
            out.writerow([f"{i:03d}", " ".join(rng.choice(WORDS, 5)) if i % 17 else "", rng.integers(100)])
    return Pool.open([tmp_path / "pool.csv"], cache=tmp_path / "cache")


@pytest.fixture
def maker(pool: Pool) -> FeatureMaker:
    return FeatureMaker.fit(ROLES, pool.sample(100, request_for(ROLES), 0), seed=0)


def read(pool: Pool, maker: FeatureMaker, folder: Path | None, batch: int = 64) -> tuple[list[str], Any]:
    ids: list[str] = []
    parts = []
    for unit in pool.units():
        for rows, X in matrices(pool, unit, maker, folder, batch):
            assert len(rows) == X.shape[0]
            assert set(rows.columns) <= set(maker.request.columns)
            ids += rows.ids.to_pylist()
            parts.append(X.toarray())
    return ids, np.concatenate(parts)


def entries(folder: Path) -> list[Path]:
    return sorted(path.parent for path in folder.rglob("entry.json"))


@pytest.fixture
def text_is_not_read(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    def forbid() -> None:
        def refuse(*_: Any) -> Any:
            raise AssertionError("made again, though it was kept")

        monkeypatch.setattr(FeatureMaker, "transform", refuse)

    return forbid


def test_the_second_round_reads_what_the_first_made(
    pool: Pool, maker: FeatureMaker, tmp_path: Path, text_is_not_read: Callable[[], None]
) -> None:
    folder = tmp_path / "kept"
    plain = read(pool, maker, None)
    first = read(pool, maker, folder)
    text_is_not_read()
    for batch in (64, 7, 1000):
        kept = read(pool, maker, folder, batch)
        assert kept[0] == first[0] == plain[0]
        assert np.array_equal(kept[1], first[1])
        assert np.array_equal(kept[1], plain[1])


def test_deleting_the_cache_changes_nothing(pool: Pool, maker: FeatureMaker, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    first = read(pool, maker, folder)
    shutil.rmtree(folder)
    again = read(pool, maker, folder)
    assert np.array_equal(first[1], again[1])
    assert entries(folder)


def harm(name: str, change: Callable[[bytes], bytes]) -> Callable[[Path], None]:
    def apply(entry: Path) -> None:
        (entry / name).write_bytes(change((entry / name).read_bytes()))

    return apply


HARMS: dict[str, Callable[[Path], None]] = {
    "cut": harm("data.npy", lambda data: data[:-100]),
    "longer": harm("indices.npy", lambda data: data + b"\0" * 4),
    "zeroed": harm("data.npy", lambda data: data[:128] + b"\0" * (len(data) - 128)),
    "one bit": harm("indices.npy", lambda data: data[:300] + bytes([data[300] ^ 4]) + data[301:]),
    "one bit of a row's end": harm("indptr.npy", lambda data: data[:200] + bytes([data[200] ^ 1]) + data[201:]),
    "empty": harm("indptr.npy", lambda data: b""),
    "no header": harm("data.npy", lambda data: b"\0" * len(data)),
    "pickled": harm("data.npy", lambda data: b"\x80\x04]\x94."),
    "no note": lambda entry: (entry / "entry.json").unlink(),
    "a broken note": harm("entry.json", lambda data: data[:5]),
    "a list for a note": harm("entry.json", lambda data: b"[]"),
    "a file gone": lambda entry: (entry / "indices.npy").unlink(),
    "a folder for a file": lambda entry: ((entry / "data.npy").unlink(), (entry / "data.npy").mkdir())[0],
}


@pytest.mark.parametrize("name", HARMS)
def test_a_damaged_entry_is_made_again(
    name: str, pool: Pool, maker: FeatureMaker, tmp_path: Path, text_is_not_read: Callable[[], None]
) -> None:
    folder = tmp_path / "kept"
    first = read(pool, maker, folder)
    [entry] = entries(folder)
    HARMS[name](entry)
    assert np.array_equal(read(pool, maker, folder)[1], first[1])
    text_is_not_read()
    assert np.array_equal(read(pool, maker, folder)[1], first[1])


def test_a_reader_that_stops_early_leaves_no_half_entry(pool: Pool, maker: FeatureMaker, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    some = matrices(pool, pool.units()[0], maker, folder, 50)
    next(some)
    some.close()  # type: ignore[attr-defined]
    assert entries(folder) == []
    assert [path for path in folder.rglob("*") if path.is_file()] == []


def test_a_cache_that_cannot_be_written_is_done_without(
    pool: Pool, maker: FeatureMaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = read(pool, maker, None)
    (tmp_path / "file").write_text("")
    assert np.array_equal(read(pool, maker, tmp_path / "file" / "kept")[1], plain[1])

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(caching._Writer, "add", full)
    assert np.array_equal(read(pool, maker, tmp_path / "kept")[1], plain[1])
    assert not entries(tmp_path / "kept")


def test_two_writers_at_once_leave_one_sound_entry(pool: Pool, maker: FeatureMaker, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    [unit] = pool.units()
    one, two = (matrices(pool, unit, maker, folder, 50) for _ in range(2))
    for _ in zip(one, two, strict=True):
        pass
    list(one), list(two)
    assert len(entries(folder)) == 1
    results: list[Any] = []
    threads = [threading.Thread(target=lambda: results.append(read(pool, maker, folder))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(result[1], results[0][1]) for result in results)
    assert len(results) == 4


def test_numbers_alone_are_not_kept(pool: Pool, tmp_path: Path) -> None:
    roles = {"size": "numeric"}
    maker = FeatureMaker.fit(roles, pool.sample(100, request_for(roles), 0), seed=0)
    batches = [X for unit in pool.units() for _, X in matrices(pool, unit, maker, tmp_path / "kept")]
    assert sum(len(X) for X in batches) == 200
    assert not (tmp_path / "kept").exists()


def test_only_the_makers_used_last_are_kept(pool: Pool, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    for size in range(20, 70, 10):
        maker = FeatureMaker.fit(ROLES, pool.sample(size, request_for(ROLES), 0), seed=0)
        read(pool, maker, folder)
    assert len(entries(folder)) == 3
    assert maker.fingerprint in [entry.parent.name for entry in entries(folder)]


def test_a_changed_file_is_read_again(pool: Pool, maker: FeatureMaker, tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    before = read(pool, maker, folder)[1]
    path = tmp_path / "pool.csv"
    path.write_text(path.read_text().replace("win", "now"))
    changed = Pool.open([path], cache=tmp_path / "cache")
    after = read(changed, maker, folder)[1]
    assert not np.array_equal(before, after)
    assert np.array_equal(after, read(changed, maker, None)[1])
