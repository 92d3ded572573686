"""Messages of the bot's that aren't cards, such as a server's how-to."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select, update

from bot.domain.outbox import JobKind
from data.database import Transaction
from data.models import Sign as SignRow
from data.statements import of_server, upsert

PINNED: Final = "yes"
NOT_PINNED: Final = "no"


@dataclass(frozen=True, slots=True)
class Sign:
    """A message as it should be, and where it is: see the table. `channel_id` is where it should
    be, `home_id` where it was sent to, and `shown_in` the channel or thread of its message."""

    kind: JobKind
    key: int
    guild_id: int
    channel_id: int
    asked_at: datetime
    what: str = ""
    reply_to: int | None = None
    person_id: int | None = None
    post_id: int | None = None
    until: datetime | None = None
    ended: bool = False
    home_id: int | None = None
    shown_in: int | None = None
    shown_id: int | None = None
    shown: str = ""
    pinned: str = ""


_COLUMNS = [getattr(SignRow, name) for name in Sign.__slots__]


async def put(tx: Transaction, sign: Sign) -> bool:
    """Note a message that should be shown; False if there is one under this key already."""
    insert = upsert(tx.dialect, SignRow).values(asdict(sign)).on_conflict_do_nothing()
    return bool((await tx.execute(insert)).rowcount)


async def find(tx: Transaction, guild_id: int, kind: JobKind, key: int) -> Sign | None:
    """The message under a key."""
    row = await tx.row(select(*_COLUMNS).where(of_server(SignRow, guild_id), *_at(kind, key)))
    return None if row is None else Sign(JobKind(row[0]), *row[1:])


async def change(tx: Transaction, kind: JobKind, key: int, **values: Any) -> bool:
    """Change what is noted about a message; False if there is none."""
    result = await tx.execute(update(SignRow).where(*_at(kind, key)).values(**values))
    return bool(result.rowcount)


async def forget(tx: Transaction, kind: JobKind, key: int) -> None:
    """Forget a message that is gone."""
    await tx.execute(delete(SignRow).where(*_at(kind, key)))


async def shown_as(
    tx: Transaction, guild_id: int, message_ids: Collection[int]
) -> list[tuple[JobKind, int]]:
    """What is shown as one of these messages, and isn't about to be deleted by the bot. The first
    message of a forum post has the id of its thread."""
    query = select(SignRow.kind, SignRow.key).where(
        of_server(SignRow, guild_id),
        SignRow.shown_id.in_(message_ids),
        SignRow.ended.is_(False),
        SignRow.home_id == SignRow.channel_id,
    )
    return [(JobKind(row[0]), row[1]) for row in await tx.rows(query)]


async def existing(
    tx: Transaction, guild_id: int, kind: JobKind, keys: Collection[int]
) -> list[int]:
    """Those of some keys under which there is a message that hasn't ended."""
    query = select(SignRow.key).where(
        of_server(SignRow, guild_id),
        SignRow.kind == kind,
        SignRow.key.in_(keys),
        SignRow.ended.is_(False),
    )
    return [row[0] for row in await tx.rows(query)]


def _at(kind: JobKind, key: int) -> tuple[Any, Any]:
    return SignRow.kind == kind, SignRow.key == key
