"""Posts' texts before their edits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.domain.cards import PostCard
from bot.domain.posts import PostKind
from bot.domain.review import Wording
from data.database import Transaction
from data.models import Name, Revision
from data.names import NAME, called


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """A post's text until an edit; `number` is the version that was replaced."""

    number: int
    wording: Wording
    replaced_by: int | None
    reason: str
    replaced_at: datetime
    editor_name: str


def wording_of(card: PostCard) -> Wording:
    """A post's current text. (An answer's card has its question's title.)"""
    is_question = card.kind is PostKind.QUESTION
    return Wording(card.title if is_question else "", card.body, card.tags)


async def revisions_of(tx: Transaction, card: PostCard) -> list[StoredRevision]:
    """A post's earlier texts, the latest first."""
    rows = await tx.rows(
        select(
            Revision.number,
            Revision.title,
            Revision.body,
            Revision.tags,
            Revision.replaced_by,
            Revision.reason,
            Revision.replaced_at,
            NAME,
        )
        .outerjoin(Name, called(Revision.guild_id, Revision.replaced_by))
        .where(Revision.guild_id == card.guild_id, Revision.post_id == card.post_id)
        .order_by(Revision.number.desc())
    )
    is_question = card.kind is PostKind.QUESTION
    return [
        StoredRevision(
            row[0],
            Wording(row[1] if is_question else "", row[2], tuple(row[3].split())),
            *row[4:],
        )
        for row in rows
    ]
