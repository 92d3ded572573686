"""Blocking members: they read along, and take no part until the block ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.blocks import Block, BlockSpan, end_of
from bot.domain.notices import Act
from bot.domain.policies import check_can_block, check_moderator
from bot.domain.posts import check_reason
from bot.domain.review import Decision
from bot.usecases import noting
from bot.usecases.noting import Change
from data import appeals, blocks, guilds, names, receipts
from data.database import Database, Transaction, looking_up, writing


@dataclass(frozen=True, slots=True)
class BlockForm:
    """How long a member is to be blocked, and why, as typed."""

    span: BlockSpan
    reason: str = ""


@looking_up
async def block_of(tx: Transaction, guild_id: int, user_id: int) -> Block | None:
    """A member's block, also one that has ended, for what they are about to begin."""
    return await blocks.block_of(tx, guild_id, user_id)


@writing
async def block_member(
    tx: Transaction, actor: Actor, member: Actor, form: BlockForm, *, now: datetime
) -> Block:
    """Block a member, as Discord describes them now. Another block takes the place of one that
    holds, and they read of it anew.

    Raises `Denied` for whoever is no moderator, and for a member who can't be blocked: oneself, a
    bot, a moderator, a manager; `Invalid("reason", …)`.
    """
    reason = check_reason(form.reason)
    check_can_block(actor, member)
    await guilds.lock_rules(tx, actor.guild_id, now)
    who = (actor.guild_id, member.user_id)
    await blocks.find_again(tx, *who)
    before = await blocks.block_of(tx, *who)
    block = Block(end_of(form.span, now), reason)
    await blocks.write(tx, *who, block, actor.user_id, now)
    await names.remember(tx, *who, *member.seen_as)
    await _note(tx, actor, member.user_id, (before, block), now)
    await receipts.note(tx, actor, Act.BLOCK, now)
    return block


@writing
async def unblock_member(tx: Transaction, actor: Actor, user_id: int, *, now: datetime) -> bool:
    """Take a member's block off; False if none holds. Raises `Denied(NOT_MODERATOR)`."""
    check_moderator(actor)
    await guilds.lock_rules(tx, actor.guild_id, now)
    if not await unblock(tx, actor, user_id, now):
        return False
    await receipts.note(tx, actor, Act.UNBLOCK, now)
    return True


async def unblock(tx: Transaction, actor: Actor, user_id: int, now: datetime) -> bool:
    """`unblock_member` within a transaction, whoever may do so."""
    await blocks.find_again(tx, actor.guild_id, user_id)
    before = await blocks.block_of(tx, actor.guild_id, user_id)
    if before is None or not before.holds(now):
        return False
    await blocks.lift(tx, actor.guild_id, user_id)
    await appeals.settle_block(tx, actor.guild_id, user_id, Decision.SETTLED, now)
    await _note(tx, actor, user_id, (before, None), now)
    return True


async def _note(
    tx: Transaction,
    actor: Actor,
    user_id: int,
    change: tuple[Block | None, Block | None],
    now: datetime,
) -> None:
    """Keep a block's change in the audit log."""
    before, after = change
    held = before if before is not None and before.holds(now) else None
    kind = AuditKind.UNBLOCK if after is None else AuditKind.BLOCK
    what = Change(_state(held), _state(after), "" if after is None else after.reason)
    await noting.on_server(tx, actor, kind, what, now, subject_id=user_id)


def _state(block: Block | None) -> dict[str, str]:
    if block is None:
        return {}
    return {"until": "for good" if block.until is None else block.until.isoformat()}


async def any_ended(tx: Transaction, now: datetime) -> bool:
    """Whether there are blocks that have ended."""
    return await blocks.any_ended(tx, now)


async def drop_ended(db: Database, now: datetime) -> None:
    """Erase blocks that have ended. Locks nothing if there are none, as is usual."""
    if not await db.in_read(lambda tx: any_ended(tx, now)):
        return
    async with db.write() as tx:
        await appeals.settle_ended_blocks(tx, now)
        await blocks.drop_ended(tx, now)
