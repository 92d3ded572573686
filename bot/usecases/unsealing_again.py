"""Unsealing that is switched on again: everybody is told a week before, and it is for posts from
then on."""

from __future__ import annotations

from datetime import datetime

from bot.domain.outbox import JobKind, Priority
from bot.domain.rules import Rules
from bot.domain.unsealing import NOTICE
from bot.usecases.signs import Sign, enqueue
from data import signs, unsealing
from data.database import Transaction


async def switched_on(tx: Transaction, guild_id: int, rules: Rules, now: datetime) -> None:
    """Have it hold after a week, and members told in the question channel until a week after that.
    The server's row is locked."""
    await unsealing.hold_from(tx, guild_id, now + NOTICE)
    if rules.channel_id is None:
        return
    until = now + 2 * NOTICE
    sign = Sign(JobKind.UNSEALING, guild_id, guild_id, rules.channel_id, now, until=until)
    if not await signs.put(tx, sign):
        values = {"channel_id": rules.channel_id, "asked_at": now, "until": until, "ended": False}
        await signs.change(tx, JobKind.UNSEALING, guild_id, **values)
    # Less urgent than taking it away, which would wait for its end otherwise.
    await enqueue(tx, sign, Priority.REFRESH, now)


async def switched_off(tx: Transaction, guild_id: int, now: datetime) -> None:
    """Take the message away that says from when on it holds. The server's row is locked."""
    if await signs.change(tx, JobKind.UNSEALING, guild_id, ended=True):
        sign = Sign(JobKind.UNSEALING, guild_id, guild_id, 0, now)
        await enqueue(tx, sign, Priority.WAITED_FOR, now)
