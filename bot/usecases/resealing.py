"""Sealing anew who wrote anonymously: with another key, or so that nobody is found any more.

All of a server are sealed anew at once, in portions between which others have their turn: if some
rows stayed as they were, two copies of the database would tell those that were replaced by random
bytes from those that weren't. Whoever is cut off begins anew.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.sealing import Sealing
from bot.usecases import delaying, late_erasing
from bot.usecases.personas import Opening, Renewing
from data import (
    erasures,
    guilds,
    key_check,
    late_words,
    personas,
    post_blocks,
    rewriting,
    slots,
    waiting,
)
from data.database import Database, Transaction, writing
from data.rewriting import Kind

Step = Callable[[str, int, int], None]  # as in `bot.progress`
PORTION: Final = 200  # personas in one transaction
_OPENED: Final = 5_000  # boxes, read at once


async def renew_server(
    db: Database, guild_id: int, renewing: Renewing, now: datetime, step: Step | None = None
) -> None:
    """Seal all anonymous authors of a server anew."""
    salt = await _begin(db, guild_id, now)
    if salt is None:
        return
    total = await db.in_read(lambda tx: personas.count_in(tx, guild_id))
    after: int | None = 0
    done = 0
    while after is not None:
        after = await _renew(db, guild_id, after, renewing, now)
        done += PORTION
        if step is not None:
            step("Sealing anew", min(done, total), max(total, 1))
    await _end(db, guild_id, salt, now)


@writing
async def _begin(tx: Transaction, guild_id: int, now: datetime) -> bytes | None:
    await guilds.lock_rules(tx, guild_id, now)
    # An erasure that is amid the personas begins anew with them, under a later salt than this one.
    await erasures.begin_step_again(tx, guild_id, erasures.LAST_STEP)
    return await personas.begin_renewal(tx, guild_id)


@writing
async def _renew(
    tx: Transaction, guild_id: int, after: int, renewing: Renewing, now: datetime
) -> int | None:
    await guilds.lock_rules(tx, guild_id, now)
    return await personas.renew(tx, guild_id, after, PORTION, renewing)


@writing
async def _end(tx: Transaction, guild_id: int, salt: bytes, now: datetime) -> None:
    await guilds.lock_rules(tx, guild_id, now)
    await personas.end_renewal(tx, guild_id, salt)


async def authors_of(
    db: Database, guild_id: int, sealing: Sealing | None
) -> tuple[frozenset[int], int]:
    """Who has written anonymously in a server, and how many boxes couldn't be opened."""
    opener = Opening(sealing)
    found: set[int] = set()
    shut = 0
    after: int | None = 0
    while after is not None:
        start = after
        async with db.read() as tx:
            some, unopened, after = await personas.authors(tx, guild_id, start, _OPENED, opener)
        found |= some
        shut += unopened
    return frozenset(found), shut


async def rotate(db: Database, sealing: Sealing, now: datetime, step: Step) -> int:
    """Seal all anonymous authors with the first key of the ring; returns in how many servers."""
    servers = await db.in_read(personas.servers)
    for guild_id in servers:
        await renew_server(db, guild_id, Renewing(sealing), now, step)
        await delaying.seal_anew(db, sealing, guild_id)
    await late_erasing.seal_anew(db, sealing)
    await _let_old_boxes_go(db)
    return len(servers)


async def _let_old_boxes_go(db: Database) -> None:
    """Have what was replaced leave the database's files."""
    await _note_old_boxes(db)
    await db.empty_log()


@writing
async def _note_old_boxes(tx: Transaction) -> None:
    await rewriting.note(tx, Kind.MEMBERS)


async def is_rotated(db: Database, sealing: Sealing) -> bool:
    """Whether no box needs another key of the ring than the first one."""
    first = sealing.newest
    for guild_id in await db.in_read(personas.servers):
        _, shut_to_first = await authors_of(db, guild_id, first)
        _, shut_to_all = await authors_of(db, guild_id, sealing)
        shut_to_first += await delaying.count_shut(db, first, guild_id)
        shut_to_all += await delaying.count_shut(db, sealing, guild_id)
        if shut_to_first != shut_to_all:
            return False
    return True


async def let_go(db: Database, now: datetime) -> None:
    """Give up all that was sealed with a key that is lost: posts keep anonymous authors that nobody
    is, blocks, limits and plans of them end, and what waits to appear goes."""
    for guild_id in await db.in_read(personas.servers):
        await renew_server(db, guild_id, Renewing(None), now)
        await _let_others_go(db, guild_id, now)
    await _forget_key(db)
    await _let_old_boxes_go(db)


@writing
async def _let_others_go(tx: Transaction, guild_id: int, now: datetime) -> None:
    await guilds.lock_rules(tx, guild_id, now)
    await post_blocks.drop_all(tx, guild_id)
    await slots.drop_all(tx, guild_id)
    await waiting.drop_all(tx, guild_id)
    # Whoever writes next begins with a salt, and notes the key.
    await personas.forget_salts(tx, guild_id)


@writing
async def _forget_key(tx: Transaction) -> None:
    await late_words.drop_all(tx)
    await key_check.forget(tx)


async def is_used(db: Database) -> bool:
    """Whether anybody has written anonymously, or is said to have by an import."""
    return bool(await db.in_read(personas.servers))


@writing
async def use_key(tx: Transaction, check: bytes) -> None:
    """Note which key seals from now on, if it is another one than before."""
    if await key_check.read(tx) != check:
        await key_check.write(tx, check)
