"""Showing what edits changed, and reverting a post to an earlier version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.access import Deed, check_may, check_moderates
from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.policies import check_can_see_edits
from bot.domain.review import Edit
from bot.usecases.editing import Edited, write_edit
from bot.usecases.standing import visible_card
from data import cards, guilds, revisions, tags
from data.database import Transaction, reading, writing


@reading
async def edit_of(
    tx: Transaction, actor: Actor, post_id: int, *, page: int = 0
) -> tuple[PostCard, Edit | None]:
    """A visible post and one of its edits, the latest on page 0; None if it was never edited.

    A page beyond the last one is the last. Raises `NotFound(POST)`, and `Denied(NOT_EDITOR)` for
    members who are neither its author nor a moderator.
    """
    rules = await guilds.read_rules(tx, actor.guild_id)
    card = await visible_card(tx, actor.guild_id, post_id, rules)
    check_can_see_edits(actor, card.author.id)
    stored = await revisions.revisions_of(tx, card)
    if not stored:
        return card, None
    page = min(max(page, 0), len(stored) - 1)
    this = stored[page]
    after = stored[page - 1].wording if page else revisions.wording_of(card)
    edit = Edit(
        this.number,
        this.wording,
        after,
        this.replaced_by,
        this.reason,
        this.replaced_at,
        page,
        len(stored),
        this.editor_name,
    )
    return card, edit


@dataclass(frozen=True, slots=True)
class Revert:
    """A revert from `version`, the one that was looked at, to version `number`."""

    number: int
    version: int
    reason: str


@writing
async def go_back(
    tx: Transaction, actor: Actor, post_id: int, revert: Revert, *, now: datetime
) -> PostCard:
    """Revert a post's text to another version; the current one is kept, too.

    Raises `Denied` (moderators only; also
    `EDITED_MEANWHILE`), `NotFound(POST)`, `NotFound(REVISION)`.
    """
    check_moderates(actor)
    check_may(actor, Deed.WRITE)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    card = await visible_card(tx, actor.guild_id, post_id, rules)
    stored = await revisions.revisions_of(tx, card)
    wording = next((r.wording for r in stored if r.number == revert.number), None)
    if wording is None:
        raise NotFound(Missing.REVISION)
    wording = replace(wording, tags=await tags.targets(tx, actor.guild_id, wording.tags))
    if wording == revisions.wording_of(card):
        return card
    if card.version != revert.version:
        raise Denied(Denial.EDITED_MEANWHILE, editor=card.edited_by)
    await write_edit(tx, actor, card, Edited(wording, revert.reason), rules, now)
    return await cards.load_card(tx, actor.guild_id, post_id, rules) or card
