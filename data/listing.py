"""Lists: questions by view, categories and tags with their counts.

Conditions of partial indexes are written as literals, since SQLite can't match a parameter with the
condition of an index.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, literal_column, select
from sqlalchemy.orm import aliased

from bot.domain.cards import AnswerLine, Author, QuestionLine
from bot.domain.posts import PostKind
from bot.domain.ranking import View, answer_rank
from bot.domain.reputation import displayed
from bot.domain.rules import Rules
from data import cards
from data import tags as tags_of_server
from data.database import Transaction
from data.models import Member, Name, Place, Post, PostTag, PostText, TagSynonym
from data.models.posts import HOTNESS
from data.names import NAME, called
from data.paging import Page
from data.readers import Reader

# Created once: creating an alias takes longer than running some statements.
_question = aliased(Post)

_QUESTION = Post.kind == literal_column("'question'")
_VISIBLE = Post.status == literal_column("'visible'")
FEW_REPLIES = (
    (Post.repliers < literal_column("2")) & Post.closed_at.is_(None) & Post.best_answer_id.is_(None)
)
"""Of an open question to which fewer than two people have replied."""
_HOTNESS: ColumnElement[int] = literal_column(f"({HOTNESS})")

_ORDER: dict[View, tuple[ColumnElement[Any], ...]] = {
    View.NEWEST: (Post.number.desc(),),
    View.ACTIVE: (Post.active_at.desc(), Post.id.desc()),
    View.HOT: (_HOTNESS.desc(), Post.id.desc()),
    View.VOTES: (Post.score.desc(), Post.id.desc()),
    View.UNANSWERED: (Post.number.desc(),),
    View.UNSOLVED: (Post.number.desc(),),
    View.WAITING: (Post.number.asc(),),
    # Sorted, since a member's own are few: given an order with an index, SQLite would walk through
    # everybody's.
    View.MINE: ((Post.number + 0).desc(),),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """The questions of a list: a view of all, or of those in some categories, with a tag, or asked
    since a time."""

    view: View
    categories: Collection[int] | None = None
    tag: str | None = None
    since: datetime | None = None


async def questions(
    tx: Transaction, reader: Reader, wanted: Wanted, page: Page
) -> list[QuestionLine]:
    """A page of visible questions in channels that the reader can see.

    The reader's own are always included, even before they are shown in Discord.
    """
    ordered = _ordered(reader, wanted)
    rows = await tx.rows(ordered.limit(page.limit).offset(page.offset))
    return await _lines(tx, reader, [row[0] for row in rows])


async def questions_with(
    tx: Transaction, reader: Reader, wanted: Wanted, page: Page
) -> list[QuestionLine] | None:
    """The same, if the tag that is wanted is no synonym; None if it is or may be one, since no
    such question has it."""
    synonym = exists().where(TagSynonym.guild_id == reader.guild_id, TagSynonym.tag == wanted.tag)
    ordered = _ordered(reader, wanted).add_columns(synonym)
    rows = await tx.rows(ordered.limit(page.limit).offset(page.offset))
    if not rows or rows[0][1]:
        return None
    return await _lines(tx, reader, [row[0] for row in rows])


async def _lines(tx: Transaction, reader: Reader, post_ids: Sequence[int]) -> list[QuestionLine]:
    found = await cards.lines(tx, reader.guild_id, post_ids) if post_ids else []
    return [line.read_in(reader.channels) for line in found]


def _ordered(reader: Reader, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    guild_id, mine = reader.guild_id, reader.is_author(Post.author_id)
    query: Select[*tuple[Any, ...]] = (
        select(Post.id)
        .outerjoin(Place, Place.post_id == Post.id)
        .where(Post.guild_id == guild_id, _QUESTION, _VISIBLE)
        .where(mine if wanted.view is View.MINE else Place.home_id.in_(reader.channels) | mine)
    )
    if wanted.view is View.UNANSWERED:
        query = query.where(Post.answer_count == 0, Post.closed_at.is_(None))
    elif wanted.view is View.UNSOLVED:
        query = query.where(Post.best_answer_id.is_(None), Post.closed_at.is_(None))
    elif wanted.view is View.WAITING:
        query = query.where(FEW_REPLIES)
    if wanted.categories is not None:
        query = query.where(Post.category_id.in_(wanted.categories))
    if wanted.tag is not None:
        query = query.join(PostTag, PostTag.post_id == Post.id).where(
            PostTag.guild_id == guild_id, PostTag.tag == wanted.tag
        )
    if wanted.since is not None:
        query = query.where(Post.created_at >= wanted.since)
    return query.order_by(*_ORDER[wanted.view])


async def answers(
    tx: Transaction, guild_id: int, question_id: int, rules: Rules
) -> list[AnswerLine]:
    """A question's visible answers, the best one first, then by score (`answer_rank`)."""
    rows = await tx.rows(
        select(
            Post.id,
            Post.number,
            Post.sub_number,
            PostText.body,
            Post.author_id,
            Member.points,
            Post.up_votes,
            Post.down_votes,
            _question.best_answer_id == Post.id,
            Place.channel_id,
            Place.message_id,
            NAME,
        )
        .join(PostText, PostText.post_id == Post.id)
        .join(_question, _question.id == Post.question_id)
        .outerjoin(Member, (Member.guild_id == guild_id) & (Member.user_id == Post.author_id))
        .outerjoin(Name, called(guild_id, Post.author_id))
        .outerjoin(Place, Place.post_id == Post.id)
        .where(
            Post.guild_id == guild_id,
            Post.question_id == question_id,
            Post.kind == PostKind.ANSWER,
            _VISIBLE,
        )
        .order_by(Post.sub_number)
    )
    found = [_answer_line(r, rules) for r in rows]
    return sorted(
        found, key=lambda line: answer_rank(best=line.best, up=line.up_votes, down=line.down_votes)
    )


def _answer_line(r: Row[*tuple[Any, ...]], rules: Rules) -> AnswerLine:
    return AnswerLine(
        post_id=r[0],
        number=r[1],
        sub_number=r[2],
        body=r[3],
        author=Author(r[4], displayed(r[5] or 0, rules), r[11]),
        up_votes=r[6],
        down_votes=r[7],
        best=bool(r[8]),
        channel_id=r[9],
        message_id=r[10],
    )


async def tags(
    tx: Transaction,
    guild_id: int,
    page: Page,
    *,
    begins: str = "",
    channels: Collection[int] | None = None,
    reader_id: int = 0,
) -> list[tuple[str, int]]:
    """A page of tags with their numbers of questions, the most used first.

    With `channels`, only questions in these channels and the reader's own count.
    """
    count = func.count()
    query = select(PostTag.tag, count).where(PostTag.guild_id == guild_id)
    query = await tags_of_server.readable(tx, query, guild_id, channels, reader_id)
    if begins:
        query = query.where(PostTag.tag.startswith(begins, autoescape=True))
    ordered = query.group_by(PostTag.tag).order_by(count.desc(), PostTag.tag)
    rows = await tx.rows(ordered.limit(page.limit).offset(page.offset))
    return [(row[0], int(row[1])) for row in rows]
