"""What is kept of a member of a server, for themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from bot.domain.sealed import Seal
from bot.sealing import Sealing
from bot.usecases import delaying
from data import own, personas
from data.database import Database

ANONYMOUS: Final = "anonymous posts"
WAITING: Final = "anonymous posts that wait"
VERSION: Final = 1  # of the file's form
_POSTS: Final = 100  # read at once


async def own_data(
    db: Database,
    guild_id: int,
    user_id: int,
    *,
    seal: Seal | None = None,
    sealing: Sealing | None = None,
    now: datetime,
) -> dict[str, Any]:
    """All that is kept of a member in a server, by section; sections of nothing are left out. It is
    read in portions, so that nobody waits for it. What they wrote anonymously is found by their
    `seal`, and by `sealing` what of it waits to appear: by no statement that says who they are."""
    found: dict[str, Any] = {
        "version": VERSION,
        "server": str(guild_id),  # as text: readers of JSON round such large numbers
        "member": str(user_id),
        "written at": now.isoformat(timespec="seconds"),
    }
    if posts := await _posts(db, guild_id, user_id):
        found["posts"] = posts
    for section, query in own.queries(guild_id, user_id).items():
        if records := await _all(db, query):
            found[section] = records
    if anonymous := await _anonymous(db, guild_id, seal):
        found[ANONYMOUS] = anonymous
    if waiting := await delaying.own(db, sealing, guild_id, user_id):
        found[WAITING] = [_waiting(each) for each in waiting]
    return found


def _waiting(found: delaying.Opened) -> own.Record:
    """What a member wrote that appears later, or couldn't."""
    post, minute = found.post, found.minute.isoformat(timespec="minutes")
    until = {"appears": minute} if post.state == delaying.State.WAITS else {"kept until": minute}
    return {"as": post.name, **until, "problem": post.problem, **post.values}


async def _anonymous(db: Database, guild_id: int, seal: Seal | None) -> list[own.Record]:
    """What a member wrote anonymously, each with the name that it is by."""
    numbers = await db.in_read(lambda tx: personas.numbers_of(tx, guild_id, seal))
    known = await db.in_read(lambda tx: personas.of_numbers(tx, guild_id, numbers))
    return [
        {"as": known[number].name, **record}
        for number in sorted(known)
        for record in await _posts(db, guild_id, number)
    ]


async def _posts(db: Database, guild_id: int, user_id: int) -> list[own.Record]:
    found: list[own.Record] = []
    after = 0
    while True:
        async with db.read() as tx:
            portion = await own.posts(tx, guild_id, user_id, after, _POSTS)
        if portion is None:
            return found
        records, after = portion
        found += records


async def _all(db: Database, query: Any) -> list[own.Record]:
    found: list[own.Record] = []
    while True:
        async with db.read() as tx:
            portion = await own.records(tx, query, len(found))
        found += portion
        if len(portion) < own.PORTION:
            return found
