"""Reminders that the bot starts itself: questions that wait, and a nudge to choose a best
answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.cards import PostCard
from bot.domain.notices import NoticeKind
from bot.domain.outbox import Job, JobKind, Priority
from bot.domain.rules import Rules
from bot.usecases.duty import on_duty
from data import cards, guilds, outbox, statistics, telling
from data.database import Database, Transaction, reading

LOOKED_BACK = timedelta(days=30)
AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class WaitingQuestion:
    """A waiting question for those on duty (the longest first) or the server's helpers (None: no
    role). `home_id` is the channel that it stands in."""

    card: PostCard
    role_id: int | None
    rules: Rules
    on_duty: tuple[int, ...]
    home_id: int | None


async def find_waiting(db: Database, guild_id: int, now: datetime) -> int:
    """Notify those on duty or the helpers' role, once, of questions that have waited too long;
    returns how many."""
    if not await db.in_read(
        lambda tx: any_waiting(tx, guild_id, now)
    ):  # as is usual, and a read locks nobody out
        return 0
    async with db.write() as tx:
        rules = await guilds.lock_rules(tx, guild_id, now)
        found = await _waiting(tx, guild_id, rules, now)
        await statistics.mark(tx, found, unanswered_told_at=now)
        await outbox.enqueue(tx, guild_id, JobKind.WAITING, found, Priority.REFRESH, now)
    return len(found)


async def any_waiting(tx: Transaction, guild_id: int, now: datetime) -> bool:
    """Whether a question has waited too long, and nobody was told."""
    return bool(await _waiting(tx, guild_id, await guilds.read_rules(tx, guild_id), now))


async def _waiting(tx: Transaction, guild_id: int, rules: Rules, now: datetime) -> list[int]:
    hours = rules.number("unanswered_hours")
    if not hours:
        return []
    if rules.identity("helper_role") is None and not await on_duty(tx, guild_id, rules, now):
        return []
    before = now - timedelta(hours=hours)
    return await statistics.unanswered(tx, guild_id, before - LOOKED_BACK, before, AT_ONCE)


async def nudge_askers(db: Database, guild_id: int, now: datetime) -> int:
    """Remind askers, once, that they may choose a best answer; returns how many.

    The reminder goes to their inbox, and by direct message if they ticked that for their question.
    """
    if not await db.in_read(lambda tx: any_to_nudge(tx, guild_id, now)):
        return 0
    async with db.write() as tx:
        rules = await guilds.lock_rules(tx, guild_id, now)
        found = await _to_nudge(tx, guild_id, rules, now)
        await statistics.mark(tx, [post_id for post_id, _, _ in found], nudged_at=now)
        for post_id, asker_id, ticked in found:
            asker = telling.Recipients(
                ticked=[asker_id] if ticked else [], inbox_only=[] if ticked else [asker_id]
            )
            await telling.tell(tx, guild_id, post_id, NoticeKind.NUDGE, asker, now)
    return len(found)


async def any_to_nudge(tx: Transaction, guild_id: int, now: datetime) -> bool:
    """Whether somebody may choose a best answer and wasn't reminded."""
    return bool(await _to_nudge(tx, guild_id, await guilds.read_rules(tx, guild_id), now))


async def _to_nudge(
    tx: Transaction, guild_id: int, rules: Rules, now: datetime
) -> list[tuple[int, int, bool]]:
    hours = rules.number("nudge_hours")
    if not hours:
        return []
    before = now - timedelta(hours=hours)
    return await statistics.to_nudge(tx, guild_id, before - LOOKED_BACK, before, AT_ONCE)


@reading
async def waiting_question(tx: Transaction, job: Job, now: datetime) -> WaitingQuestion | None:
    """What to tell those who help; None if enough people have replied meanwhile, or the question
    was solved or closed."""
    rules = await guilds.read_rules(tx, job.guild_id)
    card = await cards.load_card(tx, job.guild_id, job.key, rules)
    role_id = rules.identity("helper_role")
    if card is None or not await statistics.waits(tx, job.guild_id, job.key):
        return None
    people = await on_duty(tx, job.guild_id, rules, now)
    if role_id is None and not people:
        return None
    called = tuple(each.user_id for each in people)
    return WaitingQuestion(card, role_id, rules, called, card.place.home_id)
