"""The requests that `FakeDiscord` answers: a table of methods, paths and what they do; here all but
those about messages (`fake_messages`) and replies (`fake_replies`)."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tests.process.fake_permissions import Refused, bits, is_thread, permissions_in, require
from tests.process.fake_world import FORUM, Payload, snowflake

if TYPE_CHECKING:
    from tests.process.fake_discord import FakeDiscord
    from tests.process.fake_rules import Request

Handler = Callable[..., Awaitable[Any]]
PINNED = 1 << 1  # of a thread's flags: a forum's pinned post
_ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []


def on(method: str, path: str) -> Callable[[Handler], Handler]:
    """Mark what answers a request: called with the server, the request and the path's parts."""
    pattern = re.compile(re.sub(r"\{\w+\}", "([^/]+)", path))

    def add(handler: Handler) -> Handler:
        _ROUTES.append((method, pattern, handler))
        return handler

    return add


def route(method: str, path: str) -> tuple[Handler, tuple[str, ...]] | None:
    """Who answers a request, and the parts of its path."""
    for known, pattern, handler in _ROUTES:
        match = pattern.fullmatch(path)
        if known == method and match:
            return handler, match.groups()
    return None


@on("GET", "/users/@me")
async def _me(discord: FakeDiscord, _asked: Request) -> Payload:
    return discord.world.bot


@on("GET", "/oauth2/applications/@me")
async def _application(discord: FakeDiscord, _asked: Request) -> Payload:
    return discord.world.application()


@on("GET", "/gateway")
async def _gateway(discord: FakeDiscord, _asked: Request) -> Payload:
    return {"url": discord.gateway_url}


@on("GET", "/gateway/bot")
async def _gateway_bot(discord: FakeDiscord, _asked: Request) -> Payload:
    limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
    shards = discord.gateway.shards
    return {"url": discord.gateway_url, "shards": shards, "session_start_limit": limit}


@on("GET", "/applications/{app}/commands")
async def _commands(discord: FakeDiscord, _asked: Request, _app: str) -> list[Payload]:
    return discord.commands


@on("PUT", "/applications/{app}/commands")
async def _sync(discord: FakeDiscord, asked: Request, app: str) -> list[Payload]:
    known = {(each["type"], each["name"]): each["id"] for each in discord.commands}
    discord.commands = [
        {
            "description": "",
            "version": "1",
            "type": 1,
            "default_member_permissions": None,
            "application_id": app,
            **command,
            "id": known.get((command.get("type", 1), command["name"])) or snowflake(),
        }
        for command in asked.body
    ]
    return discord.commands


def _in_guild(discord: FakeDiscord, guild: str) -> None:
    if guild != discord.world.guild_id:
        raise Refused(404, 10004, "Unknown Guild")


@on("GET", "/guilds/{guild}")
async def _guild(discord: FakeDiscord, _asked: Request, guild: str) -> Payload:
    _in_guild(discord, guild)
    return discord.world.guild()


@on("GET", "/guilds/{guild}/members/{user}")
async def _member(discord: FakeDiscord, _asked: Request, guild: str, user: str) -> Payload:
    _in_guild(discord, guild)
    if user not in discord.world.members:
        raise Refused(404, 10007, "Unknown Member")
    return discord.world.members[user]


@on("GET", "/guilds/{guild}/auto-moderation/rules")
async def _automod_rules(discord: FakeDiscord, _asked: Request, guild: str) -> list[Payload]:
    _in_guild(discord, guild)
    world = discord.world
    if not permissions_in(world, world.bot["id"], None) & bits(manage_guild=True):
        raise Refused(403, 50013, "Missing Permissions")
    return world.automod_rules


@on("POST", "/guilds/{guild}/channels")
async def _create_channel(discord: FakeDiscord, asked: Request, guild: str) -> Payload:
    _in_guild(discord, guild)
    world = discord.world
    if not permissions_in(world, world.bot["id"], None) & bits(manage_channels=True):
        raise Refused(403, 50013, "Missing Permissions")
    overwrites = asked.body.get("permission_overwrites") or []
    _check_overwrites(discord, overwrites)
    channel = world.add_channel(asked.body["name"], asked.body.get("type", 0))
    channel["topic"] = asked.body.get("topic")
    channel["permission_overwrites"] = [{"allow": "0", "deny": "0"} | each for each in overwrites]
    await discord.dispatch("CHANNEL_CREATE", channel)
    return channel


def _check_overwrites(discord: FakeDiscord, overwrites: list[Payload]) -> None:
    """A bot allows and denies nothing in a new channel that it may not do itself in the server."""
    world = discord.world
    mine = permissions_in(world, world.bot["id"], None)
    known = {role["id"] for role in world.roles} | world.members.keys()
    for each in overwrites:
        if str(each["id"]) not in known:
            raise Refused(400, 50035, f"no such role or member: {each}")
        if (int(each.get("allow") or 0) | int(each.get("deny") or 0)) & ~mine:
            raise Refused(403, 50013, "Missing Permissions")
        each["id"] = str(each["id"])


@on("GET", "/guilds/{guild}/threads/active")
async def _threads(discord: FakeDiscord, _asked: Request, guild: str) -> Payload:
    _in_guild(discord, guild)
    threads = [c for c in discord.world.channels.values() if "thread_metadata" in c]
    active = [thread for thread in threads if not thread["thread_metadata"]["archived"]]
    return {"threads": active, "members": []}


@on("GET", "/channels/{channel}/threads/archived/public")
async def _archived(discord: FakeDiscord, asked: Request, channel: str) -> Payload:
    require(discord.world, channel, read_message_history=True)
    threads = [c for c in discord.world.channels.values() if c.get("parent_id") == channel]
    rest = [thread for thread in threads if thread.get("thread_metadata", {}).get("archived")]
    limit = int(asked.query.get("limit", 50))
    return {"threads": rest[:limit], "members": [], "has_more": False}


@on("GET", "/channels/{channel}")
async def _channel(discord: FakeDiscord, _asked: Request, channel: str) -> Payload:
    return require(discord.world, channel)


@on("PATCH", "/channels/{channel}")
async def _edit_channel(discord: FakeDiscord, asked: Request, channel: str) -> Payload:
    found, body = require(discord.world, channel), dict(asked.body)
    if "name" in body and discord.pace.limit(f"name {channel}", 2, 600) is None:
        raise Refused(429, 0, "names", retry_after=600.0)
    if not is_thread(found):
        require(discord.world, channel, manage_channels=True)
        body["available_tags"] = [
            {"moderated": False, "emoji_id": None, "emoji_name": None}
            | tag
            | {"id": str(tag.get("id") or snowflake())}
            for tag in body.get("available_tags", found.get("available_tags", ()))
        ]
        if found["type"] != FORUM:
            del body["available_tags"]
        found.update(body)
        await discord.dispatch("CHANNEL_UPDATE", found)
        return found
    state = found["thread_metadata"]
    own = found["owner_id"] == discord.world.bot["id"]
    if not own or state["locked"] or body.keys() & {"locked", "flags"}:
        require(discord.world, channel, manage_threads=True)
    if (
        state["archived"]
        and body.get("archived") is not False
        and body.keys() - {"archived", "locked"}
    ):
        raise Refused(400, 50083, "Thread is archived")
    flags = {k: body.pop(k) for k in ("archived", "locked", "auto_archive_duration") if k in body}
    parent = discord.world.channels[found["parent_id"]]
    if body.get("flags", 0) & PINNED and not found["flags"] & PINNED:
        _check_room_for_pin(discord, parent)
    check_tags(parent, body.get("applied_tags", found["applied_tags"]))
    state.update(flags)
    found.update(body)
    await discord.dispatch("THREAD_UPDATE", found)
    return found


def _check_room_for_pin(discord: FakeDiscord, parent: Payload) -> None:
    if parent["type"] != FORUM:
        raise Refused(400, 50035, "posts of forums are pinned")
    posts = [c for c in discord.world.channels.values() if c.get("parent_id") == parent["id"]]
    if any(post["flags"] & PINNED for post in posts):
        raise Refused(400, 30047, "Maximum number of pinned threads in a forum channel (1)")


def check_tags(parent: Payload, applied: list[Any]) -> None:
    """Refuse tags that a forum does not have, and none where it wants one."""
    if parent["type"] != FORUM:
        if applied:
            raise Refused(400, 50035, "tags are for forums")
        return
    known = {tag["id"] for tag in parent["available_tags"]}
    if not {str(tag) for tag in applied} <= known or len(applied) > 5:
        raise Refused(400, 50035, f"no such tags: {applied}")
    if parent["flags"] & 16 and not applied:
        raise Refused(400, 40067, "A tag is required to create a forum post in this channel")


@on("DELETE", "/channels/{channel}")
async def _delete_channel(discord: FakeDiscord, _asked: Request, channel: str) -> Payload:
    found = require(discord.world, channel)
    thread = is_thread(found)
    require(discord.world, channel, **{"manage_threads" if thread else "manage_channels": True})
    discord.world.remove_channel(channel)
    await discord.dispatch("THREAD_DELETE" if thread else "CHANNEL_DELETE", found)
    return found


@on("POST", "/users/@me/channels")
async def _open_dm(discord: FakeDiscord, asked: Request) -> Payload:
    if str(asked.body["recipient_id"]) not in discord.world.members:
        raise Refused(400, 50033, "Invalid Recipient(s)")
    person = discord.world.members[str(asked.body["recipient_id"])]["user"]
    channel = {"id": f"9{person['id']}", "type": 1, "recipients": [person], "flags": 0}
    discord.world.channels[channel["id"]] = channel
    discord.world.messages.setdefault(channel["id"], {})
    return channel
