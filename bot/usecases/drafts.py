"""Keeping what members typed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.errors import Missing, NotFound
from data import guilds, notices
from data.database import Database

Values = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as a member left it. `form` is the custom id it is sent with."""

    form: str
    values: Values = field(default_factory=dict[str, "str | list[str]"])


async def keep_draft(
    db: Database, guild_id: int, user_id: int, draft: Draft, *, now: datetime
) -> int:
    """Keep a form; its row is what the button "Open the form again" names."""
    async with db.write() as tx:
        await guilds.lock_rules(tx, guild_id, now)
        return await notices.keep_draft(tx, guild_id, user_id, draft.form, draft.values, now)


async def open_draft(db: Database, guild_id: int, user_id: int, draft_id: int) -> Draft:
    """One's own draft. Raises `NotFound(DRAFT)` where it is gone or somebody else's."""
    async with db.read() as tx:
        found = await notices.load_draft(tx, guild_id, user_id, draft_id)
    if found is None:
        raise NotFound(Missing.DRAFT)
    return Draft(*found)
