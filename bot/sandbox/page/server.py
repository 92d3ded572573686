"""The lobby's own small web server: loopback only, for the browser that opened its page only."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

# What needs the simulation is imported when there is one: the page answers before.
if TYPE_CHECKING:
    from bot.sandbox.page.lobby import Lobby

STATIC = Path(str(files("bot.sandbox.page"))) / "static"
KINDS = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".ttf": "font/ttf",
}
FONTS = ("noto-sans-latin-v2.015.ttf", "noto-color-emoji-v2.051.ttf")
MAKING = {"making": True}
PROOF = "X-Askwell-Token"
LARGEST_REQUEST = 4_096
FRAME_FILES = {
    "/askwell-frame.js": "frame.js",
    "/askwell-frame.css": "frame.css",
    "/askwell-theme.css": "frame-theme.css",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Serves the page and does what it asks for.

    Whoever acts must know the token that is written into the page. A page on the web can neither
    read it (same-origin policy, and a Host that is not loopback is refused, so that a name made to
    point here does not help), nor put ours into a frame, nor send what counts as a request.
    """

    def __init__(self) -> None:
        self.port = 0
        self.visited = asyncio.Event()
        """Somebody has opened the page."""
        self._lobby: Lobby | None = None
        self._shown = asyncio.Event()
        self._token = secrets.token_urlsafe(32)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    @asynccontextmanager
    async def running(self, port: int) -> AsyncGenerator[None, None]:
        """Listen on `port` of 127.0.0.1, or any free one for 0. Raises OSError when it is taken."""
        app = web.Application(middlewares=[self._guard], client_max_size=LARGEST_REQUEST)
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/static/{name:[a-z.-]+}", self._static),
                web.get("/avatars/{name:[a-z]+}.png", self._avatar),
                web.get("/fonts/{name:[a-z0-9.-]+}", self._font),
                web.get("/api/state", self._state),
                web.post("/api/{action:[a-z-]+}", self._act),
            ]
        )
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", port).start()
            self.port = int(runner.addresses[0][1])
            yield
        finally:
            await runner.cleanup()

    @contextmanager
    def showing(self, lobby: Lobby) -> Generator[None, None, None]:
        """Show the lobby; before, the page says that the server is being made."""
        from bot.sandbox import _simcord_page

        with _simcord_page.framed_preview(
            parents=tuple(self._origins()),
            gate=lobby.gate,
            files=self._frame_files(lobby),
            into_head=(
                '<link rel="stylesheet" href="/askwell-theme.css">'
                '<link rel="stylesheet" href="/askwell-frame.css">'
                '<script type="module" src="/askwell-frame.js"></script>'
            ),
        ):
            self._lobby = lobby
            self._shown.set()
            try:
                yield
            finally:
                self._lobby = None

    # --- who may ------------------------------------------------------------------------------

    def _hosts(self) -> set[str]:
        return {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}

    def _origins(self) -> list[str]:
        return [f"http://{host}" for host in sorted(self._hosts())]

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.headers.get("Host", "") not in self._hosts():
            raise web.HTTPForbidden(text="This page is only for the machine it runs on.\n")
        if request.path.startswith("/api/"):
            token = request.headers.get(PROOF, "")
            origin = request.headers.get("Origin")
            if not secrets.compare_digest(token.encode(), self._token.encode()):
                raise web.HTTPForbidden(text="Open the page anew: this one is of an earlier run.\n")
            if origin is not None and origin not in self._origins():
                raise web.HTTPForbidden(text="Another page may not do this.\n")
        response = await handler(request)
        response.headers.update(self._headers())
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    def _headers(self) -> dict[str, str]:
        return {
            "Content-Security-Policy": (
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
                "font-src 'self'; connect-src 'self'; frame-src http://127.0.0.1:*; "
                "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
            ),
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
        }

    # --- what is served -----------------------------------------------------------------------

    async def _page(self, _: web.Request) -> web.Response:
        text = (STATIC / "index.html").read_text("utf-8").replace("{{token}}", self._token)
        return web.Response(text=text, content_type="text/html")

    async def _static(self, request: web.Request) -> web.Response:
        return self._file(STATIC / request.match_info["name"])

    async def _avatar(self, request: web.Request) -> web.Response:
        return self._file(STATIC / "avatars" / f"{request.match_info['name']}.png")

    async def _font(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in FONTS:
            raise web.HTTPNotFound
        await self._shown.wait()
        from bot.sandbox import _simcord_page

        response = self._file(_simcord_page.font(name))
        response.headers["Cache-Control"] = "private, max-age=86400, immutable"
        return response

    def _file(self, path: Path) -> web.Response:
        if path.suffix not in KINDS or not path.is_file():
            raise web.HTTPNotFound
        return web.Response(body=path.read_bytes(), content_type=KINDS[path.suffix])

    def _frame_files(self, lobby: Lobby) -> dict[str, tuple[str, str]]:
        """What is added to simcord's page: it cannot do context menus or new reactions."""
        from bot.sandbox.page.lobby import MESSAGE_MENU, VOTES

        menus = lobby.menus(MESSAGE_MENU)
        given = json.dumps({"menus": menus, "votes": VOTES}, ensure_ascii=False)
        return {
            path: (
                KINDS[Path(name).suffix],
                (STATIC / name).read_text("utf-8").replace("/*{{given}}*/ {}", given),
            )
            for path, name in FRAME_FILES.items()
        }

    # --- what can be done ---------------------------------------------------------------------

    async def _state(self, _: web.Request) -> web.Response:
        self.visited.set()
        lobby = self._lobby
        if lobby is None or not lobby.entered:
            return web.json_response(MAKING)
        with lobby.env.time_context():
            return await self._drawn(lobby)

    async def _drawn(self, lobby: Lobby, refused: str | None = None) -> web.Response:
        from bot.sandbox.page.drawing import state

        await lobby.mend()
        shown = state(lobby)
        return web.json_response(shown if refused is None else {"refused": refused, **shown})

    async def _act(self, request: web.Request) -> web.Response:
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        lobby = self._lobby
        if lobby is None or not lobby.entered:
            return web.json_response(MAKING)
        with lobby.env.time_context():
            return await self._done(lobby, request)

    async def _done(self, lobby: Lobby, request: web.Request) -> web.Response:
        from bot.sandbox.page.surroundings import Refused

        try:
            body = await request.json()
            work = self._work(lobby, request.match_info["action"], body)
        except (ValueError, TypeError, KeyError, AttributeError):
            raise web.HTTPBadRequest(text="That request says too little.\n") from None
        try:
            await lobby.mend()
            await work()
        except Refused as refusal:
            return await self._drawn(lobby, str(refusal))
        return await self._drawn(lobby)

    def _work(
        self, lobby: Lobby, action: str, body: dict[str, Any]
    ) -> Callable[[], Awaitable[None]]:
        """What a request asks for, its parts already checked. Raises KeyError and the like."""
        message = int(body.get("message") or 0)
        match action:
            case "hello":
                zone = str(body["zone"])
                return lambda: lobby.use_zone(zone)
            case "move":
                channel = int(body.get("channel") or 0) or None
                who = None if body.get("who") is None else str(body["who"])
                return lambda: lobby.move(who=who, channel=channel, message=message or None)
            case "visit":
                server = str(body["server"])
                return lambda: lobby.visit(server)
            case "speak":
                person, locale = str(body["person"]), str(body["locale"])
                return lambda: lobby.speak(person, locale)
            case "follow":
                step = str(body["step"])
                return lambda: lobby.follow(step)
            case "skip":
                return lobby.skip
            case "react":
                emoji = str(body["emoji"])
                return lambda: lobby.react(message, emoji)
            case "dismiss":
                return lambda: lobby.dismiss(message)
            case "pin":
                return lambda: lobby.pin(message)
            case "menu":
                name = str(body["name"])
                return lambda: lobby.use_menu(message, name)
            case "person-menu":
                person, name = str(body["person"]), str(body["name"])
                return lambda: lobby.use_person_menu(person, name)
            case _:
                raise web.HTTPNotFound
