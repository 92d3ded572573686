"""Open transactions, and ending them before the database is closed.

A transaction cut off by the end of the event loop loses its connection, which the pool logs as an
error with a traceback, and a commit under way would be lost.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any, Final
from weakref import WeakSet

from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import QueuePool

TO_ROLL_BACK: Final = 1.0  # seconds for cancelled tasks
_PAUSE: Final = 0.01  # seconds between two looks at the pool, which has no event for it


class OpenTransactions:
    """The tasks with an open transaction, and those that wait for one."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[object]] = []
        self._files: WeakSet[sqlite3.Connection] = WeakSet()

    def note_connection(self, connection: Any, _record: object) -> None:
        """Note a new connection of SQLAlchemy's to a SQLite file."""
        self._files.add(connection.driver_connection._conn)  # noqa: SLF001 - the driver hides it

    @contextmanager
    def one(self) -> Generator[None]:
        """Mark this task as having an open transaction during the block."""
        if (task := asyncio.current_task()) is None:
            raise RuntimeError("a transaction needs a task")
        self._tasks.append(task)
        try:
            yield
        finally:
            self._tasks.remove(task)

    async def end(self, engine: AsyncEngine, patience: float) -> None:
        """Wait up to that many seconds until all have ended, then cancel the rest and wait a moment
        for their rollbacks. The calling task's own transaction isn't waited for."""
        if await self._ended(engine, patience):
            return
        for task in self._others():
            task.cancel()
        for file in self._files:  # SQLite's thread doesn't notice a cancelled task
            file.interrupt()
        await self._ended(engine, TO_ROLL_BACK)

    def _others(self) -> set[asyncio.Task[object]]:
        return set(self._tasks) - {asyncio.current_task()}

    async def _ended(self, engine: AsyncEngine, seconds: float) -> bool:
        """Whether all have ended within that time and returned their connections: a task that was
        cancelled twice leaves its rollback unfinished."""
        loop = asyncio.get_running_loop()
        end = loop.time() + seconds
        lent = _lent(engine)
        mine = len(self._tasks) - len(self._others())
        while self._others() or lent() > mine:
            if loop.time() >= end:
                return False
            await asyncio.sleep(_PAUSE)
        return True


def _lent(engine: AsyncEngine) -> Callable[[], int]:
    """How many connections the pool has lent."""
    pool = engine.sync_engine.pool
    return pool.checkedout if isinstance(pool, QueuePool) else lambda: 0
