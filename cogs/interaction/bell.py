"""The bell under private replies: a button that says how much is new, and opens the inbox."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.domain.rules import Rules
from bot.usecases import anonymous_inbox, news, seeing
from bot.usecases.news import NEWS_MAX, Found, News
from bot.usecases.seeing import Menu
from cogs.foundation.access import has_role
from cogs.foundation.channels import can_read
from cogs.foundation.moderating import Reach, reach_of
from cogs.interaction.people import guild_of, reader, seal_in
from cogs.interaction.visible import kept_channels, know, moderates_in, readable_channels
from cogs.ui.bell import with_bell

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
# Seconds: a reply doesn't wait for what it only carries with it.
_PATIENCE: Final = 0.3
# In an interaction's extras: what was looked up for a post's menu.
_MENU: Final = "menu"


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


async def look_for_menu(interaction: discord.Interaction[Askwell], post_id: int) -> None:
    """Read all that the menu of a post needs, with what its reply carries, at once."""
    db, guild_id, user_id = interaction.client.db, guild_of(interaction), interaction.user.id
    now = discord.utils.utcnow()
    seal = seal_in(interaction)
    found = await seeing.look_for_menu(db, guild_id, post_id, user_id, now=now, seal=seal)
    know(interaction, post_id, found.seen)
    interaction.extras[_MENU] = found


def menu_of(interaction: discord.Interaction[Any]) -> Menu:
    """What `look_for_menu` found."""
    return interaction.extras[_MENU]


async def _news(interaction: discord.Interaction[Any], guild_id: int) -> News:
    """What is new; nothing where the database doesn't say so in time."""
    db, member, guild = interaction.client.db, interaction.user, interaction.guild
    menu: Menu | None = interaction.extras.get(_MENU)
    found, reports, anonymous = None if menu is None else menu.news, 0, 0
    try:
        if found is None or found.waiting or found.anonymous:
            async with asyncio.timeout(_PATIENCE):
                if found is None:
                    now = discord.utils.utcnow()
                    found = await news.news_of(db, guild_id, member.id, now=now)
                anonymous = await _anonymous(interaction, found)
                if found.waiting:
                    reports = await _reports(interaction, guild_id, found.rules)
    except Exception as error:  # the reply is about something else, and has to arrive
        if not db.is_failure(error):
            _log.exception("news could not be counted")
        return News()
    if guild is None or not isinstance(member, discord.Member):
        unread = found.unread(lambda _: False)
    else:
        unread = found.unread(partial(can_read, guild, member))
    return News(min(NEWS_MAX, unread + anonymous), reports)


async def _anonymous(interaction: discord.Interaction[Any], found: Found) -> int:
    """How much is new of their anonymous posts."""
    seal = seal_in(interaction) if found.anonymous else None
    if seal is None:
        return 0
    where = (interaction.client.db, guild_of(interaction))
    channels = readable_channels(interaction)
    return await anonymous_inbox.unread(*where, seal, channels, discord.utils.utcnow())


async def _reports(interaction: discord.Interaction[Any], guild_id: int, rules: Rules) -> int:
    """How many reported posts wait for a moderator of theirs. Where reports have a channel, they
    are told of there."""
    if reach_of(interaction.guild, rules) is Reach.REACHED:
        return 0
    # In a large server, to look at all channels takes longer than everything else.
    if not has_role(interaction.user, rules) and not kept_channels(interaction):
        return 0
    waiting = await news.waiting_in(interaction.client.db, guild_id)
    return sum(n for home, n in waiting.items() if moderates_in(interaction, rules, home))
