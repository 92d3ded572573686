"""Requests to unseal anonymous posts, and since when somebody is known as a moderator. No row here
says who wrote a post."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, Select, case, delete, func, insert, literal, or_, select, update
from sqlalchemy.orm import aliased

from bot.domain.audit import AuditKind
from bot.domain.outbox import JobKind, Priority
from bot.domain.review import ItemKind, ShownMessage
from bot.domain.unsealing import FORGOTTEN_AFTER, KEPT, Outcome, UnsealRequest
from data import claims, outbox
from data.database import Transaction
from data.models import AuditRow, Flag, Guild, ModeratorRow, Name, Place, Post
from data.models import UnsealRequest as RequestRow
from data.names import called
from data.statements import upsert

# Created once: creating an alias takes longer than running some statements.
_decider = aliased(Name)
_NOTHING: Final = "{}"  # what the audit log says of what was before a request


# Moderators


async def note_moderator(tx: Transaction, guild_id: int, user_id: int, now: datetime) -> None:
    """Note that somebody acts as a moderator of the server. After a long while without they begin
    anew."""
    row = upsert(tx.dialect, ModeratorRow).values(
        guild_id=guild_id, user_id=user_id, since=now, seen_at=now
    )
    anew = literal(now, ModeratorRow.__table__.c.since.type)
    since = case((ModeratorRow.seen_at < now - FORGOTTEN_AFTER, anew), else_=ModeratorRow.since)
    columns = [ModeratorRow.guild_id, ModeratorRow.user_id]
    await tx.execute(
        row.on_conflict_do_update(index_elements=columns, set_={"since": since, "seen_at": now})
    )


async def known_since(
    tx: Transaction, guild_id: int, user_id: int, now: datetime
) -> datetime | None:
    """Since when somebody has been seen to act as a moderator of the server."""
    theirs = (ModeratorRow.guild_id == guild_id, ModeratorRow.user_id == user_id)
    lately = ModeratorRow.seen_at >= now - FORGOTTEN_AFTER
    return await tx.scalar(select(ModeratorRow.since).where(*theirs, lately))


# Requests


async def held_from(tx: Transaction, guild_id: int) -> datetime | None:
    """From when on posts can be unsealed, where that was switched on again."""
    return await tx.scalar(select(Guild.unsealing_from).where(Guild.id == guild_id))


async def hold_from(tx: Transaction, guild_id: int, since: datetime) -> None:
    """Have only posts from then on be unsealed."""
    await tx.execute(update(Guild).where(Guild.id == guild_id).values(unsealing_from=since))


async def reporters(tx: Transaction, post_id: int) -> set[int]:
    """Who has ever reported a post."""
    return {row[0] for row in await tx.rows(select(Flag.user_id).where(Flag.post_id == post_id))}


async def asked_since(tx: Transaction, guild_id: int, since: datetime) -> int:
    """How many requests a server's moderators have made since a time, by the audit log: it keeps
    them when their rows are gone."""
    query = select(func.count()).where(
        AuditRow.guild_id == guild_id,
        AuditRow.kind == AuditKind.UNSEAL,
        AuditRow.at > since,
        AuditRow.before == _NOTHING,
    )
    return int(await tx.scalar(query))


async def add(tx: Transaction, new: UnsealRequest) -> None:
    """Note a request, in place of one about the same post that has ended, and have it shown to
    moderators. The server's row is locked."""
    await tx.execute(delete(RequestRow).where(*_of(new.guild_id, new.post_id)))
    await tx.execute(
        insert(RequestRow).values(
            post_id=new.post_id,
            guild_id=new.guild_id,
            asked_by=new.asked_by,
            reason=new.reason,
            at=new.at,
            expires=new.expires,
        )
    )
    await _follow(tx, new.guild_id, new.post_id, new.at)


def _of(guild_id: int, post_id: int) -> tuple[Any, ...]:
    return RequestRow.guild_id == guild_id, RequestRow.post_id == post_id


def _all(guild_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *RequestRow.__table__.c,
            func.coalesce(Name.name, "").label("asked_name"),
            func.coalesce(_decider.name, "").label("decided_name"),
        )
        .outerjoin(Name, called(RequestRow.guild_id, RequestRow.asked_by))
        .outerjoin(_decider, called(RequestRow.guild_id, RequestRow.decided_by, _decider))
        .where(RequestRow.guild_id == guild_id)
    )


async def find(tx: Transaction, guild_id: int, post_id: int) -> UnsealRequest | None:
    """The request about a post of this server, without the post's card; None if there is none."""
    row = await tx.row(_all(guild_id).where(RequestRow.post_id == post_id))
    return None if row is None else _loaded(row)


def _loaded(row: Row[*tuple[Any, ...]]) -> UnsealRequest:
    return UnsealRequest(
        row.post_id,
        row.guild_id,
        row.asked_by,
        row.reason,
        row.at,
        row.expires,
        None if row.outcome is None else Outcome(row.outcome),
        row.decided_by,
        bool(row.seen),
        row.danger_by,
        row.asked_name,
        row.decided_name,
        ShownMessage(row.channel_id, row.message_id, row.shown, row.times),
    )


async def waiting_since(
    tx: Transaction, guild_id: int, closed: Collection[int], now: datetime
) -> list[tuple[int, datetime]]:
    """The posts of a server whose requests wait, and since when, except those in channels that are
    `closed` to the reader."""
    query = (
        select(RequestRow.post_id, RequestRow.at)
        .join(Post, Post.id == RequestRow.post_id)
        .outerjoin(Place, Place.post_id == Post.question_id)
        .where(
            RequestRow.guild_id == guild_id,
            RequestRow.outcome.is_(None),
            RequestRow.expires > now,
            or_(Place.home_id.is_(None), Place.home_id.not_in(closed)),
        )
    )
    return [(row[0], row[1]) for row in await tx.rows(query)]


async def decide(
    tx: Transaction, request: UnsealRequest, outcome: Outcome, by: int | None, now: datetime
) -> None:
    """Note how a request ended, and have its card say so. If somebody agreed, whoever asked can
    look from now on."""
    values: dict[str, Any] = {"outcome": outcome, "decided_by": by, "decided_at": now}
    await _change(tx, request, now, **values)
    await claims.drop(tx, request.guild_id, ItemKind.UNSEAL, [request.post_id])


async def wait_for_asker(tx: Transaction, request: UnsealRequest, until: datetime) -> None:
    """Let whoever asked look until a time."""
    await tx.execute(
        update(RequestRow).where(*_of(request.guild_id, request.post_id)).values(expires=until)
    )


async def note_seen(tx: Transaction, request: UnsealRequest, now: datetime) -> None:
    """Note that whoever asked has looked."""
    await _change(tx, request, now, seen=True)


async def note_danger(tx: Transaction, request: UnsealRequest, by: int, now: datetime) -> None:
    """Note that the author is to be told later."""
    await _change(tx, request, now, danger_by=by)


async def tell_later(tx: Transaction, request: UnsealRequest, at: datetime | None) -> None:
    """Have the author told at a time; None: they have been told."""
    await tx.execute(
        update(RequestRow).where(*_of(request.guild_id, request.post_id)).values(tell_at=at)
    )


async def _change(tx: Transaction, request: UnsealRequest, now: datetime, **values: object) -> None:
    this = _of(request.guild_id, request.post_id)
    await tx.execute(update(RequestRow).where(*this).values(**values))
    await _follow(tx, request.guild_id, request.post_id, now)


async def _follow(tx: Transaction, guild_id: int, post_id: int, now: datetime) -> None:
    await outbox.enqueue(tx, guild_id, JobKind.UNSEAL, [post_id], Priority.WAITED_FOR, now)


async def record(tx: Transaction, guild_id: int, post_id: int, message: ShownMessage) -> None:
    """Record what the card of a request shows, and where."""
    await tx.execute(
        update(RequestRow)
        .where(*_of(guild_id, post_id))
        .values(
            channel_id=message.channel_id,
            message_id=message.message_id,
            shown=message.shown,
            times=message.times,
        )
    )


async def follow_waiting(tx: Transaction, guild_id: int, now: datetime) -> None:
    """Have the cards of waiting requests follow a change of who may read what, or of the
    channel."""
    waiting = (RequestRow.guild_id == guild_id, RequestRow.outcome.is_(None))
    rows = await tx.rows(select(RequestRow.post_id).where(*waiting))
    posts = [row[0] for row in rows]
    await outbox.enqueue(tx, guild_id, JobKind.UNSEAL, posts, Priority.BULK, now)


# What time does


async def due(tx: Transaction, now: datetime) -> list[tuple[int, int]]:
    """The requests that ran out, and those whose authors are to be told now: server and post."""
    ran_out = RequestRow.outcome.is_(None) & (RequestRow.expires <= now)
    query = select(RequestRow.guild_id, RequestRow.post_id)
    rows = await tx.rows(query.where(or_(ran_out, RequestRow.tell_at <= now)))
    return [(row[0], row[1]) for row in rows]


async def is_to_tell(tx: Transaction, request: UnsealRequest, now: datetime) -> bool:
    """Whether a post's author is to be told now."""
    this = _of(request.guild_id, request.post_id)
    query = select(RequestRow.post_id).where(*this, RequestRow.tell_at <= now)
    return await tx.scalar(query) is not None


def _old(now: datetime) -> tuple[Any, ...]:
    ended = (RequestRow.outcome.is_not(None), RequestRow.decided_at < now - KEPT)
    return (*ended, RequestRow.expires <= now, RequestRow.tell_at.is_(None))


async def any_old(tx: Transaction, now: datetime) -> bool:
    """Whether there are requests that ended long enough ago, or moderators not seen for long."""
    gone = select(ModeratorRow.user_id).where(ModeratorRow.seen_at < now - FORGOTTEN_AFTER)
    old = select(RequestRow.post_id).where(*_old(now))
    return bool(await tx.scalar(select(or_(old.exists(), gone.exists()))))


async def drop_old(tx: Transaction, now: datetime) -> None:
    """Erase them."""
    await tx.execute(delete(RequestRow).where(*_old(now)))
    await tx.execute(delete(ModeratorRow).where(ModeratorRow.seen_at < now - FORGOTTEN_AFTER))
