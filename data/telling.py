"""Notices to members, in the inbox and by direct message."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select, update

from bot.domain.notices import NoticeKind
from bot.domain.outbox import JobKind, Priority
from data import outbox
from data.database import Transaction
from data.following import Followed
from data.models import Follow, Notice, Preference, Receipt
from data.statements import upsert


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
