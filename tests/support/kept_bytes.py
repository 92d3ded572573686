"""What of somebody is in the bytes of files: those of a database, with its logs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from data.database import Database
from tests.support.postgres import PostgresServer


def traces_of(user_id: int, name: str, avatar: str, **words: str) -> dict[str, bytes]:
    """What a member can be found by. SQLite stores numbers big-endian, PostgreSQL as the machine
    does."""
    size = (user_id.bit_length() + 7) // 8
    return {
        "digits": str(user_id).encode(),
        "big-endian": user_id.to_bytes(size, "big"),
        "little-endian": user_id.to_bytes(size, "little"),
        "name": name.encode(),
        "avatar": avatar.encode(),
    } | {what: said.encode() for what, said in words.items()}


def found_in(files: Iterable[Path], traces: dict[str, bytes]) -> set[str]:
    """Which of these are in any of these files."""
    held = [each.read_bytes() for each in files]
    assert any(held)
    return {what for what, trace in traces.items() if any(trace in each for each in held)}


class PostgresFiles:
    """The files of a PostgreSQL server with what happens in one database from now on. What was
    written before is beside it: look for what no other test writes."""

    def __init__(self, server: PostgresServer, db: Database) -> None:
        self._server = server
        self._folder = Path(server.run("SHOW data_directory"))
        self._since = server.run("SELECT pg_walfile_name(pg_current_wal_lsn())")
        assert db.url.database is not None
        this = "SELECT oid FROM pg_database WHERE datname = current_database()"
        self._base = self._folder / "base" / str(server.run(this, database=db.url.database))

    @property
    def log(self) -> Path:
        """What the server logs."""
        return self._folder / "log"

    def written(self) -> list[Path]:
        """The database's files and the write-ahead log, with all that was done by now."""
        self._server.run("CHECKPOINT")
        logs = (each for each in (self._folder / "pg_wal").iterdir() if each.is_file())
        return [*self._base.iterdir(), *(each for each in logs if each.name >= self._since)]

    @contextmanager
    def logging_writes(self) -> Iterator[None]:
        """Have the server log all statements that write, with their parameters."""
        self._configure("ALTER SYSTEM SET log_statement = 'mod'")
        try:
            yield
        finally:
            self._configure("ALTER SYSTEM RESET log_statement")

    def _configure(self, change: str) -> None:
        self._server.run(change)
        self._server.run("SELECT pg_reload_conf()")
