"""Offering to post a message as an answer or a comment, where somebody writes it as a plain one.

Nothing of the message's text is stored, only that an offer is under it, and until when.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.access import Deed, check_may
from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Invalid
from bot.domain.outbox import JobKind, Priority
from bot.domain.posts import PostKind, check_answer, check_comment
from bot.usecases.signs import Sign, enqueue
from data import guilds, hints, posts, signs
from data.database import Database, Transaction, looking_up, reading, writing

LASTS: Final = timedelta(minutes=10)


class What(StrEnum):
    """What is said under a message: an offer with answers or without, or how to use its menu."""

    ANSWER = "answer"
    COMMENT = "comment"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Written:
    """A member's message, without its text."""

    channel_id: int
    message_id: int
    writer_id: int


def worth_offering(card: PostCard, actor: Actor, words: str) -> What | None:
    """What to offer for a reply to a post's card; None if its writer may not write there, or if it
    is too short for anything."""
    try:
        check_may(actor, Deed.WRITE)
        if card.kind is PostKind.QUESTION and card.closing is None and _is_answer(words):
            return What.ANSWER
        check_comment(words)
    except (Denied, Invalid):
        return None
    return What.COMMENT


def _is_answer(words: str) -> bool:
    try:
        check_answer(words)
    except Invalid:
        return False
    return True


@writing
async def offer(
    tx: Transaction, guild_id: int, message: Written, post_id: int, what: What, *, now: datetime
) -> None:
    """Have an offer shown under a message, which replies to a post's card; once."""
    await guilds.lock_rules(tx, guild_id, now)
    await _show(tx, guild_id, message, post_id, what, now)


@looking_up
async def is_told(tx: Transaction, thread_id: int, user_id: int) -> bool:
    """Whether a member was told in a thread how to post their messages."""
    return await hints.is_told(tx, thread_id, user_id)


@writing
async def tell_how(
    tx: Transaction, guild_id: int, message: Written, post_id: int, *, now: datetime
) -> None:
    """Tell a member under their first message in a thread how to post it; once in this thread."""
    await guilds.lock_rules(tx, guild_id, now)
    if await hints.note(tx, guild_id, message.channel_id, message.writer_id):
        await _show(tx, guild_id, message, post_id, What.HINT, now)


async def _show(
    tx: Transaction,
    guild_id: int,
    message: Written,
    post_id: int,
    what: What,
    now: datetime,
) -> None:
    sign = Sign(
        JobKind.OFFER,
        message.message_id,
        guild_id,
        message.channel_id,
        now,
        what=what,
        reply_to=message.message_id,
        person_id=message.writer_id,
        post_id=post_id,
        until=now + LASTS,
    )
    if await signs.put(tx, sign):
        await enqueue(tx, sign, Priority.REFRESH, now)


@reading
async def offer_about(
    tx: Transaction, guild_id: int, message_id: int, user_id: int, now: datetime
) -> Sign:
    """The offer under a message. Raises `Denied` with `REQUEST_ENDED` or `NOT_ITS_WRITER`."""
    sign = await signs.find(tx, guild_id, JobKind.OFFER, message_id)
    if sign is None or sign.ended or (sign.until is not None and sign.until <= now):
        raise Denied(Denial.REQUEST_ENDED)
    if sign.person_id != user_id:
        raise Denied(Denial.NOT_ITS_WRITER)
    return sign


@writing
async def end_offer(tx: Transaction, guild_id: int, message_id: int, *, now: datetime) -> None:
    """End an offer that was answered, or whose message is gone."""
    await guilds.lock_rules(tx, guild_id, now)
    await answered(tx, guild_id, message_id, now)


async def withdraw(
    db: Database, guild_id: int, message_ids: Collection[int], *, now: datetime
) -> None:
    """End the offers under messages that are gone."""
    async with db.read() as tx:
        offered = await signs.existing(tx, guild_id, JobKind.OFFER, message_ids)
    for message_id in offered:
        await end_offer(db, guild_id, message_id, now=now)


async def answered(tx: Transaction, guild_id: int, message_id: int, now: datetime) -> None:
    """End an offer within a transaction; does nothing if there is none."""
    if await signs.change(tx, JobKind.OFFER, message_id, ended=True):
        sign = Sign(JobKind.OFFER, message_id, guild_id, 0, now)
        await enqueue(tx, sign, Priority.WAITED_FOR, now)


@writing
async def keep_without_message(
    tx: Transaction, guild_id: int, message_id: int, user_id: int, *, now: datetime
) -> bool:
    """Let a member's answer stay when the message goes that it was made from. False if there is no
    such answer of theirs."""
    await guilds.lock_rules(tx, guild_id, now)
    return await posts.part_from_message(tx, guild_id, message_id, user_id)
