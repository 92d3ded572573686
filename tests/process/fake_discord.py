"""Discord on a loopback port: enough of REST and gateway for the whole bot, over real HTTP.

    async with FakeDiscord() as discord:
        start the bot with discord.environment()
        await discord.ready()
        form = await discord.command(alice, discord.world.text, "ask")

It is as strict as Discord: requests that its specification, its limits or the bot's permissions do
not allow are refused, and the former are kept in `problems`. Everything the bot requests is kept in
`requests`. `fail` makes a request fail; `trouble` is asked about each, before and after it took
effect; `gateway` drops connections.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import Any, Self
from urllib.parse import unquote

from aiohttp import web

from tests.process import fake_messages, fake_replies, fake_rest
from tests.process.fake_gateway import Gateway
from tests.process.fake_people import People
from tests.process.fake_permissions import Refused
from tests.process.fake_replies import Reply
from tests.process.fake_rules import Pace, Request, read
from tests.process.fake_world import Payload, World, snowflake

APPLICATION_ID = "801234567890123456"
TOKEN = (
    f"{base64.urlsafe_b64encode(APPLICATION_ID.encode()).decode().rstrip('=')}.GfAkEt.{'s' * 38}"
)
CUT = 0  # instead of a status: the connection is cut, without an answer
Trouble = Callable[[Request, bool], int | None]
"""Asked with a request, and whether it took effect by now: how to answer it instead, if at all."""
Giving = Callable[[web.Request], Awaitable[web.StreamResponse]]
"""How a file is given out."""
# Requests in so many seconds: for each channel, as Discord has them at the time of writing.
_LIMITS = (
    ("PUT", "/channels/*/reactions/*", 4, 1.0),
    ("POST", "/channels/*/messages", 5, 5.0),
    ("PATCH", "/channels/*/messages/*", 5, 5.0),
    ("*", "/channels/*/messages/pins/*", 5, 5.0),
    ("POST", "/channels/*/threads", 5, 5.0),
)
_GLOBAL = 50
_OPEN = ("/interactions", "/webhooks", "/gateway")  # without a token


@dataclass(slots=True)
class _Failure:
    method: str
    path: str
    status: int
    body: Payload
    times: int | None
    headers: dict[str, str]


class FakeDiscord(People):
    """The server; an async context manager."""

    def __init__(self) -> None:
        super().__init__(World(APPLICATION_ID))
        self.token = TOKEN
        self.gateway = Gateway(self)
        self.pace = Pace()
        self.requests: list[Request] = []
        self.refusals: list[str] = []
        self.problems: list[str] = []
        self.commands: list[Payload] = []
        self.trouble: Trouble | None = None
        self.closed_dms: set[str] = set()
        self.forbidden_words: set[str] = set()
        self.slow: dict[str, float] = {}
        """How many seconds the answers to some requests are on their way."""
        self.given_out: dict[str, Giving] = {}
        """Files, by their ids, that are given out in some way of their own."""
        self._files: dict[str, bytes] = {}
        self._failures: list[_Failure] = []
        self._changed = asyncio.Condition()
        self._port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=64 * 1024**2)
        app.router.add_get("/gateway/", self.gateway.serve)
        app.router.add_get("/cdn/{name}", self._download)
        app.router.add_route("*", "/api/v10/{path:.*}", self._rest)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.gateway.close()
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
        **more: Any,
    ) -> None:
        """Refuse requests whose path matches; `times` None for always."""
        body: Payload = {"code": code, "message": f"made to fail with {status}", **more}
        self._failures.append(_Failure(method, path, status, body, times, headers or {}))

    def mend(self) -> None:
        """Refuse nothing of that any more."""
        self._failures.clear()

    async def ready(self, timeout: float = 60) -> None:
        """Wait until the bot has said who it is on the gateway."""
        await asyncio.wait_for(self.gateway.identified.wait(), timeout)

    async def dispatch(self, event: str, data: Payload) -> None:
        """Tell the bot of something."""
        await self.gateway.dispatch(event, self.public(data), data.get("guild_id"))

    async def until(self, condition: Callable[[], object], timeout: float = 60) -> None:
        """Wait until a condition holds; it is looked at after each request of the bot."""
        async with asyncio.timeout(timeout), self._changed:
            await self._changed.wait_for(condition)

    def keep_file(self, name: str, content: bytes, kind: str = "image/png") -> Payload:
        """A file that can be downloaded, as an attachment."""
        file_id = snowflake()
        self._files[file_id] = content
        url = f"http://127.0.0.1:{self._port}/cdn/{file_id}"
        return {
            "id": file_id,
            "filename": name,
            "size": len(content),
            "url": url,
            "proxy_url": url,
            "content_type": kind,
        }

    def public(self, data: Any) -> Any:
        """Without the fake's own notes."""
        if isinstance(data, dict):
            return {k: self.public(v) for k, v in data.items() if not str(k).startswith("_")}
        return [self.public(each) for each in data] if isinstance(data, list) else data

    # --- REST ----------------------------------------------------------------------------------

    async def _download(self, request: web.Request) -> web.StreamResponse:
        giving = self.given_out.get(request.match_info["name"])
        if giving is not None:
            return await giving(request)
        content = self._files.get(request.match_info["name"])
        return web.Response(status=404) if content is None else web.Response(body=content)

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        path = "/" + unquote(request.match_info["path"])
        asked, problems = await read(request, path)
        self.requests.append(asked)
        if path.endswith("/callback") and path.split("/")[3] in self.replies:
            self.replies[path.split("/")[3]].tried = True
        try:
            what = f"{asked.method} {asked.path}"
            slow = max((s for each, s in self.slow.items() if fnmatch(what, each)), default=0.0)
            answer = await self._answer(request, asked, problems)
            if slow:
                async with self._changed:
                    self._changed.notify_all()
                await asyncio.sleep(slow)
            return answer
        finally:
            async with self._changed:
                self._changed.notify_all()

    async def _answer(
        self, request: web.Request, asked: Request, problems: list[str]
    ) -> web.StreamResponse:
        troubled = self._troubled(request, asked, took_effect=False)
        if troubled is not None:
            return troubled
        failure = self._failing(asked.method, asked.path)
        if failure is not None:
            return _json(failure.body, failure.status, failure.headers)
        authorised = request.headers.get("Authorization") == f"Bot {TOKEN}"
        if not authorised and not asked.path.startswith(_OPEN):
            return _json({"code": 0, "message": "401: Unauthorized"}, 401)
        found = fake_rest.route(asked.method, asked.path)
        if found is None:
            problems.append(f"FakeDiscord has no {asked.method} {asked.path}")
        if problems or found is None:
            self.problems += problems
            return _json({"code": 50035, "message": "; ".join(problems)}, 400)
        headers, limited = self._paced(asked)
        if limited is not None:
            return limited
        handler, arguments = found
        try:
            answer = self.public(await handler(self, asked, *arguments))
        except Refused as refused:
            self.refusals.append(f"{asked.method} {asked.path}: {refused}")
            more = {"message": refused.why, **refused.more}
            if refused.status == 429:
                more = {"retry_after": 1.0, "global": False} | more
            return _json({"code": refused.code, **more}, refused.status, headers)
        troubled = self._troubled(request, asked, took_effect=True)
        if troubled is not None:
            return troubled
        return _json(answer, 200, headers) if answer is not None else _nothing(headers)

    def _paced(self, asked: Request) -> tuple[dict[str, str], web.StreamResponse | None]:
        if asked.path.startswith(("/interactions", "/webhooks")):
            return {}, None
        if self.pace.limit("all", _GLOBAL, 1.0) is None:
            wait = self.pace.wait("all", 1.0)
            return {}, _json({"message": "global", "retry_after": wait, "global": True}, 429)
        for method, path, most, seconds in _LIMITS:
            if method in ("*", asked.method) and fnmatch(asked.path, path):
                bucket = f"{method} {path.replace('*', asked.path.split('/')[2], 1)}"
                left = self.pace.limit(bucket, most, seconds)
                headers = {"X-RateLimit-Limit": str(most), "X-RateLimit-Bucket": method + path}
                if left is None:
                    wait = self.pace.wait(bucket, seconds)
                    body: Payload = {"message": "slow", "retry_after": wait, "global": False}
                    return {}, _json(body, 429, headers)
                headers["X-RateLimit-Remaining"] = str(left[0])
                headers["X-RateLimit-Reset-After"] = f"{left[1]:.3f}"
                return headers, None
        return {}, None

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
        return _json(body, status or 500)

    def _failing(self, method: str, path: str) -> _Failure | None:
        for failure in self._failures:
            if failure.method in ("*", method) and fnmatch(path, failure.path):
                if failure.times is not None:
                    failure.times -= 1
                    if failure.times <= 0:
                        self._failures.remove(failure)
                return failure
        return None


def _json(
    body: Any, status: int = 200, headers: dict[str, str] | None = None
) -> web.StreamResponse:
    # The library takes a body for JSON only where its type is exactly this, without a charset; and
    # a refusal without `Via` for Cloudflare's, which bans.
    text = json.dumps(body).encode()
    headers = {"Via": "1.1 google", **(headers or {})}
    return web.Response(body=text, status=status, headers=headers, content_type="application/json")


def _nothing(headers: dict[str, str]) -> web.StreamResponse:
    return web.Response(status=204, headers=headers)


__all__ = ["CUT", "TOKEN", "FakeDiscord", "Reply", "Request", "Trouble"]
_HANDLERS = (fake_messages, fake_replies)  # imported for what they answer
