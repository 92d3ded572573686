"""People who do something in a server, and what Discord lets them do where a post stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.errors import Denial


@dataclass(frozen=True, slots=True)
class Access:
    """What keeps a person from doing something in a post's home: a reason, or None.

    The home is the channel in which a question stands or will stand, with all that is below it.
    `write` is for answers, comments and edits. `moderates`: they moderate the posts of that home.
    """

    home_id: int | None = None
    read: Denial | None = None
    ask: Denial | None = None
    write: Denial | None = None
    attach: Denial | None = None
    vote: Denial | None = None
    moderates: bool = False


NOWHERE = Access(
    read=Denial.NO_READING,
    ask=Denial.NO_ASKING,
    write=Denial.NO_WRITING,
    attach=Denial.NO_FILES,
    vote=Denial.NO_VOTING,
)
"""The access of somebody of whom nobody has asked yet: none, so that a forgotten look refuses."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person of a server who does something there, as Discord describes them now.

    `name` is what they are called there, empty where nothing of it can be read.
    Times are None where Discord did not tell them. `roles` are ids. `is_moderator` and
    `is_manager` are of the server; of a post, `moderates_post` tells. `access` is for the home of
    the post that they do something to; None for what the bot does by itself. `awaits_reply`: a
    private reply is to tell them how it ended, as with commands, clicks and forms; `origin_id` is
    the interaction that is answered by it.
    """

    guild_id: int
    user_id: int
    is_moderator: bool = False
    is_manager: bool = False
    is_bot: bool = False
    account_created: datetime | None = None
    joined: datetime | None = None
    roles: frozenset[int] = frozenset()
    access: Access | None = None
    name: str = ""
    awaits_reply: bool = False
    origin_id: int = 0

    @property
    def moderates_post(self) -> bool:
        """Whether they moderate the post that they do something to."""
        return self.is_moderator if self.access is None else self.access.moderates
