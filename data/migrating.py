"""Bringing a database to the schema of this version, at start and by `askwell migrate`."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from data.database import Database

_FOLDER = Path(__file__).parent / "migrations"
# PostgreSQL: two processes that start together migrate one after the other.
_ADVISORY_LOCK = 0x61736B77656C6C


class SchemaTooNew(Exception):
    """The database was written by a newer version of Askwell than this one."""

    def __init__(self, found: str, known: str) -> None:
        super().__init__(f"schema {found} is newer than {known}")
        self.found = found
        self.known = known


def _known() -> list[str]:
    """Every schema version there is a migration to, the newest last.

    By their file names (`0001_forum.py`), because importing Alembic costs 12 MB of memory for as
    long as the bot runs, and nearly every start finds nothing to migrate.
    """
    names = sorted(path.name for path in (_FOLDER / "versions").glob("[0-9]*_*.py"))
    return [name.partition("_")[0] for name in names]


def newest() -> str:
    """The schema version this code works with."""
    known = _known()
    if not known:
        raise RuntimeError(f"no migrations in {_FOLDER}")
    return known[-1]


async def version(db: Database) -> str | None:
    """The schema version of a database; None where it is empty."""
    async with db.read() as tx:
        return await tx.run_sync(_version)


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


async def upgrade(db: Database) -> tuple[str | None, str]:
    """Bring the schema to the newest version in one transaction; returns (before, after).

    Raises `SchemaTooNew` where the database is ahead of this code: nothing is touched then.
    """
    head = newest()
    async with db.write() as tx:
        return await tx.run_sync(lambda connection: _upgrade(connection, head))


@contextmanager
def _without(package: str) -> Generator[None]:
    """Have imports in the block do without an optional package.

    Alembic brings Mako, which colours its error pages with Pygments where that is installed: 6 MB
    of memory for as long as the bot runs, for pages that nobody ever sees.
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
