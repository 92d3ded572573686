"""Choosing the post that a command means, where it named none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from cogs.interaction.pointing import turn_candidates
from cogs.interaction.routing import Control, control
from cogs.ui.controls import first_chosen

if TYPE_CHECKING:
    from bot.app import Askwell


class Pointing(commands.Cog):
    """The selects of posts."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @control("pick")
    async def picked(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Have the chosen post's control do what the command was for."""
        action, *rest = wanted.word(0), *wanted.arguments[1:]
        chosen = Control(action, (first_chosen(interaction), *rest))
        await self.bot.router.carry_on(interaction, chosen)

    @control("picks")
    async def turned(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Turn to another page of posts."""
        await turn_candidates(interaction, wanted.word(0), wanted.page(1), *wanted.arguments[2:])


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Pointing(bot))
