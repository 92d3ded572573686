"""A member whose data was erased: what stands in place of their id."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final

DELETED_MEMBER: Final = -(10**12)
"""Whoever did something and was erased since. Numbers below it are votes' nameless voters, and
digests; real ids are above 0."""
RANDOM_BITS: Final = 62


def nameless(number: int) -> int:
    """A voter that nobody is, made of a random number of `RANDOM_BITS` bits."""
    return DELETED_MEMBER - 1 - number


def digest_of(secret: bytes, guild_id: int, user_id: int) -> int:
    """What an erased member is known by in a server: it is found from their id and the
    server's secret, and their id isn't found from it. A negative number below
    `DELETED_MEMBER`."""
    mac = hmac.digest(secret, f"{guild_id}/{user_id}".encode(), hashlib.sha256)
    return nameless(int.from_bytes(mac[:8]) >> (64 - RANDOM_BITS))


def is_erased(user_id: int | None) -> bool:
    """Whether an id stands for somebody who was erased."""
    return user_id is not None and user_id <= DELETED_MEMBER


def same_name(typed: str, names: tuple[str, ...]) -> bool:
    """Whether somebody typed one of their names, whatever the case and the spaces around it."""
    wanted = " ".join(typed.split()).casefold()
    return bool(wanted) and wanted in {" ".join(name.split()).casefold() for name in names}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What erasing a member's data would be about."""

    posts: int = 0
    votes: int = 0
    follows: int = 0
    notices: int = 0
    drafts: int = 0
    points: int = 0


@dataclass(frozen=True, slots=True)
class Erasing:
    """An erasure that was asked for and isn't over: how far it is (`step`, after the row `after`),
    and whether texts go, too."""

    guild_id: int
    user_id: int
    texts: bool
    step: int = 0
    after: int = 0
