"""The outbox: what Discord should show, waiting to be shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    UpdateBase,
    case,
    delete,
    false,
    func,
    select,
    type_coerce,
    update,
)

from bot.domain.outbox import WAITS_FOR_THREAD, Job, JobKind, Priority
from bot.domain.posts import post_number
from data.database import Transaction
from data.models import Notice, OutboxRow, Post
from data.statements import ForEach, upsert
from data.types import microseconds

_SOON = 10_000_000  # microseconds until a job that was refused is tried again with new facts


@dataclass(frozen=True, slots=True)
class Failure:
    """A job that was given up (`final`), or failed and is tried again, and why. `number` is the
    post's, where it is about one."""

    guild_id: int
    kind: JobKind
    key: int
    error: str
    final: bool = True
    number: str = ""


async def enqueue(
    tx: Transaction,
    guild_id: int,
    kind: JobKind,
    keys: Iterable[int],
    priority: Priority,
    now: datetime,
) -> None:
    """Ask for jobs to be done after this transaction. Asking again only bumps the revision.

    A job that was given up is tried again, since the facts it failed on have changed. It counts
    as tried once: one of the attempts may have reached Discord, which is then looked at first. One
    that Discord refused, and that waits, is due within some seconds.
    """
    at = microseconds(now)
    rows = [
        {
            "kind": kind.value,
            "key": key,
            "guild_id": guild_id,
            "revision": 1,
            "priority": priority.value,
            "due_at": at,
            "created_at": at,
        }
        for key in dict.fromkeys(keys)
    ]
    if rows:
        await tx.for_each(_ENQUEUE, rows)
        tx.enqueued = True


def _enqueue(dialect: str) -> UpdateBase:
    insert = upsert(dialect, OutboxRow)
    # Left for later to spare Discord, but somebody waits for it now.
    urgent = (OutboxRow.attempts == 0) & (insert.excluded.priority < OutboxRow.priority)
    # Discord answers, but refused it (the status begins what is recorded): what is new may pass.
    # Where Discord is down, it is so for new facts as well.
    refused = (OutboxRow.attempts > 0) & OutboxRow.error.like("4%")
    waited_for = refused & (insert.excluded.priority < Priority.REFRESH)
    again = OutboxRow.failed | urgent | waited_for
    soon = type_coerce(insert.excluded.due_at, BigInteger) + _SOON
    late = refused & (type_coerce(OutboxRow.due_at, BigInteger) > soon)
    return insert.on_conflict_do_update(
        index_elements=[OutboxRow.kind, OutboxRow.key],
        set_={
            "revision": OutboxRow.revision + 1,
            "priority": case(
                (OutboxRow.priority < insert.excluded.priority, OutboxRow.priority),
                else_=insert.excluded.priority,
            ),
            "due_at": case((again, insert.excluded.due_at), (late, soon), else_=OutboxRow.due_at),
            "attempts": case((OutboxRow.failed, 1), else_=OutboxRow.attempts),
            "failed": false(),
        },
    )


_ENQUEUE = ForEach(_enqueue)


def _of(guilds: frozenset[int] | None) -> list[ColumnElement[bool]]:
    return [] if guilds is None else [OutboxRow.guild_id.in_(guilds)]


async def due(
    tx: Transaction, now: datetime, limit: int, guilds: frozenset[int] | None = None
) -> list[Job]:
    """The jobs to do now, the most urgent first; `guilds` bounds them to a process's own."""
    rows = await tx.rows(
        select(
            OutboxRow.kind,
            OutboxRow.key,
            OutboxRow.guild_id,
            OutboxRow.revision,
            OutboxRow.attempts,
            OutboxRow.created_at,
            OutboxRow.priority,
            func.coalesce(Post.question_id, Notice.user_id, OutboxRow.key),
        )
        .outerjoin(Post, (OutboxRow.kind == JobKind.CARD) & (Post.id == OutboxRow.key))
        .outerjoin(Notice, (OutboxRow.kind == JobKind.NOTICE) & (Notice.id == OutboxRow.key))
        .where(OutboxRow.failed.is_(False), OutboxRow.due_at <= now, *_of(guilds))
        .order_by(OutboxRow.priority, OutboxRow.created_at, OutboxRow.key)
        .limit(limit)
    )
    return [Job(JobKind(r[0]), r[1], r[2], r[3], r[4], r[5], Priority(r[6]), r[7]) for r in rows]


async def next_due(tx: Transaction, guilds: frozenset[int] | None = None) -> datetime | None:
    """When the earliest waiting job is due; None where nothing waits."""
    earliest = select(OutboxRow.due_at).where(OutboxRow.failed.is_(False), *_of(guilds))
    return await tx.scalar(earliest.order_by(OutboxRow.due_at).limit(1))


async def tries(
    tx: Transaction, kind: JobKind, keys: Collection[int]
) -> tuple[int, datetime | None]:
    """How often those of some jobs that wait were tried at most, and since when one waits."""
    row = await tx.row(
        select(func.max(OutboxRow.attempts), func.min(OutboxRow.created_at)).where(
            OutboxRow.kind == kind, OutboxRow.key.in_(keys)
        )
    )
    return (int(row[0] or 0), row[1]) if row else (0, None)


async def finish(tx: Transaction, job: Job) -> None:
    """Take a done job out, unless it was asked for again meanwhile: then it is due as it is."""
    done = await tx.execute(
        delete(OutboxRow).where(
            OutboxRow.kind == job.kind,
            OutboxRow.key == job.key,
            OutboxRow.revision == job.revision,
        )
    )
    if done.rowcount:
        return
    await tx.execute(
        update(OutboxRow)
        .where(OutboxRow.kind == job.kind, OutboxRow.key == job.key)
        .values(attempts=0, error="")
    )


async def postpone(
    tx: Transaction, job: Job, due_at: datetime, *, error: str = "", attempts: int | None = None
) -> None:
    """Try a job again at `due_at`, because of `error` or to spare Discord a burst of edits."""
    await tx.execute(
        update(OutboxRow)
        .where(OutboxRow.kind == job.kind, OutboxRow.key == job.key)
        .values(due_at=due_at, error=error, attempts=job.attempts if attempts is None else attempts)
    )


async def give_up(tx: Transaction, job: Job, error: str) -> None:
    """Record that Discord refuses a job for good. New facts will have it tried again."""
    await tx.execute(
        update(OutboxRow)
        .where(
            OutboxRow.kind == job.kind,
            OutboxRow.key == job.key,
            OutboxRow.revision == job.revision,
        )
        .values(failed=True, error=error)
    )


_FAILED_ONCE = (OutboxRow.attempts > 0) & OutboxRow.error.not_in(("", WAITS_FOR_THREAD))


async def retry_failed(tx: Transaction, guild_id: int, now: datetime) -> int:
    """Have everything that was given up in a server, or waits because it failed, tried now;
    returns how many."""
    result = await tx.execute(
        update(OutboxRow)
        .where(
            OutboxRow.guild_id == guild_id,
            OutboxRow.failed | ((OutboxRow.attempts > 0) & (OutboxRow.due_at > now)),
        )
        .values(failed=False, attempts=1, due_at=now)
    )
    tx.enqueued = True
    return result.rowcount


async def hasten(tx: Transaction, guild_id: int, now: datetime, limit: int) -> int:
    """Have what failed in a server and waits for its next attempt tried now, at most `limit` jobs,
    those that come next; returns how many. What was given up stays so."""
    rows = await tx.rows(
        select(OutboxRow.kind, OutboxRow.key)
        .where(
            OutboxRow.failed.is_(False),
            OutboxRow.due_at > now,
            OutboxRow.guild_id == guild_id,
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


async def pull_in(tx: Transaction, now: datetime, beyond: datetime) -> int:
    """Have cards that are due later than `beyond` due now; returns how many. (Messages may be put
    off for a night.)"""
    result = await tx.execute(
        update(OutboxRow)
        .where(
            OutboxRow.failed.is_(False),
            OutboxRow.due_at > beyond,
            OutboxRow.kind == JobKind.CARD,
        )
        .values(due_at=now)
    )
    tx.enqueued = tx.enqueued or bool(result.rowcount)
    return result.rowcount


async def guilds_with_failures(tx: Transaction) -> list[int]:
    """The servers in which something failed and waits for its next attempt."""
    query = select(OutboxRow.guild_id).where(OutboxRow.failed.is_(False), OutboxRow.attempts > 0)
    return [row[0] for row in await tx.rows(query.distinct())]


async def failures(tx: Transaction, guild_id: int | None, limit: int) -> list[Failure]:
    """What was given up, or failed and is tried again, in one server or (None) in all."""
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
        .outerjoin(Post, (OutboxRow.kind == JobKind.CARD) & (Post.id == OutboxRow.key))
        .where(OutboxRow.failed | _FAILED_ONCE)
    )
    if guild_id is not None:
        query = query.where(OutboxRow.guild_id == guild_id)
    order = (OutboxRow.failed.desc(), OutboxRow.created_at, OutboxRow.key)
    rows = await tx.rows(query.order_by(*order).limit(limit))
    return [
        Failure(r[0], JobKind(r[1]), r[2], r[3], r[4], post_number(r[5], r[6]) if r[5] else "")
        for r in rows
    ]


async def waiting(tx: Transaction) -> int:
    """How many jobs wait to be done."""
    count = select(func.count()).select_from(OutboxRow).where(OutboxRow.failed.is_(False))
    return int(await tx.scalar(count) or 0)
