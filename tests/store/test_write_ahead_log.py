"""SQLite's write-ahead log goes into the file beside those who write, whoever has read for long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from data import sqlite
from data.database import Database
from data.models import Guild
from data.types import EPOCH
from tests.support.kinds import on_sqlite

pytestmark = on_sqlite

LARGE = 4 * 2**20 + 2**16  # its own headers are in it, too
_numbers = count(1)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next attempt may follow at once."""
    monkeypatch.setattr(sqlite, "_PAUSE", 0.0)


def size_of_log(db: Database) -> int:
    return Path(f"{db.path}-wal").stat().st_size


def size_of_file(db: Database) -> int:
    assert db.path is not None
    return db.path.stat().st_size


async def write(db: Database, megabytes: int = 1) -> None:
    async with db.write() as tx:
        for _ in range(megabytes):
            row = {"id": next(_numbers), "settings": {"welcome": "x" * 2**20}, "created_at": EPOCH}
            await tx.execute(insert(Guild).values(row))


async def until(
    db: Database, done: Callable[[], bool], also: Callable[[], Awaitable[None]]
) -> None:
    """Go on writing until something is so."""
    async with asyncio.timeout(20):
        while not done():
            await also()
            await asyncio.sleep(0.05)


async def test_much_of_it_goes_into_the_file(db: Database) -> None:
    await write(db, 6)
    assert size_of_log(db) > LARGE
    await until(db, lambda: size_of_file(db) > LARGE, lambda: asyncio.sleep(0))
    await write(db)  # which begins the log anew
    assert size_of_log(db) <= LARGE


async def test_it_goes_there_once_a_reader_is_done(db: Database) -> None:
    before = size_of_file(db)
    async with db.read() as tx:
        await tx.scalar(text("SELECT count(*) FROM guilds"))
        for _ in range(6):
            await write(db, 2)
            await asyncio.sleep(0.05)
        assert size_of_log(db) > 2 * LARGE
        assert size_of_file(db) == before, "what the reader may still need is not overwritten"
    await until(db, lambda: size_of_log(db) <= LARGE, lambda: write(db))


class Line(asyncio.Lock):
    """The line of those who write, with the tasks that stood in it."""

    def __init__(self) -> None:
        super().__init__()
        self.stood: set[str] = set()

    async def acquire(self) -> bool:
        task = asyncio.current_task()
        assert task is not None
        self.stood.add(task.get_name())
        return await super().acquire()


async def test_nobody_waits_for_it_while_a_reader_is_in_the_way(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, tried = Line(), 0
    db._writing = line
    put = sqlite._put_into_file

    def noted(path: Path) -> int:
        nonlocal tried
        tried += 1
        return put(path)

    monkeypatch.setattr(sqlite, "_put_into_file", noted)
    async with db.read() as tx:
        await tx.scalar(text("SELECT count(*) FROM guilds"))
        await write(db, 6)
        await until(db, lambda: tried > 4, lambda: write(db))
    await until(db, lambda: size_of_log(db) <= LARGE, lambda: write(db))
    assert "write-ahead log" not in line.stood


async def test_they_wait_where_there_is_always_more(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    line, more = Line(), count(1)
    db._writing = line
    monkeypatch.setattr(sqlite, "_put_into_file", lambda _path: next(more))
    await write(db, 6)
    await until(db, lambda: "write-ahead log" in line.stood, lambda: asyncio.sleep(0))


async def test_no_commit_does_it(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that would, after a long read, took seconds."""
    monkeypatch.setattr(sqlite, "_put_into_file", lambda _path: 0)
    before = size_of_file(db)
    for _ in range(6):
        await write(db, 2)
    assert size_of_file(db) == before
    assert size_of_log(db) > 2 * LARGE


async def test_a_file_that_can_not_be_opened_is_tried_again(
    db: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(_path: Path) -> None:
        raise sqlite.sqlite3.OperationalError("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(sqlite, "_put_into_file", fails)
        await write(db, 6)
        await until(db, lambda: "disk I/O error" in caplog.text, lambda: asyncio.sleep(0))
    await until(db, lambda: size_of_log(db) <= LARGE, lambda: write(db))
