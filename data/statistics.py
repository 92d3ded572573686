"""A server's figures over time, and questions that need attention."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, TypeVarTuple

from sqlalchemy import (
    BigInteger,
    Integer,
    Select,
    Subquery,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import aliased

from bot.domain.cards import Figures
from bot.domain.erasures import SEALED
from bot.domain.posts import PostKind, PostStatus
from data.bonuses import all_points
from data.database import Transaction
from data.models import Place, Post
from data.types import microseconds

# Created once: creating an alias takes longer than running some statements.
_answer = aliased(Post)

_QUESTION = Post.kind == literal_column("'question'")
_VISIBLE = Post.status == literal_column("'visible'")
_Ts = TypeVarTuple("_Ts")
_SAMPLE = 1000  # the newest questions that medians and shares are taken of
HEARD_WITHIN = timedelta(hours=24)
ENOUGH = 2  # people who reply, before a question no longer waits


async def figures(
    tx: Transaction,
    guild_id: int,
    since: datetime,
    now: datetime,
    channels: Collection[int] | None = None,
) -> Figures:
    """How a server is doing: all-time counts, and the median time to a first answer since then.
    With `channels`, only of posts in these channels."""
    counts_of_all = (
        select(
            _count(Post.kind == PostKind.QUESTION),
            _count(Post.kind == PostKind.ANSWER),
            _count(Post.kind == PostKind.COMMENT),
            _count((Post.kind == PostKind.QUESTION) & Post.best_answer_id.is_not(None)),
            _count((Post.kind == PostKind.QUESTION) & (Post.answer_count == 0)),
            func.count(func.distinct(case((Post.author_id > SEALED, Post.author_id)))),
            func.coalesce(func.sum(Post.up_votes + Post.down_votes), 0),
        )
        .select_from(Post)
        .where(Post.guild_id == guild_id, Post.status == PostStatus.VISIBLE)
    )
    row = await tx.row(_standing_in(counts_of_all, channels))
    waits = await _waits(tx, guild_id, since, channels)
    counts = tuple(int(value) for value in row) if row else (0,) * 7
    heard = await _heard(tx, guild_id, since, now - HEARD_WITHIN, channels)
    return Figures(*counts, first_answer=_median(waits), heard=heard)


def _median(values: Collection[float]) -> float | None:
    # Its module brings fractions along: a fifth of a megabyte, seldom needed.
    from statistics import median

    return median(values) if values else None


async def _heard(
    tx: Transaction,
    guild_id: int,
    since: datetime,
    until: datetime,
    channels: Collection[int] | None,
) -> float | None:
    """The share of the newest questions asked between two times to which two people replied within
    `HEARD_WITHIN`, of those that moderators or askers didn't close before; None without any."""
    asked = (
        select(Post.id, Post.created_at, Post.author_id)
        .where(
            Post.guild_id == guild_id,
            _QUESTION,
            _VISIBLE,
            Post.created_at >= since,
            Post.created_at <= until,
        )
        .order_by(Post.number.desc())
        .limit(_SAMPLE)
    )
    asked = _standing_in(asked, channels).subquery()
    each = _people_who_replied(asked).subquery()
    row = await tx.row(select(func.count(), _count(each.c.n >= ENOUGH)).select_from(each))
    return int(row[1]) / int(row[0]) if row and row[0] else None


def _people_who_replied(asked: Subquery) -> Select[*tuple[Any, ...]]:
    """For each of some questions, how many others replied to it within `HEARD_WITHIN`, as `n`."""
    person, asker = func.coalesce(_answer.author_id, 0), func.coalesce(asked.c.author_id, 0)
    in_time = type_coerce(_answer.created_at, BigInteger) - type_coerce(
        asked.c.created_at, BigInteger
    ) <= HEARD_WITHIN // timedelta(microseconds=1)
    reply = (
        (_answer.question_id == asked.c.id)
        & (_answer.kind != PostKind.QUESTION)
        & (_answer.status == PostStatus.VISIBLE)
        & (person != asker)
        & in_time
    )
    people = func.count(func.distinct(person)).filter(_answer.id.is_not(None))
    return (
        select(people.label("n")).select_from(asked).outerjoin(_answer, reply).group_by(asked.c.id)
    )


async def _waits(
    tx: Transaction, guild_id: int, since: datetime, channels: Collection[int] | None
) -> list[float]:
    """The times to others' first answers, in seconds, for the newest questions asked since a
    time."""
    answered = (
        select(Post.id, Post.created_at, Post.author_id)
        .where(
            Post.guild_id == guild_id,
            _QUESTION,
            _VISIBLE,
            Post.created_at >= since,
            Post.answer_count > 0,
        )
        .order_by(Post.number.desc())
        .limit(_SAMPLE)
    )
    answered = _standing_in(answered, channels).subquery()
    first = await tx.rows(
        select(answered.c.created_at, func.min(_answer.created_at))
        .join(_answer, _answer.question_id == answered.c.id)
        .where(
            _answer.kind == PostKind.ANSWER,
            _answer.status == PostStatus.VISIBLE,
            _answer.author_id != answered.c.author_id,
        )
        .group_by(answered.c.id, answered.c.created_at)
    )
    return [(answered - asked).total_seconds() for asked, answered in first]


def _standing_in(query: Select[*_Ts], channels: Collection[int] | None) -> Select[*_Ts]:
    """A query over posts, limited to those in some channels (None: in any)."""
    if channels is None:
        return query
    return query.join(Place, Place.post_id == Post.question_id).where(Place.home_id.in_(channels))


def _count(condition: Any) -> Any:
    return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)


async def activity(
    tx: Transaction,
    guild_id: int,
    starts: Sequence[datetime],
    channels: Collection[int] | None = None,
) -> list[tuple[int, int]]:
    """Visible questions and answers written from each of these times (two at least, evenly spaced,
    the earliest first) on, up to the next one; all later ones count for the last. With `channels`,
    only those in these channels."""
    first, second = microseconds(starts[0]), microseconds(starts[1])
    span = (type_coerce(Post.created_at, BigInteger) - first) // (second - first)
    written = (
        select(span, Post.kind, func.count())
        .select_from(Post)
        .where(
            Post.guild_id == guild_id,
            Post.status == PostStatus.VISIBLE,
            Post.kind.in_((PostKind.QUESTION, PostKind.ANSWER)),
            Post.created_at >= starts[0],
        )
        .group_by(span, Post.kind)
    )
    rows = await tx.rows(_standing_in(written, channels))
    counts = [[0, 0] for _ in starts]
    for place, kind, count in rows:
        counts[min(int(place), len(starts) - 1)][kind == PostKind.ANSWER] += int(count)
    return [(asked, answered) for asked, answered in counts]


async def points_over_time(
    tx: Transaction, guild_id: int, user_id: int, channels: Collection[int] | None = None
) -> list[tuple[datetime, int]]:
    """The changes of a member's points as (time, points), the earliest first; with `channels`, only
    those by posts in these channels, and bonuses."""
    changes = all_points(guild_id, channels).subquery()
    rows = await tx.rows(
        select(changes.c.at, changes.c.points)
        .where(changes.c.user_id == user_id)
        .order_by(changes.c.at)
    )
    return [(row[0], row[1]) for row in rows]


def _open_questions() -> Select[*tuple[Any, ...]]:
    return (
        select(Post.id, Post.author_id, Post.notify)
        .join(Place, Place.post_id == Post.id)
        .where(
            Post.guild_id == bindparam("guild"),
            _QUESTION,
            _VISIBLE,
            Post.active_at >= bindparam("since"),
            Post.closed_at.is_(None),
            Post.best_answer_id.is_(None),
            Place.thread_id.is_not(None),
        )
        .order_by(Post.active_at)
        .limit(bindparam("limit", type_=Integer))
    )


@cache
def _unanswered() -> Select[*tuple[Any, ...]]:
    return _open_questions().where(
        Post.repliers < ENOUGH,
        Post.created_at <= bindparam("before"),
        Post.unanswered_told_at.is_(None),
    )


async def unanswered(
    tx: Transaction, guild_id: int, since: datetime, before: datetime, limit: int
) -> list[int]:
    """Open questions asked between two times to which fewer than two people have replied, and of
    which the helpers weren't told yet."""
    sought = {"guild": guild_id, "since": since, "before": before, "limit": limit}
    return [row[0] for row in await tx.rows(_unanswered(), sought)]


async def waits(tx: Transaction, guild_id: int, post_id: int) -> bool:
    """Whether a question is still open, without a best answer, and fewer than two people have
    replied to it."""
    waiting = (_QUESTION, _VISIBLE, Post.repliers < ENOUGH, Post.closed_at.is_(None))
    query = select(Post.id).where(
        Post.id == post_id, Post.guild_id == guild_id, Post.best_answer_id.is_(None), *waiting
    )
    return await tx.scalar(query) is not None


@cache
def _to_nudge() -> Select[*tuple[Any, ...]]:
    good = exists().where(
        _answer.question_id == Post.id,
        _answer.kind == PostKind.ANSWER,
        _answer.status == PostStatus.VISIBLE,
        _answer.score > 0,
        _answer.author_id != Post.author_id,
        _answer.created_at <= bindparam("before"),
    )
    return _open_questions().where(
        Post.answer_count > 0, Post.nudged_at.is_(None), Post.author_id.is_not(None), good
    )


async def to_nudge(
    tx: Transaction, guild_id: int, since: datetime, before: datetime, limit: int
) -> list[tuple[int, int, bool]]:
    """Open questions with a good answer (up-voted, by somebody else, given before a time) and no
    best one, whose asker wasn't reminded yet: (question, asker, whether they ticked the box)."""
    sought = {"guild": guild_id, "since": since, "before": before, "limit": limit}
    return [(r[0], r[1], bool(r[2])) for r in await tx.rows(_to_nudge(), sought)]


async def mark(tx: Transaction, post_ids: Sequence[int], **times: datetime) -> None:
    """Note when a reminder about questions was sent (`unanswered_told_at`, `nudged_at`)."""
    if post_ids:
        await tx.execute(update(Post).where(Post.id.in_(post_ids)).values(**times))
