"""People who do something in a server."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """A person of a server who does something there, as Discord describes them now.

    Times are None where Discord did not tell them. `roles` are ids.
    """

    guild_id: int
    user_id: int
    is_moderator: bool = False
    is_manager: bool = False
    is_bot: bool = False
    account_created: datetime | None = None
    joined: datetime | None = None
    roles: frozenset[int] = frozenset()
