"""Rules of Discord's AutoMod, as a server's owner makes them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import discord
import simcord

from tests.support.simulator import bot_user_id

BLOCK: Final = {"type": 1, "metadata": {}}
TIMEOUT: Final = {"type": 3, "metadata": {"duration_seconds": 60}}


def block_saying(message: str) -> dict[str, Any]:
    """The action that blocks, with a message of the server's own."""
    return {"type": 1, "metadata": {"custom_message": message}}


def alert_in(channel: simcord.ChannelHandle) -> dict[str, Any]:
    """The action that tells moderators in a channel."""
    return {"type": 2, "metadata": {"channel_id": str(channel.id)}}


def keywords(
    *words: str, patterns: Sequence[str] = (), allowed: Sequence[str] = ()
) -> dict[str, Any]:
    """What a rule of keywords looks for, with all that Discord tells of it."""
    metadata = {
        "keyword_filter": list(words),
        "regex_patterns": list(patterns),
        "allow_list": list(allowed),
    }
    return {"trigger_type": 1, "trigger_metadata": metadata}


def mentions(limit: int) -> dict[str, Any]:
    """What a rule against many mentions looks for."""
    metadata = {"mention_total_limit": limit, "mention_raid_protection_enabled": False}
    return {"trigger_type": 5, "trigger_metadata": metadata}


async def add_rule(
    env: simcord.Env,
    guild: simcord.GuildHandle,
    trigger: dict[str, Any],
    *actions: dict[str, Any],
    name: str = "House rule",
    **more: Any,
) -> int:
    """The owner makes a rule. Returns its id. `more` is as Discord names it: `enabled`,
    `exempt_roles`, `exempt_channels`."""
    body = {"name": name, "event_type": 1, **trigger, "actions": actions or (BLOCK,), **more}
    owner_id = env.backend.get_guild(guild.id).owner_id
    rule = env.backend.create_auto_mod_rule(guild.id, owner_id, body)
    await env.settle()
    return rule.id


def grant(env: simcord.Env, guild: simcord.GuildHandle, *, manage_guild: bool) -> None:
    """Give the bot Manage Server, or take it."""
    (mine,) = env.backend.get_guild(guild.id).members[bot_user_id(env)].role_ids
    allowed = discord.Permissions(env.backend.get_role(guild.id, mine).permissions)
    allowed.manage_guild = manage_guild
    env.backend.edit_role(guild.id, mine, {"permissions": allowed.value})


def times_read(env: simcord.Env) -> int:
    """How often the bot has read the rules."""
    return sum(
        each.method == "GET" and each.path.endswith("/auto-moderation/rules")
        for each in env.http_requests
    )
