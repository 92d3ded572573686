"""Members' own appeals: what they may appeal against, and what they read of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, update

from bot.domain.appeals import TOLD_BY, About, OwnAppeal
from bot.domain.posts import post_number
from bot.domain.review import Decision
from data.appeals import Told
from data.database import Transaction
from data.models import AppealRow, Notice, Post
from data.statements import of_server

_SHOWN = 5  # of a member's, in their inbox


async def told_of(
    tx: Transaction, guild_id: int, author_id: int, about: About, post_id: int
) -> Told | None:
    """How an author was told what was decided about their post; None if they weren't."""
    kinds = [kind for kind, told in TOLD_BY.items() if told is about]
    row = await tx.row(
        select(Notice.created_at, Notice.why).where(
            Notice.user_id == author_id,
            Notice.kind.in_(kinds),
            Notice.post_id == post_id,
            Notice.guild_id == guild_id,
        )
    )
    return None if row is None else Told(*row)


async def any_of(
    tx: Transaction, guild_id: int, author_id: int, what: tuple[About, int | None], told: datetime
) -> bool:
    """Whether a member has appealed against this decision before, or an appeal of theirs about the
    same waits."""
    about, post_id = what
    same = AppealRow.post_id.is_(None) if post_id is None else AppealRow.post_id == post_id
    query = select(AppealRow.id).where(
        AppealRow.guild_id == guild_id,
        AppealRow.author_id == author_id,
        AppealRow.about == about,
        same,
        or_(AppealRow.told_at == told, AppealRow.decision.is_(None)),
    )
    return await tx.scalar(query.limit(1)) is not None


async def appealed(
    tx: Transaction, guild_id: int, authors: Collection[int], earliest: datetime
) -> set[Any]:
    """What somebody has appealed against, as (about, post, when they were told): those since a
    time, and those that wait, which have None for when."""
    rows = await tx.rows(
        select(AppealRow.about, AppealRow.post_id, AppealRow.told_at, AppealRow.decision).where(
            AppealRow.guild_id == guild_id,
            AppealRow.author_id.in_(authors),
            or_(AppealRow.told_at >= earliest, AppealRow.decision.is_(None)),
        )
    )
    found: set[Any] = {(About(about), post_id, told) for about, post_id, told, _ in rows}
    return found | {(About(r[0]), r[1], None) for r in rows if r[3] is None}


async def of_author(
    tx: Transaction, guild_id: int, author_id: int, since: datetime
) -> list[OwnAppeal]:
    """A member's appeals that wait, that were decided since a time, or whose outcome they haven't
    read yet: the latest first."""
    unread = AppealRow.read_at.is_(None)
    return await _own(tx, guild_id, AppealRow.author_id == author_id, _recent(since) | unread)


async def of_numbers(
    tx: Transaction, guild_id: int, numbers: Collection[int], since: datetime
) -> list[OwnAppeal]:
    """The same of anonymous authors: what they have read isn't in the rows."""
    return await _own(tx, guild_id, AppealRow.author_id.in_(numbers), _recent(since))


def _recent(since: datetime) -> ColumnElement[bool]:
    return AppealRow.decided_at.is_(None) | (AppealRow.decided_at >= since)


async def _own(
    tx: Transaction, guild_id: int, theirs: ColumnElement[bool], told: ColumnElement[bool]
) -> list[OwnAppeal]:
    rows = await tx.rows(
        select(
            AppealRow.id,
            AppealRow.about,
            Post.number,
            Post.sub_number,
            AppealRow.at,
            AppealRow.decision,
            AppealRow.decided_at,
            AppealRow.read_at,
        )
        .outerjoin(Post, Post.id == AppealRow.post_id)
        .where(AppealRow.guild_id == guild_id, theirs, told)
        .order_by(AppealRow.id.desc())
        .limit(_SHOWN)
    )
    return [
        OwnAppeal(
            row.id,
            About(row.about),
            post_number(row.number, row.sub_number) if row.number is not None else "",
            row.decided_at or row.at,
            None if row.decision is None else Decision(row.decision),
            row.read_at is not None,
        )
        for row in rows
    ]


async def mark_read(
    tx: Transaction, guild_id: int, author_id: int, appeal_ids: Collection[int], now: datetime
) -> None:
    """Note that a member has read what came of appeals of theirs."""
    await tx.execute(
        update(AppealRow)
        .where(
            of_server(AppealRow, guild_id),
            AppealRow.author_id == author_id,
            AppealRow.id.in_(appeal_ids),
            AppealRow.decision.is_not(None),
            AppealRow.read_at.is_(None),
        )
        .values(read_at=now)
    )
