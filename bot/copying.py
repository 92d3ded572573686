"""`askwell copy`: a whole installation into another database, SQLite or PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import date, datetime
from pathlib import Path

from bot.backing_up import day_of
from bot.domain.erasures import ErasureList, merged
from bot.progress import Step, progress
from bot.running import only_chore, only_process, opened, refuse_beside_a_bot
from bot.settings import SettingError, Settings
from bot.stop import TRY_AGAIN, Stop
from bot.usecases.recounting import Correction, recount
from bot.usecases.repeating import erase_again
from data import backups, copying, erasure_files, migrating
from data.backups import FileProblem
from data.database import Database

Out = Callable[[str], None]


async def copy(source: str, target: str, lists: Path, out: Out, now: datetime) -> None:
    """Copy all of a database into an empty one; no bot may run with either. An interrupted copy
    continues when the command is repeated. Whoever was erased since, where FROM is a backup, is
    erased in TO: the list of erasures is beside it, or in the folder `lists`. Raises `Stop`."""
    left, right = _settings("FROM", source), _settings("TO", target)
    if left.database_url == right.database_url:
        raise Stop("FROM and TO are the same database.")
    if left.database_path is not None and not left.database_path.exists():
        raise Stop(f"FROM: there is no file {left.database_path}.")
    if right.database_path is not None and right.database_path.exists():
        raise Stop(f"TO: {right.database_path} is there already. Choose a path where no file is.")
    async with AsyncExitStack() as stack:
        for each in (left, right):
            stack.enter_context(only_process(each))
            stack.enter_context(only_chore(each))
        step = stack.enter_context(progress())
        copied, again, wrong = await _copy(left, right, _lists(left, lists), step, now)
    out(
        f"Copied {copied.rows} rows of {copied.tables} tables into {right.shown_database_url}, "
        "and compared each of them. Keys and .env are not copied."
    )
    if again:
        members = "1 member" if again == 1 else f"{again} members"
        out(f"Erased in it what {members} had erased since FROM was written.")
    if wrong:
        out(f"{len(wrong)} figures are wrong in both: `askwell recount` corrects them.")
    out("Set DATABASE_URL to it, and start the bot. FROM is as it was.")


def _lists(source: Settings, folder: Path) -> list[ErasureList]:
    folders = {folder, source.database_path.parent} if source.database_path else {folder}
    try:
        return merged(one for each in folders for one in erasure_files.read(each))
    except FileProblem as problem:
        refusal = f"{problem}. It tells whom to erase again. Put a sound copy in its place."
        raise Stop(refusal) from problem


async def _copy(
    left: Settings, right: Settings, lists: list[ErasureList], step: Step, now: datetime
) -> tuple[copying.Copied, int, list[Correction]]:
    path = right.database_path
    # A file has its name once it is whole.
    part = None if path is None else path.with_name(f"{path.name}.copying")
    place = right if part is None else _settings("TO", str(part))
    try:
        async with opened(left, migrate=False) as source, opened(place, migrate=False) as target:
            await refuse_beside_a_bot(source)
            await refuse_beside_a_bot(target)
            copied = await copying.copy(source, target, left.shown_database_url, step)
            again = await erase_again(target, lists, _day_of(left), now, step)
            wrong = await _recount(target, step, now)
            await copying.finish(target)
        if part is not None and path is not None:
            backups.settle(part)
            part.replace(path)
            backups.flush(path.parent)
    except copying.OtherSchema as error:
        raise Stop(_other_schema(error.found)) from error
    except copying.NotEmpty as error:
        refusal = "TO holds data already. Choose an empty database."
        raise Stop(refusal) from error
    except copying.Changed as error:
        refusal = f"The copy isn't like FROM: {error}. Stop the bot, and repeat the command."
        raise Stop(refusal) from error
    except FileProblem as error:
        refusal = (
            f"The copy was interrupted: {error}. Repeat the command: it continues where it was."
        )
        raise Stop(refusal, TRY_AGAIN) from error
    return copied, again, wrong


def _day_of(source: Settings) -> date | None:
    return None if source.database_path is None else day_of(source.database_path)


async def _recount(db: Database, step: Step, now: datetime) -> list[Correction]:
    """What a recount would correct; it changes nothing."""

    async def tell(posts: int) -> None:
        step("Recounting", posts, posts + 1)

    return await recount(db, apply=False, now=now, progress=tell)


def _other_schema(found: str | None) -> str:
    if found is None:
        return "FROM holds no data of Askwell's."
    if found.startswith(migrating.UNFINISHED):
        return "FROM is itself a copy that was interrupted. Finish it first."
    if migrating.is_older(found):
        return f"FROM has schema {found}. Run `askwell migrate` with it first."
    return (
        f"FROM is newer than this version of Askwell (schema {found}; this version knows "
        f"{migrating.newest()}). Update Askwell."
    )


def _settings(name: str, address: str) -> Settings:
    """The settings of a database that is given as a file or as in `DATABASE_URL`."""
    if "://" not in address:
        address = f"sqlite+aiosqlite:///{Path(address).expanduser().resolve()}"
    try:
        return Settings.from_env({"DATABASE_URL": address})
    except SettingError as error:
        raise Stop(f"{name}: {error.problem}") from error
