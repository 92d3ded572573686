"""A backup from before an erasure is put back: by `restore`, by `copy`, or by hand. Nothing of whom
the list beside the backups names is there again."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.backing_up import found_in
from bot.domain.erasures import Erased, ErasureList, digest_of
from bot.usecases import forgetting
from bot.usecases.repeating import ErasureKeeper
from data import erasure_files
from data.database import Database
from data.types import EPOCH
from tests.migrations.test_migrations import ALICE, GUILD, written_by
from tests.process.fake_discord import FakeDiscord
from tests.process.keeping import FILE
from tests.process.running import askwell, ran
from tests.process.test_keeping_killed import killed, timed
from tests.store.forum import Forum
from tests.store.test_forgetting import (
    NAME,
    NOOR,
    WORDS,
    everything_of,
    take_reactions_off,
    told_of,
)
from tests.support.databases import KINDS, Databases

LIST = erasure_files.NAME
KILLS = 20 if os.environ.get("TROUBLE") == "all" else 3


@pytest.fixture
async def home(tmp_path: Path, databases: Databases) -> Path:
    """A folder with a database in which Noor did all that leaves something, and a backup of it.
    Since then she had it erased."""
    (tmp_path / "var").mkdir()
    db = Database(databases.new("sqlite"))
    await db.open()
    forum = await Forum(db).open()
    noor = forum.member(NOOR, name=NAME, avatar="a_0123", is_moderator=True)
    await everything_of(forum, noor, forum.member(1), forum.member(2))
    await db.close()
    assert db.path is not None
    db.path.rename(tmp_path / FILE)
    assert (await ran(tmp_path, "backup")).code == 0
    await erase(tmp_path, at(tmp_path / FILE))
    return tmp_path


def at(path: Path) -> str:
    return f"sqlite+aiosqlite:///{path}"


async def erase(home: Path, url: str) -> None:
    """Noor's data is erased, as the bot does it."""
    db = Database(url)
    await db.open()
    guild_id, now = Forum(db).guild_id, datetime.now(UTC)
    keeper = ErasureKeeper(db, home / "var" / "backups")
    await forgetting.begin(db, guild_id, NOOR, texts=True, now=now)
    await keeper.write(now)
    await forgetting.finish(db, guild_id, NOOR, sealing=None, now=now)
    await db.close()


def backup_in(folder: Path) -> Path:
    return found_in(folder)[0].path


async def traces(url: str) -> list[str]:
    """Where anything of Noor's is in a database, but for reactions, which Discord has to be asked
    to take off."""
    db = Database(url)
    await db.open()
    forum = Forum(db)
    await take_reactions_off(forum)
    found = await told_of(forum, NOOR, NAME, WORDS)
    await db.close()
    return found


async def test_the_backup_has_what_is_erased_again(home: Path) -> None:
    """Without this the others would show nothing."""
    shutil.copy(backup_in(home / "var" / "backups"), home / "looked-at.sqlite3")
    found = await traces(at(home / "looked-at.sqlite3"))
    assert {"posts.author_id", "post_texts.body", "names.name", "votes.voter_id"} <= set(found)


async def test_restore_erases_again_whom_the_list_names(home: Path) -> None:
    backup = backup_in(home / "var" / "backups")
    ended = await ran(home, "restore", "--force", str(backup))
    assert (ended.code, ended.err) == (0, "")
    assert "Erased again what 1 member had erased since the backup.\n" in ended.out
    held = (home / FILE).read_bytes()
    assert NAME.encode() not in held
    assert WORDS.encode() not in held
    assert WORDS.lower().encode() not in held
    assert {each.name for each in (home / "var").glob(f"{FILE.name}*")} >= {FILE.name}
    assert not list((home / "var").glob("*.restoring*"))
    assert await traces(at(home / FILE)) == []
    assert (await ran(home, "recount", "--dry-run")).out == "nothing to change\n"
    # Once more, of what was restored: it knows already.
    (home / "var" / "backups" / backup.name).unlink()
    assert (await ran(home, "backup")).code == 0
    ended = await ran(home, "restore", "--force", str(backup_in(home / "var" / "backups")))
    assert "Erased" not in ended.out


async def test_the_list_is_read_beside_the_backup_in_backup_dir_or_in_the_data(home: Path) -> None:
    """A disk is lost: what is left are backups with the list beside them, wherever they are."""
    folder = home / "var" / "backups"
    backup, file = backup_in(folder), home / "elsewhere" / "forum.sqlite3"
    file.parent.mkdir()
    shutil.copy(backup, file)
    (home / "mine").mkdir()
    for number, (beside, set_, there) in enumerate(
        ((True, False, False), (False, True, False), (False, False, True))
    ):
        (file.parent / LIST).unlink(missing_ok=True)
        if beside:
            shutil.copy(folder / LIST, file.parent)
        target = home / f"new-{number}.sqlite3"
        if there:
            shutil.copy(home / FILE, target)
        env = {
            "DATABASE_URL": at(target),
            "BACKUP_DIR": str(folder if set_ else home / "mine"),
        }
        ended = await ran(home, "restore", "--force", str(file), env=env)
        assert ended.code == 0, ended.err
        assert "Erased again what 1 member had erased" in ended.out
        assert await traces(at(target)) == []


async def test_without_any_list_it_is_said(home: Path) -> None:
    (home / "var" / "backups" / LIST).unlink()
    env = {"DATABASE_URL": at(home / "new.sqlite3")}
    ended = await ran(home, "restore", str(backup_in(home / "var" / "backups")), env=env)
    assert ended.code == 0
    assert (
        f"No {LIST} is beside it or in backups: whoever was erased since the backup is in the data "
        "again.\n"
    ) in ended.out.replace(f"{home}/", "")


async def test_a_backup_that_is_older_than_the_list_is_named(home: Path) -> None:
    backup = backup_in(home / "var" / "backups")
    old = backup.with_name("askwell-2026-01-01-000000-until-2026-01-31.sqlite3")
    shutil.copy(backup, old)
    sentence = "It is older than 90 days, and the list names nobody who was erased before that.\n"
    assert sentence in (await ran(home, "restore", "--force", str(old))).out
    assert sentence not in (await ran(home, "restore", "--force", str(backup))).out


async def test_a_damaged_list_is_not_overlooked(home: Path) -> None:
    (home / "var" / "backups" / LIST).write_text("{")
    before = (home / FILE).read_bytes()
    backup = str(backup_in(home / "var" / "backups"))
    for command in (("restore", "--force", backup), ("copy", backup, "new.sqlite3")):
        ended = await ran(home, *command)
        assert ended.code == 78
        assert f"{LIST} is damaged. It tells whom to erase again." in ended.err
    assert (home / FILE).read_bytes() == before
    assert not (home / "new.sqlite3").exists()
    # A backup is made all the same, and whoever makes it hears of the list.
    Path(backup).unlink()  # both may be made in the same second, and would have one name
    ended = await ran(home, "backup")
    assert ended.code == 78
    assert "is damaged. The backup is whole." in ended.err
    assert len(found_in(home / "var" / "backups")) == 1


async def test_a_backup_of_an_older_version_is_brought_up_to_date_for_it(
    tmp_path: Path, databases: Databases
) -> None:
    """It is from before anybody could be erased."""
    db = Database(databases.new("sqlite", migrated=False))
    await db.open()
    await written_by(db, "0036")
    await db.close()
    assert db.path is not None
    day, digest = (datetime.now(UTC) - EPOCH).days, digest_of(b"secret", GUILD, ALICE)
    named = ErasureList(GUILD, b"secret", (Erased(digest, day),))
    erasure_files.add(tmp_path / "older", [named], 0)
    backup = db.path.rename(tmp_path / "older" / "forum.sqlite3")
    ended = await ran(tmp_path, "restore", str(backup), env={"LOG_LEVEL": "WARNING"})
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith("Erased again what 1 member had erased since the backup.\n")
    assert {each.name for each in (tmp_path / "var").iterdir()} == {
        "askwell.sqlite3",
        "askwell.sqlite3.chore.lock",
        "askwell.sqlite3.lock",
    }
    restored = Database(at(tmp_path / FILE))
    await restored.open()
    assert "posts.author_id" not in await told_of(Forum(restored), ALICE)
    await restored.close()


@pytest.mark.parametrize("kind", KINDS)
async def test_restore_and_copy_into_either_database(
    home: Path, databases: Databases, kind: str
) -> None:
    backup = str(backup_in(home / "var" / "backups"))
    for command in ("restore", "copy"):
        url = at(home / f"{command}.sqlite3")
        if kind == "postgresql":
            url = databases.new(kind, migrated=False)
        if command == "restore":
            ended = await ran(home, "restore", backup, env={"DATABASE_URL": url})
            assert "Erased again what 1 member had erased since the backup.\n" in ended.out
        else:
            ended = await ran(home, "copy", backup, url)
            assert "Erased again what 1 member had erased since FROM was written.\n" in ended.out
        assert (ended.code, ended.err) == (0, "")
        assert await traces(url) == []
        assert (await ran(home, "recount", "--dry-run", env={"DATABASE_URL": url})).out == (
            "nothing to change\n"
        )
        if kind == "postgresql":
            databases.drop(url)


async def test_the_list_goes_with_the_data_that_is_replaced_in_postgresql(
    home: Path, databases: Databases
) -> None:
    """The folder could not be written when Noor was erased: only the data itself knows it."""
    folder = home / "var" / "backups"
    backup = str(backup_in(folder))
    url = databases.new("postgresql", migrated=False)
    assert (await ran(home, "copy", str(FILE), url)).code == 0
    (folder / LIST).unlink()
    ended = await ran(home, "restore", "--force", backup, env={"DATABASE_URL": url})
    assert "Erased again what 1 member had erased since the backup.\n" in ended.out
    assert await traces(url) == []
    assert len(erasure_files.read(folder)[0].erased) == 1
    databases.drop(url)


async def test_the_bot_erases_again_what_was_put_back_by_hand(
    home: Path, discord_server: FakeDiscord
) -> None:
    shutil.copy(backup_in(home / "var" / "backups"), home / FILE)
    async with askwell(home, "run", env=discord_server.environment()) as bot:
        await bot.connected(discord_server)
        bot.signal(signal.SIGTERM)
        ended = await bot.ended()
    assert "The data was older than the erasure of 1 member: erased again" in ended.err
    assert await traces(at(home / FILE)) == []


async def test_doctor_says_what_is_not_in_the_list(home: Path, discord_server: FakeDiscord) -> None:
    env = discord_server.environment(LOG_LEVEL="ERROR")
    assert (
        f"ok    Erasures    all of the last 90 days are in var/backups/{LIST}\n"
        in (await ran(home, "doctor", env=env)).out
    )
    missing = (await ran(home, "doctor", env={**env, "BACKUP_DIR": "other"})).out
    assert f"FAIL  Erasures    1 not in other/{LIST}: a backup that is restored would" in missing
    (home / "var" / "backups" / LIST).write_text("{")
    damaged = (await ran(home, "doctor", env=env)).out
    assert f"FAIL  Erasures    the list beside the backups can't be used: var/backups/{LIST}" in (
        damaged
    )


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.xdist_group("waiting")
@pytest.mark.parametrize("command", ["restore", "copy"])
async def test_however_often_it_is_killed_nothing_of_them_comes_back(
    home: Path, command: str
) -> None:
    backup = str(backup_in(home / "var" / "backups"))

    def arguments(name: str) -> tuple[tuple[str, ...], Mapping[str, str]]:
        if command == "copy":
            return ("copy", backup, f"{name}.sqlite3"), {}
        return ("restore", backup), {"DATABASE_URL": at(home / f"{name}.sqlite3")}

    typed, env = arguments("first")
    takes = await timed(home, *typed, env=env)
    chance = random.Random(12)
    for number in range(KILLS):
        typed, env = arguments(f"new-{number}")
        how = chance.choice([signal.SIGKILL, signal.SIGINT])
        moment = (takes * (number + chance.random()) / KILLS, how)
        if not await killed(home, moment, *typed, env=env):
            target = home / f"new-{number}.sqlite3"
            assert not target.exists() or await traces(at(target)) == []
            ended = await ran(home, *typed, env=dict(env))
            assert ended.code == 0 or "already" in ended.err, ended.err
        assert await traces(at(home / f"new-{number}.sqlite3")) == []
    assert not list(home.glob("*.restoring*"))
