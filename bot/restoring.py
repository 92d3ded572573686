"""`askwell restore`: puts a backup in place of the data, which is kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from bot import backing_up
from bot.domain.erasures import LISTED_FOR, ErasureList, all_known, merged
from bot.progress import Step, in_thread, progress
from bot.running import only_chore, only_process, opened, refuse_beside_a_bot
from bot.settings import Settings
from bot.stop import Stop
from bot.usecases.repeating import erase_again, lists_of
from data import backups, copying, erasure_files, migrating
from data.backups import FileProblem
from data.database import Database

Out = Callable[[str], None]
_TIME: Final = "%Y-%m-%d-%H%M%S"


@dataclass(frozen=True, slots=True)
class _Work:
    """What is restored, and how."""

    settings: Settings
    file: Path
    force: bool
    step: Step
    now: datetime


@dataclass(frozen=True, slots=True)
class _Done:
    """What was restored: its schema, what is kept of what was there, and how many members were
    erased again (None: nobody knows whom to)."""

    version: str
    kept: Path | None
    again: int | None


async def restore(settings: Settings, file: Path, *, force: bool, out: Out, now: datetime) -> None:
    """Restore a backup into the database of `DATABASE_URL`; no bot may run with it. Whoever was
    erased since it was made is erased again.

    What is there is only replaced with `force`, and kept. Raises `Stop`.
    """
    with ExitStack() as stack:
        stack.enter_context(only_process(settings))
        stack.enter_context(only_chore(settings))
        with progress() as step:
            step("Checking", 0, 1)
            await in_thread(lambda _: _checked(file), step)
            work = _Work(settings, file, force, step, now)
            path = settings.database_path
            done = await (_into_server(work) if path is None else _into_file(work, path))
    out(f"Restored {file} into {settings.shown_database_url}.")
    if done.again is None:
        out(
            f"No {erasure_files.NAME} is beside it or in {settings.backup_folder}: whoever was "
            "erased since the backup is in the data again."
        )
    elif done.again:
        members = "1 member" if done.again == 1 else f"{done.again} members"
        out(f"Erased again what {members} had erased since the backup.")
    if backing_up.day_of(file) < (now - LISTED_FOR).date():
        days = LISTED_FOR.days
        out(f"It is older than {days} days, and the list names nobody who was erased before that.")
    if done.kept is not None:
        out(f"What was there before is in {done.kept}. Delete it when you no longer need it.")
    if done.version != migrating.newest():
        out(f"Its schema is {done.version}: the next start brings it to {migrating.newest()}.")


def _checked(file: Path) -> str:
    """The schema version of a backup that can be restored."""
    if not file.is_file():
        raise Stop(f"There is no file {file}.")
    try:
        version = backups.version_of(file)
    except FileProblem as error:
        raise Stop(
            f"{file} can't be restored: {error}. Nothing was changed. Try an older backup."
        ) from error
    if version.startswith(migrating.UNFINISHED):
        raise Stop(f"{file} can't be restored: it is a copy that was interrupted.")
    if version != migrating.newest() and not migrating.is_older(version):
        raise Stop(
            f"{file} was made by a newer version of Askwell (schema {version}; this version knows "
            f"{migrating.newest()}). Update Askwell, then restore it."
        )
    return version


def _refuse(where: str) -> Stop:
    return Stop(
        f"There is data in {where} already. --force replaces it, and keeps what is there now."
    )


def _replaces(it: _Work, path: Path) -> bool:
    """Whether there is data that the backup replaces. Raises `Stop` where it may not."""
    there = path.exists() and path.stat().st_size > 0
    if there and path.samefile(it.file):
        raise Stop(f"{it.file} is the database itself, not a backup of it.")
    if there and not it.force:
        raise _refuse(str(path))
    return there


async def _into_file(it: _Work, path: Path) -> _Done:
    there = _replaces(it, path)
    kept = path.with_name(f"{path.name}.replaced-{it.now:{_TIME}}")
    part = path.with_name(f"{path.name}.restoring")
    try:
        _remove(part)  # of one that was killed
        await in_thread(lambda step: backups.copy_file(it.file, part, step), it.step)
        lists = _lists(it, erasure_files.of_file(path) if there else [])
        again = await _erase_again(it, part, lists)

        def put_there(_: Step) -> _Done:
            backups.skip_numbers(part)
            version = backups.version_of(part)
            return _Done(version, backups.replace(part, path, kept), again)

        return await in_thread(put_there, it.step)
    except FileProblem as error:
        raise Stop(
            f"{it.file} wasn't restored: {error}. Check that {path.parent} can be written and the "
            "disk has room for it."
        ) from error
    finally:
        _remove(part)


async def _into_server(it: _Work) -> _Done:
    settings, folder = it.settings, it.settings.backup_folder
    part = folder / "askwell-restore.part"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove(part)
        # A copy, which can be brought to this version's schema.
        await in_thread(lambda step: backups.copy_file(it.file, part, step), it.step)
        await in_thread(lambda _: backups.skip_numbers(part), it.step)
        async with opened(_of_file(part)) as source, opened(settings, migrate=False) as target:
            await refuse_beside_a_bot(target)
            lists = _lists(it, await lists_of(target))
            again = await _erase_again_in(source, it, lists)
            kept = None
            if it.force and await copying.holds_data(target):
                kept = (await backing_up.write(settings, folder, it.now, it.step)).path
                backing_up.list_erasures(settings, kept, it.now)
                await copying.clear(target)
            await copying.copy(source, target, _identity(it.file), it.step)
            await copying.finish(target)
    except copying.NotEmpty as error:
        raise _refuse(settings.shown_database_url) from error
    except (FileProblem, copying.Changed, OSError) as error:
        raise Stop(f"{it.file} wasn't restored: {error}. Run the command again.") from error
    finally:
        _remove(part)
    return _Done(migrating.newest(), kept, again)


def _lists(it: _Work, of_replaced: list[ErasureList]) -> list[ErasureList] | None:
    """Who was erased, by the files beside the backup and in `BACKUP_DIR`, and by the database that
    is replaced; None if nothing tells. Raises `Stop`."""
    folders = {it.file.parent.resolve(), it.settings.backup_folder.resolve()}
    there = [folder for folder in folders if (folder / erasure_files.NAME).exists()]
    if not there and not of_replaced:
        return None
    try:
        return merged([*of_replaced, *(one for each in there for one in erasure_files.read(each))])
    except FileProblem as problem:
        raise Stop(
            f"{it.file} wasn't restored: {problem}. It tells whom to erase again. Put a sound copy "
            "in its place. Without any, whoever was erased since the backup is in the data again."
        ) from problem


async def _erase_again(it: _Work, part: Path, lists: list[ErasureList] | None) -> int | None:
    """Erase in a file that nobody uses yet. One in which nobody is to be erased stays as it is."""
    if lists is None or all_known(lists, erasure_files.of_file(part)):
        return None if lists is None else 0
    async with opened(_of_file(part)) as db:
        again = await _erase_again_in(db, it, lists)
    backups.settle(part)
    return again


async def _erase_again_in(db: Database, it: _Work, lists: list[ErasureList] | None) -> int | None:
    if lists is None:
        return None
    return await erase_again(db, lists, backing_up.day_of(it.file), it.now, it.step)


def _remove(part: Path) -> None:
    """Remove what was written, with what SQLite and a migration leave beside it."""
    for each in part.parent.glob(f"{part.name}*"):
        each.unlink(missing_ok=True)


def _identity(file: Path) -> str:
    """What tells this file from others, and from itself once it was written anew."""
    stat = file.stat()
    return f"{file.resolve()} {stat.st_size} {stat.st_mtime_ns}"


def _of_file(path: Path) -> Settings:
    return Settings(database_url=f"sqlite+aiosqlite:///{path.resolve()}")
