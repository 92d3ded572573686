"""The databases of the tests: migrated, of their own, and cleared away."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from data import migrating
from data.database import Database
from tests.store.forum import Forum
from tests.support.databases import Databases


async def test_a_new_database_is_migrated_and_open(db: Database) -> None:
    assert await migrating.version(db) == migrating.newest()


async def test_an_empty_database_is_empty(empty_database_url: str) -> None:
    db = Database(empty_database_url)
    await db.open()
    assert await migrating.version(db) is None
    await db.close()


async def test_databases_do_not_see_each_other(databases: Databases, database_kind: str) -> None:
    urls = [databases.new(database_kind) for _ in range(2)]
    first, second = Database(urls[0]), Database(urls[1])
    await first.open()
    await second.open()
    async with first.write() as tx:
        await tx.execute(text("CREATE TABLE mine (id INTEGER)"))
    async with second.write() as tx:
        await tx.execute(text("CREATE TABLE mine (id INTEGER)"))
    await first.close()
    await second.close()
    for url in urls:
        databases.drop(url)
    if database_kind == "sqlite":
        assert not Path(urls[0].removeprefix("sqlite+aiosqlite:///")).exists()


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_the_next_test_gets_an_empty_database(
    databases: Databases, database_kind: str
) -> None:
    before = databases.new(database_kind)
    db = Database(before)
    await db.open()  # and never closed: it is cut off
    forum = await Forum(db).open()
    await forum.ask(forum.member(1), "How do I sleep after a night shift?", "I lie awake.")
    first = await _contents(db)
    databases.drop(before)

    again = databases.new(database_kind)
    assert again == before
    db = Database(again)
    await db.open()
    assert set(await _contents(db)) == {"alembic_version"}
    assert await migrating.version(db) == migrating.newest()
    forum = await Forum(db).open()
    await forum.ask(forum.member(1), "How do I sleep after a night shift?", "I lie awake.")
    assert await _contents(db) == first, "counting begins anew"
    await db.close()
    databases.drop(again)


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE mine (id INTEGER)",
        "ALTER TABLE posts ADD COLUMN mine INTEGER",
        "ALTER TABLE posts ALTER COLUMN guild_id DROP NOT NULL",
        "CREATE INDEX mine ON posts (guild_id)",
        "ANALYZE guilds",
    ],
)
async def test_a_database_that_a_test_rebuilt_is_not_given_to_the_next(
    databases: Databases, database_kind: str, change: str
) -> None:
    url = databases.new(database_kind)
    db = Database(url)
    await db.open()
    await Forum(db).open()
    async with db.write() as tx:
        await tx.execute(text(change))
    await db.close()
    databases.drop(url)
    following = databases.new(database_kind)
    assert following != url
    databases.drop(following)


async def _contents(db: Database) -> dict[str, set[object]]:
    """The filled tables, and the numbers their rows got."""
    found: dict[str, set[object]] = {}
    async with db.read() as tx:
        names = await tx.run_sync(lambda connection: inspect(connection).get_table_names())
        for name in names:
            rows = [row._mapping for row in await tx.rows(text(f"SELECT * FROM {name}"))]  # noqa: S608
            if rows:
                found[name] = {row.get("id") for row in rows}
    return found


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
async def test_a_database_of_another_version_is_not_given_again(
    databases: Databases, database_kind: str
) -> None:
    url = databases.new(database_kind)
    db = Database(url)
    await db.open()
    async with db.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    await db.close()
    databases.drop(url)
    assert databases.new(database_kind) != url
