"""Calling for help with a question that waits, or with the review queue: those on duty by name, or
a role."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import discord

from bot.domain.outbox import Job
from bot.i18n import texts_for
from bot.usecases import queueing, reminding
from cogs.delivery.mailing import nonce_of
from cogs.delivery.moderators import role_to_call
from cogs.foundation.duty import call
from cogs.foundation.moderating import moderators_channel
from cogs.ui.controls import view_of
from cogs.ui.reminders import waiting_text
from cogs.ui.reports import open_queue, overdue_text

if TYPE_CHECKING:
    from bot.app import Askwell


async def call_helpers(bot: Askwell, job: Job, *, uncertain: bool) -> None:
    """Call for help in a question's thread, once. With `uncertain`, it may have been done."""
    waiting = await reminding.waiting_question(bot.db, job, discord.utils.utcnow())
    guild = bot.get_guild(job.guild_id)
    if waiting is None or guild is None:
        return
    thread = bot.get_partial_messageable(waiting.card.place.thread_id or 0, guild_id=job.guild_id)
    if uncertain and await _calls(bot, thread, job.created_at):
        return
    home, rules = guild.get_channel(waiting.home_id or 0), waiting.rules
    called = await call(guild, home, waiting.on_duty, rules, role_id=waiting.role_id)
    if not called.text:  # nobody on duty can see it, and there is no role
        return
    await thread.send(
        waiting_text(waiting, called.text, texts_for(rules.text("locale"))),
        allowed_mentions=called.allowed,
        nonce=nonce_of(f"waiting/{job.guild_id}/{job.key}"),
    )


async def call_moderators(bot: Askwell, job: Job, *, uncertain: bool) -> None:
    """Call for what has waited too long in the queue, once, in the moderators' channel. With
    `uncertain`, it may have been done."""
    overdue = await queueing.overdue(bot.db, job, discord.utils.utcnow())
    guild = bot.get_guild(job.guild_id)
    if overdue is None or guild is None:
        return
    channel, rules = moderators_channel(guild, overdue.rules), overdue.rules
    if channel is None or (uncertain and await _calls(bot, channel, job.created_at)):
        return
    role_id = role_to_call(guild, rules)
    called = await call(guild, channel, overdue.on_duty, rules, role_id=role_id)
    if not called.text:
        return
    t = texts_for(rules.text("locale"))
    await channel.send(
        overdue_text(overdue.items, called.text, t),
        view=view_of(open_queue("overdue", t)),
        allowed_mentions=called.allowed,
        nonce=nonce_of(f"overdue/{job.guild_id}/{job.created_at.timestamp()}"),
    )


async def _calls(bot: Askwell, channel: discord.abc.Messageable, since: datetime) -> bool:
    """Whether the bot has called anybody in a thread or a channel since a time."""
    mine = bot.user.id if bot.user else 0
    async for message in channel.history(limit=100, after=since - timedelta(minutes=1)):
        if message.author.id == mine and not message.embeds and message.content.startswith("<@"):
            return True
    return False
