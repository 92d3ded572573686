"""Sending direct messages to those who asked for them."""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.domain.notices import Mail
from bot.i18n import texts_for
from cogs._visible import can_read
from cogs.ui.controls import view_of
from cogs.ui.notices import mail_controls, mail_embed

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
NO_DIRECT_MESSAGES = 50007


async def send_mail(bot: Askwell, mail: Mail) -> None:
    """Send a message, of what its reader may still read. Closed direct messages lose nothing: it
    is in the inbox. Raises what the library raises where it should be tried again."""
    readable = await _readable(bot, mail)
    if not readable.notices:
        return
    t = texts_for(mail.locale)
    key = f"mail/{mail.guild_id}/{mail.user_id}/{mail.up_to}"
    try:
        channel = await bot.create_dm(discord.Object(mail.user_id))
        await channel.send(
            embed=mail_embed(readable, t),
            view=view_of(*mail_controls(readable, t)),
            nonce=hashlib.blake2b(key.encode(), digest_size=12).hexdigest(),
        )
    except discord.HTTPException as error:
        if error.code != NO_DIRECT_MESSAGES:
            raise
        _log.info("a member takes no direct messages")


async def _readable(bot: Askwell, mail: Mail) -> Mail:
    """A message without what its reader can no longer read: whoever left reads nothing."""
    guild = bot.get_guild(mail.guild_id)
    if guild is None:
        return replace(mail, notices=())
    try:
        member = await guild.fetch_member(mail.user_id)
    except discord.NotFound:
        return replace(mail, notices=())
    kept = tuple(n for n in mail.notices if can_read(guild, member, n.question.place.home_id))
    return replace(mail, notices=kept)
