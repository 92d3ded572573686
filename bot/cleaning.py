"""`askwell privacy clean`: what was erased leaves the database's files now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.progress import Step, progress
from bot.running import only_chore, opened
from bot.settings import Settings
from bot.stop import TRY_AGAIN, Stop
from bot.usecases.cleaning import Cleaning, Elsewhere, clean_file
from data import migrating
from data.backups import FileProblem, problems
from data.database import Database

Out = Callable[[str], None]
_TRIES: Final = 20
_PAUSE: Final = 1.0  # seconds, in which others are served


async def clean(settings: Settings, out: Out, now: datetime) -> None:
    """Have what was erased leave the database's files; the bot may run. Raises `Stop`."""
    path = settings.database_path
    if path is not None and not path.exists():
        raise Stop(f"There is nothing to clean: {path} is not there.")
    with only_chore(settings):
        async with opened(settings, migrate=False) as db:
            found = await migrating.version(db)
            if found != migrating.newest():
                refusal = f"The database has schema {found or 'none'}. Run `askwell migrate` first."
                raise Stop(refusal)
            if db.is_sqlite:
                await _clean_file(db)
                out("Nothing of what was erased is in the database's file, its index or its log.")
                return
            with progress() as step:
                rewritten = await _rewrite(db, step, now)
    out(
        f"Wrote {rewritten} tables anew: nothing of what was erased is in them or their indexes. "
        "WAL, archives and replicas still have it, until you let it go: see docs/privacy.md."
    )


async def _clean_file(db: Database) -> None:
    for _ in range(_TRIES):
        if await clean_file(db):
            return
        await asyncio.sleep(_PAUSE)
    refusal = "Somebody is reading the database, such as a backup. Try again when that is over."
    raise Stop(refusal, TRY_AGAIN)


async def _rewrite(db: Database, step: Step, now: datetime) -> int:
    cleaning = Cleaning(db, everything=True)
    left: list[str] = []
    try:
        with problems():
            for _ in range(_TRIES):
                left = await cleaning.go_on(step, now)
                if not left:
                    return cleaning.rewritten
                await asyncio.sleep(_PAUSE)
    except Elsewhere as error:
        raise Stop("Another process is writing the tables anew already.", TRY_AGAIN) from error
    except FileProblem as error:
        raise Stop(
            f"The tables weren't all written anew: {error}. Each needs room for a copy of it. "
            "Repeat the command."
        ) from error
    raise Stop(
        f"These tables weren't written anew: {', '.join(left)}. Somebody reads them, such as a "
        "backup, or the user doesn't own the database. Repeat the command.",
        TRY_AGAIN,
    )
