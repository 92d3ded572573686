"""Which ids of members stand anywhere in a database."""

from __future__ import annotations

import re
from typing import Any, Final

from sqlalchemy import BigInteger, Column, ColumnElement, cast, select

from data.database import Transaction
from data.models import Base, Follow

_ROLES: Final = "user|voter|author|actor|subject|member|person|writer|asker|group|by"
_NAMES: Final = re.compile(rf"(?:{_ROLES})_id|\w+_by")

COLUMNS: Final[tuple[Column[Any], ...]] = tuple(
    column
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if _NAMES.fullmatch(column.name) and isinstance(column.type, BigInteger)
)
"""The columns with ids of members: by their names, so that a new one is among them."""


async def members(
    tx: Transaction, guild_id: int, column: Column[Any] | None, after: int, limit: int
) -> list[int]:
    """The next ids above `after` in a column of a server's rows; with None, of the members whom
    others follow, which are text. No index is needed: it takes a look at all rows."""
    if column is None:
        return await _followed(tx, guild_id, after, limit)
    return await _next(tx, column, column.table.c.guild_id == guild_id, after, limit)


async def _followed(tx: Transaction, guild_id: int, after: int, limit: int) -> list[int]:
    number = cast(Follow.key, BigInteger)
    these = (Follow.guild_id == guild_id) & (Follow.kind == "member")
    return await _next(tx, number, these, after, limit)


async def _next(
    tx: Transaction,
    number: ColumnElement[Any],
    where: ColumnElement[bool],
    after: int,
    limit: int,
) -> list[int]:
    query = select(number).where(where, number > after).distinct().order_by(number).limit(limit)
    return [row[0] for row in await tx.rows(query)]
