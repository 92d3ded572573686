"""What can go wrong between the bot and Discord, made to go wrong on purpose.

    wire.fail("POST", "/channels/*/messages", Failure.LOST)         # it arrived; the answer did not
    wire.fail("PUT", "*/reactions/*", Failure.FORBIDDEN, times=None)    # from now on, every time
    wire.fail_nth(7, Failure.SERVER_ERROR)                          # the seventh request from now
    wire.kill("POST", "*/threads", after=True)                      # the process dies there

simcord's own `inject_error` fails a request before it took effect, with a plain HTTPException.
Here a request may also fail after it took effect, with what the library raises in that case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatch
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord

from tests.support.simulator import Perform, Request


class Killed(BaseException):
    """The process is dead: nothing it still tries has any effect.

    Not an `Exception`, so that the bot's own error handling does not go on as if it lived.
    """


class Failure(Enum):
    """How a request fails: (status, Discord's code, whether it took effect nevertheless)."""

    FORBIDDEN = (403, 50013, False)
    NO_ACCESS = (403, 50001, False)
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
    failure: Failure | None  # None: the process dies
    after: bool
    skip: int
    times: int | None
    sprung: int = 0

    def catches(self, request: Request) -> bool:
        if self.method not in ("*", request.method) or not fnmatch(request.path, self.path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        return self.times is None or self.sprung < self.times


class Wire:
    """Stands between the bot and Discord (see `simulator.intercepted`)."""

    def __init__(self) -> None:
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
        times: int | None = 1,
    ) -> None:
        """Fail matching requests, after letting `skip` of them pass; `times=None`: all of them.

        `path` may hold wildcards, as in `/channels/*/messages`; `method` may be `*`.
        """
        self._traps.append(_Trap(method, path, failure, failure.took_effect, skip, times))

    def fail_nth(self, number: int, failure: Failure) -> None:
        """Fail the n-th request from now, counting from 1, whichever it is."""
        self.fail("*", "*", failure, skip=number - 1)

    def kill(
        self, method: str = "*", path: str = "*", *, after: bool = False, skip: int = 0
    ) -> None:
        """End the process at a matching request: before it is sent, or after it took effect."""
        self._traps.append(_Trap(method, path, None, after, skip, 1))

    def mend(self) -> None:
        """From now on all goes well again. A dead process stays dead until `revive`."""
        self._traps.clear()

    def revive(self) -> None:
        """A new process uses the wire."""
        self.mend()
        self.dead = False

    @property
    def sprung(self) -> int:
        """How many requests were made to fail so far by the traps still set."""
        return sum(trap.sprung for trap in self._traps)

    async def __call__(self, request: Request, perform: Perform) -> Any:
        if self.dead:
            raise Killed(str(request))
        self.seen.append(request)
        trap = next((trap for trap in self._traps if trap.catches(request)), None)
        if trap is None:
            return await perform()
        trap.sprung += 1
        if trap.after:
            await perform()
        if trap.failure is None:
            self.dead = True
            self.when_killed()
            raise Killed(str(request))
        raise trap.failure.error()
