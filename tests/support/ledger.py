"""Checking figures against votes, posts and choices, from which all others follow."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.usecases.recounting import recount
from data.database import Database


async def assert_consistent(db: Database) -> None:
    """Every score, answer count, ledger line and member's points is what the facts make it.

    Fails naming each figure that a recount would change.
    """
    corrections = await recount(db, apply=False, now=datetime.now(UTC))
    assert not corrections, "a recount would change:\n" + "\n".join(
        f"  {correction}" for correction in corrections
    )
