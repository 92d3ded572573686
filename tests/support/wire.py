"""What can go wrong between the bot and Discord, made to go wrong on purpose.

    wire.fail("POST", "/channels/*/messages", Failure.LOST)         # it arrived; the answer did not
    wire.fail("PUT", "*/reactions/*", Failure.FORBIDDEN, times=None)    # from now on, every time
    wire.fail("*", "*", Failure.CUT, skip=2, every=5, times=None)   # the third, the eighth, …
    wire.kill("POST", "*/threads", after=True)                      # the process dies there
    wire.hang("POST", "*/threads", after=True)                      # no answer comes, ever

simcord's own `inject_error` fails a request before it took effect, with a plain HTTPException.
Here a request may also fail after it took effect, with what the library raises in that case.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatch
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord

from tests.support.simulator import Perform, Request

# What a process asks before it is connected; no trap is for these.
_START = ("/oauth2/", "/applications/")


class Killed(BaseException):
    """The process is dead: nothing it still tries has any effect.

    Not an `Exception`, so that the bot's own error handling does not go on as if it lived.
    """


class Failure(Enum):
    """How a request fails: (status, Discord's code, whether it took effect nevertheless)."""

    INVALID = (400, 50035, False)
    UNKNOWN_EMOJI = (400, 10014, False)
    FORBIDDEN = (403, 50013, False)
    NO_ACCESS = (403, 50001, False)
    NO_FIRST_MESSAGE = (403, 40058, False)
    NO_DIRECT_MESSAGES = (403, 50007, False)
    UNKNOWN_CHANNEL = (404, 10003, False)
    UNKNOWN_MESSAGE = (404, 10008, False)
    UNKNOWN_INTERACTION = (404, 10062, False)
    SERVER_ERROR = (500, 0, False)
    UNAVAILABLE = (503, 0, False)
    CUT = (0, 0, False)
    LOST = (0, 0, True)
    SERVER_ERROR_AFTER = (500, 0, True)

    @property
    def took_effect(self) -> bool:
        """Whether Discord did what was asked before the failure."""
        return self.value[2]

    def error(self) -> Exception:
        """What discord.py raises: it lets a cut connection through as aiohttp's own error."""
        status, code, _ = self.value
        if not status:
            return aiohttp.ServerDisconnectedError()
        kind = {403: discord.Forbidden, 404: discord.NotFound}.get(
            status, discord.DiscordServerError if status >= 500 else discord.HTTPException
        )
        response: Any = SimpleNamespace(status=status, reason="made to fail", headers={})
        return kind(response, {"code": code, "message": f"{self.name} (made to fail)"})


@dataclass(slots=True)
class _Trap:
    method: str
    path: str
    failure: Failure | None
    dies: bool  # the process, instead; or, with neither, Discord never answers
    after: bool
    skip: int
    every: int
    times: int | None
    passed: int = 0
    sprung: int = 0

    def catches(self, request: Request) -> bool:
        if not fnmatch(request.method, self.method) or not fnmatch(request.path, self.path):
            return False
        number = self.passed - self.skip
        self.passed += 1
        if number < 0 or number % self.every:
            return False
        return self.times is None or self.sprung < self.times


class Wire:
    """Stands between the bot and Discord (see `simulator.intercepted`)."""

    def __init__(self, never: Callable[[], Awaitable[Any]]) -> None:
        self._never = never
        self.seen: list[Request] = []
        self.dead = False
        self.when_killed: Callable[[], None] = lambda: None
        self._traps: list[_Trap] = []

    def fail(
        self,
        method: str,
        path: str,
        failure: Failure,
        *,
        skip: int = 0,
        every: int = 1,
        times: int | None = 1,
    ) -> None:
        """Fail matching requests: after letting `skip` of them pass, every so-manieth, so many
        times (None: without end).

        Both may hold wildcards, as in `/channels/*/messages`, or `[!G]*` for all but GET.
        """
        trap = _Trap(method, path, failure, False, failure.took_effect, skip, every, times)
        self._traps.append(trap)

    def kill(
        self,
        method: str = "*",
        path: str = "*",
        *,
        after: bool = False,
        skip: int = 0,
        every: int = 1,
        times: int | None = 1,
    ) -> None:
        """End the process at a matching request: before it is sent, or after it took effect."""
        self._traps.append(_Trap(method, path, None, True, after, skip, every, times))

    def hang(self, method: str, path: str, *, after: bool = False, skip: int = 0) -> None:
        """Leave a matching request without any answer: whoever made it waits until cancelled."""
        self._traps.append(_Trap(method, path, None, False, after, skip, 1, 1))

    def mend(self) -> None:
        """From now on all goes well again. A dead process stays dead until `revive`."""
        self._traps.clear()

    def revive(self) -> None:
        """A new process uses the wire. Traps stay set."""
        self.dead = False

    @property
    def sprung(self) -> int:
        """How many requests were made to fail so far by the traps still set."""
        return sum(trap.sprung for trap in self._traps)

    async def __call__(self, request: Request, perform: Perform) -> Any:
        if self.dead:
            raise Killed(str(request))
        self.seen.append(request)
        starting = request.path.startswith(_START)
        trap = next((t for t in self._traps if not starting and t.catches(request)), None)
        if trap is None:
            return await perform()
        trap.sprung += 1
        if trap.after:
            await perform()
        if trap.failure is not None:
            raise trap.failure.error()
        if trap.dies:
            self.dead = True
            self.when_killed()
            raise Killed(str(request))
        return await self._never()
