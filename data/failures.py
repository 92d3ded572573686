"""Jobs of the outbox that Discord refused, and retrying them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from bot.domain.outbox import CHANNEL_GONE, WAITS_FOR_THREAD, JobKind
from bot.domain.posts import post_number
from data.database import Transaction
from data.models import OutboxRow, Post
from data.models.delivery import FAILING


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that was given up (`final`) or failed and is retried, and why. `number` is the post's,
    if it is about one."""

    guild_id: int
    kind: JobKind
    key: int
    error: str
    final: bool = True
    number: str = ""


_OF_POSTS = (JobKind.CARD, JobKind.REPORT)
_FAILED_ONCE = (OutboxRow.attempts > 0) & OutboxRow.error.not_in(("", WAITS_FOR_THREAD))


async def retry_failed(tx: Transaction, guild_id: int, now: datetime) -> int:
    """Retry everything in a server that was given up or waits after a failure; returns how many.
    Posts of deleted channels stay given up."""
    result = await tx.execute(
        update(OutboxRow)
        .where(
            OutboxRow.guild_id == guild_id,
            FAILING,
            OutboxRow.failed | ((OutboxRow.attempts > 0) & (OutboxRow.due_at > now)),
            OutboxRow.error != CHANNEL_GONE,
        )
        .values(failed=False, attempts=1, due_at=now)
    )
    tx.enqueued = True
    return result.rowcount


async def hasten(tx: Transaction, guild_id: int, now: datetime, limit: int) -> int:
    """Retry at most `limit` jobs of a server that wait after a failure, those due next first;
    returns how many. Jobs that were given up stay so."""
    rows = await tx.rows(
        select(OutboxRow.kind, OutboxRow.key)
        .where(
            OutboxRow.failed.is_(False),
            OutboxRow.due_at > now,
            OutboxRow.guild_id == guild_id,
            FAILING,
            OutboxRow.attempts > 0,
        )
        .order_by(OutboxRow.due_at)
        .limit(limit)
    )
    for kind in {row[0] for row in rows}:
        keys = [row[1] for row in rows if row[0] == kind]
        await tx.execute(
            update(OutboxRow)
            .where(OutboxRow.kind == kind, OutboxRow.key.in_(keys))
            .values(due_at=now)
        )
    tx.enqueued = tx.enqueued or bool(rows)
    return len(rows)


async def guilds_with_failures(tx: Transaction) -> list[int]:
    """The servers with jobs that wait after a failure."""
    query = select(OutboxRow.guild_id).where(
        FAILING, OutboxRow.failed.is_(False), OutboxRow.attempts > 0
    )
    return [row[0] for row in await tx.rows(query.distinct())]


async def failures(tx: Transaction, guild_id: int | None, limit: int) -> list[Failure]:
    """The jobs that were given up or are retried, in one server or (None) in all. Of the cards of
    deleted channels, only each server's first is included."""
    other = aliased(OutboxRow)
    first = (
        select(func.min(other.key))
        .where(
            other.guild_id == OutboxRow.guild_id,
            other.failed.is_(True),
            other.error == CHANNEL_GONE,
        )
        .scalar_subquery()
    )
    query = (
        select(
            OutboxRow.guild_id,
            OutboxRow.kind,
            OutboxRow.key,
            OutboxRow.error,
            OutboxRow.failed,
            Post.number,
            Post.sub_number,
        )
        .outerjoin(Post, OutboxRow.kind.in_(_OF_POSTS) & (Post.id == OutboxRow.key))
        .where(
            FAILING,
            OutboxRow.failed | _FAILED_ONCE,
            (OutboxRow.error != CHANNEL_GONE) | (OutboxRow.key == first),
        )
    )
    if guild_id is not None:
        query = query.where(OutboxRow.guild_id == guild_id)
    order = (OutboxRow.failed.desc(), OutboxRow.created_at, OutboxRow.key)
    rows = await tx.rows(query.order_by(*order).limit(limit))
    return [
        Failure(r[0], JobKind(r[1]), r[2], r[3], r[4], post_number(r[5], r[6]) if r[5] else "")
        for r in rows
    ]


async def problems_of(tx: Transaction, post_ids: Collection[int]) -> dict[int, str]:
    """The recorded reasons of posts whose cards were refused, by post."""
    rows = await tx.rows(
        select(OutboxRow.key, OutboxRow.error).where(
            OutboxRow.kind == JobKind.CARD,
            OutboxRow.key.in_(post_ids),
            OutboxRow.failed | _FAILED_ONCE,
        )
    )
    return {row[0]: row[1] for row in rows}
