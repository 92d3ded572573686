"""Discord on a loopback port: enough of REST and gateway for the whole bot, over real HTTP.

    async with FakeDiscord() as discord:
        start the bot with discord.environment()
        await discord.ready()
        form = await discord.command(alice, discord.world.text, "ask")

Everything the bot requests is kept in `requests`. `fail` makes a request fail; `trouble` is asked
about each, before and after it took effect; `close_identify` makes the gateway turn the bot away.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import WSMsgType, web

from tests.process import fake_rest
from tests.process.fake_world import ALL_PERMISSIONS, Payload, World, snowflake

APPLICATION_ID = "801234567890123456"
TOKEN = (
    f"{base64.urlsafe_b64encode(APPLICATION_ID.encode()).decode().rstrip('=')}.GfAkEt.{'s' * 38}"
)


@dataclass(slots=True)
class Request:
    """What the bot asked for."""

    method: str
    path: str
    body: Any
    query: dict[str, str]


@dataclass(slots=True)
class Reply:
    """What the bot answered to an interaction: the first answer, and all follow-ups and edits."""

    first: Payload
    later: list[Payload] = field(default_factory=list[Payload])


CUT = 0  # instead of a status: the connection is cut, without an answer
Trouble = Callable[[Request, bool], int | None]
"""Asked with a request, and whether it took effect by now: how to answer it instead, if at all."""


@dataclass(slots=True)
class _Failure:
    method: str
    path: str
    status: int
    body: Payload
    times: int | None
    headers: dict[str, str]


class FakeDiscord:
    """The server; an async context manager."""

    def __init__(self) -> None:
        self.world = World(APPLICATION_ID)
        self.requests: list[Request] = []
        self.commands: list[Payload] = []
        self.close_identify: int | None = None
        self.trouble: Trouble | None = None
        self.replies: dict[str, Reply] = {}
        self.identified = asyncio.Event()
        self.disconnected = asyncio.Event()
        self._failures: list[_Failure] = []
        self._sockets: list[web.WebSocketResponse] = []
        self._waiting: dict[str, asyncio.Future[Payload]] = {}
        self._changed = asyncio.Condition()
        self._sequence = 0
        self._port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/gateway/", self._gateway)
        app.router.add_route("*", "/api/v10/{path:.*}", self._rest)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        for socket in self._sockets:
            with contextlib.suppress(ConnectionError):
                await socket.close()
        if self._runner is not None:
            await self._runner.cleanup()

    # --- for tests -----------------------------------------------------------------------------

    @property
    def api_url(self) -> str:
        return f"http://127.0.0.1:{self._port}/api/v10"

    @property
    def gateway_url(self) -> str:
        return f"ws://127.0.0.1:{self._port}/gateway/"

    def environment(self, **more: str) -> dict[str, str]:
        """The settings of a bot that speaks to this server."""
        return {"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": self.api_url, **more}

    def fail(
        self,
        method: str,
        path: str,
        status: int,
        *,
        code: int = 0,
        times: int | None = 1,
        headers: dict[str, str] | None = None,
    ) -> None:
        """Refuse requests whose path matches; `times` None for always."""
        body: Payload = {"code": code, "message": f"made to fail with {status}"}
        self._failures.append(_Failure(method, path, status, body, times, headers or {}))

    async def ready(self, timeout: float = 60) -> None:
        """Wait until the bot has said who it is on the gateway."""
        await asyncio.wait_for(self.identified.wait(), timeout)

    async def dispatch(self, event: str, data: Payload) -> None:
        """Send an event to every connected session."""
        self._sequence += 1
        frame = json.dumps({"op": 0, "t": event, "s": self._sequence, "d": _public(data)})
        for socket in self._sockets:
            if not socket.closed:
                with contextlib.suppress(ConnectionError):
                    await socket.send_str(frame)

    async def until(self, condition: Callable[[], object], timeout: float = 30) -> None:
        """Wait until a condition holds; it is looked at after each request of the bot."""
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(condition)

    async def command(
        self,
        person: Payload,
        channel: Payload,
        name: str,
        options: list[Payload] | None = None,
        resolved: Payload | None = None,
    ) -> Payload:
        """A person runs a slash command; returns the bot's first answer."""
        known = {each["name"]: each for each in self.commands}[name]
        data: Payload = {"id": known["id"], "name": name, "type": 1, "options": options or []}
        data["resolved"] = resolved or {}
        return await self._interact(person, channel, 2, data)

    async def submit(
        self, person: Payload, channel: Payload, form: Payload, values: dict[str, Any]
    ) -> Payload:
        """A person fills in the form that a command's answer opened."""
        components = [
            label | {"component": _filled(label["component"], values)}
            for label in form["data"]["components"]
        ]
        data = {"custom_id": form["data"]["custom_id"], "components": components}
        return await self._interact(person, channel, 5, data)

    async def click(self, person: Payload, message: Payload, custom_id: str) -> Payload:
        """A person clicks a button of a message."""
        channel = self.world.channels[message["channel_id"]]
        data = {"custom_id": custom_id, "component_type": 2}
        return await self._interact(person, channel, 3, data, message=message)

    async def react(self, person: Payload, message: Payload, emoji: str) -> None:
        """A person reacts to a message."""
        self.world.react(message, person["id"], emoji)
        event = {
            "user_id": person["id"],
            "channel_id": message["channel_id"],
            "message_id": message["id"],
            "guild_id": self.world.guild_id,
            "member": self.world.members[person["id"]],
            "emoji": {"id": None, "name": emoji},
            "message_author_id": message["author"]["id"],
            "burst": False,
            "type": 0,
        }
        await self.dispatch("MESSAGE_REACTION_ADD", event)

    async def _interact(
        self,
        person: Payload,
        channel: Payload,
        kind: int,
        data: Payload,
        message: Payload | None = None,
    ) -> Payload:
        token = "interaction-" + snowflake()
        self._waiting[token] = asyncio.get_running_loop().create_future()
        event = {
            "id": snowflake(),
            "application_id": APPLICATION_ID,
            "type": kind,
            "token": token,
            "version": 1,
            "data": data,
            "guild_id": self.world.guild_id,
            "guild": {"id": self.world.guild_id, "locale": "en-US", "features": []},
            "channel_id": channel["id"],
            "channel": channel,
            "member": self.world.members[person["id"]],
            "locale": "en-US",
            "guild_locale": "en-US",
            "app_permissions": ALL_PERMISSIONS,
            "entitlements": [],
            "authorizing_integration_owners": {"0": self.world.guild_id},
            "context": 0,
            "attachment_size_limit": 10_485_760,
        }
        if message is not None:
            event["message"] = message
        await self.dispatch("INTERACTION_CREATE", event)
        return await asyncio.wait_for(self._waiting[token], 30)

    def answered(self, token: str, body: Payload) -> None:
        """The bot answered an interaction."""
        self.replies[token] = Reply(body)
        if token in self._waiting and not self._waiting[token].done():
            self._waiting[token].set_result(body)

    # --- REST ----------------------------------------------------------------------------------

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        path = "/" + unquote(request.match_info["path"])
        body = await _body(request)
        asked = Request(request.method, path, body, dict(request.query))
        self.requests.append(asked)
        try:
            troubled = self._troubled(request, asked, took_effect=False)
            if troubled is not None:
                return troubled
            failure = self._failing(request.method, path)
            if failure is not None:
                return _json(failure.body, failure.status, failure.headers)
            authorised = request.headers.get("Authorization") == f"Bot {TOKEN}"
            if not authorised and not path.startswith(("/interactions", "/webhooks", "/gateway")):
                return _json({"code": 0, "message": "401: Unauthorized"}, 401)
            found = fake_rest.route(request.method, path)
            if found is None:
                unknown = {"code": 0, "message": f"FakeDiscord has no {request.method} {path}"}
                return _json(unknown, 404)
            handler, arguments = found
            try:
                answer = await handler(self, body, dict(request.query), *arguments)
            except fake_rest.Refused as refused:
                return _json({"code": refused.code, "message": "refused"}, refused.status)
            troubled = self._troubled(request, asked, took_effect=True)
            if troubled is not None:
                return troubled
            if answer is None:
                return web.Response(status=204)
            return _json(_public(answer))
        finally:
            async with self._changed:
                self._changed.notify_all()

    def _troubled(
        self, request: web.Request, asked: Request, *, took_effect: bool
    ) -> web.StreamResponse | None:
        status = self.trouble(asked, took_effect) if self.trouble is not None else None
        if status is None:
            return None
        if status == CUT and request.transport is not None:
            request.transport.abort()
        body: Payload = {"code": 0, "message": f"troubled with {status}"}
        if status == 429:
            body |= {"retry_after": 0.05, "global": False}
        return _json(body, status or 500, {"Via": "1.1 discord"})  # else the library says: banned

    def _failing(self, method: str, path: str) -> _Failure | None:
        for failure in self._failures:
            if failure.method in ("*", method) and fnmatch(path, failure.path):
                if failure.times is not None:
                    failure.times -= 1
                    if failure.times <= 0:
                        self._failures.remove(failure)
                return failure
        return None

    # --- gateway -------------------------------------------------------------------------------

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": 41_250}})
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            sent = json.loads(frame.data)
            if sent["op"] == 1:
                await socket.send_json({"op": 11})
            elif sent["op"] == 2:
                if self.close_identify is not None:
                    await socket.close(code=self.close_identify)
                    break
                await self._welcome(socket, sent["d"])
            elif sent["op"] == 6:
                self._sockets.append(socket)
                await self.dispatch("RESUMED", {})
        self.disconnected.set()
        return socket

    async def _welcome(self, socket: web.WebSocketResponse, identify: Payload) -> None:
        self._sockets.append(socket)
        ready = {
            "v": 10,
            "user": self.world.bot,
            "guilds": [{"id": self.world.guild_id, "unavailable": True}],
            "session_id": snowflake(),
            "resume_gateway_url": self.gateway_url,
            "shard": identify.get("shard", [0, 1]),
            "application": {"id": APPLICATION_ID, "flags": 0},
        }
        await self.dispatch("READY", ready)
        await self.dispatch("GUILD_CREATE", self.world.guild_create())
        self.identified.set()


def _json(
    body: Any, status: int = 200, headers: dict[str, str] | None = None
) -> web.StreamResponse:
    # The library takes a body for JSON only where its type is exactly this, without a charset.
    text = json.dumps(body).encode()
    return web.Response(body=text, status=status, headers=headers, content_type="application/json")


async def _body(request: web.Request) -> Any:
    if request.content_type.startswith("multipart/"):
        form = await request.post()
        return json.loads(str(form.get("payload_json", "{}")))
    text = await request.text()
    return json.loads(text) if text else None


def _filled(component: Payload, values: dict[str, Any]) -> Payload:
    value = values.get(component["custom_id"])
    shown = {key: component[key] for key in ("type", "id", "custom_id") if key in component}
    if component["type"] == 4:
        return shown | {"value": value or ""}
    return shown | {"values": value or []}


def _public(data: Any) -> Any:
    """Without the fake's own notes."""
    if isinstance(data, dict):
        return {k: _public(v) for k, v in data.items() if not str(k).startswith("_")}
    return [_public(each) for each in data] if isinstance(data, list) else data
