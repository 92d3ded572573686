"""Anonymous posts that appear later: when their minute has come, and taking one back."""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from bot.domain.errors import Refusal
from bot.i18n import texts_for
from bot.sealing import Sealing
from bot.usecases import delaying
from bot.usecases.delaying import Opened
from cogs.failures import DISCORD_FAILED
from cogs.interaction.delayed import appear
from cogs.interaction.forms import give_back_in_message
from cogs.interaction.people import guild_of, reader
from cogs.interaction.replies import defer, replace_clicked
from cogs.interaction.routing import Control, control
from cogs.ui.delayed import BACK, HERE
from cogs.ui.texts import explain

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_EVERY = 20.0  # seconds between looks


class Delaying(commands.Cog):
    """Looks three times a minute. What is logged of a post names neither it nor its author."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._looking: asyncio.Task[None] | None = None
        self._unloaded = False
        # A server for which Discord doesn't answer holds up no other one.
        self._servers: dict[int, asyncio.Task[None]] = {}
        self._failed: set[int] = set()  # what was logged already

    async def cog_load(self) -> None:
        """Begin to look."""
        self._look.start()

    async def cog_unload(self) -> None:
        """Stop looking."""
        self._look.cancel()
        self._unloaded = True
        await self.bot.ending.end([self._looking, *self._servers.values()])

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Look at once: what was to appear while the bot was away is late already."""
        self._begin()

    @tasks.loop(seconds=_EVERY)
    async def _look(self) -> None:
        self._begin()

    def _begin(self) -> None:
        sealing = self.bot.sealing
        if self._unloaded or sealing is None or not self.bot.is_ready():
            return
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._all(sealing), name="delayed posts")

    async def _all(self, sealing: Sealing) -> None:
        """Post all that is due in the servers that Discord shows to this process."""
        try:
            due = await delaying.servers_due(self.bot.db, discord.utils.utcnow())
        except Exception:
            _log.exception("posts that are to appear could not be read; it is tried again")
            return
        known = map(self.bot.get_guild, due)
        for guild in known:
            if guild is None or guild.unavailable or guild.id in self._servers:
                continue
            task = asyncio.create_task(self._of_server(sealing, guild), name="a server's posts")
            self._servers[guild.id] = task
            task.add_done_callback(partial(self._forget, guild.id))

    def _forget(self, guild_id: int, _: asyncio.Task[None]) -> None:
        del self._servers[guild_id]

    async def _of_server(self, sealing: Sealing, guild: discord.Guild) -> None:
        try:
            due = await delaying.due(self.bot.db, sealing, guild.id, discord.utils.utcnow())
        except Exception:
            _log.exception("posts that are to appear could not be read; it is tried again")
            return
        for found in due:
            if self._unloaded:
                return
            try:
                await self._post(sealing, guild, found)
            except DISCORD_FAILED:  # the error's text may have the author's id
                _log.info("Discord doesn't answer: an anonymous post appears later")
            except Exception:
                if found.row_id not in self._failed:
                    _log.exception("an anonymous post could not appear; it is tried again")
                self._failed.add(found.row_id)

    async def _post(self, sealing: Sealing, guild: discord.Guild, found: Opened) -> None:
        """Post it, or keep it for its author with why it couldn't be."""
        db, t = self.bot.db, texts_for(found.post.locale)
        problem = ""
        if found.is_late(discord.utils.utcnow()):
            problem = t("I was offline when it was due.")
        else:
            try:
                await appear(self.bot, guild, found)
            except Refusal as refusal:
                problem = explain(refusal, t)
        if problem:
            now = discord.utils.utcnow()
            await delaying.could_not_appear(db, sealing, found, problem, now=now)
        else:
            await delaying.appeared(db, found)

    @control(BACK)
    async def taken_back(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Take a post back, and give its words back."""
        if HERE in wanted.arguments[1:]:
            replace_clicked(interaction)
        db, guild_id, row_id = self.bot.db, guild_of(interaction), wanted.number(0)
        who, now = (guild_id, interaction.user.id), discord.utils.utcnow()
        await defer(interaction)
        t = reader(interaction)
        post = await delaying.take_back(db, self.bot.sealing, *who, row_id, now=now)
        if await give_back_in_message(interaction, t("Taken back."), post.draft):
            await delaying.let_go(db, guild_id, row_id)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Delaying(bot))
