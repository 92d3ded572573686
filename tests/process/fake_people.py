"""What people do in the server of `FakeDiscord`, as Discord tells the bot of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tests.process.fake_permissions import permissions_in
from tests.process.fake_replies import Reply
from tests.process.fake_world import Payload, World, now, snowflake

if TYPE_CHECKING:
    from tests.process.fake_gateway import Gateway

_PIN_NOTICE = 6  # type of message
_SELECTS = {5: "users", 6: "roles", 7: "mentionables", 8: "channels"}


def controls(message: Payload) -> Iterator[Payload]:
    """All buttons and selects of a message, or parts of a form."""
    for part in message.get("components") or ():
        yield part
        yield from controls(part)
        for single in ("component", "accessory"):
            if part.get(single):
                yield part[single]


class People:
    """People of a world, whose doings reach the bot through its gateway."""

    gateway: Gateway
    token: str
    commands: list[Payload]

    def __init__(self, world: World) -> None:
        self.world = world
        self.replies: dict[str, Reply] = {}
        self.locale = "en-US"
        self._waiting: dict[str, asyncio.Future[Payload]] = {}

    async def dispatch(self, event: str, data: Payload) -> None:
        raise NotImplementedError

    # --- interactions --------------------------------------------------------------------------

    async def command(
        self,
        person: Payload,
        channel: Payload,
        name: str,
        options: list[Payload] | None = None,
        resolved: Payload | None = None,
    ) -> Payload:
        """A person runs a slash command; returns the bot's first answer."""
        return (await self.run(person, channel, name, options, resolved)).first

    async def run(
        self,
        person: Payload,
        channel: Payload,
        name: str,
        options: list[Payload] | None = None,
        resolved: Payload | None = None,
        **more: Any,
    ) -> Reply:
        """A person runs a command; returns what comes of it, once there is a first answer."""
        kind = more.get("type", 1)
        known = {each["name"]: each for each in self.commands if each["type"] == kind}[name]
        data: Payload = {"id": known["id"], "name": name, "type": 1, "options": options or []}
        data["resolved"] = resolved or {}
        return await self.interact(person, channel, 2, data | more, what=f"/{name}")

    async def menu(self, person: Payload, channel: Payload, name: str, message: Payload) -> Reply:
        """A person chooses a message's menu."""
        resolved = {"messages": {message["id"]: message}}
        more = {"type": 3, "target_id": message["id"]}
        return await self.run(person, channel, name, None, resolved, **more)

    async def submit(
        self, person: Payload, channel: Payload, form: Payload, values: dict[str, Any]
    ) -> Payload:
        """A person fills in the form that a command's answer opened."""
        return (await self.send(person, channel, form, values)).first

    async def send(
        self,
        person: Payload,
        channel: Payload,
        form: Payload,
        values: dict[str, Any],
        *,
        message: Payload | None = None,
        files: dict[str, list[Payload]] | None = None,
    ) -> Reply:
        """The same; returns what comes of it."""
        given = files or {}
        values = values | {name: [f["id"] for f in each] for name, each in given.items()}
        components = [
            {key: label[key] for key in ("type", "id") if key in label}
            | {"component": filled(label["component"], values)}
            for label in form["data"]["components"]
            if "component" in label
        ]
        data: Payload = {"custom_id": form["data"]["custom_id"], "components": components}
        uploads = {f["id"]: f for each in given.values() for f in each}
        data["resolved"] = {"attachments": uploads} if uploads else {}
        return await self.interact(person, channel, 5, data, message=message, what="a form")

    async def click(
        self, person: Payload, message: Payload, custom_id: str, channel: Payload | None = None
    ) -> Payload:
        """A person clicks a button of a message."""
        return (await self.press(person, message, custom_id, channel)).first

    async def press(
        self,
        person: Payload,
        message: Payload,
        custom_id: str,
        channel: Payload | None = None,
        values: list[str] | None = None,
    ) -> Reply:
        """The same, or a select with values; returns what comes of it."""
        channel = channel or self.world.channels[message["channel_id"]]
        found = [each for each in controls(message) if each.get("custom_id") == custom_id]
        kind = found[0]["type"] if found else 2
        data: Payload = {"custom_id": custom_id, "component_type": kind}
        if values is not None:
            data["values"] = values
        if kind in _SELECTS:
            known = self.world.channels if kind == 8 else {r["id"]: r for r in self.world.roles}
            data["resolved"] = {_SELECTS[kind]: {each: known[each] for each in values or ()}}
        what = custom_id.rpartition(":")[0]
        return await self.interact(person, channel, 3, data, message=message, what=what)

    async def interact(
        self,
        person: Payload,
        channel: Payload,
        kind: int,
        data: Payload,
        *,
        message: Payload | None = None,
        what: str = "",
    ) -> Reply:
        """Anything that the bot has to answer; waits for the first answer."""
        world, token = self.world, "aW50ZXJhY3Rpb246" + snowflake() * 4
        loop = asyncio.get_running_loop()
        self._waiting[token] = loop.create_future()
        reply = Reply(kind, loop.time(), what, self.gateway.identifies, message)
        self.replies[token] = reply
        reply.heard = bool(self.gateway.connected)
        event: Payload = {
            "id": snowflake(),
            "application_id": world.bot["id"],
            "type": kind,
            "token": token,
            "version": 1,
            "data": data,
            "channel_id": channel["id"],
            "channel": channel,
            "locale": self.locale,
            "entitlements": [],
            "attachment_size_limit": 10_485_760,
        }
        if "guild_id" in channel:
            event |= {
                "guild_id": world.guild_id,
                "guild": {"id": world.guild_id, "locale": "en-US", "features": ["COMMUNITY"]},
                "member": world.member_in(person, channel),
                "guild_locale": "en-US",
                "app_permissions": str(permissions_in(world, world.bot["id"], channel)),
                "authorizing_integration_owners": {"0": world.guild_id},
                "context": 0,
            }
        else:
            event |= {"user": person, "authorizing_integration_owners": {}, "context": 1}
            event["app_permissions"] = str((1 << 53) - 1)
        if message is not None:
            event["message"] = message
        await self.dispatch("INTERACTION_CREATE", event)
        await asyncio.wait_for(self._waiting[token], 30)
        return reply

    def answered(self, token: str, body: Payload) -> None:
        """The bot answered an interaction."""
        if token in self._waiting and not self._waiting[token].done():
            self._waiting[token].set_result(body)

    # --- all else ------------------------------------------------------------------------------

    async def react(
        self, person: Payload, message: Payload, emoji: str, *, remove: bool = False
    ) -> None:
        """A person reacts to a message, or takes that back."""
        await self.reacted(message, person["id"], emoji, remove=remove)

    async def reacted(
        self, message: Payload, person_id: str, emoji: str, *, remove: bool = False
    ) -> None:
        """Somebody's reaction, or the bot's, goes on a message or off it."""
        self.world.react(message, person_id, emoji, remove=remove)
        event: Payload = {
            "user_id": person_id,
            "channel_id": message["channel_id"],
            "message_id": message["id"],
            "guild_id": self.world.guild_id,
            "emoji": {"id": None, "name": emoji},
            "burst": False,
            "type": 0,
        }
        if not remove:
            event |= {"member": self.world.members[person_id]}
            event |= {"message_author_id": message["author"]["id"]}
        await self.dispatch("MESSAGE_REACTION_" + ("REMOVE" if remove else "ADD"), event)

    async def pin(
        self, message: Payload, person: Payload | None = None, *, pinned: bool = True
    ) -> None:
        """Somebody, by default the owner, pins a message or unpins it. Discord says below who
        pinned it."""
        channel_id, person = message["channel_id"], person or self.world.owner
        self.world.pin(channel_id, message["id"], pinned=pinned)
        await self.pins_changed(channel_id)
        if pinned:
            about = {"message_id": message["id"], "channel_id": channel_id}
            about |= {"guild_id": self.world.guild_id}
            more = {"type": _PIN_NOTICE, "message_reference": about}
            notice = self.world.add_message(channel_id, {}, author=person, **more)
            await self._tell_of_message(notice)

    async def pins_changed(self, channel_id: str) -> None:
        """Tell of it: only that they changed."""
        event = {"guild_id": self.world.guild_id, "channel_id": channel_id}
        await self.dispatch("CHANNEL_PINS_UPDATE", event | {"last_pin_timestamp": now()})

    async def remove_message(self, channel_id: str, message_id: str) -> None:
        """Somebody deletes a message."""
        del self.world.messages[channel_id][message_id]
        event = {"id": message_id, "channel_id": channel_id, "guild_id": self.world.guild_id}
        await self.dispatch("MESSAGE_DELETE", event)

    async def say(self, person: Payload, channel: Payload, text: str) -> Payload:
        """A person writes a message. What it says is not for the bot: it has no intent for that."""
        message = self.world.add_message(channel["id"], {"content": text}, author=person)
        await self._tell_of_message(message)
        return message

    async def reply(
        self, person: Payload, message: Payload, text: str, *, ping: bool = True
    ) -> Payload:
        """A person replies to a message of the bot's with Discord's own reply. Only where it pings
        is its text for the bot."""
        channel_id = message["channel_id"]
        about = {"message_id": message["id"], "channel_id": channel_id}
        about |= {"guild_id": self.world.guild_id, "type": 0}
        more = {"type": 19, "message_reference": about}
        more |= {"mentions": [message["author"]] if ping else []}
        said = self.world.add_message(channel_id, {"content": text}, author=person, **more)
        await self._tell_of_message(said, referenced_message=message)
        return said

    async def _tell_of_message(self, message: Payload, **more: Any) -> None:
        author = message["author"]
        shown = message | {"guild_id": self.world.guild_id, **more}
        shown |= {"member": self.world.members[author["id"]]}
        if author is not self.world.bot and self.world.bot not in message["mentions"]:
            shown["content"] = ""
        await self.dispatch("MESSAGE_CREATE", shown)


def filled(component: Payload, values: dict[str, Any]) -> Payload:
    """A part of a form as it is sent."""
    value = values.get(component["custom_id"])
    shown = {key: component[key] for key in ("type", "id", "custom_id") if key in component}
    if component["type"] == 4:
        return shown | {"value": component.get("value") or "" if value is None else value}
    chosen = [o["value"] for o in component.get("options") or () if o.get("default")]
    return shown | {"values": chosen if value is None else value}
