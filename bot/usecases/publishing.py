"""Publishing: what delivery reads from the outbox, and what it records of Discord."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.domain.cards import PostCard
from bot.domain.notices import NoticeCard
from bot.domain.outbox import Job, pause
from bot.domain.posts import PostKind, PostStatus
from bot.domain.rules import Rules
from data import cards, guilds, notices, outbox, posts
from data.database import Database

Guilds = frozenset[int] | None


@dataclass(frozen=True, slots=True)
class CardToShow:
    """A post to be brought up to date in Discord. `question` is the card of its question."""

    card: PostCard
    question: PostCard
    rules: Rules
    forum_tags: frozenset[int]
    """The forum tags that stand for categories and states: set and taken away by us alone."""


async def due_jobs(db: Database, now: datetime, limit: int, served: Guilds = None) -> list[Job]:
    """Jobs to do now, the most urgent first, of the servers this process serves."""
    async with db.read() as tx:
        return await outbox.due(tx, now, limit, served)


async def next_due(db: Database, served: Guilds = None) -> datetime | None:
    """When the next job is due; None where none waits."""
    async with db.read() as tx:
        return await outbox.next_due(tx, served)


async def card_to_show(db: Database, job: Job) -> CardToShow | None:
    """What a card job is about, as the facts are now; None where the post is gone."""
    async with db.read() as tx:
        rules = await guilds.read_rules(tx, job.guild_id)
        card = await cards.load_card(tx, job.guild_id, job.key, rules)
        if card is None:
            return None
        question = card
        if card.kind is not PostKind.QUESTION:
            found = await cards.load_card(tx, job.guild_id, card.question_id, rules)
            if found is None:
                return None
            question = found
        else:
            card = question = await cards.with_closing(tx, card)
        tags = {c.forum_tag_id for c in await guilds.categories(tx, job.guild_id)}
        tags.add(rules.identity("solved_tag"))
        return CardToShow(card, question, rules, frozenset(t for t in tags if t))


async def notice_to_send(db: Database, job: Job) -> NoticeCard | None:
    """What a notice job is about; None where it was sent, or is no longer true or wanted."""
    async with db.read() as tx:
        notice = await notices.load_notice(tx, job.key)
        if notice is None or notice.sent:
            return None
        rules = await guilds.read_rules(tx, notice.guild_id)
        post = await cards.load_card(tx, notice.guild_id, notice.post_id, rules)
        if post is None or post.status is not PostStatus.VISIBLE:
            return None
        question = await cards.load_card(tx, notice.guild_id, post.question_id, rules)
        if question is None or question.status is not PostStatus.VISIBLE:
            return None
        return NoticeCard(
            notice.notice_id, notice.user_id, notice.kind, post, question, rules.text("locale")
        )


async def record_shown(
    db: Database,
    guild_id: int,
    post_id: int,
    *,
    marks: Mapping[str, str] | None = None,
    **place: Any,
) -> None:
    """Record where a post is shown, or what; absent values and marks stay as they are.

    Marks are merged with those of now, not with those the caller once read: reconciling may have
    taken one away meanwhile, to have something shown again.
    """
    async with db.write() as tx:
        if marks:
            known: dict[str, str] = json.loads(await posts.lock_shown(tx, post_id) or "{}")
            place["shown"] = json.dumps(known | dict(marks), sort_keys=True)
        await posts.record_place(tx, guild_id, post_id, **place)


async def forget_place(db: Database, guild_id: int, post_id: int) -> None:
    """Record that a post is shown nowhere."""
    nowhere = {"channel_id": None, "message_id": None, "thread_id": None}
    await record_shown(db, guild_id, post_id, **nowhere, pinned=False, shown="")


async def finish_job(db: Database, job: Job, *, sent_notice: int | None = None) -> None:
    """Take a done job out of the outbox, unless it was asked for again meanwhile."""
    async with db.write() as tx:
        if sent_notice is not None:
            await notices.mark_sent(tx, sent_notice)
        await outbox.finish(tx, job)


async def defer_job(db: Database, job: Job, until: datetime) -> None:
    """Leave a job for later, to spare Discord a burst of edits of the same card."""
    async with db.write() as tx:
        await outbox.postpone(tx, job, until)


async def retry_job(db: Database, job: Job, error: str, now: datetime) -> None:
    """Leave a job that failed for later; each failure doubles the pause."""
    async with db.write() as tx:
        await outbox.postpone(
            tx, job, now + pause(job.attempts), error=error, attempts=job.attempts + 1
        )


async def give_up_job(db: Database, job: Job, error: str) -> None:
    """Record that Discord refuses a job for good, and why."""
    async with db.write() as tx:
        await outbox.give_up(tx, job, error)


async def failures_of(
    db: Database, guild_id: int | None = None, limit: int = 20
) -> list[outbox.Failure]:
    """What was given up, in one server or (None) in all."""
    async with db.read() as tx:
        return await outbox.failures(tx, guild_id, limit)


async def retry_failures(db: Database, guild_id: int, now: datetime) -> int:
    """Have everything that was given up in a server tried again; returns how many."""
    async with db.write() as tx:
        return await outbox.retry_failed(tx, guild_id, now)


async def stop_notices(db: Database, guild_id: int, user_id: int, post_id: int) -> bool:
    """No longer tell a post's author of what happens to it; False where it isn't theirs."""
    async with db.write() as tx:
        return await posts.stop_notices(tx, guild_id, user_id, post_id)
