"""Points that managers gave: facts of their own, beside what posts earn."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CompoundSelect, select

from data.database import Transaction
from data.members import add_points
from data.models import Bonus, LedgerEntry
from data.statements import upsert


async def give(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    points: int,
    *,
    reason: str,
    given_by: int,
    origin_id: int,
    now: datetime,
) -> bool:
    """Give a member points; False where the same origin gave them before."""
    insert = upsert(tx.dialect, Bonus).values(
        guild_id=guild_id,
        user_id=user_id,
        points=points,
        reason=reason,
        given_by=given_by,
        at=now,
        origin_id=origin_id,
    )
    given = await tx.scalar(
        insert.on_conflict_do_nothing(index_elements=[Bonus.origin_id]).returning(Bonus.id)
    )
    if given is None:
        return False
    await add_points(tx, guild_id, {user_id: points})
    return True


def all_points(guild_id: int) -> CompoundSelect[int, int, datetime]:
    """Every change of members' points in a server (`user_id`, `points`, `at`): the ledger of what
    posts earn, and bonuses."""
    return (
        select(LedgerEntry.user_id, LedgerEntry.points, LedgerEntry.at)
        .where(LedgerEntry.guild_id == guild_id)
        .union_all(select(Bonus.user_id, Bonus.points, Bonus.at).where(Bonus.guild_id == guild_id))
    )
