"""Sending the weekly round-up, once: an attempt without a confirmation is looked for first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.outbox import Job
from bot.i18n import texts_for
from bot.usecases import rounding_up
from bot.usecases.rounding_up import ToSend
from cogs.delivery.continuing import SKEW
from cogs.delivery.mailing import nonce_of
from cogs.foundation.readers import readers_may_read
from cogs.ui.controls import controls_in
from cogs.ui.round_ups import is_of_round_up, round_up_embed, round_up_view, slot_of

if TYPE_CHECKING:
    from bot.app import Askwell

_SEARCHED = 300  # messages after the first attempt


async def follow_round_up(bot: Askwell, job: Job) -> None:
    """Send a server's round-up to its channel, of what everybody who reads that channel may read.
    Nothing is sent where there is nothing to tell, or no channel any more."""
    now = discord.utils.utcnow()
    wanted = await rounding_up.round_up_to_send(bot.db, job.guild_id, now)
    guild = bot.get_guild(job.guild_id)
    if wanted is None or guild is None or await _was_sent(bot, guild, wanted):
        return
    channel = guild.get_channel(wanted.rules.identity("roundup_channel") or 0)
    if not isinstance(channel, discord.TextChannel):
        return
    homes = frozenset(home for home in wanted.homes if readers_may_read(guild, channel.id, home))
    due_at = wanted.latest.due_at
    found = await rounding_up.round_up_of(bot.db, guild.id, homes, due_at)
    if found.is_empty:
        return
    if wanted.latest.channel_id != channel.id:
        # First, because the response may get lost.
        await rounding_up.record_try(bot.db, guild.id, channel.id, now)
    t = texts_for(wanted.rules.text("locale"))
    await channel.send(
        embed=round_up_embed(guild.id, guild.name, found, t),
        view=round_up_view(due_at, found, t),
        allowed_mentions=discord.AllowedMentions.none(),
        nonce=nonce_of(f"round_up/{guild.id}/{slot_of(due_at)}"),
    )


async def _was_sent(bot: Askwell, guild: discord.Guild, wanted: ToSend) -> bool:
    """Whether an attempt without a confirmation has sent it."""
    latest, mine = wanted.latest, bot.user.id if bot.user else 0
    if latest.channel_id is None or latest.tried_at is None:
        return False
    channel = bot.get_partial_messageable(latest.channel_id, guild_id=guild.id)
    try:
        after = latest.tried_at - SKEW
        async for message in channel.history(limit=_SEARCHED, after=after, oldest_first=True):
            if message.author.id == mine and any(
                is_of_round_up(latest.due_at, control)
                for control in controls_in(message.components)
            ):
                return True
    except discord.NotFound:
        pass  # a deleted channel has no message
    return False
