"""Reports of posts, and what waits for moderators to look at it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from bot.domain.posts import PostStatus
from bot.domain.review import Report
from data.database import Transaction
from data.models import Flag, Post, Removal
from data.statements import upsert


async def add_flag(
    tx: Transaction,
    guild_id: int,
    post_id: int,
    user_id: int,
    reason: str,
    now: datetime,
    *,
    counts: bool,
) -> bool:
    """Note a member's report of a post; False where they have ever reported it before."""
    values = {"post_id": post_id, "user_id": user_id, "guild_id": guild_id, "reason": reason}
    statement = (
        upsert(tx.dialect, Flag)
        .values(**values, at=now, counts=counts)
        .on_conflict_do_nothing()
        .returning(Flag.post_id)
    )
    return await tx.scalar(statement) is not None


async def count_flags(tx: Transaction, post_id: int) -> int:
    """How many reports of a post wait for a moderator and help to hide it until then."""
    count = select(func.count()).select_from(Flag)
    waiting = (Flag.post_id == post_id, Flag.counts.is_(True), Flag.decided_at.is_(None))
    return int(await tx.scalar(count.where(*waiting)) or 0)


async def decide_flags(tx: Transaction, post_id: int, now: datetime) -> int:
    """Note that a moderator has decided over a post's reports; returns how many waited."""
    result = await tx.execute(
        update(Flag)
        .where(Flag.post_id == post_id, Flag.decided_at.is_(None))
        .values(decided_at=now)
    )
    return result.rowcount


async def flags_of(tx: Transaction, post_id: int) -> list[Report]:
    """The reports of a post that nobody has decided on, the earliest first."""
    rows = await tx.rows(
        select(Flag.user_id, Flag.reason, Flag.at)
        .where(Flag.post_id == post_id, Flag.decided_at.is_(None))
        .order_by(Flag.at, Flag.user_id)
    )
    return [Report(row[0], row[1], row[2]) for row in rows]


async def reported(tx: Transaction, guild_id: int) -> list[int]:
    """The posts of a server with reports nobody has decided on, the longest waiting first."""
    rows = await tx.rows(
        select(Flag.post_id)
        .join(Post, Post.id == Flag.post_id)
        .where(
            Flag.guild_id == guild_id,
            Flag.decided_at.is_(None),
            Post.status != PostStatus.DELETED,
        )
        .group_by(Flag.post_id)
        .order_by(func.min(Flag.at), Flag.post_id)
    )
    return [row[0] for row in rows]


async def hidden(
    tx: Transaction, guild_id: int, limit: int | None = None, *, deleted: bool = False
) -> Sequence[int]:
    """The hidden posts of a server, the newest first; with `deleted` also those whose text is not
    erased yet."""
    gone = Post.status == PostStatus.HIDDEN
    if deleted:
        waiting = select(Removal.post_id).where(Removal.erase_at.is_not(None))
        gone |= Post.id.in_(waiting)
    rows = await tx.rows(
        select(Post.id).where(Post.guild_id == guild_id, gone).order_by(Post.id.desc()).limit(limit)
    )
    return [row[0] for row in rows]
