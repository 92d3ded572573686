"""A bot that is killed while it erases a member: started again, it comes to the same end.

It is killed at moments spread at random over all the time that an erasure takes. Some moments stand
for all here; `TROUBLE=all` has twenty.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from bot.usecases import forgetting, personas
from data import personas as persona_rows
from data.database import Database
from tests.process.fake_discord import FakeDiscord
from tests.process.keeping import FILE, Rows, rows_of
from tests.process.running import Process, askwell
from tests.process.test_rotating import OLD, write
from tests.store.forum import Forum
from tests.store.test_forgetting import NAME, NOOR, WORDS, everything_of
from tests.support.anonymous import anonymous, member
from tests.support.databases import Databases
from tests.support.keys import SEALING

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(1800),
    pytest.mark.xdist_group("waiting"),
]

KILLS = 20 if os.environ.get("TROUBLE") == "all" else 3
OWN = 200  # posts of hers beside the first ones, eight of which are erased in one transaction
SEALED = 6  # questions that she asked anonymously, and as many of Bob's
FREELY = {"limit.questions": "10000", "limit.answers": "10000", "anonymous": "on"}
# What the background writes at any time, and whatever says when it did. A vote's new voter, and a
# row's own number, are of no meaning.
_TIMES = {"at", "created_at", "due_at", "revision", "day", "since", "until", "erase_at", "asked_at"}
_TIMES |= {"decided_at"}
_SEALED = {"handle", "box", "sealing_salt"}  # all of a server's are made anew, at random
_DELETED = -(10**12)
# What delivery is at meanwhile, and what it takes away since its day is over. Wishes for cards are
# written in the portions themselves.
_DELIVERED = {"outbox", "refreshes", "consents", "signs"}


@pytest.fixture(scope="module")
def begun(databases: Databases) -> bytes:
    """A database with the erasure of a member that was asked for, and not begun."""

    async def made() -> bytes:
        db = Database(databases.new("sqlite"))
        await db.open()
        forum = await Forum(db).open(FREELY)
        noor, alice, bob = (
            forum.member(NOOR, name=NAME, is_moderator=True),
            forum.member(2),
            forum.member(3),
        )
        asked = await forum.ask(bob, "What did he say of the nights?")
        for number in range(OWN):
            await forum.answer(noor, asked, f"{WORDS} said {number} things of it.")
        for number in range(SEALED):
            for who in (NOOR, 3):
                author = await anonymous(forum, member(forum, who))
                await forum.ask(author, f"May somebody ask {who % 97} and {number} here?")
        await everything_of(forum, noor, alice, bob)
        await forgetting.begin(db, forum.guild_id, NOOR, texts=True, now=forum.now)
        await db.close()
        assert db.path is not None
        return db.path.read_bytes()

    with ThreadPoolExecutor(1) as other:  # which has no loop yet
        return other.submit(asyncio.run, made()).result()


@pytest.fixture
def home(tmp_path: Path, begun: bytes) -> Path:
    """A folder with that database at the default place."""
    (tmp_path / "var").mkdir()
    (tmp_path / FILE).write_bytes(begun)
    write(tmp_path / "keys" / "key", OLD)
    return tmp_path


@asynccontextmanager
async def running(discord: FakeDiscord, home: Path) -> AsyncIterator[Process]:
    """The bot, which goes on with the erasure once it is connected."""
    discord.gateway.identified.clear()
    key = {"ASKWELL_KEY_FILE": str(home / "keys" / "key")}
    async with askwell(home, "run", env=discord.environment() | key) as process:
        await process.connected(discord)
        yield process


def stored(home: Path, query: str) -> bool:
    with closing(sqlite3.connect(home / FILE)) as connection:
        return connection.execute(query).fetchone() is not None


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


async def erased(discord: FakeDiscord, home: Path) -> float:
    """Let the bot run until all is erased, and end it; how long that took it."""
    async with running(discord, home) as process:
        began = time.monotonic()
        await until(lambda: not stored(home, "SELECT 1 FROM erasing"))
        took = time.monotonic() - began
        await until(lambda: not stored(home, "SELECT 1 FROM uncounted_posts"))
        process.signal(signal.SIGTERM)
        ended = await process.ended()
    assert ended.code == 0, ended.err
    assert "Traceback" not in ended.err, ended.err
    return took


async def killed(discord: FakeDiscord, home: Path, steps: int, after: float) -> None:
    """Let the bot begin, or go on, until it has done so many steps, and kill it some seconds
    later."""
    query = f"SELECT 1 FROM erasing WHERE step < {steps}"  # noqa: S608
    async with running(discord, home) as process:
        await until(lambda: not stored(home, query))
        await asyncio.sleep(after)
        process.signal(signal.SIGKILL)
        await process.ended()


def facts(home: Path) -> dict[str, list[str]]:
    """All that is in the tables, but for what no two runs have in common."""
    rows: Rows = rows_of(home / FILE)
    with closing(sqlite3.connect(home / FILE)) as connection:
        columns = {
            table: [each[1] for each in connection.execute(f"PRAGMA table_info({table})")]
            for table in rows
        }
    found: dict[str, list[str]] = {}
    for table, those in rows.items():
        if table in _DELIVERED:
            continue
        kept = [name not in _TIMES | _SEALED and name != "id" for name in columns[table]]
        found[table] = sorted(
            str(["somebody" if isinstance(v, int) and v < _DELETED else v
                 for v, stays in zip(row, kept, strict=True) if stays])
            for row in those
        )  # fmt: skip
    # Whose anonymous texts are still to go, one by one over days, is in a box.
    found["upkeep"] = [row for row in found["upkeep"] if "'erasing " not in row]
    return found


async def found(home: Path, user_id: int) -> int:
    """How many anonymous authors a member is found to be with the key."""
    db = Database(f"sqlite+aiosqlite:///{home / FILE}")
    await db.open()
    guild_id = Forum(db).guild_id
    seal = personas.seal_of(SEALING, guild_id, user_id)
    numbers = await db.in_read(lambda tx: persona_rows.numbers_of(tx, guild_id, seal))
    await db.close()
    return len(numbers)


def left(home: Path) -> set[str]:
    """What of her is in the bytes of the files, with their freed pages."""
    held = b"".join(path.read_bytes() for path in (home / "var").glob("askwell.sqlite3*"))
    number = NOOR.to_bytes((NOOR.bit_length() + 7) // 8, "big")
    traces = {"digits": str(NOOR).encode(), "number": number, "name": NAME.encode()}
    traces |= {"words": WORDS.encode(), "index": WORDS.lower().encode()}
    return {what for what, trace in traces.items() if trace in held}


async def test_it_comes_to_the_same_end(home: Path, discord_server: FakeDiscord) -> None:
    whole = home / "whole"
    shutil.copytree(home / "var", whole / "var")
    shutil.copytree(home / "keys", whole / "keys")
    assert await found(home, NOOR) == await found(home, 3) == SEALED
    takes = await erased(discord_server, whole)
    there = facts(whole)
    assert (await found(whole, NOOR), await found(whole, 3)) == (0, SEALED)
    assert not any(str(NOOR) in row for table, rows in there.items() for row in rows
                   if table != "unwanted_reactions")  # fmt: skip
    chance, begun = random.Random(12), (home / FILE).read_bytes()
    steps = len(forgetting._STEPS)
    amid = 0
    for part in range(KILLS):
        shutil.rmtree(home / "var")
        (home / "var").mkdir()
        (home / FILE).write_bytes(begun)
        await killed(discord_server, home, steps * part // KILLS, takes * chance.random() / steps)
        amid += stored(home, "SELECT 1 FROM erasing WHERE step > 0 OR after > 0")
        await erased(discord_server, home)
        assert facts(home) == there
        assert (await found(home, NOOR), await found(home, 3)) == (0, SEALED)
        # The rows of reactions, which Discord has yet to take off, are the last with her id.
        assert left(home) <= {"digits", "number"}
    assert amid, "none of the moments was amid it"
