"""`askwell restore`: puts a backup in place of the data, which is kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Final

from bot import backing_up
from bot.progress import Step, in_thread, progress
from bot.running import only_chore, only_process, opened
from bot.settings import Settings
from bot.stop import Stop
from data import backups, copying, migrating
from data.backups import FileProblem

Out = Callable[[str], None]
_TIME: Final = "%Y-%m-%d-%H%M%S"


async def restore(settings: Settings, file: Path, *, force: bool, out: Out, now: datetime) -> None:
    """Restore a backup into the database of `DATABASE_URL`; no bot may run with it.

    What is there is only replaced with `force`, and kept. Raises `Stop`.
    """
    with ExitStack() as stack:
        stack.enter_context(only_process(settings))
        stack.enter_context(only_chore(settings))
        with progress() as step:
            step("Checking", 0, 1)
            version = await in_thread(lambda _: _checked(file), step)
            path = settings.database_path
            if path is not None:
                kept = await in_thread(lambda each: _into_file(path, file, force, each, now), step)
            else:
                kept = await _into_server(settings, file, force, step, now)
    out(f"Restored {file} into {settings.shown_database_url}.")
    if kept is not None:
        out(f"What was there before is in {kept}. Delete it when you no longer need it.")
    if version != migrating.newest():
        out(f"Its schema is {version}: the next start brings it to {migrating.newest()}.")


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


def _into_file(path: Path, file: Path, force: bool, step: Step, now: datetime) -> Path | None:
    there = path.exists() and path.stat().st_size > 0
    if there and path.samefile(file):
        raise Stop(f"{file} is the database itself, not a backup of it.")
    if there and not force:
        raise _refuse(str(path))
    kept = path.with_name(f"{path.name}.replaced-{now:{_TIME}}")
    part = path.with_name(f"{path.name}.restoring")
    try:
        backups.copy_file(file, part, step)
        backups.version_of(part)
        return backups.replace(part, path, kept)
    except FileProblem as error:
        raise Stop(
            f"{file} wasn't restored: {error}. Check that {path.parent} can be written and the "
            "disk has room for it."
        ) from error
    finally:
        part.unlink(missing_ok=True)


async def _into_server(
    settings: Settings, file: Path, force: bool, step: Step, now: datetime
) -> Path | None:
    folder = settings.backup_folder
    part = folder / "askwell-restore.part"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A copy, which can be brought to this version's schema.
        await in_thread(lambda each: backups.copy_file(file, part, each), step)
        async with opened(_of_file(part)) as source, opened(settings, migrate=False) as target:
            kept = None
            if force and await copying.holds_data(target):
                kept = (await backing_up.write(settings, folder, now, step)).path
                await copying.clear(target)
            await copying.copy(source, target, _identity(file), step)
            await copying.finish(target)
    except copying.NotEmpty as error:
        raise _refuse(settings.shown_database_url) from error
    except (FileProblem, copying.Changed, OSError) as error:
        raise Stop(f"{file} wasn't restored: {error}. Run the command again.") from error
    finally:
        for each in folder.glob(f"{part.name}*"):
            each.unlink(missing_ok=True)
    return kept


def _identity(file: Path) -> str:
    """What tells this file from others, and from itself once it was written anew."""
    stat = file.stat()
    return f"{file.resolve()} {stat.st_size} {stat.st_mtime_ns}"


def _of_file(path: Path) -> Settings:
    return Settings(database_url=f"sqlite+aiosqlite:///{path.resolve()}")
