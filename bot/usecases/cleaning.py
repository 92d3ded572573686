"""Having what was erased leave the database's files: on SQLite that takes a moment; on PostgreSQL
tables are written anew, each of which nobody can use meanwhile."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Final

from bot.domain.cleaning import Weekly
from bot.usecases.erasing import let_words_go
from data import rewriting
from data.database import Database
from data.rewriting import Kind

_log = logging.getLogger(__name__)

Step = Callable[[str, int, int], None]  # as in `bot.progress`


class Elsewhere(Exception):
    """Another process is writing tables anew."""


class Cleaning:
    """Writes PostgreSQL's tables anew: those from which something was erased, or all that hold
    anything of a person. What is in use is left for the next go."""

    def __init__(self, db: Database, *, everything: bool = False) -> None:
        self._db = db
        self._everything = everything
        self._noted: dict[Kind, str] | None = None
        self._done: set[str] = set()

    async def go_on(self, step: Step, now: datetime) -> list[str]:
        """Rewrite the tables that are left; returns those that still are. Raises `Elsewhere`."""
        if self._noted is None:  # what is erased from now on is left for the next week
            self._noted = await self._db.in_read(rewriting.noted)
        noted = self._noted
        tables = rewriting.tables_of(list(Kind) if self._everything else noted)
        async with rewriting.rewriter(self._db) as it:
            if it is None:
                raise Elsewhere
            for place, table in enumerate(tables):
                step("Writing anew", place, len(tables))
                if table not in self._done and await it.rewrite(table):
                    self._done.add(table)
        left = [table for table in tables if table not in self._done]
        if not left:
            await self._db.in_write(lambda tx: rewriting.finish(tx, noted, now))
        return left

    @property
    def rewritten(self) -> int:
        """How many tables were written anew."""
        return len(self._done)


def _quietly(_what: str, _done: int, _total: int) -> None:
    """Show nothing."""


class WeeklyCleaning:
    """Does that once a week, at its hour, with PostgreSQL. Whoever calls it looks every few
    minutes."""

    def __init__(self, db: Database, at: tuple[int, int] | None) -> None:
        self._db = db
        self._at: Final = None if at is None else Weekly(*at)
        self._under_way: Cleaning | None = None
        self._left: list[str] = []

    async def look(self, now: datetime) -> None:
        """Begin or go on, if it is time."""
        if self._at is None or self._db.is_sqlite:
            return
        last = await self._db.in_read(rewriting.last)
        if last is None:
            await self._db.in_write(lambda tx: rewriting.begin(tx, now))
        elif self._at.is_due(last, now):
            await self._go_on(now)
        elif self._under_way is not None:
            self._under_way = None
            if self._left:
                _log.warning(
                    "These tables could not be written anew, so what was erased is in their files; "
                    "it is tried again tomorrow: %s",
                    ", ".join(self._left),
                )

    async def _go_on(self, now: datetime) -> None:
        if self._under_way is None:
            self._under_way = Cleaning(self._db)
        try:
            self._left = await self._under_way.go_on(_quietly, now)
        except Elsewhere:
            self._left = []
            return
        if not self._left:
            _log.info("Tables written anew: %s", self._under_way.rewritten)
            self._under_way = None


async def clean_file(db: Database) -> bool:
    """Have what was erased leave SQLite's file, its search index and its log; False where readers
    kept the log from being emptied."""
    await let_words_go(db)
    return await db.empty_log()
