"""The weekly round-up in a channel of the server's choice.

It is due once a week. That it was is recorded with the job that sends it, in one transaction, so
one of several processes does it, once. Where it is sent is recorded before: an attempt without a
confirmation is looked for there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.notices import Act
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import check_points
from bot.domain.round_ups import RoundUp, latest_round_up
from bot.domain.rules import Rules
from data import cards, guilds, members, outbox, preferences, receipts, round_ups, unsealing
from data.database import Database, Transaction, reading, writing
from data.round_ups import Latest

WEEK = timedelta(days=7)
LATE = timedelta(days=2)  # after that, a round-up isn't sent any more
_CHOSEN, _QUESTIONS, _HELPERS = 5, 5, 10
_COUNTED = 100  # questions that wait, beyond which they aren't counted


@dataclass(frozen=True, slots=True)
class ToSend:
    """A round-up to send: the server's rules, when it was due and where it may be already
    (`latest`), and the channels with questions."""

    rules: Rules
    latest: Latest
    homes: frozenset[int]


async def begin_round_up(db: Database, guild_id: int, now: datetime) -> bool:
    """Enqueue a server's round-up if it is due; returns whether it was."""
    if not await _is_due(db, guild_id, now):  # as is usual, and a read locks nobody out
        return False
    async with db.write() as tx:
        rules = await guilds.lock_rules(tx, guild_id, now)
        due_at = await _due(tx, guild_id, rules, now)
        if due_at is None:
            return False
        await round_ups.begin(tx, guild_id, due_at)
        if now - due_at < LATE:
            await outbox.enqueue(tx, guild_id, JobKind.ROUND_UP, [guild_id], Priority.REFRESH, now)
    return True


@reading
async def _is_due(tx: Transaction, guild_id: int, now: datetime) -> bool:
    rules = await guilds.read_rules(tx, guild_id)
    return await _due(tx, guild_id, rules, now) is not None


async def _due(tx: Transaction, guild_id: int, rules: Rules, now: datetime) -> datetime | None:
    if rules.identity("roundup_channel") is None:
        return None
    known, due_at = await round_ups.latest(tx, guild_id), latest_round_up(rules, now)
    fresh = known is not None and max(known.due_at, known.changed_at) < due_at
    return due_at if fresh else None


@reading
async def round_up_to_send(tx: Transaction, guild_id: int, now: datetime) -> ToSend | None:
    """What there is to know before a round-up is sent; None if it is too late for it."""
    known = await round_ups.latest(tx, guild_id)
    if known is None or now - known.due_at >= LATE:
        return None
    rules = await guilds.read_rules(tx, guild_id)
    return ToSend(rules, known, frozenset(await guilds.all_homes(tx, guild_id)))


@reading
async def round_up_of(
    tx: Transaction, guild_id: int, channels: Collection[int], until: datetime
) -> RoundUp:
    """What happened in some channels in a week, without members who switched that off."""
    rules, since = await guilds.read_rules(tx, guild_id), until - WEEK
    waiting = await round_ups.waiting(tx, guild_id, channels, _COUNTED, in_round_up=True)
    helpers = await round_ups.new_helpers(tx, guild_id, since, channels, _COUNTED)
    return RoundUp(
        tuple(await round_ups.chosen(tx, guild_id, since, channels, rules, _CHOSEN)),
        tuple(await cards.lines(tx, guild_id, waiting[:_QUESTIONS])),
        len(waiting),
        tuple(helpers[:_HELPERS]),
        len(helpers[_HELPERS:]),
        await _unsealing(tx, guild_id, rules, until),
    )


async def _unsealing(
    tx: Transaction, guild_id: int, rules: Rules, now: datetime
) -> datetime | None:
    """From when on anonymous posts can be unsealed, in the round-ups of the week before and after
    that."""
    since = await unsealing.held_from(tx, guild_id) if rules.on("unsealing") else None
    return since if since is not None and now - WEEK < since else None


@writing
async def record_try(tx: Transaction, guild_id: int, channel_id: int, now: datetime) -> None:
    """Record that the latest round-up is about to be sent to a channel."""
    await guilds.lock_server(tx, guild_id)
    await round_ups.record_try(tx, guild_id, channel_id, now)


@reading
async def waiting_for(
    tx: Transaction, actor: Actor, channels: Collection[int], but: Collection[int] = ()
) -> PostCard | None:
    """The oldest of others' questions without an answer, in the channels that a member may answer
    in, except some. Raises `Denied(NEEDS_POINTS)` if they may answer nowhere."""
    rules = await guilds.read_rules(tx, actor.guild_id)
    points = await members.points_of(tx, actor.guild_id, actor.user_id)
    check_points("answer", points, actor.is_moderator, rules)
    most = len(but) + 1
    found = await round_ups.waiting(tx, actor.guild_id, channels, most, but_of=actor.user_id)
    first = next((post_id for post_id in found if post_id not in but), None)
    return await cards.load_card(tx, actor.guild_id, first, rules) if first else None


@writing
async def leave_out(tx: Transaction, actor: Actor, *, now: datetime) -> None:
    """Leave a member out of the server's round-ups from now on."""
    who = (actor.guild_id, actor.user_id)
    await guilds.lock_rules(tx, actor.guild_id, now)
    wishes = await preferences.preferences(tx, *who)
    await preferences.save_preferences(tx, *who, replace(wishes, in_round_up=False))
    await receipts.note(tx, actor, Act.NOTIFICATIONS, now)
