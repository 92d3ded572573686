"""A copy into another database has every row of every table, and continues where it was killed."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, inspect, select, text, update

from bot.domain.actors import Actor
from bot.domain.queries import parse_query
from bot.usecases.recounting import recount
from data import copying, migrating, search
from data.copy_ends import PostgresEnd, SqliteEnd, own_number, reading
from data.database import Database
from data.models import Bonus, PostText, Revision, Vote
from data.paging import Page
from data.types import EPOCH
from tests.store.forum import Forum
from tests.support.databases import KINDS, Databases
from tests.support.every_table import GUILDS, TABLES, fill


def unseen(_what: str, _done: int, _total: int) -> None:
    """Nobody looks at the progress."""


@pytest.fixture(params=KINDS)
async def target(request: pytest.FixtureRequest, databases: Databases) -> AsyncIterator[Database]:
    """A database without any table, of the one kind and of the other."""
    url = databases.new(request.param, migrated=False)
    database = Database(url)
    await database.open()
    yield database
    await database.close()
    databases.drop(url)


async def rows_of(db: Database) -> dict[str, list[Any]]:
    """All rows of all tables, as SQLAlchemy reads them."""
    async with db.read() as tx:
        found = {
            table.name: [tuple(row) for row in await tx.rows(select(table))] for table in TABLES
        }
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


async def words_of(db: Database) -> int:
    async with db.read() as tx:
        return await tx.scalar(text("SELECT count(*) FROM post_words"))


async def test_the_rows_for_these_tests_are_in_every_table_and_column(db: Database) -> None:
    await fill(db)
    async with db.read() as tx:
        tables = await tx.run_sync(lambda connection: set(inspect(connection).get_table_names()))
    of_the_index = {name for name in tables if name.startswith(("post_words", "sqlite_"))}
    assert tables - of_the_index - {"alembic_version"} == {table.name for table in TABLES}
    for table in TABLES:
        async with db.read() as tx:
            for column in table.columns:
                values = select(func.count()).select_from(table).where(column.is_not(None))
                assert await tx.scalar(values), f"{table.name}.{column.name}"


async def test_a_copy_has_every_row_of_every_table(db: Database, target: Database) -> None:
    await fill(db)
    copied = await copying.copy(db, target, "it", unseen)
    await copying.finish(target)
    assert await rows_of(target) == await rows_of(db)
    assert await words_of(target) == await words_of(db) > 0
    assert copied.tables == len(TABLES)
    assert copied.rows == sum(len(rows) for rows in (await rows_of(db)).values())
    assert await migrating.upgrade(target) == (migrating.newest(), migrating.newest())


async def test_json_is_copied_as_it_was_written(db: Database, target: Database) -> None:
    await fill(db)
    await copying.copy(db, target, "it", unseen)
    for table in TABLES:
        async with reading(db) as left, reading(target) as right:
            mine = [row async for rows in left.rows(table) for row in rows]
            theirs = [row async for rows in right.rows(table) for row in rows]
        assert mine == theirs
        assert [type(value) for row in mine for value in row] == [
            type(value) for row in theirs for value in row
        ]


async def test_numbers_that_were_given_out_are_not_given_out_again(
    db: Database, target: Database
) -> None:
    await fill(db)
    async with db.write() as tx:  # the newest one is gone
        newest = await tx.scalar(select(func.max(Bonus.id)))
        await tx.execute(_bonus(newest + 7))
        await tx.execute(delete(Bonus).where(Bonus.id == newest + 7))
        if not db.is_sqlite:
            await tx.execute(text(f"SELECT setval('bonuses_id_seq', {newest + 7})"))
    await copying.copy(db, target, "it", unseen)
    await copying.finish(target)
    async with target.write() as tx:
        given = await tx.execute(_bonus(None))
        assert given.inserted_primary_key == (newest + 8,)
    for table in TABLES:
        if own_number(table) is not None:
            async with reading(db) as left, reading(target) as right:
                if table.name != "bonuses":
                    assert await right.last_given(table) == await left.last_given(table)


def _bonus(number: int | None) -> Any:
    values = {"guild_id": GUILDS[0], "user_id": 1, "points": 1, "reason": "", "given_by": 1}
    values |= {"at": EPOCH, "origin_id": 77 + (number or 0)}
    return insert(Bonus).values(**values, **({} if number is None else {"id": number}))


async def test_a_forum_that_members_wrote_is_whole_on_the_other_side(
    forum: Forum, target: Database, alice: Actor, bob: Actor, carol: Actor
) -> None:
    question = await forum.ask(alice, "How do I sleep after a night shift?", "I lie awake.")
    answer = await forum.answer(bob, question, "Dark curtains, and no screens before bed.")
    await forum.vote(carol, answer, 1)
    await forum.choose(alice, answer)
    await copying.copy(forum.db, target, "it", unseen)
    await copying.finish(target)
    assert await recount(target, now=forum.now) == []
    there = Forum(target, forum.guild_id)
    assert await there.card(answer) == await forum.card(answer)
    assert await there.points(bob) == await forum.points(bob)
    async with target.read() as tx:
        wanted = search.Wanted(parse_query("curtains"))
        assert await search.find(tx, forum.guild_id, wanted, search.Reader(), Page(5)) == [answer]


async def test_an_empty_forum_can_be_copied(db: Database, target: Database) -> None:
    assert await copying.copy(db, target, "it", unseen) == copying.Copied(0, 0)


async def test_a_database_with_data_in_it_is_not_copied_into(
    db: Database, databases: Databases, database_kind: str
) -> None:
    url = databases.new(database_kind)
    other = Database(url)
    await other.open()
    await fill(other)
    before = await rows_of(other)
    with pytest.raises(copying.NotEmpty):
        await copying.copy(db, other, "it", unseen)
    assert await rows_of(other) == before
    await other.close()
    databases.drop(url)


async def test_an_older_schema_is_not_copied(db: Database, target: Database) -> None:
    async with db.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '0002'"))
    with pytest.raises(copying.OtherSchema):
        await copying.copy(db, target, "it", unseen)
    assert await migrating.version(target) is None


class Killed(Exception):
    """Somebody pulled the plug."""


@asynccontextmanager
async def killed_after(portions: int, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """The copy ends when so many portions were written: at the next one, nothing is."""
    left = portions
    for kind in (SqliteEnd, PostgresEnd):
        insert_rows = kind.insert

        async def dying(self: Any, table: Any, rows: Any, insert_rows: Any = insert_rows) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                raise Killed
            await insert_rows(self, table, rows)

        monkeypatch.setattr(kind, "insert", dying)
    yield


async def test_a_copy_continues_wherever_it_was_interrupted(
    db: Database, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(db)
    monkeypatch.setattr("data.copy_ends._ROWS", 2)
    chance = random.Random(12)
    for _ in range(6):
        with monkeypatch.context() as patch:
            patch.setattr("data.copy_ends._ROWS", 2)
            with pytest.raises(Killed):
                async with killed_after(chance.randrange(20), patch):
                    await copying.copy(db, target, "it", unseen)
        assert (await migrating.version(target) or "").startswith(migrating.UNFINISHED)
        with pytest.raises(migrating.Unfinished):
            await migrating.upgrade(target)
    await copying.copy(db, target, "it", unseen)
    await copying.finish(target)
    assert await rows_of(target) == await rows_of(db)
    assert await words_of(target) == await words_of(db)


async def test_what_was_changed_since_the_interruption_is_copied_anew(
    db: Database, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(db)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        async with killed_after(len(TABLES) - 3, patch):
            await copying.copy(db, target, "it", unseen)
    async with db.write() as tx:
        await tx.execute(update(PostText).values(body="Written since."))
        await tx.execute(delete(Vote))
    await copying.copy(db, target, "it", unseen)
    assert await rows_of(target) == await rows_of(db)


async def test_a_copy_of_another_source_is_not_continued(
    db: Database, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(db)
    with monkeypatch.context() as patch, pytest.raises(Killed):
        async with killed_after(5, patch):
            await copying.copy(db, target, "another", unseen)
    await copying.copy(db, target, "it", unseen)
    assert await rows_of(target) == await rows_of(db)


async def test_a_copy_that_differs_is_refused(
    db: Database, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(db)
    for kind in (SqliteEnd, PostgresEnd):
        insert_rows = kind.insert

        async def losing(self: Any, table: Any, rows: Any, insert_rows: Any = insert_rows) -> None:
            await insert_rows(self, table, rows[:-1] if table.name == "revisions" else rows)

        monkeypatch.setattr(kind, "insert", losing)
    with pytest.raises(copying.Changed, match=Revision.__tablename__):
        await copying.copy(db, target, "it", unseen)
    assert (await migrating.version(target) or "").startswith(migrating.UNFINISHED)
