"""Anonymous authors: the numbers that stand in place of their ids, and who they are to others.

A number is random and says nothing of whom it stands for: see decision 36. It stands wherever a
member's id does, and is no member: nothing may make a mention, a link or points of it.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeVar

from bot.domain.erasures import SEALED

T = TypeVar("T")

RANDOM_BITS: Final = 61
"""So that the lowest number is still above the lowest of 64 bits."""


@dataclass(frozen=True, slots=True)
class Persona:
    """An anonymous author of posts in one question: their number and name, and whether they asked
    it."""

    number: int
    name: str
    is_asker: bool = False


class Seal(Protocol):
    """A member as far as they may be known where something anonymous is done: what they are found
    by, but never who they are. See `bot.usecases.personas`.

    `salt` is their server's, `Guild.sealing_salt`.
    """

    @property
    def check(self) -> bytes:
        """What the key that seals is recognised by at the next start."""
        ...

    def handles(self, salt: bytes, question_number: int) -> tuple[bytes, ...]:
        """What their persona in a question is found by, under each key of the installation."""
        ...

    def handles_in(self, salt: bytes, question_numbers: Iterable[int]) -> Iterable[bytes]:
        """What their personas in some questions are found by, under each key. It takes 1 µs for
        each: many not on the event loop."""
        ...

    def closed(self, salt: bytes, question_number: int, number: int) -> tuple[bytes, bytes]:
        """The handle and the box of a persona of theirs."""
        ...

    def done(self, action: str, hour: datetime, taken: Collection[bytes]) -> int:
        """How often they acted anonymously in an hour, given all slots of their server in it."""
        ...

    def slot(self, action: str, hour: datetime, place: int) -> bytes:
        """The slot of their act of this place, from 1, in an hour."""
        ...

    def row_of(self, rows: Iterable[tuple[int, T]], secret: bytes | None = None) -> T | None:
        """What is theirs among what was read of all, each given with its member's id. `secret` is
        the server's for those who were erased."""
        ...

    def origin(self, origin_id: int) -> int:
        """What stands for the interaction that a post is made from: its own number is a time."""
        ...

    def block(self, salt: bytes) -> bytes:
        """What they are found by in a block with this salt."""
        ...

    def blocked(self, blocks: Iterable[tuple[bytes, bytes, T]]) -> list[T]:
        """Which of some blocks are theirs, each given with its salt and handle."""
        ...

    def owners(self) -> tuple[bytes, ...]:
        """What a box of what they read is found by, under each key, that which seals first."""
        ...

    def sealed(self, plain: bytes) -> bytes:
        """A box of what they read."""
        ...

    def unsealed(self, box: bytes) -> bytes | None:
        """What is in such a box of theirs; None if no key opens it."""
        ...


def is_sealed(user_id: int | None) -> bool:
    """Whether an id is the number of an anonymous author."""
    return user_id is not None and user_id <= SEALED


def new_number() -> int:
    """A number for somebody who hasn't written in a question yet."""
    return SEALED - secrets.randbits(RANDOM_BITS)


def minute_of(now: datetime) -> datetime:
    """The minute that a time is in. It is all that an anonymous act writes of its time: two tables
    that share a more exact one would tell who it was."""
    return now.replace(second=0, microsecond=0)


def is_minute(now: datetime) -> bool:
    """Whether a time is a whole minute."""
    return now == minute_of(now)
