"""A bonus: points that a manager gives a member, apart from what posts earn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.errors import Invalid, Problem
from bot.domain.notices import Act
from bot.domain.policies import check_manager
from bot.domain.posts import check_reason
from bot.domain.reputation import displayed
from bot.usecases import noting
from data import bonuses, guilds, members, receipts
from data.database import Transaction, writing

BONUS_MAX = 10_000


@dataclass(frozen=True, slots=True)
class BonusForm:
    """A bonus: its recipient, its points, and its reason."""

    user_id: int
    points: int
    reason: str = ""


@writing
async def give_bonus(
    tx: Transaction, actor: Actor, form: BonusForm, *, origin_id: int, now: datetime
) -> int:
    """Give a member -10,000 to 10,000 points, but not 0; returns their points as shown now.

    The same origin never gives points twice. Raises `Denied(NOT_MANAGER)`, `Invalid("points", …)`,
    `Invalid("reason", TOO_LONG)`.
    """
    check_manager(actor)
    if form.points == 0 or abs(form.points) > BONUS_MAX:
        raise Invalid("points", Problem.OUT_OF_RANGE, minimum=-BONUS_MAX, maximum=BONUS_MAX)
    reason = check_reason(form.reason)
    bonus = bonuses.NewBonus(form.user_id, form.points, reason, actor.user_id, origin_id)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    new = await bonuses.give(tx, actor.guild_id, bonus, now)
    await receipts.note(tx, actor, Act.BONUS, now)
    points = await members.points_of(tx, actor.guild_id, form.user_id)
    if new:
        states = (displayed(each, rules) for each in (points - form.points, points))
        before, after = ({"points": str(each)} for each in states)
        change, whose = noting.Change(before, after), form.user_id
        await noting.on_server(tx, actor, AuditKind.BONUS, change, now, subject_id=whose)
    return displayed(points, rules)
