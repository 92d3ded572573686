"""Asking a message's writer whether it may become an answer.

The request is the bot's reply to the message, and desired state like a card: the row says that it
should exist, and until when; delivery posts and deletes it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied
from bot.domain.outbox import Job, JobKind, Priority
from bot.domain.policies import Action, check_limit
from bot.domain.posts import check_answer
from bot.usecases import offering
from bot.usecases.standing import standing_of
from data import consents, guilds, members, outbox
from data.consents import Request, Said
from data.database import Database, Transaction, reading, writing

LASTS: Final = timedelta(days=1)

__all__ = ["Request", "Said"]


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """A message in a thread, with its author's current name and avatar."""

    thread_id: int
    message_id: int
    author_id: int
    author_name: str = ""
    author_avatar: str = ""


@writing
async def ask_writer(
    tx: Transaction, actor: Actor, message: ThreadMessage, said: Said, *, now: datetime
) -> None:
    """Ask the writer of a message for their consent, once. Its text is kept until they answer, for
    a day at most, since Discord only sends it to the bot when its message menu is used.

    Raises `Invalid` for a text that is no answer, `Denied` for too many within the hour.
    """
    check_answer(said.body)
    guild_id = actor.guild_id
    request = Request(
        message.message_id,
        message.thread_id,
        message.author_id,
        actor.user_id,
        said,
        now,
        now + LASTS,
        None,
        ended=False,
    )
    rules = await guilds.lock_rules(tx, guild_id, now)
    _, done = await standing_of(tx, actor, Action.ANSWERS, now)
    check_limit(Action.ANSWERS, done, actor.is_moderator, rules, now)
    if await consents.ask(tx, guild_id, request):
        await members.count_action(tx, Action.ANSWERS, {(guild_id, actor.user_id): 1}, now)
        await _show(tx, guild_id, message.message_id, Priority.REFRESH, now)
        # One line of the bot's under a message is enough.
        await offering.answered(tx, guild_id, message.message_id, now)


@reading
async def request_about(tx: Transaction, guild_id: int, message_id: int, now: datetime) -> Request:
    """The request under a message, as long as it can be answered. Raises
    `Denied(REQUEST_ENDED)`."""
    request = await consents.request_about(tx, guild_id, message_id)
    if request is None or request.ended or request.until <= now:
        raise Denied(Denial.REQUEST_ENDED)
    return request


@writing
async def end_request(tx: Transaction, guild_id: int, message_id: int, now: datetime) -> None:
    """End a request that was answered, or whose message is gone; its reply is deleted."""
    await guilds.lock_rules(tx, guild_id, now)
    await answered(tx, guild_id, message_id, now)


async def answered(tx: Transaction, guild_id: int, message_id: int, now: datetime) -> None:
    """End a request within a transaction; does nothing if there is none."""
    if await consents.end(tx, guild_id, message_id):
        # More urgent than the request itself, so that the job, which was put off for a day, is due
        # now.
        await _show(tx, guild_id, message_id, Priority.WAITED_FOR, now)


async def withdraw(
    db: Database, guild_id: int, message_ids: Collection[int], *, now: datetime
) -> None:
    """End the requests under messages that are gone."""
    async with db.read() as tx:
        asked = await consents.asked_about(tx, guild_id, message_ids)
    for message_id in asked:
        await end_request(db, guild_id, message_id, now)


@reading
async def request_to_show(tx: Transaction, job: Job) -> tuple[Request, str] | None:
    """A request with the server's language; None if it is gone."""
    rules = await guilds.read_rules(tx, job.guild_id)
    request = await consents.request_about(tx, job.guild_id, job.key)
    return None if request is None else (request, rules.text("locale"))


@writing
async def record_shown(tx: Transaction, job: Job, shown_id: int, now: datetime) -> None:
    """Record that a request is shown."""
    await guilds.lock_rules(tx, job.guild_id, now)
    await consents.record_shown(tx, job.key, shown_id)


@writing
async def forget_request(tx: Transaction, job: Job, now: datetime) -> None:
    """Forget a request whose reply is gone."""
    await guilds.lock_rules(tx, job.guild_id, now)
    await consents.forget(tx, job.key)
    await outbox.finish(tx, job)


@writing
async def look_again(tx: Transaction, job: Job, until: datetime) -> None:
    """Leave a request that is shown until it ends."""
    await outbox.postpone(tx, replace(job, attempts=0), until)


async def _show(
    tx: Transaction, guild_id: int, message_id: int, priority: Priority, now: datetime
) -> None:
    await outbox.enqueue(tx, guild_id, JobKind.CONSENT, [message_id], priority, now)
