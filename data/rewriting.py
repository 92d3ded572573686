"""PostgreSQL's files: what was erased stays in them until others need its place. Tables from which
something was erased are written anew, with their indexes.

What was erased is noted in the transaction that erases it, in `upkeep`. PostgreSQL's own counters
of deleted rows would not do: they are late, a crash loses them, and its own vacuum resets them
without overwriting a byte.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import delete, select

from data.database import Database, Transaction
from data.models import Upkeep
from data.statements import upsert
from data.types import EPOCH, microseconds


class Kind(StrEnum):
    """What was erased, by its name in `upkeep`: texts of posts, or all of a member."""

    WORDS = "erased words"
    MEMBERS = "erased members"


ALWAYS: Final = (
    "anonymous_slots", "appeals", "attachment_pieces", "audit", "blocks", "claims", "consents",
    "draft_file_pieces", "draft_files", "drafts", "duty", "erasing", "follows", "hints",
    "hourly_counts", "inbox_marks", "moderators", "names", "notices", "outbox", "post_blocks",
    "preferences", "presences", "receipts", "refused_votes", "signs", "sweep_posts", "sweeps",
    "unseal_requests", "unwanted_reactions", "waiting",
)  # fmt: skip
"""Tables whose rows go by themselves all the time; most are small."""
WITH_WORDS: Final = (
    "attachments", "counted_posts", "flags", "post_tags", "post_texts", "post_words", "posts",
    "revisions", "title_words", "word_keys", "written_words",
)  # fmt: skip
WITH_MEMBERS: Final = (
    "bonuses", "erasures", "ledger", "members", "personas", "report_cards", "votes",
)  # fmt: skip
STATISTICS: Final = "pg_statistic"  # the planner's, which has values of all tables

_LAST: Final = "rewritten"
_LOCK: Final = 7_262_815_530_411_903  # a number of ours
# Whoever wants a table stands in line behind whoever waits for all of it.
_PATIENCE: Final = "1s"
# What the planner noted of an empty table stays: ANALYZE leaves it alone. Giving columns the type
# that they have makes PostgreSQL forget it; columns that point at other tables hold nothing of a
# person.
_NOTED_OF_EMPTY: Final = """
SELECT format('ALTER COLUMN %I TYPE %s%s', a.attname, format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || a.attcollation::regcollation END)
FROM pg_stats s JOIN pg_attribute a ON a.attrelid = $1::text::regclass AND a.attname = s.attname
    JOIN pg_type t ON t.oid = a.atttypid
WHERE s.schemaname = current_schema() AND s.tablename = $1
    AND pg_relation_size($1::text::regclass) = 0
    AND NOT EXISTS (SELECT FROM pg_constraint c
        WHERE c.conrelid = a.attrelid AND c.contype = 'f' AND a.attnum = ANY (c.conkey))
"""
_IN_USE: Final = frozenset({"55P03", "40P01"})  # not locked in time; a deadlock


async def note(tx: Transaction, kind: Kind) -> None:
    """Note that something was erased. SQLite has overwritten it already."""
    if tx.dialect == "postgresql":
        await _say(tx, kind.value, secrets.token_hex(8))


async def noted(tx: Transaction) -> dict[Kind, str]:
    """What was erased since its tables were rewritten, with a sign that changes each time."""
    rows = await tx.rows(select(Upkeep.name, Upkeep.value).where(Upkeep.name.in_(list(Kind))))
    return {Kind(row[0]): row[1] for row in rows}


def tables_of(kinds: Collection[Kind]) -> list[str]:
    """The tables that have to be rewritten. Who is erased may have had texts erased, too."""
    found: list[str] = list(ALWAYS)
    if kinds:
        found += WITH_WORDS
    if Kind.MEMBERS in kinds:
        found += WITH_MEMBERS
    return [*sorted(found), STATISTICS]


async def last(tx: Transaction) -> datetime | None:
    """When all that was due was rewritten last, or (the first time) when that was first asked."""
    value = await tx.scalar(select(Upkeep.value).where(Upkeep.name == _LAST))
    return None if value is None else EPOCH + timedelta(microseconds=int(value))


async def begin(tx: Transaction, now: datetime) -> None:
    """Have all tables rewritten the first time: what was erased before nobody has noted."""
    for kind in Kind:
        await note(tx, kind)
    await _say(tx, _LAST, str(microseconds(now)))


async def finish(tx: Transaction, done: Mapping[Kind, str], now: datetime) -> None:
    """Forget what was noted, unless more was erased meanwhile."""
    for kind, sign in done.items():
        await tx.execute(delete(Upkeep).where(Upkeep.name == kind.value, Upkeep.value == sign))
    await _say(tx, _LAST, str(microseconds(now)))


async def _say(tx: Transaction, name: str, value: str) -> None:
    said = upsert(tx.dialect, Upkeep).values(name=name, value=value)
    await tx.execute(
        said.on_conflict_do_update(index_elements=[Upkeep.name], set_={"value": value})
    )


class Rewriter:
    """A connection that writes tables anew, one after the other."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._kept: list[int] = []

    async def rewrite(self, table: str) -> bool:
        """Write a table and its indexes anew. Whoever wants it waits until that is over.

        False where it is in use, where somebody may still see rows that were deleted, or where the
        user doesn't own it: some of what was erased is still in its file.
        """
        self._kept.clear()
        try:
            await self._driver.execute(f'VACUUM (FULL, ANALYZE, VERBOSE) "{table}"')
            noted = await self._driver.fetch(_NOTED_OF_EMPTY, table)
            if noted:
                columns = ", ".join(row[0] for row in noted)
                await self._driver.execute(f'ALTER TABLE "{table}" {columns}')
        except Exception as error:
            if getattr(error, "sqlstate", None) in _IN_USE:
                return False
            raise
        await asyncio.sleep(0)  # notices are told a moment later
        return self._kept[:1] == [0]

    def hear(self, _connection: object, message: Any) -> None:
        """Take down of how many deleted rows PostgreSQL says that it had to keep them."""
        if count := re.match(r"\D*(\d+)", message.detail or ""):
            self._kept.append(int(count[1]))


@asynccontextmanager
async def rewriter(db: Database) -> AsyncGenerator[Rewriter | None]:
    """What writes PostgreSQL's tables anew; None where another process is at it."""
    async with db.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        driver: Any = (await connection.get_raw_connection()).driver_connection
        it = Rewriter(driver)
        try:
            await driver.execute(f"SET lock_timeout = '{_PATIENCE}'")
            driver.add_log_listener(it.hear)
            mine = await driver.fetchval(f"SELECT pg_try_advisory_lock({_LOCK})")
            yield it if mine else None
        finally:
            await connection.invalidate()  # with its settings and its lock
