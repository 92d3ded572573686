"""A backup, restore, copy, export or import that is killed: whoever repeats it gets what they would
have got without.

Each is killed at moments spread at random over all the time that it takes. Some moments stand for
all here; `TROUBLE=all` has twenty of each.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sqlite3
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from bot.backing_up import found_in
from data.database import Database
from tests.process.keeping import FILE, Rows, files_of, rows_of
from tests.process.running import askwell, ran
from tests.support.databases import KINDS, Databases
from tests.support.every_table import GUILDS, fill

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.xdist_group("waiting"),
]

EVERYTHING = os.environ.get("TROUBLE") == "all"
KILLS = 20 if EVERYTHING else 3
SOME = KINDS if EVERYTHING else ("sqlite",)
SIGNALS = (signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM)
ID = str(GUILDS[0])
IMPORT = ("import", "askwell", "first", "--guild", ID)


@pytest.fixture(scope="module")
def filled(databases: Databases) -> bytes:
    """A database large enough that each command is busy with it for a while."""

    async def made() -> bytes:
        db = Database(databases.new("sqlite"))
        await db.open()
        await fill(db, rows_each=200)
        await db.close()
        assert db.path is not None
        return db.path.read_bytes()

    with ThreadPoolExecutor(1) as other:  # which has no loop yet
        return other.submit(asyncio.run, made()).result()


@pytest.fixture
def home(tmp_path: Path, filled: bytes) -> Path:
    """A folder with that database at the default place."""
    (tmp_path / "var").mkdir()
    (tmp_path / FILE).write_bytes(filled)
    return tmp_path


Moment = tuple[float, signal.Signals]


def moments(takes: float) -> list[Moment]:
    """When to kill something that takes so long, and how: spread over all of it, in any order."""
    chance = random.Random(12)
    found = [takes * (part + chance.random()) / KILLS for part in range(KILLS)]
    return [(each, chance.choice(SIGNALS)) for each in chance.sample(found, KILLS)]


async def killed(
    home: Path, moment: Moment, *command: str, env: Mapping[str, str] | None = None
) -> bool:
    """Run a command that is killed; whether it, or the one before it, had done all of it."""
    after, how = moment
    async with askwell(home, *command, env=dict(env or {})) as process:
        await asyncio.sleep(after)
        process.signal(how)
        ended = await process.ended()
    assert "Traceback" not in ended.err
    # Refused, since all is there.
    assert ended.code != 78 or "already" in ended.err, ended.err
    return ended.code in (0, 78)


async def timed(home: Path, *command: str, env: Mapping[str, str] | None = None) -> float:
    """How long a command takes that nobody kills."""
    began = asyncio.get_running_loop().time()
    ended = await ran(home, *command, env=dict(env or {}))
    assert ended.code == 0, ended.err
    return asyncio.get_running_loop().time() - began


def backups_of(home: Path) -> list[Path]:
    return [each.path for each in found_in(home / "var" / "backups")]


def change(path: Path) -> Rows:
    """Write something into a database after its backup was made."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE guilds SET last_number = 4321")
    return rows_of(path)


async def in_server(home: Path, server: str) -> Rows:
    """What a PostgreSQL database holds."""
    file = home / "looked-at.sqlite3"
    file.unlink(missing_ok=True)
    await timed(home, "copy", server, str(file))
    return rows_of(file)


def at(name: str) -> dict[str, str]:
    """Where a command has a database of its own."""
    return {"DATABASE_URL": f"sqlite+aiosqlite:///{name}"}


@pytest.mark.parametrize("kind", SOME)
async def test_of_a_backup_nothing_is_left_that_looks_like_one(
    home: Path, databases: Databases, kind: str
) -> None:
    whole = rows_of(home / FILE)
    env: dict[str, str] = {}
    if kind == "postgresql":
        env["DATABASE_URL"] = databases.new(kind, migrated=False)
        await timed(home, "copy", str(FILE), env["DATABASE_URL"])
    for moment in moments(await timed(home, "backup", env=env)):
        await killed(home, moment, "backup", env=env)
        assert all(rows_of(path) == whole for path in backups_of(home))
    await timed(home, "backup", "last", env=env)
    (last,) = found_in(home / "last")
    assert rows_of(last.path) == whole
    await timed(home, "backup", env=env)
    assert not list((home / "var" / "backups").glob("*.part*"))


async def test_of_a_restore_the_old_or_the_new_is_there(home: Path) -> None:
    await timed(home, "backup")
    (backup,) = backups_of(home)
    restored, newer = rows_of(backup), change(home / FILE)
    for moment in moments(await timed(home, "restore", str(backup), env=at("elsewhere.sqlite3"))):
        await killed(home, moment, "restore", "--force", str(backup))
        assert rows_of(home / FILE) in (newer, restored)
    await timed(home, "restore", "--force", str(backup))
    assert rows_of(home / FILE) == restored
    assert newer in [rows_of(each) for each in (home / "var").glob("*.replaced-*")]


@pytest.mark.skipif(not EVERYTHING, reason="takes a minute: TROUBLE=all has it")
async def test_of_a_restore_into_postgresql_the_old_is_kept_until_the_new_is_there(
    home: Path, databases: Databases
) -> None:
    await timed(home, "backup", "kept")
    backup = str(found_in(home / "kept")[0].path)
    restored, newer = rows_of(home / FILE), change(home / FILE)
    server = databases.new("postgresql", migrated=False)
    await timed(home, "copy", str(FILE), server)
    other = databases.new("postgresql", migrated=False)
    takes = await timed(home, "restore", backup, env={"DATABASE_URL": other})
    takes += await timed(home, "backup", "tried", env={"DATABASE_URL": server})
    env = {"DATABASE_URL": server}
    for moment in moments(takes):
        await killed(home, moment, "restore", "--force", backup, env=env)
        if newer not in [rows_of(path) for path in backups_of(home)]:
            assert await in_server(home, server) == newer
    await timed(home, "restore", "--force", backup, env=env)
    assert await in_server(home, server) == restored
    assert newer in [rows_of(path) for path in backups_of(home)]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_copy_continues(home: Path, databases: Databases, kind: str) -> None:
    whole = rows_of(home / FILE)

    def fresh() -> str:
        if kind == "postgresql":
            return databases.new(kind, migrated=False)
        (home / "new.sqlite3").unlink(missing_ok=True)
        return "new.sqlite3"

    async def there(target: str) -> Rows:
        return await in_server(home, target) if "://" in target else rows_of(home / target)

    target = fresh()
    for moment in moments(await timed(home, "copy", str(FILE), target)):
        if await killed(home, moment, "copy", str(FILE), target):
            assert await there(target) == whole
            target = fresh()
    ended = await ran(home, "copy", str(FILE), target)
    assert ended.code == 0 or "already" in ended.err, ended.err
    assert await there(target) == whole


async def test_of_an_export_nothing_is_left_that_looks_like_one(home: Path) -> None:
    takes = await timed(home, "export", "--sealed", "--guild", ID, "first")
    whole = files_of(home / "first")
    for number, moment in enumerate(moments(takes)):
        await killed(home, moment, "export", "--sealed", "--guild", ID, "second")
        if (home / "second").exists():
            assert files_of(home / "second") == whole
            (home / "second").rename(home / f"whole-{number}")
    await timed(home, "export", "--sealed", "--guild", ID, "second")
    assert files_of(home / "second") == whole
    assert not list(home.glob("*.part"))


@pytest.mark.parametrize("kind", SOME)
async def test_an_import_is_whole_or_nothing(home: Path, databases: Databases, kind: str) -> None:
    await timed(home, "export", "--sealed", "--guild", ID, "first")
    whole = files_of(home / "first")

    def fresh() -> dict[str, str]:
        if kind == "postgresql":
            return {"DATABASE_URL": databases.new(kind, migrated=False)}
        (home / "new.sqlite3").unlink(missing_ok=True)
        return at("new.sqlite3")

    async def there(env: Mapping[str, str], name: str) -> dict[str, bytes]:
        await timed(home, "export", "--sealed", "--guild", ID, name, env=env)
        return files_of(home / name)

    env = fresh()
    for number, moment in enumerate(moments(await timed(home, *IMPORT, env=env))):
        if await killed(home, moment, *IMPORT, env=env):
            assert await there(env, f"out-{number}") == whole
            env = fresh()
    ended = await ran(home, *IMPORT, env=env)
    assert ended.code == 0 or "already" in ended.err, ended.err
    assert await there(env, "last") == whole
