"""Cards that name questions of other channels, depending on Discord's permissions.

A card only shows a title of another channel if all its readers may read that one. When permissions
change, in a channel, by a role, or while the bot is away, these cards are redrawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord.ext import commands

from bot.usecases import publishing
from cogs.delivery.changed_servers import ChangedServers

if TYPE_CHECKING:
    from bot.app import Askwell

_READING: Final = ("administrator", "view_channel", "read_message_history")


class Linking(commands.Cog):
    """Notices changes of the readers of channels."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        # One change in Discord's settings arrives as many events, one for each channel.
        self._changed_servers = ChangedServers(self._look_at)

    async def cog_unload(self) -> None:
        """Stop. The next session looks at all servers."""
        await self._changed_servers.end(self.bot.ending)

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """A new session: changes since the last one were missed."""
        for guild in self.bot.guilds:
            self._changed_servers.add(guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_update(
        self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        """A channel's own permissions."""
        if _overwrites(before) != _overwrites(after):
            self._changed_servers.add(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        """Nobody reads what is gone."""
        self._changed_servers.add(channel.guild.id)

    @commands.Cog.listener()
    async def on_guild_role_update(self, before: discord.Role, after: discord.Role) -> None:
        """What a role may do in the whole server."""
        if _granted(before.permissions) != _granted(after.permissions):
            self._changed_servers.add(after.guild.id)

    @commands.Cog.listener()
    async def on_guild_role_create(self, role: discord.Role) -> None:
        """A role that may do what others may not."""
        self._changed_servers.add(role.guild.id)

    @commands.Cog.listener()
    async def on_guild_role_delete(self, role: discord.Role) -> None:
        """What a role was granted or denied."""
        self._changed_servers.add(role.guild.id)

    async def _look_at(self, guild_id: int) -> bool:
        """Redraw the cards that name other channels' questions; most servers have none. Returns
        whether that succeeded."""
        try:
            await publishing.readers_changed(self.bot.db, guild_id, discord.utils.utcnow())
        except Exception as error:
            self.bot.missed.report(error, f"the links in server {guild_id} are looked at again")
            return False
        return True


def _granted(permissions: discord.Permissions) -> tuple[bool, ...]:
    return tuple(getattr(permissions, name) for name in _READING)


def _overwrites(channel: discord.abc.GuildChannel) -> dict[int, tuple[bool | None, ...]]:
    """A channel's overwrites about reading it, by their target."""
    said = {
        target.id: (overwrite.view_channel, overwrite.read_message_history)
        for target, overwrite in channel.overwrites.items()
    }
    return {target: each for target, each in said.items() if each != (None, None)}


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Linking(bot))
