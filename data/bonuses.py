"""Bonuses: points given by managers, apart from what posts earn."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CompoundSelect, select

from data.database import Transaction
from data.members import add_points
from data.models import Bonus, LedgerEntry, Place, Post
from data.statements import upsert


@dataclass(frozen=True, slots=True)
class NewBonus:
    """A bonus about to be written: its recipient, points, reason and giver."""

    user_id: int
    points: int
    reason: str
    given_by: int
    origin_id: int


async def give(tx: Transaction, guild_id: int, bonus: NewBonus, now: datetime) -> bool:
    """Give a member points; False if the same origin gave them before."""
    insert = upsert(tx.dialect, Bonus).values(
        guild_id=guild_id,
        user_id=bonus.user_id,
        points=bonus.points,
        reason=bonus.reason,
        given_by=bonus.given_by,
        at=now,
        origin_id=bonus.origin_id,
    )
    given = await tx.scalar(
        insert.on_conflict_do_nothing(index_elements=[Bonus.origin_id]).returning(Bonus.id)
    )
    if given is None:
        return False
    await add_points(tx, guild_id, {bonus.user_id: bonus.points})
    return True


def all_points(
    guild_id: int,
    channels: Collection[int] | None = None,
    members: Collection[int] | None = None,
) -> CompoundSelect[int, int, datetime]:
    """Every change of members' points in a server (`user_id`, `points`, `at`): the ledger of posts,
    with `channels` of posts in these channels only, and bonuses; with `members` theirs only."""
    columns = (LedgerEntry.user_id, LedgerEntry.points, LedgerEntry.at)
    earned = select(*columns).where(LedgerEntry.guild_id == guild_id)
    if channels is not None:
        earned = earned.join(Post, Post.id == LedgerEntry.post_id)
        earned = earned.join(Place, Place.post_id == Post.question_id)
        earned = earned.where(Place.home_id.in_(channels))
    given = select(Bonus.user_id, Bonus.points, Bonus.at).where(Bonus.guild_id == guild_id)
    if members is not None:
        earned = earned.where(LedgerEntry.user_id.in_(members))
        given = given.where(Bonus.user_id.in_(members))
    return earned.union_all(given)
