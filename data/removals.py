"""Posts that were taken out: what they had, should they come back, and when their text goes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import aliased

from bot.domain.posts import PostKind
from data import search_index
from data.database import Transaction
from data.models import Attachment, Flag, Post, PostText, Removal, Revision
from data.statements import of_server, upsert

# Made once: making an alias takes longer than running some statements.
_answer = aliased(Post)
_comment = aliased(Post)


@dataclass(frozen=True, slots=True)
class Removed:
    """What is kept of a post that was taken out. `chosen_at` is when it had been chosen as the best
    answer; `erased` tells that its text is gone for good."""

    chosen_at: datetime | None
    erased: bool


async def note_removal(
    tx: Transaction,
    guild_id: int,
    post_id: int,
    *,
    chosen_at: datetime | None,
    erase_at: datetime | None,
) -> None:
    """Note that a post is taken out, and when its text is to be erased (None: never)."""
    values = {"chosen_at": chosen_at, "erase_at": erase_at, "erased": False}
    await tx.execute(
        upsert(tx.dialect, Removal)
        .values(post_id=post_id, guild_id=guild_id, **values)
        .on_conflict_do_update(index_elements=[Removal.post_id], set_=values)
    )


async def removal_of(tx: Transaction, guild_id: int, post_id: int) -> Removed | None:
    """What is kept of a post that was taken out; None for one that was not."""
    row = await tx.row(
        select(Removal.chosen_at, Removal.erased).where(
            of_server(Removal, guild_id), Removal.post_id == post_id
        )
    )
    return None if row is None else Removed(row[0], bool(row[1]))


async def forget_removal(tx: Transaction, post_id: int) -> None:
    """Forget that a post was taken out, since it is back."""
    await tx.execute(delete(Removal).where(Removal.post_id == post_id))


async def forget_choices(tx: Transaction, question_id: int) -> None:
    """No longer give a question's taken out answers their choice back: another one was made."""
    answers = select(Post.id).where(Post.question_id == question_id)
    await tx.execute(
        update(Removal)
        .where(Removal.post_id.in_(answers), Removal.chosen_at.is_not(None))
        .values(chosen_at=None)
    )


async def due(tx: Transaction, now: datetime, limit: int) -> list[tuple[int, int]]:
    """The posts whose text is to be erased by now, as (server, post), the longest due first."""
    rows = await tx.rows(
        select(Removal.guild_id, Removal.post_id)
        .where(Removal.erase_at <= now)
        .order_by(Removal.erase_at)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


async def still_due(
    tx: Transaction, guild_id: int, post_ids: Collection[int], now: datetime
) -> list[int]:
    """Those of these posts of a server whose text is still to be erased."""
    rows = await tx.rows(
        select(Removal.post_id).where(
            of_server(Removal, guild_id), Removal.post_id.in_(post_ids), Removal.erase_at <= now
        )
    )
    return [row[0] for row in rows]


async def erase(tx: Transaction, guild_id: int, post_ids: Sequence[int]) -> list[int]:
    """Erase what posts say and ever said, with their files, reports and words in the search, and
    what was said of them: comments on an answer are not shown without it. Returns the questions
    among them, whose threads may still have their titles."""
    below = await tx.rows(
        select(_comment.id)
        .join(_answer, _answer.question_id == _comment.question_id)
        .where(
            _answer.id.in_(post_ids),
            _answer.kind == PostKind.ANSWER,
            _comment.parent_id == _answer.id,
        )
    )
    ids = list({*post_ids, *(row[0] for row in below)})
    nothing = {"title": "", "body": "", "tags": ""}
    await tx.execute(update(PostText).where(PostText.post_id.in_(ids)).values(**nothing))
    for kept in (Revision, Attachment, Flag):
        await tx.execute(delete(kept).where(kept.post_id.in_(ids)))
    await tx.execute(update(Post).where(Post.id.in_(ids)).values(close_note=None))
    await search_index.index_posts(tx, guild_id, ids)
    await tx.execute(
        update(Removal).where(Removal.post_id.in_(post_ids)).values(erase_at=None, erased=True)
    )
    questions = select(Post.id).where(Post.id.in_(post_ids), Post.kind == PostKind.QUESTION)
    return [row[0] for row in await tx.rows(questions)]
