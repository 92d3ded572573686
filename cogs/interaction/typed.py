"""What was typed into a command, kept while its post is chosen in a select: a custom id has no room
for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.usecases import drafts
from bot.usecases.drafts import Draft, Values
from cogs.interaction.people import guild_of

if TYPE_CHECKING:
    from bot.app import Askwell


async def keep_typed(
    interaction: discord.Interaction[Askwell], form_id: str, values: Values
) -> tuple[int, ...]:
    """Keep what was typed, as a draft of a form; its row as an argument of a custom id, or nothing
    if nothing was typed."""
    if not any(values.values()):
        return ()
    db, guild_id, now = interaction.client.db, guild_of(interaction), discord.utils.utcnow()
    draft = Draft(form_id, values)
    return (await drafts.keep_draft(db, guild_id, interaction.user.id, draft, now=now),)


async def typed_before(interaction: discord.Interaction[Askwell], draft_id: int) -> Values:
    """What `keep_typed` kept; nothing for 0. Raises `NotFound(DRAFT)`."""
    if not draft_id:
        return {}
    who = guild_of(interaction), interaction.user.id
    return (await drafts.open_draft(interaction.client.db, *who, draft_id)).values
