"""Notification preferences: direct messages, digests, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, or_, select, update

from bot.domain.notices import Digest, Preferences
from data.database import Transaction
from data.models import Notice, Post, Preference
from data.statements import upsert


async def preferences(tx: Transaction, guild_id: int, user_id: int) -> Preferences:
    """A member's notification preferences; the defaults if they never chose."""
    theirs = select(*_CHOSEN).where(Preference.guild_id == guild_id, Preference.user_id == user_id)
    row = await tx.row(theirs)
    return Preferences() if row is None else _loaded(row)


async def of_all(tx: Transaction, guild_id: int) -> dict[int, Preferences]:
    """Those of all who chose, by member: for whoever must not be asked for by name."""
    rows = await tx.rows(
        select(*_CHOSEN, Preference.user_id).where(Preference.guild_id == guild_id)
    )
    return {row.user_id: _loaded(row) for row in rows}


_CHOSEN = (
    Preference.by_message,
    Preference.locale,
    Preference.timezone,
    Preference.quiet_from,
    Preference.quiet_to,
    Preference.digest,
    Preference.digest_hour,
    Preference.in_round_up,
)


def _loaded(row: Row[*tuple[Any, ...]]) -> Preferences:
    return Preferences(
        bool(row[0]), row[1], row[2], row[3], row[4], Digest(row[5]), row[6], bool(row[7])
    )


async def save_preferences(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    wishes: Preferences,
) -> None:
    """Store a member's notification preferences."""
    values = {
        "by_message": wishes.by_message,
        "locale": wishes.locale,
        "timezone": wishes.timezone,
        "quiet_from": wishes.quiet_from,
        "quiet_to": wishes.quiet_to,
        "digest": wishes.digest,
        "digest_hour": wishes.digest_hour,
        "in_round_up": wishes.in_round_up,
    }
    await tx.execute(
        upsert(tx.dialect, Preference)
        .values(guild_id=guild_id, user_id=user_id, **values)
        .on_conflict_do_update(
            index_elements=[Preference.guild_id, Preference.user_id], set_=values
        )
    )


async def schedule_digest(
    tx: Transaction, guild_id: int, user_id: int, at: datetime | None
) -> None:
    """Note when a member's next digest is due; None means never."""
    await tx.execute(
        update(Preference)
        .where(Preference.guild_id == guild_id, Preference.user_id == user_id)
        .values(next_digest_at=at)
    )


async def move_digest(
    tx: Transaction, guild_id: int, user_id: int, due_at: datetime, to: datetime | None
) -> bool:
    """Put off a digest that is due at `due_at`; False if it no longer is."""
    moved = await tx.execute(
        update(Preference)
        .where(
            Preference.guild_id == guild_id,
            Preference.user_id == user_id,
            Preference.next_digest_at == due_at,
        )
        .values(next_digest_at=to)
    )
    return moved.rowcount > 0


async def hold_back(tx: Transaction, guild_id: int, user_id: int, post_id: int | None) -> None:
    """Don't send a member's waiting notices by direct message, but leave them in the inbox: those
    about a post and what belongs to it, or (None) all."""
    waiting = update(Notice).where(
        Notice.guild_id == guild_id, Notice.user_id == user_id, Notice.sent.is_(False)
    )
    if post_id is not None:
        about = or_(Post.id == post_id, Post.question_id == post_id, Post.parent_id == post_id)
        waiting = waiting.where(Notice.post_id.in_(select(Post.id).where(about)))
    await tx.execute(waiting.values(by_message=False))


async def digests_due(
    tx: Transaction, now: datetime, limit: int, served: frozenset[int] | None
) -> list[tuple[int, int, datetime]]:
    """Digests to send now, as (server, member, when it was due)."""
    query = select(Preference.guild_id, Preference.user_id, Preference.next_digest_at).where(
        Preference.next_digest_at <= now
    )
    if served is not None:
        query = query.where(Preference.guild_id.in_(served))
    first = (Preference.next_digest_at, Preference.guild_id, Preference.user_id)
    rows = await tx.rows(query.order_by(*first).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]
