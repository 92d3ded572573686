"""Anonymous posts that appear later, each in a box: see `bot.usecases.delaying`.

No statement says whose one is: those of a server are read at once, and only the key opens them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, Select, bindparam, delete, insert, select, update

from bot.domain.errors import Missing, NotFound
from data.database import Transaction
from data.models import WaitingPost
from data.statements import ForEach

_COLUMNS: Final[tuple[Any, ...]] = (
    WaitingPost.id,
    WaitingPost.guild_id,
    WaitingPost.appear_minute,
    WaitingPost.box,
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row: its number, which is random, its server, the minute in which something happens to it,
    and its box."""

    row_id: int
    guild_id: int
    minute: datetime
    box: bytes


async def add(tx: Transaction, row: Waiting) -> None:
    """Keep a post."""
    values = {"id": row.row_id, "guild_id": row.guild_id}
    values |= {"appear_minute": row.minute, "box": row.box}
    await tx.execute(insert(WaitingPost).values(values))


async def find(tx: Transaction, guild_id: int, row_id: int) -> Waiting | None:
    """A post that waits in a server."""
    this = (WaitingPost.id == row_id, WaitingPost.guild_id == guild_id)
    row = await tx.row(select(*_COLUMNS).where(*this))
    return None if row is None else Waiting(*row)


async def change(tx: Transaction, row_id: int, minute: datetime, box: bytes) -> None:
    """Put another minute and another box in the place of a post's."""
    this = update(WaitingPost).where(WaitingPost.id == row_id)
    await tx.execute(this.values(appear_minute=minute, box=box))


async def take(tx: Transaction, guild_id: int, row_id: int, minute: datetime) -> None:
    """Let a post go that appears in this transaction. Raises `NotFound(WAITING)` where it doesn't
    wait for this minute any more: it was taken back."""
    this = (WaitingPost.id == row_id, WaitingPost.guild_id == guild_id)
    gone = await tx.execute(delete(WaitingPost).where(*this, WaitingPost.appear_minute == minute))
    if not gone.rowcount:
        raise NotFound(Missing.WAITING)


async def drop(tx: Transaction, row_ids: Sequence[int]) -> None:
    """Let posts go."""
    if row_ids:
        await tx.execute(delete(WaitingPost).where(WaitingPost.id.in_(row_ids)))


async def drop_all(tx: Transaction, guild_id: int) -> None:
    """Let all posts of a server go, whose boxes no key opens any more."""
    await tx.execute(delete(WaitingPost).where(WaitingPost.guild_id == guild_id))


async def seal_anew(tx: Transaction, boxes: Sequence[tuple[int, bytes]]) -> None:
    """Put other boxes in the place of some posts'."""
    await tx.for_each(_SEAL_ANEW, [{"this": row_id, "new": box} for row_id, box in boxes])


_SEAL_ANEW: Final = ForEach(
    lambda _: (
        update(WaitingPost).where(WaitingPost.id == bindparam("this")).values(box=bindparam("new"))
    )
)


async def servers_due(tx: Transaction, now: datetime) -> list[int]:
    """The servers that have a post whose minute has come."""
    due = select(WaitingPost.guild_id).where(WaitingPost.appear_minute <= now)
    return sorted({row[0] for row in await tx.rows(due)})


async def of_server(tx: Transaction, guild_id: int, upto: datetime | None = None) -> list[Waiting]:
    """The posts of a server, the earliest first: the statement is the same whoever asks. With
    `upto`, those whose minute has come by then."""
    query = _of_server() if upto is None else _due()
    given = {"guild": guild_id} if upto is None else {"guild": guild_id, "upto": upto}
    rows = sorted(await tx.rows(query, given), key=lambda row: (row[2], row[0]))
    return [Waiting(*row) for row in rows]


@cache
def _of_server() -> Select[*tuple[Any, ...]]:
    guild = bindparam("guild", type_=BigInteger)
    return select(*_COLUMNS).where(WaitingPost.guild_id == guild)


@cache
def _due() -> Select[*tuple[Any, ...]]:
    upto = bindparam("upto", type_=WaitingPost.__table__.c.appear_minute.type)
    return _of_server().where(WaitingPost.appear_minute <= upto)
