"""Recounting: every cached figure computed again from posts and votes, in pieces."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime

from bot.domain.outbox import JobKind, Priority
from data import counting, guilds, ledger, members, outbox
from data.database import Database

PIECE = 500  # posts a transaction: others get their turn in between


@dataclass(frozen=True, slots=True)
class Correction:
    """A cached figure that was wrong."""

    guild_id: int
    what: str
    of: int
    stored: int | str
    right: int | str

    def __str__(self) -> str:
        return f"server {self.guild_id}: {self.what} {self.of}: {self.stored} → {self.right}"


async def recount(
    db: Database, guild_id: int | None = None, *, apply: bool = True, now: datetime
) -> list[Correction]:
    """Recompute scores, answer counts, ledger and points of one server, or (None) of all.

    Consistent data is not changed and gives an empty list; with `apply` False nothing is changed
    at all. Works in pieces of 500 posts, so that a forum of any size goes on meanwhile.
    """
    async with db.read() as tx:
        known = await guilds.known_guilds(tx)
    return [
        correction
        for each in known
        if guild_id is None or each == guild_id
        async for correction in _recount_guild(db, each, apply, now)
    ]


async def _recount_guild(
    db: Database, guild_id: int, apply: bool, now: datetime
) -> AsyncIterator[Correction]:
    after = 0
    while True:
        async with db.write() as tx:
            rules = await guilds.lock_rules(tx, guild_id, now)
            ids = await counting.post_ids(tx, guild_id, after, PIECE)
            wrong = await counting.wrong_counts(tx, guild_id, ids) if ids else []
            right = await ledger.entries_from_facts(tx, guild_id, ids, rules) if ids else []
            there = await ledger.stored_entries(tx, guild_id, ids) if ids else []
            stale, fresh = ledger.differences(there, right)
            if apply and (wrong or stale or fresh):
                await counting.write_counts(tx, wrong)
                await ledger.replace(tx, guild_id, [ledger.key(e) for e in stale], fresh)
                sums: Counter[int] = Counter()
                for entry in fresh:
                    sums[entry.user_id] += entry.points
                for entry in stale:
                    sums[entry.user_id] -= entry.points
                await members.add_points(tx, guild_id, sums)
                touched = [count.post_id for count in wrong]
                await outbox.enqueue(tx, guild_id, JobKind.CARD, touched, Priority.REFRESH, now)
        for count in wrong:
            yield Correction(
                guild_id, f"{count.what} of post", count.post_id, count.stored, count.right
            )
        for entry in stale:
            what = f"ledger line “{entry.reason}” of post"
            yield Correction(guild_id, what, entry.post_id, entry.points, "gone")
        for entry in fresh:
            what = f"ledger line “{entry.reason}” of post"
            yield Correction(guild_id, what, entry.post_id, "missing", entry.points)
        if len(ids) < PIECE:
            break
        after = ids[-1]
    async with db.write() as tx:
        await guilds.lock_rules(tx, guild_id, now)
        wrong_points = await counting.wrong_points(tx, guild_id)
        if apply:
            await members.set_points(
                tx, guild_id, {user: right for user, _stored, right in wrong_points}
            )
    for user_id, stored, points in wrong_points:
        yield Correction(guild_id, "points of member", user_id, stored, points)
