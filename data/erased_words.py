"""Purging removed words from the file of SQLite's full-text index.

FTS5 only notes that a word is gone; the word itself stays until its segments are merged. From
SQLite 3.42 on, the option `secure-delete` removes words at once, but older versions can't read the
file any more, nor make it readable. So this module undoes that for them.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import text

from data.database import Database, Transaction

_SINCE: Final = (3, 42)  # SQLite's version
_READABLE: Final = 4  # the version of the format that older versions read
_PAGES: Final = 64  # of 4 KB, merged in one transaction, which takes at most some 20 ms

_MERGE = text("INSERT INTO post_words (post_words, rank) VALUES ('merge', :pages)")
_CHANGES = text("SELECT total_changes()")


def at_once(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> bool:
    """Whether this version of SQLite removes words from the index at once."""
    return version >= _SINCE


def are_kept(db: Database) -> bool:
    """Whether the index keeps removed words until it is merged. PostgreSQL's doesn't keep them
    longer than other rows."""
    return db.is_sqlite and not at_once()


async def merge(tx: Transaction, *, begin: bool) -> bool:
    """Merge a part of the index; False if all of it was merged since the call with `begin`."""
    before = await tx.scalar(_CHANGES)
    await tx.execute(_MERGE, {"pages": -_PAGES if begin else _PAGES})
    return await tx.scalar(_CHANGES) - before >= 2  # as FTS5 documents it


def prepare(path: Path, version: tuple[int, ...] = sqlite3.sqlite_version_info) -> None:
    """Adapt the index of a file to this version of SQLite. If nothing has changed, this only reads;
    else it takes seconds for a large file, which nobody else may use meanwhile."""
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
    # Read from the table behind the index: older versions refuse all access to the index itself.
    return dict(connection.execute("SELECT k, v FROM post_words_config"))


def _takes_out_at_once(connection: sqlite3.Connection) -> bool:
    return _config(connection).get("secure-delete") == 1


def _take_out_at_once(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO post_words (post_words, rank) VALUES ('secure-delete', 1)")
    # This also purges what was removed before.
    connection.execute("INSERT INTO post_words (post_words) VALUES ('optimize')")


def _make_readable(connection: sqlite3.Connection) -> None:
    connection.execute("DELETE FROM post_words_config WHERE k = 'secure-delete'")
    if _config(connection).get("version", _READABLE) > _READABLE:
        connection.execute("UPDATE post_words_config SET v = ? WHERE k = 'version'", (_READABLE,))
        connection.execute("INSERT INTO post_words (post_words) VALUES ('rebuild')")
