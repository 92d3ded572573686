"""Copying all of a database into another one, of the same kind or not.

Rows go in the order of their keys, some at once, each portion in a transaction of its own. So what
an interrupted copy leaves of a table is its first rows, and the same command continues behind them.
Until all is there and compared, the copy's schema version says that it is unfinished, and no bot
starts with it. Words to search by are the one thing that isn't copied: each kind of database stores
them in its own way, so they are made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import Table, func, select, text

from data import migrating, search_index
from data.backups import Step, problems, settle
from data.copy_ends import End, Row, filling, own_number, reading
from data.database import Database
from data.models import Base, Guild, Post

TABLES: Final = tuple(Base.metadata.sorted_tables)
"""Each after those that its rows point at."""
_INDEXED: Final = 200  # posts at once
_WORDS: Final = {"sqlite": "rowid", "postgresql": "post_id"}


class OtherSchema(Exception):
    """The database that is copied from has another schema than this version's."""

    def __init__(self, found: str | None) -> None:
        super().__init__(f"schema {found}")
        self.found = found


class NotEmpty(Exception):
    """The database that is copied into holds something."""


class Changed(Exception):
    """The copy isn't what the source is. `str` of it says where."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied: tables that have rows, and rows in all."""

    tables: int
    rows: int


async def copy_to_file(source: Database, path: Path, step: Step) -> Copied:
    """Copy a database into a new SQLite file that its owner alone can read.

    Raises `OtherSchema`, `Changed` and `FileProblem`.
    """
    target = Database(f"sqlite+aiosqlite:///{path}")
    with problems():
        await target.open()
        try:
            copied = await copy(source, target, "", step)
            await finish(target)
        finally:
            await target.close()
        settle(path)
    return copied


async def copy(source: Database, target: Database, name: str, step: Step) -> Copied:
    """Copy a database into an empty one, or continue a copy; `name` tells the source from others.
    Both are open; nobody else uses `target`. It stays unfinished: see `finish`.

    Raises `OtherSchema`, `NotEmpty`, `FileProblem`, and `Changed` if both differ at the end.
    """
    with problems():
        found = await migrating.version(source)
        if found != migrating.newest():
            raise OtherSchema(found)
        if await _begin(target, _mark(name)):
            try:
                return await _copy_and_compare(source, target, step)
            except Changed:  # since that copy was interrupted: all anew
                await clear(target)
                await _begin(target, _mark(name))
        return await _copy_and_compare(source, target, step)


async def _copy_and_compare(source: Database, target: Database, step: Step) -> Copied:
    async with reading(source) as left, filling(target) as right:
        digests: dict[str, str] = {}
        rows = 0
        for place, table in enumerate(TABLES):
            rows += await _copy_table(left, right, table, step)
            step("Tables", place + 1, len(TABLES))
        await _index(target, step)
        for place, table in enumerate(TABLES):
            digests[table.name] = await digest(left, table)
            if await digest(right, table) != digests[table.name]:
                raise Changed(f"the rows of {table.name} differ")
            step("Comparing", place + 1, len(TABLES))
    return Copied(sum(1 for each in digests.values() if each != _EMPTY), rows)


async def finish(target: Database) -> None:
    """Let bots start with a copy."""
    await _write_version(target, migrating.newest())


async def holds_data(db: Database) -> bool:
    """Whether there is a server in a database, or a schema that this version doesn't know. What an
    interrupted copy left doesn't count."""
    found = await migrating.version(db)
    if found is None or found.startswith(migrating.UNFINISHED):
        return False
    if found != migrating.newest():
        return True
    async with db.read() as tx:
        return bool(await tx.scalar(select(func.count()).select_from(Guild)))


async def clear(target: Database) -> None:
    """Remove all tables, and what is in them."""
    async with target.write() as tx:
        for name in ("post_words", *(t.name for t in reversed(TABLES)), "alembic_version"):
            await tx.execute(text(f'DROP TABLE IF EXISTS "{name}"'))


def _mark(name: str) -> str:
    short = hashlib.blake2b(name.encode(), digest_size=8).hexdigest()  # of 32 characters in all
    return f"{migrating.UNFINISHED} {migrating.newest()} {short}"


async def _begin(target: Database, mark: str) -> bool:
    """Make the tables; True if a copy of the same source was begun already."""
    found = await migrating.version(target)
    if found == mark:
        return True
    if (found or "").startswith(migrating.UNFINISHED):  # of another source or version
        await clear(target)
    elif await holds_data(target):
        raise NotEmpty
    await migrating.upgrade(target)
    await _write_version(target, mark)
    return False


async def _write_version(target: Database, version: str) -> None:
    async with target.write() as tx:
        update = text("UPDATE alembic_version SET version_num = :version")
        await tx.execute(update, {"version": version})


async def _copy_table(source: End, target: End, table: Table, step: Step) -> int:
    """Copy the rows of a table that aren't there yet; returns how many rows it has."""
    total, there = await source.count(table), await target.count(table)
    if there:
        await _see_that_it_began_so(source, target, table, there)
    names = [column.name for column in table.columns]
    own = [names.index(column) for column in own_references(table)]
    later: dict[str, list[tuple[int, int]]] = {names[place]: [] for place in own}
    seen = 0
    async for rows in source.rows(table):
        for place in own:
            later[names[place]] += _forward(rows, place)
        fresh = rows[max(there - seen, 0) :]
        if fresh:
            await target.insert(table, [_without_forward(row, own) for row in fresh])
        seen += len(rows)
        step(table.name.replace("_", " ").capitalize(), seen, total)
    for column, targets in later.items():
        if targets:
            await target.point(table, column, targets)
    if own_number(table) is not None:
        await target.give_from(table, await source.last_given(table))
    return seen


def own_references(table: Table) -> list[str]:
    """The columns that point at rows of the same table, which may not be there yet."""
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def _forward(rows: Sequence[Row], place: int) -> list[tuple[int, int]]:
    return [(row[0], row[place]) for row in rows if row[place] is not None and row[place] > row[0]]


def _without_forward(row: Row, places: Sequence[int]) -> Row:
    if not any(row[place] is not None and row[place] > row[0] for place in places):
        return row
    values = list(row)
    for place in places:
        if values[place] is not None and values[place] > values[0]:
            values[place] = None
    return tuple(values)


async def _see_that_it_began_so(source: End, target: End, table: Table, there: int) -> None:
    """See that what an interrupted copy left is what the source begins with."""
    left_out = own_references(table)
    begun = await digest(source, table, left_out, there)
    if begun != await digest(target, table, left_out):
        raise Changed(f"the rows of {table.name} were changed since the copy began")


async def digest(
    end: End, table: Table, left_out: Iterable[str] = (), first: int | None = None
) -> str:
    """A digest of a table's rows, or of the `first` ones, without some columns."""
    gone = set(left_out)
    kept = [n for n, column in enumerate(table.columns) if column.name not in gone]
    summed = hashlib.blake2b(digest_size=16)
    left = first
    async for rows in end.rows(table):
        for row in rows if left is None else rows[:left]:
            summed.update(repr([row[place] for place in kept]).encode())
        if left is not None:
            left -= len(rows)
            if left <= 0:
                break
    return summed.hexdigest()


_EMPTY: Final = hashlib.blake2b(digest_size=16).hexdigest()


async def _index(target: Database, step: Step) -> None:
    """Make the words to search by, from the first post on that has none yet."""
    dialect = target.url.get_backend_name()
    async with target.read() as tx:
        begun = text(f"SELECT coalesce(max({_WORDS[dialect]}), 0) FROM post_words")  # noqa: S608
        after = await tx.scalar(begun)
        total = await tx.scalar(select(func.count()).select_from(Post))
        done = await tx.scalar(select(func.count()).select_from(Post).where(Post.id <= after))
    while True:
        async with target.write() as tx:
            some = select(Post.id).where(Post.id > after).order_by(Post.id).limit(_INDEXED)
            ids = [row[0] for row in await tx.rows(some)]
            await search_index.fill(tx, ids)
        done += len(ids)
        step("Words to search by", done, total)
        if len(ids) < _INDEXED:
            return
        after = ids[-1]
