"""After PostgreSQL's tables were written anew, nothing of an erased member is in any file of a
table or an index: neither their id, in digits or as a number, nor their name, nor their words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.domain.actors import Actor
from bot.usecases import forgetting, left_servers
from bot.usecases.cleaning import Cleaning, Elsewhere, WeeklyCleaning, clean_file
from bot.usecases.erasing import erase_deleted
from data import rewriting
from data.database import Database
from data.rewriting import Kind
from tests.docs.test_privacy import told
from tests.store.forum import Forum
from tests.store.test_forgetting import NAME, NOOR, WORDS, everything_of, take_reactions_off
from tests.support.kinds import on_postgresql, on_sqlite

_FILES = """
SELECT relname, current_setting('data_directory') || '/' || pg_relation_filepath(oid)
FROM pg_class WHERE pg_relation_filepath(oid) IS NOT NULL
    AND (relnamespace IN ('public'::regnamespace, 'pg_toast'::regnamespace)
        OR relname LIKE 'pg_statistic%')
"""


@pytest.fixture
def noor(forum: Forum) -> Actor:
    """Who is erased."""
    return forum.member(NOOR, name=NAME, avatar="a_0123", is_moderator=True)


def traces() -> dict[str, bytes]:
    """What a member can be found by in bytes."""
    return {
        "digits": str(NOOR).encode(),
        "big-endian": NOOR.to_bytes(8, "big"),
        "little-endian": NOOR.to_bytes(8, "little"),
        "name": NAME.encode(),
        "words": WORDS.encode(),
        "words in the index": WORDS[:-1].lower().encode(),
    }


async def found(db: Database) -> dict[str, set[str]]:
    """The tables and indexes whose files have something of a member, by what they have."""
    async with db.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("CHECKPOINT"))
        files = (await connection.execute(text(_FILES))).all()
    there: dict[str, set[str]] = {}
    for name, path in files:
        held = b"".join(each.read_bytes() for each in Path(path).parent.glob(f"{Path(path).name}*"))
        for what, trace in traces().items():
            if trace in held:
                there.setdefault(what, set()).add(name)
    return there


async def definitions(db: Database) -> list[str]:
    """Columns, indexes and constraints, as they would be typed."""
    query = """
        SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT conrelid::regclass || conname || pg_get_constraintdef(oid)
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT concat(attrelid::regclass, attname, format_type(atttypid, atttypmod),
            attcollation, attnotnull, pg_get_expr(adbin, adrelid))
            FROM pg_attribute JOIN pg_class c ON c.oid = attrelid AND relkind = 'r'
            AND relnamespace = 'public'::regnamespace
            LEFT JOIN pg_attrdef d ON d.adrelid = attrelid AND d.adnum = attnum
    """
    async with db.read() as tx:
        return sorted(row[0] for row in await tx.rows(text(query)))


def steps(_what: str, done: int, total: int) -> None:
    assert 0 <= done <= total


async def analyze(db: Database) -> None:
    """PostgreSQL does so by itself, and copies values of rows into its statistics."""
    async with db.write() as tx:
        await tx.execute(text("ANALYZE"))


@on_postgresql
async def test_nothing_of_a_member_is_in_the_files_of_tables_and_indexes(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await everything_of(forum, noor, alice, bob)
    await analyze(forum.db)
    await forgetting.begin(forum.db, forum.guild_id, NOOR, texts=True, now=forum.now)
    await forgetting.finish(forum.db, forum.guild_id, NOOR, sealing=None, now=forum.now)
    await take_reactions_off(forum)
    before = await found(forum.db)
    assert before.keys() == traces().keys() - {"big-endian"}
    assert {"posts", "votes", "ix_votes_voter"} & before["little-endian"]
    assert "pg_statistic" in before["words"] | before["name"] | before["little-endian"]
    cleaning, shape = Cleaning(forum.db), await definitions(forum.db)
    assert await cleaning.go_on(steps, forum.now) == []
    assert await found(forum.db) == {}
    assert await definitions(forum.db) == shape
    assert cleaning.rewritten == len(rewriting.tables_of(list(Kind)))
    await forum.assert_consistent()


@on_postgresql
async def test_the_words_of_a_deleted_post_leave_the_files(forum: Forum, alice: Actor) -> None:
    post = await forum.ask(alice, f"What did {WORDS} mean?", f"{WORDS} said it.", tags=WORDS)
    await forum.delete(alice, post)
    assert await erase_deleted(forum.db, now=forum.later(days=8)) == 1
    assert {"words", "words in the index"} <= (await found(forum.db)).keys()
    async with forum.db.read() as tx:
        assert (await rewriting.noted(tx)).keys() == {Kind.WORDS}
    cleaning = Cleaning(forum.db)
    assert await cleaning.go_on(steps, forum.now) == []
    assert await found(forum.db) == {}
    assert "votes" not in rewriting.tables_of([Kind.WORDS])
    async with forum.db.read() as tx:
        assert await rewriting.noted(tx) == {}


@on_postgresql
async def test_where_nothing_was_erased_the_large_tables_are_left_alone(
    forum: Forum, question: int
) -> None:
    async def files() -> dict[str, int]:
        async with forum.db.read() as tx:
            query = text("SELECT relname, relfilenode FROM pg_class WHERE relkind = 'r'")
            return {row[0]: row[1] for row in await tx.rows(query)}

    before = await files()
    assert await Cleaning(forum.db).go_on(steps, forum.now) == []
    after = await files()
    changed = {name for name in after if after[name] != before[name]}
    assert {"drafts", "notices"} <= changed
    assert not {"posts", "post_texts", "votes"} & changed


@on_postgresql
async def test_a_table_in_use_is_left_for_later_and_holds_nobody_up(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await everything_of(forum, noor, alice, bob)
    await forgetting.begin(forum.db, forum.guild_id, NOOR, texts=True, now=forum.now)
    await forgetting.finish(forum.db, forum.guild_id, NOOR, sealing=None, now=forum.now)
    await take_reactions_off(forum)
    cleaning = Cleaning(forum.db)
    loop = asyncio.get_running_loop()
    async with reading(forum.db, "SELECT count(*) FROM votes"):
        going = asyncio.ensure_future(cleaning.go_on(steps, forum.now))
        longest = 0.0
        while not going.done():
            began = loop.time()
            async with forum.db.read() as tx:
                await tx.rows(text("SELECT count(*) FROM votes"))
            longest = max(longest, loop.time() - began)
            await asyncio.sleep(0.05)
        assert "votes" in await going
        # Behind whoever waits for the table others wait, too, but no longer than that.
        assert longest < 2
        async with forum.db.read() as tx:
            assert (await rewriting.noted(tx)).keys() == {Kind.MEMBERS}
    # An erasure since then is not taken for done.
    await forgetting.begin(forum.db, forum.guild_id, 2, texts=False, now=forum.now)
    await forgetting.finish(forum.db, forum.guild_id, 2, sealing=None, now=forum.now)
    assert await cleaning.go_on(steps, forum.now) == []
    assert await found(forum.db) == {}
    async with forum.db.read() as tx:
        assert (await rewriting.noted(tx)).keys() == {Kind.MEMBERS}


@asynccontextmanager
async def reading(db: Database, query: str) -> AsyncIterator[None]:
    """Somebody who reads for long, such as a backup."""
    async with db.read() as tx:
        await tx.rows(text(query))
        yield


@on_postgresql
async def test_rows_that_somebody_may_still_see_are_not_taken_for_gone(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    """A reader of another table began before the erasure: PostgreSQL keeps old rows for it."""
    await everything_of(forum, noor, alice, bob)
    async with reading(forum.db, "SELECT count(*) FROM tag_synonyms"):
        await forgetting.begin(forum.db, forum.guild_id, NOOR, texts=True, now=forum.now)
        await forgetting.finish(forum.db, forum.guild_id, NOOR, sealing=None, now=forum.now)
        await take_reactions_off(forum)
        cleaning = Cleaning(forum.db)
        left = await cleaning.go_on(steps, forum.now)
        assert {"posts", "votes", "names"} <= set(left)
        assert "post_texts" in (await found(forum.db))["words"]
    assert await cleaning.go_on(steps, forum.now) == []
    assert await found(forum.db) == {}


@on_postgresql
async def test_two_processes_do_not_do_it_at_once(forum: Forum) -> None:
    async with rewriting.rewriter(forum.db) as first:
        assert first is not None
        with pytest.raises(Elsewhere):
            await Cleaning(forum.db).go_on(steps, forum.now)
    assert await Cleaning(forum.db).go_on(steps, forum.now) == []


@on_postgresql
async def test_a_server_that_removed_the_bot_leaves_the_files_too(
    forum: Forum, noor: Actor, alice: Actor, bob: Actor
) -> None:
    await everything_of(forum, noor, alice, bob)
    no_time = timedelta(0)
    for now in (forum.now, forum.later(days=1)):
        await left_servers.compare(forum.db, (), lambda _: True, now, no_time)
    assert await left_servers.erase(forum.db, forum.guild_id, now=forum.now, kept=no_time)
    assert await found(forum.db)
    assert await Cleaning(forum.db).go_on(steps, forum.now) == []
    assert await found(forum.db) == {}


SUNDAY = datetime(2026, 11, 29, 4, 0, tzinfo=UTC)


@on_postgresql
async def test_once_a_week_at_its_hour(forum: Forum, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[datetime] = []
    go_on = Cleaning.go_on

    async def counted(self: Cleaning, step: Any, now: datetime) -> list[str]:
        done.append(now)
        return await go_on(self, step, now)

    monkeypatch.setattr(Cleaning, "go_on", counted)
    weekly = WeeklyCleaning(forum.db, (6, 4 * 60))
    hour = timedelta(hours=1)
    # What was erased before anybody noted it goes the first time.
    await weekly.look(SUNDAY - 30 * hour)
    async with forum.db.read() as tx:
        assert (await rewriting.noted(tx)).keys() == set(Kind)
    for at in (-1, -0.1, 0.1, 0.2, 1, 24.1, 100, 168.1):
        await weekly.look(SUNDAY + at * hour)
    assert done == [SUNDAY + 0.1 * hour, SUNDAY + 168.1 * hour]
    async with forum.db.read() as tx:
        assert await rewriting.noted(tx) == {}
        assert await rewriting.last(tx) == done[-1]
    await WeeklyCleaning(forum.db, None).look(SUNDAY + 400 * hour)
    assert len(done) == 2


@on_postgresql
async def test_what_could_not_be_done_is_said_and_tried_on_the_next_day(
    forum: Forum, caplog: pytest.LogCaptureFixture
) -> None:
    weekly, hour = WeeklyCleaning(forum.db, (6, 4 * 60)), timedelta(hours=1)
    await weekly.look(SUNDAY - 30 * hour)
    async with reading(forum.db, "SELECT count(*) FROM drafts"):
        await weekly.look(SUNDAY + 0.1 * hour)
        await weekly.look(SUNDAY + 1.9 * hour)
        assert "could not be written anew" not in caplog.text
        await weekly.look(SUNDAY + 2.1 * hour)
    assert "could not be written anew" in caplog.text
    assert "drafts" in caplog.records[-1].getMessage()
    await weekly.look(SUNDAY + 5 * hour)
    async with forum.db.read() as tx:
        assert await rewriting.last(tx) == SUNDAY - 30 * hour
    await weekly.look(SUNDAY + 24.1 * hour)
    async with forum.db.read() as tx:
        assert await rewriting.last(tx) == SUNDAY + 24.1 * hour


@on_sqlite
async def test_sqlite_needs_none_of_it(forum: Forum, noor: Actor, alice: Actor, bob: Actor) -> None:
    await everything_of(forum, noor, alice, bob)
    await forgetting.begin(forum.db, forum.guild_id, NOOR, texts=True, now=forum.now)
    await forgetting.finish(forum.db, forum.guild_id, NOOR, sealing=None, now=forum.now)
    await take_reactions_off(forum)
    await WeeklyCleaning(forum.db, (6, 4 * 60)).look(SUNDAY)
    async with forum.db.read() as tx:
        assert await rewriting.noted(tx) == {}
        assert await rewriting.last(tx) is None
    assert await clean_file(forum.db)
    assert forum.db.path is not None
    held = b"".join(
        each.read_bytes() for each in forum.db.path.parent.glob(f"{forum.db.path.name}*")
    )
    assert not [what for what, trace in traces().items() if trace.lstrip(b"\0") in held]


def test_each_table_with_something_of_a_person_is_among_them() -> None:
    groups = (rewriting.ALWAYS, rewriting.WITH_WORDS, rewriting.WITH_MEMBERS)
    named = [table for group in groups for table in group]
    # Of a server itself nothing of a person's is ever erased, and everybody needs its row.
    assert sorted(named) == sorted(set(named)) == sorted(told().keys() - {"guilds"})
