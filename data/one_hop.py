"""Transactions that run as a whole: on SQLite in one hop to a connection's thread, or in none.

A statement of its own hop waits for two threads to hand over Python's lock, which costs more than
most statements do. What runs here awaits nothing but its transaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, exc
from sqlalchemy.engine.cursor import CursorResult
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from data.hops import Hops, result_of

_T = TypeVar("_T")
WRITES, HOPS = "askwell_writes", "askwell_hops"
"""What an execution option and a connection's `info` are called."""


class DirectConnection:
    """A connection with what an `AsyncConnection` does, where nothing has to be waited for."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.dialect = connection.dialect

    async def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement."""
        return self._connection.execute(statement, parameters)

    async def exec_driver_sql(self, statement: str, parameters: Any = None) -> CursorResult[Any]:
        """Run a statement in the driver's own words."""
        return self._connection.exec_driver_sql(statement, parameters)

    async def run_sync(self, function: Callable[[Connection], _T]) -> _T:
        """Run a function of SQLAlchemy's connection."""
        return function(self._connection)


Work = Callable[[DirectConnection], Awaitable[_T]]


def _in_a_transaction(work: Work[_T]) -> Callable[[Connection], _T]:
    def run(connection: Connection) -> _T:
        with connection.begin():
            return result_of(work(DirectConnection(connection)))

    return run


async def in_one_hop(engine: AsyncEngine, work: Work[_T], *, writes: bool = False) -> _T:
    """Run a transaction in the thread of one of the pool's connections, in one hop."""
    connection = await engine.connect()
    try:
        sync = _open(connection)
        if writes:
            sync.execution_options(**{WRITES: True})
        hops: Hops = sync.info[HOPS]
        return await hops.run_whole(connection.run_sync(_in_a_transaction(work)))
    finally:
        await connection.close()  # the transaction has ended, so this waits for nothing


class Lookups:
    """One connection for brief reads, which run on the event loop itself.

    What a click asks for takes SQLite some 50 µs; to have a thread do it costs ten times as much
    while others are busy. A reader of the write-ahead log waits for nobody; where the file is
    locked all the same, the read is left to a thread.
    """

    def __init__(self) -> None:
        self._connection: AsyncConnection | None = None
        self._opening = asyncio.Lock()

    async def run(self, engine: AsyncEngine, work: Work[_T]) -> _T:
        """Run a transaction that reads a few rows."""
        connection = self._connection
        if connection is None or connection.closed or connection.invalidated:
            connection = await self._opened(engine)
        hops: Hops = _open(connection).info[HOPS]
        try:
            return hops.run_here(connection.run_sync(_in_a_transaction(work)))
        except exc.OperationalError as error:
            if "locked" not in str(error.orig):
                raise
        return await in_one_hop(engine, work)

    async def _opened(self, engine: AsyncEngine) -> AsyncConnection:
        async with self._opening:
            known = self._connection
            if known is not None and not known.closed and not known.invalidated:
                return known
            connection = await engine.connect()
            hops: Hops = _open(connection).info[HOPS]
            await hops.run(lambda file: file.execute("PRAGMA busy_timeout=0").close())
            self._connection = connection
            return connection

    async def close(self) -> None:
        """Give the connection back."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()  # its patience is not that of the pool's others
            await connection.close()


def _open(connection: AsyncConnection) -> Connection:
    if connection.sync_connection is None:
        raise RuntimeError("the connection is not open")
    return connection.sync_connection
