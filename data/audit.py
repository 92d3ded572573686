"""The audit log: what moderators and managers did."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, case, delete, func, insert, or_, select
from sqlalchemy.orm import aliased

from bot.domain.audit import AuditEntry, AuditFilter, AuditKind, AuditLine
from bot.domain.posts import PostStatus, post_number
from bot.domain.sweeps import SweepState
from data.database import Transaction
from data.models import AuditRow, Name, Place, Post, Sweep, SweepPost
from data.names import called
from data.paging import Page

# Created once: creating an alias takes longer than running some statements.
_actor, _subject = aliased(Name), aliased(Name)
_home = aliased(Place)
_first = aliased(AuditRow)


async def note(tx: Transaction, guild_id: int, entry: AuditEntry) -> int:
    """Keep an act, in the transaction that does it; returns its row. The caller has locked the
    server."""
    made = insert(AuditRow).values(
        guild_id=guild_id,
        at=entry.at,
        actor_id=entry.actor_id,
        kind=entry.kind,
        post_id=entry.post_id,
        subject_id=entry.subject_id,
        reason=entry.reason,
        before=json.dumps(dict(entry.before), sort_keys=True),
        after=json.dumps(dict(entry.after), sort_keys=True),
    )
    return int(await tx.scalar(made.returning(AuditRow.id)))


async def lines(tx: Transaction, guild_id: int, wanted: AuditFilter, page: Page) -> list[AuditLine]:
    """A page of a server's log, the newest first."""
    found = _wanted(guild_id, wanted).order_by(AuditRow.id.desc())
    ids = found.limit(page.limit).offset(page.offset).subquery()
    query = (
        select(
            AuditRow.kind,
            AuditRow.actor_id,
            AuditRow.at,
            AuditRow.post_id,
            AuditRow.subject_id,
            AuditRow.reason,
            AuditRow.before,
            AuditRow.after,
            func.coalesce(_actor.name, "").label("actor"),
            func.coalesce(_subject.name, "").label("subject"),
            Post.number,
            Post.sub_number,
            Post.status,
            _home.home_id,
            Place.channel_id,
            Place.message_id,
        )
        .join(ids, ids.c.id == AuditRow.id)
        .outerjoin(_actor, called(AuditRow.guild_id, AuditRow.actor_id, _actor))
        .outerjoin(_subject, called(AuditRow.guild_id, AuditRow.subject_id, _subject))
        .outerjoin(Post, (Post.id == AuditRow.post_id) & (Post.guild_id == AuditRow.guild_id))
        .outerjoin(Place, Place.post_id == Post.id)
        .outerjoin(_home, _home.post_id == Post.question_id)
        .order_by(AuditRow.id.desc())
    )
    return [_line(row) for row in await tx.rows(query)]


def _wanted(guild_id: int, wanted: AuditFilter) -> Select[*tuple[Any, ...]]:
    """The rows of the acts that are wanted, each filter by an index that ends in `id`."""
    query = select(AuditRow.id).where(AuditRow.guild_id == guild_id)
    if wanted.actor_id is not None:
        query = query.where(AuditRow.actor_id == wanted.actor_id)
    if wanted.kind is not None:
        query = query.where(AuditRow.kind == wanted.kind)
    if wanted.post_id is not None:
        query = query.where(AuditRow.id.in_(_about(guild_id, wanted.post_id)))
    if wanted.since is not None:
        # Rows are in the order of their time, but for a clock that was corrected.
        later = (_first.guild_id == guild_id, _first.at >= wanted.since)
        first = select(_first.id).where(*later).order_by(_first.at, _first.id).limit(1)
        query = query.where(AuditRow.id >= first.scalar_subquery(), AuditRow.at >= wanted.since)
    return query


def _about(guild_id: int, post_id: int) -> Any:
    """The acts on a post: on it alone, and on all posts of its author."""
    alone = select(_first.id).where(_first.guild_id == guild_id, _first.post_id == post_id)
    together = select(Sweep.audit_id).join(SweepPost, SweepPost.sweep_id == Sweep.id)
    done = SweepPost.state.in_([SweepState.DONE, SweepState.SHOWN])
    return alone.union_all(together.where(SweepPost.post_id == post_id, done))


def _line(row: Row[*tuple[Any, ...]]) -> AuditLine:
    before, after = _states(row.before), _states(row.after)
    done = (AuditKind(row.kind), row.actor_id, row.at, row.post_id, row.subject_id, row.reason)
    entry = AuditEntry(*done, before, after)
    if row.number is None:  # it is about no post, or about one that is no more
        return AuditLine(entry, row.actor, row.subject)
    shown = row.status == PostStatus.VISIBLE
    return AuditLine(
        entry,
        row.actor,
        row.subject,
        post_number(row.number, row.sub_number),
        row.home_id,
        row.channel_id if shown else None,
        row.message_id if shown else None,
    )


def _states(stored: str) -> dict[str, str]:
    return json.loads(stored)


async def is_locked(tx: Transaction, guild_id: int, post_id: int) -> bool:
    """Whether a question's thread is locked by what the log says."""
    last = select(AuditRow.kind).where(
        AuditRow.guild_id == guild_id,
        AuditRow.post_id == post_id,
        AuditRow.kind.in_([AuditKind.LOCK, AuditKind.UNLOCK]),
    )
    return await tx.scalar(last.order_by(AuditRow.id.desc()).limit(1)) == AuditKind.LOCK


async def last_by(
    tx: Transaction, guild_id: int, post_id: int, kinds: Collection[AuditKind]
) -> int | None:
    """Who did the last of these acts on a post; None if nobody in particular did, or none is
    kept."""
    acts = select(AuditRow.actor_id).where(
        AuditRow.id.in_(_about(guild_id, post_id)), AuditRow.kind.in_(kinds)
    )
    return await tx.scalar(acts.order_by(AuditRow.id.desc()).limit(1))


async def reviews_since(
    tx: Transaction, guild_id: int, since: datetime, kinds: Collection[AuditKind], user_id: int
) -> tuple[int, int]:
    """How many of these acts moderators did since a time, and how many of them one member did."""
    own = func.coalesce(func.sum(case((AuditRow.actor_id == user_id, 1), else_=0)), 0)
    row = await tx.row(
        select(func.count(), own).where(
            AuditRow.guild_id == guild_id,
            AuditRow.at >= since,
            AuditRow.kind.in_(kinds),
            AuditRow.actor_id.is_not(None),
        )
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)


async def any_old(tx: Transaction, before: datetime) -> bool:
    """Whether there are acts from before a time."""
    old = (select(t.id).where(t.at < before).exists() for t in (AuditRow, Sweep))
    return bool(await tx.scalar(select(or_(*old))))


async def drop_old(tx: Transaction, before: datetime, limit: int) -> int:
    """Erase acts from before a time, at most `limit`; returns how many. Which posts an act hid is
    forgotten with its line in the log."""
    for table in (Sweep, AuditRow):
        old = select(table.id).where(table.at < before).order_by(table.at).limit(limit)
        gone = await tx.execute(delete(table).where(table.id.in_(old)))
    return gone.rowcount
