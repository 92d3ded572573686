"""Notices to members, in the inbox and by direct message."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    Executable,
    Integer,
    Select,
    UpdateBase,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    null,
    or_,
    select,
    union_all,
    update,
)

from bot.domain.cards import PostCard
from bot.domain.notices import SUPERSEDED, FollowKind, NoticeCard, NoticeKind, SentFor
from bot.domain.outbox import JobKind, Priority
from bot.domain.posts import HideReason
from bot.domain.sealed import SEALED
from data import outbox
from data.database import Transaction
from data.following import Followed
from data.models import Follow, Notice, Post, Preference, Receipt
from data.statements import ForEach, upsert
from data.types import microseconds


@dataclass(frozen=True, slots=True)
class Recipients:
    """The recipients of a notice: members who `ticked` the box, also by direct message; those in
    `inbox_only`; and followers by `follows`, by message if they wish.

    Members in `excluded` (who did it) get none. The author of the new post (`author_id`), if they
    would get one otherwise, gets a row like everybody.
    """

    ticked: Collection[int] = ()
    inbox_only: Collection[int] = ()
    follows: Collection[Followed] = ()
    excluded: Collection[int | None] = ()
    author_id: int | None = None


async def tell(
    tx: Transaction,
    guild_id: int,
    post_id: int,
    kind: NoticeKind,
    recipients: Recipients,
    now: datetime,
) -> None:
    """Add a notice of a post to its recipients' inboxes, and enqueue direct messages to those who
    wish; nobody gets it twice."""
    named = [*((user, 3) for user in recipients.ticked), *((u, 0) for u in recipients.inbox_only)]
    if not named and not recipients.follows:
        return
    given: dict[str, Any] = {"guild": guild_id, "what": kind, "post": post_id, "now": now}
    for n, (user_id, rank) in enumerate(named):
        given |= {f"user_{n}": user_id, f"rank_{n}": rank}
    given |= {f"key_{n}": key for n, (_, key) in enumerate(recipients.follows)}
    # The rows don't reveal who wrote it. Authors are left out when notices are read.
    given["gone"] = list(set(recipients.excluded) - {recipients.author_id, None})
    kinds = tuple(followed for followed, _ in recipients.follows)
    rows = await tx.rows(_tell(tx.dialect, len(named), kinds), given)
    waiting = [notice_id for notice_id, by_message, sent in rows if by_message and not sent]
    await outbox.enqueue(tx, guild_id, JobKind.NOTICE, waiting, Priority.REFRESH, now)


# Why a direct message is sent, by rank: of several reasons the highest. 0 is none.
_SENT_FOR = {1: SentFor.FOLLOWED, 2: SentFor.QUESTION, 3: SentFor.TICKED}


@lru_cache(200)  # building it takes longer than running it
def _tell(dialect: str, named: int, kinds: tuple[FollowKind, ...]) -> Executable:
    """Writes the notices of so many named members and of the followers of such things."""
    columns = Notice.__table__.c
    told = {"guild_id": "guild", "kind": "what", "post_id": "post", "created_at": "now"}
    parts: list[Select[Any, Any]] = [
        select(
            bindparam(f"user_{n}", type_=BigInteger).label("user_id"),
            bindparam(f"rank_{n}", type_=Integer).label("rank"),
        )
        for n in range(named)
    ]
    wanted = union_all(*parts, *([_followers(kinds)] if kinds else [])).subquery()
    rank = func.max(wanted.c.rank)
    each = (
        select(
            *(bindparam(given, type_=columns[name].type) for name, given in told.items()),
            wanted.c.user_id,
            rank > 0,
            case(_SENT_FOR, value=rank, else_=""),
        )
        .where(wanted.c.user_id.not_in(bindparam("gone", type_=BigInteger, expanding=True)))
        .group_by(wanted.c.user_id)
    )
    # Changes nothing of those that are there already, but returns them: one may still wait.
    insert = upsert(dialect, Notice).from_select([*told, "user_id", "by_message", "sent_for"], each)
    there = insert.on_conflict_do_update(
        index_elements=[Notice.user_id, Notice.kind, Notice.post_id], set_={"kind": Notice.kind}
    )
    return there.returning(Notice.id, Notice.by_message, Notice.sent)


def _followers(kinds: Sequence[FollowKind]) -> Select[Any, Any]:
    """The followers of any of some things, and the ranks of what they wish direct messages for."""
    rank = case((Follow.kind == FollowKind.QUESTION, 2), else_=1)
    follows = (
        (Follow.kind == kind) & (Follow.key == bindparam(f"key_{n}"))
        for n, kind in enumerate(kinds)
    )
    return (
        select(
            Follow.user_id.label("user_id"),
            case((Preference.by_message.is_(True), rank), else_=0).label("rank"),
        )
        .outerjoin(
            Preference,
            (Preference.guild_id == Follow.guild_id) & (Preference.user_id == Follow.user_id),
        )
        .where(Follow.guild_id == bindparam("guild", type_=BigInteger), or_(*follows))
    )


async def tell_author(
    tx: Transaction,
    card: PostCard,
    kind: NoticeKind,
    now: datetime,
    *,
    by: int | None,
    why: HideReason | None = None,
) -> None:
    """Add a notice to an author's inbox of what somebody else (`by`, None: unknown) did to their
    post. It takes the place of earlier ones about the same, and is new even if those were read."""
    author_id = card.author.id
    if author_id is None or author_id == by:
        return
    await _supersede(tx, card, kind)
    await tx.execute(
        insert(Notice).values(
            guild_id=card.guild_id,
            user_id=author_id,
            kind=kind,
            post_id=card.post_id,
            by_message=False,
            why=why or "",
            created_at=now,
        )
    )


async def tell_author_also_by_message(
    tx: Transaction, card: PostCard, kind: NoticeKind, now: datetime
) -> None:
    """As `tell_author`, and by direct message if they wanted that for this post."""
    author_id = card.author.id
    if author_id is not None:
        await _supersede(tx, card, kind)
        recipients = Recipients(ticked=card.notified, inbox_only=[author_id])
        await tell(tx, card.guild_id, card.post_id, kind, recipients, now)


async def _supersede(tx: Transaction, card: PostCard, kind: NoticeKind) -> None:
    await tx.execute(
        delete(Notice).where(
            Notice.user_id == card.author.id,
            Notice.kind.in_(SUPERSEDED[kind]),
            Notice.post_id == card.post_id,
        )
    )


async def count_more(
    tx: Transaction, author_id: int, post_id: int, kind: NoticeKind, more: int
) -> None:
    """Have an author's notice of what was done to a post say to how many more it was done."""
    this = (Notice.user_id == author_id, Notice.kind == kind, Notice.post_id == post_id)
    await tx.execute(update(Notice).where(*this).values(votes=more))


def _count_votes(dialect: str) -> UpdateBase:
    line = upsert(dialect, Notice)
    new = line.excluded
    # What was read is told: only what is new counts from then on.
    untold = case((Notice.read_at.is_(None), Notice.votes), else_=0)
    return line.on_conflict_do_update(
        index_elements=[Notice.user_id, Notice.kind, Notice.post_id],
        set_={"votes": untold + new.votes, "created_at": new.created_at, "read_at": null()},
    )


_COUNT_VOTES = ForEach(_count_votes)


@dataclass(frozen=True, slots=True)
class VotesLine:
    """By how much the score of a post has changed, for its author."""

    guild_id: int
    author_id: int
    post_id: int
    votes: int


async def count_votes(tx: Transaction, lines: Collection[VotesLine], now: datetime) -> None:
    """Add to the lines in authors' inboxes that say by how much their posts' scores have changed
    since they read of it: one unread line a post, in one statement for all."""
    await tx.for_each(
        _COUNT_VOTES,
        [
            {
                "guild_id": line.guild_id,
                "user_id": line.author_id,
                "kind": NoticeKind.VOTED.value,
                "post_id": line.post_id,
                "by_message": False,
                "votes": line.votes,
                "created_at": microseconds(now),
            }
            for line in lines
        ],
    )


async def is_told(tx: Transaction, post_id: int, kind: NoticeKind) -> bool:
    """Whether anybody has a notice of a kind about a post."""
    query = select(Notice.id).where(Notice.post_id == post_id, Notice.kind == kind)
    return await tx.scalar(query.limit(1)) is not None


async def reader_of(tx: Transaction, notice_id: int) -> tuple[int, int] | None:
    """The server and member of a notice that waits to be sent; None if it doesn't."""
    row = await tx.row(
        select(Notice.guild_id, Notice.user_id).where(
            Notice.id == notice_id, Notice.by_message.is_(True), Notice.sent.is_(False)
        )
    )
    return None if row is None else (row[0], row[1])


async def told_by(tx: Transaction, guild_id: int, notice_id: int) -> int | None:
    """Who has a notice; None if it is gone."""
    query = select(Notice.user_id).where(Notice.id == notice_id, Notice.guild_id == guild_id)
    return await tx.scalar(query)


async def mark_sent(tx: Transaction, guild_id: int, user_id: int, up_to: int) -> None:
    """Note that a member's notices up to one were sent, or can't be."""
    await tx.execute(
        update(Notice)
        .where(
            Notice.guild_id == guild_id,
            Notice.user_id == user_id,
            Notice.id <= up_to,
            Notice.by_message.is_(True),
            Notice.sent.is_(False),
        )
        .values(sent=True)
    )


async def keep_in_inbox(
    tx: Transaction, guild_id: int, user_id: int, notice_ids: Collection[int]
) -> None:
    """Note that notices aren't sent to a member. They stay in the inbox for when the member can
    read the posts again."""
    await tx.execute(
        update(Notice)
        .where(Notice.guild_id == guild_id, Notice.user_id == user_id, Notice.id.in_(notice_ids))
        .values(by_message=False)
    )


async def drop_old_notices(tx: Transaction, before: datetime, sealed: datetime, limit: int) -> int:
    """Erase notices and receipts from before a time, and those of anonymous authors from before
    another, at most `limit` of each; returns how many."""
    dropped = 0
    for table in (Notice, Receipt):
        old = select(table.id).where(table.created_at < before).order_by(table.created_at)
        gone = await tx.execute(delete(table).where(table.id.in_(old.limit(limit))))
        dropped += gone.rowcount
    theirs = delete(Notice).where(Notice.id.in_(_old_sealed(sealed).limit(limit)))
    return dropped + (await tx.execute(theirs)).rowcount


async def any_old_notices(tx: Transaction, before: datetime, sealed: datetime) -> bool:
    """Whether there are notices or receipts from before a time, or those of anonymous authors from
    before another."""
    old = [select(t.id).where(t.created_at < before).exists() for t in (Notice, Receipt)]
    return bool(await tx.scalar(select(or_(*old, _old_sealed(sealed).exists()))))


def _old_sealed(before: datetime) -> Select[Any]:
    theirs = Notice.user_id <= literal_column(str(SEALED))  # as their index says it
    return select(Notice.id).where(theirs, Notice.created_at < before)


def _mark_read(_dialect: str) -> UpdateBase:
    # Votes that came since the line was shown are left for the next time.
    shown = bindparam("shown", type_=Integer)
    same = Notice.votes == shown
    return (
        update(Notice)
        .where(
            Notice.id == bindparam("notice"),
            Notice.guild_id == bindparam("guild"),
            Notice.user_id == bindparam("reader"),
            Notice.read_at.is_(None),
        )
        .values(
            read_at=case((same, bindparam("now", type_=BigInteger)), else_=null()),
            votes=case((same, Notice.votes), else_=Notice.votes - shown),
        )
    )


_MARK_READ = ForEach(_mark_read)


async def mark_read(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    notices: Collection[NoticeCard],
    now: datetime,
) -> None:
    """Note that a member has seen notices of theirs, as they were shown."""
    who = {"guild": guild_id, "reader": user_id, "now": microseconds(now)}
    rows = [{**who, "notice": n.notice_id, "shown": n.votes} for n in notices]
    await tx.for_each(_MARK_READ, rows)


async def decline(tx: Transaction, guild_id: int, user_id: int, post_id: int) -> None:
    """Note that an answer didn't solve its asker's question yet, so that they aren't asked
    again."""
    await tx.execute(
        update(Notice)
        .where(
            Notice.guild_id == guild_id,
            Notice.user_id == user_id,
            Notice.kind == NoticeKind.ANSWERED,
            Notice.post_id == post_id,
        )
        .values(declined=True)
    )


async def sent_for(
    tx: Transaction, guild_id: int, user_id: int, post_id: int, notice_id: int | None
) -> set[SentFor]:
    """Why messages about a post, or what belongs to it, were sent to a member: one message, or
    (None) all that are known."""
    about = or_(Post.id == post_id, Post.question_id == post_id, Post.parent_id == post_id)
    query = select(Notice.sent_for).where(
        Notice.guild_id == guild_id, Notice.user_id == user_id, Notice.sent_for != ""
    )
    if notice_id is not None:
        query = query.where(Notice.id == notice_id)
    else:
        query = query.where(Notice.post_id.in_(select(Post.id).where(about)))
    return {SentFor(row[0]) for row in await tx.rows(query)}
