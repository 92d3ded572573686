"""How much is new for a member: the small bell that every private reply carries."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from data import inboxes
from data.database import Transaction, looking_up
from data.inboxes import NEWS_MAX


@dataclass(frozen=True, slots=True)
class News:
    """What is new for a member: `unread` is how much in their inbox, at most `NEWS_MAX`.

    What else the bell may tell of is to be a field here, with its default.
    """

    unread: int = 0

    @property
    def is_any(self) -> bool:
        """Whether there is anything to tell."""
        return self.unread > 0

    @property
    def is_more(self) -> bool:
        """Whether there may be more than was counted."""
        return self.unread >= NEWS_MAX


@looking_up
async def news_of(
    tx: Transaction, guild_id: int, user_id: int, *, channels: Collection[int]
) -> News:
    """What is new for a member who can read these channels."""
    return News(await inboxes.news(tx, guild_id, user_id, channels))
