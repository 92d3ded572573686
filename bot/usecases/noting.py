"""Keeping in the audit log what moderators and managers do, in the transaction that does it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.audit import AuditEntry, AuditKind
from bot.domain.cards import Category, PostCard
from bot.domain.posts import PostStatus
from data import audit, names, unsealing
from data.database import Transaction

_States = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """What an act changed: states, never a title or a text. `reason` is one of our own codes,
    or what a moderator gives as the reason of a block."""

    before: _States = field(default_factory=dict[str, str])
    after: _States = field(default_factory=dict[str, str])
    reason: str = ""


def status(before: PostStatus, after: PostStatus, reason: str = "") -> Change:
    """A change of a post's status."""
    return Change({"status": before.value}, {"status": after.value}, reason)


async def on_post(
    tx: Transaction, actor: Actor, card: PostCard, kind: AuditKind, change: Change, now: datetime
) -> None:
    """Keep what somebody did to another's post. What authors do to their own posts isn't kept."""
    if is_others(actor, card.author.id):
        await _keep(tx, actor, AuditEntry(kind, _who(actor), now, card.post_id), change)


async def on_choice(
    tx: Transaction, actor: Actor, answer: PostCard, change: Change, now: datetime
) -> None:
    """Keep that somebody else than the asker chose the best answer, or cleared it. The answer may
    be their own."""
    if is_others(actor, answer.asker_id):
        entry = AuditEntry(AuditKind.BEST, _who(actor), now, answer.post_id)
        await _keep(tx, actor, entry, change)


async def by_moderator(
    tx: Transaction, actor: Actor, card: PostCard, kind: AuditKind, change: Change, now: datetime
) -> None:
    """Keep what only moderators can do to a post, also to their own."""
    await _keep(tx, actor, AuditEntry(kind, _who(actor), now, card.post_id), change)


def is_others(actor: Actor, author_id: int | None) -> bool:
    """Whether a post is another's. Where its author isn't known, only what its moderators do counts
    as done by another: anybody else may be the author, whom the log must not name."""
    return actor.moderates_post if author_id is None else author_id != actor.user_id


async def on_server(
    tx: Transaction,
    actor: Actor,
    kind: AuditKind,
    change: Change,
    now: datetime,
    *,
    subject_id: int | None = None,
) -> int:
    """Keep what somebody did to the server, or to a member; returns the row of the log."""
    entry = AuditEntry(kind, _who(actor), now, subject_id=subject_id)
    return await _keep(tx, actor, entry, change)


async def by_nobody(
    tx: Transaction, card: PostCard, kind: AuditKind, change: Change, now: datetime
) -> None:
    """Keep what happened to a post without anybody who is known to have done it."""
    await _keep(tx, Actor(card.guild_id, 0), AuditEntry(kind, None, now, card.post_id), change)


async def _keep(tx: Transaction, actor: Actor, entry: AuditEntry, change: Change) -> int:
    states = {"before": change.before, "after": change.after}
    kept = await audit.note(tx, actor.guild_id, replace(entry, reason=change.reason, **states))
    if entry.actor_id is not None:
        await names.remember(tx, actor.guild_id, actor.user_id, *actor.seen_as)
    if actor.is_moderator:
        await unsealing.note_moderator(tx, actor.guild_id, actor.user_id, entry.at)
    return kept


def _who(actor: Actor) -> int | None:
    """Discord doesn't tell who pins a message: then there is no member."""
    return actor.user_id or None


def category_state(category: Category | None) -> dict[str, str]:
    """A category as the log keeps it: its name, and the channel by which readers may see it."""
    if category is None:
        return {}
    channel = {} if category.channel_id is None else {"channel": str(category.channel_id)}
    return {"category": category.name, **channel}
