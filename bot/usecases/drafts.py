"""Keeping what members typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.errors import Missing, NotFound
from data import drafts, guilds
from data.database import Database

Values = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as a member left it. `form` is the custom id it is sent with."""

    form: str
    values: Values = field(default_factory=dict[str, "str | list[str]"])


async def keep_draft(
    db: Database,
    guild_id: int,
    user_id: int,
    draft: Draft,
    *,
    now: datetime,
    instead_of: int | None = None,
) -> int:
    """Keep a form; its row is what the button "Open the form again" names.

    In place of the draft the form was opened with, if there was one: its button leads to what was
    typed last, too.
    """
    async with db.write() as tx:
        await guilds.lock_rules(tx, guild_id, now)
        kept = (draft.form, draft.values, now)
        if instead_of is not None:
            who = (guild_id, user_id, instead_of)
            if await drafts.change_draft(tx, *who, *kept):
                return instead_of
        return await drafts.keep_draft(tx, guild_id, user_id, *kept)


async def open_draft(db: Database, guild_id: int, user_id: int, draft_id: int) -> Draft:
    """One's own draft. Raises `NotFound(DRAFT)` where it is gone or somebody else's."""
    async with db.read() as tx:
        found = await drafts.load_draft(tx, guild_id, user_id, draft_id)
    if found is None:
        raise NotFound(Missing.DRAFT)
    return Draft(*found)


async def drop_draft(db: Database, guild_id: int, user_id: int, draft_id: int) -> None:
    """Erase one's own draft: what was in it was sent."""
    async with db.write() as tx:
        await drafts.drop_draft(tx, guild_id, user_id, draft_id)


async def drop_old_drafts(db: Database, now: datetime) -> None:
    """Erase the drafts that nobody came back for within a week. Locks nothing where there are
    none, which is most times."""
    async with db.read() as tx:
        if not await drafts.any_old(tx, now):
            return
    async with db.write() as tx:
        await drafts.drop_old(tx, now)
