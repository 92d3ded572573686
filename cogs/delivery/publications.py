"""The bot's own messages and pins that are being sent."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterable
from contextlib import contextmanager

from cogs.foundation.turns import Turns

_REMEMBERED = 1000


class Publications:
    """Pins that the bot is setting, and cards to which people reacted before they were recorded."""

    def __init__(self) -> None:
        self._pinning: set[int] = set()
        self._doubted: set[int] = set()  # of these, what people did meanwhile isn't known
        self._watched: list[set[int]] = []
        self._early: set[int] = set()
        # Cards are drawn in turns: by delivery, and as the answer to a click. post → the look of a
        # card that a click was answered with, not recorded yet; empty if that wasn't confirmed.
        self._turns = Turns()
        self._answered: dict[int, str] = {}

    @contextmanager
    def pinning(self, message_id: int) -> Generator[None]:
        """The bot pins a message in the block, or unpins it, and records that."""
        self._pinning.add(message_id)
        for own in self._watched:
            own.add(message_id)
        try:
            yield
        finally:
            self._pinning.discard(message_id)

    @contextmanager
    def own_pins(self) -> Generator[set[int]]:
        """Collects the messages that the bot pins or unpins at any time in the block. What Discord
        says of their pins in it may be newer than what was read of the database, or older."""
        own = {*self._pinning}
        self._watched.append(own)
        try:
            yield own
        finally:
            self._watched = [each for each in self._watched if each is not own]

    def pins(self, message_id: int | None) -> bool:
        """Whether the bot is pinning a message, or unpinning it."""
        return message_id in self._pinning

    def doubt(self, message_ids: Iterable[int]) -> bool:
        """Note that people may have pinned or unpinned meanwhile what the bot is pinning of these
        messages; False if that is none of them (any more)."""
        doubted = self._pinning.intersection(message_ids)
        self._doubted |= doubted
        return bool(doubted)

    def was_doubted(self, message_id: int) -> bool:
        """Whether a message was doubted while the bot pinned it. This forgets it."""
        doubted = message_id in self._doubted
        self._doubted.discard(message_id)
        return doubted

    def turn(self, guild_id: int, post_id: int) -> asyncio.Lock:
        """The turn to draw a card."""
        return self._turns.of(guild_id, post_id)

    def answering(self, post_id: int) -> None:
        """Note that a click is about to be answered with its card."""
        self._answered[post_id] = ""

    def answered(self, post_id: int, look: str) -> None:
        """Note the look of the card that a click was answered with."""
        self._answered[post_id] = look

    def look_of(self, post_id: int, recorded: str) -> str:
        """What a card looks like: as recorded, unless a click was answered since."""
        return self._answered.get(post_id, recorded)

    def recorded(self, post_id: int) -> None:
        """Note that what a card looks like is recorded."""
        self._answered.pop(post_id, None)

    def reacted_early(self, message_id: int) -> None:
        """Note a reaction to a message of the bot's that isn't recorded as a card yet."""
        if len(self._early) >= _REMEMBERED:  # most never become one: what we say to helpers
            self._early.clear()
        self._early.add(message_id)

    def was_early(self, message_id: int | None) -> bool:
        """Whether there was a reaction to a card that is recorded now. This forgets it."""
        early = message_id in self._early
        self._early.discard(message_id or 0)
        return early
