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
from cogs.ui.controls import carries

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
    if typed and not await _may_know(interaction, card.post_id):
        raise NotFound(Missing.POST, typed=typed)
    return card


async def check_clicked_post(interaction: discord.Interaction[Askwell], post_id: int) -> None:
    """Raise `NotFound(POST)` where a click or a form names a post of a channel the person can't
    read. Who clicked at the post's own card reads it, so those cost no look."""
    message = interaction.message
    if message is not None and carries(message.components, post_id):
        return
    if not await _may_know(interaction, post_id):
        raise NotFound(Missing.POST)


async def _may_know(interaction: discord.Interaction[Askwell], post_id: int) -> bool:
    """Whether a post is there for a person. True for one that there is not: that is told later."""
    home = await publishing.home_of(interaction.client.db, guild_of(interaction), post_id)
    if home is None or interaction.user.id in home.people:
        return True
    channel, guild = interaction.channel, interaction.guild
    parent = channel.parent_id if isinstance(channel, Thread) else None
    if home.channel_id in (interaction.channel_id, parent):
        return True
    if home.channel_id in readable_channels(interaction):
        return True
    gone = guild is not None and guild.get_channel(home.channel_id or 0) is None
    return gone and interaction.permissions.manage_messages  # for moderators to tidy up


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
