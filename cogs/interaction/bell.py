"""The bell under private replies: a button that says how much is new, and opens the inbox."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.usecases import anonymous_inbox, news
from bot.usecases.news import NEWS_MAX, Found, News
from cogs.foundation.moderating import Reach, reach_of
from cogs.interaction.people import guild_of, reader, seal_in
from cogs.interaction.visible import kept_channels, moderates_in, readable_channels
from cogs.ui.bell import with_bell

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
# Seconds: a reply doesn't wait for what it only carries with it.
_PATIENCE: Final = 0.3


async def add_bell(
    interaction: discord.Interaction[Askwell], view: discord.ui.View | None, *, update: bool
) -> discord.ui.View | None:
    """The controls of a private reply in a server with the bell, if there is news and room.

    A message that everybody sees, which `update` may change, gets none.
    """
    if interaction.guild_id is None or (update and not is_private(interaction.message)):
        return view
    found = await _news(interaction, interaction.guild_id)
    return with_bell(view, found, reader(interaction)) if found.is_any else view


def is_private(message: discord.Message | None) -> bool:
    """Whether a message is shown to one person only, to whom it replies."""
    return message is not None and message.flags.ephemeral


async def _news(interaction: discord.Interaction[Any], guild_id: int) -> News:
    """What is new; nothing where the database doesn't say so in time."""
    db, channels = interaction.client.db, readable_channels(interaction)
    member = interaction.user
    roles = [role.id for role in member.roles] if isinstance(member, discord.Member) else []
    try:
        async with asyncio.timeout(_PATIENCE):
            found = await news.news_of(
                db,
                guild_id,
                member.id,
                channels=channels,
                now=discord.utils.utcnow(),
                roles=roles,
                keeps=bool(kept_channels(interaction)),
            )
            unread = found.unread + await _anonymous(interaction, found)
        return News(min(NEWS_MAX, unread), _reports(interaction, found))
    except Exception as error:  # the reply is about something else, and has to arrive
        if not db.is_failure(error):
            _log.exception("news could not be counted")
        return News()


async def _anonymous(interaction: discord.Interaction[Any], found: Found) -> int:
    """How much is new of their anonymous posts."""
    seal = seal_in(interaction) if found.anonymous else None
    if seal is None:
        return 0
    where = (interaction.client.db, guild_of(interaction))
    channels = readable_channels(interaction)
    return await anonymous_inbox.unread(*where, seal, channels, discord.utils.utcnow())


def _reports(interaction: discord.Interaction[Any], found: Found) -> int:
    """How many reported posts wait for a moderator of theirs. Where reports have a channel, they
    are told of there."""
    rules = found.rules
    if not found.waiting or reach_of(interaction.guild, rules) is Reach.REACHED:
        return 0
    return sum(n for home, n in found.waiting.items() if moderates_in(interaction, rules, home))
