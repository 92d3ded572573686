"""Sending direct messages to members who asked for them, each once.

A message that may have been sent already (the response was lost, or the process died) is searched
for before it is sent again, since Discord only remembers a nonce for a few minutes.
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import discord

from bot.domain.notices import TOLD_ANYWAY, Mail, NoticeCard
from bot.i18n import texts_for
from cogs.failures import Code, code_of, is_trouble
from cogs.foundation.channels import can_read
from cogs.ui.controls import Control, controls_in, view_of
from cogs.ui.notices import mail_controls, mail_embed

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_LOOKED_AT = 100
# Refusals of messages that say nothing about whom they are for.
_OF_THE_BOT = (Code.DIRECT_MESSAGES_TOO_FAST, Code.SENDING_SWITCHED_OFF, Code.UNAUTHORIZED)
_SKEW = timedelta(minutes=1)  # between Discord's clock and ours


async def send_mail(bot: Askwell, mail: Mail, *, uncertain: bool) -> int:
    """Send a message, reduced by `readable_mail` to what its reader may read. If direct messages
    are closed, nothing is lost: it is in the inbox. Raises the library's errors if it should be
    retried.

    Returns 0; or, where an `uncertain` one was sent before, nothing is sent now, and this is the
    notice up to which that one went.
    """
    if not mail.notices:
        return 0
    t = texts_for(mail.locale)
    key = f"mail/{mail.guild_id}/{mail.user_id}/{mail.up_to}"
    try:
        channel = await bot.create_dm(discord.Object(mail.member_id))
        if uncertain:
            stops = await sent_controls(bot, channel, "stop", mail.since)
            sent = max((c.number(2) for c in stops if c.number(0) == mail.guild_id), default=0)
            if sent >= mail.first:
                return sent
        await channel.send(
            embed=mail_embed(mail, t),
            view=view_of(*mail_controls(mail, t)),
            nonce=nonce_of(key),
        )
    except discord.HTTPException as error:
        # Why somebody can't be reached is in no row of an anonymous author.
        about_them = mail.is_sealed and not is_trouble(error) and code_of(error) not in _OF_THE_BOT
        if code_of(error) != Code.NO_DIRECT_MESSAGES and not about_them:
            raise
        _log.info("a member takes no direct messages")
    return 0


async def sent_controls(
    bot: Askwell, channel: discord.DMChannel, action: str, since: datetime
) -> list[Control]:
    """The controls for an action under the messages that the bot sent to somebody since a time."""
    found: list[Control] = []
    async for message in channel.history(limit=_LOOKED_AT, after=since - _SKEW):
        if bot.user is not None and message.author.id == bot.user.id:
            found += [c for c in controls_in(message.components) if c.action == action]
    return found


def nonce_of(key: str) -> str:
    """A nonce for a name: for some minutes Discord creates no second message with it."""
    return hashlib.blake2b(key.encode(), digest_size=12).hexdigest()


async def readable_mail(bot: Askwell, mail: Mail) -> Mail:
    """A message reduced to what its reader can read, and what they are told anyway: nothing if they
    left."""
    guild = bot.get_guild(mail.guild_id)
    if guild is None:
        return mail.fitting(())
    try:
        member = await guild.fetch_member(mail.member_id)
    except discord.NotFound:
        return mail.fitting(())

    def may_read(notice: NoticeCard) -> bool:
        return notice.kind in TOLD_ANYWAY or can_read(guild, member, notice.question.place.home_id)

    return mail.fitting({notice.notice_id for notice in mail.notices if may_read(notice)})
