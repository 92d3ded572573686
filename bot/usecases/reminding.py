"""What the bot brings up by itself: waiting questions, a nudge; and figures."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from bot.domain.cards import Figures, PostCard
from bot.domain.notices import NoticeKind
from bot.domain.outbox import Job, JobKind, Priority
from bot.domain.reputation import displayed
from bot.domain.rules import Rules
from data import cards, guilds, members, outbox, statistics, telling
from data.database import Database, Transaction

LOOKED_BACK = timedelta(days=30)
AT_ONCE = 20
WEEKS = 12


@dataclass(frozen=True, slots=True)
class WaitingQuestion:
    """A question that the server's helpers are told of."""

    card: PostCard
    role_id: int
    hours: int
    locale: str


@dataclass(frozen=True, slots=True)
class Statistics:
    """A server's figures, and questions and answers a week, the earliest week first."""

    figures: Figures
    weeks: tuple[tuple[datetime, int, int], ...]


async def find_waiting(db: Database, guild_id: int, now: datetime) -> int:
    """Have the helpers' role told, once, of questions that wait too long; returns how many."""
    async with db.read() as tx:  # most times there are none, and a look locks nobody out
        rules = await guilds.read_rules(tx, guild_id)
        if not await _waiting(tx, guild_id, rules, now):
            return 0
    async with db.write() as tx:
        rules = await guilds.lock_rules(tx, guild_id, now)
        found = await _waiting(tx, guild_id, rules, now)
        await statistics.mark(tx, found, unanswered_told_at=now)
        await outbox.enqueue(tx, guild_id, JobKind.WAITING, found, Priority.REFRESH, now)
    return len(found)


async def _waiting(tx: Transaction, guild_id: int, rules: Rules, now: datetime) -> list[int]:
    hours = rules.number("unanswered_hours")
    if not hours or rules.identity("helper_role") is None:
        return []
    before = now - timedelta(hours=hours)
    return await statistics.unanswered(tx, guild_id, before - LOOKED_BACK, before, AT_ONCE)


async def nudge_askers(db: Database, guild_id: int, now: datetime) -> int:
    """Tell askers, once, that they may choose a best answer; returns how many.

    It is in their inbox, and comes by direct message where they ticked that for their question.
    """
    async with db.read() as tx:
        rules = await guilds.read_rules(tx, guild_id)
        if not await _to_nudge(tx, guild_id, rules, now):
            return 0
    async with db.write() as tx:
        rules = await guilds.lock_rules(tx, guild_id, now)
        found = await _to_nudge(tx, guild_id, rules, now)
        await statistics.mark(tx, [post_id for post_id, _, _ in found], nudged_at=now)
        for post_id, asker_id, ticked in found:
            await telling.tell(
                tx,
                guild_id,
                post_id,
                NoticeKind.NUDGE,
                ticked=[asker_id] if ticked else [],
                quietly=[] if ticked else [asker_id],
                now=now,
            )
    return len(found)


async def _to_nudge(
    tx: Transaction, guild_id: int, rules: Rules, now: datetime
) -> list[tuple[int, int, bool]]:
    hours = rules.number("nudge_hours")
    if not hours:
        return []
    before = now - timedelta(hours=hours)
    return await statistics.to_nudge(tx, guild_id, before - LOOKED_BACK, before, AT_ONCE)


async def waiting_question(db: Database, job: Job) -> WaitingQuestion | None:
    """What the helpers are told; None where the question was answered or closed meanwhile."""
    async with db.read() as tx:
        rules = await guilds.read_rules(tx, job.guild_id)
        card = await cards.load_card(tx, job.guild_id, job.key, rules)
    role_id = rules.identity("helper_role")
    if card is None or card.status != "visible" or card.answers or card.closing is not None:
        return None
    if role_id is None:
        return None
    hours = rules.number("unanswered_hours")
    return WaitingQuestion(card, role_id, hours, rules.text("locale"))


async def statistics_of(
    db: Database, guild_id: int, now: datetime, *, channels: Collection[int] | None = None
) -> Statistics:
    """A server's figures, with the last twelve weeks; with `channels`, of the posts there."""
    starts = [now - timedelta(weeks=WEEKS - i) for i in range(WEEKS)]
    async with db.read() as tx:
        if channels is not None and await guilds.all_homes(tx, guild_id) <= set(channels):
            channels = None
        figures = await statistics.figures(tx, guild_id, now - timedelta(days=90), channels)
        counts = await statistics.activity(tx, guild_id, starts, channels)
    weeks = zip(starts, counts, strict=True)
    return Statistics(figures, tuple((start, *count) for start, count in weeks))


async def points_curve(
    db: Database, guild_id: int, user_id: int, *, channels: Collection[int] | None = None
) -> list[tuple[datetime, int]]:
    """A member's points as shown after each change, the earliest first.

    With `channels`, those that a reader can read, the changes by posts of other channels are no
    steps of it: they count as if they had been there from the start, so that it ends at the points
    of now.
    """
    async with db.read() as tx:
        rules: Rules = await guilds.read_rules(tx, guild_id)
        entries = await statistics.points_over_time(tx, guild_id, user_id, channels)
        now = await members.points_of(tx, guild_id, user_id)
    elsewhere = now - sum(points for _, points in entries)
    sums = (elsewhere + earned for earned in accumulate(points for _, points in entries))
    return [(at, displayed(total, rules)) for (at, _), total in zip(entries, sums, strict=True)]
