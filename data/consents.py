"""Requests to a message's writer for consent to post it as an answer. Each is open for a day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update

from bot.domain.files import GivenFile
from data.database import Transaction
from data.models import Consent
from data.statements import of_server, upsert

NOTHING_SAID: dict[str, Any] = {
    "body": "",
    "files": [],
    "edited_at": None,
    "writer": "",
    "asker": "",
}


@dataclass(frozen=True, slots=True)
class Said:
    """A message's text and files, as Discord sent them when its menu was used."""

    body: str
    files: list[GivenFile] = field(default_factory=list[GivenFile])
    edited_at: datetime | None = None
    writer_name: str = ""
    asker_name: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """A request under a message. `shown_id` is the bot's reply with the request, once it exists;
    `ended` tells that it was answered."""

    message_id: int
    channel_id: int
    writer_id: int
    asker_id: int
    said: Said
    asked_at: datetime
    until: datetime
    shown_id: int | None
    ended: bool


async def ask(tx: Transaction, guild_id: int, request: Request) -> bool:
    """Note a request; False if this message has one already."""
    said = request.said
    files = [[f.name, f.content_type, f.size, f.url] for f in said.files]
    edited = None if said.edited_at is None else said.edited_at.isoformat()
    kept = {"body": said.body, "files": files, "edited_at": edited}
    kept |= {"writer": said.writer_name, "asker": said.asker_name}
    result = await tx.execute(
        upsert(tx.dialect, Consent)
        .values(
            message_id=request.message_id,
            guild_id=guild_id,
            channel_id=request.channel_id,
            writer_id=request.writer_id,
            asker_id=request.asker_id,
            said=kept,
            asked_at=request.asked_at,
            until=request.until,
        )
        .on_conflict_do_nothing(index_elements=[Consent.message_id])
    )
    return bool(result.rowcount)


async def request_about(tx: Transaction, guild_id: int, message_id: int) -> Request | None:
    """The request under a message."""
    row = await tx.row(
        select(Consent.__table__).where(
            of_server(Consent, guild_id), Consent.message_id == message_id
        )
    )
    if row is None:
        return None
    edited = row.said["edited_at"]
    said = Said(
        row.said["body"],
        [GivenFile(*each) for each in row.said["files"]],
        None if edited is None else datetime.fromisoformat(edited),
        row.said["writer"],
        row.said["asker"],
    )
    return Request(
        row.message_id,
        row.channel_id,
        row.writer_id,
        row.asker_id,
        said,
        row.asked_at,
        row.until,
        row.shown_id,
        row.ended,
    )


async def asked_about(tx: Transaction, guild_id: int, message_ids: Collection[int]) -> list[int]:
    """Those of these messages with a request that is still open."""
    rows = await tx.rows(
        select(Consent.message_id).where(
            of_server(Consent, guild_id),
            Consent.message_id.in_(message_ids),
            Consent.ended.is_(False),
        )
    )
    return [row[0] for row in rows]


async def asked_in(tx: Transaction, guild_id: int, channel_id: int) -> list[int]:
    """The messages of a thread that have a request."""
    query = select(Consent.message_id).where(
        Consent.guild_id == guild_id, Consent.channel_id == channel_id
    )
    return [row[0] for row in await tx.rows(query)]


async def record_shown(tx: Transaction, message_id: int, shown_id: int) -> None:
    """Record the bot's reply with a request."""
    await tx.execute(
        update(Consent).where(Consent.message_id == message_id).values(shown_id=shown_id)
    )


async def end(tx: Transaction, guild_id: int, message_id: int) -> bool:
    """End a request that was answered: what was kept for it is erased, and the reply is to be
    deleted. False if there was none."""
    result = await tx.execute(
        update(Consent)
        .where(of_server(Consent, guild_id), Consent.message_id == message_id)
        .values(ended=True, said=NOTHING_SAID)
    )
    return bool(result.rowcount)


async def forget(tx: Transaction, message_id: int) -> None:
    """Forget a request whose reply is gone."""
    await tx.execute(delete(Consent).where(Consent.message_id == message_id))
