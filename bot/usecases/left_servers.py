"""Servers that removed the bot: everything of theirs is erased, after some days in which they find
all again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.usecases.erasing import let_words_go
from data import guilds, left_servers, rewriting
from data.database import Database, Transaction, reading, writing
from data.left_servers import Standing
from data.rewriting import Kind


@dataclass(frozen=True, slots=True)
class Compared:
    """Servers that the bot has left and come back to since the last comparison, and those whose
    time is up, with whether erasing them has begun."""

    left: Sequence[int]
    back: Sequence[int]
    due: Sequence[tuple[int, bool]]


async def compare(
    db: Database,
    there: Collection[int],
    is_ours: Callable[[int], bool],
    now: datetime,
    kept: timedelta,
) -> Compared:
    """Compare the servers with data with those that the bot is in, which includes those that are
    out of order for now. Of servers that aren't ours, another process knows."""
    ours = [each for each in await _standings(db) if is_ours(each.guild_id)]
    gone = [each for each in ours if each.guild_id not in there]
    new = [each.guild_id for each in gone if each.left_at is None]
    back = [e.guild_id for e in ours if e.guild_id in there and e.left_at and not e.erasing]
    due = [each for each in gone if each.left_at is not None and each.left_at <= now - kept]
    begun = [each for each in ours if each.erasing and each not in due]
    return Compared(
        await _mark(db, new, now) if new else (),
        await _unmark(db, back) if back else (),
        [(each.guild_id, each.erasing) for each in (*begun, *due)],
    )


@reading
async def _standings(tx: Transaction) -> list[Standing]:
    return await left_servers.standings(tx)


@writing
async def _mark(tx: Transaction, guild_ids: Collection[int], now: datetime) -> list[int]:
    await guilds.lock_many(tx, guild_ids)
    return await left_servers.mark(tx, guild_ids, now)


@writing
async def _unmark(tx: Transaction, guild_ids: Collection[int]) -> list[int]:
    await guilds.lock_many(tx, guild_ids)
    return await left_servers.unmark(tx, guild_ids)


async def erase(db: Database, guild_id: int, *, now: datetime, kept: timedelta) -> bool:
    """Erase all of a server whose time is up, portion by portion; False if it isn't. What has begun
    goes on to its end, also after it was cut off, and whatever comes meanwhile."""
    if not await _begin(db, guild_id, now - kept):
        return False
    *steps, last = range(len(left_servers.STEPS))
    for step in steps:
        while await _go_on(db, guild_id, step):
            pass
    await let_words_go(db)  # while the server's row says that it isn't over
    await _go_on(db, guild_id, last)
    await db.empty_log()
    return True


@writing
async def _begin(tx: Transaction, guild_id: int, before: datetime) -> bool:
    await guilds.lock_server(tx, guild_id)
    return await left_servers.begin(tx, guild_id, before)


@writing
async def _go_on(tx: Transaction, guild_id: int, step: int) -> bool:
    await guilds.lock_server(tx, guild_id)
    tx.changed_rules.add(guild_id)
    if step == len(left_servers.STEPS) - 1:
        await rewriting.note(tx, Kind.MEMBERS)
    return await left_servers.erase_some(tx, guild_id, step)
