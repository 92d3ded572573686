"""Copies of a whole database as a thief reads them: every table that is there, each row in the
order in which it lies, with what the database itself keeps beside it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import asyncpg

from data.database import Database

Row = tuple[Any, ...]

# What the story's times look like, in microseconds since 1970: the years 2026 and 2027.
_FIRST, _LAST = 1_767_225_600_000_000, 1_830_297_600_000_000
_DISCORD_EPOCH = 1_420_070_400_000  # milliseconds
_DIGITS = re.compile(r"\d{15,20}")

# How many rows a table has, and by which transactions they were written.
_SIGN = "SELECT '{0}', count(*), sum(xmin::text::bigint) FROM \"{0}\""


@dataclass(frozen=True)
class Dump:
    """All rows by table, in the order in which they lie. `written` are the numbers of the
    transactions that wrote them, where the database keeps these."""

    rows: dict[str, list[Row]]
    written: dict[str, list[int]]


class Thief:
    """Whoever copies a database again and again. `columns` and `keys` are those of each table."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self.columns: dict[str, list[str]] = {}
        self.keys: dict[str, list[int]] = {}
        self._file: sqlite3.Connection | None = None
        self._server: Any = None  # an asyncpg.Connection
        self._last: Dump | None = None
        self._look = ""
        self._signs: dict[str, tuple[Any, ...]] = {}

    async def break_in(self) -> Thief:
        """Learn which tables there are."""
        if self._db.path is not None:
            self._file = sqlite3.connect(self._db.path)
            self._learn_file(self._file)
        else:
            url = self._db.url
            host = url.query["host"]
            self._server = await asyncpg.connect(user="postgres", host=host, database=url.database)
            await self._learn_server(self._server)
        return self

    def _learn_file(self, file: sqlite3.Connection) -> None:
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
        for (table,) in file.execute(tables):
            known = list(file.execute(f"PRAGMA table_info('{table}')"))
            self.columns[table] = [column[1] for column in known]
            self.keys[table] = [column[0] for column in known if column[5]]

    async def _learn_server(self, server: Any) -> None:
        tables = await server.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        keyed = (
            "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid"
            " AND attnum = ANY(indkey) WHERE indisprimary AND indrelid = $1::text::regclass"
        )
        named = (
            "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass"
            " AND attnum > 0 AND NOT attisdropped ORDER BY attnum"
        )
        for (table,) in tables:
            self.columns[table] = [row[0] for row in await server.fetch(named, table)]
            keys = {row[0] for row in await server.fetch(keyed, table)}
            self.keys[table] = [n for n, name in enumerate(self.columns[table]) if name in keys]
        self._look = " UNION ALL ".join(_SIGN.format(table) for table in self.columns)

    async def copy(self) -> Dump:
        """A copy of all there is now. What hasn't changed since the last one is the same list."""
        rows: dict[str, list[Row]] = {}
        written: dict[str, list[int]] = {}
        changed = set(self.columns) if self._file else await self._changed()
        for table, columns in self.columns.items():
            if self._file is not None:
                query = f"SELECT * FROM '{table}'"  # noqa: S608
                rows[table] = self._as_before(table, self._file.execute(query).fetchall())
            elif table not in changed and self._last is not None:
                rows[table], written[table] = self._last.rows[table], self._last.written[table]
            else:
                named = ", ".join(f'"{name}"' for name in columns)
                query = f'SELECT xmin::text::bigint, {named} FROM "{table}"'  # noqa: S608
                found = [tuple(row) for row in await self._ask(query)]
                rows[table] = self._as_before(table, [row[1:] for row in found])
                written[table] = [row[0] for row in found]
        self._last = Dump(rows, written)
        return self._last

    async def _changed(self) -> set[str]:
        """The tables in which anything was written since the last copy, in one statement."""
        signs = {row[0]: tuple(row[1:]) for row in await self._ask(self._look)}
        changed = {table for table, sign in signs.items() if self._signs.get(table) != sign}
        self._signs = signs
        return changed

    async def _ask(self, query: str) -> list[Any]:
        assert self._server is not None
        return await self._server.fetch(query)

    def _as_before(self, table: str, rows: list[Row]) -> list[Row]:
        if self._last is None or self._last.rows[table] != rows:
            return rows
        return self._last.rows[table]

    async def leave(self) -> None:
        """Close what was opened."""
        if self._file is not None:
            self._file.close()
        if self._server is not None:
            await self._server.close()


@lru_cache(maxsize=500_000)
def times_in(value: Any) -> tuple[int, ...]:
    """The times that a value tells, in microseconds: itself, or those in ids of Discord's."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return ()
    if isinstance(value, str):
        return tuple(t for digits in _DIGITS.findall(value) for t in times_in(int(digits)))
    if _FIRST <= value <= _LAST:
        return (value,)
    made = ((value >> 22) + _DISCORD_EPOCH) * 1000 if value > 2**54 else 0
    return (made,) if _FIRST <= made <= _LAST else ()


class Members:
    """Who is known, and how they are recognised in a value."""

    def __init__(self, names: dict[int, str]) -> None:
        self.ids = tuple(names)
        self._words = {str(each): each for each in names} | {n: each for each, n in names.items()}
        self._forms = {each.to_bytes(8, order): each for each in names for order in _ORDERS}
        self._known: dict[Any, frozenset[int]] = {}

    def named_in(self, value: Any) -> frozenset[int]:
        """The members whom a value names: by id, in digits or in bytes, or by name."""
        if value is None or isinstance(value, bool | float):
            return _NOBODY
        found = self._known.get(value)
        if found is None:
            found = self._known[value] = frozenset(self._named_in(value))
        return found

    def _named_in(self, value: Any) -> Collection[int]:
        if isinstance(value, int):
            return (value,) if value in self.ids else ()
        if isinstance(value, bytes):
            texts = {word.encode(): each for word, each in self._words.items()}
            return [each for form, each in (self._forms | texts).items() if form in value]
        return [each for word, each in self._words.items() if word in str(value)]

    def named_in_row(self, row: Row) -> frozenset[int]:
        """The members whom a row names."""
        found = self._known.get(row)
        if found is None:
            each = [self.named_in(value) for value in row]
            found = self._known[row] = _NOBODY.union(*each)
        return found


_ORDERS: Sequence[Any] = ("big", "little")
_NOBODY: frozenset[int] = frozenset()
