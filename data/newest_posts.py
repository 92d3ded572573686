"""A server's newest posts, whatever they are."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Subquery, select

from data.database import Transaction
from data.models import Post

_LOOKED_AT = 1_000  # posts, for who wrote them


async def latest(tx: Transaction, guild_id: int) -> int:
    """The newest row of a server; 0 if it has no posts."""
    newest = _newest(guild_id, 1)
    return await tx.scalar(select(newest.c.id).where(newest.c.guild_id == guild_id)) or 0


async def recent_writers(tx: Transaction, guild_id: int, since: datetime, enough: int) -> int:
    """How many members wrote posts in a server since then, by name; not counted beyond `enough`,
    and only among its newest posts."""
    newest = _newest(guild_id, _LOOKED_AT)
    these = (newest.c.guild_id == guild_id, newest.c.created_at >= since, newest.c.author_id > 0)
    writers = select(newest.c.author_id).where(*these)
    return len(await tx.rows(writers.distinct().limit(enough)))


def _newest(guild_id: int, most: int) -> Subquery:
    """The newest rows of a server; where it has fewer, others follow, which are to be left out. So
    both databases go along the index of servers: with one server alone, ordered by `id`, PostgreSQL
    walks through all posts from the newest one on, and for a quiet server that's far."""
    columns = (Post.id, Post.guild_id, Post.author_id, Post.created_at)
    upwards = select(*columns).where(Post.guild_id <= guild_id)
    return upwards.order_by(Post.guild_id.desc(), Post.id.desc()).limit(most).subquery()
