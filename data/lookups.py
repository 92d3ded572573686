"""Brief reads of a SQLite file, which run on the event loop itself.

What a click asks for takes SQLite some 50 µs. To have a thread do it costs ten times as much while
others are busy, and the asyncio driver costs twice as much as the rest even without a thread. So
this is a connection of the plain driver. A reader of the write-ahead log waits for nobody; where
the file is locked all the same, the read is left to a thread.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.pool import NullPool

from data.one_hop import Work, in_a_transaction, in_one_hop
from data.sqlite import RollingBack, set_pragmas

_T = TypeVar("_T")
_PATIENCE: Final = 0  # milliseconds that SQLite waits for others, and everybody with it


class Lookups:
    """One connection for brief reads, opened when it is first needed."""

    def __init__(self, url: URL, **options: Any) -> None:
        # No isolation level: BEGIN is ours, see `_begin`. It is opened in a thread.
        how = {"factory": RollingBack, "isolation_level": None, "check_same_thread": False}
        url = url.set(drivername="sqlite")
        self.engine: Engine = create_engine(url, poolclass=NullPool, connect_args=how, **options)
        event.listen(self.engine, "connect", _prepare)
        event.listen(self.engine, "begin", _begin)
        self._connection: Connection | None = None
        self._opening = asyncio.Lock()

    async def run(self, engine: AsyncEngine, work: Work[_T]) -> _T:
        """Run a transaction that reads a few rows. `engine` is for where the file is locked."""
        connection = self._usable() or await self._opened()
        try:
            return in_a_transaction(connection, work)
        except exc.OperationalError as error:
            if "locked" not in str(error.orig):
                raise
        return await in_one_hop(engine, work)

    def _usable(self) -> Connection | None:
        known = self._connection
        return None if known is None or known.closed or known.invalidated else known

    async def _opened(self) -> Connection:
        async with self._opening:
            connection = self._usable() or await asyncio.to_thread(self.engine.connect)
            self._connection = connection
            return connection

    def close(self) -> None:
        """Close the connection."""
        if self._connection is not None:
            self._connection.close()
        self.engine.dispose()


def _prepare(connection: Any, _record: object) -> None:
    set_pragmas(connection, _PATIENCE)


def _begin(connection: Connection) -> None:
    connection.connection.cursor().execute("BEGIN").close()
