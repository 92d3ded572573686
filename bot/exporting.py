"""`askwell export` and `askwell import askwell`: one server's data as files, and back."""

from __future__ import annotations

import shutil
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from bot.progress import Step, in_thread, progress
from bot.running import only_chore, only_process, opened
from bot.settings import Settings
from bot.stop import TRY_AGAIN, Stop
from bot.usecases.recounting import recount
from data import exporting, importing, migrating
from data.backups import FileProblem, copy_file, flush, remove
from data.copying import NotEmpty, OtherSchema
from data.database import Database

Out = Callable[[str], None]


async def export(
    settings: Settings, guild_id: int, folder: Path, *, sealed: bool, out: Out
) -> None:
    """Export a server into a new folder; the bot may run meanwhile. Who wrote anonymously is in it,
    in boxes that the key opens, if it is to be `sealed`. Raises `Stop`."""
    if _is_used(folder):
        raise Stop(f"{folder} is there already. Name a folder that is new or empty.")
    _see_that_there_is_one(settings)
    # A folder has its name once it is whole.
    part = folder.with_name(f"{folder.name}.part")
    try:
        with only_chore(settings), progress() as step:
            async with opened(settings, migrate=False) as db:
                shutil.rmtree(part, ignore_errors=True)  # of one that was killed
                part.mkdir(mode=0o700, parents=True)
                async with _still(db, part, step) as still:
                    exported = await exporting.export(still, guild_id, part, step, sealed=sealed)
            part.rename(folder)
            flush(folder.parent)
    except exporting.NoSuchServer as error:
        raise Stop(f"The database has no server {guild_id}.") from error
    except OtherSchema as error:
        raise Stop(
            f"The database has schema {error.found or 'none'}; this version of Askwell exports "
            f"{migrating.newest()}. Update Askwell, or run `askwell migrate`."
        ) from error
    except (FileProblem, OSError) as error:
        raise Stop(f"{folder} can't be written: {error}. Nothing was left there.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    out(f"Exported {exported.rows} rows of {exported.tables} tables into {folder}.")
    out("It holds what members wrote and who voted: keep it where nobody else can read it.")
    out("Keys are not in it.")
    if sealed:
        out("Its boxes say who wrote anonymously, to whoever has the key of this installation.")
    elif exported.personas:
        out(
            "Anonymous posts have no author in it that could be found. With --sealed they have, "
            "for whoever has the key."
        )


@asynccontextmanager
async def _still(db: Database, part: Path, step: Step) -> AsyncGenerator[Database]:
    """The database as it is at one moment, for as long as reading it takes.

    On SQLite that is a copy. While somebody reads, the write-ahead log can't be put into the file:
    beside votes it would grow by gigabytes in the minutes that a large server takes.
    """
    path = db.path
    if path is None:
        yield db
        return
    copy = part / "copy.sqlite3"
    await in_thread(lambda each: copy_file(path, copy, each), step)
    still = Database(f"sqlite+aiosqlite:///{copy}")
    await still.open()
    try:
        yield still
    finally:
        await still.close()
    await in_thread(lambda _: remove(copy), step)


async def import_askwell(
    settings: Settings, guild_id: int, folder: Path, out: Out, now: datetime
) -> None:
    """Import an export into a server without posts, of the same id. On SQLite no bot may run
    meanwhile. Raises `Stop`."""
    with only_process(settings), only_chore(settings), progress() as step:
        try:
            found = importing.look(folder, step)
            if found.guild_id != guild_id:
                raise Stop(f"{folder} is an export of server {found.guild_id}, not of {guild_id}.")
            async with opened(settings) as db:
                rows = await importing.import_export(db, found, step)
                wrong = await recount(db, guild_id, apply=False, now=now)
        except importing.BadExport as error:
            raise Stop(f"{folder} can't be imported: {error}. Nothing was changed.") from error
        except NotEmpty as error:
            raise Stop(
                f"Server {guild_id} has posts already. An export goes into a server without any."
            ) from error
        except FileProblem as error:
            refusal = f"{folder} wasn't imported: {error}. Nothing was changed."
            raise Stop(refusal, TRY_AGAIN) from error
        except importing.Taken as error:
            raise Stop(
                f"Other servers in this database have the same row numbers ({error}), and those "
                "of an export are kept: cards in Discord name them. Import it into a database of "
                "its own. Nothing was changed."
            ) from error
    out(f"Imported {rows} rows of server {guild_id}.")
    if found.rows["personas"]:
        out(
            "Who wrote anonymously in it is found with the key of the installation that it is from."
        )
    if wrong:
        out(f"{len(wrong)} figures were wrong when it was exported: `askwell recount` corrects.")


def _is_used(folder: Path) -> bool:
    return folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))


def _see_that_there_is_one(settings: Settings) -> None:
    if settings.database_path is not None and not settings.database_path.exists():
        raise Stop(f"There is nothing to export: {settings.database_path} is not there.")
