"""Comments below questions and answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update

from bot.domain.posts import PostKind, PostStatus
from data.database import Transaction
from data.models import Post


async def count_comment(tx: Transaction, question_id: int, parent_id: int, now: datetime) -> int:
    """Count a new comment on a post, and assign its number below the question."""
    statement = (
        update(Post)
        .where(Post.id == question_id)
        .values(last_sub_number=Post.last_sub_number + 1, active_at=now)
        .returning(Post.last_sub_number)
    )
    number = int(await tx.scalar(statement))
    await add_to_count(tx, parent_id, 1)
    return number


async def add_to_count(tx: Transaction, parent_id: int, comments: int) -> None:
    """Add to the count of visible comments on a post."""
    await tx.execute(
        update(Post).where(Post.id == parent_id).values(comment_count=Post.comment_count + comments)
    )


async def comments_on(tx: Transaction, guild_id: int, question_id: int, post_id: int) -> list[int]:
    """The visible comments on a post of a question's thread."""
    rows = await tx.rows(
        select(Post.id).where(
            Post.guild_id == guild_id,
            Post.question_id == question_id,
            Post.parent_id == post_id,
            Post.kind == PostKind.COMMENT,
            Post.status == PostStatus.VISIBLE,
        )
    )
    return [row[0] for row in rows]


async def below(tx: Transaction, guild_id: int, question_id: int) -> list[int]:
    """All visible answers and comments of a question."""
    rows = await tx.rows(
        select(Post.id)
        .where(
            Post.guild_id == guild_id,
            Post.question_id == question_id,
            Post.id != question_id,
            Post.status == PostStatus.VISIBLE,
        )
        .order_by(Post.sub_number)
    )
    return [row[0] for row in rows]
