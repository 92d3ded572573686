"""The bot starts with the key with which anonymous posts were sealed, or not at all."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.app import open_database
from bot.key_file import read_from
from bot.keys import found_or_made, sealing_of
from bot.sealing import KeyState
from bot.settings import Settings
from bot.stop import WRONG_CONFIGURATION, Stop
from data import key_check
from data.database import Database
from tests.process.fake_discord import FakeDiscord
from tests.process.running import ran

KEYS = [bytes([n]) * 32 for n in range(3)]


def write(path: Path, *keys: bytes) -> None:
    path.write_bytes(b"\n".join(base64.b64encode(key) for key in keys))
    path.chmod(0o600)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation whose key file, if there is one, is `key`."""
    (tmp_path / "var").mkdir()
    url = f"sqlite+aiosqlite:///{tmp_path}/var/askwell.sqlite"
    return Settings.from_env({"DATABASE_URL": url, "ASKWELL_KEY_FILE": f"{tmp_path}/key"})


@pytest.fixture
async def db(settings: Settings) -> AsyncIterator[Database]:
    opened = await open_database(settings)
    yield opened
    await opened.close()


async def seal_with(db: Database, path: Path) -> None:
    """Something was sealed with a key."""
    async with db.write() as tx:
        await key_check.note(tx, read_from(path).check)


async def test_without_a_key_it_starts_where_nothing_was_sealed(
    settings: Settings, db: Database, tmp_path: Path
) -> None:
    assert await sealing_of(settings, db) is None
    (tmp_path / "key").write_text("no key\n")
    assert await sealing_of(settings, db) is None


async def test_with_its_key_it_starts(settings: Settings, db: Database, tmp_path: Path) -> None:
    write(tmp_path / "key", KEYS[0])
    assert await sealing_of(settings, db) is not None
    await seal_with(db, tmp_path / "key")
    write(tmp_path / "key", KEYS[1], KEYS[0])  # the old one stands behind
    found = await sealing_of(settings, db)
    assert found is not None
    assert found.keys == 2


async def test_the_first_key_is_the_one_that_counts(db: Database, tmp_path: Path) -> None:
    write(tmp_path / "key", KEYS[0])
    write(tmp_path / "other", KEYS[1])
    await seal_with(db, tmp_path / "key")
    await seal_with(db, tmp_path / "other")
    async with db.read() as tx:
        assert await key_check.read(tx) == read_from(tmp_path / "key").check


# Where a server turns anonymous posts on


async def test_a_key_is_made_when_it_is_first_needed(
    settings: Settings, db: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    sealing, state = await found_or_made(settings, db)
    assert state is KeyState.MADE
    assert sealing is not None
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert read_from(tmp_path / "key").check == sealing.check
    assert "Keep a copy elsewhere" in caplog.text
    again, state = await found_or_made(settings, db)  # as by another process
    assert state is KeyState.THERE
    assert again is not None
    assert again.check == sealing.check


async def test_where_it_can_not_be_made_the_log_says_why(
    settings: Settings, db: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    beside = replace(settings, askwell_key_file=f"{tmp_path}/var/key")
    assert await found_or_made(beside, db) == (None, KeyState.MISSING)
    assert "a copy of that folder would have both" in caplog.text
    write(tmp_path / "key", KEYS[0])
    await seal_with(db, tmp_path / "key")
    (tmp_path / "key").unlink()
    assert await found_or_made(settings, db) == (None, KeyState.MISSING)
    assert not (tmp_path / "key").exists(), "another key would only hide that the first is lost"


@pytest.mark.parametrize("lost", ["gone", "another", "damaged"])
async def test_without_the_key_it_does_not_start(
    settings: Settings, db: Database, tmp_path: Path, lost: str
) -> None:
    path = tmp_path / "key"
    write(path, KEYS[0])
    await seal_with(db, path)
    match lost:
        case "gone":
            path.unlink()
            said = "is not there any more"
        case "another":
            write(path, KEYS[1], KEYS[2])
            said = "is not the one"
        case _:
            path.write_text("damaged\n")
            said = "is no key"
    with pytest.raises(Stop) as stopped:
        await sealing_of(settings, db)
    assert stopped.value.code == WRONG_CONFIGURATION == 78
    assert said in stopped.value.message
    assert str(path) in stopped.value.message


async def test_the_process_ends_with_a_sentence(
    settings: Settings, db: Database, tmp_path: Path, discord_server: FakeDiscord
) -> None:
    write(tmp_path / "key", KEYS[0])
    await seal_with(db, tmp_path / "key")
    await db.close()
    write(tmp_path / "key", KEYS[1])
    env = {"DATABASE_URL": settings.database_url, "ASKWELL_KEY_FILE": f"{tmp_path}/key"}
    ended = await ran(tmp_path, env=discord_server.environment(**env))
    assert ended.code == 78
    assert "is not the one with which anonymous posts are sealed here" in ended.err
