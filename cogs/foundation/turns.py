"""Whose turn it is: what one member does is done in the order it came."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class Turns:
    """One turn after another for each member; different members never wait for each other.

    Discord tells of things in their order, but each is handled in a task of its own, and these
    overtake each other while they wait for the database. Asked for without waiting before it, a
    turn keeps the order: the last choice wins.
    """

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[int | None, int], asyncio.Lock]
        self._locks = WeakValueDictionary()

    def of(self, guild_id: int | None, user_id: int) -> asyncio.Lock:
        """A member's turn, to be awaited with `async with`."""
        return self._locks.setdefault((guild_id, user_id), asyncio.Lock())
