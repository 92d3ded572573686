"""Old copies of the data: a list of who was erased stands beside the backups, and whom it names is
erased again where such a copy is put back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Final

from bot.domain.erasures import (
    LISTED_FOR,
    Erased,
    Erasing,
    ErasureList,
    all_known,
    digest_of,
    merged,
)
from bot.sealing import Sealing
from bot.usecases import delaying, forgetting
from bot.usecases.personas import Renewing, key_in_use
from bot.usecases.resealing import authors_of, renew_server
from data import erasure_files, erasures, guilds, migrating, persons
from data.backups import FileProblem
from data.database import Database, Transaction
from data.types import EPOCH

_log = logging.getLogger(__name__)

Step = Callable[[str, int, int], None]  # as in `bot.progress`
_IDS: Final = 50_000  # in memory at once


def listed_since(now: datetime) -> int:
    """The day from which on erasures are in the list."""
    return (now - LISTED_FOR - EPOCH).days


class ErasureKeeper:
    """Keeps the list beside the backups in step with the database. What could not be written is
    said once in the log, and written with the next one, or by the next look."""

    def __init__(self, db: Database, folder: Path) -> None:
        self._db = db
        self._folder = folder
        self._said = ""

    async def write(self, now: datetime) -> None:
        """Add to the list who was erased since; nothing is written where nobody was."""
        found = await self._db.in_read(erasures.listed)
        if not found:
            return
        try:
            await asyncio.to_thread(erasure_files.add, self._folder, found, listed_since(now))
        except FileProblem as problem:
            if self._said != str(problem):
                _log.warning(
                    "The list of erasures %s can't be written (%s). A backup that is restored "
                    "without it has again what was erased since. Let the bot write there, or set "
                    "BACKUP_DIR.",
                    self._folder / erasure_files.NAME,
                    problem,
                )
            self._said = str(problem)
        else:
            self._said = ""


async def lists_of(db: Database) -> list[ErasureList]:
    """Whom a database itself knows to be erased; nobody if it has another schema than this
    version's."""
    if await migrating.version(db) != migrating.newest():
        return []
    return await db.in_read(erasures.listed)


async def missing(db: Database, folder: Path, now: datetime) -> int:
    """How many erasures the list beside the backups should name and doesn't. Raises
    `FileProblem`."""
    named = await asyncio.to_thread(erasure_files.read, folder)
    recent = merged(await db.in_read(erasures.listed), listed_since(now))
    each_alone = (replace(each, erased=(one,)) for each in recent for one in each.erased)
    return sum(not all_known([one], named) for one in each_alone)


@dataclass(frozen=True, slots=True)
class Again:
    """How many members were erased again, and in how many servers anonymous posts have lost their
    authors, since no key opened the boxes that say whom to erase."""

    members: int = 0
    unopened: int = 0


async def erase_again(
    db: Database,
    lists: Iterable[ErasureList],
    *,
    sealing: Sealing | None,
    made: date | None,
    now: datetime,
    step: Step,
) -> Again:
    """Erase whom lists name, and the database doesn't know to be erased.

    `made` is the day of the copy, by which lists of another secret are judged; with None they are
    left alone. What is cut off is found as any erasure that isn't over.

    Who wrote anonymously is found with the key alone. Where it doesn't open each box of such a
    server, those that stay shut are replaced, and so nobody's who is to be erased is left.
    """
    sealing = await usable(db, sealing)
    since = None if made is None else (made - EPOCH.date()).days
    found: set[tuple[int, int]] = set()
    unopened: set[int] = set()
    lists = list(lists)
    for place, each in enumerate(lists):
        step("Looking for members", place, len(lists))
        begun, whole = await _begin_again(db, each, sealing, since, now)
        found |= begun
        if not whole:
            unopened.add(each.guild_id)
    for place, (guild_id, user_id) in enumerate(sorted(found)):
        step("Erasing again", place, len(found))
        await forgetting.finish(db, guild_id, user_id, sealing=sealing, now=now)
    return Again(len(found), len(unopened))


async def usable(db: Database, sealing: Sealing | None) -> Sealing | None:
    """The keys, unless anonymous posts are sealed in a database with others."""
    check = await key_in_use(db)
    return None if sealing is None or (check and not sealing.knows(check)) else sealing


async def _begin_again(
    db: Database, named: ErasureList, sealing: Sealing | None, since: int | None, now: datetime
) -> tuple[set[tuple[int, int]], bool]:
    """Note whom a list names and the database doesn't know of; returns them, and whether the key
    has opened some of what is sealed in the server, if anything is."""
    unknown = await db.in_read(lambda tx: erasures.not_known(tx, named, since))
    if not unknown:
        return set(), True
    guild_id = named.guild_id
    authors, shut = await authors_of(db, guild_id, sealing)
    if shut:
        # Before they are noted: whoever is cut off here begins anew.
        await renew_server(db, guild_id, Renewing(sealing), now)
    await delaying.drop_shut(db, sealing, guild_id)
    authors |= await delaying.authors(db, sealing, guild_id)
    by_digest = {each.digest: each for each in unknown}
    found = await _members(db, named, by_digest, authors)

    async def note(tx: Transaction) -> None:
        await guilds.lock_rules(tx, guild_id, now)
        known = await erasures.take_over(tx, named, unknown)
        for user_id, erased in found.items():
            job = Erasing(guild_id, user_id, unknown[erased])
            # By a list of another secret they are erased here for the first time.
            await (erasures.ask if known else erasures.begin)(tx, job, now)

    await db.in_write(note)
    return {(guild_id, user_id) for user_id in found}, not shut or sealing is not None


async def _members(
    db: Database, named: ErasureList, unknown: Mapping[int, Erased], authors: Iterable[int]
) -> dict[int, Erased]:
    """Of all members that stand anywhere in a server, or in one of its boxes, those whose digests
    are named."""
    found: dict[int, Erased] = {}

    def compare(user_id: int) -> None:
        erased = unknown.get(digest_of(named.secret, named.guild_id, user_id))
        if erased is not None:
            found[user_id] = erased

    async for user_id in _everybody(db, named.guild_id):
        compare(user_id)
    for user_id in authors:
        compare(user_id)
    return found


async def _everybody(db: Database, guild_id: int) -> AsyncGenerator[int]:
    """Each member of whom anything stands in a server, once."""
    seen: set[int] = set()
    for column in (*persons.COLUMNS, None):
        ids = [0]
        while ids:
            look = partial(persons.members, guild_id=guild_id, column=column, after=ids[-1])
            ids = await db.in_read(partial(look, limit=_IDS))
            for user_id in ids:
                if user_id not in seen:
                    yield user_id
            seen.update(ids)
