"""What is known of a member who is about to do something, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ScalarSelect, Select, bindparam, func, select

from bot.domain.actors import Actor
from bot.domain.policies import HOUR, Action, hour_of
from data.database import Transaction
from data.models import HourlyCount, Member, Name, Post


@dataclass(frozen=True, slots=True)
class Acting:
    """A member who acts: the sum of their ledger; how often they did it within the hour; the `name`
    that is stored, or empty; and the post that was already made from the same origin."""

    points: int
    done: int
    name: str
    made: int | None


async def acting(
    tx: Transaction, actor: Actor, action: Action, now: datetime, *, origin_id: int | None = None
) -> Acting:
    """What is known of an actor who is about to do this. `origin_id` is the interaction or message
    from which a post is to be made, if any is."""
    given = {
        "guild": actor.guild_id,
        "user": actor.user_id,
        "action": action,
        "hour_ago": hour_of(now) - HOUR,
        "origin": origin_id,
    }
    row = await tx.row(_acting(), given)
    return Acting(*row) if row else Acting(0, 0, "", None)


@cache
def _acting() -> Select[*tuple[Any, ...]]:
    guild, user = bindparam("guild", type_=BigInteger), bindparam("user", type_=BigInteger)
    origin = bindparam("origin", type_=BigInteger)

    def of_theirs(column: Any, *conditions: Any) -> ScalarSelect[Any]:
        table = column.class_
        mine = (table.guild_id == guild, table.user_id == user)
        return select(column).where(*mine, *conditions).scalar_subquery()

    this_hour = (
        HourlyCount.action == bindparam("action"),
        HourlyCount.since > bindparam("hour_ago"),
    )
    made = select(Post.id).where(Post.origin_id == origin, Post.guild_id == guild)
    return select(
        func.coalesce(of_theirs(Member.points), 0),
        func.coalesce(of_theirs(HourlyCount.times, *this_hour), 0),
        func.coalesce(of_theirs(Name.name), ""),
        made.scalar_subquery(),
    )
