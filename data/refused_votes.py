"""Votes by reaction that were refused, until their voters read why: the last one of each member."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, select

from data.database import Transaction
from data.models import RefusedVoteRow
from data.statements import upsert


async def keep(
    tx: Transaction,
    who: tuple[int, int],
    place: tuple[int, int],
    reason: str,
    figures: dict[str, Any],
    now: datetime,
) -> None:
    """Keep why a member's reaction (`place` is its channel and message) doesn't vote."""
    said = {"reason": reason, "figures": figures, "at": now}
    where = {"channel_id": place[0], "message_id": place[1]}
    await tx.execute(
        upsert(tx.dialect, RefusedVoteRow)
        .values(guild_id=who[0], user_id=who[1], **where, **said)
        .on_conflict_do_update(
            index_elements=[RefusedVoteRow.guild_id, RefusedVoteRow.user_id],
            set_=where | said,
        )
    )


async def drop(tx: Transaction, guild_id: int, user_id: int, message_id: int) -> None:
    """Forget what was kept of a member about a message."""
    await tx.execute(
        delete(RefusedVoteRow).where(
            RefusedVoteRow.guild_id == guild_id,
            RefusedVoteRow.user_id == user_id,
            RefusedVoteRow.message_id == message_id,
        )
    )


async def drop_older(tx: Transaction, before: datetime) -> None:
    """Forget those that nobody has come to read."""
    await tx.execute(delete(RefusedVoteRow).where(RefusedVoteRow.at < before))


async def newest(tx: Transaction, limit: int) -> Sequence[Row[Any]]:
    """The newest ones, the oldest of them first."""
    rows = await tx.rows(
        select(RefusedVoteRow.__table__).order_by(RefusedVoteRow.at.desc()).limit(limit)
    )
    return rows[::-1]
