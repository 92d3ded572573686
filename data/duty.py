"""Who is on duty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from data.database import Transaction
from data.models import DutyRow, Name
from data.names import NAME, called
from data.statements import upsert


@dataclass(frozen=True, slots=True)
class OnDuty:
    """A member who is on duty, since when, and their name as last seen, or empty."""

    user_id: int
    since: datetime
    name: str


async def begin(tx: Transaction, guild_id: int, user_id: int, now: datetime) -> None:
    """Note that a member is on duty from now on."""
    await tx.execute(
        upsert(tx.dialect, DutyRow)
        .values(guild_id=guild_id, user_id=user_id, since=now)
        .on_conflict_do_update(
            index_elements=[DutyRow.guild_id, DutyRow.user_id], set_={"since": now}
        )
    )


async def end(tx: Transaction, guild_id: int, user_id: int) -> bool:
    """Note that a member is off duty; False if they were."""
    gone = await tx.execute(
        delete(DutyRow).where(DutyRow.guild_id == guild_id, DutyRow.user_id == user_id)
    )
    return gone.rowcount > 0


async def people(tx: Transaction, guild_id: int) -> list[OnDuty]:
    """Everybody who was ever noted to be on duty and not yet to be off, the longest first."""
    rows = await tx.rows(
        select(DutyRow.user_id, DutyRow.since, NAME)
        .outerjoin(Name, called(DutyRow.guild_id, DutyRow.user_id))
        .where(DutyRow.guild_id == guild_id)
        .order_by(DutyRow.since, DutyRow.user_id)
    )
    return [OnDuty(*row) for row in rows]
