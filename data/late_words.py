"""Boxes of which posts' texts are to be erased later, one by one: see `bot.usecases.late_erasing`.

They stand among what the installation notes of its upkeep: a row of a table by server, or one for
each post, would tell which posts are the same author's.
"""

from __future__ import annotations

import secrets
from typing import Final

from sqlalchemy import delete, insert, select, update

from data.database import Transaction
from data.models import Post, Upkeep

_NAME: Final = "erasing "
_RANDOM: Final = 6  # bytes, of which the name has two letters each


async def add(tx: Transaction, box: bytes) -> None:
    """Keep another box."""
    name = _NAME + secrets.token_hex(_RANDOM)
    await tx.execute(insert(Upkeep).values(name=name, value=box.hex()))


async def boxes(tx: Transaction) -> list[tuple[str, bytes]]:
    """All boxes, with their names."""
    query = select(Upkeep.name, Upkeep.value).where(Upkeep.name.startswith(_NAME))
    return [(row[0], bytes.fromhex(row[1])) for row in await tx.rows(query.order_by(Upkeep.name))]


async def replace(tx: Transaction, name: str, box: bytes | None) -> None:
    """Put another box in the place of one; None: nothing."""
    this = Upkeep.name == name
    if box is None:
        await tx.execute(delete(Upkeep).where(this))
    else:
        await tx.execute(update(Upkeep).where(this).values(value=box.hex()))


async def drop_all(tx: Transaction) -> None:
    """Drop all boxes."""
    await tx.execute(delete(Upkeep).where(Upkeep.name.startswith(_NAME)))


async def posts_of(tx: Transaction, guild_id: int, numbers: frozenset[int]) -> list[int]:
    """The posts of anonymous authors."""
    query = select(Post.id).where(Post.guild_id == guild_id, Post.author_id.in_(numbers))
    return [row[0] for row in await tx.rows(query.order_by(Post.id))]
