"""Servers that removed the bot: they find all for thirty days, and then nothing of them is left."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update

from bot.domain.actors import Actor
from bot.usecases import left_servers, searching
from data import exporting
from data import left_servers as stored
from data.database import Database, Transaction
from data.models import Base, Guild
from tests.store.forum import CHANNEL, Forum, contents
from tests.support.every_table import GUILDS, fill
from tests.support.kinds import on_sqlite

KEPT = timedelta(days=30)
HERE, THERE = GUILDS


async def compare(
    forum: Forum, there: Collection[int], *, ours: Collection[int] | None = None
) -> left_servers.Compared:
    """The bot looks which servers it is in."""

    def is_ours(guild_id: int) -> bool:
        return ours is None or guild_id in ours

    return await left_servers.compare(forum.db, there, is_ours, forum.now, KEPT)


async def erase(forum: Forum, guild_id: int) -> bool:
    return await left_servers.erase(forum.db, guild_id, now=forum.now, kept=KEPT)


async def rows_of(db: Database) -> dict[str, dict[int, int]]:
    """How many rows each table has of each server; 0 is the whole installation."""
    found: dict[str, dict[int, int]] = {}
    async with db.read() as tx:
        for table in Base.metadata.sorted_tables:
            if not exporting.is_of_a_server(table):
                found[table.name] = {0: await _count(tx, table.name, "true")}
                continue
            whose = {g: exporting.of_guild(table, g) for g in GUILDS}
            found[table.name] = {g: await _count(tx, table.name, of) for g, of in whose.items()}
        words = "SELECT rowid FROM post_words" if db.is_sqlite else "SELECT post_id FROM post_words"
        found["post_words"] = {0: len(await tx.rows(text(words)))}
    return found


async def _count(tx: Transaction, table: str, where: str) -> int:
    return int(await tx.scalar(text(f'SELECT count(*) FROM "{table}" WHERE {where}')))  # noqa: S608


@pytest.fixture
async def full(db: Database) -> Forum:
    """Two servers that have rows in every table there is."""
    await fill(db)
    async with db.write() as tx:
        await tx.execute(update(Guild).values(left_at=None, erasing=False))
    return Forum(db, HERE)


async def test_a_server_that_comes_back_within_thirty_days_finds_all(
    forum: Forum, alice: Actor, question: int, answer: int
) -> None:
    before = await contents(forum.db)
    assert (await compare(forum, ())).left == [forum.guild_id]
    forum.later(days=29)
    assert await compare(forum, ()) == left_servers.Compared((), (), [])
    assert not await erase(forum, forum.guild_id)
    assert (await compare(forum, [forum.guild_id])).back == [forum.guild_id]
    assert await contents(forum.db) == before
    forum.later(days=2)
    assert (await compare(forum, ())).left == [forum.guild_id], "it begins anew"
    assert (await compare(forum, [forum.guild_id])).back == [forum.guild_id]
    assert not (await compare(forum, [forum.guild_id])).back
    assert await contents(forum.db) == before


async def test_after_thirty_days_nothing_of_it_is_left_in_any_table(full: Forum) -> None:
    """The tables are those of the schema: a new one is among them without a word here."""
    before = await rows_of(full.db)
    assert all(all(counts.values()) for counts in before.values())
    await compare(full, [THERE])
    full.later(days=30)
    assert (await compare(full, [THERE])).due == [(HERE, False)]
    assert await erase(full, HERE)
    after = await rows_of(full.db)
    words = after.pop("post_words")[0]
    assert words == before.pop("post_words")[0] // 2
    # The installation's own, which notes that its files are to be written anew.
    del before["upkeep"], after["upkeep"]
    for table, counts in after.items():
        wanted = {g: 0 if g == HERE else number for g, number in before[table].items()}
        assert counts == wanted, table
    assert await compare(full, [THERE]) == left_servers.Compared((), (), [])
    assert not await erase(full, HERE)


async def test_it_goes_on_after_it_was_cut_off_anywhere(
    full: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each portion the process dies, and the next one begins anew."""
    for name in ("_ROWS", "_SOME_POSTS", "_PIECES"):
        monkeypatch.setattr(stored, name, 1)
    await compare(full, [THERE])
    full.later(days=31)
    portion, times = left_servers._go_on, 0

    async def once(*args: Any) -> bool:
        more = await portion(*args)
        if more:
            raise RuntimeError("killed")
        return more

    monkeypatch.setattr(left_servers, "_go_on", once)
    while (await compare(full, [THERE])).due:
        times += 1
        with pytest.raises(RuntimeError, match="killed"):
            await erase(full, HERE)
    assert times > 50
    assert {g for c in (await rows_of(full.db)).values() for g, n in c.items() if n} == {0, THERE}


async def test_what_has_begun_goes_on_even_if_the_server_comes_back(
    full: Forum, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a forum is worse than none."""
    await compare(full, [THERE])
    full.later(days=31)

    async def killed(*_: Any) -> bool:
        raise RuntimeError("killed")

    with monkeypatch.context() as patch:
        patch.setattr(left_servers, "_go_on", killed)
        with pytest.raises(RuntimeError, match="killed"):
            await erase(full, HERE)
    found = await compare(full, [HERE, THERE])
    assert (found.back, found.due) == ((), [(HERE, True)])
    assert await erase(full, HERE)
    assert (await rows_of(full.db))["posts"] == {HERE: 0, THERE: 3}


async def test_a_server_that_is_back_is_not_due_however_old_its_mark_is(forum: Forum) -> None:
    """The bot was off for a year: what it is in now counts, before anything else."""
    await compare(forum, ())
    forum.later(days=365)
    found = await compare(forum, [forum.guild_id])
    assert (found.back, found.due) == ([forum.guild_id], [])
    assert not await erase(forum, forum.guild_id)


async def test_a_bot_that_was_off_begins_to_count_when_it_looks(forum: Forum) -> None:
    forum.later(days=365)
    found = await compare(forum, ())
    assert (found.left, found.due) == ([forum.guild_id], [])


async def test_servers_of_other_processes_are_theirs(forum: Forum) -> None:
    assert await compare(forum, (), ours=()) == left_servers.Compared((), (), [])
    await compare(forum, ())
    forum.later(days=31)
    assert (await compare(forum, (), ours=())).due == []
    assert (await compare(forum, ())).due == [(forum.guild_id, False)]


async def test_it_begins_anew_afterwards(
    forum: Forum, alice: Actor, question: int, answer: int
) -> None:
    await compare(forum, ())
    forum.later(days=31)
    assert await erase(forum, forum.guild_id)
    await forum.open()
    again = await forum.ask(alice, "Is anybody there?")
    assert (await forum.card(again)).number == 1
    found = await searching.search_posts(
        forum.db, forum.guild_id, searching.Search("curtains"), channels=[CHANNEL], reader_id=1
    )
    assert not found.findings
    await forum.assert_consistent()


@on_sqlite
async def test_nothing_of_it_is_in_the_files(forum: Forum, alice: Actor) -> None:
    words = "Karlvvquomb"
    await forum.ask(alice, f"What did {words} mean?", f"{words} said it.", tags=words)
    async with forum.db.write() as tx:
        row = {"guild_id": forum.guild_id, "user_id": 5, "name": words, "avatar": ""}
        await tx.execute(insert(Base.metadata.tables["names"]).values(row))
    assert await forum.db.empty_log()
    assert held(forum.db, words)
    await compare(forum, ())
    forum.later(days=31)
    assert await erase(forum, forum.guild_id)
    assert not held(forum.db, words)
    async with forum.db.read() as tx:
        assert not await tx.rows(select(Guild.id))


def held(db: Database, words: str) -> bool:
    """Whether words are in the files of a database, in any case."""
    assert db.path is not None
    files = db.path.parent.glob(f"{db.path.name}*")
    return words.lower().encode() in b"".join(file.read_bytes() for file in files).lower()
