"""Threads and forum posts that members open by hand in a question channel: each gets one line that
says how to make it a question.

A question is known to be made from such a thread by the link to it in its details, which the form
is filled with.
"""

from __future__ import annotations

from datetime import datetime

from bot.domain.errors import Denial, Denied
from bot.domain.outbox import JobKind, Priority
from bot.domain.posts import linked_channels
from bot.usecases.signs import Sign, enqueue
from data import guilds, places, signs
from data.database import Database, Transaction, looking_up, reading, writing


@looking_up
async def is_home(tx: Transaction, guild_id: int, channel_id: int) -> bool:
    """Whether questions are posted in a channel."""
    rules = await guilds.read_rules(tx, guild_id)
    if rules.channel_id is None or channel_id == rules.channel_id:
        return rules.channel_id is not None
    return any(c.channel_id == channel_id for c in await guilds.categories(tx, guild_id))


@writing
async def thread_opened(
    tx: Transaction, guild_id: int, thread_id: int, owner_id: int, *, now: datetime
) -> None:
    """Have a line posted in a thread that somebody opened by hand; once. Nothing is done in a
    question's own thread."""
    await guilds.lock_rules(tx, guild_id, now)
    if await places.posts_at(tx, [thread_id]):
        return
    sign = Sign(JobKind.STRAY, thread_id, guild_id, thread_id, now, person_id=owner_id)
    if await signs.put(tx, sign):
        await enqueue(tx, sign, Priority.WAITED_FOR, now)


@reading
async def opened_thread(tx: Transaction, guild_id: int, thread_id: int) -> Sign:
    """A thread that was opened by hand. Raises `Denied(THREAD_UNKNOWN)`."""
    sign = await signs.find(tx, guild_id, JobKind.STRAY, thread_id)
    if sign is None:
        raise Denied(Denial.THREAD_UNKNOWN)
    return sign


async def note_question(
    tx: Transaction, guild_id: int, asker_id: int, post_id: int, details: str, now: datetime
) -> None:
    """Note, within the transaction of a new question, from which of its asker's threads it was
    made: those that it links to."""
    for thread_id in linked_channels(details, guild_id):
        sign = await signs.find(tx, guild_id, JobKind.STRAY, thread_id)
        if sign is not None and sign.person_id == asker_id:
            await signs.change(tx, JobKind.STRAY, thread_id, post_id=post_id)
            await enqueue(tx, sign, Priority.WAITED_FOR, now)


async def thread_gone(db: Database, guild_id: int, thread_id: int, *, now: datetime) -> None:
    """Forget a thread that was deleted."""
    async with db.read() as tx:
        if await signs.find(tx, guild_id, JobKind.STRAY, thread_id) is None:
            return
    async with db.write() as tx:
        await guilds.lock_rules(tx, guild_id, now)
        await signs.forget(tx, JobKind.STRAY, thread_id)
