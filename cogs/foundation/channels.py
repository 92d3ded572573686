"""Which channels a member can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

if TYPE_CHECKING:
    pass


def member_channels(guild: discord.Guild, member: discord.Member) -> frozenset[int]:
    """The ids of the text and forum channels a member may read."""
    channels = (*guild.text_channels, *guild.forums)
    return frozenset(c.id for c in channels if can_read(guild, member, c.id))


def can_read(guild: discord.Guild, member: discord.Member, channel_id: int | None) -> bool:
    """Whether a member may read a channel; False if it doesn't exist."""
    channel = guild.get_channel(channel_id or 0)
    if channel is None:
        return False
    permissions = channel.permissions_for(member)
    return permissions.view_channel and permissions.read_message_history
