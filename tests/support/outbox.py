"""What waits in the outbox."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.usecases import publishing
from data.database import Database


async def next_due(db: Database, served: frozenset[int] | None = None) -> datetime | None:
    """When the earliest waiting job is due; None if nothing waits."""
    return (await publishing.look_out(db, datetime.now(UTC), 1, served)).due
