"""Which questions' cards name other posts and lead to them: duplicates, originals, best answers."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

from sqlalchemy import BigInteger, CompoundSelect, Select, bindparam, select, union
from sqlalchemy.orm import aliased

from data.database import Transaction
from data.models import Post
from data.statements import of_server


async def linking_to(tx: Transaction, guild_id: int, post_id: int, limit: int = 100) -> list[int]:
    """The questions whose cards name a post and lead to it: its duplicates, the original that it
    duplicates, and the question whose best answer it is. Duplicates come last, as far as `limit`
    allows."""
    above, duplicates = _linking()
    this = {"guild": guild_id, "post": post_id}
    found = [row[0] for row in await tx.rows(above, this)]
    newest = await tx.rows(duplicates, {**this, "most": limit})
    found += [row[0] for row in newest if row[0] not in found]
    return found[:limit]


@cache
def _linking() -> tuple[CompoundSelect[int], Select[int]]:
    this = aliased(Post)
    post = bindparam("post", type_=BigInteger)
    original = select(Post.duplicate_of).where(
        of_server(Post, bindparam("guild")), Post.id == post, Post.duplicate_of.is_not(None)
    )
    solved = (
        select(Post.id)
        .join(this, this.question_id == Post.id)
        .where(of_server(this, bindparam("guild")), this.id == post, Post.best_answer_id == post)
    )
    duplicates = (
        select(Post.id)
        .where(of_server(Post, bindparam("guild")), Post.duplicate_of == post)
        .order_by(Post.id.desc())
        .limit(bindparam("most", type_=BigInteger))
    )
    return union(original, solved), duplicates


async def duplicates(tx: Transaction, guild_id: int, before: int | None, limit: int) -> list[int]:
    """A server's questions that duplicate others, the newest first, from below a row on."""
    query = select(Post.id).where(Post.guild_id == guild_id, Post.duplicate_of.is_not(None))
    if before is not None:
        query = query.where(Post.id < before)
    return [row[0] for row in await tx.rows(query.order_by(Post.id.desc()).limit(limit))]


async def originals_of(tx: Transaction, guild_id: int, post_ids: Collection[int]) -> set[int]:
    """The questions that some duplicate."""
    query = select(Post.duplicate_of).where(
        of_server(Post, guild_id), Post.id.in_(post_ids), Post.duplicate_of.is_not(None)
    )
    return {row[0] for row in await tx.rows(query)}
