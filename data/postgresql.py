"""Connections to PostgreSQL, which lock servers' rows together with BEGIN, in one message.

The lock then costs no round trip of its own, and the first statement after it, which sees all that
was committed while the lock was waited for, can read whatever an act needs to know. If the lock
came with that statement, it would not do: PostgreSQL takes a statement's snapshot before it waits,
and only the locked row itself would be as it is after the wait.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from sqlalchemy import exc, text
from sqlalchemy.ext.asyncio import AsyncConnection

if TYPE_CHECKING:
    from data.database import Transaction

# Each statement sees what is committed when it runs.
_BEGIN = ("BEGIN;", "BEGIN ISOLATION LEVEL READ COMMITTED;")


@cache
def locking_connection() -> type[Any]:
    """asyncpg's connection, with a `lock`: a statement that is sent along with the next BEGIN."""
    asyncpg: Any = import_module("asyncpg")  # 2 MB that nobody needs on SQLite
    connection: type[Any] = asyncpg.Connection
    run: Callable[..., Awaitable[str]] = asyncpg.Connection.execute

    class LockingConnection(connection):
        lock = ""

        async def execute(self, query: str, *args: Any, **options: Any) -> str:
            lock, self.lock = self.lock, ""
            if not lock:
                return await run(self, query, *args, **options)
            if query not in _BEGIN:
                raise RuntimeError(f"a lock cannot be taken with {query}")
            try:
                return await run(self, f"{query} {lock}", **options)
            except BaseException:
                # The transaction may have begun, which nobody knows of: the pool opens another.
                self.terminate()
                raise

    return LockingConnection


async def lock_with_begin(connection: AsyncConnection, guild_ids: Collection[int]) -> None:
    """Lock servers' rows, in the order of their ids, until the transaction ends. It happens when
    the next statement runs; at once, where the transaction has begun already."""
    if not guild_ids:
        return
    ids = ", ".join(str(int(guild_id)) for guild_id in guild_ids)  # BEGIN takes no parameters
    lock = f"SELECT id FROM guilds WHERE id IN ({ids}) ORDER BY id FOR UPDATE"  # noqa: S608
    driver: Any = (await connection.get_raw_connection()).driver_connection
    if driver.is_in_transaction():
        await connection.execute(text(lock))
    else:
        driver.lock = lock


async def connections_named(tx: Transaction, name: str) -> int:
    """How many connections to this database have a name."""
    query = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = :name"
    )
    return int(await tx.scalar(query, {"name": name}))


def check_open(connection: Any, _record: object, _proxy: object) -> None:
    """Have the pool replace a connection that PostgreSQL has closed, as when it was restarted.

    The driver hears of it by itself: to ask the server each time would be a round trip for each
    transaction.
    """
    if connection.driver_connection.is_closed():
        raise exc.DisconnectionError
    connection.driver_connection.lock = ""  # of one that was cancelled before its BEGIN
