"""Posts that wait for a moderator's approval: which ones, and what their authors do meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.policies import is_newcomer
from bot.domain.posts import PostStatus
from bot.domain.review import Decision, Verdict, Wording
from bot.domain.rules import Rules
from bot.usecases.flagging import Measure, check_words
from bot.usecases.removing import GRACE
from data import held, posts, removals, report_cards
from data.database import Transaction


async def measure_of(
    tx: Transaction, actor: Actor, points: int, wording: Wording, rules: Rules, now: datetime
) -> Measure:
    """What is done about a new post: it is held for its words, or because its author is new here.
    Moderators are never held. Raises `Denied(BLOCKED_WORD)` and `Denied(AUTOMOD)`."""
    measure = check_words(actor, wording, rules)
    if actor.moderates_post or measure.hold:
        return measure
    if not is_newcomer(actor, points, now, rules):
        return measure
    if actor.is_anonymous:
        return replace(measure, hold=True)
    enough = rules.number("hold_first")
    shown = await held.shown_by(tx, actor.guild_id, actor.user_id, enough)
    return measure if shown >= enough else replace(measure, hold=True)


def under(post: posts.NewPost, measure: Measure) -> posts.NewPost:
    """A post to be written so that a measure is taken."""
    if measure.hold:
        return replace(post, status=PostStatus.HELD)
    return replace(post, flagged=measure.cause)


async def withdraw(tx: Transaction, actor: Actor, card: PostCard, now: datetime) -> None:
    """Delete a post that waits, for its author. Its text is erased like that of others."""
    await posts.change_post(tx, card.post_id, status=PostStatus.DELETED)
    erase_at = now + GRACE
    await removals.note_removal(tx, card.guild_id, card.post_id, chosen_at=None, erase_at=erase_at)
    gone = Verdict(Decision.WITHDRAWN, actor.user_id, actor.name)
    await report_cards.decided(tx, card.guild_id, card.post_id, gone, now)
