"""The number of calls to SQLite's thread, and that no transaction is left open."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiosqlite import Connection
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from data.database import Database, Transaction
from tests.store.faults import listening
from tests.support.kinds import on_sqlite

pytestmark = on_sqlite

ONE = text("SELECT 1")


@contextmanager
def hops(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The functions that run on the thread in the block."""
    gone: list[str] = []
    execute = Connection._execute

    async def counted(self: Connection, function: Any, *args: Any, **rest: Any) -> Any:
        gone.append(function.__name__)
        return await execute(self, function, *args, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(Connection, "_execute", counted)
        yield gone


@pytest.mark.parametrize("kind", ["read", "write"])
async def test_a_transaction_costs_a_hop_for_each_statement_and_one_for_its_end(
    db: Database, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    with hops(monkeypatch) as gone:
        async with getattr(db, kind)() as tx:
            await tx.scalar(ONE)
            await tx.scalar(ONE)
    assert gone == ["in_its_thread", "in_its_thread", "commit"]


@pytest.mark.parametrize("kind", ["in_read", "in_write"])
async def test_a_transaction_that_awaits_nothing_else_costs_one_hop(
    db: Database, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    async def twice(tx: Transaction) -> list[Any]:
        return [await tx.scalar(ONE), await tx.scalar(ONE)]

    with hops(monkeypatch) as gone:
        assert await getattr(db, kind)(twice) == [1, 1]
    assert gone == ["in_its_thread"]


@pytest.mark.parametrize("kind", ["in_read", "in_write"])
async def test_what_awaits_something_else_there_is_refused_and_rolled_back(
    db: Database, kind: str
) -> None:
    async def sleeps(tx: Transaction) -> None:
        await tx.scalar(ONE)
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="may await nothing else"):
        await getattr(db, kind)(sleeps)
    for _ in range(6):  # every connection of the pool is free
        async with db.write() as tx:
            await tx.scalar(ONE)


async def test_what_fails_there_is_rolled_back(db: Database) -> None:
    async with db.write() as tx:
        await tx.execute(text("CREATE TABLE mine (id INTEGER)"))

    async def fail(tx: Transaction) -> None:
        await tx.execute(text("INSERT INTO mine VALUES (1)"))
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await db.in_write(fail)
    async with db.read() as tx:
        assert await tx.rows(text("SELECT id FROM mine")) == []


async def one(tx: Transaction) -> int:
    return await tx.scalar(ONE)


async def test_a_brief_read_costs_no_hop(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    await db.in_lookup(one)  # opens its connection
    with hops(monkeypatch) as gone:
        assert await db.in_lookup(one) == 1
    assert gone == []


async def test_where_the_file_is_locked_a_brief_read_waits_in_a_thread(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await db.in_lookup(one)
    await db.in_read(one)
    tries = 0

    def locked_at_first(*_arguments: Any) -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            raise OperationalError("SELECT 1", None, Exception("database is locked"))

    with hops(monkeypatch) as gone, listening(db, "before_cursor_execute", locked_at_first):
        assert await db.in_lookup(one) == 1
    assert (tries, gone) == (2, ["in_its_thread"])


async def test_other_failures_of_a_brief_read_are_failures(db: Database) -> None:
    async def wrong(tx: Transaction) -> None:
        await tx.scalar(text("SELECT nothing FROM nowhere"))

    with pytest.raises(OperationalError, match="nowhere"):
        await db.in_lookup(wrong)
    assert await db.in_lookup(one) == 1, "the connection goes on"


async def test_a_transaction_without_a_statement_costs_none(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hops(monkeypatch) as gone:
        async with db.write():
            pass
    assert gone == []


async def test_a_new_connection_is_prepared_in_one(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(database_url)
    with hops(monkeypatch) as gone:
        await database.open()
    assert gone.count("in_its_thread") == 2, "its settings, and the first statement"
    async with database.read() as tx:
        assert await tx.scalar(text("PRAGMA secure_delete")) == 1
        assert await tx.scalar(text("PRAGMA journal_mode")) == "wal"
    await database.close()


async def test_the_first_statement_of_a_write_takes_the_lock(db: Database) -> None:
    assert db.path is not None
    other = sqlite3.connect(db.path, timeout=0, isolation_level=None)
    async with db.write() as tx:
        await tx.scalar(ONE)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
    other.execute("BEGIN IMMEDIATE")
    other.close()


async def test_a_failed_lock_leaves_nothing_open(db: Database) -> None:
    assert db.path is not None
    async with db.read() as tx:
        await tx.execute(text("PRAGMA busy_timeout=0"))
    other = sqlite3.connect(db.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError, match="locked"):
        async with db.write() as tx:
            await tx.execute(text("CREATE TABLE mine (id INTEGER)"))
    other.execute("ROLLBACK")
    other.close()
    async with db.write() as tx:
        await tx.execute(text("CREATE TABLE mine (id INTEGER)"))


async def test_what_fails_is_rolled_back_and_leaves_the_connection_clean(db: Database) -> None:
    async with db.write() as tx:
        await tx.execute(text("CREATE TABLE mine (id INTEGER UNIQUE)"))

    async def write_twice(number: int) -> None:
        async with db.write() as tx:
            await tx.execute(text("INSERT INTO mine VALUES (:number)"), {"number": number})
            await tx.execute(text("INSERT INTO mine VALUES (:number)"), {"number": number})

    for number in (1, 2):
        with pytest.raises(IntegrityError):
            await write_twice(number)
    async with db.read() as tx:
        assert await tx.rows(text("SELECT id FROM mine")) == []


@pytest.mark.parametrize("turns", range(1, 9))
async def test_called_off_at_any_moment_nothing_stays_open(db: Database, turns: int) -> None:
    """The next writers, over every connection of the pool, find it free."""
    async with db.write() as tx:
        await tx.execute(text("CREATE TABLE mine (id INTEGER)"))

    async def write() -> None:
        async with db.write() as tx:
            for _ in range(50):
                await tx.execute(text("INSERT INTO mine VALUES (1)"))

    task = asyncio.create_task(write())
    for _ in range(turns * 3):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for number in range(8):
        async with db.write() as tx, db.read() as reading:
            assert await reading.scalar(text("SELECT count(*) FROM mine")) == number
            await tx.execute(text("INSERT INTO mine VALUES (2)"))
