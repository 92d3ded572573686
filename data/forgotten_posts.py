"""Posts of a member who is erased: whose they are, what they say, and what the member did to
others'."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, case, delete, literal, null, or_, select, update

from bot.domain.erasures import DELETED_MEMBER
from bot.domain.outbox import JobKind, Priority
from bot.domain.posts import PostKind, PostStatus
from data import outbox, repliers, report_cards, search_index, written_words
from data.database import Transaction
from data.models import (
    Attachment,
    AttachmentPiece,
    Flag,
    LedgerEntry,
    Post,
    PostTag,
    PostText,
    Removal,
    ReportCardRow,
    Revision,
)
from data.statements import of_server

PIECES: Final = 4  # of a file, 256 KB each, in one transaction


async def next_posts(tx: Transaction, guild_id: int, user_id: int, limit: int) -> list[int]:
    """Posts that a member still is the author of, always in the same order."""
    mine = (Post.guild_id == guild_id, Post.author_id == user_id)
    query = select(Post.id).where(*mine).order_by(Post.kind, Post.id)  # as in their index
    return [row[0] for row in await tx.rows(query.limit(limit))]


async def disown(tx: Transaction, guild_id: int, ids: Sequence[int]) -> None:
    """Let posts be a deleted member's: they earn nobody points any more, and count with those of
    all deleted members as one person's."""
    await tx.execute(update(Post).where(Post.id.in_(ids)).values(author_id=None))
    await tx.execute(delete(LedgerEntry).where(LedgerEntry.post_id.in_(ids)))
    threads = select(Post.question_id).where(Post.id.in_(ids)).distinct()
    questions = [row[0] for row in await tx.rows(threads) if row[0] is not None]
    await repliers.count_again(tx, guild_id, questions)


async def erase_files(tx: Transaction, ids: Sequence[int]) -> bool:
    """Erase a portion of what is kept of posts' files; False once there is none."""
    query = select(AttachmentPiece.post_id, AttachmentPiece.position, AttachmentPiece.number)
    rows = await tx.rows(query.where(AttachmentPiece.post_id.in_(ids)).limit(PIECES))
    for post_id, position, number in rows:
        await tx.execute(
            delete(AttachmentPiece).where(
                AttachmentPiece.post_id == post_id,
                AttachmentPiece.position == position,
                AttachmentPiece.number == number,
            )
        )
    return bool(rows)


async def erase_texts(
    tx: Transaction, guild_id: int, ids: Sequence[int], instead: tuple[str, str], now: datetime
) -> None:
    """Erase what posts say and said, with their files. `instead` is the title of a question, and
    what stands in each. Their cards and the names of their threads follow."""
    title, body = instead
    for kept in (Revision, Attachment, PostTag):
        await tx.execute(delete(kept).where(kept.post_id.in_(ids)))
    nothing = {"title": "", "body": body, "tags": ""}
    await tx.execute(update(PostText).where(PostText.post_id.in_(ids)).values(**nothing))
    rows = select(Post.id).where(Post.id.in_(ids), Post.kind == PostKind.QUESTION)
    questions = [row[0] for row in await tx.rows(rows)]
    asked = update(PostText).where(PostText.post_id.in_(questions))
    await tx.execute(asked.values(title=title))
    await search_index.index_posts(tx, guild_id, ids)
    await written_words.settle(tx, guild_id, ids)
    gone = update(Removal).where(Removal.post_id.in_(ids), Removal.erase_at.is_not(None))
    await tx.execute(gone.values(erase_at=None, erased=True))
    visible = select(Post.id).where(Post.id.in_(ids), Post.status == PostStatus.VISIBLE)
    shown = [row[0] for row in await tx.rows(visible)]
    await outbox.enqueue(tx, guild_id, JobKind.CARD, shown, Priority.BULK, now)
    await outbox.enqueue(tx, guild_id, JobKind.NAME, questions, Priority.BULK, now)


async def forget_hand(
    tx: Transaction, guild_id: int, user_id: int, ids: Sequence[int], *, words: bool
) -> None:
    """Put a deleted member in a member's place in what they did to these posts, which follow each
    other. With `words`, also erase the notes they wrote about it."""
    these = (of_server(Post, guild_id), Post.id.between(ids[0], ids[-1]))
    theirs = {
        column: column == user_id for column in (Post.edited_by, Post.closed_by, Post.posted_by)
    }
    nobody = literal(DELETED_MEMBER, BigInteger)
    instead: dict[Any, Any] = {
        each: case((their, nobody), else_=each) for each, their in theirs.items()
    }
    if words:
        instead[Post.close_note] = case((theirs[Post.closed_by], null()), else_=Post.close_note)
    await tx.execute(update(Post).where(*these, or_(*theirs.values())).values(instead))
    edits = (of_server(Revision, guild_id), Revision.post_id.between(ids[0], ids[-1]))
    values: dict[str, Any] = {"replaced_by": None, **({"reason": ""} if words else {})}
    await tx.execute(update(Revision).where(*edits, Revision.replaced_by == user_id).values(values))


async def forget_reports(
    tx: Transaction, guild_id: int, user_id: int, known_by: int, ids: Sequence[int], now: datetime
) -> None:
    """Let a member's reports of these posts, which follow each other, go on under their digest,
    without their words; and put a deleted member in their place where they decided."""
    here = Flag.post_id.between(ids[0], ids[-1])
    rows = await tx.rows(
        update(Flag)
        .where(of_server(Flag, guild_id), here, Flag.user_id == user_id)
        .values(user_id=known_by, reason="")
        .returning(Flag.post_id)
    )
    await report_cards.follow(tx, guild_id, [row[0] for row in rows], now)
    decided = (
        of_server(ReportCardRow, guild_id),
        ReportCardRow.post_id.between(ids[0], ids[-1]),
        ReportCardRow.decided_by == user_id,
    )
    cards = await tx.rows(
        update(ReportCardRow)
        .where(*decided)
        .values(decided_by=DELETED_MEMBER)
        .returning(ReportCardRow.post_id)
    )
    keys = [row[0] for row in cards]
    await outbox.enqueue(tx, guild_id, JobKind.REPORT, keys, Priority.BULK, now)
