"""Messages that continue texts too long for their cards."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select, update

from bot.domain.cards import Part
from data.database import Transaction
from data.models import Continuation
from data.statements import upsert

_LEAVING = "leaving"  # stored in place of the digest: the bot is about to delete it


async def continued_at(tx: Transaction, message_ids: Collection[int]) -> list[int]:
    """The posts that these messages continue, except messages that the bot is about to delete."""
    rows = await tx.rows(
        select(Continuation.post_id).where(
            Continuation.message_id.in_(message_ids), Continuation.shown != _LEAVING
        )
    )
    return [row[0] for row in rows]


async def parts_of(tx: Transaction, post_id: int) -> list[Part]:
    """The messages that continue a post's text, in order."""
    rows = await tx.rows(
        select(Continuation.position, Continuation.message_id, Continuation.shown)
        .where(Continuation.post_id == post_id)
        .order_by(Continuation.position)
    )
    return [Part(row[0], row[1], row[2]) for row in rows]


async def record_part(tx: Transaction, guild_id: int, post_id: int, part: Part) -> None:
    """Record a message that continues a post, and what it shows."""
    values = {"message_id": part.message_id, "shown": part.shown}
    await tx.execute(
        upsert(tx.dialect, Continuation)
        .values(post_id=post_id, position=part.position, guild_id=guild_id, **values)
        .on_conflict_do_update(
            index_elements=[Continuation.post_id, Continuation.position], set_=values
        )
    )


async def let_go(tx: Transaction, post_id: int, position: int) -> None:
    """Note that the bot is about to delete a message, so that its deletion isn't taken for somebody
    else's."""
    await tx.execute(
        update(Continuation)
        .where(Continuation.post_id == post_id, Continuation.position == position)
        .values(shown=_LEAVING)
    )


async def forget_parts(tx: Transaction, post_id: int, first: int = 1) -> None:
    """Record that a text no longer continues from a position on."""
    await tx.execute(
        delete(Continuation).where(Continuation.post_id == post_id, Continuation.position >= first)
    )
