"""Direct messages people asked for, and drafts of what they typed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from data.database import Transaction
from data.models import Draft

DRAFTS_KEPT = timedelta(days=7)


async def keep_draft(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    form: str,
    values: dict[str, Any],
    now: datetime,
) -> int:
    """Keep what a member typed into a form; returns the draft's row. Old drafts go."""
    await tx.execute(delete(Draft).where(Draft.created_at < now - DRAFTS_KEPT))
    statement = insert(Draft).values(
        guild_id=guild_id, user_id=user_id, form=form, values=values, created_at=now
    )
    return int(await tx.scalar(statement.returning(Draft.id)))


async def load_draft(
    tx: Transaction, guild_id: int, user_id: int, draft_id: int
) -> tuple[str, dict[str, Any]] | None:
    """A member's own draft as (form, values); nobody else's."""
    row = await tx.row(
        select(Draft.form, Draft.values).where(
            Draft.id == draft_id, Draft.guild_id == guild_id, Draft.user_id == user_id
        )
    )
    return None if row is None else (row[0], row[1])
