"""Servers that the bot isn't in any more: since when, and erasing all of one, in portions."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import LargeBinary, Table, bindparam, delete, select, text, update

from data import forgotten_posts
from data.copying import TABLES, own_references
from data.database import Transaction
from data.exporting import is_of_a_server, of_guild
from data.models import Guild, Post
from data.search_index import IndexRow, write_rows

_ROWS: Final = 500  # in one transaction
_PIECES: Final = 4  # of files, 256 KB each
_SOME_POSTS: Final = 10  # SQLite may take 5 ms for each whose words leave the index


@dataclass(frozen=True, slots=True)
class Standing:
    """A server with data, since when the bot isn't in it, and whether it is being erased."""

    guild_id: int
    left_at: datetime | None
    erasing: bool


async def standings(tx: Transaction) -> list[Standing]:
    """All servers with data."""
    rows = await tx.rows(select(Guild.id, Guild.left_at, Guild.erasing).order_by(Guild.id))
    return [Standing(*row) for row in rows]


async def mark(tx: Transaction, guild_ids: Collection[int], now: datetime) -> list[int]:
    """Note that the bot isn't in these servers; returns those of which that is new."""
    new = (Guild.id.in_(guild_ids), Guild.left_at.is_(None))
    marked = update(Guild).where(*new).values(left_at=now).returning(Guild.id)
    return sorted(row[0] for row in await tx.rows(marked))


async def unmark(tx: Transaction, guild_ids: Collection[int]) -> list[int]:
    """Note that the bot is in these servers; returns those that it was not in before. What is
    being erased stays so: half a forum is worse than none."""
    back = (Guild.id.in_(guild_ids), Guild.left_at.is_not(None), Guild.erasing.is_(False))
    unmarked = update(Guild).where(*back).values(left_at=None).returning(Guild.id)
    return sorted(row[0] for row in await tx.rows(unmarked))


async def begin(tx: Transaction, guild_id: int, before: datetime) -> bool:
    """Note that all of a server is being erased; False unless the bot left it `before` that."""
    this = (Guild.id == guild_id, Guild.left_at <= before)
    return (await tx.execute(update(Guild).where(*this).values(erasing=True))).rowcount > 0


# All of a server


def _is_found_by_server(table: Table) -> bool:
    """Whether an index of all of a table's rows begins with their server."""
    whole = [index for index in table.indexes if index.dialect_options["sqlite"]["where"] is None]
    keys = [table.primary_key.columns, *(index.expressions for index in whole)]
    first = [next(iter(key), None) for key in keys]
    return any(getattr(column, "name", "") == "guild_id" for column in first)


def _goes_with_posts(table: Table) -> bool:
    """Whether a table's rows are found by their posts alone, and deleted with them."""
    if table is _POSTS or _is_found_by_server(table):
        return False
    above = [key.column.table for key in table.foreign_keys]
    return _POSTS in above or any(_goes_with_posts(each) for each in above if each is not table)


_POSTS: Final[Any] = Post.__table__
STEPS: Final = tuple(
    table for table in reversed(TABLES) if is_of_a_server(table) and not _goes_with_posts(table)
)
"""The tables whose rows are erased one after the other, each before those that its rows point at.
The last is `guilds`: its row is the server's lock, and whatever came meanwhile goes with it."""


async def erase_some(tx: Transaction, guild_id: int, step: int) -> bool:
    """Erase a portion of a step of `STEPS`; False once there is nothing left of it. The caller has
    locked the server."""
    table = STEPS[step]
    if table is _POSTS:
        return await _erase_posts(tx, guild_id)
    files = any(isinstance(column.type, LargeBinary) for column in table.columns)
    keys, mine = list(table.primary_key.columns), text(of_guild(table, guild_id))
    rows = await tx.rows(select(*keys).where(mine).limit(_PIECES if files else _ROWS))
    if not rows:
        return False
    if own := own_references(table):
        await tx.execute(update(table).where(mine).values(dict.fromkeys(own)))
    names = [f"key{place}" for place in range(len(keys))]
    these = [key == bindparam(name) for key, name in zip(keys, names, strict=True)]
    given = [dict(zip(names, row, strict=True)) for row in rows]
    await tx.execute(delete(table).where(*these), given)
    return True


async def _erase_posts(tx: Transaction, guild_id: int) -> bool:
    """Erase a portion of the posts, the newest first, with what is found by them alone."""
    some = select(Post.id).where(Post.guild_id == guild_id)
    newest = (Post.number.desc(), Post.sub_number.desc())
    ids = [row[0] for row in await tx.rows(some.order_by(*newest).limit(_SOME_POSTS))]
    if not ids:
        return False
    if await forgotten_posts.erase_files(tx, ids):
        return True
    unindexed = [IndexRow(post_id, guild_id) for post_id in ids]
    await tx.run_sync(lambda connection: write_rows(connection, unindexed))
    for column in (Post.question_id, Post.parent_id):
        await tx.execute(update(Post).where(column.in_(ids)).values({column: None}))
    await tx.execute(delete(Post).where(Post.id.in_(ids)))
    return True
