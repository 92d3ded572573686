"""Reading the audit log, and erasing it when it is old."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.actors import Actor
from bot.domain.audit import KEPT, AuditFilter, AuditKind, AuditLine
from bot.domain.errors import Missing, NotFound
from bot.domain.policies import check_moderator
from bot.domain.posts import parse_post_reference
from data import audit, places, tags
from data.database import Database, Transaction, reading
from data.paging import Page

PAGE: Final = 10
EXPORTED: Final = 10_000
"""The most acts in a table."""
_READ = 1_000  # acts of a table read at once: others get their turn in between
_SWEPT = 500  # acts erased in one go
# What reveals something of a channel.
_REVEALING: Final = frozenset({"category", "channel", "tags", "original"})


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of the log, the newest first; and whether there are older ones."""

    lines: Sequence[AuditLine]
    more: bool


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads the log: the channels that they can read, and those of the server's that they
    can't."""

    actor: Actor
    channels: Collection[int]
    closed: Collection[int]


@reading
async def post_meant(tx: Transaction, actor: Actor, typed: str) -> int:
    """The post whose acts a moderator asks for, shown or not. Raises `Denied(NOT_MODERATOR)`,
    `Invalid("post", NOT_A_POST)`, `NotFound(POST)`."""
    check_moderator(actor)
    named = parse_post_reference(typed, actor.guild_id)
    post_id = await places.find_post(tx, actor.guild_id, named, further=True)
    if post_id is None:
        raise NotFound(Missing.POST, typed=typed)
    return post_id


@reading
async def page_of(tx: Transaction, reader: Reader, wanted: AuditFilter, page: int) -> AuditPage:
    """A page of the server's log. What was done where the reader can't look is told without where
    it is, and without its tags and categories. Raises `Denied(NOT_MODERATOR)`."""
    check_moderator(reader.actor)
    found = await _lines(tx, reader, wanted, Page(PAGE + 1, page * PAGE))
    return AuditPage(found[:PAGE], len(found) > PAGE)


async def table_of(db: Database, reader: Reader, wanted: AuditFilter) -> list[AuditLine]:
    """The newest acts, at most `EXPORTED`, for a table. Raises `Denied(NOT_MODERATOR)`."""
    check_moderator(reader.actor)
    found: list[AuditLine] = []
    while len(found) < EXPORTED:
        page = Page(min(_READ, EXPORTED - len(found)), len(found))
        async with db.read() as tx:
            lines = await _lines(tx, reader, wanted, page)
        found += lines
        if len(lines) < page.limit:
            break
    return found


async def _lines(
    tx: Transaction, reader: Reader, wanted: AuditFilter, page: Page
) -> list[AuditLine]:
    guild_id = reader.actor.guild_id
    found = await audit.lines(tx, guild_id, wanted, page)
    named = {tag for line in found for tag in _tags(line)}
    # A tag that was merged into another one is seen by those who see that one.
    led = {tag: await tags.target_of(tx, guild_id, tag) for tag in named}
    who = (reader.channels, reader.actor.user_id)
    closed = await tags.closed_tags(tx, guild_id, set(led.values()), *who)
    unseen = {tag for tag, target in led.items() if target in closed}
    return [_as_seen(line, reader, unseen) for line in found]


def _tags(line: AuditLine) -> list[str]:
    if line.entry.kind is not AuditKind.TAGS:
        return []
    return [states["tags"] for states in (line.entry.before, line.entry.after) if "tags" in states]


def _as_seen(line: AuditLine, reader: Reader, unseen: Collection[str]) -> AuditLine:
    """A line without what its reader may not see."""
    entry = line.entry
    homes = {line.home_id, *(_channel(states) for states in (entry.before, entry.after))}
    away = not homes.isdisjoint(reader.closed)
    if not away and not any(tag in unseen for tag in _tags(line)):
        return line
    kept = replace(entry, before=_plain(entry.before), after=_plain(entry.after))
    if line.home_id in reader.closed:
        return replace(line, entry=kept, channel_id=None, message_id=None)
    return replace(line, entry=kept)


def _channel(states: Mapping[str, str]) -> int:
    return int(states.get("channel", 0))


def _plain(states: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in states.items() if name not in _REVEALING}


async def any_old(tx: Transaction, now: datetime) -> bool:
    """Whether there are acts older than `KEPT`."""
    return await audit.any_old(tx, now - KEPT)


async def drop_old(db: Database, now: datetime) -> int:
    """Erase some of the acts that are older than `KEPT`; returns how many. Locks nothing if there
    are none."""
    if not await db.in_read(lambda tx: any_old(tx, now)):
        return 0
    async with db.write() as tx:
        return await audit.drop_old(tx, now - KEPT, _SWEPT)
