"""`askwell backup`: a copy of all the data in one SQLite file, checked, for its owner alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from bot.lock import AlreadyRunning, DatabaseLock
from bot.progress import Step, in_thread, progress
from bot.running import only_chore, opened
from bot.settings import Settings
from bot.stop import TRY_AGAIN, Stop
from bot.usecases.repeating import Again, listed_since
from data import backups, copying, erasure_files, migrating
from data.backups import FileProblem

Out = Callable[[str], None]

KEPT_FOR: Final = timedelta(days=30)
"""How long a backup may be kept: it holds what members have deleted since."""
_TIME: Final = "%Y-%m-%d-%H%M%S"
_NAME: Final = re.compile(
    r"askwell-(\d{4}-\d{2}-\d{2}-\d{6})-until-(\d{4}-\d{2}-\d{2})\.sqlite3", re.ASCII
)
_REPLACED: Final = re.compile(r"\.replaced-(\d{4}-\d{2}-\d{2})-\d{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup: when it was made, and the last day on which it may be kept (UTC)."""

    path: Path
    made: datetime
    until: date


def found_in(folder: Path) -> list[Backup]:
    """The backups in a folder, the newest first."""
    found = filter(None, map(_named, folder.glob("askwell-*.sqlite3")))
    return sorted(found, key=lambda backup: backup.made, reverse=True)


def _named(path: Path) -> Backup | None:
    """What a backup's name says; None if it isn't the name of one."""
    match = _NAME.fullmatch(path.name)
    if match is None:
        return None
    try:
        made = datetime.strptime(match[1], _TIME).replace(tzinfo=UTC)
        return Backup(path, made, date.fromisoformat(match[2]))
    except ValueError:  # digits that are no date: not ours
        return None


def day_of(path: Path) -> date:
    """The day on which a backup was made, by its name, or else by the file's time (UTC)."""
    named = _named(path)
    made = named.made if named else datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return made.date()


def kept_too_long(database: Path, today: date) -> list[Path]:
    """What `restore --force` and upgrades left beside a SQLite file and is older than a backup may
    get."""
    kinds = ("replaced", "schema")
    beside = [path for kind in kinds for path in database.parent.glob(f"{database.name}.{kind}-*")]
    return sorted(path for path in beside if _replaced_on(path) + KEPT_FOR < today)


def _replaced_on(path: Path) -> date:
    """The day on which a file was replaced, by its name, or else by the file's time (UTC)."""
    match = _REPLACED.search(path.name)
    try:
        if match:
            return date.fromisoformat(match[1])
    except ValueError:  # digits that are no date
        pass
    return day_of(path)


async def backup(
    settings: Settings, folder: Path | None, keep: int | None, out: Out, now: datetime
) -> None:
    """Back up into a folder (None: `BACKUP_DIR`). Of the backups there, those past their day are
    removed, and all but the newest `keep`. Raises `Stop`."""
    folder = folder or settings.backup_folder
    with ExitStack() as stack:
        stack.enter_context(only_chore(settings))
        _lock(stack, folder)
        with progress() as step:
            made = await write(settings, folder, now, step)
            await in_thread(lambda _: list_erasures(settings, made.path, now), step)
        out(f"Backed up to {made.path} ({made.path.stat().st_size / 1e6:.1f} MB), and checked.")
        out(f"It may be kept until {made.until}: what members delete later is still in it.")
        out("Keys and .env are not in it.")
        removed = _remove_old(folder, keep, now.date())
    if removed:
        out(f"Removed {removed} older backup{'s' if removed > 1 else ''}.")


def list_erasures(settings: Settings, file: Path, now: datetime) -> None:
    """Have a list of erasures beside a backup, also where nobody was erased yet: without it, a
    restore can't know whether anybody was. Raises `Stop`."""
    try:
        lists = [*erasure_files.read(settings.backup_folder), *erasure_files.of_file(file)]
        erasure_files.add(file.parent, lists, listed_since(now))
    except FileProblem as error:
        raise Stop(
            f"The list of erasures beside {file} can't be written: {error}. The backup is whole. "
            f"Let {file.parent / erasure_files.NAME} be written, or move it away if it is damaged."
        ) from error


def _lock(stack: ExitStack, folder: Path) -> None:
    """One process at a time writes into a folder of backups."""
    try:
        stack.enter_context(DatabaseLock(folder / "askwell", ".backup"))
    except AlreadyRunning as error:
        refusal = f"Another backup into {folder} is running: wait until it has ended."
        raise Stop(refusal, TRY_AGAIN) from error
    except OSError as error:
        raise _not_written(folder, error.strerror or str(error)) from error


async def write(settings: Settings, folder: Path, now: datetime, step: Step) -> Backup:
    """Write a backup, and check it. What is not whole never has a backup's name. Raises `Stop`."""
    until = (now + KEPT_FOR).date()
    path = folder / f"askwell-{now:{_TIME}}-until-{until}.sqlite3"
    part = folder / "askwell-backup.part"
    _remove(part)  # of one that was killed
    try:
        if settings.database_path is None:
            async with opened(settings, migrate=False) as db:
                await copying.copy_to_file(db, part, step)
        else:
            if not settings.database_path.exists():
                raise Stop(f"There is nothing to back up: {settings.database_path} is not there.")
            path_of_data = settings.database_path
            await in_thread(lambda each: backups.copy_file(path_of_data, part, each), step)
        step("Checking", 0, 1)
        await in_thread(lambda _: _check(part), step)
        part.replace(path)
        backups.flush(folder)
    except copying.OtherSchema as error:
        raise Stop(_no_backup_of(error.found)) from error
    except (FileProblem, copying.Changed) as error:
        raise _not_written(folder, str(error)) from error
    except OSError as error:
        raise _not_written(folder, error.strerror or str(error)) from error
    finally:
        _remove(part)
    return Backup(path, now, until)


def _check(path: Path) -> None:
    version = backups.version_of(path)
    if version != migrating.newest() and not migrating.is_older(version):
        raise Stop(_no_backup_of(version))


def _no_backup_of(version: str | None) -> str:
    if (version or "").startswith(migrating.UNFINISHED):
        return "The database is a copy that was interrupted. Finish it, then back up."
    return (
        f"The database has schema {version or 'none'}; this version of Askwell backs up "
        f"{migrating.newest()}. Update Askwell, or run `askwell migrate`."
    )


def _not_written(folder: Path, problem: str) -> Stop:
    return Stop(
        f"The backup into {folder} failed: {problem}. Nothing was left there. Check that the "
        "folder can be written and the disk has room."
    )


def sentences(again: Again, since: str) -> list[str]:
    """What an owner is told of who was erased again."""
    said: list[str] = []
    if again.members:
        members = "1 member" if again.members == 1 else f"{again.members} members"
        said.append(f"Erased again what {members} had erased since {since}.")
    if again.unopened:
        servers = "1 server" if again.unopened == 1 else f"{again.unopened} servers"
        said.append(
            f"In {servers} anonymous posts have no author any more: members were erased there, and "
            "without the key nobody knows which of these posts are theirs."
        )
    return said


def _remove(part: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        Path(f"{part}{suffix}").unlink(missing_ok=True)


def _remove_old(folder: Path, keep: int | None, today: date) -> int:
    """Remove the backups past their day and, where `keep` is given, all but the newest; returns how
    many."""
    gone = [
        each
        for place, each in enumerate(found_in(folder))
        if each.until < today or (keep is not None and place >= keep)
    ]
    for each in gone:
        with suppress(FileNotFoundError):
            backups.remove(each.path)
    return len(gone)
