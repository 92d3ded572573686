"""Which channels a person can read: lists show only what stands there, and only that is found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import discord
from discord import Thread

from bot.domain.cards import Category, PostCard
from bot.domain.errors import Missing, NotFound
from bot.usecases import browsing, publishing
from cogs._interaction import guild_of

if TYPE_CHECKING:
    from bot.app import Askwell


def readable_channels(interaction: discord.Interaction[Any]) -> frozenset[int]:
    """The ids of the text and forum channels the person may read, by Discord's permissions."""
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member):
        return frozenset()
    return member_channels(guild, member)


def member_channels(guild: discord.Guild, member: discord.Member) -> frozenset[int]:
    """The ids of the text and forum channels a member may read."""
    channels = (*guild.text_channels, *guild.forums)
    return frozenset(c.id for c in channels if can_read(guild, member, c.id))


def can_read(guild: discord.Guild, member: discord.Member, channel_id: int | None) -> bool:
    """Whether a member may read a channel; nobody reads what is not there."""
    channel = guild.get_channel(channel_id or 0)
    if channel is None:
        return False
    permissions = channel.permissions_for(member)
    return permissions.view_channel and permissions.read_message_history


async def named_post(
    interaction: discord.Interaction[Askwell], typed: str | None, *, question: bool = False
) -> PostCard:
    """The post a person means, see `browsing.named_post`: one of a channel they can't read is not
    there for them, unless they wrote it."""
    db, guild_id, here = interaction.client.db, guild_of(interaction), interaction.channel_id or 0
    card = await browsing.named_post(db, guild_id, typed, here, question=question)
    if not typed or interaction.user.id in (card.author.user_id, card.asker_id):
        return card
    home = await publishing.home_of(db, guild_id, card.post_id)
    parent = interaction.channel.parent_id if isinstance(interaction.channel, Thread) else None
    if home in (here, parent) or home in readable_channels(interaction):
        return card
    guild = interaction.guild
    gone = guild is not None and guild.get_channel(home or 0) is None
    if gone and interaction.permissions.manage_messages:  # for moderators to tidy up
        return card
    raise NotFound(Missing.POST, typed=typed)


def shown_categories(
    interaction: discord.Interaction[Any], known: Sequence[Category]
) -> list[Category]:
    """The categories a person may know of: all but those of channels they may not read."""
    guild, readable = interaction.guild, readable_channels(interaction)

    def hidden(channel_id: int | None) -> bool:
        if channel_id is None or channel_id in readable or guild is None:
            return False
        return guild.get_channel(channel_id) is not None  # one that is gone hides nothing

    return [category for category in known if not hidden(category.channel_id)]
