"""Comments below questions and answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import case, literal, select, update

from bot.domain.posts import PostKind, PostStatus
from data.database import Transaction
from data.models import Post
from data.repliers import one_more


async def count_comment(
    tx: Transaction, question_id: int, parent_id: int, author_id: int, now: datetime
) -> int:
    """Count a new comment on a post, and assign its number below the question."""
    is_question, is_parent = Post.id == question_id, Post.id == parent_id
    replier = one_more(question_id, author_id)
    statement = (
        update(Post)
        .where(Post.id.in_({question_id, parent_id}))
        .values(
            last_sub_number=Post.last_sub_number + case((is_question, 1), else_=0),
            active_at=case((is_question, literal(now, Post.active_at.type)), else_=Post.active_at),
            comment_count=Post.comment_count + case((is_parent, 1), else_=0),
            repliers=Post.repliers + case((is_question, replier), else_=0),
        )
        .returning(Post.id, Post.last_sub_number)
    )
    numbers = {row[0]: row[1] for row in await tx.rows(statement)}
    return int(numbers[question_id])


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
