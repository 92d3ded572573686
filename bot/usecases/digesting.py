"""Digests: whose is due, what is in it, and sending each once, from one process.

A digest is claimed before it is sent, by moving its due time: one of several processes gets it, and
if that one dies, a later look finds it again. A digest is identified by its *slot*, the hour it was
meant for, so that one which arrived already is recognised.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.cards import QuestionLine
from bot.domain.notices import Digest, NoticeCard, latest_digest, next_digest, quiet_until
from bot.domain.ranking import View
from bot.domain.sealed import Seal
from bot.usecases import anonymous_inbox
from bot.usecases.anonymous_inbox import Reader
from data import guilds, listing, preferences, readers
from data.database import Database, Transaction, reading, writing
from data.paging import Page

AT_ONCE = 8
QUESTIONS = 5
NOTICES = 10
_CLAIMED = timedelta(minutes=15)  # after that, the process that claimed it is taken for dead


@dataclass(frozen=True, slots=True)
class Due:
    """A digest to send now. `slot` is the hour it is for; `again` means that it may have been sent
    before."""

    guild_id: int
    user_id: int
    slot: datetime
    again: bool


@dataclass(frozen=True, slots=True)
class DigestMail:
    """A summary for one member: what is unread in their inbox, and what was asked meanwhile."""

    guild_id: int
    user_id: int
    slot: datetime
    notices: tuple[NoticeCard, ...]
    unread: int
    questions: tuple[QuestionLine, ...]
    locale: str


async def any_due(tx: Transaction, now: datetime, served: frozenset[int] | None) -> bool:
    """Whether a digest is to be sent now."""
    return bool(await preferences.digests_due(tx, now, 1, served))


async def claim_digests(
    db: Database, now: datetime, served: frozenset[int] | None
) -> list[Due] | None:
    """Digests to send now, which no other process gets for a while; None if none is due.

    Those of readers in their quiet hours are put off until these end.
    """
    found = await db.in_read(lambda tx: preferences.digests_due(tx, now, AT_ONCE, served))
    if not found:
        return None
    claimed: list[Due] = []
    async with db.write() as tx:
        await guilds.lock_many(tx, {guild_id for guild_id, _, _ in found})
        for guild_id, user_id, due_at in found:
            wishes = await preferences.preferences(tx, guild_id, user_id)
            quiet = quiet_until(wishes, now)
            until = None if wishes.digest is Digest.OFF else quiet or now + _CLAIMED
            mine = await preferences.move_digest(tx, guild_id, user_id, due_at, until)
            if mine and not quiet and until is not None:
                slot = latest_digest(wishes, now)
                claimed.append(Due(guild_id, user_id, slot, again=slot != due_at))
    return claimed


@reading
async def digest_to_send(
    tx: Transaction, due: Due, channels: frozenset[int], seal: Seal | None = None
) -> DigestMail:
    """A member's digest, of what stands in the channels they can read. By `seal`, theirs, it has
    what is new of their anonymous posts: no row says what was in it."""
    who = (due.guild_id, due.user_id)
    rules = await guilds.read_rules(tx, due.guild_id)
    wishes = await preferences.preferences(tx, *who)
    reader = Reader(*who, channels, seal)
    news = await anonymous_inbox.read(tx, reader, rules, Page(NOTICES), only_unread=True)
    span = timedelta(days=7 if wishes.digest is Digest.WEEKLY else 1)
    wanted = listing.Wanted(View.HOT, since=due.slot - span)
    hot = await listing.questions(tx, readers.Reader(*who, channels), wanted, Page(QUESTIONS))
    locale = wishes.locale or rules.text("locale")
    return DigestMail(*who, due.slot, tuple(news.notices), news.unread, tuple(hot), locale)


@writing
async def digest_done(tx: Transaction, due: Due, now: datetime, *, stop: bool = False) -> None:
    """Record that a digest went out, or can't; the next one is due at the member's hour again.

    With `stop` (they left the server) there is none.
    """
    who = (due.guild_id, due.user_id)
    if await guilds.lock_known(tx, due.guild_id) is None:
        return
    wishes = await preferences.preferences(tx, *who)
    if stop:
        wishes = replace(wishes, digest=Digest.OFF)
        await preferences.save_preferences(tx, *who, wishes)
    await preferences.schedule_digest(tx, *who, next_digest(wishes, now))


async def stop_digests(db: Database, guild_id: int, user_id: int, *, now: datetime) -> None:
    """Send a member no more digests of a server."""
    await digest_done(db, Due(guild_id, user_id, now, again=False), now, stop=True)
