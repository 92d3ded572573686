"""What people do to a bot in a process of its own: commands, forms, buttons and menus, by their
names, and what they are told."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from tests.process.fake_people import controls
from tests.process.fake_replies import LOADING, Reply
from tests.process.fake_world import Payload
from tests.process.telling import Tale

_FORM = 9
_TYPES = {6: "users", 7: "channels", 8: "roles"}

Act = Callable[[], Awaitable[object]]


class Acting(Tale):
    """A tale whose people can do anything."""

    async def do(self, person: Payload, channel: Payload, command: str, /, **given: Any) -> Reply:
        """A person runs a slash command; returns what comes of it, once it is there."""
        name, *sub = command.split()
        known = next(c for c in self.discord.commands if c["name"] == name and c["type"] == 1)
        options = known["options"]
        resolved: Payload = {}
        for each in sub:
            options = next(o["options"] for o in options if o["name"] == each)
        filled: list[Payload] = []
        for option, value in given.items():
            kind = next(o["type"] for o in options if o["name"] == option)
            if kind in (6, 7, 8):
                self._resolve(resolved, kind, value)
            chosen = value["id"] if kind in (6, 7, 8) else value
            filled.append({"name": option, "type": kind, "value": chosen})
        for each in reversed(sub):
            filled = [{"name": each, "type": 1, "options": filled}]
        return await self.settled(await self.discord.run(person, channel, name, filled, resolved))

    def _resolve(self, resolved: Payload, kind: int, value: Payload) -> None:
        if kind == 6:
            member = {k: v for k, v in self.world.members[value["id"]].items() if k != "user"}
            resolved.setdefault("users", {})[value["id"]] = value
            resolved.setdefault("members", {})[value["id"]] = member | {"permissions": "0"}
        else:
            shown = value | {"permissions": "0"} if kind == 7 else value
            resolved.setdefault(_TYPES[kind], {})[value["id"]] = shown

    async def settled(self, reply: Reply) -> Reply:
        """Once the dots are gone."""

        def there() -> bool:
            if reply.first["type"] == _FORM:
                return True
            shown = reply.messages.get("@original")
            return shown is None or not shown["flags"] & LOADING

        await self.discord.until(there, 20)
        return reply

    async def fill(
        self, person: Payload, channel: Payload, reply: Reply, /, **values: Any
    ) -> Reply:
        """Fill in the form that was opened; what came instead of one is what comes of it."""
        if reply.first["type"] != _FORM:
            return reply
        files = values.pop("upload", None)
        message = reply.message
        sent = await self.discord.send(
            person, channel, reply.first, values, message=message, files=files
        )
        return await self.settled(sent)

    async def press(
        self,
        person: Payload,
        message: Payload,
        action: str,
        channel: Payload | None = None,
        values: list[str] | None = None,
    ) -> Reply:
        """Press the button of a message that asks for an action."""
        ids = [str(each.get("custom_id", "")) for each in controls(message)]
        fitting = [each for each in ids if f":{action}:" in f"{each}:"]
        if not fitting:
            raise LookupError(f"no {action} in {ids}")
        custom_id = fitting[0]
        reply = await self.discord.press(person, message, custom_id, channel, values)
        return await self.settled(reply)

    async def press_in_menu(self, person: Payload, card: Payload, action: str) -> Reply:
        """Press the button for an action in the menu of a card."""
        reply = await self.press(person, card, "more")
        channel = self.world.channels[card["channel_id"]]
        return await self.press(person, reply.shown, action, channel)

    async def post_mine(self, person: Payload, sent: Reply, channel: Payload) -> Reply:
        """Post a question also if there are similar ones, which come before."""
        shown = sent.messages.get("@original") or {}
        if "ask.post" not in str(shown.get("components")):
            return sent
        return await self.press(person, shown, "ask.post", channel)

    async def menu(self, person: Payload, name: str, message: Payload) -> Reply:
        """Choose a message's menu."""
        channel = self.world.channels[message["channel_id"]]
        return await self.settled(await self.discord.menu(person, channel, name, message))

    def said(self, reply: Reply) -> str:
        """All that a reply says by now."""
        shown = reply.messages.get("@original") or reply.first.get("data") or {}
        kept = {k: shown.get(k) for k in ("content", "embeds", "components", "attachments")}
        return json.dumps(kept, ensure_ascii=False)

    async def told(self, act: Act, *words: str) -> None:
        """Do something that only leads to words, until they are said."""
        heard: list[str] = []

        async def listen() -> None:
            reply = await act()
            assert isinstance(reply, Reply)
            heard.append(self.said(reply))

        await self._until(listen, lambda: heard and all(word in heard[-1] for word in words), heard)
