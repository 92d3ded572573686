"""Closing questions to answers, and opening them again."""

from __future__ import annotations

from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Invalid, Missing, Problem
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import check_can_close
from bot.domain.posts import CloseReason, PostKind, check_reason
from bot.domain.rules import Rules
from bot.usecases.standing import visible_card
from data import cards, guilds, members, outbox, posts
from data.database import Database, Transaction


async def close_question(
    db: Database,
    actor: Actor,
    question_id: int,
    reason: CloseReason,
    *,
    original_id: int | None = None,
    note: str = "",
    now: datetime,
) -> PostCard:
    """Close a question: it keeps taking votes and comments, but no answers.

    A duplicate names its original, and the two are linked both ways; a duplicate of a duplicate is
    linked to the original of both. Closing a closed question changes why. Raises `NotFound`,
    `Denied` (moderators, the asker, and members with the points may), `Invalid`.
    """
    text = check_reason(note)
    async with db.write() as tx:
        rules = await guilds.lock_rules(tx, actor.guild_id, now)
        card = await _question(tx, actor, question_id, rules)
        touched = {question_id, card.closing.original_id if card.closing else None}
        if reason is CloseReason.DUPLICATE:
            original_id = await _original(tx, actor.guild_id, question_id, original_id, rules)
            touched.add(original_id)
        else:
            original_id = None
        await posts.change_post(
            tx,
            question_id,
            closed_at=now,
            closed_by=actor.user_id,
            close_reason=reason,
            close_note=text,
            duplicate_of=original_id,
        )
        await _refresh(tx, actor.guild_id, touched, now)
        closed = await cards.load_card(tx, actor.guild_id, question_id, rules)
    return closed or card


async def reopen_question(
    db: Database, actor: Actor, question_id: int, *, now: datetime
) -> PostCard:
    """Open a closed question again; an open one stays as it is. Raises `NotFound`, `Denied`."""
    async with db.write() as tx:
        rules = await guilds.lock_rules(tx, actor.guild_id, now)
        card = await _question(tx, actor, question_id, rules)
        if card.closing is None:
            return card
        # What a moderator closed is not the asker's to open.
        if not actor.is_moderator and card.closing.by != actor.user_id:
            raise Denied(Denial.NOT_MODERATOR)
        await posts.change_post(
            tx,
            question_id,
            closed_at=None,
            closed_by=None,
            close_reason=None,
            close_note=None,
            duplicate_of=None,
        )
        await _refresh(tx, actor.guild_id, {question_id, card.closing.original_id}, now)
        opened = await cards.load_card(tx, actor.guild_id, question_id, rules)
    return opened or card


async def _question(tx: Transaction, actor: Actor, question_id: int, rules: Rules) -> PostCard:
    card = await visible_card(tx, actor.guild_id, question_id, rules, Missing.QUESTION)
    if card.kind is not PostKind.QUESTION:
        card = await visible_card(tx, actor.guild_id, card.question_id, rules, Missing.QUESTION)
    points = await members.points_of(tx, actor.guild_id, actor.user_id)
    check_can_close(actor, card.author.user_id, points, rules)
    return card


async def _original(
    tx: Transaction, guild_id: int, question_id: int, original_id: int | None, rules: Rules
) -> int:
    if original_id is None:
        raise Invalid("duplicate_of", Problem.EMPTY, minimum=1)
    original = await visible_card(tx, guild_id, original_id, rules, Missing.QUESTION)
    if original.closing is not None and original.closing.original_id is not None:
        original_id = original.closing.original_id
    else:
        original_id = original.question_id
    if original_id == question_id:
        raise Invalid("duplicate_of", Problem.SAME_QUESTION)
    return original_id


async def _refresh(tx: Transaction, guild_id: int, touched: set[int | None], now: datetime) -> None:
    keys = [post_id for post_id in touched if post_id is not None]
    await outbox.enqueue(tx, guild_id, JobKind.CARD, keys, Priority.WAITED_FOR, now)
