"""Turns: one member's acts are handled in the order they arrived."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """One turn after another for each member; different members never wait for each other.

    Discord sends events in order, but each is handled in its own task, and tasks overtake each
    other while they wait for the database. A turn keeps the order if it is requested before
    anything is awaited: the last choice wins.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[int | None, int], asyncio.Lock]
        self._locks = WeakValueDictionary()

    def of(self, guild_id: int | None, user_id: int) -> asyncio.Lock:
        """A member's turn, to be awaited with `async with`."""
        return self._locks.setdefault((guild_id, user_id), asyncio.Lock())
