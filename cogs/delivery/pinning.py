"""Discord's notices of pins: "Askwell pinned a message to this channel"."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from cogs.failures import is_trouble

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_NOTICES = 10  # messages looked through after a pin, for Discord's notice of it


def is_own_notice(bot: Askwell, message: discord.Message) -> bool:
    """Whether a message is Discord's notice of a pin by the bot; those of people's pins stay."""
    mine = bot.user is not None and message.author.id == bot.user.id
    return mine and message.type is discord.MessageType.pins_add


async def take_notices_away(bot: Askwell, guild_id: int, channel_id: int) -> None:
    """Delete what Discord says about pins of the bot's among the newest messages of a channel.
    Raises Discord's errors if Discord is in trouble."""
    channel = bot.get_partial_messageable(channel_id, guild_id=guild_id)
    try:
        async for message in channel.history(limit=_NOTICES):
            await take_notice_away(bot, message)
    except discord.Forbidden as error:  # the pin is what matters
        _log.info("the notice of a pin stays: %s", error)


async def take_notice_away(bot: Askwell, message: discord.Message) -> None:
    """Delete a message if it is such a notice. Raises Discord's errors if Discord is in trouble."""
    if not is_own_notice(bot, message):
        return
    try:
        await message.delete()
    except discord.NotFound:
        _log.debug("the notice of a pin is gone already")
    except discord.HTTPException as error:
        if is_trouble(error):
            raise
        _log.info("the notice of a pin stays: %s", error)
