"""What members have read of the notices of their anonymous posts: see `bot.domain.inbox_marks`."""

from __future__ import annotations

from sqlalchemy import delete, select

from bot.domain.inbox_marks import Marks, packed, unpacked
from bot.domain.sealed import Seal
from data.database import Transaction
from data.models import InboxMark
from data.statements import upsert


async def read(tx: Transaction, guild_id: int, seal: Seal) -> Marks:
    """What somebody has read; nothing where no key opens it any more."""
    rows = await tx.rows(
        select(InboxMark.owner, InboxMark.box).where(
            InboxMark.guild_id == guild_id, InboxMark.owner.in_(seal.owners())
        )
    )
    boxes = {row[0]: row[1] for row in rows}
    for owner in seal.owners():  # under the newest key first
        plain = seal.unsealed(boxes[owner]) if owner in boxes else None
        if plain is not None:
            return unpacked(plain)
    return Marks()


async def write(tx: Transaction, guild_id: int, seal: Seal, marks: Marks) -> None:
    """Keep what somebody has read. The server's row is locked."""
    owner, *before = seal.owners()
    box = seal.sealed(packed(marks))
    await tx.execute(
        upsert(tx.dialect, InboxMark)
        .values(guild_id=guild_id, owner=owner, box=box)
        .on_conflict_do_update(
            index_elements=[InboxMark.guild_id, InboxMark.owner], set_={"box": box}
        )
    )
    if before:  # under keys that don't seal any more
        old = (InboxMark.guild_id == guild_id, InboxMark.owner.in_(before))
        await tx.execute(delete(InboxMark).where(*old))
