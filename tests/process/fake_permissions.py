"""Who may do what in which channel, as Discord reckons it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import discord

if TYPE_CHECKING:
    from tests.process.fake_world import World

Payload = dict[str, Any]

ALL = (1 << 53) - 1
_THREADS = frozenset({10, 11, 12})


class Refused(Exception):
    """Discord says no: a status, and Discord's own code."""

    def __init__(self, status: int, code: int, why: str = "refused", **more: Any) -> None:
        super().__init__(f"{status} {code} {why}")
        self.status = status
        self.code = code
        self.why = why
        self.more = more


def bits(**names: bool) -> int:
    return discord.Permissions(**names).value


ADMINISTRATOR, VIEW = bits(administrator=True), bits(view_channel=True)
SEND, SEND_IN_THREADS = bits(send_messages=True), bits(send_messages_in_threads=True)


def permissions_in(world: World, user_id: str, channel: Payload | None) -> int:
    """What a member may do in a channel (a thread has its parent's permissions)."""
    if user_id == world.owner["id"]:
        return ALL
    mine = world.members[user_id]["roles"]
    roles = [role for role in world.roles if role["id"] in (world.guild_id, *mine)]
    allowed = 0
    for role in roles:
        allowed |= int(role["permissions"])
    if allowed & ADMINISTRATOR:
        return ALL
    if channel is None:
        return allowed
    if channel["type"] in _THREADS:
        channel = world.channels.get(channel["parent_id"])
        if channel is None:
            return 0
    overwrites = {each["id"]: each for each in channel.get("permission_overwrites", ())}
    everyone = overwrites.get(world.guild_id, {"allow": "0", "deny": "0"})
    allowed = allowed & ~int(everyone["deny"]) | int(everyone["allow"])
    of_roles = [overwrites[each] for each in mine if each in overwrites]
    for each in of_roles:
        allowed &= ~int(each["deny"])
    for each in of_roles:
        allowed |= int(each["allow"])
    own = overwrites.get(user_id, {"allow": "0", "deny": "0"})
    allowed = allowed & ~int(own["deny"]) | int(own["allow"])
    if not allowed & VIEW:
        return 0
    return allowed


def require(world: World, channel_id: str, **needed: bool) -> Payload:
    """The channel, if the bot may do that there. Direct messages allow all."""
    channel = world.channels.get(channel_id)
    if channel is None:
        raise Refused(404, 10003, "Unknown Channel")
    if "guild_id" not in channel:
        return channel
    allowed = permissions_in(world, world.bot["id"], channel)
    if not allowed & VIEW:
        raise Refused(403, 50001, "Missing Access")
    if bits(**needed) & ~allowed:
        lacking = [name for name, value in discord.Permissions(bits(**needed) & ~allowed) if value]
        raise Refused(403, 50013, f"Missing Permissions: {lacking}")
    return channel


def require_open(channel: Payload) -> None:
    """Nothing but opening it can be done to an archived thread."""
    if channel.get("thread_metadata", {}).get("archived"):
        raise Refused(400, 50083, "Thread is archived")


def is_thread(channel: Payload) -> bool:
    return channel["type"] in _THREADS
