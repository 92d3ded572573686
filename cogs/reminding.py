"""What the bot brings up by itself: waiting questions, a nudge, digests; and `/stats`."""

from __future__ import annotations

import asyncio
import hashlib
import io
import logging
from datetime import datetime
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.domain.policies import check_manager
from bot.i18n import N_, texts_for
from bot.usecases import following, reminding
from cogs._ending import end
from cogs._interaction import DISCORD_FAILED, defer, reader, reply, rules_and_actor
from cogs._mailing import NO_DIRECT_MESSAGES
from cogs._routing import Control, add_cog, control
from cogs._visible import member_channels
from cogs.ui.charts import bar_chart
from cogs.ui.controls import view_of
from cogs.ui.reminders import digest_controls, digest_embed, statistics_embed

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)


class Reminding(commands.Cog):
    """Looks after what is easily forgotten."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._looking: asyncio.Task[None] | None = None
        self._unloaded = False

    async def cog_load(self) -> None:
        """Look every five minutes."""
        self._look.start()

    async def cog_unload(self) -> None:
        """Stop looking."""
        self._look.cancel()
        self._unloaded = True
        await end([self._looking])

    @tasks.loop(minutes=5)
    async def _look(self) -> None:
        if self.bot.is_ready() and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look_after_all(), name="reminding")

    async def _look_after_all(self) -> None:
        now = discord.utils.utcnow()
        for guild in list(self.bot.guilds):
            if self._unloaded:
                return
            try:
                await reminding.find_waiting(self.bot.db, guild.id, now)
                await reminding.nudge_askers(self.bot.db, guild.id, now)
            except Exception:
                _log.exception("server %s could not be looked after", guild.id)
        # Of a server that Discord does not show at the moment nobody could read anything.
        served = frozenset(guild.id for guild in self.bot.guilds if not guild.unavailable)
        try:
            due = await reminding.digests_due(self.bot.db, now, served)
        except Exception:
            _log.exception("digests could not be read; they are tried again")
            return
        for guild_id, user_id, due_at in due:
            if self._unloaded:
                return
            try:
                await self._send_digest(guild_id, user_id, due_at)
            except DISCORD_FAILED as error:
                _log.info("a digest is tried again: %s", error)
            except Exception:
                _log.exception("a digest could not be sent")

    async def _send_digest(self, guild_id: int, user_id: int, due_at: datetime) -> None:
        db, now = self.bot.db, discord.utils.utcnow()
        guild = self.bot.get_guild(guild_id)
        if guild is None:
            return
        try:
            member = await guild.fetch_member(user_id)
        except discord.NotFound:  # who left reads nothing here any more
            await reminding.digest_sent(db, guild_id, user_id, now, stop=True)
            return
        channels = member_channels(guild, member)
        mail = await reminding.digest_to_send(db, guild_id, user_id, due_at, channels)
        if mail.notices or mail.questions:
            t = texts_for(mail.locale)
            key = f"digest/{guild_id}/{user_id}/{due_at.isoformat()}"
            try:
                channel = await self.bot.create_dm(discord.Object(user_id))
                await channel.send(
                    embed=digest_embed(mail, guild.name, t),
                    view=view_of(*digest_controls(mail, t)),
                    nonce=hashlib.blake2b(key.encode(), digest_size=12).hexdigest(),
                )
            except discord.HTTPException as error:
                if error.code != NO_DIRECT_MESSAGES:
                    raise
                _log.info("a member takes no direct messages")
        await reminding.digest_sent(db, guild_id, user_id, now)

    @control("undigest")
    async def no_more_digests(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Stop digests, from one of them."""
        now = discord.utils.utcnow()
        await following.stop_digests(self.bot.db, wanted.number(0), interaction.user.id, now=now)
        t = reader(interaction)
        await reply(interaction, t("Stopped: no more digests from this server."))

    @app_commands.command(description=N_("How this forum is doing: figures and a chart."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def stats(self, interaction: discord.Interaction[Askwell]) -> None:
        """Show the server's figures."""
        _, actor = await rules_and_actor(interaction)
        check_manager(actor)
        await defer(interaction)
        t, now = reader(interaction), discord.utils.utcnow()
        statistics = await reminding.statistics_of(self.bot.db, actor.guild_id, now)
        labels = (t("Questions"), t("Answers"))
        picture = bar_chart(t("Questions and answers a week"), labels, statistics.weeks)
        embed = statistics_embed(statistics, t)
        embed.set_image(url="attachment://activity.png")
        file = discord.File(io.BytesIO(picture), "activity.png")
        await reply(interaction, embed=embed, files=[file])


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await add_cog(bot, Reminding(bot))
