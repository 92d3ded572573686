"""Threads and forum posts that members open by hand in a question channel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.errors import Denial, Denied
from bot.usecases import browsing, redirecting
from cogs.failures import DISCORD_FAILED
from cogs.foundation.access import access_in
from cogs.interaction.people import guild_of, reader
from cogs.interaction.replies import defer, reply
from cogs.interaction.routing import Control, control
from cogs.ui.discord_refusals import discord_problem

if TYPE_CHECKING:
    from bot.app import Askwell


class Redirecting(commands.Cog):
    """Leads from threads to questions."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_thread_create(self, thread: discord.Thread) -> None:
        """Say how to make a new thread a question. The library only tells of newly created ones;
        private ones and the bot's own are left alone."""
        guild, db = thread.guild, self.bot.db
        public = thread.type is discord.ChannelType.public_thread
        if not public or thread.owner_id in (None, guild.me.id):
            return
        owner = thread.owner
        if owner is not None and owner.bot:
            return
        try:
            if await redirecting.is_home(db, guild.id, thread.parent_id):
                now, who = discord.utils.utcnow(), thread.owner_id
                await redirecting.thread_opened(db, guild.id, thread.id, who, now=now)
        except Exception as error:
            self.bot.missed.report(error, f"nothing is said in thread {thread.id}")

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """Forget a thread that was deleted."""
        thread = payload.thread
        me = self.bot.user.id if self.bot.user else 0
        if thread is not None and thread.owner_id == me:
            return
        try:
            now, where = discord.utils.utcnow(), (payload.guild_id, payload.thread_id)
            await redirecting.thread_gone(self.bot.db, *where, now=now)
        except Exception as error:
            self.bot.missed.report(error, f"thread {payload.thread_id} is still known")

    @control("stray.close")
    async def close(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Close a thread that was made a question, for its author and moderators."""
        guild_id, t = guild_of(interaction), reader(interaction)
        sign = await redirecting.opened_thread(self.bot.db, guild_id, wanted.number(0))
        thread = interaction.channel
        if sign.post_id is None or not isinstance(thread, discord.Thread) or thread.id != sign.key:
            raise Denied(Denial.THREAD_UNKNOWN)
        rules = await browsing.rules_of(self.bot.db, guild_id)
        access = access_in(interaction.user, thread.parent_id, rules, here=True)
        if interaction.user.id != sign.person_id and not access.moderates:
            raise Denied(Denial.NOT_ITS_OPENER)
        await defer(interaction)
        try:
            await thread.edit(archived=True, locked=True, reason="Askwell")
        except discord.Forbidden:
            text = t("I need *Manage Threads and Posts* to close this. You can close it yourself.")
            await reply(interaction, text)
        except DISCORD_FAILED as error:
            await reply(interaction, discord_problem(error, t))
        else:
            await reply(interaction, t("Closed. It goes on in the question's thread."))


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Redirecting(bot))
