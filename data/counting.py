"""Comparing cached figures with the facts."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Integer, Subquery, and_, bindparam, case, func, select, update
from sqlalchemy.orm import aliased

from bot.domain.posts import PostKind, PostStatus, post_number
from data.bonuses import all_points
from data.database import Transaction
from data.models import Member, Post, Vote
from data.repliers import counted
from data.statements import of_server

# Created once: creating an alias takes longer than running some statements.
_answer = aliased(Post)
_comment = aliased(Post)


@dataclass(frozen=True, slots=True)
class WrongCount:
    """A count of a post that differs from the facts; `column` is where it is stored."""

    post_id: int
    column: str
    stored: int
    right: int


_COLUMNS = ("up_votes", "down_votes", "answer_count", "comment_count", "repliers")


async def post_ids(tx: Transaction, guild_id: int, after: int, limit: int) -> list[int]:
    """The next posts of a server, by row."""
    query = select(Post.id).where(Post.guild_id == guild_id, Post.id > after)
    return [row[0] for row in await tx.rows(query.order_by(Post.id).limit(limit))]


async def numbers(tx: Transaction, guild_id: int, post_ids: Collection[int]) -> dict[int, str]:
    """The numbers of posts as people see them: `#128.3`."""
    query = select(Post.id, Post.number, Post.sub_number)
    rows = await tx.rows(query.where(of_server(Post, guild_id), Post.id.in_(post_ids)))
    return {row[0]: post_number(row[1], row[2]) for row in rows}


async def wrong_counts(tx: Transaction, guild_id: int, post_ids: Sequence[int]) -> list[WrongCount]:
    """The counts of posts that differ from their votes and answers."""
    votes, answers, comments = _votes(post_ids), _answers(post_ids), _comments(post_ids)
    repliers = counted(post_ids)
    rows = await tx.rows(
        select(
            Post.id,
            Post.up_votes,
            Post.down_votes,
            Post.answer_count,
            Post.comment_count,
            Post.repliers,
            func.coalesce(votes.c.up, 0),
            func.coalesce(votes.c.down, 0),
            func.coalesce(answers.c.n, 0),
            func.coalesce(comments.c.n, 0),
            func.coalesce(repliers.c.n, 0),
        )
        .outerjoin(votes, votes.c.post_id == Post.id)
        .outerjoin(answers, answers.c.question_id == Post.id)
        .outerjoin(comments, comments.c.parent_id == Post.id)
        .outerjoin(repliers, repliers.c.question_id == Post.id)
        .where(of_server(Post, guild_id), Post.id.in_(post_ids))
        .order_by(Post.id)
    )
    return [
        WrongCount(row[0], column, int(row[1 + i]), int(row[1 + len(_COLUMNS) + i]))
        for row in rows
        for i, column in enumerate(_COLUMNS)
        if int(row[1 + i]) != int(row[1 + len(_COLUMNS) + i])
    ]


def _votes(post_ids: Sequence[int]) -> Subquery:
    """Posts' votes `up` and `down`."""
    return (
        select(
            Vote.post_id,
            func.sum(case((Vote.value == 1, 1), else_=0)).label("up"),
            func.sum(case((Vote.value == -1, 1), else_=0)).label("down"),
        )
        .where(Vote.post_id.in_(post_ids))
        .group_by(Vote.post_id)
        .subquery()
    )


def _answers(post_ids: Sequence[int]) -> Subquery:
    """How many visible answers questions have, as `n`."""
    return (
        select(_answer.question_id, func.count().label("n"))
        .where(
            _answer.question_id.in_(post_ids),
            _answer.kind == PostKind.ANSWER,
            _answer.status == PostStatus.VISIBLE,
        )
        .group_by(_answer.question_id)
        .subquery()
    )


def _comments(post_ids: Sequence[int]) -> Subquery:
    """How many visible comments posts have, as `n`."""
    threads = select(Post.question_id).where(Post.id.in_(post_ids))
    return (
        select(_comment.parent_id, func.count().label("n"))
        .where(
            _comment.question_id.in_(threads),  # by index; `parent_id` has none
            _comment.kind == PostKind.COMMENT,
            _comment.status == PostStatus.VISIBLE,
        )
        .group_by(_comment.parent_id)
        .subquery()
    )


async def write_counts(tx: Transaction, wrong: Sequence[WrongCount]) -> None:
    """Correct counts, and the scores that depend on them."""
    right = bindparam("right", type_=Integer)
    scores = {"up_votes": right - Post.down_votes, "down_votes": Post.up_votes - right}
    for column in _COLUMNS:
        rows = [{"post": c.post_id, "right": c.right} for c in wrong if c.column == column]
        if not rows:
            continue
        values: dict[str, Any] = {column: right}
        if column in scores:
            values["score"] = scores[column]
        statement = update(Post).where(Post.id == bindparam("post")).values(values)
        await tx.execute(statement, rows)


async def wrong_points(
    tx: Transaction, guild_id: int, members: Collection[int] | None = None
) -> list[tuple[int, int, int]]:
    """Members (of some, or of all) whose cached points aren't the sum of their ledger and bonuses:
    (member, stored, right)."""
    earned = all_points(guild_id, members=members).subquery()
    sums = (
        select(earned.c.user_id, func.sum(earned.c.points).label("points"))
        .group_by(earned.c.user_id)
        .subquery()
    )
    of_them = [Member.guild_id == guild_id]
    if members is not None:
        of_them.append(Member.user_id.in_(members))
    unknown = await tx.rows(
        select(sums.c.user_id, sums.c.points)
        .outerjoin(Member, and_(*of_them, Member.user_id == sums.c.user_id))
        .where(Member.user_id.is_(None), sums.c.points != 0)
    )
    cached = select(Member.user_id, Member.points, func.coalesce(sums.c.points, 0)).where(*of_them)
    known = await tx.rows(
        cached.outerjoin(sums, sums.c.user_id == Member.user_id).where(
            Member.points != func.coalesce(sums.c.points, 0)
        )
    )
    return [(r[0], 0, int(r[1])) for r in unknown] + [(r[0], r[1], int(r[2])) for r in known]
