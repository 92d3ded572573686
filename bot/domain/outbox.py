"""Jobs of delivery: desired state, named by kind and key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum


class JobKind(StrEnum):
    """What is brought up to date: a post's card (by post), a direct message (by notice), or word
    of a question that waits for an answer (by question)."""

    CARD = "card"
    NOTICE = "notice"
    WAITING = "waiting"


class Priority(IntEnum):
    """Which job comes first: new posts, then what a person waits for, then the rest."""

    NEW_POST = 0
    WAITED_FOR = 1
    REFRESH = 2


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the outbox as it was read. `revision` tells whether it was asked for again since.

    `group` is the question a card belongs to, or the reader of a notice: jobs of one group are
    done one after the other.
    """

    kind: JobKind
    key: int
    guild_id: int
    revision: int
    attempts: int
    created_at: datetime
    priority: Priority
    group: int


WAITS_FOR_THREAD = "waits for its question's thread"
"""What is recorded of a card that could not be tried yet, in place of what failed."""
LONGEST_PAUSE = timedelta(hours=1)


def pause(attempts: int) -> timedelta:
    """How long to wait after a failure that came after so many others: 1 s, doubling, up to an
    hour."""
    return min(timedelta(seconds=2 ** min(attempts, 12)), LONGEST_PAUSE)
