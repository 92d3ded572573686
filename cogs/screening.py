"""Following the servers' rules of Discord's AutoMod, which are applied to what members write."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

if TYPE_CHECKING:
    from bot.app import Askwell


class Screening(commands.Cog):
    """Hears that rules changed, so that they are read anew before the next post. Discord tells it
    to bots with Manage Server."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @commands.Cog.listener()
    async def on_automod_rule_create(self, rule: discord.AutoModRule) -> None:
        """Have the rules of its server read again."""
        self.bot.automod.changed(rule.guild.id)

    @commands.Cog.listener()
    async def on_automod_rule_update(self, rule: discord.AutoModRule) -> None:
        """Have the rules of its server read again."""
        self.bot.automod.changed(rule.guild.id)

    @commands.Cog.listener()
    async def on_automod_rule_delete(self, rule: discord.AutoModRule) -> None:
        """Have the rules of its server read again."""
        self.bot.automod.changed(rule.guild.id)

    @commands.Cog.listener()
    async def on_guild_remove(self, guild: discord.Guild) -> None:
        """Forget the rules of a server that the bot has left."""
        self.bot.automod.forget(guild.id)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Screening(bot))
