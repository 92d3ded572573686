"""Discord on a loopback port in a hurry: for events by the thousand, whose answers are only timed.

All else stays as strict as `FakeDiscord` is. What is measured takes a lane of its own: events are
written down once, with gaps for what differs, and go to the socket as they are; answers to them are
looked at for a few bytes, and confirmed with what the strict server said once.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.process.fake_discord import FakeDiscord
from tests.process.fake_world import Payload, snowflake

_GAP = re.compile(r'"<gap (\w+)>"')
INTERACTION, REACTION = "INTERACTION_CREATE", "MESSAGE_REACTION_ADD"
_LEAN = "lean-"  # how tokens of the fast lane begin
_DEFERRED = 5
_HEADERS = {"Via": "1.1 google"}
_TWICE = b'{"code": 40060, "message": "Interaction has already been acknowledged"}'
_NOT_KEPT: Payload = {}
_CLOCK = time.perf_counter

Values = Mapping[str, str]
Heard = Callable[[float], None]
"""Called with the seconds until an interaction was acknowledged."""


def gap(name: str) -> str:
    """What stands in a pattern where something differs each time."""
    return f"<gap {name}>"


class Pattern:
    """JSON with gaps, written down once. Gaps are filled with JSON."""

    def __init__(self, data: Any) -> None:
        self._parts = _GAP.split(json.dumps(data))

    def filled(self, values: Values) -> bytes:
        """The whole text."""
        parts = self._parts
        return "".join(values[p] if n % 2 else p for n, p in enumerate(parts)).encode()


@dataclass(frozen=True, slots=True)
class Act:
    """What people do again and again: its event, what differs each time, and its answer."""

    event: Pattern
    turns: Iterator[Values]
    confirmed: Pattern
    says: bytes
    """What is to be in each answer."""


class LeanDiscord(FakeDiscord):
    """The server with its fast lane."""

    def __init__(self) -> None:
        super().__init__()
        self.right = 0
        """Answers on the fast lane that say what they should."""
        self.begun = 0
        """Acts on the fast lane."""
        self.said = b""
        """The last answer there."""
        self._last_events: dict[str, Payload] = {}
        self._last_answer: Any = None
        self._open: dict[str, tuple[Act, float, Heard]] = {}
        self._deferred: dict[str, Act] = {}

    # --- what was said once by the strict server -----------------------------------------------

    async def dispatch(self, event: str, data: Payload) -> None:
        """Tell the bot of something, and keep it for a pattern."""
        if event == INTERACTION:
            self._last_answer = None
        self._last_events[event] = self.public(data)
        await super().dispatch(event, data)

    def pattern(self, event: str, **gaps: Any) -> Pattern:
        """The last event of a name, with gaps in its data."""
        data = self._last_events[event] | gaps
        return Pattern({"op": 0, "t": event, "s": gap("s"), "d": data})

    async def confirmation(self) -> Pattern:
        """How the answer to the last interaction was confirmed, for messages with other ids."""
        while self._last_answer is None:  # the bot is heard before it is told so
            await asyncio.sleep(0.001)
        said = json.dumps(self._last_answer)
        message = self._last_answer["resource"]["message"]["id"]
        return Pattern(json.loads(said.replace(f'"{message}"', json.dumps(gap("message")))))

    # --- the fast lane -------------------------------------------------------------------------

    def tell(self, event: Pattern, values: Values) -> None:
        """Send an event at once. It can't be sent again: after it, no session is resumed."""
        (session,) = self.gateway.connected
        session.sent.append(_NOT_KEPT)
        data = event.filled({"s": str(len(session.sent)), **values})
        socket = session.socket
        assert socket is not None
        assert socket._req is not None
        assert socket._req.transport is not None
        socket._req.transport.write(_frame(data))

    def begin(self, act: Act, heard: Heard) -> None:
        """Somebody does it."""
        self.begun += 1
        token = f"{_LEAN}{self.begun}"
        values = {"id": f'"{snowflake()}"', "token": f'"{token}"', **next(act.turns)}
        self._open[token] = (act, _CLOCK(), heard)
        self.tell(act.event, values)

    @property
    def unanswered(self) -> int:
        """How many wait for the answer proper."""
        return len(self._open) + len(self._deferred)

    async def _rest(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"].split("/")
        if len(path) > 2 and path[2].startswith(_LEAN):
            return await self._fast(request, path[2])
        answer = await super()._rest(request)
        if path[-1] == "callback" and isinstance(answer, web.Response) and answer.body:
            self._last_answer = json.loads(bytes(answer.body))  # type: ignore[arg-type]
        return answer

    async def _fast(self, request: web.Request, token: str) -> web.StreamResponse:
        arrived = _CLOCK()
        self.said = body = await request.read()
        if not request.match_info["path"].endswith("/callback"):
            act = self._deferred.pop(token)
            self.right += act.says in body
            confirmed = json.loads(_confirmation(act))["resource"]["message"]
            return _json(json.dumps(confirmed).encode())
        if token not in self._open:
            return _json(_TWICE, 400)
        act, began, heard = self._open.pop(token)
        if act.says in body:
            self.right += 1
        elif json.loads(body)["type"] == _DEFERRED:
            self._deferred[token] = act
        heard(arrived - began)
        return _json(_confirmation(act))


def _confirmation(act: Act) -> bytes:
    return act.confirmed.filled({"message": f'"{snowflake()}"'})


def _json(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, headers=_HEADERS, content_type="application/json")


def _frame(data: bytes) -> bytes:
    """A text for a websocket, not compressed."""
    size = len(data)
    if size < 126:
        return b"\x81" + bytes([size]) + data
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big") + data
    return b"\x81\x7f" + size.to_bytes(8, "big") + data
