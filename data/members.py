"""Members: their points, hourly counts and standing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Case,
    ColumnElement,
    Select,
    Subquery,
    UpdateBase,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from bot.domain.cards import Standing
from bot.domain.policies import HOUR, Action, hour_of
from bot.domain.posts import PostKind, PostStatus
from bot.domain.reputation import Reason, displayed
from bot.domain.rules import Rules
from data.database import Transaction
from data.models import Bonus, HourlyCount, LedgerEntry, Member, Name, Place, Post, Vote
from data.names import NAME, called
from data.paging import Page
from data.statements import ForEach, upsert
from data.types import microseconds


async def points_of(tx: Transaction, guild_id: int, user_id: int) -> int:
    """The cached sum of a member's ledger; 0 if they have none."""
    return int(await tx.scalar(_points(), {"guild": guild_id, "user": user_id}) or 0)


@cache
def _points() -> Select[int]:
    whose = {"guild": Member.guild_id, "user": Member.user_id}
    same = (column == bindparam(name, type_=BigInteger) for name, column in whose.items())
    return select(Member.points).where(*same)


async def count_action(
    tx: Transaction, action: Action, times: Mapping[tuple[int, int], int], now: datetime
) -> None:
    """Add to members' counts of this hour. It is a clock hour, because the exact time of a first
    act would reveal who wrote the post created at that time."""
    since = microseconds(hour_of(now))
    await tx.for_each(
        _COUNT,
        [
            {"guild_id": g, "user_id": u, "action": action.value, "since": since, "times": n}
            for (g, u), n in times.items()
        ],
    )


def _count(dialect: str) -> UpdateBase:
    insert = upsert(dialect, HourlyCount)
    new = insert.excluded
    current = HourlyCount.since > new.since - literal_column(str(HOUR // timedelta(microseconds=1)))
    return insert.on_conflict_do_update(
        index_elements=[HourlyCount.guild_id, HourlyCount.user_id, HourlyCount.action],
        set_={
            "times": case((current, HourlyCount.times), else_=0) + new.times,
            "since": case((current, HourlyCount.since), else_=new.since),
        },
    )


_COUNT = ForEach(_count)


async def add_points(tx: Transaction, guild_id: int, deltas: Mapping[int, int]) -> None:
    """Add to members' cached points; missing members are created."""
    rows = [
        {"guild_id": guild_id, "user_id": user_id, "points": points}
        for user_id, points in deltas.items()
        if points
    ]
    await tx.for_each(_ADD_POINTS, rows)


def _add_points(dialect: str) -> UpdateBase:
    insert = upsert(dialect, Member)
    return insert.on_conflict_do_update(
        index_elements=[Member.guild_id, Member.user_id],
        set_={"points": Member.points + insert.excluded.points},
    )


_ADD_POINTS = ForEach(_add_points)


async def set_points(tx: Transaction, guild_id: int, points: Mapping[int, int]) -> None:
    """Overwrite members' cached points."""
    rows = [{"guild_id": guild_id, "user_id": u, "points": p} for u, p in points.items()]
    if rows:
        insert = upsert(tx.dialect, Member)
        await tx.execute(
            insert.on_conflict_do_update(
                index_elements=[Member.guild_id, Member.user_id],
                set_={"points": insert.excluded.points},
            ),
            rows,
        )


_other = aliased(Member)


async def rank_of(tx: Transaction, guild_id: int, points: int) -> int:
    """The rank, from 1, of a member with these points; equal points share a rank."""
    return int(await tx.scalar(select(_rank(guild_id, points))))


def _rank(guild_id: int, points: Any) -> ColumnElement[int]:
    above = select(func.count()).select_from(_other)
    higher = above.where(_other.guild_id == guild_id, _other.points > points)
    return higher.scalar_subquery() + 1


async def points_and_rank(tx: Transaction, guild_id: int, user_id: int) -> tuple[int, int]:
    """The cached sum of a member's ledger, 0 if they have none, and the rank it gives."""
    theirs = select(Member.points).where(Member.guild_id == guild_id, Member.user_id == user_id)
    points = func.coalesce(theirs.scalar_subquery(), 0)
    row = await tx.row(select(points, _rank(guild_id, points)))
    return (int(row[0]), int(row[1])) if row else (0, 1)


async def standing_of(
    tx: Transaction, guild_id: int, user_id: int, rules: Rules
) -> Standing | None:
    """A member's displayed points and their rank; None if they never took part."""
    row = await tx.row(
        select(Member.points, _rank(guild_id, Member.points), NAME)
        .outerjoin(Name, called(guild_id, Member.user_id))
        .where(Member.guild_id == guild_id, Member.user_id == user_id)
    )
    if row is None:
        return None
    points, rank, name = row
    shown = displayed(points, rules)
    return Standing(rank, user_id, shown, rules.title_of(shown), name)


async def top_members(tx: Transaction, guild_id: int, page: Page, rules: Rules) -> list[Standing]:
    """The members with the most points, the best first."""
    rows = await tx.rows(
        select(Member.user_id, Member.points, NAME)
        .outerjoin(Name, called(guild_id, Member.user_id))
        .where(Member.guild_id == guild_id)
        .order_by(Member.points.desc(), Member.user_id)
        .limit(page.limit)
        .offset(page.offset)
    )
    # A window's rank() would read all members for each page.
    rank = await rank_of(tx, guild_id, rows[0][1]) if rows and page.offset else 1
    standings: list[Standing] = []
    for place, (user_id, points, name) in enumerate(rows):
        if place and points < rows[place - 1][1]:
            rank = page.offset + place + 1
        shown = displayed(points, rules)
        standings.append(Standing(rank, user_id, shown, rules.title_of(shown), name))
    return standings


async def standings_since(
    tx: Transaction,
    guild_id: int,
    since: datetime,
    page: Page,
    reader_id: int,
    rules: Rules,
) -> tuple[list[Standing], Standing | None]:
    """The members who earned the most points since a time, the best first, and the reader's own
    line, if any.

    One query for both, since adding up the votes is the expensive part.
    """
    earned = _earned_since(guild_id, since, rules)
    best_first = earned.c.points.desc()
    ranked = (
        select(
            func.rank().over(order_by=best_first).label("rank"),
            func.row_number().over(order_by=(best_first, earned.c.user_id)).label("row"),
            earned.c.user_id,
            earned.c.points,
        )
        .where(earned.c.points > 0)
        .subquery()
    )
    on_page = ranked.c.row.between(page.offset + 1, page.offset + page.limit)
    rows = await tx.rows(
        select(ranked.c.rank, ranked.c.user_id, ranked.c.points, on_page, NAME)
        .outerjoin(Name, called(guild_id, ranked.c.user_id))
        .where(or_(on_page, ranked.c.user_id == reader_id))
        .order_by(ranked.c.row)
    )
    lines = [(Standing(int(row[0]), row[1], int(row[2]), name=row[4]), row[3]) for row in rows]
    mine = next((line for line, _ in lines if line.user_id == reader_id), None)
    return [line for line, shown in lines if shown], mine


def _earned_since(guild_id: int, since: datetime, rules: Rules) -> Subquery:
    """Points by member since a time."""
    not_votes = LedgerEntry.reason.not_in((Reason.VOTE, Reason.VOTE_LIMIT))
    others = select(LedgerEntry.user_id, LedgerEntry.points).where(
        LedgerEntry.guild_id == guild_id, LedgerEntry.at >= since, not_votes
    )
    bonuses = select(Bonus.user_id, Bonus.points).where(
        Bonus.guild_id == guild_id, Bonus.at >= since
    )
    voted = _moved_by_votes(guild_id, since, rules)
    parts = others.union_all(bonuses, voted).subquery()
    return (
        select(parts.c.user_id, func.sum(parts.c.points).label("points"))
        .group_by(parts.c.user_id)
        .subquery()
    )


def _moved_by_votes(guild_id: int, since: datetime, rules: Rules) -> Select[*tuple[Any, ...]]:
    """The points moved by votes within the caps of posts since a time, by member.

    On a capped post the plain sum of a week's votes would be too much, and the ledger line of the
    cap doesn't say how much of it belongs to the week.
    """
    before = case((LedgerEntry.at < since, LedgerEntry.points), else_=0)
    # Filtered by time first: reading all of a server's votes for those of a week takes too long.
    touched = (
        select(LedgerEntry.post_id)
        .where(
            LedgerEntry.guild_id == guild_id,
            LedgerEntry.at >= since,
            LedgerEntry.reason == Reason.VOTE,
        )
        .distinct()
        .cte("touched")
        .prefix_with("MATERIALIZED")
    )
    votes = (
        select(
            LedgerEntry.user_id,
            Post.kind,
            func.sum(LedgerEntry.points).label("now"),
            func.sum(before).label("before"),
        )
        .select_from(touched)
        .join(LedgerEntry, LedgerEntry.post_id == touched.c.post_id)
        .join(Post, Post.id == touched.c.post_id)
        .where(LedgerEntry.reason == Reason.VOTE)
        .group_by(LedgerEntry.user_id, LedgerEntry.post_id, Post.kind)
        .subquery()
    )
    moved = _capped(votes.c.now, votes.c.kind, rules) - _capped(votes.c.before, votes.c.kind, rules)
    return select(votes.c.user_id, moved)


def _capped(plain: ColumnElement[Any], kind: ColumnElement[str], rules: Rules) -> Case[Any]:
    def bound(which: str) -> Case[int]:
        question = rules.number(f"points.question_votes_{which}")
        return case(
            (kind == PostKind.QUESTION, question),
            else_=rules.number(f"points.answer_votes_{which}"),
        )

    lowest, highest = bound("lowest"), bound("highest")
    return case((plain < lowest, lowest), (plain > highest, highest), else_=plain)


async def post_counts(
    tx: Transaction, guild_id: int, user_id: int, channels: Collection[int] | None = None
) -> tuple[int, int, int, int]:
    """A member's numbers of visible questions, answers and best answers, and the votes they
    received; with `channels`, only of posts in these channels."""
    question = Post.__table__.alias("question")
    query = (
        select(
            func.coalesce(func.sum(case((Post.kind == PostKind.QUESTION, 1), else_=0)), 0),
            func.coalesce(func.sum(case((Post.kind == PostKind.ANSWER, 1), else_=0)), 0),
            func.coalesce(func.sum(case((question.c.best_answer_id == Post.id, 1), else_=0)), 0),
            func.coalesce(func.sum(Post.up_votes + Post.down_votes), 0),
        )
        .outerjoin(question, question.c.id == Post.question_id)
        .where(
            Post.guild_id == guild_id,
            Post.author_id == user_id,
            Post.status == PostStatus.VISIBLE,
        )
    )
    if channels is not None:
        at = func.coalesce(Post.question_id, Post.id)
        query = query.join(Place, Place.post_id == at).where(Place.home_id.in_(channels))
    row = await tx.row(query)
    return (int(row[0]), int(row[1]), int(row[2]), int(row[3])) if row else (0, 0, 0, 0)


async def votes_given(
    tx: Transaction, guild_id: int, user_id: int, channels: Collection[int] | None = None
) -> int:
    """How many votes a member has given; with `channels`, only on posts in these channels."""
    given = select(func.count()).select_from(Vote)
    query = given.where(Vote.guild_id == guild_id, Vote.voter_id == user_id)
    if channels is not None:
        query = query.join(Post, Post.id == Vote.post_id)
        query = query.join(Place, Place.post_id == Post.question_id)
        query = query.where(Place.home_id.in_(channels))
    return int(await tx.scalar(query) or 0)


async def acted_in(tx: Transaction, user_id: int, limit: int) -> list[int]:
    """The servers in which a member has done something, the latest first."""
    query = (
        select(HourlyCount.guild_id)
        .where(HourlyCount.user_id == user_id)
        .group_by(HourlyCount.guild_id)
        .order_by(func.max(HourlyCount.since).desc(), HourlyCount.guild_id)
    )
    return [row[0] for row in await tx.rows(query.limit(limit))]
