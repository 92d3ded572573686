"""Servers in which something changed, collected for a few seconds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from discord.ext import tasks

from cogs.foundation.ending import Ending

REST: Final = 5.0  # seconds between two rounds of looks


class ChangedServers:
    """Servers to check, each once for all changes since the last check. Nothing runs while there is
    none."""

    def __init__(self, look_at: Callable[[int], Awaitable[bool]]) -> None:
        """`look_at` checks one server, by its id. If it returns False, the server is checked again
        in the next round."""
        self._look_at = look_at
        self._waiting: set[int] = set()
        self._ended = False

    def add(self, guild_id: int) -> None:
        """Have a server checked: at once if no round is running, else in the next."""
        self._waiting.add(guild_id)
        if not self._look.is_running() and not self._ended:
            self._look.start()

    async def end(self, ending: Ending) -> None:
        """Stop. No further look begins."""
        self._ended = True
        self._look.cancel()
        await ending.end([self._look.get_task()])

    @tasks.loop(seconds=REST)
    async def _look(self) -> None:
        for guild_id in list(self._waiting):
            self._waiting.discard(guild_id)  # first: what changes during the look counts
            if not await self._look_at(guild_id):
                self._waiting.add(guild_id)
        if not self._waiting:
            self._look.stop()
