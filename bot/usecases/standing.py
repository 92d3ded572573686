"""The facts that an actor's rights depend on, read inside the transaction that needs them."""

from __future__ import annotations

from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Missing, NotFound
from bot.domain.policies import Action, check_not_blocked
from bot.domain.posts import PostStatus
from bot.domain.rules import Rules
from data import cards
from data.acting import acting
from data.database import Transaction


async def standing_of(
    tx: Transaction, actor: Actor, action: Action, now: datetime
) -> tuple[int, int]:
    """The sum of an actor's ledger, and how often they did `action` within the hour. Raises
    `Denied(BLOCKED)`."""
    who = await acting(tx, actor, action, now)
    check_not_blocked(who.block, actor, now)
    return who.points, who.done


async def visible_card(tx: Transaction, guild_id: int, post_id: int, rules: Rules) -> PostCard:
    """A visible post of this server. Raises the same `NotFound(POST)` for a hidden, a deleted and
    an unknown one, so that it doesn't reveal which."""
    return if_visible(await cards.load_card(tx, guild_id, post_id, rules))


def if_editable(card: PostCard | None, actor: Actor) -> PostCard:
    """A post that was read already, if this person can change it: a visible one, or their own that
    waits for approval. Raises like `visible_card`."""
    held = card is not None and card.status is PostStatus.HELD
    if card is not None and held and actor.is_one(card.author.id):
        return card
    return if_visible(card)


def if_visible(card: PostCard | None) -> PostCard:
    """A post that was read already, if it is visible. Raises like `visible_card`."""
    if card is None or card.status is not PostStatus.VISIBLE or card.orphaned:
        raise NotFound(Missing.POST)
    return card
