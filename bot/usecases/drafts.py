"""Keeping what members typed."""

from __future__ import annotations

from datetime import datetime

from bot.domain.errors import Missing, NotFound
from data import deflections, drafts, guilds
from data.database import Database, Transaction, reading, writing
from data.drafts import DRAFTS_KEPT, Draft, Values

__all__ = ["DRAFTS_KEPT", "Draft", "Values"]


@writing
async def keep_draft(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    draft: Draft,
    *,
    now: datetime,
    instead_of: int | None = None,
) -> int:
    """Keep a form; its row is what the button "Open the form again" names.

    It replaces the draft that the form was opened with, if any, so that the older button leads to
    the newest text, too.
    """
    await guilds.lock_rules(tx, guild_id, now)
    who = (guild_id, user_id)
    if instead_of is not None and await drafts.change_draft(tx, *who, instead_of, draft, now):
        return instead_of
    return await drafts.keep_draft(tx, *who, draft, now)


@reading
async def open_draft(tx: Transaction, guild_id: int, user_id: int, draft_id: int) -> Draft:
    """A member's own draft. Raises `NotFound(DRAFT)` if it is gone or somebody else's."""
    found = await drafts.load_draft(tx, guild_id, user_id, draft_id)
    if found is None:
        raise NotFound(Missing.DRAFT)
    return found


@writing
async def drop_draft(tx: Transaction, guild_id: int, user_id: int, draft_id: int) -> None:
    """Erase a member's own draft after its content was sent."""
    await drafts.drop_draft(tx, guild_id, user_id, draft_id)


@writing
async def not_needed(
    tx: Transaction, guild_id: int, user_id: int, draft_id: int, *, now: datetime
) -> None:
    """Erase a member's own draft of a question, because a similar one helped them, and count that.
    Raises `NotFound(DRAFT)` if it is gone: then it was posted, or counted before."""
    await guilds.lock_rules(tx, guild_id, now)
    if not await drafts.drop_draft(tx, guild_id, user_id, draft_id):
        raise NotFound(Missing.DRAFT)
    await deflections.count(tx, guild_id, now)


@writing
async def count_helped(tx: Transaction, guild_id: int, *, now: datetime) -> None:
    """Count that a similar question helped somebody whose draft is kept in no row."""
    await guilds.lock_rules(tx, guild_id, now)
    await deflections.count(tx, guild_id, now)


async def any_old(tx: Transaction, now: datetime) -> bool:
    """Whether there are drafts older than a week."""
    return await drafts.any_old(tx, now)


async def drop_old_drafts(db: Database, now: datetime) -> None:
    """Erase drafts older than a week. Locks nothing if there are none, as is usual."""
    if not await db.in_read(lambda tx: any_old(tx, now)):
        return
    async with db.write() as tx:
        await drafts.drop_old(tx, now)
