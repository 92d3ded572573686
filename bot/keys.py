"""The key that seals who wrote anonymously, where the bot and the commands need it: the one that
was used, another one, or none any more."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

from bot import key_file
from bot.key_file import KeyFileError
from bot.sealing import KeyState, Sealing
from bot.settings import Settings
from bot.stop import WRONG_CONFIGURATION, Stop
from bot.usecases import personas, resealing
from data.database import Database

log = logging.getLogger(__name__)


async def sealing_of(
    settings: Settings, db: Database, *, accept_lost: bool = False
) -> Sealing | None:
    """The installation's keys, if it has any, for a bot that starts.

    Raises `Stop` if they aren't those with which anonymous posts were sealed here: nobody could
    change theirs, and blocks and limits would hold for nobody. With `accept_lost` that is given up
    where the file is gone or has other keys; one that is damaged is to be removed first.
    """
    check = await personas.key_in_use(db)
    try:
        path = key_file.find(settings)
        sealing = None if path is None else key_file.read_from(path)
    except KeyFileError as error:
        if check is not None:
            raise Stop(str(error), WRONG_CONFIGURATION) from error
        log.warning("Nobody can post anonymously: %s", error)
        return None
    if check is None:
        if sealing is not None and await resealing.is_used(db):  # by an import
            await resealing.use_key(db, sealing.check)
        return sealing
    if sealing is not None and sealing.knows(check):
        # From here on it is known that the bot has the newest key: see `bot.rotating`.
        await resealing.use_key(db, sealing.check)
        return sealing
    if accept_lost:
        await resealing.let_go(db, datetime.now(UTC))
        log.warning(
            "The key of earlier anonymous posts was given up as lost: they stay, and nobody is "
            "their author any more. Blocks of anonymous authors have ended."
        )
        return sealing
    raise Stop(lost(settings, sealing), WRONG_CONFIGURATION)


async def found_or_made(settings: Settings, db: Database) -> tuple[Sealing | None, KeyState]:
    """The keys, for a bot that runs without any while a server turns anonymous posts on: those of a
    file that is there by now, or of a new one where the bot can write it. None where it can't, or
    where other posts were sealed with a key that is gone; the log says why."""
    try:
        sealing = await asyncio.to_thread(read_if_any, settings)
        if sealing is not None:
            return await sealing_of(settings, db), KeyState.THERE
        if await personas.key_in_use(db) is not None:
            log.warning("Nobody can post anonymously: %s", lost(settings, None))
            return None, KeyState.MISSING
        path = await asyncio.to_thread(key_file.make, settings)
        log.warning("Made %s, the key of who writes anonymously. Keep a copy elsewhere.", path)
        return await asyncio.to_thread(key_file.read_from, path), KeyState.MADE
    except (KeyFileError, Stop) as error:
        log.warning("Nobody can post anonymously: %s", error)
        return None, KeyState.MISSING


def read_if_any(settings: Settings) -> Sealing | None:
    """The keys, for a command that does without where there are none. Raises `Stop` where there is
    a file that can't be used."""
    try:
        path = key_file.find(settings)
        return None if path is None else key_file.read_from(path)
    except KeyFileError as error:
        raise Stop(str(error), WRONG_CONFIGURATION) from error


def lost(settings: Settings, other: Sealing | None) -> str:
    """That the key is gone, or another one is in its place, and what to do."""
    if other is None:
        places = " or ".join(map(str, key_file.places(settings)))
        finding = (
            "Anonymous posts are sealed here with a key that is not there any more: there is no "
            f"{places}. Put your copy of it there."
        )
    else:
        finding = (
            f"The key file {key_file.find(settings)} is not the one with which anonymous posts are "
            "sealed here. Put your copy of that one there."
        )
    return (
        f"{finding} If there is none, `askwell run --accept-lost-key` starts without: these posts "
        "stay, but for good nobody is their author."
    )
