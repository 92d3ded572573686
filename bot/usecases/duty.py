"""Duty: who has time now, and is called by name where somebody is needed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.notices import Act
from bot.domain.policies import check_can_be_on_duty, check_moderator, check_not_blocked
from bot.domain.rules import Rules
from bot.usecases import noting
from bot.usecases.noting import Change
from data import blocks, duty, guilds, names, receipts
from data.database import Transaction, reading, writing
from data.duty import OnDuty

MENTIONED: Final = 10
"""How many are called by name, those who have been on duty the longest."""

__all__ = ["MENTIONED", "OnDuty"]


@writing
async def go_on(tx: Transaction, actor: Actor, member: Actor, *, now: datetime) -> None:
    """Put a member on duty, as Discord describes them now: themselves, or (by a moderator) another.
    Whoever is on duty already begins anew.

    Raises `Denied`: `NOT_ON_CALL` for members who are neither helpers nor moderators,
    `NOT_MODERATOR`, `BLOCKED`.
    """
    _check_whose(actor, member.user_id)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    check_can_be_on_duty(member, rules)
    who = (actor.guild_id, member.user_id)
    check_not_blocked(await blocks.block_of(tx, *who), member, now)
    await duty.begin(tx, *who, now)
    await names.remember(tx, *who, *member.seen_as)
    await _note(tx, actor, member.user_id, "on", now)


@writing
async def go_off(tx: Transaction, actor: Actor, user_id: int, *, now: datetime) -> bool:
    """Put a member off duty; False if they weren't on. Raises `Denied(NOT_MODERATOR)`."""
    _check_whose(actor, user_id)
    await guilds.lock_rules(tx, actor.guild_id, now)
    if not await duty.end(tx, actor.guild_id, user_id):
        return False
    await _note(tx, actor, user_id, "off", now)
    return True


def _check_whose(actor: Actor, user_id: int) -> None:
    if actor.user_id != user_id:
        check_moderator(actor)


async def _note(tx: Transaction, actor: Actor, user_id: int, state: str, now: datetime) -> None:
    """Keep what a moderator did for somebody else, and a receipt."""
    await receipts.note(tx, actor, Act.DUTY, now)
    if actor.user_id != user_id:
        change = Change(after={"duty": state})
        await noting.on_server(tx, actor, AuditKind.DUTY, change, now, subject_id=user_id)


@reading
async def people(tx: Transaction, guild_id: int, now: datetime) -> list[OnDuty]:
    """Who is on duty, the longest first."""
    rules = await guilds.read_rules(tx, guild_id)
    return await on_duty(tx, guild_id, rules, now)


async def on_duty(tx: Transaction, guild_id: int, rules: Rules, now: datetime) -> list[OnDuty]:
    """The same, in a transaction."""
    return [each for each in await duty.people(tx, guild_id) if not _is_over(each, rules, now)]


def _is_over(each: OnDuty, rules: Rules, now: datetime) -> bool:
    hours = rules.number("duty_hours")
    return bool(hours) and each.since + timedelta(hours=hours) <= now


@reading
async def over(tx: Transaction, guild_id: int, now: datetime) -> tuple[list[int], Rules]:
    """Those whose duty has ended by itself and who aren't noted to be off yet, and the rules."""
    rules = await guilds.read_rules(tx, guild_id)
    found = await duty.people(tx, guild_id)
    return [each.user_id for each in found if _is_over(each, rules, now)], rules


@writing
async def ended(tx: Transaction, guild_id: int, user_id: int, *, now: datetime) -> None:
    """Note that a member is off duty, because time is over or they have left. One who has begun
    anew meanwhile stays on: see `over`."""
    rules = await guilds.lock_known(tx, guild_id)
    found = await duty.people(tx, guild_id) if rules is not None else []
    if rules and any(e.user_id == user_id and _is_over(e, rules, now) for e in found):
        await duty.end(tx, guild_id, user_id)
