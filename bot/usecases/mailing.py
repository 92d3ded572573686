"""Direct messages: merging a reader's notices into one, and keeping their quiet hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.notices import MERGED, Mail, Preferences, next_hour, quiet_until
from bot.domain.outbox import Job, JobKind, Later
from bot.domain.sealed import is_sealed
from bot.sealing import Sealing
from bot.usecases.personas import MemberSeal, Opening
from data import guilds, inbox_marks, inboxes, outbox, personas, preferences, telling
from data.database import Database, Transaction, reading, writing

KEPT = timedelta(days=60)  # a notice, read or not
SEALED_KEPT = timedelta(days=30)  # one of an anonymous author
_SWEPT = 500  # notices erased in one go
# Posts and notices of them are delivered at the same time. A post without a card can't be linked
# yet.
_MOMENT, _PATIENCE = timedelta(seconds=2), timedelta(minutes=1)


@reading
async def mail_to_send(
    tx: Transaction, job: Job, now: datetime, sealing: Sealing | None = None
) -> Mail | Later | None:
    """All waiting notices of the reader of a notice, as one message.

    None if nothing waits any more: it was sent with another one, or its posts are gone; or nobody
    can know whose it is, since they were erased, or there is no key. A message to an anonymous
    author waits in their quiet hours until the next full hour, and then until the next one, so that
    nothing says until when these last.
    """
    reader = await telling.reader_of(tx, job.key)
    if reader is None:
        return None
    guild_id, user_id = reader
    to = await _recipient(tx, guild_id, user_id, sealing)
    if to is None:
        return None
    until = quiet_until(to.wishes, now)
    if until is not None:
        return Later(next_hour(now) if to.is_sealed else until)
    rules = await guilds.read_rules(tx, guild_id)
    found = await inboxes.unsent(tx, guild_id, user_id, rules, MERGED * 5)
    found = [each for each in found if each.about > to.silent]
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
        locale=to.wishes.locale or rules.text("locale"),
        first=keys[0],
        up_to=keys[-1],
        tried=tried > 0,
        since=since or job.created_at,
        sealed_to=to.member_id if to.is_sealed else None,
    )


@dataclass(frozen=True, slots=True)
class _Recipient:
    """The member to whom a message goes, and how they wish to be told. About posts up to `silent`,
    they get none."""

    member_id: int
    wishes: Preferences
    is_sealed: bool = False
    silent: int = 0


async def _recipient(
    tx: Transaction, guild_id: int, user_id: int, sealing: Sealing | None
) -> _Recipient | None:
    """Who a notice is sent to; None where nobody can know. The box of an anonymous author is opened
    here, and no statement has the member's id."""
    if not is_sealed(user_id):
        return _Recipient(user_id, await preferences.preferences(tx, guild_id, user_id))
    if sealing is None:
        return None
    member_id = await personas.member_of(tx, guild_id, user_id, Opening(sealing))
    if member_id is None:
        return None
    wishes = (await preferences.of_all(tx, guild_id)).get(member_id, Preferences())
    marks = await inbox_marks.read(tx, guild_id, MemberSeal(sealing, guild_id, member_id))
    return _Recipient(member_id, wishes, is_sealed=True, silent=marks.silent)


@writing
async def mail_sent(tx: Transaction, mail: Mail, job: Job) -> None:
    """Record that a message reached its reader, or can't (the inbox has it). The notices that it
    left out don't count as sent, except those of an anonymous author."""
    await guilds.lock_server(tx, mail.guild_id)
    if mail.untold and not mail.is_sealed:  # else it would tell what their author can't read
        await telling.keep_in_inbox(tx, mail.guild_id, mail.user_id, mail.untold)
    await telling.mark_sent(tx, mail.guild_id, mail.user_id, mail.up_to)
    await outbox.finish(tx, job)


@writing
async def mail_was_sent(tx: Transaction, mail: Mail, up_to: int) -> None:
    """Record that an earlier message reached its reader after all; newer notices aren't in it."""
    await guilds.lock_server(tx, mail.guild_id)
    await telling.mark_sent(tx, mail.guild_id, mail.user_id, up_to)


async def any_old(tx: Transaction, now: datetime) -> bool:
    """Whether there are notices past their age limit."""
    return await telling.any_old_notices(tx, now - KEPT, now - SEALED_KEPT)


async def drop_old_notices(db: Database, now: datetime) -> int:
    """Erase some of the notices past their age limit; returns how many. Locks nothing if there are
    none."""
    if not await db.in_read(lambda tx: any_old(tx, now)):
        return 0
    async with db.write() as tx:
        return await telling.drop_old_notices(tx, now - KEPT, now - SEALED_KEPT, _SWEPT)


@writing
async def nothing_to_send(tx: Transaction, job: Job) -> None:
    """Record that a notice isn't sent: it went out with others, its post is gone, or the reader
    wrote it themselves."""
    await guilds.lock_server(tx, job.guild_id)
    reader = await telling.reader_of(tx, job.key)
    if reader is not None:
        await telling.mark_sent(tx, *reader, job.key)
    await outbox.finish(tx, job)
