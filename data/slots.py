"""How often members acted anonymously within the hour: rows that say of nobody who it was."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select

from bot.domain.policies import hour_of
from bot.domain.sealed import Seal
from data.database import Transaction
from data.models import AnonymousSlot


async def done(tx: Transaction, guild_id: int, action: str, seal: Seal, now: datetime) -> int:
    """How often somebody did something anonymously in this hour."""
    hour = hour_of(now)
    return seal.done(action, hour, await _of_hour(tx, guild_id, hour))


async def take(tx: Transaction, guild_id: int, action: str, seal: Seal, now: datetime) -> None:
    """Count that somebody does it once more. The server's row is locked."""
    hour = hour_of(now)
    place = await done(tx, guild_id, action, seal, now) + 1
    slot = seal.slot(action, hour, place)
    await tx.execute(insert(AnonymousSlot).values(guild_id=guild_id, hour=hour, slot=slot))


async def _of_hour(tx: Transaction, guild_id: int, hour: datetime) -> set[bytes]:
    """All slots of an hour: the statement is the same whoever asks."""
    query = select(AnonymousSlot.slot).where(
        AnonymousSlot.guild_id == guild_id, AnonymousSlot.hour == hour
    )
    return {row[0] for row in await tx.rows(query)}


async def any_old(tx: Transaction, now: datetime) -> bool:
    """Whether there are slots of earlier hours."""
    old = select(AnonymousSlot.slot).where(AnonymousSlot.hour < hour_of(now))
    return bool(await tx.scalar(select(old.exists())))


async def drop_old(tx: Transaction, now: datetime) -> None:
    """Erase the slots of earlier hours."""
    await tx.execute(delete(AnonymousSlot).where(AnonymousSlot.hour < hour_of(now)))
