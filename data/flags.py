"""Reports of posts, and the moderators' queues."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVarTuple

from sqlalchemy import Select, case, func, select, update

from bot.domain.posts import PostStatus
from bot.domain.review import THE_SERVER, Cause, Report, ReportReason
from data.database import Transaction
from data.guilds import homes
from data.models import Flag, Name, Place, Post, Removal
from data.models.posts import TAKEN_OUT
from data.names import NAME, called
from data.statements import upsert

_Ts = TypeVarTuple("_Ts")


@dataclass(frozen=True, slots=True)
class NewFlag:
    """A member's report about to be written. `counts` tells whether it counts towards hiding the
    post; `reason` is what they wrote."""

    post_id: int
    user_id: int
    why: ReportReason
    reason: str
    counts: bool


async def add_flag(tx: Transaction, guild_id: int, flag: NewFlag, now: datetime) -> bool:
    """Note a member's report of a post; False if they have ever reported it before."""
    statement = (
        upsert(tx.dialect, Flag)
        .values(
            post_id=flag.post_id,
            user_id=flag.user_id,
            guild_id=guild_id,
            why=flag.why,
            reason=flag.reason,
            at=now,
            counts=flag.counts,
        )
        .on_conflict_do_nothing()
        .returning(Flag.post_id)
    )
    return await tx.scalar(statement) is not None


async def flag_by_server(
    tx: Transaction, guild_id: int, post_id: int, cause: Cause, now: datetime
) -> None:
    """Note that the server reports a post. After a decision, it waits for another one."""
    anew = {"at": now, "decided_at": None, "why": cause.why, "reason": cause.reason}
    await tx.execute(
        upsert(tx.dialect, Flag)
        .values(
            post_id=post_id,
            user_id=THE_SERVER,
            guild_id=guild_id,
            counts=False,
            **anew,
        )
        .on_conflict_do_update(index_elements=[Flag.post_id, Flag.user_id], set_=anew)
    )


async def count_flags(tx: Transaction, post_id: int) -> int:
    """How many open reports of a post count towards hiding it."""
    count = select(func.count()).select_from(Flag)
    waiting = (Flag.post_id == post_id, Flag.counts.is_(True), Flag.decided_at.is_(None))
    return int(await tx.scalar(count.where(*waiting)) or 0)


async def any_worry(tx: Transaction, post_id: int) -> bool:
    """Whether an open report of a post says that somebody is worried about its author."""
    worried = (Flag.post_id == post_id, Flag.why == ReportReason.WORRIED)
    query = select(Flag.post_id).where(*worried, Flag.decided_at.is_(None))
    return await tx.scalar(query.limit(1)) is not None


async def decide_flags(tx: Transaction, post_id: int, now: datetime) -> int:
    """Note that a moderator has decided a post's reports; returns how many were open."""
    result = await tx.execute(
        update(Flag)
        .where(Flag.post_id == post_id, Flag.decided_at.is_(None))
        .values(decided_at=now)
    )
    return result.rowcount


async def flags_of(tx: Transaction, post_id: int) -> list[Report]:
    """The open reports of a post, the earliest first. Nobody learns who is worried."""
    rows = await tx.rows(
        select(Flag.user_id, Flag.reason, Flag.at, NAME, Flag.why)
        .outerjoin(Name, called(Flag.guild_id, Flag.user_id))
        .where(Flag.post_id == post_id, Flag.decided_at.is_(None))
        .order_by(Flag.at, Flag.user_id)
    )
    return [_report(*row) for row in rows]


def _report(user_id: int, reason: str, at: datetime, name: str, why: str) -> Report:
    if ReportReason(why) is ReportReason.WORRIED:
        return Report(0, reason, at, why=ReportReason.WORRIED)
    return Report(user_id, reason, at, name, ReportReason(why))


# How urgent a post's open reports are: a worry comes before everything else.
_WORRIED = func.max(case((Flag.why == ReportReason.WORRIED, 1), else_=0)).desc()
MOST_URGENT: Final = (_WORRIED, func.min(Flag.at), Flag.post_id)


@dataclass(frozen=True, slots=True)
class WaitingPost:
    """A post that waits for a decision, since when, and why: somebody is worried, it has blocked
    words, or it is held for approval."""

    post_id: int
    since: datetime
    worried: bool
    words: bool
    held: bool


async def waiting(
    tx: Transaction, guild_id: int, closed: Collection[int] = ()
) -> list[WaitingPost]:
    """The posts of a server with open reports, and those that wait for approval, except those in
    channels that are `closed` to the reader."""
    worried, words = (
        func.max(case((Flag.why == why, 1), else_=0))
        for why in (ReportReason.WORRIED, ReportReason.WORDS)
    )
    reported = (
        select(Flag.post_id, func.min(Flag.at), worried, words)
        .join(Post, Post.id == Flag.post_id)
        .where(
            Flag.guild_id == guild_id,
            Flag.decided_at.is_(None),
            Post.status.not_in((PostStatus.DELETED, PostStatus.HELD)),
        )
        .group_by(Flag.post_id)
    )
    held = select(Post.id, Post.created_at).where(
        Post.guild_id == guild_id, TAKEN_OUT, Post.status == PostStatus.HELD
    )
    posts = [
        WaitingPost(row[0], row[1], bool(row[2]), bool(row[3]), held=False)
        for row in await tx.rows(await _open(tx, guild_id, reported, closed))
    ]
    return posts + [
        WaitingPost(row[0], row[1], worried=False, words=False, held=True)
        for row in await tx.rows(await _open(tx, guild_id, held, closed))
    ]


async def hidden(
    tx: Transaction, guild_id: int, closed: Collection[int] = ()
) -> list[tuple[int, datetime]]:
    """The hidden posts of a server with the time they were written, the newest first, except those
    in `closed` channels."""
    query = (
        select(Post.id, Post.created_at)
        .where(Post.guild_id == guild_id, TAKEN_OUT, Post.status == PostStatus.HIDDEN)
        .order_by(Post.id.desc())
    )
    rows = await tx.rows(await _open(tx, guild_id, query, closed))
    return [(row[0], row[1]) for row in rows]


async def to_show_again(
    tx: Transaction, guild_id: int, channels: Collection[int], limit: int
) -> Sequence[int]:
    """The hidden posts in some channels, the newest first, and the deleted ones whose text isn't
    erased yet."""
    waiting = select(Removal.post_id).where(Removal.erase_at.is_not(None))
    gone = (Post.status == PostStatus.HIDDEN) | Post.id.in_(waiting)
    rows = await tx.rows(
        select(Post.id)
        .join(Place, Place.post_id == func.coalesce(Post.question_id, Post.id))
        .where(Post.guild_id == guild_id, TAKEN_OUT, gone, Place.home_id.in_(channels))
        .order_by(Post.id.desc())
        .limit(limit)
    )
    return [row[0] for row in rows]


async def _open(
    tx: Transaction, guild_id: int, query: Select[*_Ts], closed: Collection[int]
) -> Select[*_Ts]:
    """Only posts outside these channels. A post that isn't shown yet may be about to appear in one
    of them."""
    if not closed:
        return query
    placed = Place.home_id.not_in(closed)
    if not await homes(tx, guild_id) & set(closed):
        placed = placed | Place.home_id.is_(None)
    query = query.outerjoin(Place, Place.post_id == func.coalesce(Post.question_id, Post.id))
    return query.where(placed)
