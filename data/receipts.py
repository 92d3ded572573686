"""Receipts: what somebody did and was not yet told the end of.

They are written in the transaction of the act itself and dropped once its private reply has told
how it ended. What is left is read in the inbox: the connection was cut, or the process died in
between. What was done to a post that is shown is a notice; all else a row of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, insert, select

from bot.domain import notices
from bot.domain.actors import Actor
from bot.domain.notices import RECEIPTS, Act, NoticeKind
from data.database import Transaction
from data.models import Notice, Receipt

_SHOWN = 20  # at the top of an inbox, the latest


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


async def note(tx: Transaction, actor: Actor, act: Act, now: datetime, about: str = "") -> None:
    """Note that an actor is to be told that their act is saved; nothing where nobody waits."""
    if not actor.awaits_reply:
        return
    await tx.execute(
        insert(Receipt).values(
            guild_id=actor.guild_id,
            user_id=actor.user_id,
            act=act,
            about=about,
            origin_id=actor.origin_id,
            created_at=now,
        )
    )


async def drop_of(tx: Transaction, guild_id: int, user_id: int, origin_id: int) -> None:
    """Note that somebody was told how what they did in an interaction ended."""
    await tx.execute(
        delete(Receipt).where(
            Receipt.guild_id == guild_id,
            Receipt.user_id == user_id,
            Receipt.origin_id == origin_id,
        )
    )


async def of_member(tx: Transaction, guild_id: int, user_id: int) -> list[notices.Receipt]:
    """What a member did and was not told the end of, the latest first; not to posts."""
    rows = await tx.rows(
        select(Receipt.id, Receipt.act, Receipt.about, Receipt.created_at)
        .where(Receipt.guild_id == guild_id, Receipt.user_id == user_id)
        .order_by(Receipt.id.desc())
        .limit(_SHOWN)
    )
    return [notices.Receipt(row[0], Act(row[1]), row[2], row[3]) for row in rows]


async def forget(
    tx: Transaction, guild_id: int, user_id: int, receipt_ids: Collection[int]
) -> None:
    """Forget receipts that a member has read."""
    await tx.execute(
        delete(Receipt).where(
            Receipt.guild_id == guild_id, Receipt.user_id == user_id, Receipt.id.in_(receipt_ids)
        )
    )
