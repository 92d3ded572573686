"""What members follow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, func, literal, select, true

from bot.domain.notices import FollowKind
from bot.domain.posts import PostStatus
from data.database import Transaction
from data.models import Category, Follow, Post
from data.statements import of_server, upsert

Followed = tuple[FollowKind, str]


async def follow(
    tx: Transaction, guild_id: int, user_id: int, what: Followed, now: datetime, *, most: int | None
) -> bool:
    """Follow something, unless the member follows as much as `most` already (None: however much);
    False if they do, or if they follow this already."""
    kind, key = what
    mine = select(func.count()).where(Follow.guild_id == guild_id, Follow.user_id == user_id)
    room = true() if most is None else mine.scalar_subquery() < most
    row = {"guild_id": guild_id, "user_id": user_id, "kind": kind, "key": key, "since": now}
    columns = Follow.__table__.c
    values = [literal(value, columns[name].type) for name, value in row.items()]
    result = await tx.execute(
        upsert(tx.dialect, Follow)
        .from_select(list(row), select(*values).where(room))
        .on_conflict_do_nothing()
    )
    return result.rowcount > 0


async def unfollow(tx: Transaction, guild_id: int, user_id: int, what: Followed) -> bool:
    """Unfollow something; False if the member didn't follow it."""
    kind, key = what
    result = await tx.execute(
        delete(Follow).where(
            Follow.guild_id == guild_id,
            Follow.user_id == user_id,
            Follow.kind == kind,
            Follow.key == key,
        )
    )
    return result.rowcount > 0


async def follows_of(tx: Transaction, guild_id: int, user_id: int) -> list[Followed]:
    """All that a member follows, the latest first."""
    rows = await tx.rows(
        select(Follow.kind, Follow.key)
        .where(Follow.guild_id == guild_id, Follow.user_id == user_id)
        .order_by(Follow.since.desc(), Follow.kind, Follow.key)
    )
    return [(FollowKind(row[0]), row[1]) for row in rows]


async def forget_gone(tx: Transaction, guild_id: int, user_id: int) -> int:
    """Drop a member's follows of what is gone for good; returns how many are left of visible
    things."""
    mine = (Follow.guild_id == guild_id) & (Follow.user_id == user_id)
    rows = await tx.rows(select(Follow.kind, Follow.key).where(mine))
    keys: dict[str, set[int]] = {FollowKind.QUESTION: set(), FollowKind.CATEGORY: set()}
    for kind, key in rows:
        if kind in keys:
            keys[kind].add(int(key))
    questions = select(Post.id, Post.status).where(
        of_server(Post, guild_id), Post.id.in_(keys[FollowKind.QUESTION])
    )
    status = {row[0]: row[1] for row in await tx.rows(questions)}
    there = select(Category.id).where(
        of_server(Category, guild_id), Category.id.in_(keys[FollowKind.CATEGORY])
    )
    known = {row[0] for row in await tx.rows(there)}
    gone = [
        (FollowKind.QUESTION, str(key))
        for key in keys[FollowKind.QUESTION]
        if status.get(key, PostStatus.DELETED) == PostStatus.DELETED
    ] + [(FollowKind.CATEGORY, str(key)) for key in keys[FollowKind.CATEGORY] - known]
    for what in gone:
        await unfollow(tx, guild_id, user_id, what)
    hidden = sum(each == PostStatus.HIDDEN for each in status.values())
    return len(rows) - len(gone) - hidden
