"""The owner's commands besides running the bot: invite, migrate, recount, doctor."""

from __future__ import annotations

import base64
import binascii
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import backing_up
from bot.domain.erasures import LISTED_FOR
from bot.key_file import KeyFileError, find, read_from, weakness_of
from bot.keys import lost, read_if_any
from bot.running import only_chore, only_process, opened
from bot.settings import Settings
from bot.stop import Stop
from bot.usecases import personas
from bot.usecases.inspecting import Inspection, inspect
from bot.usecases.recounting import corrections
from bot.usecases.repeating import missing
from cogs.doctor import Check, check_database, check_discord, check_env_file, check_python
from cogs.foundation.preflight import invite_url
from data import erasure_files, migrating
from data.backups import FileProblem
from data.database import Database

Out = Callable[[str], None]


def invite(settings: Settings, client_id: int | None, out: Out) -> None:
    """Print the link that adds the bot to a server with exactly the permissions it needs."""
    out(invite_url(client_id or _application_id(settings.discord_token)))


def _application_id(token: str) -> int:
    """The application's id: the first part of its bot's token."""
    if not token:
        raise Stop(
            "The link needs the application's id: set DISCORD_TOKEN, or give --client-id with the "
            "Application ID from the developer portal (page General Information)."
        )
    first = token.split(".", 1)[0]
    try:
        # Written without its padding; more padding than needed is ignored.
        return int(base64.urlsafe_b64decode(first + "==="))
    except (binascii.Error, ValueError):
        raise Stop(
            "DISCORD_TOKEN does not begin with an application's id. Copy it again from the "
            "developer portal (page Bot, Reset Token), or give --client-id."
        ) from None


async def migrate(settings: Settings, out: Out) -> None:
    """Migrate the schema to this version's, and report both versions."""
    with only_process(settings):
        async with opened(settings, migrate=False) as db:
            before = await migrating.version(db)
        async with opened(settings) as db:
            after = await migrating.version(db)
    if before == after:
        out(f"Schema {after}: up to date, nothing to do.")
    else:
        out(f"Schema: {before or 'empty'} → {after}")


async def recount(settings: Settings, guild_id: int | None, *, apply: bool, out: Out) -> None:
    """Recompute every cached figure from the facts, printing each correction as it is found."""
    number = 0
    with only_process(settings), only_chore(settings):
        async with opened(settings) as db:
            async for each in corrections(db, guild_id, apply=apply, now=datetime.now(UTC)):
                number += 1
                out(str(each))
    if not number:
        out("nothing to change")
    elif apply:
        out(f"{number} figures corrected; cards follow when the bot runs.")
    else:
        out(f"{number} figures would be corrected.")


async def doctor(settings: Settings, env_file: Path, misspelt: Mapping[str, str], out: Out) -> bool:
    """Check everything that the bot needs, and print each finding; True if nothing fails.

    `misspelt` are names in the file of settings that are none, with the one that is meant.
    """
    checks = [check_python(sys.version_info[:3]), *check_env_file(env_file, misspelt)]
    now = datetime.now(UTC)
    in_database, found = await _database(settings)
    checks += [*in_database, _backups(settings.backup_folder, found, now), *_copies(settings, now)]
    checks.append(_key(settings))
    checks += await check_discord(settings, found.homes, found.rules)
    for check in checks:
        out(str(check))
    failing = sum(not check.well for check in checks)
    warnings = sum(check.warns for check in checks)
    if failing:
        out(f"\n{failing} of {len(checks)} checks failed.")
    elif warnings:
        out(f"\nNothing failed, but see the warning{'s' if warnings > 1 else ''}.")
    else:
        out("\nAll is well.")
    return not failing


def _backups(folder: Path, inspection: Inspection, now: datetime) -> Check:
    """How old the newest backup is, and whether one is kept for too long."""
    name = "Backup"
    try:
        found = backing_up.found_in(folder)
    except OSError as error:
        fix = "run doctor as the user who makes the backups"
        return Check(name, False, f"{folder} can't be read ({error.strerror})", fix)
    if not found and inspection.posts:
        fix = "run `askwell backup` every day (docs/operations.md)"
        return Check(name, True, f"none in {folder}: without one, a lost disk loses all posts", fix)
    if not found:
        return Check(name, True, f"none in {folder} yet: `askwell backup` makes one")
    finding = f"the newest is {_age(now - found[0].made)} old: {found[0].path}"
    if late := [each for each in found if each.until < now.date()]:
        fix = "delete it, or run `askwell backup`, which does"
        return Check(name, False, f"{late[-1].path.name} is kept past its day; {finding}", fix)
    return Check(name, True, finding)


def _copies(settings: Settings, now: datetime) -> list[Check]:
    """Whether what was there before a restore or an upgrade is kept for too long."""
    path = settings.database_path
    old = [] if path is None else backing_up.kept_too_long(path, now.date())
    finding = f"kept for more than {backing_up.KEPT_FOR.days} days: {', '.join(map(str, old))}"
    fix = "delete what is named: it still has what members have deleted since"
    return [Check("Old copies", False, finding, fix)] if old else []


def _age(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    number, unit = (hours // 24, "day") if hours >= 48 else (hours, "hour")
    if not number:
        return "less than an hour"
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _key(settings: Settings) -> Check:
    """Whether the key for anonymous posts can be read, by this user alone."""
    name = "Key"
    try:
        path = find(settings)
        if path is None:
            return Check(name, True, "none yet, for anonymous posts: `askwell key` makes one")
        keys = read_from(path).keys
    except KeyFileError as error:
        return Check(name, False, str(error))
    if weakness := weakness_of(path, settings):
        return Check(name, False, *weakness)
    older = f", and {keys - 1} older" if keys > 1 else ""
    return Check(name, True, f"{path}, for its owner alone{older}")


async def _database(settings: Settings) -> tuple[list[Check], Inspection]:
    path, nothing = settings.database_path, Inspection(None, migrating.newest(), {}, 0, [])
    if path is not None and not path.exists():
        # Opening it would create it, which a check must not do.
        return [Check("Database", True, f"none yet: the first start makes {path}")], nothing
    try:
        async with opened(settings, migrate=False) as db:
            inspection = await inspect(db)
            listed: list[Check] = []
            if inspection.current:
                listed = [await _erasures(settings, db), *await _anonymous(settings, db)]
    except Stop as stop:
        return [Check("Database", False, stop.message)], nothing
    return [*check_database(inspection), *listed], inspection


async def _anonymous(settings: Settings, db: Database) -> list[Check]:
    """Whether the key opens what is sealed, and each anonymous author has a row; nothing where
    there are none."""
    name, check = "Anonymous", await personas.key_in_use(db)
    if missing_rows := await personas.without_row(db):
        authors = (
            "1 anonymous author has"
            if missing_rows == 1
            else f"{missing_rows} anonymous authors have"
        )
        finding = f"{authors} no row"
        return [Check(name, False, finding, "run `askwell recount`")]
    if check is None:
        return []
    try:
        sealing = read_if_any(settings)
    except Stop as stop:
        return [Check(name, False, stop.message)]
    if sealing is None or not sealing.knows(check):
        return [Check(name, False, lost(settings, sealing))]
    return [Check(name, True, "sealed with the key of this installation")]


async def _erasures(settings: Settings, db: Database) -> Check:
    """Whether the list beside the backups names all who were erased."""
    name, folder = "Erasures", settings.backup_folder
    file = folder / erasure_files.NAME
    try:
        left_out = await missing(db, folder, datetime.now(UTC))
    except FileProblem as problem:
        fix = "move it away: the bot writes it anew"
        return Check(name, False, f"the list beside the backups can't be used: {problem}", fix)
    fix = "let the bot write there, or set BACKUP_DIR to another folder"
    if left_out:
        finding = f"{left_out} not in {file}: a backup that is restored would have them again"
        return Check(name, False, finding, fix)
    if not erasure_files.can_be_written(folder):
        return Check(name, False, f"{file} can't be written", fix)
    return Check(name, True, f"all of the last {LISTED_FOR.days} days are in {file}")
