"""Erasing what deleted posts say, once moderators can't bring them back any more, and names.

Nothing of it is to stay in the database's files either. SQLite overwrites the rows it deletes; the
index of the search and the write-ahead log have to be asked for it.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Final

from bot.domain.outbox import Cause, JobKind, Priority
from data import erased_words, guilds, names, outbox, refreshes, removals
from data.database import Database, Transaction, writing

PIECE: Final = 50  # posts in one transaction: it holds up others for milliseconds


async def erase_deleted(db: Database, *, now: datetime) -> int:
    """Erase the texts, revisions, files and reports of the next `PIECE` posts whose grace is over,
    of whichever servers; returns how many. Locks nothing where there are none."""
    async with db.read() as tx:
        due: defaultdict[int, list[int]] = defaultdict(list)
        for guild_id, post_id in await removals.due(tx, now, PIECE):
            due[guild_id].append(post_id)
    if due:  # before: where that is cut off, they are still due
        await _let_words_go(db)
    erased = 0
    for guild_id, post_ids in due.items():
        async with db.write() as tx:
            await guilds.lock_rules(tx, guild_id, now)
            # One may have been shown again meanwhile.
            still = await removals.still_due(tx, guild_id, post_ids, now)
            if still:
                questions = await removals.erase(tx, guild_id, still)
                await outbox.enqueue(tx, guild_id, JobKind.NAME, questions, Priority.REFRESH, now)
            erased += len(still)
    if erased:
        await db.empty_log()
    return erased


async def _let_words_go(db: Database) -> None:
    """Have the index let go of the words that were taken out of it, in pieces of milliseconds."""
    begun = False
    while erased_words.are_kept(db):
        async with db.write() as tx:
            if not await erased_words.merge(tx, begin=not begun):
                break
        begun = True


@writing
async def forget_name(tx: Transaction, guild_id: int, user_id: int, *, now: datetime) -> bool:
    """Erase what a member was called in a server; False where that was not known.

    The server's cards follow one after the other; those that do not name the member cost no
    request. What they do under their name afterwards makes it known again.
    """
    await guilds.lock_rules(tx, guild_id, now)
    if not await names.forget(tx, guild_id, user_id):
        return False
    await refreshes.start(tx, guild_id, Cause.POSTS, "", now)
    return True
