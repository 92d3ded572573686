"""What the bot does by itself: calls for help with waiting questions and an overdue queue,
reminders, digests, and erasing old drafts and the texts of deleted posts. And `/stats`."""

from __future__ import annotations

import asyncio
import io
import logging
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.domain.policies import check_manager
from bot.i18n import N_, texts_for
from bot.usecases import (
    chores,
    digesting,
    erasing,
    figures,
    personas,
)
from bot.usecases.chores import Chore
from bot.usecases.digesting import Due
from cogs.delivery.mailing import nonce_of, sent_controls
from cogs.failures import DISCORD_FAILED, is_trouble
from cogs.foundation.channels import member_channels
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.replies import defer, reply
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import readable_channels
from cogs.ui.charts import bar_chart
from cogs.ui.controls import view_of
from cogs.ui.reminders import digest_controls, digest_embed, slot_of, statistics_embed

if TYPE_CHECKING:
    from datetime import datetime

    from bot.app import Askwell

_log = logging.getLogger(__name__)


class Reminding(commands.Cog):
    """Reminders and other periodic work."""

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
        await self.bot.ending.end([self._looking])

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Look at once: what became due while the bot was away is late already."""
        self._begin()

    @tasks.loop(minutes=5)
    async def _look(self) -> None:
        self._begin()

    def _begin(self) -> None:
        if self._unloaded:
            return
        if self.bot.is_ready() and (self._looking is None or self._looking.done()):
            self._looking = asyncio.create_task(self._look_after_all(), name="reminding")

    async def _look_after_all(self) -> None:
        now, db = discord.utils.utcnow(), self.bot.db
        for guild in list(self.bot.guilds):
            await self._do(chores.of_server(db, guild.id, now))
        await self._do([*chores.of_all(db, self.bot.sealing, now), *self._own_chores(now)])

    async def _do(self, some: Sequence[Chore]) -> None:
        """Do those for which there is something to do. One that fails is tried again."""
        if self._unloaded:
            return
        for chore in await chores.due(self.bot.db, some):
            try:
                await chore.do()
            except Exception:
                _log.exception("%s; it is tried again", chore.failed)

    def _own_chores(self, now: datetime) -> list[Chore]:
        """What comes last: what has just been erased is to be listed, and to leave the log."""
        db, served = self.bot.db, self._served()
        return [
            Chore(
                None,
                partial(self.bot.erasures.write, now),
                "the list of erasures could not be read",
            ),
            Chore(
                partial(erasing.any_due, now=now),
                self._erase_deleted,
                "deleted posts could not be erased",
            ),
            # Also of what was erased before: a reader was in the way, or the process was killed.
            Chore(None, db.empty_log, "the database's log could not be emptied"),
            Chore(
                partial(digesting.any_due, now=now, served=served),
                self._send_digests,
                "digests could not be read",
            ),
        ]

    def _served(self) -> frozenset[int]:
        """While Discord doesn't show a server, its readable channels aren't known."""
        return frozenset(guild.id for guild in self.bot.guilds if not guild.unavailable)

    async def _erase_deleted(self) -> None:
        """Erase the texts of deleted posts, in batches between which others can write."""
        more = True
        while more and not self._unloaded:
            more = await erasing.erase_deleted(self.bot.db, now=discord.utils.utcnow()) > 0

    async def _send_digests(self) -> None:
        """Send all digests that are due, a few at once."""
        served = self._served()
        while not self._unloaded:
            now = discord.utils.utcnow()
            claimed = await digesting.claim_digests(self.bot.db, now, served)
            if claimed is None:
                return
            await asyncio.gather(*map(self._try_to_send, claimed))

    async def _try_to_send(self, due: Due) -> None:
        """Send a digest. One that Discord refuses isn't retried before the next one is due; after
        another failure, it comes up again when its claim ends. No failure affects other digests."""
        try:
            try:
                stop = not await self._send_digest(due)
            except discord.HTTPException as error:
                if is_trouble(error):
                    raise
                _log.info("Discord refuses a digest: %s", error)
                stop = False
            now = discord.utils.utcnow()
            await digesting.digest_done(self.bot.db, due, now, stop=stop)
        except DISCORD_FAILED as error:
            _log.info("a digest is tried again: %s", error)
        except Exception:
            _log.exception("a digest could not be sent; it is tried again")

    async def _send_digest(self, due: Due) -> bool:
        """Send a digest, unless it was sent already or is empty. False if its reader has left the
        server."""
        guild = self.bot.get_guild(due.guild_id)
        if guild is None:
            return True
        try:
            member = await guild.fetch_member(due.user_id)
        except discord.NotFound:
            return False
        channels = member_channels(guild, member)
        seal = personas.seal_of(self.bot.sealing, due.guild_id, due.user_id)
        mail = await digesting.digest_to_send(self.bot.db, due, channels, seal)
        if not mail.notices and not mail.questions:
            return True
        t = texts_for(mail.locale)
        channel = await self.bot.create_dm(discord.Object(due.user_id))
        if due.again:
            sent = await sent_controls(self.bot, channel, "undigest", due.slot)
            if any((c.number(0), c.number(1)) == (due.guild_id, slot_of(mail)) for c in sent):
                return True
        await channel.send(
            embed=digest_embed(mail, guild.name, t),
            view=view_of(*digest_controls(mail, t)),
            nonce=nonce_of(f"digest/{due.guild_id}/{due.user_id}/{slot_of(mail)}"),
        )
        return True

    @control("undigest")
    async def no_more_digests(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Stop digests, from one of them."""
        now = discord.utils.utcnow()
        await digesting.stop_digests(self.bot.db, wanted.number(0), interaction.user.id, now=now)
        t = reader(interaction)
        await reply(interaction, t("Stopped. You won't get more digests from this server."))

    @app_commands.command(description=N_("See how the forum is doing, in numbers and a chart."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def stats(self, interaction: discord.Interaction[Askwell]) -> None:
        """Show the server's figures for the channels that the manager can read."""
        _, actor = await rules_and_actor(interaction)
        check_manager(actor)
        await defer(interaction)
        t, now = reader(interaction), discord.utils.utcnow()
        statistics = await figures.statistics_of(
            self.bot.db,
            actor.guild_id,
            now,
            channels=readable_channels(interaction),
            reader_id=actor.user_id,
        )
        labels = (t("Questions"), t("Answers"))
        title = t("Questions and answers per week")
        picture = await asyncio.to_thread(bar_chart, title, labels, statistics.weeks, t)
        embed = statistics_embed(statistics, t)
        embed.set_image(url="attachment://activity.png")
        file = discord.File(io.BytesIO(picture), "activity.png")
        await reply(interaction, embed=embed, files=[file])


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Reminding(bot))
