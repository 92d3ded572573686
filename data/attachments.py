"""Files of posts: their content until Discord has it, and their names there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, insert, literal, select, update

from bot.domain.files import FILES_MAX, GivenFile, safe_name
from data.database import Transaction
from data.drafts import DRAFTS_KEPT
from data.models import Attachment, AttachmentPiece, DraftFile, DraftFilePiece

GIVEN_MAX = 4 * FILES_MAX  # a member's files kept for forms that weren't sent yet


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a post. `kept` tells whether its content is here, waiting to be sent."""

    name: str
    content_type: str
    size: int
    kept: bool


@dataclass(frozen=True, slots=True)
class WaitingFile:
    """A file of a post whose content is kept here, until it is sent."""

    position: int
    name: str


async def keep_given(
    tx: Transaction, guild_id: int, user_id: int, file: GivenFile, now: datetime
) -> int:
    """Note a file for a form that isn't sent yet; returns its row. Only a member's newest files are
    kept, so that attaching files without sending a form can't fill the disk."""
    await tx.execute(delete(DraftFile).where(DraftFile.created_at < now - DRAFTS_KEPT))
    theirs = (DraftFile.guild_id == guild_id) & (DraftFile.user_id == user_id)
    newest = select(DraftFile.id).where(theirs).order_by(DraftFile.id.desc()).limit(GIVEN_MAX - 1)
    kept = [row[0] for row in await tx.rows(newest)]
    await tx.execute(delete(DraftFile).where(theirs, DraftFile.id.not_in(kept)))
    statement = insert(DraftFile).values(
        guild_id=guild_id,
        user_id=user_id,
        filename=file.name,
        content_type=file.content_type,
        size=file.size,
        url=file.url,
        created_at=now,
    )
    return int(await tx.scalar(statement.returning(DraftFile.id)))


async def keep_content(
    tx: Transaction, file_id: int, file: GivenFile, content: Iterable[bytes]
) -> None:
    """Keep the content of an attached file, since Discord only keeps it for a while. Its address
    there is forgotten: what Discord has may be a picture with a location in it."""
    still = select(DraftFile.id).where(DraftFile.id == file_id).with_for_update()
    if await tx.scalar(still) is None:
        return  # it was dropped for newer ones meanwhile
    await tx.execute(delete(DraftFilePiece).where(DraftFilePiece.file_id == file_id))
    size = 0
    for number, piece in enumerate(content):
        size += len(piece)
        row = {"file_id": file_id, "number": number, "content": piece}
        await tx.execute(insert(DraftFilePiece).values(row))
    await tx.execute(
        update(DraftFile)
        .where(DraftFile.id == file_id)
        .values(kept=True, size=size, filename=file.name, content_type=file.content_type, url="")
    )


async def drop_given(tx: Transaction, guild_id: int, user_id: int, file_ids: Sequence[int]) -> None:
    """Drop a member's files for forms."""
    theirs = (DraftFile.guild_id == guild_id) & (DraftFile.user_id == user_id)
    await tx.execute(delete(DraftFile).where(theirs, DraftFile.id.in_(file_ids)))


async def bytes_waiting(tx: Transaction, guild_id: int) -> int:
    """How many bytes of a server's files are kept here: those of posts that Discord doesn't have
    yet, and those of forms that weren't sent yet."""
    waiting = 0
    for kept in (Attachment, DraftFile):
        size = select(func.coalesce(func.sum(kept.size), 0))
        statement = size.where(kept.guild_id == guild_id, kept.kept)
        waiting += int(await tx.scalar(statement) or 0)
    return waiting


async def keep_newest(
    tx: Transaction, guild_id: int, user_id: int, but: Sequence[int], most: int
) -> None:
    """Drop a member's oldest files for forms, except these, until at most `most` bytes are left."""
    rows = await tx.rows(
        select(DraftFile.id, DraftFile.size)
        .where(
            DraftFile.guild_id == guild_id,
            DraftFile.user_id == user_id,
            DraftFile.kept,
        )
        .order_by(DraftFile.id.desc())
    )
    together = 0
    for file_id, size in rows:
        together += size
        if together > most and file_id not in but:
            await tx.execute(delete(DraftFile).where(DraftFile.id == file_id))


async def given(
    tx: Transaction, guild_id: int, user_id: int, file_ids: Sequence[int]
) -> dict[int, tuple[GivenFile, bool]]:
    """A member's own files among these rows, and whether the content of each is kept."""
    if not file_ids:
        return {}
    rows = await tx.rows(
        select(
            DraftFile.id,
            DraftFile.filename,
            DraftFile.content_type,
            DraftFile.size,
            DraftFile.url,
            DraftFile.kept,
        ).where(
            DraftFile.id.in_(file_ids),
            DraftFile.guild_id == guild_id,
            DraftFile.user_id == user_id,
        )
    )
    return {row[0]: (GivenFile(*row[1:5]), bool(row[5])) for row in rows}


async def attach(
    tx: Transaction, guild_id: int, user_id: int, post_id: int, file_ids: Sequence[int]
) -> int:
    """Assign a member's files to a new post; returns how many there were."""
    found = await given(tx, guild_id, user_id, file_ids)
    names: list[str] = []
    for position, file_id in enumerate(i for i in dict.fromkeys(file_ids) if i in found):
        file, _ = found[file_id]
        names.append(safe_name(file.name, names))
        await _insert(tx, guild_id, (post_id, position), replace(file, name=names[-1]))
        piece = DraftFilePiece
        pieces = select(literal(post_id), literal(position), piece.number, piece.content)
        await tx.execute(
            insert(AttachmentPiece).from_select(
                ["post_id", "position", "number", "content"],
                pieces.where(piece.file_id == file_id),
            )
        )
        await tx.execute(delete(DraftFile).where(DraftFile.id == file_id))
    return len(names)


async def put(
    tx: Transaction, guild_id: int, post_id: int, files: Iterable[tuple[GivenFile, Iterable[bytes]]]
) -> None:
    """Keep files with a new post which no row had before, each with its content."""
    names: list[str] = []
    for position, (file, content) in enumerate(files):
        names.append(safe_name(file.name, names))
        await _insert(tx, guild_id, (post_id, position), replace(file, name=names[-1]))
        for number, piece in enumerate(content):
            row = {"post_id": post_id, "position": position, "number": number, "content": piece}
            await tx.execute(insert(AttachmentPiece).values(row))


async def _insert(tx: Transaction, guild_id: int, place: tuple[int, int], file: GivenFile) -> None:
    """Write the row of a post's file, whose content is kept; `place` is the post and position."""
    await tx.execute(
        insert(Attachment).values(
            post_id=place[0],
            position=place[1],
            guild_id=guild_id,
            filename=file.name,
            content_type=file.content_type,
            size=file.size,
            kept=True,
        )
    )


async def files_of(tx: Transaction, post_id: int) -> list[StoredFile]:
    """The files of a post, in the order they were attached."""
    rows = await tx.rows(
        select(
            Attachment.filename,
            Attachment.content_type,
            Attachment.size,
            Attachment.kept,
        )
        .where(Attachment.post_id == post_id)
        .order_by(Attachment.position)
    )
    return [StoredFile(row[0], row[1], row[2], bool(row[3])) for row in rows]


async def waiting_files(tx: Transaction, post_id: int) -> list[WaitingFile]:
    """The files of a post that are waiting to be sent."""
    rows = await tx.rows(
        select(Attachment.position, Attachment.filename)
        .where(Attachment.post_id == post_id, Attachment.kept)
        .order_by(Attachment.position)
    )
    return [WaitingFile(row[0], row[1]) for row in rows]


async def piece_of(tx: Transaction, post_id: int, file: WaitingFile, number: int) -> bytes | None:
    """A piece of a waiting file's content; None after the last one."""
    piece = await tx.scalar(
        select(AttachmentPiece.content).where(
            AttachmentPiece.post_id == post_id,
            AttachmentPiece.position == file.position,
            AttachmentPiece.number == number,
        )
    )
    return None if piece is None else bytes(piece)


async def drop_contents(tx: Transaction, post_id: int) -> None:
    """Drop the content of a post's files: Discord has it, or it is to be erased."""
    await tx.execute(delete(AttachmentPiece).where(AttachmentPiece.post_id == post_id))
    await tx.execute(
        update(Attachment).where(Attachment.post_id == post_id, Attachment.kept).values(kept=False)
    )


async def remove(tx: Transaction, post_id: int) -> int:
    """Delete a post's files; returns how many there were."""
    result = await tx.execute(delete(Attachment).where(Attachment.post_id == post_id))
    return result.rowcount


async def take_back(tx: Transaction, post_id: int, name: str, content: Iterable[bytes]) -> None:
    """Keep the content of a post's file again before its message in Discord is deleted."""
    named = (Attachment.post_id == post_id) & (Attachment.filename == name)
    found = await tx.row(select(Attachment.position, Attachment.kept).where(named))
    if found is None or found[1]:
        return
    of_it: dict[str, Any] = {"post_id": post_id, "position": found[0]}
    for number, piece in enumerate(content):
        row = of_it | {"number": number, "content": piece}
        await tx.execute(insert(AttachmentPiece).values(row))
    await tx.execute(update(Attachment).where(named).values(kept=True))
