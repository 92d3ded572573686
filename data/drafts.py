"""Drafts: what members typed into forms, and files for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, insert, or_, select, update

from data.database import Transaction
from data.models import Draft as DraftRow
from data.models import DraftFile

DRAFTS_KEPT = timedelta(days=7)
DRAFTS_MAX = 20  # of a member in a server

Values = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as a member left it. `form` is the custom id of the form."""

    form: str
    values: Values = field(default_factory=dict[str, "str | list[str]"])


async def keep_draft(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    draft: Draft,
    now: datetime,
) -> int:
    """Keep what a member typed into a form; returns the draft's row. Only a member's newest drafts
    are kept, so that forms refused on purpose can't fill the disk."""
    await tx.execute(delete(DraftRow).where(DraftRow.created_at < now - DRAFTS_KEPT))
    theirs = (DraftRow.guild_id == guild_id) & (DraftRow.user_id == user_id)
    newest = (
        select(DraftRow.id).where(theirs).order_by(DraftRow.created_at.desc(), DraftRow.id.desc())
    )
    kept = [row[0] for row in await tx.rows(newest.limit(DRAFTS_MAX - 1))]
    await tx.execute(delete(DraftRow).where(theirs, DraftRow.id.not_in(kept)))
    statement = insert(DraftRow).values(
        guild_id=guild_id, user_id=user_id, form=draft.form, values=draft.values, created_at=now
    )
    return int(await tx.scalar(statement.returning(DraftRow.id)))


async def change_draft(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    draft_id: int,
    draft: Draft,
    now: datetime,
) -> bool:
    """Replace the content of a member's own draft. False if it is gone or somebody else's."""
    changed = await tx.execute(
        update(DraftRow)
        .where(DraftRow.id == draft_id, DraftRow.guild_id == guild_id, DraftRow.user_id == user_id)
        .values(form=draft.form, values=draft.values, created_at=now)
    )
    return changed.rowcount > 0


async def load_draft(tx: Transaction, guild_id: int, user_id: int, draft_id: int) -> Draft | None:
    """A member's own draft; nobody else's."""
    row = await tx.row(
        select(DraftRow.form, DraftRow.values).where(
            DraftRow.id == draft_id, DraftRow.guild_id == guild_id, DraftRow.user_id == user_id
        )
    )
    return None if row is None else Draft(row[0], row[1])


async def drop_draft(tx: Transaction, guild_id: int, user_id: int, draft_id: int) -> bool:
    """Erase a member's own draft; nobody else's. False if there is none."""
    dropped = await tx.execute(
        delete(DraftRow).where(
            DraftRow.id == draft_id, DraftRow.guild_id == guild_id, DraftRow.user_id == user_id
        )
    )
    return dropped.rowcount > 0


_ANY_OLD = select(
    or_(
        select(DraftRow.id).where(DraftRow.created_at < bindparam("before")).exists(),
        select(DraftFile.id).where(DraftFile.created_at < bindparam("before")).exists(),
    )
)


async def any_old(tx: Transaction, now: datetime) -> bool:
    """Whether there are drafts, or files for them, past their age limit."""
    return bool(await tx.scalar(_ANY_OLD, {"before": now - DRAFTS_KEPT}))


async def drop_old(tx: Transaction, now: datetime) -> None:
    """Erase drafts, and files for them, past their age limit."""
    for kept in (DraftRow, DraftFile):
        await tx.execute(delete(kept).where(kept.created_at < now - DRAFTS_KEPT))
