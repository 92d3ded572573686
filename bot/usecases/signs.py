"""Messages of the bot's that aren't cards: what delivery reads and records of them.

Each is a row that says what should be shown, where, and until when. So none is shown twice, and
none stays, whatever gets lost on the way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from bot.domain.cards import PostCard
from bot.domain.outbox import Job, JobKind, Priority
from bot.domain.posts import PostStatus
from bot.domain.rules import Rules
from data import cards, guilds, outbox, signs
from data.database import Database, Transaction, reading, writing
from data.signs import NOT_PINNED, PINNED, Sign

__all__ = ["NOT_PINNED", "PINNED", "Sign", "SignToShow"]
NOWHERE: Final[Mapping[str, Any]] = {
    "home_id": None,
    "shown_in": None,
    "shown_id": None,
    "shown": "",
    "pinned": "",
}


@dataclass(frozen=True, slots=True)
class SignToShow:
    """A message that should be shown, with the server's rules. `question` is the visible question
    that was made from a thread."""

    sign: Sign
    rules: Rules
    question: PostCard | None = None


@reading
async def sign_to_show(tx: Transaction, job: Job) -> SignToShow | None:
    """What a job is about; None if it is gone."""
    sign = await signs.find(tx, job.guild_id, job.kind, job.key)
    if sign is None:
        return None
    rules, question = await guilds.read_rules(tx, job.guild_id), None
    if sign.kind is JobKind.STRAY and sign.post_id is not None:
        card = await cards.load_card(tx, job.guild_id, sign.post_id, rules)
        visible = card is not None and card.status is PostStatus.VISIBLE
        question = card if visible else None
    return SignToShow(sign, rules, question)


@writing
async def record_shown(tx: Transaction, sign: Sign, now: datetime, **values: Any) -> None:
    """Record where a message is, and what it shows."""
    await guilds.lock_rules(tx, sign.guild_id, now)
    await signs.change(tx, sign.kind, sign.key, **values)


@writing
async def taken_away(tx: Transaction, sign: Sign, now: datetime) -> None:
    """Record that a message was deleted by the bot. It is forgotten, unless it is wanted again by
    now: then it is nowhere, and will be sent."""
    await guilds.lock_rules(tx, sign.guild_id, now)
    current = await signs.find(tx, sign.guild_id, sign.kind, sign.key)
    if current is None:
        return
    if current.ended or (current.until is not None and current.until <= now):
        await signs.forget(tx, sign.kind, sign.key)
    else:
        await signs.change(tx, sign.kind, sign.key, **NOWHERE)


@writing
async def forget(tx: Transaction, sign: Sign, now: datetime) -> None:
    """Forget a message that somebody deleted, or whose channel is gone."""
    await guilds.lock_rules(tx, sign.guild_id, now)
    current = await signs.find(tx, sign.guild_id, sign.kind, sign.key)
    if current is not None and current.shown_id in (None, sign.shown_id):
        await signs.forget(tx, sign.kind, sign.key)


@writing
async def look_again(tx: Transaction, job: Job, until: datetime) -> None:
    """Leave a message that is shown until then."""
    await outbox.postpone(tx, replace(job, attempts=0), until)


async def enqueue(tx: Transaction, sign: Sign, priority: Priority, now: datetime) -> None:
    """Have a message brought up to date, within a transaction."""
    await outbox.enqueue(tx, sign.guild_id, sign.kind, [sign.key], priority, now)


async def gone(
    db: Database, guild_id: int, message_ids: Collection[int], *, now: datetime
) -> list[JobKind]:
    """Forget those of the bot's messages that somebody deleted: they aren't posted again. Returns
    what they were."""
    async with db.read() as tx:
        found = await signs.shown_as(tx, guild_id, message_ids)
    if found:
        async with db.write() as tx:
            await guilds.lock_rules(tx, guild_id, now)
            for kind, key in found:
                await signs.forget(tx, kind, key)
    return [kind for kind, _ in found]
