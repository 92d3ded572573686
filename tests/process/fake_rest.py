"""The requests that `FakeDiscord` answers: a table of methods, paths and what they do."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from tests.process.fake_world import Payload, snowflake

if TYPE_CHECKING:
    from tests.process.fake_discord import FakeDiscord


class Refused(Exception):
    """Discord says no: a status, and Discord's own code."""

    def __init__(self, status: int, code: int) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


Handler = Callable[..., Awaitable[Any]]
_ROUTES: list[tuple[str, re.Pattern[str], Handler]] = []


def _on(method: str, path: str) -> Callable[[Handler], Handler]:
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


@_on("GET", "/users/@me")
async def _me(discord: FakeDiscord, _body: Any, _query: Payload) -> Payload:
    return discord.world.bot


@_on("GET", "/oauth2/applications/@me")
async def _application(discord: FakeDiscord, _body: Any, _query: Payload) -> Payload:
    return discord.world.application()


@_on("GET", "/gateway")
async def _gateway(discord: FakeDiscord, _body: Any, _query: Payload) -> Payload:
    return {"url": discord.gateway_url}


@_on("GET", "/gateway/bot")
async def _gateway_bot(discord: FakeDiscord, _body: Any, _query: Payload) -> Payload:
    limit = {"total": 1000, "remaining": 999, "reset_after": 0, "max_concurrency": 1}
    return {"url": discord.gateway_url, "shards": 1, "session_start_limit": limit}


@_on("PUT", "/applications/{app}/commands")
async def _sync(
    discord: FakeDiscord, body: list[Payload], _query: Payload, _app: str
) -> list[Payload]:
    discord.commands = [
        {
            "description": "",
            "version": "1",
            "default_member_permissions": None,
            "application_id": _app,
            **command,
            "id": snowflake(),
        }
        for command in body
    ]
    return discord.commands


@_on("GET", "/guilds/{guild}")
async def _guild(discord: FakeDiscord, _body: Any, _query: Payload, _guild: str) -> Payload:
    return discord.world.guild()


@_on("GET", "/guilds/{guild}/members/{user}")
async def _member(
    discord: FakeDiscord, _body: Any, _query: Payload, _guild: str, user: str
) -> Payload:
    return discord.world.members[user]


@_on("GET", "/guilds/{guild}/threads/active")
async def _threads(discord: FakeDiscord, _body: Any, _query: Payload, _guild: str) -> Payload:
    threads = [c for c in discord.world.channels.values() if "thread_metadata" in c]
    return {"threads": threads, "members": []}


@_on("GET", "/channels/{channel}/threads/archived/public")
async def _archived(discord: FakeDiscord, _body: Any, _query: Payload, _channel: str) -> Payload:
    return {"threads": [], "members": [], "has_more": False}


@_on("GET", "/channels/{channel}")
async def _channel(discord: FakeDiscord, _body: Any, _query: Payload, channel: str) -> Payload:
    return discord.world.channels[channel]


@_on("PATCH", "/channels/{channel}")
async def _edit_channel(
    discord: FakeDiscord, body: Payload, _query: Payload, channel: str
) -> Payload:
    found = discord.world.channels[channel]
    for tag in body.get("available_tags", []):
        tag.setdefault("id", snowflake())
    flags = {k: body.pop(k) for k in ("archived", "locked", "auto_archive_duration") if k in body}
    found.get("thread_metadata", {}).update(flags)
    found.update(body)
    event = "THREAD_UPDATE" if "thread_metadata" in found else "CHANNEL_UPDATE"
    await discord.dispatch(event, found)
    return found


@_on("GET", "/channels/{channel}/messages")
async def _history(discord: FakeDiscord, _body: Any, query: Payload, channel: str) -> list[Payload]:
    messages = sorted(discord.world.messages[channel].values(), key=lambda m: -int(m["id"]))
    if "before" in query:
        messages = [m for m in messages if int(m["id"]) < int(query["before"])]
    if "after" in query:
        messages = [m for m in messages if int(m["id"]) > int(query["after"])][::-1]
    return messages[: int(query.get("limit", 50))]


@_on("POST", "/channels/{channel}/messages")
async def _send(discord: FakeDiscord, body: Payload, _query: Payload, channel: str) -> Payload:
    if body.get("enforce_nonce"):
        for known in discord.world.messages[channel].values():
            if known["nonce"] == body["nonce"]:
                return known
    message = discord.world.add_message(channel, body)
    await discord.dispatch(
        "MESSAGE_CREATE",
        message
        | {"guild_id": discord.world.guild_id}
        | {"member": discord.world.members[discord.world.bot["id"]]},
    )
    return message


@_on("GET", "/channels/{channel}/messages/pins")
async def _pins(discord: FakeDiscord, _body: Any, _query: Payload, channel: str) -> Payload:
    pinned = [m for m in discord.world.messages[channel].values() if m["pinned"]]
    items = [{"pinned_at": m["timestamp"], "message": m} for m in pinned]
    return {"items": items, "has_more": False}


@_on("PUT", "/channels/{channel}/messages/pins/{message}")
async def _pin(
    discord: FakeDiscord, _body: Any, _query: Payload, channel: str, message: str
) -> None:
    discord.world.messages[channel][message]["pinned"] = True


@_on("DELETE", "/channels/{channel}/messages/pins/{message}")
async def _unpin(
    discord: FakeDiscord, _body: Any, _query: Payload, channel: str, message: str
) -> None:
    discord.world.messages[channel][message]["pinned"] = False


@_on("GET", "/channels/{channel}/messages/{message}")
async def _message(
    discord: FakeDiscord, _body: Any, _query: Payload, channel: str, message: str
) -> Payload:
    return _existing(discord, channel, message)


def _existing(discord: FakeDiscord, channel: str, message: str) -> Payload:
    if message not in discord.world.messages.get(channel, {}):
        raise Refused(404, 10008)
    return discord.world.messages[channel][message]


@_on("PATCH", "/channels/{channel}/messages/{message}")
async def _edit(
    discord: FakeDiscord, body: Payload, _query: Payload, channel: str, message: str
) -> Payload:
    found = _existing(discord, channel, message)
    found.update({k: v for k, v in body.items() if k in ("content", "embeds", "components")})
    await discord.dispatch("MESSAGE_UPDATE", found | {"guild_id": discord.world.guild_id})
    return found


@_on("DELETE", "/channels/{channel}/messages/{message}")
async def _delete(
    discord: FakeDiscord, _body: Any, _query: Payload, channel: str, message: str
) -> None:
    _existing(discord, channel, message)
    del discord.world.messages[channel][message]


@_on("PUT", "/channels/{channel}/messages/{message}/reactions/{emoji}/@me")
async def _react(
    discord: FakeDiscord, _body: Any, _query: Payload, channel: str, message: str, emoji: str
) -> None:
    found = discord.world.messages[channel][message]
    discord.world.react(found, discord.world.bot["id"], emoji)


@_on("DELETE", "/channels/{channel}/messages/{message}/reactions/{emoji}/{user}")
async def _unreact(
    discord: FakeDiscord,
    _body: Any,
    _query: Payload,
    channel: str,
    message: str,
    emoji: str,
    user: str,
) -> None:
    found = discord.world.messages[channel][message]
    person = discord.world.bot["id"] if user == "@me" else user
    discord.world.react(found, person, emoji, remove=True)


@_on("GET", "/channels/{channel}/messages/{message}/reactions/{emoji}")
async def _reactions(
    discord: FakeDiscord, _body: Any, query: Payload, channel: str, message: str, emoji: str
) -> list[Payload]:
    found = discord.world.messages[channel][message]
    people = discord.world.people_who_reacted(found, emoji)
    after = int(query.get("after", 0))
    people = sorted((p for p in people if int(p["id"]) > after), key=lambda p: int(p["id"]))
    return people[: int(query.get("limit", 25))]


@_on("POST", "/channels/{channel}/messages/{message}/threads")
async def _thread_from_message(
    discord: FakeDiscord, body: Payload, _query: Payload, channel: str, message: str
) -> Payload:
    if message in discord.world.channels:
        raise Refused(400, 160004)
    thread = discord.world.add_thread(channel, body["name"], message)
    await discord.dispatch("THREAD_CREATE", thread | {"newly_created": True})
    return thread


@_on("POST", "/channels/{channel}/threads")
async def _forum_post(
    discord: FakeDiscord, body: Payload, _query: Payload, channel: str
) -> Payload:
    thread = discord.world.add_thread(channel, body["name"])
    thread["applied_tags"] = body.get("applied_tags") or []
    message = discord.world.add_message(thread["id"], body.get("message", {}))
    # The first message of a forum post has the thread's id.
    del discord.world.messages[thread["id"]][message["id"]]
    message["id"] = thread["id"]
    discord.world.messages[thread["id"]][message["id"]] = message
    await discord.dispatch("THREAD_CREATE", thread | {"newly_created": True})
    return thread | {"message": message}


@_on("POST", "/interactions/{interaction}/{token}/callback")
async def _callback(
    discord: FakeDiscord, body: Payload, _query: Payload, interaction: str, token: str
) -> Payload:
    if token in discord.replies:
        raise Refused(400, 40060)
    answer: Payload = {"interaction": {"id": interaction, "type": 2}}
    data = body.get("data") or {}
    ephemeral = bool(data.get("flags", 0) & 64)
    if body["type"] in (4, 5, 6, 7):
        message = discord.world.add_message("replies", data, interaction=interaction)
        answer["resource"] = {"type": body["type"], "message": message}
        answer["interaction"] |= {
            "response_message_id": message["id"],
            "response_message_loading": body["type"] == 5,
            "response_message_ephemeral": ephemeral,
        }
        message.pop("interaction")
        discord.world.messages["replies"][token] = message
    discord.answered(token, body)
    return answer


@_on("POST", "/webhooks/{app}/{token}")
async def _follow_up(
    discord: FakeDiscord, body: Payload, _query: Payload, _app: str, token: str
) -> Payload:
    discord.replies[token].later.append(body)
    return discord.world.add_message("replies", body)


@_on("GET", "/webhooks/{app}/{token}/messages/@original")
async def _original(
    discord: FakeDiscord, _body: Any, _query: Payload, _app: str, token: str
) -> Payload:
    return discord.world.messages["replies"][token]


@_on("PATCH", "/webhooks/{app}/{token}/messages/{message}")
async def _edit_reply(
    discord: FakeDiscord, body: Payload, _query: Payload, _app: str, token: str, message: str
) -> Payload:
    if token not in discord.replies:
        raise Refused(404, 10015)
    discord.replies[token].later.append(body)
    replies = discord.world.messages["replies"]
    found = replies[token if message == "@original" else message]
    found.update({k: v for k, v in body.items() if k in ("content", "embeds", "components")})
    return found


@_on("DELETE", "/webhooks/{app}/{token}/messages/{message}")
async def _delete_reply(
    discord: FakeDiscord, _body: Any, _query: Payload, _app: str, token: str, message: str
) -> None:
    discord.world.messages["replies"].pop(token if message == "@original" else message, None)


@_on("POST", "/users/@me/channels")
async def _open_dm(discord: FakeDiscord, body: Payload, _query: Payload) -> Payload:
    person = discord.world.members[str(body["recipient_id"])]["user"]
    channel = {"id": f"9{person['id']}", "type": 1, "recipients": [person], "flags": 0}
    discord.world.channels[channel["id"]] = channel
    discord.world.messages.setdefault(channel["id"], {})
    return channel
