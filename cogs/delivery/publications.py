"""What is known of our own messages in Discord while they are on their way."""

from __future__ import annotations

_REMEMBERED = 1000


class Publications:
    """The pins that are ours, while we set them; and which cards people were quicker to see."""

    def __init__(self) -> None:
        # message → whether we are pinning or unpinning it: its event is not a moderator's act.
        self.pinning: dict[int, bool] = {}
        self._early: set[int] = set()

    def reacted_early(self, message_id: int) -> None:
        """Somebody reacted to a message of ours that is no card yet, as far as we have recorded."""
        if len(self._early) >= _REMEMBERED:  # most never become one: what we say to helpers
            self._early.clear()
        self._early.add(message_id)

    def was_early(self, message_id: int | None) -> bool:
        """Whether somebody did, with a card that is recorded now. Asking forgets it."""
        early = message_id in self._early
        self._early.discard(message_id or 0)
        return early
