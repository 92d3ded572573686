"""The gateway of `FakeDiscord`: sessions that are dropped and resumed, and events kept for them."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from aiohttp import WSMsgType, web

from tests.process.fake_world import Payload, snowflake

if TYPE_CHECKING:
    from tests.process.fake_discord import FakeDiscord

_PRIVILEGED = 1 << 1 | 1 << 8 | 1 << 15


@dataclass(slots=True)
class Session:
    """What a shard has been told, and where it listens."""

    session_id: str
    shard: tuple[int, int]
    socket: web.WebSocketResponse | None = None
    sent: list[Payload] = field(default_factory=list[Payload])
    valid: bool = True

    async def tell(self, event: str, data: Any) -> None:
        """Send an event, or keep it for when the shard is back."""
        frame = {"op": 0, "t": event, "s": len(self.sent) + 1, "d": data}
        self.sent.append(frame)
        await self.push(frame)

    async def push(self, frame: Payload) -> None:
        if self.socket is not None and not self.socket.closed:
            with contextlib.suppress(ConnectionError):
                await self.socket.send_str(json.dumps(frame))


class Gateway:
    """All sessions of the bot."""

    def __init__(self, discord: FakeDiscord) -> None:
        self.discord = discord
        self.sessions: dict[str, Session] = {}
        self.shards = 1
        self.heartbeat = 41_250  # milliseconds
        self.close_identify: int | None = None
        self.turn_away = 0  # connections to refuse before they are let in
        self.guild_delay = 0.0
        self.identifies = 0
        self.resumes = 0
        self.identified = asyncio.Event()
        self.disconnected = asyncio.Event()

    async def dispatch(self, event: str, data: Any, guild_id: str | None = None) -> None:
        """Tell every session whose shard it concerns."""
        for session in list(self.sessions.values()):
            number, count = session.shard
            about = number == (int(guild_id) >> 22) % count if guild_id else number == 0
            if about and session.valid:
                await session.tell(event, data)

    @property
    def connected(self) -> list[Session]:
        """The sessions that listen."""
        known = self.sessions.values()
        return [s for s in known if s.valid and s.socket is not None and not s.socket.closed]

    async def drop(self, how: str | int) -> None:
        """Lose the connections: by a close code, `cut`, `half` (in the middle of an event),
        `reconnect` (op 7), `invalid` or `resumable` (op 9)."""
        for session in self.connected:
            socket = session.socket
            assert socket is not None
            if how in ("invalid", 4007, 4009):
                session.valid = False
            with contextlib.suppress(ConnectionError):
                match how:
                    case int():
                        await socket.close(code=how)
                    case "reconnect":
                        await socket.send_json({"op": 7, "d": None})
                    case "invalid" | "resumable":
                        await socket.send_json({"op": 9, "d": how == "resumable"})
                    case _:
                        transport = socket._req.transport if socket._req is not None else None
                        if transport is not None:
                            if how == "half":
                                transport.write(b'\x81\x7e\x01\x00{"op":0,')
                            transport.abort()

    async def close(self) -> None:
        for session in self.sessions.values():
            if session.socket is not None:
                with contextlib.suppress(ConnectionError):
                    await session.socket.close()

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """A connection of the bot."""
        if self.turn_away:
            self.turn_away -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "d": {"heartbeat_interval": self.heartbeat}})
        known = False
        patience = self.heartbeat / 1000 * 1.5
        while True:
            try:
                frame = await socket.receive(patience)
            except TimeoutError:
                await socket.close(code=4009)
                break
            if frame.type is not WSMsgType.TEXT:
                break
            sent = json.loads(frame.data)
            if sent["op"] == 1:
                await socket.send_json({"op": 11})
            elif sent["op"] in (2, 6) and known:
                await socket.close(code=4005)
                break
            elif sent["op"] == 2:
                known = await self._identify(socket, sent["d"])
            elif sent["op"] == 6:
                known = await self._resume(socket, sent["d"])
            elif not known:
                await socket.close(code=4003)
                break
        self.disconnected.set()
        return socket

    async def _identify(self, socket: web.WebSocketResponse, identify: Payload) -> bool:
        self.identifies += 1
        code = self.close_identify
        if code is None and identify["token"] != self.discord.token:
            code = 4004
        if code is None and identify["intents"] & _PRIVILEGED:
            code = 4014
        if code is not None:
            await socket.close(code=code)
            return False
        shard = tuple(identify.get("shard", [0, 1]))
        self.sessions = {k: s for k, s in self.sessions.items() if s.shard != shard}
        session = Session(snowflake(), (shard[0], shard[1]), socket)
        self.sessions[session.session_id] = session
        world = self.discord.world
        mine = (int(world.guild_id) >> 22) % shard[1] == shard[0]
        guilds = [{"id": world.guild_id, "unavailable": True}] if mine and world.joined else []
        ready = {
            "v": 10,
            "user": world.bot,
            "guilds": guilds,
            "session_id": session.session_id,
            "resume_gateway_url": self.discord.gateway_url,
            "shard": list(shard),
            "application": {"id": world.bot["id"], "flags": 0},
        }
        await session.tell("READY", ready)
        if guilds and self.guild_delay:
            asyncio.get_running_loop().call_later(self.guild_delay, self._late, session)
        elif guilds:
            await session.tell("GUILD_CREATE", self.discord.public(world.guild_create()))
        self.identified.set()
        return True

    def _late(self, session: Session) -> None:
        created = self.discord.public(self.discord.world.guild_create())
        self._telling = asyncio.ensure_future(session.tell("GUILD_CREATE", created))

    async def _resume(self, socket: web.WebSocketResponse, resume: Payload) -> bool:
        session = self.sessions.get(resume["session_id"] or "")
        if session is None or not session.valid or resume["token"] != self.discord.token:
            await socket.send_json({"op": 9, "d": False})
            return False
        if resume["seq"] > len(session.sent):
            await socket.close(code=4007)
            return False
        self.resumes += 1
        session.socket, seen = None, resume["seq"]
        while seen < len(session.sent):  # more may come meanwhile
            await socket.send_str(json.dumps(session.sent[seen]))
            seen += 1
        session.socket = socket
        await session.tell("RESUMED", {})
        return True
