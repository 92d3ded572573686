"""Erasing names, and the texts of deleted posts that moderators can't restore any more.

None of it may stay in the database's files. SQLite overwrites deleted rows; the search index and
the write-ahead log need an explicit request.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final

from bot.domain.outbox import Cause, JobKind, Priority
from data import (
    appeals,
    erased_words,
    guilds,
    names,
    outbox,
    refreshes,
    removals,
    report_cards,
    rewriting,
)
from data.database import Database, Transaction, writing
from data.rewriting import Kind

PIECE: Final = 50  # posts in one transaction, which delays others by milliseconds


async def any_due(tx: Transaction, now: datetime) -> bool:
    """Whether there are posts whose grace period is over."""
    return bool(await removals.due(tx, now, 1))


async def erase_deleted(db: Database, *, now: datetime) -> int:
    """Erase the texts, revisions, files and reports of the next `PIECE` posts whose grace period is
    over, in any server; returns how many. Locks nothing if there are none."""
    due: defaultdict[int, list[int]] = defaultdict(list)
    for guild_id, post_id in await db.in_read(lambda tx: removals.due(tx, now, PIECE)):
        due[guild_id].append(post_id)
    if due:  # before the posts: if it is cut off, they are still due
        await let_words_go(db)
    erased = 0
    for guild_id, post_ids in due.items():
        async with db.write() as tx:
            await guilds.lock_rules(tx, guild_id, now)
            # One may have been restored meanwhile.
            still = await removals.still_due(tx, guild_id, post_ids, now)
            if still:
                questions = await removals.erase(tx, guild_id, still)
                await appeals.erase_of_posts(tx, guild_id, still, now)
                await rewriting.note(tx, Kind.WORDS)
                await outbox.enqueue(tx, guild_id, JobKind.NAME, questions, Priority.REFRESH, now)
            erased += len(still)
    if erased:
        await db.empty_log()
    return erased


async def let_words_go(db: Database) -> None:
    """Purge removed words from the search index, in steps of milliseconds."""
    begun = False
    while erased_words.are_kept(db):
        async with db.write() as tx:
            if not await erased_words.merge(tx, begin=not begun):
                break
        begun = True


@writing
async def forget_name(tx: Transaction, guild_id: int, user_id: int, *, now: datetime) -> bool:
    """Erase a member's name in a server; False if none was stored.

    The server's cards are updated one after the other; those that don't name the member cost no
    request. A later act under their name stores it again.
    """
    await guilds.lock_rules(tx, guild_id, now)
    if not await names.forget(tx, guild_id, user_id):
        return False
    await cards_follow(tx, guild_id, user_id, now)
    return True


async def cards_follow(tx: Transaction, guild_id: int, user_id: int, now: datetime) -> None:
    """Have cards no longer say a name that was erased. The caller has locked the server."""
    await refreshes.start(tx, guild_id, Cause.POSTS, "", now)
    await refreshes.start(tx, guild_id, Cause.REPORTS, "", now)
    await report_cards.follow_decisions(tx, guild_id, user_id, now)
    await appeals.follow_decisions(tx, guild_id, user_id, now)


@writing
async def forget_appeals(tx: Transaction, guild_id: int, user_id: int, *, now: datetime) -> None:
    """Erase what a member wrote in appeals in a server, waiting ones too. The appeals stay, without
    their words, and their cards follow."""
    await guilds.lock_rules(tx, guild_id, now)
    await appeals.erase_words(tx, guild_id, user_id, now)
