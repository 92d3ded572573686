"""`askwell rotate-key`: who wrote anonymously is sealed with a new key, beside a running bot.

A bot reads its keys when it starts, and notes then which one seals. So the command never seals with
a key that a running bot doesn't have: it has a new line written, and asks for a restart.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from bot import key_file
from bot.backing_up import KEPT_FOR
from bot.key_file import KeyFileError
from bot.keys import lost
from bot.progress import progress
from bot.running import a_bot_runs, only_chore, only_process, opened
from bot.sealing import Sealing
from bot.settings import Settings
from bot.stop import TRY_AGAIN, Stop
from bot.usecases import personas, resealing
from data import migrating, post_blocks
from data.database import Database
from data.types import EPOCH

Out = Callable[[str], None]


async def rotate_key(settings: Settings, out: Out, now: datetime) -> None:
    """Have a new key seal, and seal with it what older ones did. Cut off, or done while a bot runs
    that doesn't know the new key, it goes on when it is repeated. Raises `Stop`."""
    path = _file(settings)
    if settings.database_path is not None and not settings.database_path.exists():
        raise Stop(f"There is no database {settings.database_path} yet, and so nothing is sealed.")
    with only_chore(settings):
        async with opened(settings, migrate=False) as db:
            found = await migrating.version(db)
            if found != migrating.newest():
                raise Stop(f"The database has schema {found}. Run `askwell migrate` first.")
            await _rotate(settings, db, path, out, now)


def _file(settings: Settings) -> Path:
    """The key file, which must be a safe one."""
    try:
        path = key_file.find(settings)
    except KeyFileError as error:
        raise Stop(str(error)) from error
    if path is None:
        raise Stop("There is no key yet, and so nothing is sealed. `askwell key` makes one.")
    if weakness := key_file.weakness_of(path, settings):
        raise Stop(f"{weakness.finding}. A new key would be no safer: {weakness.fix}.")
    return path


async def _rotate(settings: Settings, db: Database, path: Path, out: Out, now: datetime) -> None:
    ring, check = _read(path), await personas.key_in_use(db)
    if check is not None and not ring.knows(check):
        raise Stop(lost(settings, ring))
    if check is None and ring.keys > 1:
        out(f"Nothing is sealed yet, so the older lines may be taken out of {path}.")
        return
    if check in (None, ring.check) and await resealing.is_rotated(db, ring):
        ring = _with_new_key(path)
        out(f"A new key is the first line of {path}. Keep a copy of the file elsewhere, too.")
    if check is None:
        out("Nothing is sealed yet. Restart the bot, if one runs, and repeat the command.")
        return
    if check != ring.check:
        await _use(settings, db, ring)
    with progress() as step:
        servers = await resealing.rotate(db, ring, now, step)
    shown = "1 server" if servers == 1 else f"{servers} servers"
    out(f"Who wrote anonymously in {shown} is sealed with the first line of {path}.")
    last, lasting = await db.in_read(post_blocks.last_end)
    for sentence in _until(last, lasting, now):
        out(sentence)


def _read(path: Path) -> Sealing:
    try:
        return key_file.read_from(path)
    except KeyFileError as error:
        raise Stop(str(error)) from error


def _with_new_key(path: Path) -> Sealing:
    try:
        key_file.add_key(path)
    except KeyFileError as error:
        raise Stop(str(error)) from error
    return _read(path)


async def _use(settings: Settings, db: Database, ring: Sealing) -> None:
    """Note that the first key seals from now on. No bot runs that doesn't know it."""
    try:
        with only_process(settings):
            runs = await a_bot_runs(db)
            if not runs:
                await resealing.use_key(db, ring.check)
    except Stop as stop:
        if stop.code != TRY_AGAIN:
            raise
        runs = True
    if runs:
        raise Stop(
            "The bot that runs doesn't have the new key yet. Restart it, then repeat `askwell "
            "rotate-key`. Until then it goes on with the older key.",
            TRY_AGAIN,
        )


def _until(last: int | None, lasting: int, now: datetime) -> list[str]:
    """From when on the older lines aren't needed any more. Limits of an hour and blocks are found
    by them: nobody knows whose these are, so they can't be sealed anew."""
    said: list[str] = []
    if lasting:
        blocks = "1 block has" if lasting == 1 else f"{lasting} blocks have"
        said.append(
            f"{blocks} no end. While that is to hold, the older lines must stay in the file."
        )
    else:
        tomorrow = now.date() + timedelta(days=1)
        end = tomorrow if last is None else max(tomorrow, EPOCH.date() + timedelta(days=last))
        said.append(
            f"The older lines may be taken out of it from {end} on (UTC). Limits and blocks that "
            "are set by now need them until then."
        )
    kept: date = now.date() + KEPT_FOR
    said.append(f"Backups made until now need them, too: keep a copy until {kept}.")
    return said
