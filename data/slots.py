"""How often members acted anonymously within the hour: rows that say of nobody who it was."""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import BigInteger, Select, bindparam, delete, insert, select

from bot.domain.policies import hour_of
from bot.domain.sealed import Seal
from data.database import Transaction
from data.models import AnonymousSlot
from data.statements import ForEach
from data.types import microseconds


async def done(tx: Transaction, guild_id: int, action: str, seal: Seal, now: datetime) -> int:
    """How often somebody did something anonymously in this hour."""
    hour = hour_of(now)
    return seal.done(action, hour, await _of_hour(tx, guild_id, hour))


async def take(
    tx: Transaction,
    guild_id: int,
    action: str,
    seal: Seal,
    now: datetime,
    before: int | None = None,
) -> None:
    """Count that somebody does it once more. `before` is how often they did, where the transaction
    has read it. The server's row is locked."""
    hour = hour_of(now)
    if before is None:
        before = await done(tx, guild_id, action, seal, now)
    slot = seal.slot(action, hour, before + 1)
    row = {"guild_id": guild_id, "hour": microseconds(hour), "slot": slot}
    await tx.for_each(_TAKE, [row])


_TAKE = ForEach(lambda _: insert(AnonymousSlot))


async def _of_hour(tx: Transaction, guild_id: int, hour: datetime) -> set[bytes]:
    """All slots of an hour: the statement is the same whoever asks."""
    return {row[0] for row in await tx.rows(_slots(), {"guild": guild_id, "at": hour})}


@cache
def _slots() -> Select[bytes]:
    at = bindparam("at", type_=AnonymousSlot.__table__.c.hour.type)
    return select(AnonymousSlot.slot).where(
        AnonymousSlot.guild_id == bindparam("guild", type_=BigInteger), AnonymousSlot.hour == at
    )


async def any_old(tx: Transaction, now: datetime) -> bool:
    """Whether there are slots of earlier hours."""
    old = select(AnonymousSlot.slot).where(AnonymousSlot.hour < hour_of(now))
    return bool(await tx.scalar(select(old.exists())))


async def drop_old(tx: Transaction, now: datetime) -> None:
    """Erase the slots of earlier hours."""
    await tx.execute(delete(AnonymousSlot).where(AnonymousSlot.hour < hour_of(now)))


async def drop_all(tx: Transaction, guild_id: int) -> None:
    """Erase all slots of a server, since no key finds them any more."""
    await tx.execute(delete(AnonymousSlot).where(AnonymousSlot.guild_id == guild_id))
