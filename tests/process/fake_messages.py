"""Requests about messages: sending, editing, pins, reactions, and the threads made of them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from tests.process.fake_permissions import (
    VIEW,
    Refused,
    bits,
    is_thread,
    permissions_in,
    require,
    require_open,
)
from tests.process.fake_rest import check_tags, on
from tests.process.fake_world import FORUM, Payload, snowflake

if TYPE_CHECKING:
    from tests.process.fake_discord import FakeDiscord
    from tests.process.fake_rules import Request

_SHOWN = ("content", "embeds", "components", "flags")
_NONCE_KEPT = 180.0  # seconds in which a nonce is known


def existing(discord: FakeDiscord, channel: str, message: str) -> Payload:
    """A message that the bot can see."""
    require(discord.world, channel)
    if message not in discord.world.messages.get(channel, {}):
        raise Refused(404, 10008, "Unknown Message")
    return discord.world.messages[channel][message]


def _changeable(discord: FakeDiscord, channel: str, message: str, **needed: bool) -> Payload:
    found = existing(discord, channel, message)
    require_open(require(discord.world, channel, **needed))
    return found


def attached(discord: FakeDiscord, asked: Request, message: Payload, had: list[Payload]) -> None:
    """Give a message its attachments: those kept, and the files that came with the request."""
    body = (asked.body.get("data") or asked.body.get("message") or asked.body) or {}
    kept = {each["id"]: each for each in had}
    message["attachments"] = [
        kept[str(named["id"])]
        if str(named["id"]) in kept
        else discord.keep_file(named["filename"], asked.files[f"files[{named['id']}]"])
        for named in body.get("attachments") or []
    ]


@on("GET", "/channels/{channel}/messages")
async def _history(discord: FakeDiscord, asked: Request, channel: str) -> list[Payload]:
    require(discord.world, channel)
    allowed = permissions_in(
        discord.world, discord.world.bot["id"], discord.world.channels[channel]
    )
    if not allowed & bits(read_message_history=True):
        return []
    query = asked.query
    messages = sorted(discord.world.messages[channel].values(), key=lambda m: -int(m["id"]))
    if "before" in query:
        messages = [m for m in messages if int(m["id"]) < int(query["before"])]
    limit = int(query.get("limit", 50))
    if "after" in query:  # the oldest of the newer ones, yet the newest of them first
        newer = [m for m in messages if int(m["id"]) > int(query["after"])]
        return newer[-limit:]
    return messages[:limit]


@on("POST", "/channels/{channel}/messages")
async def _send(discord: FakeDiscord, asked: Request, channel: str) -> Payload:
    world, body = discord.world, asked.body
    found = require(world, channel)
    needed = "send_messages_in_threads" if is_thread(found) else "send_messages"
    require(world, channel, **{needed: True})
    if found["type"] == FORUM:
        raise Refused(400, 50008, "Cannot send messages in a non-text channel")
    check_content(discord, channel, asked, body)
    if found["type"] == 1:
        (person,) = found["recipients"]
        if person["id"] in discord.closed_dms:
            raise Refused(403, 50007, "Cannot send messages to this user")
    state = found.get("thread_metadata", {})
    if state.get("locked"):
        require(world, channel, manage_threads=True)
    if body.get("enforce_nonce"):
        for known in world.messages[channel].values():
            if known["nonce"] == body["nonce"] and time.time() - known["_sent"] < _NONCE_KEPT:
                return known
    reference = body.get("message_reference")
    more: Payload = {}
    if reference:
        require(world, channel, read_message_history=True)
        there = str(reference["message_id"]) in world.messages[channel]
        if not there and reference.get("fail_if_not_exists", True):
            raise Refused(400, 50035, "Unknown message")
        if there:
            about = {key: str(value) for key, value in reference.items() if key.endswith("_id")}
            more = {"message_reference": about, "type": 19}
            to = world.messages[channel][about["message_id"]]["author"]
            # Without any word on mentions a reply pings; with one, only if it says so.
            allowed = body.get("allowed_mentions") or {"replied_user": True}
            if allowed.get("replied_user", False):
                more["mentions"] = [to]
                # What members write makes the bot ping nobody: not its writer, either.
                discord.problems.append(f"a reply pings {to['username']}: {body}")
    if state.get("archived"):
        state["archived"] = False
        await discord.dispatch("THREAD_UPDATE", found)
    message = world.add_message(channel, body, **more)
    message["_sent"] = time.time()
    attached(discord, asked, message, [])
    member = world.members[world.bot["id"]]
    about = {"guild_id": world.guild_id, "member": member} if "guild_id" in found else {}
    await discord.dispatch("MESSAGE_CREATE", message | about)
    return message


def check_content(discord: FakeDiscord, channel: str, asked: Request, body: Payload) -> None:
    """What a message holds may need permissions, or be more than the server's rules allow."""
    if body.get("embeds"):
        _leave_embeds_out(discord, channel, asked, body)
    if asked.files:
        require(discord.world, channel, attach_files=True)
    for word in discord.forbidden_words:
        if word in str(body):
            raise Refused(400, 200000, "Message was blocked by automatic moderation")
    mentions = body.get("allowed_mentions")
    if "@" in str(body.get("content") or "") and mentions is None:
        discord.problems.append(f"mentions are not limited: {body}")


def _leave_embeds_out(discord: FakeDiscord, channel: str, asked: Request, body: Payload) -> None:
    """Without Embed Links, Discord takes a message and leaves its embeds out; one that has nothing
    else it refuses."""
    try:
        require(discord.world, channel, embed_links=True)
    except Refused:
        body["embeds"] = []
        if not (body.get("content") or body.get("components") or asked.files):
            raise Refused(400, 50006, "Cannot send an empty message") from None


@on("GET", "/channels/{channel}/messages/pins")
async def _pins(discord: FakeDiscord, asked: Request, channel: str) -> Payload:
    require(discord.world, channel, read_message_history=True)
    pinned = [m for m in discord.world.messages[channel].values() if m["pinned"]]
    limit = int(asked.query.get("limit", 50))
    pinned.sort(key=lambda m: -int(m["id"]))
    if "before" in asked.query:
        pinned = [m for m in pinned if m["timestamp"] < asked.query["before"]]
    items = [{"pinned_at": m["timestamp"], "message": m} for m in pinned]
    return {"items": items[:limit], "has_more": len(items) > limit}


@on("PUT", "/channels/{channel}/messages/pins/{message}")
async def _pin(discord: FakeDiscord, _asked: Request, channel: str, message: str) -> None:
    await _pinned(discord, channel, message, pinned=True)


@on("DELETE", "/channels/{channel}/messages/pins/{message}")
async def _unpin(discord: FakeDiscord, _asked: Request, channel: str, message: str) -> None:
    await _pinned(discord, channel, message, pinned=False)


async def _pinned(discord: FakeDiscord, channel: str, message: str, *, pinned: bool) -> None:
    found = _changeable(discord, channel, message, pin_messages=True)
    if found["pinned"] != pinned:
        await discord.pin(found, discord.world.bot, pinned=pinned)


@on("GET", "/channels/{channel}/messages/{message}")
async def _message(discord: FakeDiscord, _asked: Request, channel: str, message: str) -> Payload:
    require(discord.world, channel, read_message_history=True)
    return existing(discord, channel, message)


@on("PATCH", "/channels/{channel}/messages/{message}")
async def _edit(discord: FakeDiscord, asked: Request, channel: str, message: str) -> Payload:
    found, body = _changeable(discord, channel, message), asked.body
    if found["author"]["id"] != discord.world.bot["id"]:
        raise Refused(403, 50005, "Cannot edit a message authored by another user")
    if time.time() - found.get("_sent", 0) > 3600:
        left = discord.pace.limit(f"old edits {channel}", 3, 60)
        if left is None:
            raise Refused(429, 30046, "Maximum number of edits to messages older than 1 hour")
    check_content(discord, channel, asked, body)
    found.update({k: v for k, v in body.items() if k in _SHOWN})
    if "attachments" in body:
        attached(discord, asked, found, found["attachments"])
    await discord.dispatch("MESSAGE_UPDATE", found | {"guild_id": discord.world.guild_id})
    return found


@on("DELETE", "/channels/{channel}/messages/{message}")
async def _delete(discord: FakeDiscord, _asked: Request, channel: str, message: str) -> None:
    found = existing(discord, channel, message)
    own = found["author"]["id"] == discord.world.bot["id"]
    require_open(require(discord.world, channel, **({} if own else {"manage_messages": True})))
    await discord.remove_message(channel, message)


@on("PUT", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me")
async def _react(
    discord: FakeDiscord, _asked: Request, channel: str, message: str, emoji: str
) -> None:
    found = _changeable(discord, channel, message, read_message_history=True)
    if emoji.isascii() and ":" not in emoji:
        raise Refused(400, 10014, "Unknown Emoji")
    if emoji not in found.get("_people", {}):
        require(discord.world, channel, add_reactions=True)
    await discord.reacted(found, discord.world.bot["id"], emoji)


@on("DELETE", "/channels/{channel}/messages/{message}/reactions/{emoji}/{user}")
async def _unreact(
    discord: FakeDiscord, _asked: Request, channel: str, message: str, emoji: str, user: str
) -> None:
    found = _changeable(discord, channel, message)
    person = discord.world.bot["id"] if user == "@me" else user
    if person != discord.world.bot["id"]:
        require(discord.world, channel, manage_messages=True)
    await discord.reacted(found, person, emoji, remove=True)


@on("DELETE", "/channels/{channel}/messages/{message}/reactions/{emoji}")
async def _clear(
    discord: FakeDiscord, _asked: Request, channel: str, message: str, emoji: str
) -> None:
    found = _changeable(discord, channel, message, manage_messages=True)
    for person in list(found.get("_people", {}).get(emoji, ())):
        discord.world.react(found, person, emoji, remove=True)
    event: Payload = {"channel_id": channel, "message_id": message}
    event["guild_id"] = discord.world.guild_id
    event["emoji"] = {"id": None, "name": emoji}
    await discord.dispatch("MESSAGE_REACTION_REMOVE_EMOJI", event)


@on("GET", "/channels/{channel}/messages/{message}/reactions/{emoji}")
async def _reactions(
    discord: FakeDiscord, asked: Request, channel: str, message: str, emoji: str
) -> list[Payload]:
    found = existing(discord, channel, message)
    if asked.query.get("type") == "1":
        return []
    people = discord.world.people_who_reacted(found, emoji)
    after = int(asked.query.get("after", 0))
    people = sorted((p for p in people if int(p["id"]) > after), key=lambda p: int(p["id"]))
    return people[: int(asked.query.get("limit", 25))]


@on("POST", "/channels/{channel}/messages/{message}/threads")
async def _thread_from_message(
    discord: FakeDiscord, asked: Request, channel: str, message: str
) -> Payload:
    existing(discord, channel, message)
    require(discord.world, channel, create_public_threads=True)
    if message in discord.world.channels:
        raise Refused(400, 160004, "A thread has already been created for this message")
    thread = discord.world.add_thread(channel, asked.body["name"], message)
    await discord.dispatch("THREAD_CREATE", thread | {"newly_created": True})
    return thread


@on("POST", "/channels/{channel}/threads")
async def _forum_post(discord: FakeDiscord, asked: Request, channel: str) -> Payload:
    world, body = discord.world, asked.body
    require(world, channel, send_messages=True)
    message: dict[str, Any] = body.get("message") or {}
    check_content(discord, channel, asked, message)
    tags = [str(tag) for tag in body.get("applied_tags") or []]
    check_tags(world.channels[channel], tags)
    assert permissions_in(world, world.bot["id"], world.channels[channel]) & VIEW
    thread = world.add_thread(channel, body["name"], snowflake())
    thread["applied_tags"] = tags
    # The first message of a forum post has the thread's id.
    first = world.add_message(thread["id"], message, message_id=thread["id"])
    first["_sent"] = time.time()
    attached(discord, asked, first, [])
    await discord.dispatch("THREAD_CREATE", thread | {"newly_created": True})
    return thread | {"message": first}
