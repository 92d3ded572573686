"""SQLite files as a whole: copying one while others write to it, and checking that one is sound."""

from __future__ import annotations

import os
import sqlite3
import sys
import time
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from typing import IO, Final
from urllib.parse import quote

from sqlalchemy import exc

# What is done, how much of it, and how much there is.
Step = Callable[[str, int, int], None]

SKIPPED: Final = 1_000_000
"""Numbers of each table that aren't given out after a restore: more than were lost."""
_MEGABYTE: Final = 1 << 20
_PAGES: Final = 256  # of 4 KB, copied at once: in a millisecond or two
_TURN: Final = 0.05  # seconds at most for which others have the disk after each of them


class FileProblem(Exception):
    """A file that can't be read, written or used: the reason, as a clause."""


def copy_file(source: Path, target: Path, step: Step) -> None:
    """Copy a SQLite file with its write-ahead log, as it is at one moment, into a new file that its
    owner alone can read. Whoever writes to `source` meanwhile isn't held up. Raises `FileProblem`.
    """
    target.unlink(missing_ok=True)
    target.touch(mode=0o600)
    with problems(), closing(reading(source)) as connection, closing(_fresh(target)) as copy:
        # One transaction over all of it: without, each commit of the bot's would begin it anew.
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        with target.open("rb") as file:

            def portion(_status: int, remaining: int, total: int) -> None:
                step("Copying", total - remaining, total)
                put_on_disk(file)

            connection.backup(copy, pages=_PAGES, progress=portion)
            # One file without a log beside it, until somebody writes to it.
            copy.execute("PRAGMA journal_mode=DELETE")
            os.fsync(file.fileno())


def put_on_disk(file: IO[bytes]) -> None:
    """Have what was written into a file on disk now, or the bot's next commit would have to wait
    for all of it; and then let that commit have its turn."""
    began = time.monotonic()
    os.fsync(file.fileno())
    time.sleep(min(time.monotonic() - began, _TURN))


class Gentle:
    """A file that goes to the disk while it is written, a megabyte at a time."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._waiting = 0

    def write(self, content: bytes) -> int:
        """Write some bytes; returns how many."""
        self._waiting += self._file.write(content)
        if self._waiting >= _MEGABYTE:
            self._file.flush()
            put_on_disk(self._file)
            self._waiting = 0
        return len(content)


def version_of(path: Path) -> str:
    """The schema version of a sound SQLite file of Askwell's; the file isn't changed.

    Raises `FileProblem` if it is none, or damaged.
    """
    with problems(), closing(reading(path)) as connection:
        [found] = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise FileProblem(f"it is damaged ({found.splitlines()[-1]})")
        tables = "SELECT count(*) FROM sqlite_master WHERE name IN ('alembic_version', 'guilds')"
        if connection.execute(tables).fetchone() != (2,):
            raise FileProblem("it is not a database of Askwell's")
        version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if version is None:
        raise FileProblem("it is not a database of Askwell's")
    return str(version[0])


def skip_numbers(path: Path) -> None:
    """Have a restored SQLite file, which nobody uses yet, give out higher numbers than it did.

    The buttons on cards in Discord name rows by their numbers. Those of posts that were written
    after the backup would be given out again, and such a card would act on somebody else's post.
    Raises `FileProblem`.
    """
    with problems(), closing(reading(path)) as connection:
        tables = connection.execute(
            "SELECT name, coalesce(seq, 0) FROM sqlite_master"
            " LEFT JOIN sqlite_sequence USING (name)"
            " WHERE type = 'table' AND sql LIKE '%AUTOINCREMENT%'"
        ).fetchall()
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("DELETE FROM sqlite_sequence")
        connection.executemany(
            "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)",
            [(name, last + SKIPPED) for name, last in tables],
        )
        connection.execute("COMMIT")
    settle(path)


def settle(path: Path) -> None:
    """Put the write-ahead log into the file, and have the file on disk. Nobody may use it.

    Raises `FileProblem`.
    """
    with problems(), closing(reading(path)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    flush(path)


def flush(path: Path) -> None:
    """Have a file, or the names in a folder, on disk."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)


def replace(new: Path, path: Path, kept: Path) -> Path | None:
    """Put a SQLite file in place of another, which is kept under the name `kept`, or one like it
    that is free; returns that, or None if there was nothing. At no moment there is neither of them.
    Nobody may use them. Raises `FileProblem`."""
    there = path.exists()
    if there:
        kept = _free(path, kept)
        try:
            settle(path)
        except FileProblem as problem:
            if "locked" in str(problem):  # by a program that is none of ours
                raise
            # Damaged: its log goes with it, and must not be taken for the new file's.
            _move_aside(path, kept, "-wal")
        Path(f"{path}-wal").unlink(missing_ok=True)
        Path(f"{path}-shm").unlink(missing_ok=True)
        if not kept.exists():
            _keep(path, kept)
    new.replace(path)
    flush(path.parent)
    return kept if there else None


def _free(path: Path, name: Path) -> Path:
    """A name that is free to keep a file under, or the one that it has already."""
    for earlier in path.parent.glob(f"{path.name}.replaced-*"):
        if earlier.samefile(path):  # by a command that was killed before it put the new one there
            return earlier
    names = (name if n == 1 else name.with_name(f"{name.name}-{n}") for n in count(1))
    return next(each for each in names if not each.exists())


def _keep(path: Path, kept: Path) -> None:
    try:
        kept.hardlink_to(path)
    except OSError:  # a file system without links
        path.replace(kept)


def _move_aside(path: Path, kept: Path, suffix: str) -> None:
    log = Path(f"{path}{suffix}")
    if log.exists():
        log.replace(f"{kept}{suffix}")


def reading(path: Path) -> sqlite3.Connection:
    # Not made where there is none.
    uri = f"file:{quote(str(path.resolve()))}?mode=rw"
    return sqlite3.connect(uri, uri=True, isolation_level=None)


def _fresh(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=OFF")  # what is not whole is thrown away
    connection.execute("PRAGMA synchronous=OFF")  # `copy_file` does it
    return connection


@contextmanager
def problems() -> Generator[None]:
    """Raise a `FileProblem` for what the system, the database or its driver can't do."""
    try:
        yield
    except OSError as error:
        raise FileProblem(error.strerror or str(error)) from error
    except (sqlite3.Error, exc.DBAPIError, *_of_postgresql()) as error:
        original = getattr(error, "orig", None) or error
        lines = str(original).strip().splitlines() or [type(original).__name__]
        raise FileProblem(lines[0]) from error


def _of_postgresql() -> list[type[Exception]]:
    """The driver's errors, if it is in use."""
    asyncpg = sys.modules.get("asyncpg")
    return [] if asyncpg is None else [asyncpg.PostgresError, asyncpg.InterfaceError]
