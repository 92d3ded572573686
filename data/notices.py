"""Direct messages people asked for, and drafts of what they typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.domain.notices import NoticeKind
from data.database import Transaction
from data.models import Draft, Notice
from data.statements import upsert

DRAFTS_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class StoredNotice:
    """A notice as it is stored."""

    notice_id: int
    guild_id: int
    user_id: int
    kind: NoticeKind
    post_id: int
    sent: bool


async def add_notice(
    tx: Transaction, guild_id: int, user_id: int, kind: NoticeKind, post_id: int, now: datetime
) -> int | None:
    """Note that a member is to be told of something; None where they were told already."""
    statement = (
        upsert(tx.dialect, Notice)
        .values(guild_id=guild_id, user_id=user_id, kind=kind, post_id=post_id, created_at=now)
        .on_conflict_do_nothing()
        .returning(Notice.id)
    )
    return await tx.scalar(statement)


async def load_notice(tx: Transaction, notice_id: int) -> StoredNotice | None:
    """A notice, or None where it is gone."""
    row = await tx.row(
        select(
            Notice.id, Notice.guild_id, Notice.user_id, Notice.kind, Notice.post_id, Notice.sent
        ).where(Notice.id == notice_id)
    )
    if row is None:
        return None
    return StoredNotice(row[0], row[1], row[2], NoticeKind(row[3]), row[4], bool(row[5]))


async def mark_sent(tx: Transaction, notice_id: int) -> None:
    """Note that a notice reached its reader."""
    await tx.execute(update(Notice).where(Notice.id == notice_id).values(sent=True))


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
