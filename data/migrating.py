"""Bringing a database to the schema of this version, at start and by `askwell migrate`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

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


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def newest() -> str:
    """The schema version this code works with."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError(f"no migrations in {_FOLDER}")
    return head


async def version(db: Database) -> str | None:
    """The schema version of a database; None where it is empty."""
    async with db.read() as tx:
        return await tx.run_sync(
            lambda connection: MigrationContext.configure(connection).get_current_revision()
        )


async def upgrade(db: Database) -> tuple[str | None, str]:
    """Bring the schema to the newest version in one transaction; returns (before, after).

    Raises `SchemaTooNew` where the database is ahead of this code: nothing is touched then.
    """
    head = newest()
    async with db.write() as tx:
        return await tx.run_sync(lambda connection: _upgrade(connection, head))


def _upgrade(connection: Connection, head: str) -> tuple[str | None, str]:
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_ADVISORY_LOCK})")
    before = MigrationContext.configure(connection).get_current_revision()
    if before == head:
        return before, head
    config = _config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if before is not None and before not in known:
        raise SchemaTooNew(before, head)
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    return before, head
