"""Reading the posts that a search found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import aliased

from bot.domain.posts import PostKind, PostStatus
from data.database import Transaction
from data.models import Place, Post, PostText
from data.statements import of_server

_question, _title, _home = aliased(Post), aliased(PostText), aliased(Place)


@dataclass(frozen=True, slots=True)
class FoundPost:
    """A found post: its question's title, its own text, and where it is shown."""

    post_id: int
    number: int
    sub_number: int
    kind: PostKind
    title: str
    body: str
    score: int
    answers: int
    solved: bool
    best: bool
    channel_id: int | None
    message_id: int | None
    home_id: int | None


async def found_posts(tx: Transaction, guild_id: int, post_ids: Sequence[int]) -> list[FoundPost]:
    """Posts as search results show them, in the order given."""
    rows = await tx.rows(
        select(
            Post.id,
            Post.number,
            Post.sub_number,
            Post.kind,
            _title.title,
            PostText.body,
            Post.score,
            _question.answer_count,
            _question.best_answer_id,
            Place.channel_id,
            Place.message_id,
            _home.home_id,
        )
        .join(PostText, PostText.post_id == Post.id)
        .join(_question, _question.id == Post.question_id)
        .join(_title, _title.post_id == _question.id)
        .outerjoin(_home, _home.post_id == _question.id)
        .outerjoin(Place, Place.post_id == Post.id)
        .where(of_server(Post, guild_id), Post.id.in_(post_ids), Post.status == PostStatus.VISIBLE)
    )
    found = {post.post_id: post for post in map(_found_post, rows)}
    return [found[post_id] for post_id in post_ids if post_id in found]


def _found_post(r: Row[*tuple[Any, ...]]) -> FoundPost:
    return FoundPost(
        post_id=r[0],
        number=r[1],
        sub_number=r[2],
        kind=PostKind(r[3]),
        title=r[4],
        body=r[5],
        score=r[6],
        answers=r[7],
        solved=r[8] is not None,
        best=r[8] == r[0],
        channel_id=r[9],
        message_id=r[10],
        home_id=r[11],
    )
