"""The outbox: what Discord should show, waiting to be shown."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    TextClause,
    UpdateBase,
    bindparam,
    case,
    delete,
    exists,
    false,
    func,
    select,
    text,
    true,
    type_coerce,
    update,
)

from bot.domain.outbox import (
    BURST,
    CHANNEL_GONE,
    OF_NO_POST,
    Failed,
    Job,
    JobKind,
    Priority,
    in_turns,
    pause,
)
from data.database import Transaction
from data.models import Notice, OutboxRow, Place, Post, Refresh
from data.statements import ForEach, upsert
from data.types import UTCDateTime, microseconds

_STUCK = 8  # failures, after four minutes of growing pauses
_SOON = 10_000_000  # microseconds until a job that was refused is tried again with new facts


async def enqueue(
    tx: Transaction,
    guild_id: int,
    kind: JobKind,
    keys: Iterable[int],
    priority: Priority,
    now: datetime,
) -> None:
    """Enqueue jobs of one priority, see `enqueue_all`."""
    await enqueue_all(tx, guild_id, kind, dict.fromkeys(keys, priority), now)


async def enqueue_all(
    tx: Transaction,
    guild_id: int,
    kind: JobKind,
    wanted: Mapping[int, Priority],
    now: datetime,
    *,
    rest: timedelta = timedelta(),
) -> None:
    """Enqueue jobs, by key, to be done after this transaction, or after a rest. Enqueueing again
    only bumps the revision.

    A job that was given up is tried again, since the facts have changed. It counts as tried once:
    an attempt may have reached Discord, so Discord is read first. A waiting one that Discord
    refused becomes due within seconds.
    """
    at = microseconds(now)
    rows = [
        {
            "kind": kind.value,
            "key": key,
            "of": key,
            "guild_id": guild_id,
            "revision": 1,
            "priority": priority.value,
            "due_at": microseconds(now + rest),
            "created_at": at,
        }
        for key, priority in wanted.items()
    ]
    if rows:
        await tx.for_each(_ENQUEUE[kind], rows)
        tx.enqueued = True


def _group(kind: JobKind) -> ColumnElement[int]:
    """The group of a job of this kind: see `Job.group`."""
    key = bindparam("of", type_=BigInteger)
    if kind is JobKind.CARD:
        found = select(Post.question_id).where(Post.id == key)
    elif kind is JobKind.NOTICE:
        found = select(Notice.user_id).where(Notice.id == key)
    else:
        return key
    return func.coalesce(found.scalar_subquery(), key)


def _enqueue(kind: JobKind, dialect: str) -> UpdateBase:
    insert = upsert(dialect, OutboxRow).values(group_id=_group(kind))
    # It was put off to spare Discord, but somebody waits for it now.
    urgent = (OutboxRow.attempts == 0) & (insert.excluded.priority < OutboxRow.priority)
    # Discord answered, but refused it: new facts may pass. If Discord is down, they won't.
    refused = (OutboxRow.attempts > 0) & OutboxRow.refused
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


_ENQUEUE = {kind: ForEach(partial(_enqueue, kind)) for kind in JobKind}


def _of(served: frozenset[int] | None) -> list[ColumnElement[bool]]:
    return [] if served is None else [OutboxRow.guild_id.in_(served)]


_JOB = (
    OutboxRow.kind,
    OutboxRow.key,
    OutboxRow.guild_id,
    OutboxRow.revision,
    OutboxRow.attempts,
    OutboxRow.created_at,
    OutboxRow.priority,
    OutboxRow.group_id,
)


def _job(r: Row[*tuple[Any, ...]]) -> Job:
    return Job(JobKind(r[0]), r[1], r[2], r[3], r[4], r[5], Priority(r[6]), r[7])


async def due(
    tx: Transaction, now: datetime, limit: int, served: frozenset[int] | None = None
) -> list[Job]:
    """The jobs to do now, in turns (`in_turns`); `served` limits them to a process's own servers.

    If more than `limit` are due, each server's first ones are included, and only the first of a
    group as long as there are others. Few rows are read, however many wait.
    """
    return (await look(tx, now, limit, served)).jobs


@dataclass(frozen=True, slots=True)
class Look:
    """What `due` gives; when the earliest waiting job is due, which may be one of them (None if
    nothing waits); and whether cards of any server have yet to follow a change."""

    jobs: list[Job]
    next_due: datetime | None
    refreshing: bool


@lru_cache(maxsize=8)  # delivery looks all the time, and always for the same
def _earliest(limit: int, served: frozenset[int] | None) -> Select[*tuple[Any, ...]]:
    earliest = (
        select(*_JOB, OutboxRow.due_at)
        .where(OutboxRow.failed.is_(False), *_of(served))
        .order_by(OutboxRow.due_at)  # or PostgreSQL, with old statistics, reads the whole table
        .limit(limit)
        .subquery()
    )
    always = select(exists(select(Refresh.guild_id)).label("refreshing")).subquery()
    found = select(*earliest.c, always.c.refreshing)
    return found.select_from(always.outerjoin(earliest, true())).order_by(earliest.c.due_at)


async def look(
    tx: Transaction, now: datetime, limit: int, served: frozenset[int] | None = None
) -> Look:
    """All that delivery decides by, in one statement while no more than `limit` jobs are due."""
    rows = await tx.rows(_earliest(limit + 1, served))
    waiting = [row for row in rows if row.key is not None]
    jobs = [_job(row) for row in waiting if row.due_at <= now]
    if len(jobs) > limit:
        jobs = await _most_urgent(tx, jobs, now, limit, served)
    else:
        jobs = in_turns(jobs)
    return Look(jobs, waiting[0].due_at if waiting else None, bool(rows[0].refreshing))


async def _most_urgent(
    tx: Transaction, jobs: Sequence[Job], now: datetime, limit: int, served: frozenset[int] | None
) -> list[Job]:
    """Which to do of more due jobs than `limit`: `jobs` are the earliest of them."""
    first = await _first_of_groups(tx, now, limit, served)
    taken = {(job.kind, job.key) for job in first}
    behind = [job for job in in_turns(jobs) if (job.kind, job.key) not in taken]
    return [*first, *behind][:limit]


async def _first_of_groups(
    tx: Transaction, now: datetime, limit: int, served: frozenset[int] | None
) -> list[Job]:
    """The first jobs, in turns, of those due jobs that are the first of their group."""
    found = {
        "now": microseconds(now),
        "most": limit,
        "all": served is None,
        "guilds": list(served or [0]),
    }
    return [_job(row) for row in await tx.rows(_FIRST[tx.dialect].columns(*_JOB), found)]


# The servers with waiting jobs are found one by one through the index, and each one's jobs are read
# from its most urgent one on, until there are enough. A unary plus keeps SQLite, which has no
# statistics here, from reading everything that is due instead. The order is that of `in_turns`.
_COLUMNS = "kind, key, guild_id, revision, attempts, created_at, priority, group_id"
_SERVERS = """
WITH RECURSIVE servers(guild_id) AS (
  SELECT min(guild_id) FROM outbox WHERE failed = {no}
  UNION ALL
  SELECT (SELECT min(o.guild_id) FROM outbox o
    WHERE o.failed = {no} AND o.guild_id > servers.guild_id)
  FROM servers WHERE servers.guild_id IS NOT NULL
), firsts AS (
  SELECT o.*, o.priority = {bulk} AS bulk, row_number() OVER (
    PARTITION BY o.guild_id, o.priority = {bulk} ORDER BY o.priority, o.created_at, o.key) AS turn
  FROM servers {joined} WHERE :all OR servers.guild_id IN :guilds
)
SELECT {columns} FROM firsts
ORDER BY bulk, (turn - 1) / {burst}, priority, created_at, key LIMIT :most"""
_FIRSTS = """
  FROM outbox x WHERE x.failed = {no} AND x.guild_id = servers.guild_id AND {plus}x.due_at <= :now
  AND NOT EXISTS (SELECT 1 FROM outbox e WHERE e.kind = x.kind AND e.group_id = x.group_id
    AND e.failed = {no} AND {plus}e.due_at <= :now
    AND (e.priority, e.created_at, e.key) < (x.priority, x.created_at, x.key))
  ORDER BY x.priority, x.created_at, x.key LIMIT :most"""


def _first(joined: str, *, no: str, plus: str = "") -> TextClause:
    sql = _SERVERS.format(
        joined=joined.format(_FIRSTS.format(no=no, plus=plus)),
        no=no,
        columns=_COLUMNS,
        bulk=Priority.BULK.value,
        burst=BURST,
    )
    return text(sql).bindparams(bindparam("guilds", expanding=True))


_FIRST = {
    "sqlite": _first("JOIN outbox o ON o.rowid IN (SELECT x.rowid {})", no="0", plus="+"),
    "postgresql": _first("CROSS JOIN LATERAL (SELECT x.* {}) AS o", no="false"),
}


async def bulk_waiting(tx: Transaction, guild_id: int) -> int:
    """How many bulk refreshes of a server wait. Those that have failed for minutes don't count, so
    that they don't hold up others."""
    return int(await tx.scalar(select(bulk_of(guild_id))) or 0)


def bulk_of(guild_id: Any) -> ScalarSelect[int]:
    """The number of a server's waiting bulk refreshes, for use within a query."""
    return (
        select(func.count())
        .select_from(OutboxRow)
        .where(
            OutboxRow.failed.is_(False),
            OutboxRow.guild_id == guild_id,
            OutboxRow.priority == Priority.BULK,
            OutboxRow.attempts < _STUCK,
        )
        .scalar_subquery()
    )


async def tries(
    tx: Transaction, kind: JobKind, keys: Collection[int]
) -> tuple[int, datetime | None]:
    """The highest number of attempts of some waiting jobs, and since when the oldest waits."""
    row = await tx.row(
        select(func.max(OutboxRow.attempts), func.min(OutboxRow.created_at)).where(
            OutboxRow.kind == kind, OutboxRow.key.in_(keys)
        )
    )
    return (int(row[0] or 0), row[1]) if row else (0, None)


async def finish(tx: Transaction, job: Job) -> None:
    """Delete a finished job, unless it was enqueued again meanwhile: then it stays due."""
    done = await tx.execute(
        delete(OutboxRow).where(
            OutboxRow.kind == job.kind,
            OutboxRow.key == job.key,
            OutboxRow.revision == job.revision,
        )
    )
    if done.rowcount:
        return
    await _change(tx, job, attempts=0, error="", refused=False)


async def postpone(tx: Transaction, job: Job, due_at: datetime) -> None:
    """Put off a job. It stays due if it was enqueued more urgently since it was read: nothing else
    would make it due before that time."""
    hurried = OutboxRow.priority < job.priority
    due = case((hurried, OutboxRow.due_at), else_=type_coerce(due_at, UTCDateTime()))
    await _change(tx, job, due_at=due, error="", attempts=job.attempts, refused=False)


async def fail(tx: Transaction, job: Job, how: Failed) -> None:
    """Retry a failed job after a pause."""
    await _change(
        tx,
        job,
        due_at=how.at + pause(job.attempts),
        error=how.error,
        attempts=job.attempts + 1,
        refused=how.refused,
    )


async def _change(tx: Transaction, job: Job, **values: Any) -> None:
    await tx.execute(
        update(OutboxRow)
        .where(OutboxRow.kind == job.kind, OutboxRow.key == job.key)
        .values(**values)
    )


async def give_up(tx: Transaction, job: Job, error: str) -> None:
    """Record that Discord refuses a job for good. It is tried again when it is enqueued again."""
    await tx.execute(
        update(OutboxRow)
        .where(
            OutboxRow.kind == job.kind,
            OutboxRow.key == job.key,
            OutboxRow.revision == job.revision,
        )
        .values(failed=True, error=error, refused=True)
    )


async def home_gone(tx: Transaction, guild_id: int, home_id: int) -> int:
    """Give up all waiting jobs for posts in a channel that was deleted."""
    there = (
        select(Post.id)
        .join(Place, Place.post_id == Post.question_id)
        .where(Post.id == OutboxRow.key, Place.home_id == home_id, Place.message_id.is_not(None))
        .exists()
    )
    result = await tx.execute(
        update(OutboxRow)
        .where(
            OutboxRow.guild_id == guild_id,
            OutboxRow.failed.in_((False, True)),
            OutboxRow.kind.not_in(OF_NO_POST),
            OutboxRow.error != CHANNEL_GONE,
            there,
        )
        .values(failed=True, error=CHANNEL_GONE)
    )
    return result.rowcount


async def pull_in(tx: Transaction, now: datetime, beyond: datetime) -> int:
    """Make cards that are due later than `beyond` due now; returns how many. (Messages may be put
    off for a night.)"""
    cards = (OutboxRow.kind == JobKind.CARD, OutboxRow.failed.is_(False))
    late = update(OutboxRow).where(*cards, OutboxRow.due_at > beyond)
    result = await tx.execute(late.values(due_at=now))
    tx.enqueued = tx.enqueued or bool(result.rowcount)
    return result.rowcount


async def waiting(tx: Transaction) -> int:
    """How many jobs are waiting."""
    count = select(func.count()).select_from(OutboxRow).where(OutboxRow.failed.is_(False))
    return int(await tx.scalar(count) or 0)
