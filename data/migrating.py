"""Bringing a database to the schema of this version, at start and by `askwell migrate`."""

from __future__ import annotations

import asyncio
import runpy
import sqlite3
import sys
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from data import erased_words
from data.database import Database

_FOLDER = Path(__file__).parent / "migrations"
# PostgreSQL: two processes that start together migrate one after the other.
_ADVISORY_LOCK = 0x61736B77656C6C
_BUILDING_LOCK = _ADVISORY_LOCK + 1
# 0002 rewrites every post under a lock, so building indexes before it gains nothing.
_BUILT_BEFORE_FROM = "0002"
_COPY_KEPT = 7 * 24 * 3600.0  # seconds


class SchemaTooNew(Exception):
    """The database was written by a newer version of Askwell than this one."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(f"schema {found} is newer than {known}")
        self.found = found
        self.known = known


UNFINISHED = "copying"
"""How the version of a database begins into which another is being copied."""


class Unfinished(Exception):
    """A copy into this database has begun, and not ended."""


def _known() -> list[str]:
    """Every schema version there is a migration to, the newest last.

    They are read from the file names (`0001_forum.py`), because importing Alembic costs 12 MB of
    memory for as long as the bot runs, and nearly every start finds nothing to migrate.
    """
    names = sorted(path.name for path in (_FOLDER / "versions").glob("[0-9]*_*.py"))
    return [name.partition("_")[0] for name in names]


def is_older(version: str) -> bool:
    """Whether a schema version is one that this code can bring up to date."""
    return version in _known()[:-1]


def newest() -> str:
    """The schema version this code works with."""
    known = _known()
    if not known:
        raise RuntimeError(f"no migrations in {_FOLDER}")
    return known[-1]


async def version(db: Database) -> str | None:
    """The schema version of a database; None if it is empty."""
    async with db.read() as tx:
        return await tx.run_sync(_version)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


async def upgrade(db: Database) -> tuple[str | None, str]:
    """Bring the schema to the newest version in one transaction; returns (before, after).

    A SQLite file is copied before. On PostgreSQL the indexes of large tables are built before,
    while others go on writing. Raises `SchemaTooNew` if the database is ahead of this code; then
    nothing is touched.
    """
    head = newest()
    before = await version(db)
    if before in _known() and before != head:
        if db.path is not None:
            await asyncio.to_thread(_copy, db.path, copy_of(db.path, before))
        elif not db.is_sqlite and before >= _BUILT_BEFORE_FROM:
            await _build_large_indexes(db, before)
    elif db.path is not None:
        _drop_old_copies(db.path)
    async with db.write() as tx:
        versions = await tx.run_sync(lambda connection: _upgrade(connection, head))
    if db.path is not None:
        await asyncio.to_thread(erased_words.prepare, db.path)
    return versions


def copy_of(path: Path, before: str) -> Path:
    """Where a SQLite file is copied to before its schema is changed from a version."""
    return path.with_name(f"{path.name}.schema-{before}")


def _copy(path: Path, target: Path) -> None:
    """Copy a SQLite file, including its write-ahead log, readable only by its owner."""
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600)
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(unfinished)) as copy:
        source.backup(copy)
    unfinished.replace(target)


def _drop_old_copies(path: Path) -> None:
    """Delete old copies, which still hold what members have deleted since."""
    for copy in path.parent.glob(f"{path.name}.schema-*"):
        if time.time() - copy.stat().st_mtime > _COPY_KEPT:
            copy.unlink(missing_ok=True)


async def _build_large_indexes(db: Database, before: str) -> None:
    """Build the `LARGE_INDEXES` of the migrations after a version, over the `LARGE_COLUMNS` that
    they add. PostgreSQL keeps an index whose building was interrupted, but doesn't use it; such an
    index is rebuilt. Tables that these migrations create are left to them."""
    columns: dict[str, str] = {}
    indexes: dict[str, str] = {}
    for path in sorted((_FOLDER / "versions").glob("[0-9]*_*.py")):
        if path.name.partition("_")[0] > before:
            said = runpy.run_path(str(path))
            columns |= said.get("LARGE_COLUMNS", {})
            indexes |= said.get("LARGE_INDEXES", {})
    async with db.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        # Polled, not waited for in the database: the building waits for every open transaction, and
        # would wait for the waiting one as well.
        mine = text(f"SELECT pg_try_advisory_lock({_BUILDING_LOCK})")
        while not await connection.scalar(mine):  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(1)
        try:
            for name, what in columns.items():
                table, _, column = name.partition(".")
                add = f"ALTER TABLE IF EXISTS {table} ADD COLUMN IF NOT EXISTS {column} {what}"
                await connection.exec_driver_sql(add)
            for name, what in indexes.items():
                await _build_large_index(connection, name, what)
        finally:
            await connection.scalar(text(f"SELECT pg_advisory_unlock({_BUILDING_LOCK})"))


async def _build_large_index(connection: AsyncConnection, name: str, what: str) -> None:
    table = {"name": what.partition(" ")[0]}
    if await connection.scalar(text("SELECT to_regclass(:name)::oid"), table) is None:
        return
    valid = await connection.scalar(
        text("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"),
        {"name": name},
    )
    if valid is False:
        await connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY {name}")
    if not valid:
        await connection.exec_driver_sql(f"CREATE INDEX CONCURRENTLY {name} ON {what}")


@contextmanager
def _without(package: str) -> Generator[None]:
    """Make imports in the block do without an optional package.

    Alembic imports Mako, which colours its error pages with Pygments if that is installed: 6 MB of
    memory for as long as the bot runs, for pages that nobody ever sees.
    """
    unknown = package not in sys.modules
    if unknown:
        sys.modules[package] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if unknown:
            del sys.modules[package]


def _upgrade(connection: Connection, head: str) -> tuple[str | None, str]:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    before = _version(connection)
    if before == head:
        return before, head
    if (before or "").startswith(UNFINISHED):
        raise Unfinished
    if before is not None and before not in _known():
        raise SchemaTooNew(before, head)
    with _without("pygments"):
        from alembic import command
        from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before, head
