"""Figures: a server's for `/stats`, and the history of a member's points."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from bot.domain.cards import Figures
from bot.domain.reputation import displayed
from bot.domain.rules import Rules
from data import deflections, guilds, members, statistics
from data.database import Transaction, reading

WEEKS = 12


@dataclass(frozen=True, slots=True)
class Statistics:
    """A server's figures, with questions and answers per week, the earliest week first."""

    figures: Figures
    weeks: tuple[tuple[datetime, int, int], ...]
    deflected: int = 0
    """How many questions needn't be posted, because similar ones helped."""


@reading
async def statistics_of(
    tx: Transaction, guild_id: int, now: datetime, *, channels: Collection[int] | None = None
) -> Statistics:
    """A server's figures, with the last twelve weeks; with `channels`, of the posts there."""
    starts = [now - timedelta(weeks=WEEKS - i) for i in range(WEEKS)]
    if channels is not None and await guilds.all_homes(tx, guild_id) <= set(channels):
        channels = None
    figures = await statistics.figures(tx, guild_id, now - timedelta(days=90), now, channels)
    counts = await statistics.activity(tx, guild_id, starts, channels)
    weeks = zip(starts, counts, strict=True)
    deflected = await deflections.total(tx, guild_id)
    return Statistics(figures, tuple((start, *count) for start, count in weeks), deflected)


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
