"""Figures: a server's for `/stats`, and the history of a member's points."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

from bot.domain.audit import REVIEWS
from bot.domain.cards import Figures
from bot.domain.reputation import displayed
from bot.domain.rules import Rules
from data import appeals, audit, deflections, guilds, members, statistics
from data.database import Transaction, reading

WEEKS = 12
LOAD: Final = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Statistics:
    """A server's figures, with questions and answers per week, the earliest week first."""

    figures: Figures
    weeks: tuple[tuple[datetime, int, int], ...]
    deflected: int = 0
    """How many questions needn't be posted, because similar ones helped."""
    appeals: int = 0
    appeals_right: int = 0
    """How many appeals there were in the last 90 days, and how many of them were right."""
    reviews: int = 0
    own_reviews: int = 0
    """How many decisions moderators took within the last `LOAD`, and how many of them the
    reader."""


@reading
async def statistics_of(
    tx: Transaction,
    guild_id: int,
    now: datetime,
    *,
    channels: Collection[int] | None = None,
    reader_id: int = 0,
) -> Statistics:
    """A server's figures, with the last twelve weeks; with `channels`, of the posts there. What
    moderators decided is counted for all of them together, and for the reader."""
    starts = [now - timedelta(weeks=WEEKS - i) for i in range(WEEKS)]
    if channels is not None and await guilds.all_homes(tx, guild_id) <= set(channels):
        channels = None
    recently = now - timedelta(days=90)
    figures = await statistics.figures(tx, guild_id, recently, now, channels)
    counts = await statistics.activity(tx, guild_id, starts, channels)
    weeks = zip(starts, counts, strict=True)
    deflected = await deflections.total(tx, guild_id)
    appealed = await appeals.count_since(tx, guild_id, recently)
    per_week = tuple((start, *count) for start, count in weeks)
    load = await audit.reviews_since(tx, guild_id, now - LOAD, REVIEWS, reader_id)
    return Statistics(figures, per_week, deflected, *appealed, *load)


@reading
async def points_curve(
    tx: Transaction, guild_id: int, user_id: int, *, channels: Collection[int] | None = None
) -> list[tuple[datetime, int]]:
    """A member's points as shown after each change, the earliest first.

    With `channels`, those that a reader can read, changes by posts in other channels aren't shown
    as steps. They count from the start, so that the curve ends at the current points.
    """
    rules: Rules = await guilds.read_rules(tx, guild_id)
    entries = await statistics.points_over_time(tx, guild_id, user_id, channels)
    now = await members.points_of(tx, guild_id, user_id)
    elsewhere = now - sum(points for _, points in entries)
    sums = (elsewhere + earned for earned in accumulate(points for _, points in entries))
    return [(at, displayed(total, rules)) for (at, _), total in zip(entries, sums, strict=True)]
