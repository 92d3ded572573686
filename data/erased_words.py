"""Words that were taken out of SQLite's full-text index, and are to be nowhere in its file.

FTS5 only notes that a word is gone; the word itself stays until the segments that hold it are
merged. From SQLite 3.42 on it takes words out at once where `secure-delete` is on, and older
versions can't read the file any more then, nor make it readable. So that is undone here for them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import text

from data.database import Database, Transaction

_SINCE: Final = (3, 42)  # SQLite's version
_READABLE: Final = 4  # the version of the format that older ones read
_PAGES: Final = 64  # of 4 KB, merged in one transaction: at most some 20 ms

_MERGE = text("INSERT INTO post_words (post_words, rank) VALUES ('merge', :pages)")
_CHANGES = text("SELECT total_changes()")


def at_once(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this version of SQLite takes words out of the index at once."""
    return version >= _SINCE


def are_kept(db: Database) -> bool:
    """Whether the index keeps words that were taken out, until it is merged. PostgreSQL's does not
    keep them longer than other rows."""
    return db.is_sqlite and not at_once()


async def merge(tx: Transaction, *, begin: bool) -> bool:
    """Merge a part of the index; False where all of it was merged since it was asked to `begin`."""
    before = await tx.scalar(_CHANGES)
    await tx.execute(_MERGE, {"pages": -_PAGES if begin else _PAGES})
    return await tx.scalar(_CHANGES) - before >= 2  # as FTS5 documents it


def prepare(path: Path, version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Have the index of a file work as this version of SQLite can: looks only, where that has not
    changed; else it takes seconds for a large file, which nobody else may use meanwhile."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        if _takes_out_at_once(connection) == at_once(version):
            return
        connection.execute("BEGIN IMMEDIATE")
        if at_once(version):
            _take_out_at_once(connection)
        else:
            _make_readable(connection)
        connection.execute("COMMIT")


def _config(connection: sqlite3.Connection) -> dict[str, int]:
    # From the table below the index: older versions refuse all access to the index itself.
    return dict(connection.execute("SELECT k, v FROM post_words_config"))


def _takes_out_at_once(connection: sqlite3.Connection) -> bool:
    return _config(connection).get("secure-delete") == 1


def _take_out_at_once(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO post_words (post_words, rank) VALUES ('secure-delete', 1)")
    # With it goes what was taken out before.
    connection.execute("INSERT INTO post_words (post_words) VALUES ('optimize')")


def _make_readable(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM post_words_config WHERE k = 'secure-delete'")
    if _config(connection).get("version", _READABLE) > _READABLE:
        connection.execute("UPDATE post_words_config SET v = ? WHERE k = 'version'", (_READABLE,))
        connection.execute("INSERT INTO post_words (post_words) VALUES ('rebuild')")
