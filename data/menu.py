"""What the menu of a post asks of the database, in one statement: it is the most clicked button."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, bindparam, exists, or_, select

from bot.domain.posts import PostKind, PostStatus
from data.database import Transaction
from data.models import Attachment, Member, Post, Vote


@dataclass(frozen=True, slots=True)
class Facts:
    """What a person's rights to a post depend on: their `points` in the server, their `vote` on the
    post, whether it has files, and whether somebody other than the person has answered it."""

    points: int
    vote: int
    has_files: bool
    is_answered: bool


@cache
def _facts() -> Select[*tuple[Any, ...]]:
    guild = bindparam("guild", type_=BigInteger)
    user = bindparam("user", type_=BigInteger)
    post = bindparam("post", type_=BigInteger)
    points = select(Member.points).where(Member.guild_id == guild, Member.user_id == user)
    vote = select(Vote.value).where(Vote.post_id == post, Vote.voter_id == user)
    answered = exists().where(
        Post.question_id == post,
        Post.kind == PostKind.ANSWER,
        Post.status == PostStatus.VISIBLE,
        or_(Post.author_id.is_(None), Post.author_id != user),
    )
    files = exists().where(Attachment.post_id == post)
    return select(points.scalar_subquery(), vote.scalar_subquery(), files, answered)


async def facts(tx: Transaction, guild_id: int, user_id: int, post_id: int) -> Facts:
    """What a person's rights to a post of this server depend on."""
    given = {"guild": guild_id, "user": user_id, "post": post_id}
    row = await tx.row(_facts(), given)
    points, vote, has_files, is_answered = row or (None, None, False, False)
    return Facts(points or 0, vote or 0, bool(has_files), bool(is_answered))
