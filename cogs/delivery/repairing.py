"""Passing refusals: a refused job is retried as soon as the cause of its refusal changes, and not
only after its pause."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

import discord
from discord.ext import commands

from bot.usecases import naming, publishing
from cogs.delivery.changed_servers import REST, ChangedServers
from cogs.failures import NO_PINS_LEFT, NO_THREADS_LEFT, Code

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
# Jobs of one server that are retried at once; if one of them succeeds, the next follow. A server
# with many refused jobs must not get the bot banned for invalid requests.
_AT_ONCE = 50
# The refusals of an archived or locked thread.
_CLOSED = frozenset({Code.THREAD_ARCHIVED, Code.THREAD_LOCKED})
_UNKNOWN = 0  # refusals of an earlier process, whose codes aren't known


class Repairing(commands.Cog):
    """Notices changes in servers with refused jobs."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._refused: defaultdict[int, set[int]] = defaultdict(set)  # server → codes
        self._looked: dict[int, float] = {}
        self._changed_servers = ChangedServers(self._look_at)

    async def cog_unload(self) -> None:
        """Stop. Waiting jobs are retried after their pauses."""
        await self._changed_servers.end(self.bot.ending)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A new session: changes since the last one were missed."""
        for guild_id in await publishing.guilds_with_failures(self.bot.db):
            self._refused[guild_id].add(_UNKNOWN)
            self._changed(guild_id)

    @commands.Cog.listener()
    async def on_refused(self, guild_id: int, code: int) -> None:
        """Remember the code of a refusal."""
        self._refused[guild_id].add(code)

    @commands.Cog.listener()
    async def on_refusal_lifted(self, guild_id: int) -> None:
        """A refused job has succeeded: so may the rest."""
        self._changed(guild_id)

    # Changes

    @commands.Cog.listener()
    async def on_guild_channel_update(self, _before: Any, after: discord.abc.GuildChannel) -> None:
        """Permissions, required tags, and other properties of a channel."""
        self._changed(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_create(self, channel: discord.abc.GuildChannel) -> None:
        """A channel that was missing may exist now."""
        self._changed(channel.guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Its threads are gone with it, which makes room for others."""
        self._changed(channel.guild.id, NO_THREADS_LEFT | {Code.TOO_MANY_CHANNELS})

    @commands.Cog.listener()
    async def on_guild_update(self, _before: discord.Guild, after: discord.Guild) -> None:
        """Two-factor authentication, features, limits."""
        self._changed(after.id)

    @commands.Cog.listener()
    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """A role's permissions."""
        if before.permissions != after.permissions:
            self._changed(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """A role's overwrites are gone with it."""
        self._changed(role.guild.id)

    @commands.Cog.listener()
    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        """The bot's own roles, and a timeout of its own."""
        if self.bot.user is not None and after.id == self.bot.user.id:
            self._changed(after.guild.id)

    @commands.Cog.listener()
    async def on_thread_update(self, before: discord.Thread, after: discord.Thread) -> None:
        """A thread that is archived makes room for another; one that is unlocked accepts cards."""
        if after.archived and not before.archived:
            self._changed(after.guild.id, NO_THREADS_LEFT)
        if before.locked and not after.locked:
            self._changed(after.guild.id)
        if before.archived and not after.archived:
            await self._woke(after.guild.id, after.id)
        if before.name != after.name:
            await self._renamed(after.guild.id, after.id, after.name)

    @commands.Cog.listener()
    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        """The same, for a thread that the library doesn't know."""
        if payload.thread is not None:
            return
        state = payload.data["thread_metadata"]
        if not state.get("locked"):
            self._changed(payload.guild_id, _CLOSED)
        if state["archived"]:
            self._changed(payload.guild_id, NO_THREADS_LEFT)
        else:
            await self._woke(payload.guild_id, payload.thread_id)
        await self._renamed(payload.guild_id, payload.thread_id, payload.data["name"])

    async def _renamed(self, guild_id: int, thread_id: int, name: str) -> None:
        """A forum post's name may say all of its question's title now, or no longer."""
        async with self.bot.missed.second_chance(guild_id, thread_id):
            await naming.thread_renamed(
                self.bot.db, guild_id, thread_id, name, discord.utils.utcnow()
            )

    async def _woke(self, guild_id: int, thread_id: int) -> None:
        """An unarchived thread can be renamed again, and accepts what it refused."""
        self._changed(guild_id, _CLOSED)
        await naming.thread_woke(self.bot.db, guild_id, thread_id, discord.utils.utcnow())

    @commands.Cog.listener()
    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        """A deleted thread makes room, too."""
        self._changed(payload.guild_id, NO_THREADS_LEFT)

    @commands.Cog.listener()
    async def on_guild_channel_pins_update(
        self, channel: discord.abc.GuildChannel | discord.Thread, _last_pin: datetime | None
    ) -> None:
        """There may be one pin less."""
        self._changed(channel.guild.id, NO_PINS_LEFT)

    @commands.Cog.listener()
    async def on_raw_reaction_clear(self, payload: discord.RawReactionClearEvent) -> None:
        """There are fewer emoji."""
        self._changed(payload.guild_id or 0, {Code.TOO_MANY_REACTIONS})

    @commands.Cog.listener()
    async def on_raw_reaction_clear_emoji(
        self, payload: discord.RawReactionClearEmojiEvent
    ) -> None:
        """There is one emoji less."""
        self._changed(payload.guild_id or 0, {Code.TOO_MANY_REACTIONS})

    @commands.Cog.listener()
    async def on_raw_reaction_remove(self, payload: discord.RawReactionActionEvent) -> None:
        """It may have been the last one of an emoji."""
        self._changed(payload.guild_id or 0, {Code.TOO_MANY_REACTIONS})

    # Consequences

    def _changed(self, guild_id: int, codes: frozenset[Code] | set[Code] | None = None) -> None:
        """Note a change in a server that may lift refusals with these codes, or (None) any."""
        refused = self._refused.get(guild_id)
        if not refused or not (codes is None or refused & {*codes, _UNKNOWN}):
            return
        self._changed_servers.add(guild_id)

    async def _look_at(self, guild_id: int) -> bool:
        """Retry a server's refused jobs; returns False if it is too early for that."""
        looked = self._looked.get(guild_id)
        # Delivery's own acts change things, too.
        if looked is not None and time.monotonic() - looked < REST:
            return False
        self._looked[guild_id] = time.monotonic()
        await self._try_again(guild_id)
        return True

    async def _try_again(self, guild_id: int) -> None:
        now = discord.utils.utcnow()
        try:
            found = await publishing.hasten(self.bot.db, guild_id, now, _AT_ONCE)
        except Exception:
            _log.exception("what was refused in server %s is tried again later", guild_id)
            return
        if not found:  # all is done: later refusals are noted again
            self._refused.pop(guild_id, None)
            self._looked.pop(guild_id, None)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Repairing(bot))
