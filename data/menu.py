"""What the menu of a post asks of the database beside news, in one statement: it is the most
clicked button."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    bindparam,
    exists,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from bot.domain.posts import PostKind, PostStatus
from bot.domain.rules import Rules
from data import cards
from data.cards import Placed
from data.database import Transaction
from data.models import Attachment, Member, Post, Vote
from data.statements import known_by_place


@dataclass(frozen=True, slots=True)
class Facts:
    """What a person's rights to a post depend on: their `points` in the server, their `vote` on the
    post, whether it has files, and whether somebody other than the person has answered it."""

    points: int
    vote: int
    has_files: bool
    is_answered: bool


_NOTHING: Final = Facts(0, 0, has_files=False, is_answered=False)


def _columns() -> tuple[ColumnElement[Any], ...]:
    guild = bindparam("guild", type_=BigInteger)
    reader = bindparam("reader", type_=BigInteger)
    post = bindparam("post", type_=BigInteger)
    member, reply = aliased(Member), aliased(Post)  # the card's statement has others of both
    points = select(member.points).where(member.guild_id == guild, member.user_id == reader)
    vote = select(Vote.value).where(Vote.post_id == post, Vote.voter_id == reader)
    answered = exists().where(
        reply.question_id == post,
        reply.kind == PostKind.ANSWER,
        reply.status == PostStatus.VISIBLE,
        or_(reply.author_id.is_(None), reply.author_id != reader),
    )
    return (
        points.scalar_subquery().label("reader_points"),
        vote.scalar_subquery().label("reader_vote"),
        exists().where(Attachment.post_id == post).label("has_files"),
        answered.label("is_answered"),
    )


@cache
def _facts() -> Select[*tuple[Any, ...]]:
    return select(*_columns())


@known_by_place
def _facts_and_card() -> Select[*tuple[Any, ...]]:
    return cards.placed_card().add_columns(*_columns())


def _facts_of(row: Row[*tuple[Any, ...]] | None) -> Facts:
    if row is None:
        return _NOTHING
    return Facts(
        row.reader_points or 0, row.reader_vote or 0, bool(row.has_files), bool(row.is_answered)
    )


async def facts(tx: Transaction, guild_id: int, user_id: int, post_id: int) -> Facts:
    """What a person's rights to a post of this server depend on."""
    given = {"guild": guild_id, "reader": user_id, "post": post_id}
    return _facts_of(await tx.row(_facts(), given))


async def facts_and_card(
    tx: Transaction, guild_id: int, user_id: int, post_id: int, rules: Rules
) -> tuple[Facts, Placed | None]:
    """The same, with what `cards.load_placed` finds."""
    given = {"guild": guild_id, "reader": user_id, "post": post_id}
    row = await tx.row(_facts_and_card(), given)
    return _facts_of(row), None if row is None else cards.placed_of_row(row, rules)
