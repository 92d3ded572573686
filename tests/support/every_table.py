"""A database in which every table has rows, and every column a value that is not its default.

The rows are made from the schema, so a new table or column is among them without a word here. They
are not a forum that members could have written: see `tests/store/forum.py` for that.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
)

from data import search_index
from data.database import Database
from data.models import Base
from data.types import EPOCH, UTCDateTime

TABLES = tuple(Base.metadata.sorted_tables)
ROWS = 3  # of each table, for each server
GUILDS = (4_000_000_000_000_000_001, 4_000_000_000_000_000_002)

# What rules of the tables themselves ask for.
_PARTICULAR: dict[str, list[Any]] = {
    "guilds.erasure_secret": ["00ff" * 16],
    "guilds.sealing_salt": ["ff00" * 16],
    "posts.kind": ["question", "answer", "comment"],
    "posts.status": ["visible", "visible", "hidden"],
    "posts.up_votes": [5, 6, 7],
    "posts.down_votes": [2, 2, 2],
    "posts.score": [3, 4, 5],
    "votes.value": [1, -1, 1],
    "ledger.reason": ["question", "answer", "vote"],
    "outbox.kind": ["card", "notice", "name"],
    "post_tags.tag": ["angst", "Zug", "ärger"],  # which languages sort otherwise than bytes do
    "follows.key": ["angst", "Zug", "ärger"],
    "post_texts.tags": ["sleep", "angst", "work"],
}


async def fill(db: Database, guild_ids: tuple[int, ...] = GUILDS, rows_each: int = ROWS) -> None:
    """Put rows into every table, for each server so many."""
    made: dict[str, list[dict[str, Any]]] = {}
    numbers = itertools.count(1)
    for table in TABLES:
        made[table.name] = list(_rows_of(table, (guild_ids, rows_each), made, numbers))
    async with db.write() as tx:
        for table in TABLES:
            await tx.execute(table.insert(), made[table.name])
        # Rows point at later ones, too.
        for table in ("posts", "categories"):
            ids = [row["id"] for row in made[table]]
            first = Base.metadata.tables[table]
            for guild_id in guild_ids:
                of_guild = [r["id"] for r in made[table] if r["guild_id"] == guild_id]
                await tx.execute(
                    first.update().where(first.c.id == of_guild[0]).values(parent_id=of_guild[-1])
                )
            assert len(ids) == len(set(ids))
        await search_index.fill(tx, [row["id"] for row in made["posts"]])


def _rows_of(
    table: Table,
    wanted: tuple[tuple[int, ...], int],
    made: dict[str, list[dict[str, Any]]],
    numbers: Iterator[int],
) -> Iterator[dict[str, Any]]:
    guild_ids, rows_each = wanted
    if table.name == "guilds":
        for guild_id in guild_ids:
            yield {c.name: _value(c, 0, next(numbers)) for c in table.columns} | {"id": guild_id}
        return
    alone = set(table.primary_key.columns.keys()) == {"guild_id"}
    for guild_id in guild_ids:
        for place in range(1 if alone else rows_each):
            row = {c.name: _value(c, place, next(numbers)) for c in table.columns}
            if "guild_id" in table.columns:
                row["guild_id"] = guild_id
            row |= _references(table, place, guild_id, made, row)
            yield row


def _references(
    table: Table,
    place: int,
    guild_id: int,
    made: dict[str, list[dict[str, Any]]],
    row: dict[str, Any],
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for constraint in table.foreign_key_constraints:
        target = constraint.referred_table
        if target is table or target.name == "guilds":
            found |= {key.parent.name: row["id"] for key in constraint.elements if target is table}
            continue
        there = [r for r in made[target.name] if r.get("guild_id", guild_id) == guild_id]
        if "guild_id" not in target.columns:
            there = made[target.name]
        chosen = there[place % len(there)]
        found |= {key.parent.name: chosen[key.column.name] for key in constraint.elements}
    return found


def _value(column: Column[Any], place: int, number: int) -> Any:
    particular = _PARTICULAR.get(f"{column.table.name}.{column.name}")
    if particular is not None:
        return particular[place % len(particular)]
    kind = column.type
    if isinstance(kind, UTCDateTime):
        return EPOCH + timedelta(microseconds=1_790_000_000_000_000 + number)
    if isinstance(kind, Boolean):
        return place % 2 == 0
    if isinstance(kind, JSON):
        return {"b": "= ünd", "a": str(number)}
    if isinstance(kind, LargeBinary):
        return bytes([0, 255, number % 256]) * 50
    if isinstance(kind, String):
        long = kind.length or 100
        return f"={number}\n\"ü\"; 'x'\t🌙"[:long] if long > 30 else f"w{number}"[:long]
    if isinstance(kind, SmallInteger):
        return number % 30_000
    if isinstance(kind, Integer) and not isinstance(kind, BigInteger):
        return number
    return number if column.primary_key and column.name == "id" else 10_000 + number
