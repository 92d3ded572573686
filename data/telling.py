"""Notices to members, in the inbox and by direct message."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, false, func, or_, select, true, update
from sqlalchemy.orm import aliased

from bot.domain.notices import RECEIPTS, NoticeCard, NoticeKind
from bot.domain.outbox import JobKind, Priority
from bot.domain.posts import PostStatus
from bot.domain.rules import Rules
from data import cards, failures, outbox
from data.database import Transaction
from data.following import Followed
from data.models import Follow, Notice, Place, Post, Preference, Receipt
from data.paging import Page
from data.statements import upsert

_question, _parent = aliased(Post), aliased(Post)
# The kinds of notices about a post to its own author.
_OF_ONES_OWN = Notice.kind.not_in([NoticeKind.ASKED, NoticeKind.ANSWERED, NoticeKind.COMMENTED])


@dataclass(frozen=True, slots=True)
class Recipients:
    """The recipients of a notice: members who `ticked` the box, also by direct message; those in
    `inbox_only`; and followers by `follows`, by message if they wish.

    Members in `excluded` (who did it) get none. The author of the new post, if they follow it, gets
    a row like everybody.
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
    wanted = await _by_message(tx, guild_id, recipients)
    if not wanted:
        return
    insert = upsert(tx.dialect, Notice)
    # Changes nothing of those that are there already, but returns them: one may still wait.
    there = insert.on_conflict_do_update(
        index_elements=[Notice.user_id, Notice.kind, Notice.post_id], set_={"kind": Notice.kind}
    )
    rows = await tx.rows(
        there.returning(Notice.id, Notice.by_message, Notice.sent),
        [
            {
                "guild_id": guild_id,
                "user_id": user_id,
                "kind": kind,
                "post_id": post_id,
                "by_message": by_message,
                "created_at": now,
            }
            for user_id, by_message in wanted.items()
        ],
    )
    waiting = [notice_id for notice_id, by_message, sent in rows if by_message and not sent]
    await outbox.enqueue(tx, guild_id, JobKind.NOTICE, waiting, Priority.REFRESH, now)


async def _by_message(tx: Transaction, guild_id: int, recipients: Recipients) -> dict[int, bool]:
    """The members who get a notice, each with whether it is sent by direct message."""
    excluded = recipients.excluded
    wanted = {user_id: True for user_id in recipients.ticked if user_id not in excluded}
    for user_id in recipients.inbox_only:
        wanted.setdefault(user_id, False)
    followers: dict[int, bool] = {}
    if recipients.follows:
        followers = await _followers(tx, guild_id, recipients.follows)
    for user_id, by_message in followers.items():
        if user_id not in excluded:
            wanted[user_id] = wanted.get(user_id, False) or by_message
    author_id = recipients.author_id
    if author_id is not None:
        # The rows don't reveal who wrote it. Authors are left out when notices are read.
        wanted |= {user: dm for user, dm in followers.items() if user == author_id}
    return wanted


async def _followers(
    tx: Transaction, guild_id: int, follows: Collection[Followed]
) -> dict[int, bool]:
    """The followers of any of these, and whether they wish direct messages."""
    rows = await tx.rows(
        select(Follow.user_id, func.coalesce(Preference.by_message, False))
        .outerjoin(
            Preference,
            (Preference.guild_id == Follow.guild_id) & (Preference.user_id == Follow.user_id),
        )
        .where(
            Follow.guild_id == guild_id,
            or_(*((Follow.kind == kind) & (Follow.key == key) for kind, key in follows)),
        )
    )
    return {user_id: bool(by_message) for user_id, by_message in rows}


async def reader_of(tx: Transaction, notice_id: int) -> tuple[int, int] | None:
    """The server and member of a notice that waits to be sent; None if it doesn't."""
    row = await tx.row(
        select(Notice.guild_id, Notice.user_id).where(
            Notice.id == notice_id, Notice.by_message.is_(True), Notice.sent.is_(False)
        )
    )
    return None if row is None else (row[0], row[1])


async def unsent(
    tx: Transaction, guild_id: int, user_id: int, rules: Rules, limit: int
) -> list[NoticeCard]:
    """The notices that wait to be sent to a member, the oldest first."""
    rows = await tx.rows(
        _shown(_notices(guild_id, user_id))
        .where(Notice.by_message.is_(True), Notice.sent.is_(False))
        .order_by(Notice.id)
        .limit(limit)
    )
    return await _cards(tx, guild_id, rows, rules)


@dataclass(frozen=True, slots=True)
class Latest:
    """A page of a member's notices, the latest first, and how many of all are unread."""

    notices: list[NoticeCard]
    unread: int


async def inbox(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    channels: Collection[int],
    rules: Rules,
    page: Page,
    *,
    only_unread: bool = False,
) -> Latest:
    """A member's notices, or unread ones, about posts that they can read."""
    readable = _shown(_notices(guild_id, user_id)).where(_readable(user_id, channels))
    unread = readable.where(Notice.read_at.is_(None))
    ordered = (unread if only_unread else readable).order_by(Notice.id.desc())
    shown = ordered.limit(page.limit).offset(page.offset).subquery()
    counted = select(func.count().label("unread")).select_from(unread.subquery()).subquery()
    rows = await tx.rows(
        select(*shown.c, counted.c.unread)
        .select_from(counted.outerjoin(shown, true()))
        .order_by(shown.c.id.desc())
    )
    there = [row for row in rows if row.id is not None]
    return Latest(await _cards(tx, guild_id, there, rules), int(rows[0].unread))


def _shown(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Only notices whose post is visible, with the post it is about and its question."""
    return (
        query.join(Post, Post.id == Notice.post_id)
        .join(_question, _question.id == Post.question_id)
        .outerjoin(_parent, _parent.id == Post.parent_id)
        .outerjoin(Place, Place.post_id == _question.id)
        .where(
            Post.status == PostStatus.VISIBLE,
            _question.status == PostStatus.VISIBLE,
            # Nobody is notified of their own posts.
            or_(Post.author_id.is_(None), Post.author_id != Notice.user_id, _OF_ONES_OWN),
            # Nor of their own choice; and nobody of a choice that was taken back.
            or_(Notice.kind != NoticeKind.CHOSEN, _chosen_by_others()),
            or_(_parent.id.is_(None), _parent.status == PostStatus.VISIBLE),
        )
    )


def _chosen_by_others() -> ColumnElement[bool]:
    by_themselves = _question.best_by_asker & (_question.author_id == Notice.user_id)
    return (_question.best_answer_id == Post.id) & ~func.coalesce(by_themselves, false())


def _readable(user_id: int, channels: Collection[int]) -> ColumnElement[bool]:
    """Notices about posts in these channels, and receipts for what the member wrote below their own
    question. A member who has lost access to a channel reads nothing else of it, not even that
    there are answers to choose from."""
    own = (Post.author_id == user_id) & (_question.author_id == user_id)
    own &= Notice.kind.in_(RECEIPTS)
    return Place.home_id.in_(channels) | own


def _notices(guild_id: int, user_id: int) -> Select[*tuple[Any, ...]]:
    """A member's notices; to be given to `_shown`."""
    columns = (Notice.id, Notice.kind, Notice.post_id, Notice.read_at, Notice.created_at)
    mine = (Notice.guild_id == guild_id, Notice.user_id == user_id)
    return select(*columns, Post.question_id).select_from(Notice).where(*mine)


async def _cards(
    tx: Transaction, guild_id: int, rows: list[Row[*tuple[Any, ...]]], rules: Rules
) -> list[NoticeCard]:
    """Notices with their posts and questions."""
    wanted = {row[2] for row in rows} | {row[5] for row in rows}
    found = await cards.load_cards(tx, guild_id, wanted, rules)
    return [
        NoticeCard(row[0], NoticeKind(row[1]), post, question, row[3] is not None, row[4])
        for row in rows
        if (post := found.get(row[2])) and (question := found.get(row[5]))
    ]


async def with_problems(tx: Transaction, found: list[NoticeCard]) -> list[NoticeCard]:
    """Notices; those of the member's own acts with the problem that keeps the post's card from
    being up to date."""
    own = [notice.post.post_id for notice in found if notice.kind in RECEIPTS]
    problems = await failures.problems_of(tx, own) if own else {}
    return [
        replace(notice, problem=problems.get(notice.post.post_id, ""))
        if notice.kind in RECEIPTS
        else notice
        for notice in found
    ]


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


async def drop_old_notices(tx: Transaction, before: datetime, limit: int) -> int:
    """Erase notices and receipts from before a time, at most `limit` of each; returns how many."""
    dropped = 0
    for table in (Notice, Receipt):
        old = select(table.id).where(table.created_at < before).order_by(table.created_at)
        gone = await tx.execute(delete(table).where(table.id.in_(old.limit(limit))))
        dropped += gone.rowcount
    return dropped


async def any_old_notices(tx: Transaction, before: datetime) -> bool:
    """Whether there are notices or receipts from before a time."""
    old = (select(t.id).where(t.created_at < before).exists() for t in (Notice, Receipt))
    return bool(await tx.scalar(select(or_(*old))))


async def mark_read(
    tx: Transaction, guild_id: int, user_id: int, notice_ids: Collection[int], now: datetime
) -> None:
    """Note that a member has seen notices of theirs."""
    await tx.execute(
        update(Notice)
        .where(
            Notice.guild_id == guild_id,
            Notice.user_id == user_id,
            Notice.read_at.is_(None),
            Notice.id.in_(notice_ids),
        )
        .values(read_at=now)
    )
