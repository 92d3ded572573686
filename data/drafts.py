"""Direct messages people asked for, and drafts of what they typed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, or_, select, update

from data.database import Transaction
from data.models import Draft, DraftFile

DRAFTS_KEPT = timedelta(days=7)
DRAFTS_MAX = 20  # of a member in a server


async def keep_draft(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    form: str,
    values: dict[str, Any],
    now: datetime,
) -> int:
    """Keep what a member typed into a form; returns the draft's row. Old drafts go, and all but a
    member's newest: forms that are refused on purpose must not fill the disk."""
    await tx.execute(delete(Draft).where(Draft.created_at < now - DRAFTS_KEPT))
    theirs = (Draft.guild_id == guild_id) & (Draft.user_id == user_id)
    newest = select(Draft.id).where(theirs).order_by(Draft.created_at.desc(), Draft.id.desc())
    kept = [row[0] for row in await tx.rows(newest.limit(DRAFTS_MAX - 1))]
    await tx.execute(delete(Draft).where(theirs, Draft.id.not_in(kept)))
    statement = insert(Draft).values(
        guild_id=guild_id, user_id=user_id, form=form, values=values, created_at=now
    )
    return int(await tx.scalar(statement.returning(Draft.id)))


async def change_draft(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    draft_id: int,
    form: str,
    values: dict[str, Any],
    now: datetime,
) -> bool:
    """Put something else into a member's own draft. False where it is gone or somebody else's."""
    changed = await tx.execute(
        update(Draft)
        .where(Draft.id == draft_id, Draft.guild_id == guild_id, Draft.user_id == user_id)
        .values(form=form, values=values, created_at=now)
    )
    return changed.rowcount > 0


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


async def drop_draft(tx: Transaction, guild_id: int, user_id: int, draft_id: int) -> None:
    """Erase a member's own draft; nobody else's."""
    await tx.execute(
        delete(Draft).where(
            Draft.id == draft_id, Draft.guild_id == guild_id, Draft.user_id == user_id
        )
    )


async def any_old(tx: Transaction, now: datetime) -> bool:
    """Whether there are drafts, or files for them, that were kept long enough."""
    before = now - DRAFTS_KEPT
    drafts = select(Draft.id).where(Draft.created_at < before).exists()
    files = select(DraftFile.id).where(DraftFile.created_at < before).exists()
    return bool(await tx.scalar(select(or_(drafts, files))))


async def drop_old(tx: Transaction, now: datetime) -> None:
    """Erase drafts, and files for them, that were kept long enough."""
    for kept in (Draft, DraftFile):
        await tx.execute(delete(kept).where(kept.created_at < now - DRAFTS_KEPT))
