"""Which channels a member can read."""

from __future__ import annotations

from dataclasses import dataclass

import discord


@dataclass(frozen=True, slots=True)
class Channels:
    """The ids of the text and forum channels that a member may `read`, and in which they have
    Manage Messages (`kept`)."""

    read: frozenset[int]
    kept: frozenset[int]


def channels_of(guild: discord.Guild, member: discord.Member) -> Channels:
    """What a member may do in which channels, in one look at each."""
    read: set[int] = set()
    kept: set[int] = set()
    for channel in (*guild.text_channels, *guild.forums):
        allowed = channel.permissions_for(member)
        if allowed.view_channel and allowed.read_message_history:
            read.add(channel.id)
            if allowed.manage_messages:
                kept.add(channel.id)
    return Channels(frozenset(read), frozenset(kept))


def member_channels(guild: discord.Guild, member: discord.Member) -> frozenset[int]:
    """The ids of the text and forum channels a member may read."""
    return channels_of(guild, member).read


def can_read(guild: discord.Guild, member: discord.Member, channel_id: int | None) -> bool:
    """Whether a member may read a channel; False if it doesn't exist."""
    channel = guild.get_channel(channel_id or 0)
    if channel is None:
        return False
    permissions = channel.permissions_for(member)
    return permissions.view_channel and permissions.read_message_history
