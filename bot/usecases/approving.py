"""Deciding on posts that wait for approval. The first decision counts.

An approved post appears as if it had been written then: its number stays, and its time, its points
and whom it is told to begin now. An answer whose question is closed, and whatever belongs to a post
that isn't shown, can't be approved: it waits until that changes, or isn't approved.
"""

from __future__ import annotations

from datetime import datetime

from bot.domain.access import check_moderates
from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.notices import Act, NoticeKind
from bot.domain.posts import HideReason, PostKind, PostStatus
from bot.domain.review import Decision, ReportReason, Verdict
from bot.domain.rules import Rules
from bot.usecases import noting, redirecting
from bot.usecases.answering import tell_about_answer
from bot.usecases.asking import tell_about_question
from bot.usecases.commenting import tell_about_comment
from bot.usecases.removing import bring_back
from data import cards, guilds, posts, receipts, report_cards, telling
from data.database import Transaction, reading, writing


@writing
async def approve_post(tx: Transaction, actor: Actor, post_id: int, *, now: datetime) -> PostCard:
    """Show a post that waits for approval.

    Raises `Denied` with `NOT_MODERATOR`, `ALREADY_DECIDED` if another moderator was first,
    `QUESTION_CLOSED` or `QUESTION_GONE` where it has no place any more; and `NotFound(POST)`.
    """
    check_moderates(actor)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    card = await _waiting(tx, actor, post_id, rules)
    await approve(tx, actor, card, rules, now)
    return card


@writing
async def reject_post(
    tx: Transaction, actor: Actor, post_id: int, reason: ReportReason, *, now: datetime
) -> PostCard:
    """Hide a post that waits for approval; its author reads the reason. Raises `Denied` with
    `NOT_MODERATOR` or `ALREADY_DECIDED`, and `NotFound(POST)`."""
    check_moderates(actor)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    card = await _waiting(tx, actor, post_id, rules)
    await reject(tx, actor, card, reason, now)
    return card


@reading
async def check_held(tx: Transaction, actor: Actor, post_id: int) -> None:
    """Refuse what `reject_post` would refuse, before asking for its reason."""
    check_moderates(actor)
    await _waiting(tx, actor, post_id, await guilds.read_rules(tx, actor.guild_id))


async def _waiting(tx: Transaction, actor: Actor, post_id: int, rules: Rules) -> PostCard:
    card = await cards.load_card(tx, actor.guild_id, post_id, rules)
    if card is None:
        raise NotFound(Missing.POST)
    if card.status is not PostStatus.HELD:
        known = await report_cards.card_of(tx, actor.guild_id, post_id)
        if known is None:
            raise NotFound(Missing.POST)
        raise Denied(Denial.ALREADY_DECIDED, verdict=known.verdict)
    return card


async def approve(
    tx: Transaction, actor: Actor, card: PostCard, rules: Rules, now: datetime
) -> None:
    """`approve_post` within a transaction, of a card that waits, or that wasn't approved before."""
    _check_place(card)
    question_id = card.question_id
    await posts.change_post(tx, card.post_id, created_at=now, active_at=now)
    if card.kind is not PostKind.QUESTION:
        await posts.change_post(tx, question_id, active_at=now)
    await bring_back(tx, card, rules, now)
    await _decide(tx, actor, card, Verdict(Decision.APPROVED, actor.user_id, actor.name), now)
    await telling.tell_author(tx, card, NoticeKind.APPROVED, now, by=actor.user_id)
    await _tell_others(tx, card, rules, now)


async def reject(
    tx: Transaction, actor: Actor, card: PostCard, reason: ReportReason | None, now: datetime
) -> None:
    """`reject_post` within a transaction, of a card that waits."""
    await posts.change_post(tx, card.post_id, status=PostStatus.HIDDEN)
    verdict = Verdict(Decision.REJECTED, actor.user_id, actor.name, reason)
    await _decide(tx, actor, card, verdict, now)
    why = HideReason(reason or HideReason.OTHER)
    await telling.tell_author(tx, card, NoticeKind.REJECTED, now, by=actor.user_id, why=why)


def _check_place(card: PostCard) -> None:
    if card.kind is PostKind.QUESTION:
        return
    if card.question_hidden or card.parent_hidden:
        raise Denied(Denial.QUESTION_GONE)
    if card.kind is PostKind.ANSWER and card.closing is not None:
        raise Denied(Denial.QUESTION_CLOSED, question=card.question_id)


async def _decide(
    tx: Transaction, actor: Actor, card: PostCard, verdict: Verdict, now: datetime
) -> None:
    """Have the card for moderators say what was decided, and keep it in the audit log."""
    await report_cards.decided(tx, card.guild_id, card.post_id, verdict, now)
    approved = verdict.decision is Decision.APPROVED
    kind = AuditKind.APPROVE if approved else AuditKind.REJECT
    after = PostStatus.VISIBLE if approved else PostStatus.HIDDEN
    change = noting.status(card.status, after, verdict.reason or "")
    await noting.by_moderator(tx, actor, card, kind, change, now)
    await receipts.note(tx, actor, Act.DISMISS, now, card.reference)


async def _tell_others(tx: Transaction, card: PostCard, rules: Rules, now: datetime) -> None:
    """Tell of an approved post whom a new one is told to. It is its author's, whoever approved
    it. A post without a known author is told to nobody who follows people."""
    author = Actor(card.guild_id, card.author.id or 0)
    if card.kind is PostKind.QUESTION:
        known = {c.category_id: c for c in await guilds.categories(tx, card.guild_id)}
        within: list[int] = []
        above = card.category_id
        while above in known:
            within.append(above)
            above = known[above].parent_id
        await redirecting.note_question(
            tx, card.guild_id, author.user_id, card.post_id, card.body, now
        )
        await tell_about_question(tx, author, card.post_id, card.tags, within, now)
        return
    about = await cards.load_card(tx, card.guild_id, card.parent_id or card.question_id, rules)
    if about is None:
        return
    if card.kind is PostKind.ANSWER:
        await tell_about_answer(tx, author, author.user_id, card.post_id, about, now)
    else:
        await tell_about_comment(tx, author, card.post_id, about, now)
