"""How many people have replied to a question, with answers or comments, the asker not counted.
Members whose data is erased count as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Subquery, case, func, literal, select
from sqlalchemy.orm import aliased

from bot.domain.posts import PostKind, PostStatus
from data.models import Post

# Created once: creating an alias takes longer than running some statements.
_reply = aliased(Post)
_asked = aliased(Post)


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


def counted(post_ids: Sequence[int]) -> Subquery:
    """How many people have replied to questions, as `n`."""
    people = func.count(func.distinct(func.coalesce(_reply.author_id, 0)))
    return (
        select(_reply.question_id, people.label("n"))
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
