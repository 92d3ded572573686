"""Receipts: acts whose outcome the member wasn't told yet.

They are written in the transaction of the act, and deleted once its private reply has told the
outcome. Those that are left are shown in the inbox: the connection was cut, or the process died in
between. For an act on a visible post, the receipt is a notice; for others, it is a row of its own.
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
    """Write a receipt of an act on a post, if the actor awaits a reply.

    A receipt tells who acted, so none may be kept for a post whose author is sealed.
    """
    if not actor.awaits_reply:
        return
    if kind is not NoticeKind.POSTED:  # there is none yet of a new post
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
    """Delete the receipt of an act on a post, whose outcome was told."""
    await tx.execute(
        delete(Notice).where(
            Notice.user_id == user_id,
            Notice.kind.in_(RECEIPTS),
            Notice.post_id == post_id,
            Notice.guild_id == guild_id,
        )
    )


async def note(tx: Transaction, actor: Actor, act: Act, now: datetime, about: str = "") -> None:
    """Write a receipt of another act, if the actor awaits a reply."""
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
    """Delete the receipt of an act in an interaction, whose outcome was told."""
    await tx.execute(
        delete(Receipt).where(
            Receipt.guild_id == guild_id,
            Receipt.user_id == user_id,
            Receipt.origin_id == origin_id,
        )
    )


async def of_member(tx: Transaction, guild_id: int, user_id: int) -> list[notices.Receipt]:
    """A member's receipts, the latest first, except those of acts on posts."""
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
    """Delete receipts that a member has read."""
    await tx.execute(
        delete(Receipt).where(
            Receipt.guild_id == guild_id, Receipt.user_id == user_id, Receipt.id.in_(receipt_ids)
        )
    )
