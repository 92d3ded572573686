"""The databases of the tests: migrated, of their own, and cleared away."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import text

from data import migrating
from data.database import Database
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
