"""A member whose data was erased: what stands in place of their id."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

DELETED_MEMBER: Final = -(10**12)
"""Whoever did something and was erased since. Numbers below it are votes' nameless voters, and
digests; real ids are above 0."""
RANDOM_BITS: Final = 62
SEALED: Final = DELETED_MEMBER - 2**RANDOM_BITS - 1
"""The number of an anonymous author is this or below it: see `bot.domain.sealed`."""
LISTED_FOR: Final = timedelta(days=90)
"""How long the list beside the backups names an erasure. A backup from before it may be kept for
thirty days; the rest is for one that somebody forgot to delete."""


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
    return user_id is not None and SEALED < user_id <= DELETED_MEMBER


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


@dataclass(frozen=True, slots=True)
class Erased:
    """A member who was erased, by their digest: the day of the last time (counted from 1970), how
    many times, and the last of them in which texts went, too (0: in none)."""

    digest: int
    day: int
    times: int = 1
    texts: int = 0


@dataclass(frozen=True, slots=True)
class ErasureList:
    """Who was erased in a server, with the secret of their digests: whoever holds an older copy of
    the data finds by it whom to erase again."""

    guild_id: int
    secret: bytes
    erased: tuple[Erased, ...]


def merged(lists: Iterable[ErasureList], since: int = 0) -> list[ErasureList]:
    """One list for each server and secret, without what is from before a day; none is empty."""
    found: dict[tuple[int, bytes], dict[int, Erased]] = {}
    for each in lists:
        named = found.setdefault((each.guild_id, each.secret), {})
        for one in each.erased:
            other = named.get(one.digest, one)
            later = max(one, other, key=lambda erased: (erased.times, erased.day))
            named[one.digest] = replace(later, texts=max(one.texts, other.texts))
    kept = (
        ErasureList(*key, tuple(named[d] for d in sorted(named) if named[d].day >= since))
        for key, named in sorted(found.items())
    )
    return [each for each in kept if each.erased]


def all_known(named: Iterable[ErasureList], known: Iterable[ErasureList]) -> bool:
    """Whether lists name nobody who isn't known to be erased as often."""
    times = {(e.guild_id, e.secret, one.digest): one.times for e in known for one in e.erased}
    return all(
        times.get((each.guild_id, each.secret, one.digest), 0) >= one.times
        for each in named
        for one in each.erased
    )
