"""Requests about interactions: the one first answer, in time, and what follows it by webhook."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.process.fake_messages import attached
from tests.process.fake_permissions import Refused
from tests.process.fake_rest import on
from tests.process.fake_world import Payload, snowflake

if TYPE_CHECKING:
    from tests.process.fake_discord import FakeDiscord
    from tests.process.fake_rules import Request

IN_TIME, LASTS = 3.0, 900.0  # seconds for the first answer, and for all that follows
_COMMAND, _CLICK, _TYPING, _FORM = 2, 3, 4, 5
_MAY_BE = {
    _COMMAND: {4, 5, 9},
    _CLICK: {4, 5, 6, 7, 9},
    _TYPING: {8},
    _FORM: {4, 5, 6, 7},
}
_SHOWN = ("content", "embeds", "components")
EPHEMERAL, LOADING = 64, 128


@dataclass(slots=True)
class Reply:
    """An interaction, and what the bot answered: first, and with all follow-ups and edits."""

    kind: int
    began: float
    what: str
    session: int
    message: Payload | None = None
    first: Payload = field(default_factory=dict[str, "object"])
    later: list[Payload] = field(default_factory=list[Payload])
    messages: dict[str, Payload] = field(default_factory=dict[str, Payload])
    seconds: float = 0.0
    heard: bool = False
    """Whether a bot was there to be told."""
    tried: bool = False
    """Whether it answered, though that may have got lost."""

    @property
    def shown(self) -> Payload:
        """The message that answers it, as it stands now."""
        return self.messages["@original"]


def _age(reply: Reply) -> float:
    return asyncio.get_running_loop().time() - reply.began


@on("POST", "/interactions/{interaction}/{token}/callback")
async def _callback(
    discord: FakeDiscord, asked: Request, interaction: str, token: str
) -> Payload | None:
    reply, body = discord.replies.get(token), asked.body
    if reply is None or _age(reply) > IN_TIME:
        raise Refused(404, 10062, "Unknown interaction")
    if reply.first:
        raise Refused(400, 40060, "Interaction has already been acknowledged")
    kind = body["type"]
    if kind not in _MAY_BE[reply.kind] or (kind in (6, 7) and reply.message is None):
        raise Refused(400, 50035, f"an interaction of type {reply.kind} is not answered by {kind}")
    reply.first, reply.seconds = body, _age(reply)
    data = body.get("data") or {}
    answer: Payload = {"interaction": {"id": interaction, "type": reply.kind}}
    if kind in (4, 5):
        message = _new(discord, data, asked)
        message["flags"] = data.get("flags", 0) & EPHEMERAL | (LOADING if kind == 5 else 0)
        reply.messages["@original"] = message
    elif kind in (6, 7):
        assert reply.message is not None
        reply.messages["@original"] = reply.message
        _change(discord, reply.message, data, asked)
        await _tell_of_update(discord, reply.message, kind)
    if kind in (4, 5, 7):
        message = reply.messages["@original"]
        answer["resource"] = {"type": kind, "message": message}
        answer["interaction"] |= {
            "response_message_id": message["id"],
            "response_message_loading": kind == 5,
            "response_message_ephemeral": bool(message["flags"] & EPHEMERAL),
        }
    discord.answered(token, body)
    return answer if asked.query.get("with_response") in ("1", "true") else None


async def _tell_of_update(discord: FakeDiscord, message: Payload, kind: int) -> None:
    """Whoever sees a message that a click has changed is told of it, as of any edit."""
    if kind == 7 and message["id"] in discord.world.messages.get(message["channel_id"], {}):
        await discord.dispatch("MESSAGE_UPDATE", message | {"guild_id": discord.world.guild_id})


def _new(discord: FakeDiscord, body: Payload, asked: Request) -> Payload:
    message = discord.world.add_message("replies", body)
    del discord.world.messages["replies"][message["id"]]  # nobody finds it in a channel
    attached(discord, asked, message, [])
    return message


def _change(discord: FakeDiscord, message: Payload, body: Payload, asked: Request) -> None:
    message.update({k: v for k, v in body.items() if k in _SHOWN})
    if "attachments" in body:
        attached(discord, asked, message, message["attachments"])


def _known(discord: FakeDiscord, token: str) -> Reply:
    reply = discord.replies.get(token)
    if reply is None or not reply.first:
        raise Refused(404, 10015, "Unknown Webhook")
    if _age(reply) > LASTS:
        raise Refused(401, 50027, "Invalid Webhook Token")
    return reply


def _message(reply: Reply, message: str) -> Payload:
    for name, known in reply.messages.items():
        if message in (name, known["id"]):
            return known
    raise Refused(404, 10008, "Unknown Message")


@on("POST", "/webhooks/{app}/{token}")
async def _follow_up(discord: FakeDiscord, asked: Request, _app: str, token: str) -> Payload:
    reply = _known(discord, token)
    reply.later.append(asked.body)
    original = reply.messages.get("@original")
    if original is not None and original["flags"] & LOADING:  # it takes the place of the dots
        original["flags"] &= ~LOADING
        _change(discord, original, asked.body, asked)
        return original
    message = _new(discord, asked.body, asked)
    message["flags"] = asked.body.get("flags", 0)
    reply.messages[message["id"]] = message
    return message


@on("GET", "/webhooks/{app}/{token}/messages/{message}")
async def _original(
    discord: FakeDiscord, _asked: Request, _app: str, token: str, message: str
) -> Payload:
    return _message(_known(discord, token), message)


@on("PATCH", "/webhooks/{app}/{token}/messages/{message}")
async def _edit_reply(
    discord: FakeDiscord, asked: Request, _app: str, token: str, message: str
) -> Payload:
    reply = _known(discord, token)
    found = _message(reply, message)
    reply.later.append(asked.body)
    _change(discord, found, asked.body, asked)
    found["flags"] &= ~LOADING
    return found


@on("DELETE", "/webhooks/{app}/{token}/messages/{message}")
async def _delete_reply(
    discord: FakeDiscord, _asked: Request, _app: str, token: str, message: str
) -> None:
    reply = _known(discord, token)
    found = _message(reply, message)
    reply.messages = {k: v for k, v in reply.messages.items() if v is not found}


__all__ = ["EPHEMERAL", "Reply", "snowflake"]
