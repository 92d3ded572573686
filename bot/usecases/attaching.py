"""Files that are given with a post, from the command until the form is sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.errors import Invalid, Problem
from bot.domain.files import BYTES_MAX, GivenFile, check_files
from data import attachments, guilds
from data.database import Database, Transaction

Fetch = Callable[[str], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class Room:
    """How many bytes of files may wait here, of one member and of one server."""

    member: int
    server: int


async def keep_files(
    db: Database, guild_id: int, user_id: int, files: Sequence[GivenFile], *, now: datetime
) -> list[int]:
    """Note files that were given, before what they hold is fetched; returns their rows.

    Raises `Invalid("attachment", …)` for what can't be kept with a post.
    """
    check_files([(file.name, file.content_type, file.size) for file in files])
    async with db.write() as tx:
        await guilds.lock_rules(tx, guild_id, now)
        return [await attachments.keep_given(tx, guild_id, user_id, f, now) for f in files]


async def fetch_files(
    db: Database,
    guild_id: int,
    user_id: int,
    file_ids: Sequence[int],
    fetch: Fetch,
    room: Room,
    *,
    now: datetime,
) -> None:
    """Fetch what a member's given files hold, where that was not done yet.

    Older files of theirs that wait for a form go where all are more than a member's room. `fetch`
    reads a URL of Discord's; what it raises is for the caller. Raises `Invalid("attachment", …)`:
    `FILE_LOST` where a file is no longer noted, `NO_ROOM` where too many wait in the server.
    """
    async with db.read() as tx:
        known = await attachments.given(tx, guild_id, user_id, file_ids)
    if set(file_ids) - set(known):
        raise Invalid("attachment", Problem.FILE_LOST)
    for file_id, (file, kept) in known.items():
        if kept:
            continue
        async with db.write() as tx:
            await guilds.lock_rules(tx, guild_id, now)
            others = room.member - file.size
            await attachments.keep_newest(tx, guild_id, user_id, file_ids, others)
            if await attachments.bytes_waiting(tx, guild_id) + file.size > room.server:
                raise Invalid("attachment", Problem.NO_ROOM)
        content = await fetch(file.url)
        if len(content) > BYTES_MAX:
            raise Invalid("attachment", Problem.FILES_TOO_BIG, maximum=f"{BYTES_MAX // 2**20} MB")
        async with db.write() as tx:
            await attachments.keep_content(tx, file_id, content)


async def attach(tx: Transaction, actor: Actor, post_id: int, file_ids: Sequence[int]) -> None:
    """Make files that were given and fetched those of the new post.

    Raises `Invalid("attachment", …)` where one is gone, or they are too much together.
    """
    if not file_ids:
        return
    guild_id, user_id = actor.guild_id, actor.user_id
    known = await attachments.given(tx, guild_id, user_id, file_ids)
    if set(file_ids) - {file_id for file_id, (_, kept) in known.items() if kept}:
        raise Invalid("attachment", Problem.FILE_LOST)
    check_files([(f.name, f.content_type, f.size) for f, _ in known.values()])
    await attachments.attach(tx, guild_id, user_id, post_id, file_ids)
