"""Moving a question to another category."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.cards import Category, PostCard
from bot.domain.errors import Missing, NotFound
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import Action, check_can_ask_in, check_can_edit, check_limit
from bot.domain.posts import PostKind
from bot.usecases.standing import standing_of, visible_card
from data import cards, guilds, members, outbox, posts
from data.database import Database


@dataclass(frozen=True, slots=True)
class Moved:
    """A question as it is now, and its category; `already` tells that it was there before."""

    card: PostCard
    category: Category | None
    already: bool = False


async def move_question(
    db: Database, actor: Actor, question_id: int, category_id: int | None, *, now: datetime
) -> Moved:
    """Put a question into another category, or (None) into none; its card and forum tag follow.

    It counts as an edit, and who may edit the question may do it, where they may ask. Its thread
    stays in the channel it stands in. Raises `NotFound`, `Denied`.
    """
    guild_id = actor.guild_id
    async with db.write() as tx:
        rules = await guilds.lock_rules(tx, guild_id, now)
        card = await visible_card(tx, guild_id, question_id, rules, Missing.QUESTION)
        if card.kind is not PostKind.QUESTION:
            raise NotFound(Missing.QUESTION)
        points, done = await standing_of(tx, actor, Action.EDITS, now)
        check_can_edit(actor, card.author.user_id, points, rules)
        check_limit(Action.EDITS, done, actor.is_moderator, rules)
        category = None
        if category_id is not None:
            known = {c.category_id: c for c in await guilds.categories(tx, guild_id)}
            category = known.get(category_id)
            if category is None:
                raise NotFound(Missing.CATEGORY)
        if card.category_id == category_id:
            return Moved(card, category, already=True)
        if category is not None:
            check_can_ask_in(actor, category)
        await posts.change_post(tx, question_id, category_id=category_id)
        count = {(guild_id, actor.user_id): 1}
        await members.count_action(tx, Action.EDITS, count, now)
        await outbox.enqueue(tx, guild_id, JobKind.CARD, [question_id], Priority.WAITED_FOR, now)
        moved = await cards.load_card(tx, guild_id, question_id, rules)
    return Moved(moved or card, category)
