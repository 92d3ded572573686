"""Which channels a person can read: lists show only what stands there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import discord

from bot.domain.cards import Category


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
