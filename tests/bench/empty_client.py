"""`python -m tests.bench.empty_client`: the library alone, as the measure of what it leaves.

It has the options of the bot, answers each interaction at once with how many reactions it has
counted, and does nothing else. Beside it, the bot's figures say what the bot adds.
"""

from __future__ import annotations

import os

import discord
from discord.http import Route

# The bot's; its modules are not loaded here, since they would weigh on the collector.
INTENTS = discord.Intents(
    guilds=True, guild_messages=True, guild_reactions=True, auto_moderation_configuration=True
)


class EmptyClient(discord.AutoShardedClient):
    """Answers, and counts."""

    def __init__(self) -> None:
        super().__init__(
            intents=INTENTS,
            allowed_mentions=discord.AllowedMentions.none(),
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_messages=None,
        )
        self.reactions = 0

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        """Answer."""
        await interaction.response.send_message(f"{self.reactions} reactions", ephemeral=True)

    async def on_raw_reaction_add(self, _payload: discord.RawReactionActionEvent) -> None:
        """Count."""
        self.reactions += 1


if __name__ == "__main__":
    discord.VoiceClient.warn_nacl = discord.VoiceClient.warn_dave = False
    Route.BASE = os.environ["DISCORD_API_URL"]
    EmptyClient().run(os.environ["DISCORD_TOKEN"])
