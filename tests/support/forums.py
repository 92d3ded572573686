"""A server's stored settings, and its forum's tags in Discord."""

from __future__ import annotations

import simcord

from bot.usecases import browsing
from data.database import Database


def tag_emoji(env: simcord.Env, channel: simcord.ChannelHandle) -> dict[str, str]:
    """The forum's tags with their emoji."""
    stored = env.backend.get_channel(channel.id)
    return {tag["name"]: tag.get("emoji_name") or "" for tag in stored.available_tags}


def tag_ids(env: simcord.Env, channel: simcord.ChannelHandle) -> dict[str, int]:
    """The forum's tags with their ids."""
    stored = env.backend.get_channel(channel.id)
    return {tag["name"]: int(tag["id"]) for tag in stored.available_tags}


async def stored_settings(db: Database, guild: simcord.GuildHandle) -> dict[str, str]:
    """The settings of a server that differ from the defaults."""
    return dict((await browsing.rules_of(db, guild.id)).values)


def make_community(env: simcord.Env, guild: simcord.GuildHandle) -> None:
    """Make the server a community, which may have forums and a language of its own."""
    known = env.bot.get_guild(guild.id)
    assert known is not None
    known.features.append("COMMUNITY")
