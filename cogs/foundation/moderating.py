"""The moderators' channel of a server: whether reports reach anybody there."""

from __future__ import annotations

from enum import Enum
from typing import Final

import discord

from bot.domain.rules import Rules

# What the bot needs there, by Discord's names.
NEEDED: Final = ("view_channel", "send_messages", "embed_links", "read_message_history")


class Reach(Enum):
    """Whether moderators are reached, or why not: no channel is chosen, it was deleted, or it is
    closed to the bot."""

    NOT_CHOSEN = "not_chosen"
    GONE = "gone"
    CLOSED = "closed"
    REACHED = "reached"


def moderators_channel(guild: discord.Guild, rules: Rules) -> discord.TextChannel | None:
    """The moderators' channel, if there is one."""
    channel = guild.get_channel(rules.identity("moderators_channel") or 0)
    return channel if isinstance(channel, discord.TextChannel) else None


def missing_there(guild: discord.Guild, channel: discord.TextChannel) -> list[str]:
    """The permissions that the bot lacks in a channel to write there, by Discord's names."""
    allowed = channel.permissions_for(guild.me)
    return [name for name in NEEDED if not getattr(allowed, name)]


def reach_of(guild: discord.Guild | None, rules: Rules) -> Reach:
    """Whether a report reaches moderators in this server right now."""
    if guild is None or rules.identity("moderators_channel") is None:
        return Reach.NOT_CHOSEN
    channel = moderators_channel(guild, rules)
    if channel is None:
        return Reach.GONE
    return Reach.CLOSED if missing_there(guild, channel) else Reach.REACHED


def is_public(guild: discord.Guild, channel: discord.TextChannel) -> bool:
    """Whether everybody in the server can see a channel."""
    return channel.permissions_for(guild.default_role).view_channel


def calls(guild: discord.Guild, channel: discord.TextChannel, role: discord.Role) -> bool:
    """Whether a mention of a role in a channel notifies its members: Discord only lets the bot
    mention roles that everybody may mention, unless it may mention all."""
    return role.mentionable or channel.permissions_for(guild.me).mention_everyone
