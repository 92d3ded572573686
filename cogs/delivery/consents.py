"""The bot's reply to a message, which asks its writer whether it may become an answer."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING

import discord

from bot.domain.outbox import Job
from bot.i18n import texts_for
from bot.usecases import consenting
from cogs.delivery.mailing import nonce_of
from cogs.delivery.waking import act_awake
from cogs.failures import DISCORD_FAILED
from cogs.ui.consents import request_buttons, request_text
from cogs.ui.controls import Control, controls_in

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_PATIENCE = 1.5  # seconds: a click must be answered within three
_SEARCHED = 100  # messages, for a reply that may have been sent


async def follow_request(bot: Askwell, job: Job, *, uncertain: bool) -> None:
    """Post a request, or delete it once it is answered or its day is over. Each step may be
    repeated. An `uncertain` one may have been sent before."""
    found = await consenting.request_to_show(bot.db, job)
    if found is None:
        await consenting.forget_request(bot.db, job, discord.utils.utcnow())
        return
    request, locale = found
    now = discord.utils.utcnow()
    channel = bot.get_partial_messageable(request.channel_id, guild_id=job.guild_id)
    shown = request.shown_id
    try:
        if shown is None and uncertain:
            shown = await _sent(bot, channel, request)
        if request.ended or request.until <= now:
            if shown is not None:
                await _take_away(bot, request.channel_id, channel.get_partial_message(shown))
            await consenting.forget_request(bot.db, job, now)
            return
        if shown is None:
            t = texts_for(locale)
            sent = await channel.send(
                request_text(request, t),
                view=request_buttons(request, t),
                reference=discord.MessageReference(
                    message_id=request.message_id,
                    channel_id=request.channel_id,
                    guild_id=job.guild_id,
                    fail_if_not_exists=False,
                ),
                mention_author=False,
                nonce=nonce_of(f"consent/{request.message_id}/{request.asked_at.isoformat()}"),
            )
            shown = sent.id
    except discord.NotFound:  # the thread is gone, and the request with it
        await consenting.forget_request(bot.db, job, now)
        return
    if request.shown_id is None:
        await consenting.record_shown(bot.db, job, shown, now)
    await consenting.look_again(bot.db, job, request.until)


async def _sent(
    bot: Askwell, channel: discord.PartialMessageable, request: consenting.Request
) -> int | None:
    """The reply, if an attempt without a confirmation has sent it."""
    mine = bot.user.id if bot.user else 0
    after = discord.Object(request.message_id)
    yes = Control("consent.yes", (str(request.writer_id), str(request.message_id)))
    async for message in channel.history(limit=_SEARCHED, after=after, oldest_first=True):
        if message.author.id == mine and yes in controls_in(message.components):
            return message.id
    return None


async def clear_unknown(interaction: discord.Interaction[Askwell], wanted: Control) -> None:
    """Delete a clicked request that isn't stored, as those of earlier versions weren't."""
    message = interaction.message
    if message is None or wanted not in controls_in(message.components):
        return
    try:
        async with asyncio.timeout(_PATIENCE):
            await message.delete()
    except DISCORD_FAILED as error:
        _log.info("a request of an earlier version stays: %s", error)


async def _take_away(bot: Askwell, thread_id: int, reply: discord.PartialMessage) -> None:
    with suppress(discord.NotFound):  # it is gone, as intended
        await act_awake(bot, thread_id, reply.delete)
