"""Closing questions to new answers, and reopening them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.access import Deed, check_may, check_unblocked
from bot.domain.actors import Actor
from bot.domain.appeals import About
from bot.domain.audit import AuditKind
from bot.domain.cards import Closing, PostCard
from bot.domain.errors import Denial, Denied, Invalid, Problem
from bot.domain.notices import NoticeKind
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import Action, check_can_close, check_limit, check_not_blocked
from bot.domain.posts import CloseReason, PostKind, check_reason
from bot.domain.review import Decision
from bot.domain.rules import Rules
from bot.usecases import noting
from bot.usecases.noting import Change
from bot.usecases.standing import if_visible, visible_card
from data import (
    appeals,
    cards,
    counting,
    guilds,
    members,
    outbox,
    posts,
    receipts,
    report_cards,
    search,
    telling,
)
from data.acting import Acting, begin, count_act
from data.database import Transaction, reading, writing

ORIGINALS = 25  # what fits into one of Discord's selects


@dataclass(frozen=True, slots=True)
class ClosingForm:
    """Why a question is closed. A duplicate names its original, and a note can say more."""

    reason: CloseReason
    original_id: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Original:
    """The original of a duplicate. `linked` tells whether its card names the duplicate, and `moved`
    are duplicates of the duplicate, which are linked to it now."""

    post_id: int | None = None
    linked: bool = False
    moved: Collection[int] = ()


async def close(
    tx: Transaction, actor: Actor, question_id: int, form: ClosingForm, *, now: datetime
) -> PostCard:
    """Close a question: it still accepts votes and comments, but no answers.

    A duplicate names its original; the original's card names it, too, where a moderator or the
    original's asker closes it. A duplicate of a duplicate is linked to the original of both, and so
    are the question's own duplicates. Closing a closed question changes the reason. Raises
    `NotFound`, `Denied` (moderators, the asker, and members with the points may; only moderators
    may change what somebody else closed), `Invalid`.
    """
    text = check_reason(form.note)
    now = actor.at(now)
    begun = await begin(tx, actor, Action.CLOSE, now, post_id=question_id)
    rules, who = begun.rules, begun.who
    card = await _question_of(tx, actor, begun.card, rules)
    actor.check_apart(card.author.id)
    check_not_blocked(who.block, actor, now)
    check_can_close(actor, card.author.id, who.points, rules)
    _check_own_closing(actor, card)
    await _count(tx, actor, who, rules, now)
    original = _Original()
    if form.reason is CloseReason.DUPLICATE:
        original = await _link(tx, actor, card.post_id, form.original_id, rules)
    await posts.change_post(
        tx,
        card.post_id,
        closed_at=now,
        closed_by=actor.user_id,
        close_reason=form.reason,
        close_note=text,
        duplicate_of=original.post_id,
        duplicate_linked=original.linked,
    )
    await receipts.keep(tx, actor, card.post_id, NoticeKind.SAVED, now)
    await telling.tell_author(tx, card, NoticeKind.CLOSED, now, by=actor.user_id)
    before = card.closing.original_id if card.closing else None
    closing = Closing(form.reason, actor.user_id, text, original.post_id)
    await _note(tx, actor, card, closing, now)
    await report_cards.follow(tx, actor.guild_id, [card.post_id], now)
    touched = {card.post_id, before, original.post_id, *original.moved}
    await _refresh(tx, actor.guild_id, touched, now)
    return replace(card, closing=closing)


@writing
async def close_question(
    tx: Transaction, actor: Actor, question_id: int, form: ClosingForm, *, now: datetime
) -> PostCard:
    """Close a question by itself, where `close` is one step of another use case."""
    return await close(tx, actor, question_id, form, now=now)


@reading
async def likely_originals(
    tx: Transaction, actor: Actor, question_id: int, *, channels: Collection[int]
) -> tuple[PostCard, list[PostCard]]:
    """A question, and those it is likely to duplicate: the most similar ones that the person can
    read, the most similar first. Raises like `close_question`."""
    rules = await guilds.read_rules(tx, actor.guild_id)
    card = await _question(tx, actor, question_id, rules)
    check_unblocked(actor)
    points = await members.points_of(tx, actor.guild_id, actor.user_id)
    check_can_close(actor, card.author.id, points, rules)
    _check_own_closing(actor, card)
    reader = search.Reader(actor.user_id, channels)
    alike = await search.similar(tx, actor.guild_id, card.title, ORIGINALS + 1, reader)
    found = await cards.load_cards(tx, actor.guild_id, alike, rules)
    others = [found[post_id] for post_id in alike if post_id in found and post_id != card.post_id]
    return card, others[:ORIGINALS]


@writing
async def reopen_question(
    tx: Transaction, actor: Actor, question_id: int, *, now: datetime
) -> PostCard:
    """Reopen a closed question; an open one stays as it is. Raises `NotFound`, `Denied`."""
    now = actor.at(now)
    begun = await begin(tx, actor, Action.CLOSE, now, post_id=question_id)
    rules, who = begun.rules, begun.who
    card = await _question_of(tx, actor, begun.card, rules)
    actor.check_apart(card.author.id)
    check_not_blocked(who.block, actor, now)
    check_can_close(actor, card.author.id, who.points, rules)
    if card.closing is None:
        return card
    _check_own_closing(actor, card)
    await _count(tx, actor, who, rules, now)
    await receipts.keep(tx, actor, card.post_id, NoticeKind.SAVED, now)
    await reopen(tx, actor, card, now)
    return replace(card, closing=None)


async def reopen(tx: Transaction, actor: Actor, card: PostCard, now: datetime) -> None:
    """`reopen_question` within a transaction, of a closed question, whoever may do so."""
    await posts.change_post(
        tx,
        card.post_id,
        closed_at=None,
        closed_by=None,
        close_reason=None,
        close_note=None,
        duplicate_of=None,
        duplicate_linked=False,
    )
    await telling.tell_author(tx, card, NoticeKind.REOPENED, now, by=actor.user_id)
    await _note(tx, actor, card, None, now)
    about = [About.CLOSED]
    await appeals.settle_post(tx, actor.guild_id, [card.post_id], about, Decision.SETTLED, now)
    original_id = card.closing.original_id if card.closing is not None else None
    await _refresh(tx, actor.guild_id, {card.post_id, original_id}, now)


async def _question(tx: Transaction, actor: Actor, question_id: int, rules: Rules) -> PostCard:
    card = await cards.load_card(tx, actor.guild_id, question_id, rules)
    return await _question_of(tx, actor, card, rules)


async def _question_of(
    tx: Transaction, actor: Actor, named: PostCard | None, rules: Rules
) -> PostCard:
    card = if_visible(named)
    if card.kind is not PostKind.QUESTION:
        card = await visible_card(tx, actor.guild_id, card.question_id, rules)
    check_may(actor, Deed.READ)
    return card


async def _count(tx: Transaction, actor: Actor, who: Acting, rules: Rules, now: datetime) -> None:
    """Count closing and reopening a question towards their common hourly limit."""
    check_limit(Action.CLOSE, who.done, actor.is_moderator, rules, now)
    await count_act(tx, actor, Action.CLOSE, now, who)


def _check_own_closing(actor: Actor, card: PostCard) -> None:
    """An asker can't reopen what a moderator closed, nor change its reason: only whoever closed it
    last may reopen it."""
    closed = card.closing is not None and not actor.is_one(card.closing.by)
    if closed and not actor.moderates_post:
        raise Denied(Denial.NOT_MODERATOR)


async def _link(
    tx: Transaction, actor: Actor, question_id: int, named_id: int | None, rules: Rules
) -> _Original:
    """Link a question's duplicates to its original. Raises like `_original`."""
    guild_id = actor.guild_id
    original_id = await _original(tx, guild_id, question_id, named_id, rules)
    asker = await posts.author_of(tx, guild_id, original_id)
    linked = actor.is_moderator or actor.is_one(asker)
    moved = await posts.move_duplicates(tx, guild_id, question_id, original_id, linked=linked)
    return _Original(original_id, linked, moved)


async def _original(
    tx: Transaction, guild_id: int, question_id: int, original_id: int | None, rules: Rules
) -> int:
    """The question to link to, if it duplicates `original_id`: the end of that one's chain of
    originals, as far as they are shown. Raises `Invalid(SAME_QUESTION)` if the chain leads back."""
    if original_id is None:
        raise Invalid("duplicate_of", Problem.EMPTY, minimum=1)
    named = await visible_card(tx, guild_id, original_id, rules)
    found = [named.question_id]
    seen = {named.question_id}
    while (following := await posts.original_of(tx, guild_id, found[-1])) is not None:
        if following in seen:
            break
        seen.add(following)
        found.append(following)
    if question_id in seen:
        raise Invalid("duplicate_of", Problem.SAME_QUESTION)
    shown = await cards.lines(tx, guild_id, found)
    return shown[-1].post_id if shown else named.question_id


async def _note(
    tx: Transaction, actor: Actor, card: PostCard, closing: Closing | None, now: datetime
) -> None:
    """Keep in the audit log that somebody closed or reopened another's question. The same reason
    once more changes nothing."""
    if not noting.is_others(actor, card.author.id):
        return
    guild_id = actor.guild_id
    before, after = await _state(tx, guild_id, card.closing), await _state(tx, guild_id, closing)
    if before == after:
        return
    kind = AuditKind.REOPEN if closing is None else AuditKind.CLOSE
    reason = "" if closing is None else closing.reason
    await noting.on_post(tx, actor, card, kind, Change(before, after, reason), now)


async def _state(tx: Transaction, guild_id: int, closing: Closing | None) -> dict[str, str]:
    if closing is None:
        return {"question": "open"}
    state = {"question": "closed", "reason": closing.reason.value}
    if closing.original_id is not None:
        numbers = await counting.numbers(tx, guild_id, [closing.original_id])
        state["original"] = numbers.get(closing.original_id, "")
    return state


async def _refresh(tx: Transaction, guild_id: int, touched: set[int | None], now: datetime) -> None:
    keys = [post_id for post_id in touched if post_id is not None]
    await outbox.enqueue(tx, guild_id, JobKind.CARD, keys, Priority.WAITED_FOR, now)
