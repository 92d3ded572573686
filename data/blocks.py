"""Blocks of members, and how they read of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, false, select, update

from bot.domain.blocks import Block
from data import erasures
from data.database import Transaction
from data.models import BlockRow, Guild
from data.statements import upsert


async def block_of(tx: Transaction, guild_id: int, user_id: int) -> Block | None:
    """A member's block, also one that has ended; None if there is none."""
    held = await held_of(tx, guild_id, user_id)
    return None if held is None else held.block


@dataclass(frozen=True, slots=True)
class Held:
    """A member's block with who blocked them, and when."""

    block: Block
    by: int
    at: datetime


async def held_of(tx: Transaction, guild_id: int, user_id: int) -> Held | None:
    """A member's block, also one that has ended; None if there is none. It may have gone on under
    the digest of a member who was erased."""
    mine = (BlockRow.guild_id == guild_id) & (BlockRow.user_id == user_id)
    columns = (BlockRow.until, BlockRow.reason, BlockRow.by_id, BlockRow.at)
    erased = erasures.any_in(guild_id) if user_id > 0 else false()
    query = select(*columns, erased).select_from(Guild).outerjoin(BlockRow, mine)
    row = await tx.row(query.where(Guild.id == guild_id))
    if row is None or row[1] is not None:
        return None if row is None else Held(Block(row[0], row[1]), row[2], row[3])
    known_by = await erasures.digest(tx, guild_id, user_id) if row[4] else None
    return None if known_by is None else await held_of(tx, guild_id, known_by)


async def find_again(tx: Transaction, guild_id: int, user_id: int) -> None:
    """Let a block that went on under a member's digest be theirs again: a moderator decides about
    it, or they appeal against it. The caller has locked the server."""
    known_by = await erasures.digest(tx, guild_id, user_id)
    mine = (BlockRow.guild_id == guild_id) & (BlockRow.user_id == user_id)
    if known_by is None or await tx.scalar(select(BlockRow.by_id).where(mine)) is not None:
        return
    this = (BlockRow.guild_id == guild_id, BlockRow.user_id == known_by)
    await tx.execute(update(BlockRow).where(*this).values(user_id=user_id))


async def write(
    tx: Transaction, guild_id: int, user_id: int, block: Block, by: int, now: datetime
) -> None:
    """Block a member, in place of the block they have. They haven't read of it yet."""
    said = {
        "until": block.until,
        "reason": block.reason,
        "by_id": by,
        "at": now,
        "read_at": None,
    }
    await tx.execute(
        upsert(tx.dialect, BlockRow)
        .values(guild_id=guild_id, user_id=user_id, **said)
        .on_conflict_do_update(index_elements=[BlockRow.guild_id, BlockRow.user_id], set_=said)
    )


async def lift(tx: Transaction, guild_id: int, user_id: int) -> None:
    """Take a member's block off."""
    await tx.execute(
        delete(BlockRow).where(BlockRow.guild_id == guild_id, BlockRow.user_id == user_id)
    )


async def mark_read(
    tx: Transaction, guild_id: int, user_id: int, begun: datetime, now: datetime
) -> None:
    """Note that a member has read of their block, as it was when it `begun`."""
    await tx.execute(
        update(BlockRow)
        .where(
            BlockRow.guild_id == guild_id,
            BlockRow.user_id == user_id,
            BlockRow.at == begun,
            BlockRow.read_at.is_(None),
        )
        .values(read_at=now)
    )


async def any_ended(tx: Transaction, now: datetime) -> bool:
    """Whether there are blocks that have ended."""
    return bool(
        await tx.scalar(select(select(BlockRow.user_id).where(BlockRow.until <= now).exists()))
    )


async def drop_ended(tx: Transaction, now: datetime) -> None:
    """Erase the blocks that have ended."""
    await tx.execute(delete(BlockRow).where(BlockRow.until <= now))
