"""All posts of a member: which of them a moderator may hide or show, and which an act is about."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    case,
    distinct,
    exists,
    func,
    insert,
    literal_column,
    or_,
    select,
    union,
    update,
)
from sqlalchemy.orm import aliased

from bot.domain.posts import PostKind, PostStatus
from bot.domain.review import ReportReason
from bot.domain.sweeps import Outlook, SweepKind, SweepState
from bot.domain.sweeps import Sweep as Loaded
from data.database import Transaction
from data.models import Place, Post, Sweep, SweepPost

# As the partial index says it; otherwise SQLite doesn't use that.
_WAITS = SweepPost.state == literal_column("'waiting'")
# Created once: creating an alias takes longer than running some statements.
_below = aliased(Post)


@dataclass(frozen=True, slots=True)
class Homes:
    """The channels in which somebody moderates; with `unplaced`, also what stands in none yet."""

    channels: Collection[int]
    unplaced: bool


def shown_posts(
    guild_id: int, member_id: int, since: datetime | None, homes: Homes
) -> Select[*tuple[Any, ...]]:
    """The visible posts of a member in some channels, without those that wait to be hidden. A
    sealed post has no member."""
    waits = exists().where(SweepPost.post_id == Post.id, _WAITS)
    query = _in(homes).where(
        Post.guild_id == guild_id,
        Post.author_id == member_id,
        Post.status == PostStatus.VISIBLE,
        ~waits,
    )
    return query if since is None else query.where(Post.created_at >= since)


def hidden_posts(
    guild_id: int, member_id: int, homes: Homes, sweep_id: int | None = None
) -> Select[*tuple[Any, ...]]:
    """The hidden posts in some channels that such acts on a member (or one of them) hid."""
    by_them = exists().where(
        SweepPost.post_id == Post.id,
        SweepPost.state == SweepState.DONE,
        Sweep.id == SweepPost.sweep_id,
        Sweep.kind == SweepKind.HIDE,
    )
    if sweep_id is not None:
        by_them = by_them.where(Sweep.id == sweep_id)
    waits = exists().where(SweepPost.post_id == Post.id, _WAITS)
    return _in(homes).where(
        Post.guild_id == guild_id,
        Post.author_id == member_id,
        Post.status == PostStatus.HIDDEN,
        by_them,
        ~waits,
    )


def _in(homes: Homes) -> Select[*tuple[Any, ...]]:
    here = Place.home_id.in_(homes.channels)
    where = or_(here, Place.home_id.is_(None)) if homes.unplaced else here
    return (
        select(Post.id, Post.question_id, Post.kind)
        .outerjoin(Place, Place.post_id == Post.question_id)
        .where(where)
    )


async def outlook(tx: Transaction, member_id: int, wanted: Select[*tuple[Any, ...]]) -> Outlook:
    """How many posts these are, and what others wrote below them."""
    these = wanted.subquery()
    count = select(func.count(), func.count(distinct(these.c.question_id))).select_from(these)
    row = await tx.row(count)
    if row is None or not row[0]:
        return Outlook(0)
    ids = select(these.c.id)
    questions = ids.where(these.c.kind == PostKind.QUESTION)
    # Each by an index of its own: PostgreSQL reads all posts for both in one.
    below = union(
        _others(member_id, _below.question_id.in_(questions)),
        _others(member_id, _below.parent_id.in_(ids)),
    )
    others = select(func.count()).select_from(below.subquery())
    return Outlook(int(row[0]), int(row[1]), int(await tx.scalar(others) or 0))


def _others(member_id: int, where: ColumnElement[bool]) -> Select[int]:
    """The visible posts of others than a member."""
    theirs = or_(_below.author_id.is_(None), _below.author_id != member_id)
    return select(_below.id).where(where, _below.status == PostStatus.VISIBLE, theirs)


async def begin(
    tx: Transaction, sweep: Loaded, audit_id: int, wanted: Select[*tuple[Any, ...]]
) -> Loaded:
    """Note an act about these posts, which all wait then; returns it with its row."""
    made = insert(Sweep).values(
        guild_id=sweep.guild_id,
        kind=sweep.kind,
        member_id=sweep.member_id,
        actor_id=sweep.actor_id,
        reason=sweep.reason,
        at=sweep.at,
        audit_id=audit_id,
    )
    sweep_id = int(await tx.scalar(made.returning(Sweep.id)))
    # What is told to their author comes first: a question, which the inbox always shows.
    rank = case((Post.kind == PostKind.QUESTION, 0), (Post.kind == PostKind.ANSWER, 1), else_=2)
    ids = [row[0] for row in await tx.rows(wanted.order_by(rank, Post.id))]
    rows = [
        {
            "sweep_id": sweep_id,
            "post_id": post_id,
            "guild_id": sweep.guild_id,
            "position": position,
            "state": SweepState.WAITING.value,
        }
        for position, post_id in enumerate(ids)
    ]
    if rows:
        await tx.execute(insert(SweepPost), rows)
    return replace(sweep, sweep_id=sweep_id)


async def find(tx: Transaction, guild_id: int, sweep_id: int) -> Loaded | None:
    """An act of this server; None if there is none."""
    return _loaded(await tx.row(_acts(guild_id).where(Sweep.id == sweep_id)))


async def that_hid(tx: Transaction, guild_id: int, post_id: int) -> Loaded | None:
    """The act on all posts of a member that hid a post, which nobody has shown since."""
    hid = (SweepPost.post_id == post_id, SweepPost.state == SweepState.DONE)
    query = _acts(guild_id).join(SweepPost, SweepPost.sweep_id == Sweep.id)
    query = query.where(*hid, Sweep.kind == SweepKind.HIDE)
    return _loaded(await tx.row(query.order_by(Sweep.id.desc()).limit(1)))


async def last_of(
    tx: Transaction, guild_id: int, member_id: int, actor_id: int, kind: SweepKind
) -> Loaded | None:
    """The last such act of a moderator on a member."""
    theirs = (Sweep.member_id == member_id, Sweep.actor_id == actor_id, Sweep.kind == kind)
    return _loaded(await tx.row(_acts(guild_id).where(*theirs).order_by(Sweep.id.desc()).limit(1)))


def _acts(guild_id: int) -> Select[*tuple[Any, ...]]:
    columns = (Sweep.id, Sweep.guild_id, Sweep.kind, Sweep.member_id, Sweep.actor_id)
    return select(*columns, Sweep.reason, Sweep.at).where(Sweep.guild_id == guild_id)


def _loaded(row: Any) -> Loaded | None:
    if row is None:
        return None
    kind, reason = SweepKind(row.kind), ReportReason(row.reason or ReportReason.OTHER)
    return Loaded(row.id, row.guild_id, kind, row.member_id, row.actor_id, reason, row.at)


async def count(tx: Transaction, sweep_id: int, *states: SweepState) -> int:
    """How many posts of an act are in one of these states."""
    query = select(func.count()).where(SweepPost.sweep_id == sweep_id)
    return int(await tx.scalar(query.where(SweepPost.state.in_(states))) or 0)


async def next_waiting(tx: Transaction, sweep_id: int, limit: int) -> list[int]:
    """The next posts of an act whose turn it is."""
    waiting = (SweepPost.sweep_id == sweep_id, _WAITS)
    query = select(SweepPost.post_id).where(*waiting).order_by(SweepPost.position)
    return [row[0] for row in await tx.rows(query.limit(limit))]


async def is_first(tx: Transaction, sweep_id: int, post_id: int) -> bool:
    """Whether nothing was done to another post of an act yet."""
    settled = SweepPost.state.in_([SweepState.DONE, SweepState.SHOWN])
    done = (SweepPost.sweep_id == sweep_id, settled)
    query = select(SweepPost.post_id).where(*done, SweepPost.post_id != post_id)
    return await tx.scalar(query.limit(1)) is None


async def settle(tx: Transaction, sweep_id: int, post_id: int, state: SweepState) -> None:
    """Note what became of a post of an act."""
    this = (SweepPost.sweep_id == sweep_id, SweepPost.post_id == post_id)
    await tx.execute(update(SweepPost).where(*this).values(state=state))


async def stop(tx: Transaction, sweep_id: int) -> None:
    """Pass over the posts of an act that still wait."""
    waiting = (SweepPost.sweep_id == sweep_id, _WAITS)
    await tx.execute(update(SweepPost).where(*waiting).values(state=SweepState.PASSED))


async def shown_again(tx: Transaction, post_id: int) -> None:
    """Note that a post is shown again, whoever did it: undoing what hid it before shows it no
    more."""
    done = (SweepPost.post_id == post_id, SweepPost.state == SweepState.DONE)
    hid = select(Sweep.id).where(Sweep.id == SweepPost.sweep_id, Sweep.kind == SweepKind.HIDE)
    await tx.execute(update(SweepPost).where(*done, hid.exists()).values(state=SweepState.SHOWN))


async def unfinished(tx: Transaction) -> list[tuple[int, int]]:
    """The acts, as (server, act), of which posts wait."""
    waiting = select(SweepPost.sweep_id).where(_WAITS)
    query = select(Sweep.guild_id, Sweep.id).where(Sweep.id.in_(waiting)).order_by(Sweep.id)
    return [(row[0], row[1]) for row in await tx.rows(query)]
