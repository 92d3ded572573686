"""Servers' rules, kept for a moment: almost all that is read needs them.

What only reads decides by rules that are at most a second behind another process, and never behind
this one. What writes reads them again, with the server's row that it locks.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import Final

from bot.domain.rules import Rules

FRESH: Final = 1.0  # seconds
_MOST: Final = 1000  # servers


class KnownRules:
    """The rules of the servers that were lately asked for. Used by several threads."""

    def __init__(self) -> None:
        self.changes = 0
        """How often this process has changed any: to be noted before rules are read."""
        self._kept: dict[int, tuple[Rules, float]] = {}
        self._changing = threading.Lock()

    def find(self, guild_id: int) -> Rules | None:
        """A server's rules, if they were read within the last second."""
        rules, at = self._kept.get(guild_id, (None, 0.0))
        return rules if time.monotonic() - at < FRESH else None

    def keep(self, guild_id: int, rules: Rules, changes: int) -> None:
        """Keep what was read, unless rules were changed since `changes` was noted."""
        with self._changing:
            if changes != self.changes:
                return
            if len(self._kept) >= _MOST:
                self._kept.clear()
            self._kept[guild_id] = (rules, time.monotonic())

    def forget(self, guild_ids: Iterable[int]) -> None:
        """Servers' rules were changed, and are committed."""
        with self._changing:
            self.changes += 1
            for guild_id in guild_ids:
                self._kept.pop(guild_id, None)
