"""The posts that a command can mean where none is named: one's own, answers to one's questions, and
the newest questions."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, literal_column, select
from sqlalchemy.orm import aliased

from bot.domain.posts import PostKind
from data.database import Transaction
from data.models import Place, Post
from data.paging import Page
from data.readers import Reader

_question = aliased(Post)
_KIND: ColumnElement[str] = literal_column("'question'")
_VISIBLE: ColumnElement[str] = literal_column("'visible'")
# Of the newest questions, how many are looked through for closed ones: few are, and no index has
# them.
_LOOKED_AT = 500


def _readable(reader: Reader) -> ColumnElement[bool]:
    """A question's home is readable, or it isn't shown in Discord yet."""
    return Place.home_id.in_(reader.channels) | Place.home_id.is_(None)


async def own_posts(
    tx: Transaction,
    reader: Reader,
    page: Page,
    *,
    kind: PostKind | None = None,
    closed: bool | None = None,
) -> list[int]:
    """A page of the reader's own visible posts, the newest first."""
    query = (
        select(Post.id)
        .outerjoin(Place, Place.post_id == Post.question_id)
        .where(
            Post.guild_id == reader.guild_id,
            reader.is_author(Post.author_id),
            Post.status == _VISIBLE,
            _readable(reader),
        )
    )
    if kind is not None:
        query = query.where(Post.kind == kind)
    # Sorted, since a member's own are few: given an order with an index, SQLite would walk through
    # everybody's.
    return await _ids(tx, _closed(query, closed).order_by((Post.id + 0).desc()), page)


async def answers_to(tx: Transaction, reader: Reader, page: Page) -> list[int]:
    """A page of the visible answers to the reader's own questions that have no best one, the newest
    first."""
    query = (
        select(Post.id)
        .join(_question, _question.id == Post.question_id)
        .outerjoin(Place, Place.post_id == _question.id)
        .where(
            _question.guild_id == reader.guild_id,
            reader.is_author(_question.author_id),
            _question.kind == _KIND,
            _question.status == _VISIBLE,
            _question.best_answer_id.is_(None),
            Post.kind == PostKind.ANSWER,
            Post.status == _VISIBLE,
            _readable(reader),
        )
    )
    return await _ids(tx, query.order_by((Post.id + 0).desc()), page)


async def others_questions(
    tx: Transaction, reader: Reader, page: Page, *, closed: bool | None = None
) -> list[int]:
    """A page of the newest questions that others asked. Of closed ones, only those among the
    server's newest 500."""
    query = (
        select(Post.id)
        .join(Place, Place.post_id == Post.id)
        .where(
            Post.guild_id == reader.guild_id,
            Post.kind == _KIND,
            Post.status == _VISIBLE,
            reader.is_no_author(Post.author_id),
            Place.home_id.in_(reader.channels),
        )
        .order_by(Post.number.desc())
    )
    if closed:
        newest = query.limit(_LOOKED_AT).subquery()
        query = select(Post.id).join(newest, newest.c.id == Post.id).order_by(Post.number.desc())
    return await _ids(tx, _closed(query, closed), page)


def _closed(query: Select[int], closed: bool | None) -> Select[int]:
    if closed is None:
        return query
    return query.where(Post.closed_at.is_not(None) if closed else Post.closed_at.is_(None))


async def _ids(tx: Transaction, query: Select[Any], page: Page) -> list[int]:
    return [row[0] for row in await tx.rows(query.limit(page.limit).offset(page.offset))]
