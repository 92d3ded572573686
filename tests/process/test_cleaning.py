"""`askwell privacy clean`, and what members see while PostgreSQL writes a table anew."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from data import migrating, rewriting
from data.database import Database
from tests.process.fake_discord import FakeDiscord
from tests.process.keeping import FILE
from tests.process.long_telling import LongTale
from tests.process.running import ran
from tests.process.telling import TITLE, kept
from tests.process.test_erased_again import home  # noqa: F401 - a fixture
from tests.process.test_keeping_data import set_version
from tests.process.test_trouble import ask
from tests.store.test_forgetting import NAME, WORDS
from tests.store.test_rewriting import reading
from tests.support.databases import Databases

_LOCKED = 4.0  # seconds, more than Discord waits for an answer
_DEFERRED = 5


@pytest.fixture
def server(tmp_path: Path, databases: Databases) -> Iterator[str]:
    """A PostgreSQL database, which the settings in the folder name."""
    url = databases.new("postgresql")
    env = tmp_path / ".env"
    env.touch(mode=0o600)
    env.write_text(f"DATABASE_URL={url}\n")
    yield url
    databases.drop(url)


async def lock(url: str, table: str, locked: asyncio.Event, free: asyncio.Event) -> None:
    """Hold what `VACUUM FULL` holds of a table. `free` is set just before it is given back."""
    db = Database(url)
    await db.open()
    async with db.write() as tx:
        await tx.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        locked.set()
        await asyncio.sleep(_LOCKED)
        free.set()
    await db.close()


async def test_acts_are_acknowledged_while_a_table_is_locked_and_end_well_afterwards(
    tmp_path: Path, discord_server: FakeDiscord, server: str
) -> None:
    async with kept(discord_server, tmp_path) as keeper:
        tale = LongTale(keeper, discord_server.world.text)
        await tale.set_up_long()
        card = await ask(tale)
        form = await tale.do(tale.bob, tale.lounge, "ask")
        locked, free = asyncio.Event(), asyncio.Event()
        locking = asyncio.create_task(lock(server, "posts", locked, free))
        await locked.wait()
        await discord_server.react(tale.bob, card, "⬆️")
        asked, points, listed = await asyncio.gather(
            tale.fill(
                tale.bob, tale.lounge, form, title="What helps against cold?", details="Brr."
            ),
            tale.do(tale.bob, tale.lounge, "points"),
            tale.do(tale.carol, tale.lounge, "questions"),
        )
        assert free.is_set(), "they waited for the table"
        await locking
        for reply in (asked, points, listed):
            assert reply.seconds < 3
            assert reply.first["type"] == _DEFERRED
        assert TITLE in tale.said(listed)
        await discord_server.until(lambda: tale.card("What helps against cold?"))
        await discord_server.until(lambda: tale.card(TITLE, "+1 vote"))
    assert "Traceback" not in "".join(keeper.written)


async def test_clean_rewrites_the_tables_of_postgresql(
    tmp_path: Path, databases: Databases, server: str
) -> None:
    ended = await ran(tmp_path, "privacy", "clean")
    assert (ended.code, ended.err) == (0, "")
    number = len(rewriting.tables_of(list(rewriting.Kind)))
    assert ended.out.startswith(f"Wrote {number} tables anew: nothing of what was erased is in")


async def test_clean_names_what_it_could_not_rewrite(tmp_path: Path, server: str) -> None:
    db = Database(server)
    await db.open()
    async with reading(db, "SELECT count(*) FROM votes"):
        ended = await ran(tmp_path, "privacy", "clean")
    await db.close()
    assert ended.code == 75
    assert "These tables weren't written anew: votes. Somebody reads them" in ended.err


async def test_clean_of_a_sqlite_file_leaves_nothing_in_it(home: Path) -> None:  # noqa: F811
    ended = await ran(home, "privacy", "clean")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out == (
        "Nothing of what was erased is in the database's file, its index or its log.\n"
    )
    held = b"".join(each.read_bytes() for each in (home / "var").glob(f"{FILE.name}*"))
    for trace in (NAME, WORDS, WORDS.lower()):
        assert trace.encode() not in held


async def test_what_can_not_be_cleaned_is_named(tmp_path: Path) -> None:
    ended = await ran(tmp_path, "privacy", "clean")
    assert (ended.code, ended.err) == (
        78,
        "askwell: There is nothing to clean: var/askwell.sqlite3 is not there.\n",
    )
    assert (await ran(tmp_path, "migrate")).code == 0
    set_version(tmp_path / FILE, "0036")
    ended = await ran(tmp_path, "privacy", "clean")
    assert ended.code == 78
    assert "schema 0036. Run `askwell migrate` first." in ended.err
    assert migrating.newest() != "0036"
    assert (await ran(tmp_path, "privacy", "everything")).code == 2


@pytest.mark.parametrize(
    "value", ["Sunday", "04:00", "Sonday 04:00", "Sunday 24:00", "Sunday 4:00"]
)
async def test_an_hour_that_is_none_is_refused_at_the_start(tmp_path: Path, value: str) -> None:
    ended = await ran(tmp_path, "run", env={"CLEAN_AT": value})
    assert ended.code == 78
    assert ended.err == (
        "askwell: CLEAN_AT: must be a weekday and a time (UTC) like Sunday 04:00, or never; "
        f"it is {value!r}.\n"
    )
