"""Locks of questions' threads. Discord alone knows of them; the audit log keeps who changed one."""

from __future__ import annotations

from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.posts import PostStatus
from bot.usecases import noting
from bot.usecases.noting import Change
from data import audit, cards, guilds, places
from data.database import Database, Transaction, writing


@writing
async def note_lock(
    tx: Transaction, actor: Actor, post_id: int, *, locked: bool, now: datetime
) -> None:
    """Keep in the audit log that a moderator has locked or unlocked a question's thread."""
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    card = await cards.load_card(tx, actor.guild_id, post_id, rules)
    if card is not None:
        await noting.by_moderator(tx, actor, card, *_lock(locked=locked), now)


async def follow_lock(
    db: Database, guild_id: int, thread_id: int, *, locked: bool, now: datetime
) -> bool:
    """Keep in the audit log that a thread was locked or unlocked in Discord, which doesn't tell by
    whom; returns whether that was new.

    The bot locks the threads of hidden and deleted questions itself: that is none. What the log
    says already, since `/lock` did it, isn't said again.
    """
    async with db.read() as tx:
        post_id = await places.question_of_thread(tx, guild_id, thread_id)
        # Discord tells of each change of an archived thread: most are nothing new.
        if post_id is None or await audit.is_locked(tx, guild_id, post_id) == locked:
            return False
    return await _follow(db, guild_id, post_id, locked=locked, now=now)


@writing
async def _follow(
    tx: Transaction, guild_id: int, post_id: int, *, locked: bool, now: datetime
) -> bool:
    rules = await guilds.lock_rules(tx, guild_id, now)
    card = await cards.load_card(tx, guild_id, post_id, rules)
    if card is None or card.status is not PostStatus.VISIBLE:
        return False
    if await audit.is_locked(tx, guild_id, post_id) == locked:
        return False
    await noting.by_nobody(tx, card, *_lock(locked=locked), now)
    return True


def _lock(*, locked: bool) -> tuple[AuditKind, Change]:
    open_, closed = {"thread": "open"}, {"thread": "locked"}
    if locked:
        return AuditKind.LOCK, Change(open_, closed)
    return AuditKind.UNLOCK, Change(closed, open_)
