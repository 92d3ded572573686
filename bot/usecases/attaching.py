"""Files of a post, from the command they are attached to until the form is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.actors import Actor
from bot.domain.errors import Invalid, Problem
from bot.domain.files import GivenFile, check_files
from data import attachments, guilds
from data.database import Database, Transaction, writing


class Fetched(Protocol):
    """A file as it is kept: a picture without what isn't seen in it, under a name that fits it."""

    @property
    def given(self) -> GivenFile:
        """Its name, kind and bytes, at most `bot.domain.files.BYTES_MAX`."""
        ...

    def pieces(self) -> Iterable[bytes]:
        """All of it, a piece at a time."""
        ...


Fetch = Callable[[GivenFile], AbstractAsyncContextManager[Fetched]]


@dataclass(frozen=True, slots=True)
class Room:
    """The limits on bytes of waiting files, for one member and for one server."""

    member: int
    server: int


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures of an anonymous post, at least one, which are in no row before it is; `room` is
    the limit on bytes of waiting files of their server."""

    files: tuple[Fetched, ...]
    room: int


Files = tuple[int, ...] | Pictures
"""The files of a new post: rows of `keep_files`, or an anonymous one's pictures."""


@dataclass(frozen=True, slots=True)
class MemberFiles:
    """Files that a member attached in a server: rows of `keep_files`."""

    guild_id: int
    user_id: int
    file_ids: Sequence[int]


@writing
async def keep_files(
    tx: Transaction, guild_id: int, user_id: int, files: Sequence[GivenFile], *, now: datetime
) -> list[int]:
    """Note attached files before their content is fetched; returns their rows.

    Raises `Invalid("attachment", …)` for what can't be kept with a post.
    """
    check_files([(file.name, file.content_type, file.size) for file in files])
    await guilds.lock_rules(tx, guild_id, now)
    return [await attachments.keep_given(tx, guild_id, user_id, f, now) for f in files]


async def fetch_files(
    db: Database, files: MemberFiles, fetch: Fetch, room: Room, *, now: datetime
) -> None:
    """Fetch the content of attached files, unless it is here already.

    The member's older files that wait for a form are dropped if all exceed the limit. `fetch` reads
    a file, and its exceptions are the caller's. Raises `Invalid("attachment", …)`: `FILE_LOST` if a
    file is no longer noted, `NO_ROOM` if too many wait in the server.
    """
    guild_id = files.guild_id
    async with db.read() as tx:
        known = await attachments.given(tx, guild_id, files.user_id, files.file_ids)
    if set(files.file_ids) - set(known):
        raise Invalid("attachment", Problem.FILE_LOST)
    for file_id, (file, kept) in known.items():
        if kept:
            continue
        async with db.write() as tx:
            await guilds.lock_rules(tx, guild_id, now)
            await _make_room(tx, files, file.size, room)
        async with fetch(file) as fetched, db.write() as tx:
            await guilds.lock_rules(tx, guild_id, now)
            # Check again: others fetched theirs meanwhile, and a file may be larger than announced.
            await _make_room(tx, files, fetched.given.size, room)
            await attachments.keep_content(tx, file_id, fetched.given, fetched.pieces())


@writing
async def drop_files(tx: Transaction, files: MemberFiles, *, now: datetime) -> None:
    """Forget attached files, which won't be posted."""
    await guilds.lock_rules(tx, files.guild_id, now)
    await attachments.drop_given(tx, files.guild_id, files.user_id, files.file_ids)


async def _make_room(tx: Transaction, files: MemberFiles, size: int, room: Room) -> None:
    """Drop a member's older files to make room for these. Raises `Invalid("attachment",
    NO_ROOM)`."""
    guild_id, left = files.guild_id, room.member - size
    await attachments.keep_newest(tx, guild_id, files.user_id, files.file_ids, left)
    if await attachments.bytes_waiting(tx, guild_id) + size > room.server:
        raise Invalid("attachment", Problem.NO_ROOM)


async def attach(tx: Transaction, actor: Actor, post_id: int, files: Files) -> None:
    """Assign fetched files to the new post.

    Raises `Invalid("attachment", …)` if one is gone, or they are too large together.
    """
    if isinstance(files, Pictures):
        await _put(tx, actor.guild_id, post_id, files)
    elif files:
        await _attach(tx, actor, post_id, files)


async def _put(tx: Transaction, guild_id: int, post_id: int, pictures: Pictures) -> None:
    given = [picture.given for picture in pictures.files]
    check_files([(file.name, file.content_type, file.size) for file in given])
    waiting = await attachments.bytes_waiting(tx, guild_id)
    if waiting + sum(file.size for file in given) > pictures.room:
        raise Invalid("attachment", Problem.NO_ROOM)
    contents = [picture.pieces() for picture in pictures.files]
    await attachments.put(tx, guild_id, post_id, zip(given, contents, strict=True))


async def _attach(tx: Transaction, actor: Actor, post_id: int, file_ids: Sequence[int]) -> None:
    guild_id, user_id = actor.guild_id, actor.user_id
    known = await attachments.given(tx, guild_id, user_id, file_ids)
    if set(file_ids) - {file_id for file_id, (_, kept) in known.items() if kept}:
        raise Invalid("attachment", Problem.FILE_LOST)
    check_files([(f.name, f.content_type, f.size) for f, _ in known.values()])
    await attachments.attach(tx, guild_id, user_id, post_id, file_ids)
