"""What members follow, how they want to be told, and their notices."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, delete, false, func, or_, select, update
from sqlalchemy.orm import aliased

from bot.domain.notices import (
    RECEIPTS,
    Digest,
    FollowKind,
    NoticeCard,
    NoticeKind,
    Preferences,
)
from bot.domain.outbox import JobKind, Priority
from bot.domain.posts import PostStatus
from bot.domain.rules import Rules
from data import cards, outbox
from data.database import Transaction
from data.models import Category, Follow, Notice, Place, Post, Preference, Receipt
from data.statements import of_server, upsert

Followed = tuple[FollowKind, str]


async def follow(
    tx: Transaction, guild_id: int, user_id: int, what: Followed, now: datetime
) -> bool:
    """Follow something; False where one did already."""
    kind, key = what
    result = await tx.execute(
        upsert(tx.dialect, Follow)
        .values(guild_id=guild_id, user_id=user_id, kind=kind, key=key, since=now)
        .on_conflict_do_nothing()
    )
    return result.rowcount > 0


async def unfollow(tx: Transaction, guild_id: int, user_id: int, what: Followed) -> bool:
    """Follow something no longer; False where one did not."""
    kind, key = what
    result = await tx.execute(
        delete(Follow).where(
            Follow.guild_id == guild_id,
            Follow.user_id == user_id,
            Follow.kind == kind,
            Follow.key == key,
        )
    )
    return result.rowcount > 0


async def follows_of(tx: Transaction, guild_id: int, user_id: int) -> list[Followed]:
    """All that a member follows, the latest first."""
    rows = await tx.rows(
        select(Follow.kind, Follow.key)
        .where(Follow.guild_id == guild_id, Follow.user_id == user_id)
        .order_by(Follow.since.desc(), Follow.kind, Follow.key)
    )
    return [(FollowKind(row[0]), row[1]) for row in rows]


async def tell(
    tx: Transaction,
    guild_id: int,
    post_id: int,
    kind: NoticeKind,
    *,
    ticked: Collection[int] = (),
    quietly: Collection[int] = (),
    follows: Collection[Followed] = (),
    silent: Collection[int | None] = (),
    author_id: int | None = None,
    now: datetime,
) -> None:
    """Put a post into the inboxes of those who ticked a box for it and of those who follow it.

    It goes out by direct message too where that was ticked, or where a follower wishes it. Nobody
    in `silent` (who did it) is told, and nobody twice; `quietly` goes to the inbox alone. The
    author of what is new, who follows it like others, gets a row like others.
    """
    wanted = {user_id: True for user_id in ticked if user_id not in silent}
    followers: dict[int, bool] = {}
    for user_id in quietly:
        wanted.setdefault(user_id, False)
    if follows:
        rows = await tx.rows(
            select(Follow.user_id, func.coalesce(Preference.by_message, False))
            .outerjoin(
                Preference,
                (Preference.guild_id == Follow.guild_id) & (Preference.user_id == Follow.user_id),
            )
            .where(
                Follow.guild_id == guild_id,
                or_(*((Follow.kind == k) & (Follow.key == key) for k, key in follows)),
            )
        )
        for user_id, by_message in rows:
            followers[user_id] = bool(by_message)
            if user_id not in silent:
                wanted[user_id] = wanted.get(user_id, False) or bool(by_message)
    if author_id is not None:
        # Nobody can tell from the rows who wrote it. Authors are left out when these are read.
        wanted |= {user: dm for user, dm in followers.items() if user == author_id}
    if not wanted:
        return
    await tx.execute(
        upsert(tx.dialect, Notice).on_conflict_do_nothing(),
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
    if not any(wanted.values()):
        return
    rows = await tx.rows(
        select(Notice.id).where(
            Notice.post_id == post_id,
            Notice.kind == kind,
            Notice.by_message.is_(True),
            Notice.sent.is_(False),
        )
    )
    await outbox.enqueue(
        tx, guild_id, JobKind.NOTICE, [row[0] for row in rows], Priority.REFRESH, now
    )


async def reader_of(tx: Transaction, notice_id: int) -> tuple[int, int] | None:
    """The server and member of a notice that waits to be sent; None where none waits."""
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


async def inbox(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    channels: Collection[int],
    rules: Rules,
    limit: int,
    offset: int,
    *,
    unread: bool = False,
) -> list[NoticeCard]:
    """A member's notices of what they can read, the latest first; with `unread`, those alone."""
    query = _shown(_notices(guild_id, user_id)).where(_readable(user_id, channels))
    if unread:
        query = query.where(Notice.read_at.is_(None))
    rows = await tx.rows(query.order_by(Notice.id.desc()).limit(limit).offset(offset))
    return await _cards(tx, guild_id, rows, rules)


_question, _parent = aliased(Post), aliased(Post)
# What is told of a post to its own author.
_OF_ONES_OWN = Notice.kind.not_in([NoticeKind.ASKED, NoticeKind.ANSWERED, NoticeKind.COMMENTED])


def _shown(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Only notices of what is shown: a post, what it is about, and its question."""
    return (
        query.join(Post, Post.id == Notice.post_id)
        .join(_question, _question.id == Post.question_id)
        .outerjoin(_parent, _parent.id == Post.parent_id)
        .outerjoin(Place, Place.post_id == _question.id)
        .where(
            Post.status == PostStatus.VISIBLE,
            _question.status == PostStatus.VISIBLE,
            # Nobody is told of what they wrote themselves.
            or_(Post.author_id.is_(None), Post.author_id != Notice.user_id, _OF_ONES_OWN),
            # Nor of what they chose; and nobody of a choice that was taken back.
            or_(Notice.kind != NoticeKind.CHOSEN, _chosen_by_others()),
            or_(_parent.id.is_(None), _parent.status == PostStatus.VISIBLE),
        )
    )


def _chosen_by_others() -> ColumnElement[bool]:
    by_themselves = _question.best_by_asker & (_question.author_id == Notice.user_id)
    return (_question.best_answer_id == Post.id) & ~func.coalesce(by_themselves, false())


def _readable(user_id: int, channels: Collection[int]) -> ColumnElement[bool]:
    """What stands in one of these channels, and receipts for what they wrote below their own
    question: whoever lost access to a channel since they were told reads nothing else of it any
    more, not even that there are answers to choose from."""
    own = (Post.author_id == user_id) & (_question.author_id == user_id)
    own &= Notice.kind.in_(RECEIPTS)
    return Place.home_id.in_(channels) | own


def _notices(guild_id: int, user_id: int) -> Select[*tuple[Any, ...]]:
    columns = (Notice.id, Notice.kind, Notice.post_id, Notice.read_at, Notice.created_at)
    return select(*columns).where(Notice.guild_id == guild_id, Notice.user_id == user_id)


async def _cards(
    tx: Transaction, guild_id: int, rows: list[Row[*tuple[Any, ...]]], rules: Rules
) -> list[NoticeCard]:
    """Notices with the posts and questions they are about."""
    found = await cards.load_cards(tx, guild_id, {row[2] for row in rows}, rules)
    asked = {card.question_id for card in found.values()} - set(found)
    questions = found | await cards.load_cards(tx, guild_id, asked, rules)
    return [
        NoticeCard(row[0], NoticeKind(row[1]), post, question, row[3] is not None, row[4])
        for row in rows
        if (post := found.get(row[2])) and (question := questions.get(post.question_id))
    ]


async def with_problems(tx: Transaction, found: list[NoticeCard]) -> list[NoticeCard]:
    """Notices, those of one's own acts with what keeps their posts from being shown as they are."""
    own = [notice.post.post_id for notice in found if notice.kind in RECEIPTS]
    problems = await outbox.problems_of(tx, own) if own else {}
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
    """Note that notices are not sent to a member; they stay in the inbox, for when it may be read
    again."""
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


async def forget_gone(tx: Transaction, guild_id: int, user_id: int) -> int:
    """Drop a member's follows of what is gone for good; returns how many they follow of what is
    shown."""
    mine = (Follow.guild_id == guild_id) & (Follow.user_id == user_id)
    rows = await tx.rows(select(Follow.kind, Follow.key).where(mine))
    keys: dict[str, set[int]] = {FollowKind.QUESTION: set(), FollowKind.CATEGORY: set()}
    for kind, key in rows:
        if kind in keys:
            keys[kind].add(int(key))
    questions = select(Post.id, Post.status).where(
        of_server(Post, guild_id), Post.id.in_(keys[FollowKind.QUESTION])
    )
    status = {row[0]: row[1] for row in await tx.rows(questions)}
    there = select(Category.id).where(
        of_server(Category, guild_id), Category.id.in_(keys[FollowKind.CATEGORY])
    )
    known = {row[0] for row in await tx.rows(there)}
    gone = [
        (FollowKind.QUESTION, str(key))
        for key in keys[FollowKind.QUESTION]
        if status.get(key, PostStatus.DELETED) == PostStatus.DELETED
    ] + [(FollowKind.CATEGORY, str(key)) for key in keys[FollowKind.CATEGORY] - known]
    for what in gone:
        await unfollow(tx, guild_id, user_id, what)
    hidden = sum(each == PostStatus.HIDDEN for each in status.values())
    return len(rows) - len(gone) - hidden


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


async def unread(tx: Transaction, guild_id: int, user_id: int, channels: Collection[int]) -> int:
    """How many notices of what they can read a member has not seen."""
    query = (
        select(func.count())
        .select_from(Notice)
        .where(Notice.guild_id == guild_id, Notice.user_id == user_id, Notice.read_at.is_(None))
    )
    readable = _shown(query).where(_readable(user_id, channels))
    return int(await tx.scalar(readable) or 0)


async def preferences(tx: Transaction, guild_id: int, user_id: int) -> Preferences:
    """How a member wants to be told of things; the defaults where they never said."""
    row = await tx.row(
        select(
            Preference.by_message,
            Preference.locale,
            Preference.timezone,
            Preference.quiet_from,
            Preference.quiet_to,
            Preference.digest,
            Preference.digest_hour,
        ).where(Preference.guild_id == guild_id, Preference.user_id == user_id)
    )
    if row is None:
        return Preferences()
    return Preferences(bool(row[0]), row[1], row[2], row[3], row[4], Digest(row[5]), row[6])


async def save_preferences(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    wishes: Preferences,
) -> None:
    """Keep how a member wants to be told of things."""
    values = {
        "by_message": wishes.by_message,
        "locale": wishes.locale,
        "timezone": wishes.timezone,
        "quiet_from": wishes.quiet_from,
        "quiet_to": wishes.quiet_to,
        "digest": wishes.digest,
        "digest_hour": wishes.digest_hour,
    }
    await tx.execute(
        upsert(tx.dialect, Preference)
        .values(guild_id=guild_id, user_id=user_id, **values)
        .on_conflict_do_update(
            index_elements=[Preference.guild_id, Preference.user_id], set_=values
        )
    )


async def schedule_digest(
    tx: Transaction, guild_id: int, user_id: int, at: datetime | None
) -> None:
    """Note when a member's next digest is due; None is never."""
    await tx.execute(
        update(Preference)
        .where(Preference.guild_id == guild_id, Preference.user_id == user_id)
        .values(next_digest_at=at)
    )


async def move_digest(
    tx: Transaction, guild_id: int, user_id: int, due_at: datetime, to: datetime | None
) -> bool:
    """Put a digest off that is due at `due_at`; False where it no longer is."""
    moved = await tx.execute(
        update(Preference)
        .where(
            Preference.guild_id == guild_id,
            Preference.user_id == user_id,
            Preference.next_digest_at == due_at,
        )
        .values(next_digest_at=to)
    )
    return moved.rowcount > 0


async def hold_back(tx: Transaction, guild_id: int, user_id: int, post_id: int | None) -> None:
    """Keep in the inbox alone what waits to be sent to a member: about a post and what belongs to
    it, or (None) about anything."""
    waiting = update(Notice).where(
        Notice.guild_id == guild_id, Notice.user_id == user_id, Notice.sent.is_(False)
    )
    if post_id is not None:
        about = or_(Post.id == post_id, Post.question_id == post_id, Post.parent_id == post_id)
        waiting = waiting.where(Notice.post_id.in_(select(Post.id).where(about)))
    await tx.execute(waiting.values(by_message=False))


async def digests_due(
    tx: Transaction, now: datetime, limit: int, guilds: frozenset[int] | None
) -> list[tuple[int, int, datetime]]:
    """Digests to send now, as (server, member, when it was due)."""
    query = select(Preference.guild_id, Preference.user_id, Preference.next_digest_at).where(
        Preference.next_digest_at <= now
    )
    if guilds is not None:
        query = query.where(Preference.guild_id.in_(guilds))
    first = (Preference.next_digest_at, Preference.guild_id, Preference.user_id)
    rows = await tx.rows(query.order_by(*first).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]
