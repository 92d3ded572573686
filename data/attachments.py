"""Files given with posts: kept here until Discord holds them, and what they are called there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from bot.domain.files import FILES_MAX, GivenFile, safe_name
from data.database import Transaction
from data.models import Attachment, DraftFile
from data.notices import DRAFTS_KEPT

GIVEN_MAX = 4 * FILES_MAX  # files of a member kept for forms that were not sent yet


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file of a post. `kept` tells whether its content is here, waiting to be sent."""

    name: str
    content_type: str
    size: int
    kept: bool


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file of a post with its content."""

    name: str
    content: bytes


async def keep_given(
    tx: Transaction, guild_id: int, user_id: int, file: GivenFile, now: datetime
) -> int:
    """Note a file that is given with a form not sent yet; returns its row. Old ones go, and all
    but a member's newest: who only ever gives files must not fill the disk."""
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


async def keep_content(tx: Transaction, file_id: int, content: bytes) -> None:
    """Keep what a given file holds, since Discord keeps it for a while only."""
    await tx.execute(
        update(DraftFile).where(DraftFile.id == file_id).values(content=content, size=len(content))
    )


async def bytes_waiting(tx: Transaction, guild_id: int) -> int:
    """How many bytes of a server's files are kept here: those of posts that Discord does not hold,
    and those of forms that were not taken yet."""
    waiting = 0
    for kept in (Attachment, DraftFile):
        size = select(func.coalesce(func.sum(kept.size), 0))
        statement = size.where(kept.guild_id == guild_id, kept.content.is_not(None))
        waiting += int(await tx.scalar(statement) or 0)
    return waiting


async def keep_newest(
    tx: Transaction, guild_id: int, user_id: int, but: Sequence[int], most: int
) -> None:
    """Drop a member's oldest kept files for forms, except these, until they are `most` bytes."""
    rows = await tx.rows(
        select(DraftFile.id, DraftFile.size)
        .where(
            DraftFile.guild_id == guild_id,
            DraftFile.user_id == user_id,
            DraftFile.content.is_not(None),
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
            DraftFile.content.is_not(None),
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
    """Make a member's given files those of a new post; returns how many were there."""
    found = await given(tx, guild_id, user_id, file_ids)
    names: list[str] = []
    for position, file_id in enumerate(i for i in dict.fromkeys(file_ids) if i in found):
        file, _ = found[file_id]
        names.append(safe_name(file.name, names))
        content = select(DraftFile.content).where(DraftFile.id == file_id).scalar_subquery()
        await tx.execute(
            insert(Attachment).values(
                post_id=post_id,
                position=position,
                guild_id=guild_id,
                filename=names[-1],
                content_type=file.content_type,
                size=file.size,
                content=content,
            )
        )
        await tx.execute(delete(DraftFile).where(DraftFile.id == file_id))
    return len(names)


async def files_of(tx: Transaction, post_id: int) -> list[StoredFile]:
    """The files of a post, in the order they were given."""
    rows = await tx.rows(
        select(
            Attachment.filename,
            Attachment.content_type,
            Attachment.size,
            Attachment.content.is_not(None),
        )
        .where(Attachment.post_id == post_id)
        .order_by(Attachment.position)
    )
    return [StoredFile(row[0], row[1], row[2], bool(row[3])) for row in rows]


async def contents_of(tx: Transaction, post_id: int) -> list[FileContent]:
    """The files of a post that wait to be sent, with their contents."""
    rows = await tx.rows(
        select(Attachment.filename, Attachment.content)
        .where(Attachment.post_id == post_id, Attachment.content.is_not(None))
        .order_by(Attachment.position)
    )
    return [FileContent(row[0], bytes(row[1])) for row in rows]


async def drop_contents(tx: Transaction, post_id: int) -> None:
    """No longer keep what a post's files hold: Discord does, or nobody shall."""
    await tx.execute(
        update(Attachment)
        .where(Attachment.post_id == post_id, Attachment.content.is_not(None))
        .values(content=None)
    )


async def remove(tx: Transaction, post_id: int) -> int:
    """Take a post's files away; returns how many there were."""
    result = await tx.execute(delete(Attachment).where(Attachment.post_id == post_id))
    return result.rowcount


async def take_back(tx: Transaction, post_id: int, file: FileContent) -> None:
    """Keep again what a post's file holds, before its message in Discord goes."""
    await tx.execute(
        update(Attachment)
        .where(Attachment.post_id == post_id, Attachment.filename == file.name)
        .values(content=file.content)
    )
