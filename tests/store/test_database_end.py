"""Closing the database waits for commits and ends hanging transactions cleanly."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
import time
from collections.abc import Iterable

import pytest
from sqlalchemy import event, text

from data.database import Database, Transaction
from tests.support.kinds import on_postgresql, on_sqlite

SLOW = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000)"
    " SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


@pytest.fixture
async def notes(db: Database, logged_errors: list[logging.LogRecord]) -> Database:
    """A database with a table to write into. Nothing may be logged as an error."""
    async with db.write() as tx:
        await tx.execute(text("CREATE TABLE notes (said text)"))
    return db


async def note(db: Database, said: str, until: asyncio.Event, begun: asyncio.Event) -> None:
    async with db.write() as tx:
        begun.set()
        await tx.execute(text("INSERT INTO notes (said) VALUES (:said)"), {"said": said})
        await until.wait()


async def said(url: str) -> set[str]:
    """What was committed."""
    db = Database(url)
    await db.open()
    async with db.read() as tx:
        rows = await tx.rows(text("SELECT said FROM notes"))
    await db.close()
    return {row[0] for row in rows}


async def ended(tasks: Iterable[asyncio.Task[None]]) -> list[type[BaseException]]:
    found = await asyncio.gather(*tasks, return_exceptions=True)
    return [type(each) for each in found if each is not None]


async def test_what_has_begun_is_committed(notes: Database, database_url: str) -> None:
    """On SQLite they stand in line."""
    go, begun = asyncio.Event(), asyncio.Event()
    acts = [asyncio.create_task(note(notes, str(n), go, begun)) for n in range(5)]
    await begun.wait()
    closing = asyncio.create_task(notes.close(5))
    await asyncio.sleep(0.1)
    assert not closing.done()
    with pytest.raises(RuntimeError, match="not open"):  # nothing new begins
        async with notes.write():
            pass
    go.set()
    await closing
    assert await ended(acts) == []
    assert await said(database_url) == {"0", "1", "2", "3", "4"}


async def test_what_reads_is_waited_for(notes: Database) -> None:
    go, begun = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        async with notes.read() as tx:
            begun.set()
            await go.wait()
            await tx.scalar(text("SELECT count(*) FROM notes"))

    reading = asyncio.create_task(read())
    await begun.wait()
    closing = asyncio.create_task(notes.close(5))
    await asyncio.sleep(0.05)
    go.set()
    await closing
    assert await ended([reading]) == []


async def test_what_hangs_is_rolled_back(notes: Database, database_url: str) -> None:
    """With those who stand in line behind it."""
    never, begun = asyncio.Event(), asyncio.Event()
    acts = [asyncio.create_task(note(notes, str(n), never, begun)) for n in range(3)]
    await begun.wait()
    began = time.monotonic()
    await notes.close(0.2)
    assert 0.15 < time.monotonic() - began < 3
    assert await ended(acts) == [asyncio.CancelledError] * 3
    assert await said(database_url) == set()


@on_sqlite
async def test_what_hangs_in_one_hop_is_ended(notes: Database) -> None:
    """Its thread doesn't hear of a cancelled task, and the task waits for its thread."""

    async def wait_long(tx: Transaction) -> None:
        await tx.execute(text(SLOW["sqlite"]))

    acts = [notes.in_read(wait_long), notes.in_write(wait_long), notes.in_write(wait_long)]
    hanging = [asyncio.create_task(act) for act in acts]
    await asyncio.sleep(0.2)
    began = time.monotonic()
    await notes.close(0.2)
    assert time.monotonic() - began < 3
    assert await ended(hanging) == [asyncio.CancelledError] * 3


async def test_a_statement_that_hangs_is_ended(notes: Database, database_kind: str) -> None:
    async def wait_long() -> None:
        async with notes.write() as tx:
            await tx.execute(text(SLOW[database_kind]))

    hanging = asyncio.create_task(wait_long())
    await asyncio.sleep(0.2)
    began = time.monotonic()
    await notes.close(0.2)
    assert time.monotonic() - began < 3
    assert await ended([hanging]) == [asyncio.CancelledError]


async def test_an_act_cancelled_twice_leaves_its_rollback_to_be_waited_for(
    notes: Database, database_url: str
) -> None:
    """As when a task is cancelled for the end while it rolls back."""
    never, begun = asyncio.Event(), asyncio.Event()
    act = asyncio.create_task(note(notes, "half", never, begun))
    await begun.wait()
    await asyncio.sleep(0.05)
    for _ in range(3):
        act.cancel()
        await asyncio.sleep(0)
    await notes.close(5)
    assert await ended([act]) == [asyncio.CancelledError]
    assert await said(database_url) == set()


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
async def test_a_file_that_another_process_holds_is_not_waited_for(notes: Database) -> None:
    assert notes.path is not None
    other = sqlite3.connect(notes.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    never, begun = asyncio.Event(), asyncio.Event()
    act = asyncio.create_task(note(notes, "late", never, begun))
    await asyncio.sleep(0.1)
    began = time.monotonic()
    await notes.close(0.2)
    assert time.monotonic() - began < 3
    other.execute("ROLLBACK")
    other.close()
    assert await ended([act]) == [asyncio.CancelledError]


@on_postgresql
async def test_connections_that_the_server_has_closed_are_replaced(db: Database) -> None:
    reads = [asyncio.ensure_future(_pause(db)) for _ in range(5)]  # so that there are several
    await asyncio.gather(*reads)
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    async with db.read() as tx:
        cut = await tx.scalar(text(f"SELECT count(pg_terminate_backend(pid)) {others}"))
    assert cut >= 4
    await asyncio.sleep(0.1)
    for _ in range(8):
        async with db.write() as tx:
            assert await tx.scalar(text("SELECT 1")) == 1


async def test_no_connection_is_opened_for_a_moment_alone(db: Database) -> None:
    opened: list[object] = []
    event.listen(db.engine.sync_engine, "connect", lambda new, _record: opened.append(new))
    for _ in range(2):
        await asyncio.gather(*(_pause(db) for _ in range(25)))
    assert 4 <= len(opened) <= 15  # there was one before


async def _pause(db: Database) -> None:
    async with db.read() as tx:
        await tx.scalar(text("SELECT 1"))
        await asyncio.sleep(0.2)
