"""Which channels a person can read: lists show only what stands there."""

from __future__ import annotations

from typing import Any

import discord


def readable_channels(interaction: discord.Interaction[Any]) -> frozenset[int]:
    """The ids of the text and forum channels the person may read, by Discord's permissions."""
    guild, member = interaction.guild, interaction.user
    if guild is None or not isinstance(member, discord.Member):
        return frozenset()
    channels = (*guild.text_channels, *guild.forums)
    return frozenset(c.id for c in channels if _can_read(c.permissions_for(member)))


def _can_read(permissions: discord.Permissions) -> bool:
    return permissions.view_channel and permissions.read_message_history
