"""The bot's own messages and pins that are being sent."""

from __future__ import annotations

_REMEMBERED = 1000


class Publications:
    """Pins that the bot is setting, and cards to which people reacted before they were recorded."""

    def __init__(self) -> None:
        # message → whether we are pinning or unpinning it: its event is not a moderator's act.
        self.pinning: dict[int, bool] = {}
        self._early: set[int] = set()

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
