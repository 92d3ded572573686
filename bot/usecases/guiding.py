"""The how-to of a server: a message with buttons in its question channel."""

from __future__ import annotations

from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied
from bot.domain.notices import Act
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import check_manager
from bot.usecases.signs import Sign, enqueue
from data import guilds, receipts, signs
from data.database import Transaction, reading, writing


@reading
async def how_to_of(tx: Transaction, guild_id: int) -> Sign | None:
    """A server's how-to; None if there is none, or if it is being taken back."""
    sign = await signs.find(tx, guild_id, JobKind.HOW_TO, guild_id)
    return None if sign is None or sign.ended else sign


@writing
async def post_how_to(tx: Transaction, actor: Actor, *, now: datetime) -> Sign:
    """Have the how-to posted in the question channel, or moved there from a former one. There is
    never a second one.

    Raises `Denied` with `NOT_MANAGER` or `NOT_SET_UP`.
    """
    check_manager(actor)
    guild_id = actor.guild_id
    rules = await guilds.lock_rules(tx, guild_id, now)
    if rules.channel_id is None:
        raise Denied(Denial.NOT_SET_UP)
    sign = Sign(JobKind.HOW_TO, guild_id, guild_id, rules.channel_id, now)
    if not await signs.put(tx, sign):
        values = {"channel_id": rules.channel_id, "ended": False}
        await signs.change(tx, JobKind.HOW_TO, guild_id, **values)
    await receipts.note(tx, actor, Act.SET_UP, now)
    await enqueue(tx, sign, Priority.WAITED_FOR, now)
    return sign


@writing
async def take_how_to_back(tx: Transaction, actor: Actor, *, now: datetime) -> None:
    """Have the how-to deleted. Raises `Denied(NOT_MANAGER)`."""
    check_manager(actor)
    guild_id = actor.guild_id
    await guilds.lock_rules(tx, guild_id, now)
    if await signs.change(tx, JobKind.HOW_TO, guild_id, ended=True):
        sign = Sign(JobKind.HOW_TO, guild_id, guild_id, 0, now)
        await receipts.note(tx, actor, Act.SET_UP, now)
        await enqueue(tx, sign, Priority.WAITED_FOR, now)


@writing
async def how_to_gone(tx: Transaction, guild_id: int, message_id: int, *, now: datetime) -> None:
    """Forget a how-to that isn't there any more: somebody deleted it while the bot was away."""
    await guilds.lock_rules(tx, guild_id, now)
    sign = await signs.find(tx, guild_id, JobKind.HOW_TO, guild_id)
    if sign is not None and sign.shown_id == message_id:
        await signs.forget(tx, JobKind.HOW_TO, guild_id)


async def redraw_how_to(tx: Transaction, guild_id: int, now: datetime) -> None:
    """Have the how-to follow the server's language, within a transaction."""
    sign = await signs.find(tx, guild_id, JobKind.HOW_TO, guild_id)
    if sign is not None:
        await enqueue(tx, sign, Priority.REFRESH, now)
