"""Direct messages: merging a reader's notices into one, and keeping their quiet hours."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.domain.notices import MERGED, Mail, quiet_until
from bot.domain.outbox import Job, JobKind, Later
from bot.domain.sealed import is_sealed
from data import guilds, inboxes, outbox, preferences, telling
from data.database import Database, Transaction, reading, writing

KEPT = timedelta(days=60)  # a notice, read or not
_SWEPT = 500  # notices erased in one go
# Posts and notices of them are delivered at the same time. A post without a card can't be linked
# yet.
_MOMENT, _PATIENCE = timedelta(seconds=2), timedelta(minutes=1)


@reading
async def mail_to_send(tx: Transaction, job: Job, now: datetime) -> Mail | Later | None:
    """All waiting notices of the reader of a notice, as one message.

    None if nothing waits any more: it was sent with another one, or its posts are gone.
    """
    reader = await telling.reader_of(tx, job.key)
    if reader is None:
        return None
    guild_id, user_id = reader
    if is_sealed(user_id):
        return None
    wishes = await preferences.preferences(tx, guild_id, user_id)
    until = quiet_until(wishes, now)
    if until is not None:
        return Later(until)
    rules = await guilds.read_rules(tx, guild_id)
    found = await inboxes.unsent(tx, guild_id, user_id, rules, MERGED * 5)
    if not found:
        return None
    if any(n.post.place.message_id is None and now - n.at < _PATIENCE for n in found):
        return Later(now + _MOMENT)
    keys = [n.notice_id for n in found]
    tried, since = await outbox.tries(tx, JobKind.NOTICE, keys)
    return Mail(
        guild_id,
        user_id,
        tuple(found),
        more=0,
        locale=wishes.locale or rules.text("locale"),
        first=keys[0],
        up_to=keys[-1],
        tried=tried > 0,
        since=since or job.created_at,
    )


@writing
async def mail_sent(tx: Transaction, mail: Mail, job: Job) -> None:
    """Record that a message reached its reader, or can't (the inbox has it). The notices that it
    left out don't count as sent."""
    await guilds.lock_server(tx, mail.guild_id)
    if mail.untold:
        await telling.keep_in_inbox(tx, mail.guild_id, mail.user_id, mail.untold)
    await telling.mark_sent(tx, mail.guild_id, mail.user_id, mail.up_to)
    await outbox.finish(tx, job)


@writing
async def mail_was_sent(tx: Transaction, mail: Mail, up_to: int) -> None:
    """Record that an earlier message reached its reader after all; newer notices aren't in it."""
    await guilds.lock_server(tx, mail.guild_id)
    await telling.mark_sent(tx, mail.guild_id, mail.user_id, up_to)


async def drop_old_notices(db: Database, now: datetime) -> int:
    """Erase some of the notices past their age limit; returns how many. Locks nothing if there are
    none."""
    before = now - KEPT
    if not await db.in_read(lambda tx: telling.any_old_notices(tx, before)):
        return 0
    async with db.write() as tx:
        return await telling.drop_old_notices(tx, before, _SWEPT)


@writing
async def nothing_to_send(tx: Transaction, job: Job) -> None:
    """Record that a notice isn't sent: it went out with others, its post is gone, or the reader
    wrote it themselves."""
    await guilds.lock_server(tx, job.guild_id)
    reader = await telling.reader_of(tx, job.key)
    if reader is not None:
        await telling.mark_sent(tx, *reader, job.key)
    await outbox.finish(tx, job)
