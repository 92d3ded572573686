"""SQLite's connections, and its write-ahead log.

SQLite itself puts the log into the file within the commit after which it has grown to 4 MB. While a
backup reads, it can't, and the log grows by 100 KB a vote; the first commit afterwards then took as
long as all of that takes, which was seconds. So that is done here, in a thread of its own, beside
those who read and write.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection
from sqlalchemy.pool import ConnectionPoolEntry

from data.hops import Hops
from data.one_hop import HOPS, WRITES

_log = logging.getLogger(__name__)
_PATIENCE: Final = 5000  # milliseconds that SQLite waits for others
_MOMENT: Final = 100  # for which nobody can write
_LARGE: Final = 4 * 2**20  # bytes of the log
_PAUSE: Final = 1.0  # seconds until all is attempted again
_ATTEMPTS: Final = 5  # beside those who write
_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",  # an acknowledged post survives a loss of power
    "foreign_keys=ON",
    "cache_size=-8000",
    "temp_store=MEMORY",
    "secure_delete=ON",  # what is erased is overwritten
    "wal_autocheckpoint=0",  # `Log` does it
    f"journal_size_limit={_LARGE}",  # so that its size tells whether there is much in it
)


class Log:
    """The write-ahead log of a file; of none, for other databases.

    What stands in it goes into the file whenever there is much of it, beside those who write: what
    came meanwhile in another attempt, which takes less time, until nothing came. They wait only
    where there is always more: or it would never be all, and the log would grow.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file = None if path is None else Path(f"{path}-wal")
        self._task: asyncio.Task[None] | None = None
        self._not_before = 0.0

    def has_grown(self, writing: asyncio.Lock) -> None:
        """Something was committed. `writing` is the line of those who write."""
        if self._file is None or (self._task is not None and not self._task.done()):
            return
        now = asyncio.get_running_loop().time()
        if now < self._not_before or not _is_large(self._file):
            return
        self._not_before = now + _PAUSE  # a reader may be in the way for a long time
        self._task = asyncio.create_task(self._put_all(writing), name="write-ahead log")

    async def _put_all(self, writing: asyncio.Lock) -> None:
        try:
            before = -1
            for _ in range(_ATTEMPTS):
                there = await self.put_into_file()
                if there == before:  # nothing came meanwhile, or a reader is in the way
                    return
                before = there
            async with writing:
                await self.put_into_file()
        except sqlite3.Error as error:
            _log.warning("SQLite's write-ahead log grows: %s; it is tried again", error)

    async def put_into_file(self) -> int:
        """Put what stands in the log into the file, as far as no reader is in the way; returns how
        many pages of it are there now."""
        return 0 if self._path is None else await asyncio.to_thread(_put_into_file, self._path)

    async def close(self) -> None:
        """Wait for what is under way. Nobody writes any more."""
        if self._task is not None:
            await asyncio.wait({self._task})


def _is_large(file: Path) -> bool:
    try:
        return file.stat().st_size > _LARGE
    except OSError:  # it is not there yet
        return False


def _put_into_file(path: Path) -> int:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        [_, _, there] = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        return int(there)


def keep_private(path: Path) -> None:
    """Make the file, and what SQLite keeps beside it, readable by its owner alone.

    SQLite gives the write-ahead log and its index the mode of the database file.
    """
    path.touch(mode=0o600)
    for each in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        if each.exists() and each.stat().st_mode & 0o077:
            each.chmod(0o600)


class RollingBack(sqlite3.Connection):
    """Rolls back when it is closed, as it is where its task was cancelled amid a transaction.

    SQLite itself would keep a closed connection's locks for as long as Python keeps one of its
    statements, and others would find the database locked meanwhile.
    """

    closed = False

    def close(self) -> None:
        if self.closed:  # as one may be whose task was cancelled more than once
            return
        self.closed = True
        if self.in_transaction:
            self.rollback()
        super().close()


def prepare(connection: Any, record: ConnectionPoolEntry) -> None:
    """Make ready a new connection of SQLAlchemy's."""
    hops = record.info[HOPS] = Hops(connection.driver_connection)

    async def prepare(_driver: Any) -> None:
        await hops.run(set_pragmas)

    connection.run_async(prepare)


def set_pragmas(connection: sqlite3.Connection, patience: int = _PATIENCE) -> None:
    """Set how a connection works. `patience` is in milliseconds."""
    for pragma in (f"busy_timeout={patience}", *_PRAGMAS):
        connection.execute(f"PRAGMA {pragma}")


def empty_log(connection: sqlite3.Connection) -> bool:
    """Put the log into the file and empty it; False where a reader was in the way."""
    connection.execute(f"PRAGMA busy_timeout={_MOMENT}")
    try:
        [busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout={_PATIENCE}")
    return not busy


def begin(connection: Connection) -> None:
    """Begin a transaction."""
    writes = connection.get_execution_options().get(WRITES, False)
    connection.info[HOPS].begin("BEGIN IMMEDIATE" if writes else "BEGIN")
