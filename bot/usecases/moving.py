"""Moving a question to another category."""

from __future__ import annotations

from datetime import datetime

from bot.domain.access import Deed, check_may
from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.cards import Category, PostCard
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.notices import NoticeKind
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import Action, check_can_ask_in, check_can_edit, check_limit
from bot.domain.posts import PostKind
from bot.domain.rules import Rules
from bot.usecases import noting
from bot.usecases.standing import standing_of, visible_card
from data import guilds, outbox, posts, receipts, telling
from data.acting import count_act
from data.database import Transaction, writing


@writing
async def move_question(
    tx: Transaction, actor: Actor, question_id: int, category_id: int | None, *, now: datetime
) -> bool:
    """Move a question to another category, or (None) to none; False if it is there already.

    It counts as an edit: members who may edit the question may move it to categories in which they
    may ask. Discord can't move a thread, so a category with another channel is refused with
    `Denied(OTHER_CHANNEL)`. Raises `Denied`, `NotFound(POST)`, `NotFound(CATEGORY)`.
    """
    now = actor.at(now)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    card = await visible_card(tx, actor.guild_id, question_id, rules)
    if card.kind is not PostKind.QUESTION:
        raise NotFound(Missing.POST)
    known = {c.category_id: c for c in await guilds.categories(tx, actor.guild_id)}
    actor.check_apart(card.author.id)
    points, done = await standing_of(tx, actor, Action.EDITS, now)
    check_may(actor, Deed.WRITE)
    check_can_edit(actor, card.author.id, points, rules)
    check_limit(Action.EDITS, done, actor.is_moderator, rules, now)
    if category_id is not None:
        if category_id not in known:
            raise NotFound(Missing.CATEGORY)
        check_can_ask_in(actor, known[category_id])
    if card.category_id == category_id:
        return False
    old, new = known.get(card.category_id or 0), known.get(category_id or 0)
    _check_home(card, old, new, rules)
    await posts.change_post(tx, question_id, category_id=category_id)
    await receipts.keep(tx, actor, question_id, NoticeKind.SAVED, now)
    await telling.tell_author(tx, card, NoticeKind.MOVED, now, by=actor.user_id)
    change = noting.Change(noting.category_state(old), noting.category_state(new))
    await noting.on_post(tx, actor, card, AuditKind.MOVE, change, now)
    await count_act(tx, actor, Action.EDITS, now)
    await outbox.enqueue(tx, actor.guild_id, JobKind.CARD, [question_id], Priority.WAITED_FOR, now)
    return True


def _check_home(card: PostCard, old: Category | None, new: Category | None, rules: Rules) -> None:
    """Refuse a category whose questions are in another channel, which has other readers."""
    chosen = new.channel_id if new is not None else None
    if chosen == (old.channel_id if old is not None else None):
        return  # also if the question is in a former question channel
    home_id = chosen or rules.channel_id
    if card.place.message_id is None or card.place.home_id != home_id:
        name = new.name if new is not None else ""
        raise Denied(Denial.OTHER_CHANNEL, category=name, channel=home_id)
