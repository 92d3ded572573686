"""Servers that removed the bot: everything of theirs is erased once they have stayed away."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from bot.usecases import left_servers
from cogs.failures import DISCORD_FAILED, Code, code_of

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)


class LeftServers(commands.Cog):
    """Compares the servers with data with those that the bot is in. A server that is out of order
    is one of these: Discord says so at every start, and whenever it happens. So a server that is
    back is noticed before anything of it could be erased."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Compare every five minutes."""
        self._compare.start()

    async def cog_unload(self) -> None:
        """Stop. What is being erased goes on after the next start."""
        self._compare.cancel()
        await self.bot.ending.end([self._compare.get_task()])

    @property
    def _kept(self) -> timedelta:
        return timedelta(days=self.bot.settings.removed_servers_days)

    def _is_ours(self, guild_id: int) -> bool:
        """Whether this process is told of a server, and not another one with other shards."""
        count, ids = self.bot.settings.shard_count, self.bot.settings.shard_ids
        return not count or not ids or (guild_id >> 22) % count in ids

    @tasks.loop(minutes=5)
    async def _compare(self) -> None:
        if not self.bot.is_ready():
            return
        try:
            await self._compare_all()
        except Exception as error:
            self.bot.missed.report(error, "servers are compared again in five minutes")

    async def _compare_all(self) -> None:
        now = discord.utils.utcnow()
        there = {guild.id for guild in self.bot.guilds}
        found = await left_servers.compare(self.bot.db, there, self._is_ours, now, self._kept)
        for guild_id in found.left:
            _log.warning(
                "the bot isn't in the server %s any more: everything of it will be erased on %s,"
                " unless it adds the bot again",
                guild_id,
                (now + self._kept).date(),
            )
        for guild_id in found.back:
            _log.warning("the bot is in the server %s again: all of it stays", guild_id)
        for guild_id, begun in found.due:
            if begun or await self._has_left(guild_id):
                await self._erase(guild_id)

    async def _has_left(self, guild_id: int) -> bool:
        """Whether Discord says so, too: it is asked once more before everything goes."""
        try:
            await self.bot.fetch_guild(guild_id, with_counts=False)
        except DISCORD_FAILED as error:
            return code_of(error) in (Code.UNKNOWN_SERVER, Code.NO_ACCESS)
        return False

    async def _erase(self, guild_id: int) -> None:
        now = discord.utils.utcnow()
        _log.warning("everything of the server %s is being erased: it removed the bot", guild_id)
        if await left_servers.erase(self.bot.db, guild_id, now=now, kept=self._kept):
            _log.warning("everything of the server %s was erased", guild_id)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(LeftServers(bot))
