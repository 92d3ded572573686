"""`backup`, `restore` and `copy` as an owner runs them: what they print, leave and refuse."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.backing_up import KEPT_FOR, found_in
from bot.lock import DatabaseLock
from data import migrating
from data.backups import SKIPPED
from data.database import Database
from tests.process.fake_discord import FakeDiscord
from tests.process.keeping import FILE, files_of, rows_of
from tests.process.running import Ended, askwell, ran
from tests.support.databases import Databases
from tests.support.every_table import GUILDS, TABLES, fill


@pytest.fixture
async def home(tmp_path: Path, databases: Databases) -> Path:
    """A folder with a database at the default place, which has rows in every table."""
    (tmp_path / "var").mkdir()
    url = databases.new("sqlite")
    db = Database(url)
    await db.open()
    await fill(db)
    await db.close()
    assert db.path is not None
    db.path.rename(tmp_path / FILE)
    return tmp_path


def backups_of(home: Path) -> list[Path]:
    return [each.path for each in found_in(home / "var" / "backups")]


async def backed_up(home: Path) -> Path:
    ended = await ran(home, "backup")
    assert (ended.code, ended.err) == (0, "")
    return backups_of(home)[0]


# --- backup --------------------------------------------------------------------------------------


async def test_a_backup_has_all_rows_and_is_for_its_owner_alone(home: Path) -> None:
    ended = await ran(home, "backup")
    assert (ended.code, ended.err) == (0, "")
    (backup,) = found_in(home / "var" / "backups")
    assert rows_of(backup.path) == rows_of(home / FILE)
    assert backup.path.stat().st_mode & 0o777 == 0o600
    assert backup.path.parent.stat().st_mode & 0o777 == 0o700
    assert backup.until == (backup.made + KEPT_FOR).date()
    first, *rest = ended.out.splitlines()
    assert first.startswith(f"Backed up to {backup.path.relative_to(home)} (")
    assert first.endswith(", and checked.")
    assert rest == [
        f"It may be kept until {backup.until}: what members delete later is still in it.",
        "Keys and .env are not in it.",
    ]
    # Opening it leaves nothing beside it, and nothing half-written stands there.
    assert {each.name for each in backup.path.parent.iterdir()} == {
        backup.path.name,
        "askwell.backup.lock",
        "askwell-erasures.json",
    }


async def test_a_backup_goes_where_it_is_told(home: Path) -> None:
    assert (await ran(home, "backup", "elsewhere")).code == 0
    assert len(found_in(home / "elsewhere")) == 1
    assert (await ran(home, "backup", env={"BACKUP_DIR": "set"})).code == 0
    assert len(found_in(home / "set")) == 1
    assert not backups_of(home)


async def test_old_backups_are_removed_and_nothing_else(home: Path) -> None:
    folder = home / "var" / "backups"
    folder.mkdir()
    today = datetime.now(UTC).date()
    late, fresh, older = (
        folder / f"askwell-2026-01-0{day}-000000-until-{until}.sqlite3"
        for day, until in ((1, today - timedelta(1)), (3, today), (2, today))
    )
    others = [folder / "askwell-before-the-move.sqlite3", folder / "notes.txt"]
    for path in (late, fresh, older, *others):
        path.touch()
    ended = await ran(home, "backup")
    assert ended.out.endswith("Removed 1 older backup.\n")
    assert not late.exists()
    assert fresh.exists()
    ended = await ran(home, "backup", "--keep", "1")
    assert re.search(r"^Removed [23] older backups\.$", ended.out, re.MULTILINE)
    assert len(backups_of(home)) == 1
    assert not fresh.exists()
    assert not older.exists()
    assert all(path.exists() for path in others)


@pytest.mark.parametrize("keep", ["0", "-1", "all"])
async def test_none_to_keep_is_refused(home: Path, keep: str) -> None:
    ended = await ran(home, "backup", f"--keep={keep}")
    assert ended.code == 2
    assert "N is a number from 1 to 10000" in ended.err
    assert not (home / "var" / "backups").exists()


async def test_a_backup_of_nothing_is_refused(tmp_path: Path) -> None:
    ended = await ran(tmp_path, "backup")
    assert (ended.code, ended.out) == (78, "")
    assert ended.err == (
        "askwell: There is nothing to back up: var/askwell.sqlite3 is not there.\n"
    )
    assert not (tmp_path / FILE).exists()


async def test_a_damaged_database_is_not_a_backup(home: Path) -> None:
    older = await backed_up(home)
    before = older.read_bytes()
    damage(home / FILE)
    ended = await ran(home, "backup", "--keep", "1")
    assert ended.code == 78
    assert "The backup into var/backups failed: it is damaged" in ended.err
    assert "Nothing was left there" in ended.err
    assert older.read_bytes() == before
    assert backups_of(home) == [older]


def damage(path: Path) -> None:
    """Overwrite a page in the middle of a file."""
    with closing(sqlite3.connect(path)) as connection:
        page = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_posts_number'"
        number = connection.execute(page).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((number - 1) * size)
        file.write(b"\x55" * size)


async def test_a_folder_that_can_not_be_written_is_named(home: Path) -> None:
    (home / "file").write_text("no folder")
    ended = await ran(home, "backup", "file")
    assert ended.code == 78
    assert "The backup into file failed: " in ended.err
    assert "Traceback" not in ended.err


async def test_one_chore_at_a_time(home: Path) -> None:
    with DatabaseLock(home / FILE, ".chore"):
        ended = await ran(home, "backup")
    assert ended.code == 75
    assert "One chore at a time" in ended.err


async def test_a_backup_is_made_beside_the_running_bot(
    home: Path, discord_server: FakeDiscord
) -> None:
    async with askwell(home, "run", env=discord_server.environment()) as bot:
        await bot.connected(discord_server)
        assert (await ran(home, "backup")).code == 0
        assert bot.running
    (backup,) = backups_of(home)
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_a_backup_holds_nobody_up_who_writes_and_is_of_one_moment(home: Path) -> None:
    with closing(sqlite3.connect(home / FILE)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        with connection:
            connection.execute("CREATE TABLE ballast (data BLOB)")
            connection.executemany(
                "INSERT INTO ballast VALUES (?)", [(os.urandom(1_000_000),) for _ in range(80)]
            )
        await _write_beside(home, connection)


async def _write_beside(home: Path, connection: sqlite3.Connection) -> None:
    """Two rows that always agree are changed all the time while a backup is made."""
    ended = asyncio.ensure_future(ran(home, "backup"))
    loop, longest, changes = asyncio.get_running_loop(), 0.0, 0
    while not ended.done():
        began = loop.time()
        with connection:
            connection.execute("UPDATE guilds SET absences = absences + 1")
        longest, changes = max(longest, loop.time() - began), changes + 1
        await asyncio.sleep(0.005)
    assert (await ended).code == 0
    assert changes > 20
    assert longest < 1  # on a machine that does other things, too
    (backup,) = backups_of(home)
    counts = [row[3] for row in rows_of(backup)["guilds"]]
    now = [row[3] for row in rows_of(home / FILE)["guilds"]]
    assert [later - earlier for later, earlier in zip(now, counts, strict=True)] == [
        now[0] - counts[0]
    ] * 2


# --- restore -------------------------------------------------------------------------------------


async def test_a_backup_is_restored_where_nothing_is(home: Path) -> None:
    backup = await backed_up(home)
    before = rows_of(home / FILE)
    (home / FILE).unlink()
    ended = await ran(home, "restore", str(backup))
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (f"Restored {backup} into sqlite+aiosqlite:///var/askwell.sqlite3.\n")
    assert rows_of(home / FILE) == before
    assert (home / FILE).stat().st_mode & 0o777 == 0o600
    assert backup.exists()


def next_post(path: Path) -> int:
    """The number that the next post in a file will have."""
    with closing(sqlite3.connect(path)) as db:
        return db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'posts'").fetchone()[0] + 1


async def test_numbers_of_lost_posts_are_not_given_out_again(home: Path) -> None:
    """The buttons of their cards, which still stand in Discord, would act on other posts."""
    backup = await backed_up(home)
    before = next_post(home / FILE)
    assert (await ran(home, "restore", "--force", str(backup))).code == 0
    assert next_post(home / FILE) == before + SKIPPED
    with closing(sqlite3.connect(home / FILE)) as db:
        counted = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND sql LIKE ?"
        (tables,) = db.execute(counted, ("%AUTOINCREMENT%",)).fetchone()
        (skipped,) = db.execute(
            "SELECT count(*) FROM sqlite_sequence WHERE seq >= ?", (SKIPPED,)
        ).fetchone()
    assert tables == skipped > 5


async def test_nor_are_those_after_an_export(home: Path, databases: Databases) -> None:
    assert (await ran(home, "export", "--guild", ID, "out")).code == 0
    elsewhere = {"DATABASE_URL": "sqlite+aiosqlite:///new.sqlite3"}
    ended = await ran(home, "import", "askwell", "out", "--guild", ID, env=elsewhere)
    assert ended.code == 0, ended.err
    with closing(sqlite3.connect(home / "new.sqlite3")) as file:
        (highest,) = file.execute("SELECT max(id) FROM posts").fetchone()
    assert next_post(home / "new.sqlite3") == highest + SKIPPED + 1
    server = {"DATABASE_URL": databases.new("postgresql")}
    ended = await ran(home, "import", "askwell", "out", "--guild", ID, env=server)
    assert ended.code == 0, ended.err
    db = Database(server["DATABASE_URL"])
    await db.open()
    async with db.read() as tx:
        last = await tx.scalar(text("SELECT last_value FROM posts_id_seq"))
        assert last == highest + SKIPPED
    await db.close()
    databases.drop(server["DATABASE_URL"])


async def test_nothing_is_replaced_while_a_bot_is_connected_to_postgresql(
    home: Path, databases: Databases, discord_server: FakeDiscord
) -> None:
    backup = await backed_up(home)
    server = {"DATABASE_URL": databases.new("postgresql")}
    async with askwell(home, "run", env=discord_server.environment() | server) as bot:
        await bot.connected(discord_server)
        for command in (
            ["restore", "--force", str(backup)],
            ["copy", str(FILE), server["DATABASE_URL"]],
            ["copy", server["DATABASE_URL"], "there.sqlite3"],
        ):
            ended = await ran(home, *command, env=server)
            assert ended.code == 75, ended.err
            assert "A bot runs with postgresql" in ended.err
            assert "Stop it first" in ended.err
        bot.signal(signal.SIGTERM)
        assert (await bot.ended()).code == 0
    assert (await ran(home, "restore", str(backup), env=server)).code == 0
    databases.drop(server["DATABASE_URL"])


async def test_data_is_not_replaced_unless_it_is_forced_and_then_kept(home: Path) -> None:
    backup = await backed_up(home)
    kept_before = rows_of(backup)
    with closing(sqlite3.connect(home / FILE)) as connection, connection:
        connection.execute("UPDATE guilds SET last_number = 4321")
    newer = rows_of(home / FILE)
    refused = await ran(home, "restore", str(backup))
    assert (refused.code, refused.out) == (78, "")
    assert refused.err == (
        "askwell: There is data in var/askwell.sqlite3 already. --force replaces it, and keeps "
        "what is there now.\n"
    )
    assert rows_of(home / FILE) == newer
    forced = await ran(home, "restore", "--force", str(backup))
    assert (forced.code, forced.err) == (0, "")
    (kept,) = (home / "var").glob("askwell.sqlite3.replaced-*")
    assert f"What was there before is in {kept.relative_to(home)}." in forced.out
    assert rows_of(home / FILE) == kept_before
    assert rows_of(kept) == newer
    assert not list((home / "var").glob("*.restoring*"))


async def test_a_damaged_database_is_replaced_too(home: Path) -> None:
    backup = await backed_up(home)
    broken = b"SQLite format 3\x00" + b"\x55" * 5000
    (home / FILE).write_bytes(broken)
    Path(f"{home / FILE}-wal").write_bytes(b"\x37\x7f\x06\x82" + b"\x55" * 5000)
    assert (await ran(home, "restore", "--force", str(backup))).code == 0
    assert rows_of(home / FILE) == rows_of(backup)
    (kept,) = (home / "var").glob("*.replaced-*")
    assert kept.read_bytes() == broken


async def test_a_file_that_is_no_sound_backup_is_refused(home: Path) -> None:
    backup = await backed_up(home)
    before = rows_of(home / FILE)
    damage(backup)
    (home / "notes.txt").write_text("These are my notes, not a database. " * 100)
    with closing(sqlite3.connect(home / "other.sqlite3")) as other, other:
        other.execute("CREATE TABLE songs (id integer)")
    for file, why in (
        (str(backup), "can't be restored: it is damaged"),
        ("notes.txt", "can't be restored: file is not a database"),
        ("other.sqlite3", "can't be restored: it is not a database of Askwell's"),
        ("nothing.sqlite3", "There is no file nothing.sqlite3."),
        ("var/askwell.sqlite3", "is the database itself"),
    ):
        ended = await ran(home, "restore", "--force", file)
        assert ended.code == 78, file
        assert why in ended.err
        assert "Traceback" not in ended.err
    assert rows_of(home / FILE) == before
    assert not list((home / "var").glob("*.replaced-*"))


async def test_a_backup_of_a_newer_version_is_refused_and_of_an_older_one_is_not(
    home: Path,
) -> None:
    backup = await backed_up(home)
    set_version(backup, "9999")
    ended = await ran(home, "restore", "--force", str(backup))
    assert ended.code == 78
    assert "was made by a newer version of Askwell (schema 9999" in ended.err
    set_version(backup, "0036")
    ended = await ran(home, "restore", "--force", str(backup))
    assert ended.code == 0
    assert f"Its schema is 0036: the next start brings it to {migrating.newest()}." in ended.out


def set_version(path: Path, version: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))


async def test_nothing_is_restored_under_a_running_bot(home: Path) -> None:
    backup = await backed_up(home)
    with DatabaseLock(home / FILE):
        ended = await ran(home, "restore", "--force", str(backup))
    assert ended.code == 75
    assert "stop that one first" in ended.err


# --- copy ----------------------------------------------------------------------------------------


async def test_a_copy_from_sqlite_to_postgresql_and_back_is_the_same(
    home: Path, databases: Databases
) -> None:
    server = databases.new("postgresql", migrated=False)
    there = await ran(home, "copy", str(FILE), server)
    assert (there.code, there.err) == (0, "")
    rows = sum(len(each) for each in rows_of(home / FILE).values())
    assert there.out.startswith(f"Copied {rows} rows of {len(TABLES)} tables into postgresql")
    back = await ran(home, "copy", server, "back.sqlite3")
    assert (back.code, back.err) == (0, "")
    assert rows_of(home / "back.sqlite3") == rows_of(home / FILE)
    assert (home / "back.sqlite3").stat().st_mode & 0o777 == 0o600
    assert not list(home.glob("*.copying*"))
    databases.drop(server)


async def test_postgresql_is_backed_up_and_restored(home: Path, databases: Databases) -> None:
    server = {"DATABASE_URL": databases.new("postgresql", migrated=False)}
    assert (await ran(home, "copy", str(FILE), server["DATABASE_URL"])).code == 0
    made = await ran(home, "backup", env=server)
    assert (made.code, made.err) == (0, "")
    (backup,) = backups_of(home)
    assert rows_of(backup) == rows_of(home / FILE)
    assert backup.stat().st_mode & 0o777 == 0o600
    refused = await ran(home, "restore", str(backup), env=server)
    assert refused.code == 78
    assert "There is data in postgresql" in refused.err
    forced = await ran(home, "restore", "--force", str(backup), env=server)
    assert (forced.code, forced.err) == (0, "")
    assert "What was there before is in var/backups/askwell-" in forced.out
    assert (await ran(home, "copy", server["DATABASE_URL"], "back.sqlite3")).code == 0
    assert rows_of(home / "back.sqlite3") == rows_of(home / FILE)
    assert not list((home / "var" / "backups").glob("*.part*"))
    databases.drop(server["DATABASE_URL"])


async def test_what_can_not_be_copied_is_named(home: Path) -> None:
    (home / "there.sqlite3").touch()
    secret = "postgresql://askwell:s3cret@127.0.0.1:1/forum"
    for source, target, code, why in (
        (str(FILE), "there.sqlite3", 78, "there.sqlite3 is there already."),
        (str(FILE), str(FILE), 78, "FROM and TO are the same database."),
        ("nothing.sqlite3", "new.sqlite3", 78, "FROM: there is no file"),
        ("mysql://x/y", "new.sqlite3", 78, "FROM: must look like"),
        (str(FILE), secret, 75, "can't be opened"),
    ):
        ended = await ran(home, "copy", source, target)
        assert ended.code == code, ended.err
        assert why in ended.err
        assert "s3cret" not in ended.err + ended.out
        assert "Traceback" not in ended.err
    assert not (home / "new.sqlite3").exists()


async def test_another_schema_is_not_copied(home: Path) -> None:
    set_version(home / FILE, "0036")
    assert "Run `askwell migrate` with it first" in (await ran(home, "copy", str(FILE), "n")).err
    set_version(home / FILE, "9999")
    assert "FROM is newer than this version" in (await ran(home, "copy", str(FILE), "n")).err
    assert not (home / "n").exists()


async def test_no_bot_starts_with_a_copy_that_was_interrupted(home: Path) -> None:
    set_version(home / FILE, f"{migrating.UNFINISHED} 0037 0123456789abcdef")
    for command in ("migrate", "recount", "backup"):
        ended = await ran(home, command)
        assert ended.code == 78
        assert "interrupted" in ended.err


# --- export and import ---------------------------------------------------------------------------

ID = str(GUILDS[0])


async def test_a_server_goes_out_in_and_out_again(home: Path) -> None:
    out = await ran(home, "export", "--guild", ID, "first")
    assert (out.code, out.err) == (0, "")
    assert re.match(r"Exported \d+ rows of \d+ tables into first\.\n", out.out)
    assert "Keys are not in it." in out.out
    assert (home / "first").stat().st_mode & 0o777 == 0o700
    elsewhere = {"DATABASE_URL": "sqlite+aiosqlite:///new.sqlite3", "LOG_LEVEL": "WARNING"}
    back = await ran(home, "import", "askwell", "first", "--guild", ID, env=elsewhere)
    assert (back.code, back.err) == (0, "")
    assert re.match(rf"Imported \d+ rows of server {ID}\.\n", back.out)
    assert (await ran(home, "export", "--guild", ID, "second", env=elsewhere)).code == 0
    assert files_of(home / "second") == files_of(home / "first")
    assert not list(home.glob("*.part"))


async def test_what_can_not_be_exported_or_imported_is_named(home: Path) -> None:
    assert (await ran(home, "export", "--guild", ID, "out")).code == 0
    elsewhere = {"DATABASE_URL": "sqlite+aiosqlite:///new.sqlite3"}
    other = str(GUILDS[1])
    for env, arguments, why in (
        ({}, ("export", "--guild", ID, "out"), "out is there already."),
        ({}, ("export", "--guild", "123456789012345678", "x"), "has no server 123456789012345678."),
        (elsewhere, ("export", "--guild", ID, "x"), "There is nothing to export"),
        ({}, ("import", "askwell", "out", "--guild", ID), "has posts already."),
        ({}, ("import", "askwell", "out", "--guild", other), f"is an export of server {ID}, not"),
        ({}, ("import", "askwell", "nowhere", "--guild", ID), "its askwell.json can't be read"),
    ):
        ended = await ran(home, *arguments, env=env)
        assert (ended.code, ended.out) == (78, ""), ended.err
        assert why in ended.err
        assert "Traceback" not in ended.err
    assert not (home / "x").exists()
    with (home / "out" / "votes.jsonl").open("ab") as file:
        file.write(b"{}\n")
    damaged = await ran(home, "import", "askwell", "out", "--guild", ID, env=elsewhere)
    assert damaged.code == 78
    assert "its votes.jsonl was changed or is damaged. Nothing was changed." in damaged.err


async def test_nothing_is_imported_under_a_running_bot(home: Path) -> None:
    assert (await ran(home, "export", "--guild", ID, "out")).code == 0
    with DatabaseLock(home / FILE):
        assert (await ran(home, "export", "--guild", ID, "beside")).code == 0
        ended = await ran(home, "import", "askwell", "out", "--guild", ID)
    assert ended.code == 75


async def test_a_recount_is_of_one_server_by_either_name(home: Path) -> None:
    by_guild = await ran(home, "recount", "--dry-run", "--guild", ID)
    assert f"server {ID}: " in by_guild.out
    assert f"server {GUILDS[1]}" not in by_guild.out
    assert (await ran(home, "recount", "--dry-run", "--server", ID)).out == by_guild.out


# --- doctor --------------------------------------------------------------------------------------

Doctor = Callable[[], Awaitable[Ended]]


@pytest.fixture
async def doctor(tmp_path: Path, discord_server: FakeDiscord) -> Doctor:
    assert (await ran(tmp_path, "migrate")).code == 0

    async def ask() -> Ended:
        return await ran(tmp_path, "doctor", env=discord_server.environment(LOG_LEVEL="ERROR"))

    return ask


async def test_doctor_says_how_old_the_newest_backup_is(tmp_path: Path, doctor: Doctor) -> None:
    assert (
        "ok    Backup      none in var/backups yet: `askwell backup` makes" in (await doctor()).out
    )
    backup = await backed_up(tmp_path)
    assert (
        f"ok    Backup      the newest is less than an hour old: {backup.relative_to(tmp_path)}\n"
        in (await doctor()).out
    )
    made = datetime.now(UTC) - timedelta(days=4, hours=3)
    until = datetime.now(UTC).date()
    older = backup.with_name(f"askwell-{made:%Y-%m-%d-%H%M%S}-until-{until}.sqlite3")
    backup.rename(older)
    assert "ok    Backup      the newest is 4 days old: " in (await doctor()).out
    late = older.with_name(f"askwell-2026-01-01-000000-until-{until - timedelta(1)}.sqlite3")
    late.touch()
    found = (await doctor()).out
    assert f"FAIL  Backup      {late.name} is kept past its day; the newest is 4 days old" in found
