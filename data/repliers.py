"""How many people have replied to a question, with answers or comments, the asker not counted.
Members whose data is erased count as one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Subquery, case, func, literal, select, update
from sqlalchemy.orm import aliased

from bot.domain.posts import PostKind, PostStatus
from data.database import Transaction
from data.models import Post
from data.statements import of_server

# Created once: creating an alias takes longer than running some statements.
_reply = aliased(Post)
_asked = aliased(Post)
_PEOPLE: Final = func.count(func.distinct(func.coalesce(_reply.author_id, 0)))


def one_more(question_id: int, author_id: int | None, but: int = 0) -> ColumnElement[Any]:
    """1 if somebody's reply makes one replier more, to be used in an UPDATE of their question: it
    is their only visible one, `but` one, and they didn't ask."""
    who = literal(author_id or 0, BigInteger)
    another = (
        select(_reply.id)
        .where(
            _reply.question_id == question_id,
            _reply.kind != PostKind.QUESTION,
            _reply.status == PostStatus.VISIBLE,
            func.coalesce(_reply.author_id, 0) == who,
            _reply.id != but,
        )
        .exists()
    )
    return case((another | (func.coalesce(Post.author_id, 0) == who), 0), else_=1)


async def count_again(tx: Transaction, guild_id: int, question_ids: Collection[int]) -> None:
    """Have these questions of a server say how many people have replied to them."""
    people = (
        select(_PEOPLE)
        .where(
            _reply.question_id == Post.id,
            _reply.kind != PostKind.QUESTION,
            _reply.status == PostStatus.VISIBLE,
            func.coalesce(_reply.author_id, 0) != func.coalesce(Post.author_id, 0),
        )
        .correlate(Post)
        .scalar_subquery()
    )
    these = (of_server(Post, guild_id), Post.id.in_(question_ids), Post.repliers != people)
    await tx.execute(update(Post).where(*these).values(repliers=people))


def counted(post_ids: Sequence[int]) -> Subquery:
    """How many people have replied to questions, as `n`."""
    return (
        select(_reply.question_id, _PEOPLE.label("n"))
        .join(_asked, _asked.id == _reply.question_id)
        .where(
            _reply.question_id.in_(post_ids),
            _reply.kind != PostKind.QUESTION,
            _reply.status == PostStatus.VISIBLE,
            func.coalesce(_reply.author_id, 0) != func.coalesce(_asked.author_id, 0),
        )
        .group_by(_reply.question_id)
        .subquery()
    )
