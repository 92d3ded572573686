"""How often members found their answer among similar questions, by day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from bot.domain.posts import PostStatus
from data.database import Transaction
from data.models import Deflection, Post, PostText
from data.statements import of_server, upsert

_answer = aliased(Post)


async def count(tx: Transaction, guild_id: int, now: datetime) -> None:
    """Count a question that needn't be posted."""
    day = int(now.timestamp()) // 86_400
    await tx.execute(
        upsert(tx.dialect, Deflection)
        .values(guild_id=guild_id, day=day, times=1)
        .on_conflict_do_update(
            index_elements=[Deflection.guild_id, Deflection.day],
            set_={"times": Deflection.times + 1},
        )
    )


async def total(tx: Transaction, guild_id: int) -> int:
    """How often that happened in a server."""
    query = select(func.coalesce(func.sum(Deflection.times), 0))
    return int(await tx.scalar(query.where(Deflection.guild_id == guild_id)) or 0)


async def best_answers(
    tx: Transaction, guild_id: int, question_ids: Collection[int]
) -> dict[int, str]:
    """The texts of visible best answers, by question."""
    visible = _answer.status == PostStatus.VISIBLE
    query = (
        select(Post.id, PostText.body)
        .join(_answer, _answer.id == Post.best_answer_id)
        .join(PostText, PostText.post_id == _answer.id)
        .where(of_server(Post, guild_id), Post.id.in_(question_ids), visible)
    )
    return {row[0]: row[1] for row in await tx.rows(query)}
