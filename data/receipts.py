"""Receipts: what somebody did to a post and was not yet told the end of.

They are notices, written in the transaction of the act itself and dropped once its private reply
has told how it ended. What is left is read in the inbox: the connection was cut, or the process
died in between.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert

from bot.domain.actors import Actor
from bot.domain.notices import RECEIPTS, NoticeKind
from data.database import Transaction
from data.models import Notice


async def keep(
    tx: Transaction, actor: Actor, post_id: int, kind: NoticeKind, now: datetime
) -> None:
    """Note that an actor is to be told how their act on a post ended; nothing where nobody waits.

    A receipt says who acted, so none may be kept for a post whose author is sealed.
    """
    if not actor.awaits_reply:
        return
    if kind is not NoticeKind.POSTED:  # of a new post there is none yet
        await drop(tx, actor.guild_id, actor.user_id, post_id)
    await tx.execute(
        insert(Notice).values(
            guild_id=actor.guild_id,
            user_id=actor.user_id,
            kind=kind,
            post_id=post_id,
            by_message=False,
            created_at=now,
        )
    )


async def drop(tx: Transaction, guild_id: int, user_id: int, post_id: int) -> None:
    """Note that somebody was told how what they did to a post ended."""
    await tx.execute(
        delete(Notice).where(
            Notice.user_id == user_id,
            Notice.kind.in_(RECEIPTS),
            Notice.post_id == post_id,
            Notice.guild_id == guild_id,
        )
    )
