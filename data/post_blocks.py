"""Members who may not write anonymously, blocked from a post whose author nobody knows."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, func, insert, select

from bot.domain.blocks import Block
from bot.domain.sealed import Seal
from data.database import Transaction
from data.models import PostBlock
from data.types import EPOCH

_SALT_BYTES: Final = 16
_ID_BITS: Final = 63


_NEVER: Final = datetime.max.replace(tzinfo=EPOCH.tzinfo)


def end_of_day(until: datetime | None) -> datetime | None:
    """The end of the day that a time is in, by UTC; None: never. A block's row knows no more than
    the day, since its time would lead to the post that it was set from."""
    return None if until is None else EPOCH + timedelta(days=(until - EPOCH).days + 1)


def block(until_day: int | None) -> Block:
    """A block until a day, as it is stored."""
    until = None if until_day is None else EPOCH + timedelta(days=until_day)
    return Block(until, anonymous=True)


def longest(blocks: Iterable[Block], now: datetime) -> Block | None:
    """Of somebody's blocks that hold, the one that ends last."""
    holding = [each for each in blocks if each.holds(now)]
    return max(holding, key=lambda each: each.until or _NEVER, default=None)


async def add(tx: Transaction, guild_id: int, seal: Seal, until: datetime | None, by: int) -> None:
    """Keep somebody from writing anonymously, until the `end_of_day`. The server's row is
    locked."""
    salt = secrets.token_bytes(_SALT_BYTES)
    await tx.execute(
        insert(PostBlock).values(
            id=secrets.randbits(_ID_BITS),
            guild_id=guild_id,
            salt=salt,
            handle=seal.block(salt),
            until_day=None if until is None else (until - EPOCH).days + 1,
            by_id=by,
        )
    )


async def lift(tx: Transaction, guild_id: int, seal: Seal) -> int:
    """Let somebody write anonymously again; returns how many blocks that takes off."""
    columns = (PostBlock.salt, PostBlock.handle, PostBlock.id)
    rows = await tx.rows(select(*columns).where(PostBlock.guild_id == guild_id))
    ids = seal.blocked([(row[0], row[1], row[2]) for row in rows])
    if ids:
        theirs = (PostBlock.guild_id == guild_id, PostBlock.id.in_(ids))
        await tx.execute(delete(PostBlock).where(*theirs))
    return len(ids)


async def any_ended(tx: Transaction, now: datetime) -> bool:
    """Whether there are blocks that have ended."""
    ended = select(PostBlock.id).where(PostBlock.until_day <= (now - EPOCH).days)
    return bool(await tx.scalar(select(ended.exists())))


async def drop_ended(tx: Transaction, now: datetime) -> None:
    """Erase the blocks that have ended."""
    await tx.execute(delete(PostBlock).where(PostBlock.until_day <= (now - EPOCH).days))


async def drop_all(tx: Transaction, guild_id: int) -> None:
    """Erase all blocks of a server, since no key finds them any more."""
    await tx.execute(delete(PostBlock).where(PostBlock.guild_id == guild_id))


async def last_end(tx: Transaction) -> tuple[int | None, int]:
    """The day on which the last block ends (None: there is none that ends), and how many don't."""
    last = await tx.scalar(select(func.max(PostBlock.until_day)))
    lasting = select(func.count()).select_from(PostBlock).where(PostBlock.until_day.is_(None))
    return last, await tx.scalar(lasting) or 0
