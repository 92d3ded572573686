"""Posts that wait for approval, and whose posts needn't."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import func, or_, select, update

from bot.domain.posts import PostKind, PostStatus
from data.database import Transaction
from data.models import Place, Post
from data.models.posts import TAKEN_OUT

_SHOWN = 10  # of a member's, in their inbox


async def next_number(tx: Transaction, question_id: int) -> int:
    """Assign a held post its number below a question, which doesn't count it yet."""
    statement = (
        update(Post)
        .where(Post.id == question_id)
        .values(last_sub_number=Post.last_sub_number + 1)
        .returning(Post.last_sub_number)
    )
    return int(await tx.scalar(statement))


async def shown_by(tx: Transaction, guild_id: int, author_id: int, most: int) -> int:
    """How many visible posts a member has, counted up to `most`."""
    some = (
        select(Post.id)
        .where(
            Post.guild_id == guild_id,
            Post.author_id == author_id,
            Post.status == PostStatus.VISIBLE,
        )
        .limit(most)
        .subquery()
    )
    return int(await tx.scalar(select(func.count()).select_from(some)) or 0)


async def held_by(
    tx: Transaction, guild_id: int, authors: Collection[int], channels: Collection[int]
) -> list[int]:
    """The posts of somebody that wait for approval, the newest first: questions, and what is below
    those that stand in one of these channels."""
    rows = await tx.rows(
        select(Post.id)
        .outerjoin(Place, Place.post_id == Post.question_id)
        .where(
            or_(Post.kind == PostKind.QUESTION, Place.home_id.in_(channels)),
            Post.guild_id == guild_id,
            TAKEN_OUT,
            Post.author_id.in_(authors),
            Post.status == PostStatus.HELD,
        )
        .order_by(Post.id.desc())
        .limit(_SHOWN)
    )
    return [row[0] for row in rows]
