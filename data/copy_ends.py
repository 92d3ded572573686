"""The two ends of a copy: tables of a SQLite file and of PostgreSQL, as rows of plain values.

Both give and take the same values for a row: numbers, text, bytes, truth values, and JSON as the
text it is stored as. SQLAlchemy's own reading and writing takes five times as long.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final, Protocol

from sqlalchemy import JSON, Boolean, LargeBinary, String, Table

from data.database import Database

Row = tuple[Any, ...]

_ROWS: Final = 1000  # at once
_PIECES: Final = 16  # of files, of at most some 256 KB


def rows_at_once(table: Table) -> int:
    """How many rows of a table are held in memory at once."""
    heavy = any(isinstance(column.type, LargeBinary) for column in table.columns)
    return _PIECES if heavy else _ROWS


def own_number(table: Table) -> str | None:
    """The column whose values the database gives out itself, and never twice."""
    column = table.autoincrement_column
    return None if column is None else column.name


class End(Protocol):
    """A database that is copied from or into."""

    async def count(self, table: Table) -> int:
        """How many rows a table has."""
        ...

    def rows(self, table: Table, where: str = "") -> AsyncGenerator[list[Row]]:
        """The rows in the order of their keys, some at once. `where` is SQL of ours."""
        ...

    async def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows in one transaction."""
        ...

    async def point(self, table: Table, column: str, targets: Sequence[tuple[int, int]]) -> None:
        """Set a column of rows: their ids, and what they point at."""
        ...

    async def last_given(self, table: Table) -> int:
        """The highest number that was ever given out for a row."""
        ...

    async def give_from(self, table: Table, last: int) -> None:
        """Give out numbers from the next one on."""
        ...


def _named(names: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns]


class SqliteEnd:
    """A SQLite file. Nothing else is done meanwhile, so its calls don't leave the thread."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def count(self, table: Table) -> int:
        sql = f'SELECT count(*) FROM "{table.name}"'  # noqa: S608 - a name of ours
        return int(self._connection.execute(sql).fetchone()[0])

    async def rows(self, table: Table, where: str = "") -> AsyncGenerator[list[Row]]:
        key = _named([column.name for column in table.primary_key])
        wanted = f" WHERE {where}" if where else ""
        sql = f'SELECT {_named(_columns(table))} FROM "{table.name}"{wanted} ORDER BY {key}'  # noqa: S608
        truths = [n for n, c in enumerate(table.columns) if isinstance(c.type, Boolean)]
        cursor = self._connection.execute(sql)
        while rows := cursor.fetchmany(rows_at_once(table)):
            await asyncio.sleep(0)  # where Ctrl-C can end it
            yield [_with_truths(row, truths) for row in rows] if truths else rows

    async def insert(self, table: Table, rows: Sequence[Row]) -> None:
        places = ", ".join("?" * len(table.columns))
        names = _named(_columns(table))
        sql = f'INSERT INTO "{table.name}" ({names}) VALUES ({places})'  # noqa: S608
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(sql, rows)

    async def point(self, table: Table, column: str, targets: Sequence[tuple[int, int]]) -> None:
        sql = f'UPDATE "{table.name}" SET "{column}" = ? WHERE id = ?'  # noqa: S608
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(sql, [(target, row) for row, target in targets])

    async def last_given(self, table: Table) -> int:
        sql = "SELECT seq FROM sqlite_sequence WHERE name = ?"
        found = self._connection.execute(sql, (table.name,)).fetchone()
        return 0 if found is None else int(found[0])

    async def give_from(self, table: Table, last: int) -> None:
        with self._connection:
            self._connection.execute("BEGIN IMMEDIATE")
            delete = "DELETE FROM sqlite_sequence WHERE name = ?"
            self._connection.execute(delete, (table.name,))
            insert = "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)"
            self._connection.execute(insert, (table.name, last))


def _with_truths(row: Row, places: Sequence[int]) -> Row:
    values = list(row)
    for place in places:
        if values[place] is not None:
            values[place] = bool(values[place])
    return tuple(values)


class PostgresEnd:
    """A PostgreSQL database, through a connection of its driver, asyncpg."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def count(self, table: Table) -> int:
        sql = f'SELECT count(*) FROM "{table.name}"'  # noqa: S608 - a name of ours
        return int(await self._connection.fetchval(sql))

    async def rows(self, table: Table, where: str = "") -> AsyncGenerator[list[Row]]:
        # In the order of bytes, as SQLite has it, whatever the language of the database is.
        key = ", ".join(
            f'"{column.name}"' + (' COLLATE "C"' if isinstance(column.type, String) else "")
            for column in table.primary_key
        )
        # JSON as it was written: SQLAlchemy has the driver read it.
        values = ", ".join(
            f'"{column.name}"' + ("::text" if isinstance(column.type, JSON) else "")
            for column in table.columns
        )
        wanted = f" WHERE {where}" if where else ""
        sql = f'SELECT {values} FROM "{table.name}"{wanted} ORDER BY {key}'  # noqa: S608
        async with AsyncExitStack() as stack:
            if not self._connection.is_in_transaction():
                await stack.enter_async_context(self._connection.transaction())
            cursor = await self._connection.cursor(sql)
            while found := await cursor.fetch(rows_at_once(table)):
                yield [tuple(record) for record in found]

    async def insert(self, table: Table, rows: Sequence[Row]) -> None:
        await self._connection.copy_records_to_table(
            table.name, records=rows, columns=_columns(table)
        )

    async def point(self, table: Table, column: str, targets: Sequence[tuple[int, int]]) -> None:
        sql = f'UPDATE "{table.name}" SET "{column}" = $2 WHERE id = $1'  # noqa: S608
        await self._connection.executemany(sql, targets)

    async def last_given(self, table: Table) -> int:
        sequence = await self._sequence(table)
        sql = f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}"  # noqa: S608
        return int(await self._connection.fetchval(sql))

    async def give_from(self, table: Table, last: int) -> None:
        sequence = await self._sequence(table)
        sql = "SELECT setval($1::text::regclass, greatest($2, 1), $2 > 0)"
        await self._connection.fetchval(sql, sequence, last)

    async def _sequence(self, table: Table) -> str:
        sql = "SELECT pg_get_serial_sequence($1, $2)"
        return str(await self._connection.fetchval(sql, table.name, own_number(table)))


@asynccontextmanager
async def reading(db: Database) -> AsyncGenerator[End]:
    """All that a database has at one moment."""
    if db.is_sqlite:
        with _sqlite(db.path) as connection:
            connection.execute("BEGIN")
            yield SqliteEnd(connection)
        return
    async with db.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        async with driver.transaction(isolation="repeatable_read", readonly=True):
            yield PostgresEnd(driver)


@asynccontextmanager
async def filling(db: Database) -> AsyncGenerator[End]:
    """A database that nobody else uses, to copy into. On SQLite, references aren't checked."""
    if db.is_sqlite:
        with _sqlite(db.path) as connection:
            # Each portion reaches the disk at some time: what is lost is copied again.
            connection.execute("PRAGMA synchronous=NORMAL")
            yield SqliteEnd(connection)
        return
    async with db.engine.connect() as connection:
        yield PostgresEnd((await connection.get_raw_connection()).driver_connection)


def _sqlite(path: Path | None) -> closing[sqlite3.Connection]:
    if path is None:
        raise ValueError("a database in memory can't be copied")
    return closing(sqlite3.connect(path, isolation_level=None))
