"""Removed posts: what is needed to restore them, and when their text is erased."""

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

# Created once: creating an alias takes longer than running some statements.
_answer = aliased(Post)
_comment = aliased(Post)


@dataclass(frozen=True, slots=True)
class Removed:
    """What is stored about a removed post. `chosen_at` is when it was chosen as the best answer;
    `erased` tells that its text is gone for good."""

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
    """Note that a post was removed, and when its text is to be erased (None: never)."""
    values = {"chosen_at": chosen_at, "erase_at": erase_at, "erased": False}
    await tx.execute(
        upsert(tx.dialect, Removal)
        .values(post_id=post_id, guild_id=guild_id, **values)
        .on_conflict_do_update(index_elements=[Removal.post_id], set_=values)
    )


async def removal_of(tx: Transaction, guild_id: int, post_id: int) -> Removed | None:
    """What is stored about a removed post; None if it wasn't removed."""
    row = await tx.row(
        select(Removal.chosen_at, Removal.erased).where(
            of_server(Removal, guild_id), Removal.post_id == post_id
        )
    )
    return None if row is None else Removed(row[0], bool(row[1]))


async def forget_removal(tx: Transaction, post_id: int) -> None:
    """Forget that a post was removed, since it was restored."""
    await tx.execute(delete(Removal).where(Removal.post_id == post_id))


async def forget_choices(tx: Transaction, question_id: int) -> None:
    """Forget that a question's removed answers were chosen, since another one was chosen."""
    answers = select(Post.id).where(Post.question_id == question_id)
    await tx.execute(
        update(Removal)
        .where(Removal.post_id.in_(answers), Removal.chosen_at.is_not(None))
        .values(chosen_at=None)
    )


async def due(tx: Transaction, now: datetime, limit: int) -> list[tuple[int, int]]:
    """The posts whose text is due for erasing, as (server, post), the longest due first."""
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
    """Erase posts' texts and revisions, with their files, reports and words in the search index,
    and the comments on erased answers, which aren't shown without them. Returns the questions among
    them, whose threads may still have their titles."""
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
