"""Transactions that run as a whole: on SQLite in one hop to a connection's thread, or in none
(`data/lookups.py`).

A statement of its own hop waits for two threads to hand over Python's lock, which costs more than
most statements do. What runs here awaits nothing but its transaction.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable
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


def in_a_transaction(connection: Connection, work: Work[_T]) -> _T:
    """Run a transaction right here."""
    with connection.begin():
        return result_of(work(DirectConnection(connection)))


async def in_one_hop(engine: AsyncEngine, work: Work[_T], *, writes: bool = False) -> _T:
    """Run a transaction in the thread of one of the pool's connections, in one hop."""
    connection = await engine.connect()
    try:
        sync = _open(connection)
        if writes:
            sync.execution_options(**{WRITES: True})
        hops: Hops = sync.info[HOPS]
        return await hops.run_whole(connection.run_sync(in_a_transaction, work))
    finally:
        await connection.close()  # the transaction has ended, so this waits for nothing


def _open(connection: AsyncConnection) -> Connection:
    if connection.sync_connection is None:
        raise RuntimeError("the connection is not open")
    return connection.sync_connection
