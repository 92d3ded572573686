"""Removing and restoring posts, with everything that depends on them. That includes posts whose
cards were deleted in Discord: the forum follows that decision."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from bot.domain.appeals import About
from bot.domain.audit import AuditKind
from bot.domain.cards import PostCard
from bot.domain.notices import NoticeKind
from bot.domain.outbox import JobKind, Priority
from bot.domain.posts import HideReason, PostKind, PostStatus
from bot.domain.review import Decision, Verdict
from bot.domain.rules import Rules
from bot.usecases import noting
from data import (
    appeals,
    cards,
    comments,
    guilds,
    ledger,
    outbox,
    places,
    posts,
    refreshes,
    removals,
    report_cards,
    search_index,
    sweeps,
    tags,
    telling,
    written_words,
)
from data.database import Database, Transaction, writing

GRACE: Final = timedelta(days=7)
"""How long moderators can restore a deleted post; then its text is erased."""


@writing
async def hide_post(tx: Transaction, guild_id: int, post_id: int, *, now: datetime) -> bool:
    """Hide a visible post, which earns nothing while hidden. False if there is none."""
    rules = await guilds.lock_rules(tx, guild_id, now)
    card = await cards.load_card(tx, guild_id, post_id, rules)
    if card is None or card.status is not PostStatus.VISIBLE:
        return False
    await take_out(tx, card, PostStatus.HIDDEN, rules, now)
    why = HideReason.MESSAGE
    change = noting.status(card.status, PostStatus.HIDDEN, why)
    await noting.by_nobody(tx, card, AuditKind.HIDE, change, now)
    await telling.tell_author(tx, card, NoticeKind.HIDDEN, now, by=None, why=why)
    return True


async def hide_removed(
    db: Database, guild_id: int, message_ids: Collection[int], *, now: datetime
) -> int:
    """Hide the visible posts whose card or thread was deleted in Discord; returns how many."""
    async with db.read() as tx:
        shown = await places.shown_at(tx, guild_id, message_ids)
    hidden = [await hide_post(db, guild_id, post_id, now=now) for post_id in shown]
    return sum(hidden)


async def follow_writers(
    db: Database, guild_id: int, message_ids: Collection[int], *, now: datetime
) -> int:
    """Delete the answers that others made from messages, once their writers delete those, unless
    somebody has voted on them; returns how many."""
    async with db.read() as tx:
        found = await places.falling_with(tx, guild_id, message_ids)
    for post_id in found:
        async with db.write() as tx:
            rules = await guilds.lock_rules(tx, guild_id, now)
            card = await cards.load_card(tx, guild_id, post_id, rules)
            # Somebody may have voted on it meanwhile.
            if card is not None and await places.falling_with(tx, guild_id, message_ids):
                gone = Verdict(Decision.DELETED, card.author.id or 0)
                await take_out(tx, card, PostStatus.DELETED, rules, now, gone)
    return len(found)


async def take_out(
    tx: Transaction,
    card: PostCard,
    status: PostStatus,
    rules: Rules,
    now: datetime,
    verdict: Verdict | None = None,
) -> None:
    """Make a visible post hidden or deleted, and update counts, the best answer, points, the search
    index and the cards, also that of its reports, which were decided so where there is a `verdict`.
    A deleted post's text is erased once `GRACE` is over."""
    chosen_at = await posts.chosen_at(tx, card.question_id) if card.is_best else None
    touched = [card.post_id]
    await posts.take_out(tx, card, status)
    await removals.note_removal(
        tx,
        card.guild_id,
        card.post_id,
        chosen_at=chosen_at,
        erase_at=now + GRACE if status is PostStatus.DELETED else None,
    )
    if card.kind is PostKind.QUESTION:
        await posts.unlist_tags(tx, card.post_id)
    elif card.kind is PostKind.ANSWER:
        touched.append(card.question_id)
        # Its comments go with it, and come back with it.
        about = (card.guild_id, card.question_id, card.post_id)
        touched += await comments.comments_on(tx, *about) if card.comments else []
    await search_index.drop(tx, card.guild_id, card.post_id, card.kind)
    await ledger.rewrite(tx, card.guild_id, touched, rules)
    await outbox.enqueue(tx, card.guild_id, JobKind.CARD, touched, Priority.WAITED_FOR, now)
    await _refresh_links(tx, card, now)
    await _follow_reports(tx, card, touched, now, verdict)
    if status is PostStatus.DELETED and card.closing is not None:
        closed, over = [About.CLOSED], Decision.OVER
        await appeals.settle_post(tx, card.guild_id, [card.post_id], closed, over, now)


async def bring_back(tx: Transaction, card: PostCard, rules: Rules, now: datetime) -> None:
    """Make a hidden or deleted post visible again, and update counts, points, the search index, the
    lists by tag and the cards. It is the best answer again, unless another one was chosen
    meanwhile."""
    touched = [card.post_id]
    await posts.change_post(tx, card.post_id, status=PostStatus.VISIBLE)
    removed = await removals.removal_of(tx, card.guild_id, card.post_id)
    if removed is not None and removed.chosen_at is not None:
        await posts.choose_again(tx, card.question_id, card.post_id, removed.chosen_at)
    await removals.forget_removal(tx, card.post_id)
    await sweeps.shown_again(tx, card.post_id)
    hidden, settled = (About.HIDDEN, About.REJECTED), Decision.SETTLED
    await appeals.settle_post(tx, card.guild_id, [card.post_id], hidden, settled, now)
    match card.kind:
        case PostKind.QUESTION:
            # A tag that was merged into another one meanwhile is replaced by it.
            named = await tags.targets(tx, card.guild_id, card.tags)
            if named != card.tags:
                names = {tag: await tags.target_of(tx, card.guild_id, tag) for tag in card.tags}
                await tags.rename(tx, card.guild_id, [card.post_id], names)
            await posts.list_tags(tx, card.guild_id, card.post_id, named)
            await written_words.mark_with_answers(tx, [card.post_id])
            # Their cards are gone with the thread, if it is.
            touched += await comments.below(tx, card.guild_id, card.post_id)
        case PostKind.ANSWER:
            touched.append(card.question_id)
            await posts.count_restored(tx, card)
            await written_words.mark(tx, [card.post_id])
            about = (card.guild_id, card.question_id, card.post_id)
            touched += await comments.comments_on(tx, *about)
        case PostKind.COMMENT:
            await posts.count_restored(tx, card)
    await search_index.index_posts(tx, card.guild_id, [card.post_id])
    await ledger.rewrite(tx, card.guild_id, touched, rules)
    await outbox.enqueue(tx, card.guild_id, JobKind.CARD, touched, Priority.WAITED_FOR, now)
    await _refresh_links(tx, card, now)
    await _follow_reports(tx, card, touched, now)


async def _follow_reports(
    tx: Transaction,
    card: PostCard,
    touched: Collection[int],
    now: datetime,
    verdict: Verdict | None = None,
) -> None:
    """Have the cards of reports follow: they quote no post that isn't shown."""
    is_question = card.kind is PostKind.QUESTION
    these = report_cards.thread_of(card.post_id) if is_question else touched
    if verdict is None:
        await report_cards.follow(tx, card.guild_id, these, now)
    else:
        await report_cards.decided_with(tx, card.guild_id, card.post_id, verdict, these, now)


async def _refresh_links(tx: Transaction, card: PostCard, now: datetime) -> None:
    """Enqueue the cards that name a question: its duplicates' and its original's."""
    if card.kind is PostKind.QUESTION:
        priority = Priority.WAITED_FOR
        await refreshes.follow_links(tx, card.guild_id, card.post_id, priority, now)
