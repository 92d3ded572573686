"""Unsealing: two moderators together see who wrote an anonymous post."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Invalid, Problem
from bot.domain.policies import check_moderator
from bot.domain.posts import REASON_MAX
from bot.domain.review import ShownMessage
from bot.domain.rules import Rules
from bot.domain.typed import one_line, readable_length, tidy

REASON_MIN: Final = 20
OPEN_FOR: Final = timedelta(hours=24)
"""How long another moderator can agree, and how long whoever asked can look then."""
A_DAY: Final = timedelta(days=1)
MOST: Final = 3
"""How many requests a server's moderators can make in a day."""
SEEN_FOR: Final = timedelta(days=7)
"""How long somebody has to be known as a moderator before."""
FORGOTTEN_AFTER: Final = timedelta(days=90)
"""After how long without an act as a moderator somebody begins anew."""
SPARED_FOR: Final = timedelta(hours=72)
"""How much later the author is told where a manager sees danger."""
NOTICE: Final = timedelta(days=7)
"""How long before it holds members are told that it is switched on again."""
KEPT: Final = timedelta(days=1)
"""How long a request is kept after it has ended."""


NOWHERE: Final = ShownMessage()


class Outcome(StrEnum):
    """How a request ended."""

    AGREED = "agreed"
    REFUSED = "refused"
    RAN_OUT = "ran out"


@dataclass(frozen=True, slots=True)
class UnsealRequest:
    """A moderator's request to see, with another one, who wrote an anonymous post.

    It waits until `expires`. From then on `outcome` says how it ended, `decided_by` who agreed or
    refused; and if somebody agreed, whoever asked can look once until `expires`: `seen` tells
    whether they have. `danger_by` is the manager because of whom the author is told later. Names
    are as last seen; `card` is the post's.
    """

    post_id: int
    guild_id: int
    asked_by: int
    reason: str
    at: datetime
    expires: datetime
    outcome: Outcome | None = None
    decided_by: int | None = None
    seen: bool = False
    danger_by: int | None = None
    asked_name: str = ""
    decided_name: str = ""
    message: ShownMessage = NOWHERE
    card: PostCard | None = None

    def waits(self, now: datetime) -> bool:
        """Whether somebody can still agree."""
        return self.outcome is None and now < self.expires

    def shows(self, now: datetime) -> bool:
        """Whether whoever asked can still look."""
        return self.outcome is Outcome.AGREED and not self.seen and now < self.expires


def check_unseal_reason(typed: str) -> str:
    """A reason that says something. Raises `Invalid("unseal_reason", …)`."""
    reason = one_line(tidy(typed))
    length = readable_length(reason)
    if length < REASON_MIN:
        raise Invalid("unseal_reason", Problem.TOO_SHORT, minimum=REASON_MIN, length=length)
    if len(reason) > REASON_MAX:
        raise Invalid("unseal_reason", Problem.TOO_LONG, maximum=REASON_MAX, length=len(reason))
    return reason


def check_unsealable(card: PostCard, rules: Rules, since: datetime | None, now: datetime) -> None:
    """Refuse posts that nobody can unseal: those that aren't anonymous, those of a server that
    doesn't want it, and those from before it was switched on again (`since`)."""
    if not card.author.is_anonymous:
        raise Denied(Denial.NOT_ANONYMOUS)
    if not rules.on("unsealing"):
        raise Denied(Denial.UNSEALING_OFF)
    if since is not None and (now < since or card.created_at < since):
        raise Denied(Denial.UNSEALING_LATER, since=since)


def check_can_unseal(
    actor: Actor,
    card: PostCard,
    reporters: Collection[int],
    known_since: datetime | None,
    now: datetime,
) -> None:
    """Refuse whoever may not take part in unsealing a post: two of the server's moderators do who
    didn't report it, and who were moderators a week ago as far as is known. Its author doesn't,
    which is told to them alone."""
    check_moderator(actor)
    if actor.is_one(card.author.id):
        raise Denied(Denial.OWN_UNSEAL)
    if actor.user_id in reporters:
        raise Denied(Denial.REPORTED_BY_YOU)
    if known_since is None or now - known_since < SEEN_FOR:
        raise Denied(Denial.MODERATOR_TOO_NEW, until=(known_since or now) + SEEN_FOR)
