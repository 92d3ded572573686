"""Databases for the tests: migrated once for each process, then copied for each test.

On PostgreSQL a copy takes longer than most tests. So a database whose test is over is emptied and
given to the next one, unless that test changed more in it than rows.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

from data import migrating
from data.database import Database
from tests.support.postgres import PostgresServer

KINDS = ("sqlite", "postgresql")


class Databases:
    """Creates databases of both kinds, and removes them."""

    def __init__(self, folder: Path, postgres: Callable[[], PostgresServer]) -> None:
        self._folder = folder
        # Only asked for when needed: most runs of a single test need no server.
        self._postgres = postgres
        self._templates: dict[str, str] = {}
        self._numbers = count(1)
        # On PostgreSQL: the schema that each migrated database started with, and databases that can
        # be reused.
        self._shapes: dict[str, str] = {}
        self._emptied: list[str] = []

    def new(self, kind: str, *, migrated: bool = True) -> str:
        """The `DATABASE_URL` of a new database, with the newest schema or empty."""
        template = self._template(kind) if migrated else None
        if kind == "postgresql":
            return self._postgres().url(self._on_postgres(template))
        path = self._folder / f"{next(self._numbers)}.sqlite3"
        if template is not None:
            shutil.copyfile(template, path)
        return f"sqlite+aiosqlite:///{path}"

    def drop(self, url: str) -> None:
        """Remove a database. On PostgreSQL, open connections are closed."""
        if url.startswith("postgresql"):
            name = Database(url).url.database
            assert name is not None
            shape = self._shapes.get(name)
            if shape is not None and self._postgres().empty(name) == shape:
                self._emptied.append(name)
            else:
                self._postgres().drop(name)
            return
        path = Path(url.removeprefix("sqlite+aiosqlite:///"))
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()

    def _on_postgres(self, template: str | None) -> str:
        if template is None:
            return self._postgres().create()
        if self._emptied:
            return self._emptied.pop()
        name = self._postgres().create(template)
        self._shapes[name] = self._postgres().shape(name)
        return name

    def _template(self, kind: str) -> str:
        if kind not in self._templates:
            url = self.new(kind, migrated=False)
            apart(_migrate(url))
            name = Database(url).url.database
            assert name is not None
            self._templates[kind] = name
        return self._templates[kind]


async def _migrate(url: str) -> None:
    db = Database(url)
    await db.open()
    await migrating.upgrade(db)
    await db.close()  # on SQLite the last connection also puts the write-ahead log into the file


def apart(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine on a separate event loop, whatever the caller's loop is doing."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
