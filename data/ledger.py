"""The ledger of points, and the caches that depend on it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Integer,
    Row,
    Select,
    UpdateBase,
    bindparam,
    case,
    cast,
    delete,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.orm import aliased

from bot.domain.cards import PointsLine
from bot.domain.posts import PostKind, PostStatus, post_number
from bot.domain.reputation import Entry, PostFacts, Reason, post_entries, vote_entries
from bot.domain.rules import Rules
from bot.domain.sealed import is_sealed
from data.database import Transaction
from data.members import add_points
from data.models import Bonus, LedgerEntry, Place, Post, PostText, Vote
from data.paging import Page
from data.statements import ForEach, of_server, upsert
from data.types import microseconds

# Created once: creating an alias takes longer than running some statements.
_question = aliased(Post)
_best = aliased(Post)
_question_text = aliased(PostText)
_home = aliased(Place)

_Key = tuple[int, str, int]


async def add_entries(tx: Transaction, guild_id: int, entries: Sequence[Entry]) -> None:
    """Write new ledger lines and add their points to the members' cached sums."""
    if not entries:
        return
    await replace(tx, guild_id, [], entries)
    sums: Counter[int] = Counter()
    for entry in entries:
        sums[entry.user_id] += entry.points
    await add_points(tx, guild_id, sums)


async def rewrite(tx: Transaction, guild_id: int, post_ids: Iterable[int], rules: Rules) -> int:
    """Update the ledger of posts from the facts, and the cached points with it.

    Used whenever the facts change other than by a vote: a choice of best answer, a deletion.
    Returns how many lines were written or deleted.
    """
    ids = sorted(set(post_ids))
    stale, fresh = await wrong_entries(tx, guild_id, ids, rules)
    deltas: Counter[int] = Counter()
    for entry in stale:
        deltas[entry.user_id] -= entry.points
    for entry in fresh:
        deltas[entry.user_id] += entry.points
    await replace(tx, guild_id, [key(e) for e in stale], fresh)
    await add_points(tx, guild_id, deltas)
    return len(stale) + len(fresh)


async def replace(
    tx: Transaction, guild_id: int, gone: Collection[_Key], written: Sequence[Entry]
) -> None:
    """Delete lines by (post, reason, actor), then write others, replacing existing ones. The caller
    updates the members' cached points."""
    await tx.for_each(
        _TAKE, [{"post": post, "why": str(reason), "actor": actor} for post, reason, actor in gone]
    )
    await tx.for_each(
        _WRITE,
        [
            {
                "post_id": e.post_id,
                "reason": e.reason.value,
                "actor_id": e.actor_id,
                "guild_id": guild_id,
                "user_id": e.user_id,
                "points": e.points,
                "at": microseconds(e.at),
            }
            for e in written
        ],
    )


def _write(dialect: str) -> UpdateBase:
    insert = upsert(dialect, LedgerEntry)
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=[LedgerEntry.post_id, LedgerEntry.reason, LedgerEntry.actor_id],
        set_={"user_id": new.user_id, "points": new.points, "at": new.at},
    )


_WRITE = ForEach(_write)
_TAKE = ForEach(
    lambda _: delete(LedgerEntry).where(
        LedgerEntry.post_id == bindparam("post"),
        LedgerEntry.reason == bindparam("why"),
        LedgerEntry.actor_id == bindparam("actor"),
    )
)


async def wrong_entries(
    tx: Transaction, guild_id: int, post_ids: Sequence[int], rules: Rules
) -> tuple[list[Entry], list[Entry]]:
    """The ledger lines of posts to delete, and those to add, so that they are what follows from
    posts and votes."""
    if not post_ids:
        return [], []
    facts, there = _facts_of(guild_id, post_ids), _stored(guild_id, post_ids)
    rows = await tx.rows(facts.union_all(there))
    right = _entries([row for row in rows if row[-1] is None], rules)
    stored = [
        Entry(row[2], row[0], Reason(row[-1]), row[10], row[11], row[12])
        for row in rows
        if row[-1] is not None
    ]
    return _corrections(stored, right)


def _corrections(there: Iterable[Entry], right: Iterable[Entry]) -> tuple[list[Entry], list[Entry]]:
    """The lines to delete and the lines to add to turn `there` into `right`.

    The time when a cap last moved can't be derived from posts and votes: it may differ.
    """
    stored, correct = {key(e): e for e in there}, {key(e): e for e in right}
    stale = [e for k, e in stored.items() if not _same(e, correct.get(k))]
    fresh = [e for k, e in correct.items() if not _same(e, stored.get(k))]
    return stale, fresh


def key(entry: Entry) -> _Key:
    """The unique key of a ledger line: post, reason, actor."""
    return entry.post_id, entry.reason, entry.actor_id


def _same(one: Entry, other: Entry | None) -> bool:
    if other is None or one.user_id != other.user_id or one.points != other.points:
        return False
    return one.at == other.at or one.reason is Reason.VOTE_LIMIT


def _stored(guild_id: int, post_ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """The ledger lines of posts as they are stored, in the columns of `_facts_of`."""
    nothing = null()
    return select(
        LedgerEntry.post_id,
        nothing,
        LedgerEntry.user_id,
        *[nothing] * 7,
        LedgerEntry.actor_id,
        LedgerEntry.points,
        LedgerEntry.at,
        LedgerEntry.reason,
    ).where(of_server(LedgerEntry, guild_id), LedgerEntry.post_id.in_(post_ids))


def _facts_of(guild_id: int, post_ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """What the ledger lines of posts follow from: a row for each vote, or one without a vote. Its
    last column tells it from a stored line."""
    return (
        select(
            Post.id,
            Post.kind,
            Post.author_id,
            Post.status,
            Post.created_at,
            _question.author_id,
            _question.best_answer_id,
            _best.author_id,
            _best.status,
            _question.best_chosen_at,
            Vote.voter_id,
            Vote.value,
            Vote.at,
            null(),
        )
        .outerjoin(_question, _question.id == Post.question_id)
        .outerjoin(_best, _best.id == _question.best_answer_id)
        .outerjoin(Vote, Vote.post_id == Post.id)
        .where(of_server(Post, guild_id), Post.id.in_(post_ids))
    )


def _entries(rows: Iterable[Row[*tuple[Any, ...]]], rules: Rules) -> list[Entry]:
    """The ledger lines that follow from posts and votes."""
    posts: dict[int, PostFacts] = {}
    votes: defaultdict[int, list[tuple[int, int, datetime]]] = defaultdict(list)
    for row in rows:
        if row[0] not in posts:
            posts[row[0]] = _facts(row)
        if row[10] is not None:
            votes[row[0]].append((row[10], row[11], row[12]))
    entries: list[Entry] = []
    for post_id, facts in posts.items():
        entries.extend(post_entries(facts, rules))
        entries.extend(vote_entries(facts, votes[post_id], rules))
    return entries


def _facts(r: Row[*tuple[Any, ...]]) -> PostFacts:
    return PostFacts(
        post_id=r[0],
        kind=PostKind(r[1]),
        author_id=None if is_sealed(r[2]) else r[2],  # it would tell what an anonymous one earns
        visible=r[3] == PostStatus.VISIBLE,
        created_at=r[4],
        question_author_id=r[5],
        best_answer_id=r[6],
        best_answer_author_id=r[7],
        best_answer_visible=r[8] == PostStatus.VISIBLE,
        best_chosen_at=r[9],
    )


async def points_lines(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    page: Page,
    channels: Collection[int] | None = None,
) -> list[PointsLine]:
    """Where a member's points came from, the latest first: one line per post and reason, and one
    per bonus, whose title is its reason. With `channels`, those that they can read, other members'
    questions in other channels have no title."""
    lines = _earned(guild_id, user_id).union_all(_bonuses(guild_id, user_id)).subquery()
    rows = await tx.rows(
        select(*list(lines.c)[:-1])
        .order_by(lines.c.at.desc(), lines.c.row.desc())
        .limit(page.limit)
        .offset(page.offset)
    )
    return [
        PointsLine(
            Reason(r[0]),
            int(r[1]),
            int(r[2]) if Reason(r[0]) is Reason.VOTE else 1,
            post_number(r[3], r[4]) if r[3] is not None else "",
            (r[5] or "") if channels is None or r[11] == user_id or r[10] in channels else "",
            r[6],
            int(r[7]),
            r[8],
            r[9],
        )
        for r in rows
    ]


def _earned(guild_id: int, user_id: int) -> Select[*tuple[Any, ...]]:
    """What a member's posts earned, by post and reason."""
    # The cap of a post's votes is shown together with the votes.
    reason = func.replace(LedgerEntry.reason, Reason.VOTE_LIMIT.value, Reason.VOTE.value)
    given = func.sum(case((LedgerEntry.reason == Reason.VOTE, 1), else_=0))
    limit_of = case((LedgerEntry.reason == Reason.VOTE_LIMIT, LedgerEntry.points), else_=0)
    titled = (
        select(
            reason.label("reason"),
            func.sum(LedgerEntry.points).label("points"),
            given.label("times"),
            Post.number,
            Post.sub_number,
            _question_text.title,
            func.max(LedgerEntry.at).label("at"),
            func.sum(limit_of).label("capped"),
            Place.channel_id,
            Place.message_id,
            _home.home_id,
            _question.author_id,
            Post.id.label("row"),
        )
        .join(Post, Post.id == LedgerEntry.post_id)
        .outerjoin(_question, _question.id == Post.question_id)
        .outerjoin(_question_text, _question_text.post_id == Post.question_id)
        .outerjoin(_home, _home.post_id == Post.question_id)
        .outerjoin(Place, Place.post_id == Post.id)
        .where(LedgerEntry.guild_id == guild_id, LedgerEntry.user_id == user_id)
    )
    return titled.group_by(
        Post.id,
        reason,
        Post.number,
        Post.sub_number,
        _question_text.title,
        Place.channel_id,
        Place.message_id,
        _home.home_id,
        _question.author_id,
    )


def _bonuses(guild_id: int, user_id: int) -> Select[*tuple[Any, ...]]:
    """A member's bonuses, in the columns of `_earned`."""
    nothing = cast(null(), BigInteger)
    return select(
        literal(Reason.BONUS.value),
        Bonus.points,
        literal(1),
        cast(null(), Integer),
        cast(null(), Integer),
        Bonus.reason,
        Bonus.at,
        literal(0),
        nothing,
        nothing,
        nothing,
        Bonus.user_id,
        Bonus.id,
    ).where(Bonus.guild_id == guild_id, Bonus.user_id == user_id)
