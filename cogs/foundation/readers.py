"""Comparing the readers of two channels. A card only names a post of another channel if all its
readers may read that one."""

from __future__ import annotations

from typing import Any

import discord

from bot.domain.readers import Position, Reading, all_may_read


def readers_may_read(guild: discord.Guild, here_id: int | None, there_id: int | None) -> bool:
    """Whether everybody who reads one channel may read another one, by Discord's permissions.

    Nobody may read a channel that doesn't exist.
    """
    here, there = guild.get_channel(here_id or 0), guild.get_channel(there_id or 0)
    if here is None or there is None:
        return False
    if here == there:
        return True
    everyone, people = guild.default_role, (*here.overwrites, *there.overwrites)
    if everyone.permissions.administrator:
        return True
    roles = [
        _position(role, here, there)
        for role in guild.roles
        if not (role.is_default() or role.permissions.administrator or role.is_bot_managed())
    ]
    members = [_position(one, here, there) for one in people if _is_person(one, guild)]
    return all_may_read(_position(everyone, here, there), roles, members)


def _position(
    one: Any, here: discord.abc.GuildChannel, there: discord.abc.GuildChannel
) -> Position:
    base = Reading(view=False, history=False)
    if isinstance(one, discord.Role):
        granted = one.permissions
        base = Reading(granted.view_channel, granted.read_message_history)
    return Position(_said(one, here), _said(one, there), base)


def _said(one: Any, channel: discord.abc.GuildChannel) -> Reading:
    overwrite = channel.overwrites_for(one)
    return Reading(overwrite.view_channel, overwrite.read_message_history)


def _is_person(one: discord.Role | discord.Member | discord.Object, guild: discord.Guild) -> bool:
    """Whether an overwrite is a member's, and not a bot's."""
    if isinstance(one, discord.Role) or getattr(one, "type", None) is discord.Role:
        return False
    return one.id != guild.me.id and not getattr(one, "bot", False)
