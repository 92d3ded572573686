"""Blocking the author of an anonymous post, without anybody learning who it is: they don't post
anonymously until it ends, and nothing else of theirs changes."""

from __future__ import annotations

from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.blocks import Block, end_of
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.notices import Act, NoticeKind
from bot.domain.policies import check_moderator
from bot.domain.posts import check_reason
from bot.usecases import noting
from bot.usecases.blocking import BlockForm
from bot.usecases.noting import Change
from bot.usecases.personas import Opening
from data import cards, guilds, personas, post_blocks, receipts, telling
from data.database import Transaction, reading, writing


@reading
async def post_to_block(tx: Transaction, actor: Actor, post_id: int) -> PostCard:
    """A post from which a moderator is about to block, whatever its state. Raises
    `Denied(NOT_MODERATOR)`, `NotFound(POST)`."""
    check_moderator(actor)
    rules = await guilds.read_rules(tx, actor.guild_id)
    card = await cards.load_card(tx, actor.guild_id, post_id, rules)
    if card is None:
        raise NotFound(Missing.POST)
    return card


@writing
async def block_author(
    tx: Transaction,
    actor: Actor,
    post_id: int,
    form: BlockForm,
    opening: Opening | None,
    *,
    now: datetime,
) -> Block:
    """Block the author of an anonymous post, to the end of the block's last day. What is returned
    and kept is the same whoever they are, and also where nobody can know any more.

    Raises `Denied` with `NOT_MODERATOR`, `OWN_BLOCK`, `NO_KEY`; `NotFound(POST)` where it isn't an
    anonymous post; `Invalid("reason", …)`.
    """
    check_moderator(actor)
    reason = check_reason(form.reason)
    await guilds.lock_rules(tx, actor.guild_id, now)
    card, opening = await _anonymous(tx, actor, post_id, opening)
    end, guild_id = end_of(form.span, now), actor.guild_id
    member_id = await personas.member_of(tx, guild_id, card.author.id or 0, opening)
    if member_id is not None:
        seal = opening.seal_of(guild_id, member_id)
        await post_blocks.add(tx, guild_id, seal, end, actor.user_id)
    until = post_blocks.end_of_day(end)
    change = Change(after={"until": _until(until)}, reason=reason)
    await noting.by_moderator(tx, actor, card, AuditKind.BLOCK, change, now)
    await telling.tell_author(tx, card, NoticeKind.SILENCED, now, by=None)
    await receipts.note(tx, actor, Act.BLOCK, now)
    return Block(until, reason, anonymous=True)


@writing
async def unblock_author(
    tx: Transaction, actor: Actor, post_id: int, opening: Opening | None, *, now: datetime
) -> None:
    """Let the author of an anonymous post post anonymously again. It ends the same way whether or
    not they were blocked. Raises like `block_author`."""
    check_moderator(actor)
    await guilds.lock_rules(tx, actor.guild_id, now)
    card, opening = await _anonymous(tx, actor, post_id, opening)
    member_id = await personas.member_of(tx, actor.guild_id, card.author.id or 0, opening)
    if member_id is not None:
        await post_blocks.lift(tx, actor.guild_id, opening.seal_of(actor.guild_id, member_id))
    await noting.by_moderator(tx, actor, card, AuditKind.UNBLOCK, Change(), now)
    await receipts.note(tx, actor, Act.UNBLOCK, now)


async def _anonymous(
    tx: Transaction, actor: Actor, post_id: int, opening: Opening | None
) -> tuple[PostCard, Opening]:
    rules = await guilds.read_rules(tx, actor.guild_id)
    card = await cards.load_card(tx, actor.guild_id, post_id, rules)
    if card is None or not card.author.is_anonymous:
        raise NotFound(Missing.POST)
    if actor.is_one(card.author.id):
        raise Denied(Denial.OWN_BLOCK)
    if opening is None:
        raise Denied(Denial.NO_KEY, manager=actor.is_manager)
    return card, opening


def _until(until: datetime | None) -> str:
    return "for good" if until is None else until.isoformat()
