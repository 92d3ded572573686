"""Which members were told in which threads how to post their messages."""

from __future__ import annotations

from sqlalchemy import select

from data.database import Transaction
from data.models import Hint
from data.statements import upsert


async def is_told(tx: Transaction, thread_id: int, user_id: int) -> bool:
    """Whether a member was told in a thread."""
    query = select(Hint.user_id).where(Hint.thread_id == thread_id, Hint.user_id == user_id)
    return await tx.scalar(query) is not None


async def note(tx: Transaction, guild_id: int, thread_id: int, user_id: int) -> bool:
    """Note that a member is told; False if they were told before."""
    insert = upsert(tx.dialect, Hint).values(
        guild_id=guild_id, thread_id=thread_id, user_id=user_id
    )
    return bool((await tx.execute(insert.on_conflict_do_nothing())).rowcount)
