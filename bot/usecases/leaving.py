"""Members who left a server: finding them, and erasing what is theirs once they stay away.

Discord tells bots without a privileged intent of nobody who leaves. So the members of whom
something is kept are asked for, one after the other, those not asked for longest first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from bot.domain.outbox import Cause
from bot.usecases.erasing import cards_follow
from data import forgetting, forgotten_posts, guilds, names, presences, refreshes, rewriting
from data.database import Database, Transaction, reading, writing
from data.presences import Look
from data.rewriting import Kind

KEPT: Final = timedelta(days=30)
"""For how long what is kept of a member stays once they have left."""
_EVERY: Final = timedelta(days=1)  # a member is asked for
_AGAIN: Final = timedelta(hours=1)  # before what is kept of them goes, where there was no answer
_PERSONS: Final = 500  # of a server, read at once
_ROWS: Final = 200  # of a member's own, in one transaction
_POSTS: Final = 50


class Found(StrEnum):
    """What Discord says of a member."""

    HERE = "here"
    GONE = "gone"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What Discord said of a member who was asked for."""

    look: Look
    found: Found


def _time_is_up(now: datetime) -> datetime:
    """Who has been gone since then is forgotten. From midnight (UTC) on: so those of a day come
    together, and the server's cards are drawn anew once for all of them."""
    return now.replace(hour=0, minute=0, second=0, microsecond=0) - KEPT


async def look_after(db: Database, guild_id: int, now: datetime) -> int:
    """Look from now on after the members of a server of whom something is kept; returns how many
    are new. Who has just become one isn't asked for before a day has passed."""
    after, new = 0, 0
    while True:
        found, unknown = await _next_persons(db, guild_id, after)
        if unknown:
            await _add(db, guild_id, unknown, now)
            new += len(unknown)
        if len(found) < _PERSONS:
            return new
        after = found[-1]


@reading
async def _next_persons(
    tx: Transaction, guild_id: int, after: int
) -> tuple[Sequence[int], Sequence[int]]:
    """The next members of a server of whom something is kept, and which of them are new."""
    # Of whom there are only posts, something goes only where posts shall say so.
    authors = (await guilds.read_rules(tx, guild_id)).on("unname_left")
    found = await presences.persons(tx, guild_id, after, _PERSONS, authors=authors)
    return found, await presences.unknown(tx, guild_id, found)


@writing
async def _add(tx: Transaction, guild_id: int, user_ids: Sequence[int], now: datetime) -> None:
    await guilds.lock_rules(tx, guild_id, now)
    await presences.add(tx, guild_id, user_ids, now)


async def next_looks(
    db: Database, served: Collection[int], now: datetime, limit: int
) -> Sequence[Look]:
    """The members of these servers to ask Discord for next: first those whose time is up, then
    those not asked for longest, each once a day. Members of whom nothing is left are dropped."""
    looks, needless = await _due(db, served, now, limit)
    if needless:
        await _drop(db, needless)
    return looks


@reading
async def _due(
    tx: Transaction, served: Collection[int], now: datetime, limit: int
) -> tuple[list[Look], list[Look]]:
    """Who is due, of whom something is kept, and of whom nothing is."""
    first = await presences.next_gone(tx, served, _time_is_up(now), now - _AGAIN, limit)
    then = await presences.next_looks(tx, served, now - _EVERY, limit)
    looks = [*first, *(look for look in then if look not in first)][:limit]
    by_server: defaultdict[int, list[int]] = defaultdict(list)
    for look in looks:
        by_server[look.guild_id].append(look.user_id)
    kept: set[tuple[int, int]] = set()
    for guild_id, ids in by_server.items():
        authors = (await guilds.read_rules(tx, guild_id)).on("unname_left")
        found = await presences.kept(tx, guild_id, ids, authors=authors)
        kept |= {(guild_id, user_id) for user_id in found}
    needed = [look for look in looks if (look.guild_id, look.user_id) in kept]
    return needed, [look for look in looks if look not in needed]


@writing
async def _drop(tx: Transaction, looks: Sequence[Look]) -> None:
    await guilds.lock_many(tx, {look.guild_id for look in looks})
    await presences.drop(tx, looks)


async def note(db: Database, answers: Iterable[Answer], now: datetime) -> Sequence[Look]:
    """Note what Discord said of members; returns those whose time is up, for `forget`."""
    by_answer: defaultdict[Found, list[Look]] = defaultdict(list)
    for answer in answers:
        by_answer[answer.found].append(answer.look)
    await _note(db, by_answer, now)
    up = _time_is_up(now)
    gone = by_answer[Found.GONE]
    return [look for look in gone if look.gone_at is not None and look.gone_at <= up]


@writing
async def _note(tx: Transaction, by_answer: defaultdict[Found, list[Look]], now: datetime) -> None:
    looks = [look for some in by_answer.values() for look in some]
    await guilds.lock_many(tx, {look.guild_id for look in looks})
    await presences.are_here(tx, by_answer[Found.HERE], now)
    await presences.are_gone(tx, by_answer[Found.GONE], now)
    await presences.looked(tx, by_answer[Found.UNKNOWN], now)


@reading
async def gone(tx: Transaction, served: Collection[int]) -> set[tuple[int, int]]:
    """The members of these servers who are known to be gone, as (server, member)."""
    return set(await presences.gone(tx, served))


@writing
async def is_back(tx: Transaction, guild_id: int, user_id: int, now: datetime) -> None:
    """Note that a member who was gone does something in their server."""
    await guilds.lock_server(tx, guild_id)
    await presences.are_here(tx, [Look(guild_id, user_id)], now)


async def forget(db: Database, guild_id: int, user_id: int, *, now: datetime) -> None:
    """Erase name, picture, follows, preferences, drafts and inbox of a member whose time is up,
    portion by portion; their posts are by nobody then, where the server wishes. What was cut off
    is found again: nothing is begun that the next call wouldn't finish."""
    while await _forget_some(db, guild_id, user_id, now=now):
        pass
    await db.empty_log()


@writing
async def _forget_some(tx: Transaction, guild_id: int, user_id: int, *, now: datetime) -> bool:
    """Erase a portion; False once there is nothing left, or the member is back."""
    rules, who = await guilds.lock_rules(tx, guild_id, now), (guild_id, user_id)
    since = await presences.gone_since(tx, *who)
    if since is None or since > _time_is_up(now):
        return False
    if await forgetting.forget_files(tx, *who):
        return True
    if await forgetting.forget_inbox(tx, *who, _ROWS):
        return True
    if await forgetting.forget_follows(tx, *who, _ROWS):
        return True
    if rules.on("unname_left") and await _disown_some(tx, *who, now):
        return True
    if await names.forget(tx, *who):
        await cards_follow(tx, *who, now)
    await forgetting.forget_few(tx, *who)  # and with it, that they are looked after
    return False


async def _disown_some(tx: Transaction, guild_id: int, user_id: int, now: datetime) -> bool:
    """Let a portion of a member's posts be a deleted member's; False if there are none."""
    ids = await forgotten_posts.next_posts(tx, guild_id, user_id, _POSTS)
    if ids:
        await forgotten_posts.disown(tx, guild_id, ids)
        await forgetting.settle_points(tx, guild_id, user_id)
        await rewriting.note(tx, Kind.MEMBERS)
        await refreshes.start(tx, guild_id, Cause.POSTS, "", now)
    return bool(ids)
