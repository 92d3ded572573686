"""Weekly round-ups: when the latest one was due, where it was sent, and what it tells."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal_column, select, update
from sqlalchemy.orm import aliased

from bot.domain.cards import Author
from bot.domain.erasures import SEALED
from bot.domain.posts import PostKind, PostStatus
from bot.domain.reputation import displayed
from bot.domain.round_ups import Chosen
from bot.domain.rules import Rules
from data import cards
from data.database import Transaction
from data.models import Member, Name, Place, Post, PostText, Preference, RoundUpRow
from data.names import NAME, called
from data.statements import upsert

# Conditions of partial indexes are written as literals, see `data.listing`.
_WAITING = (
    (Post.kind == literal_column("'question'"))
    & (Post.status == literal_column("'visible'"))
    & (Post.answer_count == literal_column("0"))
    & Post.closed_at.is_(None)
)
_best = aliased(Post)
_answer = aliased(Post)
_earlier = aliased(Post)
_its_place = aliased(Place)


@dataclass(frozen=True, slots=True)
class Latest:
    """A server's latest round-up: when it was due and, once it was tried, where and since when.
    `changed_at` is when its channel or time was last chosen."""

    due_at: datetime
    changed_at: datetime
    channel_id: int | None
    tried_at: datetime | None


async def latest(tx: Transaction, guild_id: int) -> Latest | None:
    """A server's latest round-up; None if none was ever chosen."""
    row = await tx.row(
        select(
            RoundUpRow.due_at, RoundUpRow.changed_at, RoundUpRow.channel_id, RoundUpRow.tried_at
        ).where(RoundUpRow.guild_id == guild_id)
    )
    return None if row is None else Latest(*row)


async def note_change(tx: Transaction, guild_id: int, now: datetime) -> None:
    """Record that a round-up's channel or time was chosen. The caller has locked the server."""
    await tx.execute(
        upsert(tx.dialect, RoundUpRow)
        .values(guild_id=guild_id, due_at=now, changed_at=now)
        .on_conflict_do_update(index_elements=[RoundUpRow.guild_id], set_={"changed_at": now})
    )


async def begin(tx: Transaction, guild_id: int, due_at: datetime) -> None:
    """Record that a round-up is due. The caller has locked the server."""
    await tx.execute(
        update(RoundUpRow)
        .where(RoundUpRow.guild_id == guild_id)
        .values(due_at=due_at, channel_id=None, tried_at=None)
    )


async def record_try(tx: Transaction, guild_id: int, channel_id: int, at: datetime) -> None:
    """Record that the latest round-up may be in a channel from now on."""
    await tx.execute(
        update(RoundUpRow)
        .where(RoundUpRow.guild_id == guild_id)
        .values(channel_id=channel_id, tried_at=at)
    )


def _in_it(guild_id: int, user_id: Any) -> ColumnElement[bool]:
    """Whether a member didn't switch off being in round-ups."""
    return ~exists().where(
        Preference.guild_id == guild_id,
        Preference.user_id == user_id,
        Preference.in_round_up.is_(False),
    )


async def chosen(
    tx: Transaction,
    guild_id: int,
    since: datetime,
    channels: Collection[int],
    rules: Rules,
    limit: int,
) -> list[Chosen]:
    """Best answers chosen since a time in some channels, those with the most votes first."""
    rows = await tx.rows(_best_answers(guild_id, since, channels).limit(limit))
    lines = {line.post_id: line for line in await cards.lines(tx, guild_id, [r[0] for r in rows])}
    return [
        Chosen(lines[r[0]], r[1], Author(r[2], displayed(r[3] or 0, rules), r[4]))
        for r in rows
        if r[0] in lines
    ]


def _best_answers(
    guild_id: int, since: datetime, channels: Collection[int]
) -> Select[*tuple[Any, ...]]:
    """Rows of: question, text, author, their points, their name."""
    return (
        select(
            Post.id,
            PostText.body,
            _best.author_id,
            Member.points,
            NAME,
        )
        .join(_best, _best.id == Post.best_answer_id)
        .join(PostText, PostText.post_id == _best.id)
        .join(Place, Place.post_id == Post.id)
        .outerjoin(Member, (Member.guild_id == guild_id) & (Member.user_id == _best.author_id))
        .outerjoin(Name, called(guild_id, _best.author_id))
        .where(
            Post.guild_id == guild_id,
            Post.best_answer_id.is_not(None),
            Post.best_chosen_at >= since,
            Post.status == PostStatus.VISIBLE,
            _best.status == PostStatus.VISIBLE,
            Place.home_id.in_(channels),
            Place.message_id.is_not(None),
            _in_it(guild_id, Post.author_id),
            _in_it(guild_id, _best.author_id),
        )
        .order_by(_best.score.desc(), _best.id)
    )


async def waiting(
    tx: Transaction,
    guild_id: int,
    channels: Collection[int],
    limit: int,
    *,
    in_round_up: bool = False,
    but_of: int = 0,
) -> list[int]:
    """Questions in some channels without an answer, the oldest first. Left out are those of one
    member, and `in_round_up` those of members who switched that off."""
    query = (
        select(Post.id)
        .join(Place, Place.post_id == Post.id)
        .where(
            Post.guild_id == guild_id,
            _WAITING,
            Place.home_id.in_(channels),
            Place.message_id.is_not(None),
            func.coalesce(Post.author_id, -1) != but_of,
        )
    )
    if in_round_up:
        query = query.where(_in_it(guild_id, Post.author_id))
    return [row[0] for row in await tx.rows(query.order_by(Post.number).limit(limit))]


async def new_helpers(
    tx: Transaction,
    guild_id: int,
    since: datetime,
    channels: Collection[int],
    limit: int,
) -> Sequence[Author]:
    """Members whose first answer to somebody else in some channels came since a time."""
    rows = await tx.rows(
        select(_answer.author_id, func.max(NAME))
        .select_from(Post)
        .join(_answer, _answer.question_id == Post.id)
        .join(Place, Place.post_id == Post.id)
        .outerjoin(Name, called(guild_id, _answer.author_id))
        .where(
            Post.guild_id == guild_id,
            Post.kind == literal_column("'question'"),
            Post.status == literal_column("'visible'"),
            Post.active_at >= since,  # an answer makes its question active
            _answer.kind == PostKind.ANSWER,
            _answer.status == PostStatus.VISIBLE,
            _answer.created_at >= since,
            _answer.author_id > SEALED,  # whoever answers anonymously isn't named for it
            _answer.author_id != func.coalesce(Post.author_id, 0),
            Place.home_id.in_(channels),
            _in_it(guild_id, _answer.author_id),
            ~_answered_before(guild_id, since, channels),
        )
        .group_by(_answer.author_id)
        .order_by(func.min(_answer.id))
        .limit(limit)
    )
    return [Author(user_id, name=name or "") for user_id, name in rows]


def _answered_before(
    guild_id: int, since: datetime, channels: Collection[int]
) -> ColumnElement[bool]:
    """Whether an answer's author has an earlier one, given before a time."""
    return exists().where(
        _earlier.guild_id == guild_id,
        _earlier.author_id == _answer.author_id,
        _earlier.kind == PostKind.ANSWER,
        _earlier.status == PostStatus.VISIBLE,
        _earlier.created_at < since,
        _its_place.post_id == _earlier.question_id,
        _its_place.home_id.in_(channels),
    )
