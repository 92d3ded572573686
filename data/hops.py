"""One hop to SQLite's thread for each statement, where the driver makes four.

aiosqlite runs everything in a thread of its own: making the cursor, running the statement, fetching
and closing, and each way there and back costs 90 µs, more than most statements take. This cursor
does all four in one, BEGIN goes with the transaction's first statement, and nothing goes to roll
back what has ended. Measured: fifty votes cost 16 hops instead of 42, and looking at what is due
costs 2 instead of 4.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, Self, TypeVar

import aiosqlite

_T = TypeVar("_T")
_KNOWN: Final = "0.22."
if not aiosqlite.__version__.startswith(_KNOWN):
    raise ImportError(
        f"data/hops.py uses private names of aiosqlite {_KNOWN}x, and this is"
        f" {aiosqlite.__version__}: see that `_conn` and `_execute` still do the same"
    )


class Hops:
    """What goes to the thread of one of aiosqlite's connections, in as few hops as can be."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._commit, self._rollback = driver.commit, driver.rollback
        self._begin: str | None = None
        self._is_here = False
        # SQLAlchemy asks the driver's connection for these.
        driver.cursor = partial(OneHopCursor, self)
        driver.commit, driver.rollback = self.commit, self.rollback

    def begin(self, statement: str) -> None:
        """Begin a transaction (`BEGIN`, `BEGIN IMMEDIATE`) in the hop of its first statement."""
        self._begin = statement

    async def run(self, function: Callable[[sqlite3.Connection], None]) -> None:
        """Run a function of SQLite's own connection in its thread."""
        begin, self._begin = self._begin, None

        def in_its_thread() -> None:
            connection = self._driver._conn  # noqa: SLF001 - see below
            if begin is not None:
                connection.execute(begin)
            function(connection)

        if self._is_here:
            in_its_thread()
        else:
            # aiosqlite has no public way to run a function in its thread.
            await self._driver._execute(in_its_thread)  # noqa: SLF001

    async def run_whole(self, work: Awaitable[_T]) -> _T:
        """Run what awaits nothing but this connection in its thread, in one hop.

        Whoever is cancelled meanwhile waits until the thread is done: a connection is used by one
        thread at a time, and what is committed stays committed.
        """

        def in_its_thread() -> _T:
            self._is_here = True
            try:
                return result_of(work)
            finally:
                self._is_here = False

        try:
            return await self._driver._execute(in_its_thread)  # noqa: SLF001 - as above
        except asyncio.CancelledError:
            while not await self._is_done():
                pass
            raise

    async def _is_done(self) -> bool:
        """Whether the thread has done all that it was given before."""
        try:
            await self._driver._execute(lambda: None)  # noqa: SLF001 - as above
        except asyncio.CancelledError:
            return False
        return True

    async def commit(self) -> None:
        """Commit, where a transaction is open."""
        if self._is_open():
            if self._is_here:
                self._driver._conn.commit()  # noqa: SLF001 - as above
            else:
                await self._commit()

    async def rollback(self) -> None:
        """Roll back, where a transaction is open. A pool asks for it of whatever comes back.

        What was cancelled while it ran in the thread never comes here: SQLAlchemy closes it.
        """
        if self._is_open():
            if self._is_here:
                self._driver._conn.rollback()  # noqa: SLF001 - as above
            else:
                await self._rollback()

    def _is_open(self) -> bool:
        self._begin = None
        return self._driver.in_transaction


def result_of(work: Awaitable[_T]) -> _T:
    """Run to its end what never has to wait. RuntimeError where it does."""
    steps = work.__await__()
    try:
        next(steps)
    except StopIteration as end:
        result: _T = end.value
        return result
    steps.close()
    raise RuntimeError("what runs in a connection's thread may await nothing else")


class OneHopCursor:
    """What SQLAlchemy asks of an asyncio driver's cursor. All rows come with the statement."""

    def __init__(self, hops: Hops) -> None:
        self._hops = hops
        self._rows: list[Any] = []
        self.arraysize = 1
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, statement: str, parameters: Any = ()) -> Self:
        """Run a statement and fetch what it returns."""
        return await self._run(lambda cursor: cursor.execute(statement, parameters))

    async def executemany(self, statement: str, parameters: Sequence[Any]) -> Self:
        """Run a statement once for each of the parameters."""
        return await self._run(lambda cursor: cursor.executemany(statement, parameters))

    async def _run(self, run: Callable[[sqlite3.Cursor], object]) -> Self:
        def fetch(connection: sqlite3.Connection) -> None:
            cursor = connection.cursor()
            try:
                run(cursor)
                self._rows = cursor.fetchall() if cursor.description else []
                self.description = cursor.description
                self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
            finally:
                cursor.close()

        await self._hops.run(fetch)
        return self

    async def fetchall(self) -> list[Any]:
        """The rows, which are here already."""
        rows, self._rows = self._rows, []
        return rows

    async def close(self) -> None:
        """SQLite's own cursor is closed already."""
