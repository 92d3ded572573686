"""Erasing what is kept of a member, table by table, in portions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, UpdateBase, bindparam, delete, exists, func, select, update

from bot.domain.erasures import DELETED_MEMBER, Outlook
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import HOUR, Action, hour_of
from bot.domain.reputation import Reason
from bot.domain.voting import REACTIONS, VoteSource
from data import erasures, members, outbox, reactions
from data.consents import NOTHING_SAID
from data.database import Transaction
from data.models import (
    AppealRow,
    AuditRow,
    BlockRow,
    Bonus,
    Consent,
    Draft,
    DraftFile,
    DraftFilePiece,
    DutyRow,
    Follow,
    Hint,
    HourlyCount,
    LedgerEntry,
    Member,
    ModeratorRow,
    Name,
    Notice,
    OutboxRow,
    Place,
    Post,
    PostBlock,
    Preference,
    Presence,
    Receipt,
    RefusedVoteRow,
    Sign,
    Sweep,
    UnsealRequest,
    Vote,
)
from data.statements import ForEach

PIECES: Final = 4  # of a file, 256 KB each, in one transaction
_FEW: Final = (Name, Preference, Presence, DutyRow, ModeratorRow, RefusedVoteRow, Hint, Draft)


async def outlook(tx: Transaction, guild_id: int, user_id: int) -> Outlook:
    """How much of a member's there is."""

    def count(table: Any, column: Any) -> Any:
        mine = (table.guild_id == guild_id, column == user_id)
        return select(func.count()).select_from(table).where(*mine).scalar_subquery()

    points = select(Member.points).where(Member.guild_id == guild_id, Member.user_id == user_id)
    row = await tx.row(
        select(
            count(Post, Post.author_id),
            count(Vote, Vote.voter_id),
            count(Follow, Follow.user_id),
            count(Notice, Notice.user_id),
            count(Draft, Draft.user_id),
            func.coalesce(points.scalar_subquery(), 0),
        )
    )
    return Outlook(*(row or ()))


async def forget_few(tx: Transaction, guild_id: int, user_id: int) -> None:
    """Erase what there is little of: name and picture, preferences, drafts and the like."""
    for table in _FEW:
        mine: Any = table
        await tx.execute(delete(mine).where(mine.guild_id == guild_id, mine.user_id == user_id))


async def forget_counts(
    tx: Transaction, guild_id: int, user_id: int, known_by: int, now: datetime
) -> None:
    """Let what a member did within the hour count on under their digest, for the limits."""
    theirs = (HourlyCount.guild_id == guild_id, HourlyCount.user_id == user_id)
    recent = (*theirs, HourlyCount.since > hour_of(now) - HOUR)
    for action, times in await tx.rows(
        select(HourlyCount.action, HourlyCount.times).where(*recent)
    ):
        await members.count_action(tx, Action(action), {(guild_id, known_by): times}, now)
    await tx.execute(delete(HourlyCount).where(*theirs))


def _old_counts(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return HourlyCount.user_id < DELETED_MEMBER, HourlyCount.since <= hour_of(now) - HOUR


async def any_old_counts(tx: Transaction, now: datetime) -> bool:
    """Whether there are counts of members who were erased whose hour is over."""
    return bool(await tx.scalar(select(exists().where(*_old_counts(now)))))


async def drop_old_counts(tx: Transaction, now: datetime) -> None:
    """Erase the counts of members who were erased whose hour is over."""
    await tx.execute(delete(HourlyCount).where(*_old_counts(now)))


async def forget_files(tx: Transaction, guild_id: int, user_id: int) -> bool:
    """Erase a portion of the files that wait for a form; False once there are none."""
    mine = (DraftFile.guild_id == guild_id, DraftFile.user_id == user_id)
    file_id = await tx.scalar(select(DraftFile.id).where(*mine).limit(1))
    if file_id is None:
        return False
    theirs = DraftFilePiece.file_id == file_id
    numbers = select(DraftFilePiece.number).where(theirs).limit(PIECES)
    gone = await tx.execute(
        delete(DraftFilePiece).where(theirs, DraftFilePiece.number.in_(numbers))
    )
    if not gone.rowcount:
        await tx.execute(delete(DraftFile).where(DraftFile.id == file_id))
    return True


async def forget_inbox(tx: Transaction, guild_id: int, user_id: int, limit: int) -> bool:
    """Erase a portion of an inbox, with the messages that wait to be sent; False once it is
    empty."""
    jobs = (
        OutboxRow.kind == JobKind.NOTICE,
        OutboxRow.group_id == user_id,
        OutboxRow.guild_id == guild_id,
    )
    await tx.execute(delete(OutboxRow).where(*jobs))
    dropped = 0
    for table in (Notice, Receipt):
        mine = (table.guild_id == guild_id, table.user_id == user_id)
        some = select(table.id).where(*mine).limit(limit)
        dropped += (await tx.execute(delete(table).where(table.id.in_(some)))).rowcount
    return dropped > 0


async def forget_follows(tx: Transaction, guild_id: int, user_id: int, limit: int) -> bool:
    """Erase a portion of what a member follows, and of who follows them; False once there is
    none."""
    mine = (Follow.guild_id == guild_id, Follow.user_id == user_id)
    of_them = (Follow.guild_id == guild_id, Follow.kind == "member", Follow.key == str(user_id))
    dropped = 0
    for which in (mine, of_them):
        rows = await tx.rows(
            select(Follow.user_id, Follow.kind, Follow.key).where(*which).limit(limit)
        )
        given = [
            {"who": row[0], "what": row[1], "named": row[2], "guild": guild_id} for row in rows
        ]
        await tx.for_each(_UNFOLLOW, given)
        dropped += len(rows)
    return dropped > 0


_UNFOLLOW: Final = ForEach(
    lambda _: delete(Follow).where(
        Follow.guild_id == bindparam("guild"),
        Follow.user_id == bindparam("who"),
        Follow.kind == bindparam("what"),
        Follow.key == bindparam("named"),
    )
)


# Votes and points


async def forget_votes(
    tx: Transaction, guild_id: int, user_id: int, limit: int, now: datetime
) -> bool:
    """Let a portion of a member's votes stay as a nameless voter's, and have their reactions taken
    off; False once there are none."""
    rows = await tx.rows(
        select(Vote.post_id, Vote.value, Vote.source, Place.message_id)
        .outerjoin(Place, Place.post_id == Vote.post_id)
        .where(Vote.guild_id == guild_id, Vote.voter_id == user_id)
        .limit(limit)
    )
    new = erasures.new_voters(len(rows))
    moved = [
        {"post": row[0], "old": user_id, "new": voter} for row, voter in zip(rows, new, strict=True)
    ]
    await tx.for_each(_MOVE_VOTE, moved)
    await tx.for_each(_MOVE_LINE, moved)
    shown = [
        (post_id, user_id, value)
        for post_id, value, source, message_id in rows
        if VoteSource(source) in REACTIONS and message_id is not None
    ]
    await reactions.take_off(tx, guild_id, shown)
    posts = [post_id for post_id, _, _ in shown]
    await outbox.enqueue(tx, guild_id, JobKind.REACTIONS, posts, Priority.BULK, now)
    return len(rows) == limit


def _move_vote(_: str) -> UpdateBase:
    this = (Vote.post_id == bindparam("post"), Vote.voter_id == bindparam("old"))
    # No reaction stands for it any more.
    return update(Vote).where(*this).values(voter_id=bindparam("new"), source=VoteSource.BUTTON)


def _move_line(_: str) -> UpdateBase:
    this = (
        LedgerEntry.post_id == bindparam("post"),
        LedgerEntry.reason == Reason.VOTE.value,
        LedgerEntry.actor_id == bindparam("old"),
    )
    return update(LedgerEntry).where(*this).values(actor_id=bindparam("new"))


_MOVE_VOTE: Final = ForEach(_move_vote)
_MOVE_LINE: Final = ForEach(_move_line)


async def settle_points(tx: Transaction, guild_id: int, user_id: int) -> None:
    """Let a member's points be those of what is still in the ledger and of their bonuses."""
    earned = [
        await tx.scalar(
            select(func.sum(table.points)).where(
                table.guild_id == guild_id, table.user_id == user_id
            )
        )
        for table in (LedgerEntry, Bonus)
    ]
    this = (Member.guild_id == guild_id, Member.user_id == user_id)
    if earned == [None, None]:
        await tx.execute(delete(Member).where(*this))
    else:
        points = sum(int(each or 0) for each in earned)
        await tx.execute(update(Member).where(*this).values(points=points))


# What others' rows say of a member


async def forget_acts(tx: Transaction, guild_id: int, user_id: int, ids: Sequence[int]) -> None:
    """Put a deleted member in a member's place in these rows of the audit log, which follow each
    other."""
    these = (AuditRow.guild_id == guild_id, AuditRow.id.between(ids[0], ids[-1]))
    for column in (AuditRow.actor_id, AuditRow.subject_id):
        named = update(AuditRow).where(*these, column == user_id)
        await tx.execute(named.values({column: DELETED_MEMBER}))


async def acts(tx: Transaction, guild_id: int, after: int, limit: int) -> list[int]:
    """The next rows of the audit log."""
    query = select(AuditRow.id).where(AuditRow.guild_id == guild_id, AuditRow.id > after)
    return [row[0] for row in await tx.rows(query.order_by(AuditRow.id).limit(limit))]


async def forget_elsewhere(tx: Transaction, guild_id: int, user_id: int, now: datetime) -> None:
    """Put a deleted member in a member's place in what managers and moderators did, erase bonuses
    and what was written about them, and end requests and passing messages."""
    await tx.execute(delete(Bonus).where(Bonus.guild_id == guild_id, Bonus.user_id == user_id))
    given = (Bonus.guild_id == guild_id, Bonus.given_by == user_id)
    await tx.execute(update(Bonus).where(*given).values(given_by=DELETED_MEMBER, reason=""))
    for column in (Sweep.member_id, Sweep.actor_id):
        theirs = (Sweep.guild_id == guild_id, column == user_id)
        await tx.execute(update(Sweep).where(*theirs).values({column: DELETED_MEMBER}))
    blocked = (BlockRow.guild_id == guild_id, BlockRow.by_id == user_id)
    await tx.execute(update(BlockRow).where(*blocked).values(by_id=DELETED_MEMBER))
    blocked = (PostBlock.guild_id == guild_id, PostBlock.by_id == user_id)
    await tx.execute(update(PostBlock).where(*blocked).values(by_id=DELETED_MEMBER))
    asking = (UnsealRequest.guild_id == guild_id, UnsealRequest.asked_by == user_id)
    await tx.execute(delete(UnsealRequest).where(*asking))
    for column in (UnsealRequest.decided_by, UnsealRequest.danger_by):
        decided = (UnsealRequest.guild_id == guild_id, column == user_id)
        await tx.execute(update(UnsealRequest).where(*decided).values({column: DELETED_MEMBER}))
    asked = (Consent.writer_id == user_id) | (Consent.asker_id == user_id)
    ended: dict[str, Any] = {"ended": True, "said": NOTHING_SAID}
    ids = {"writer_id": DELETED_MEMBER, "asker_id": DELETED_MEMBER}
    rows = await tx.rows(
        update(Consent)
        .where(Consent.guild_id == guild_id, asked)
        .values(**ended, **ids)
        .returning(Consent.message_id)
    )
    keys = [row[0] for row in rows]
    await outbox.enqueue(tx, guild_id, JobKind.CONSENT, keys, Priority.WAITED_FOR, now)
    signs = await tx.rows(
        update(Sign)
        .where(Sign.guild_id == guild_id, Sign.person_id == user_id)
        .values(person_id=None, ended=True)
        .returning(Sign.kind, Sign.key)
    )
    for kind, key in signs:
        await outbox.enqueue(tx, guild_id, JobKind(kind), [key], Priority.WAITED_FOR, now)


async def forget_block(
    tx: Transaction, guild_id: int, user_id: int, known_by: int, now: datetime
) -> None:
    """Let a block that holds go on under a member's digest."""
    mine = (BlockRow.guild_id == guild_id, BlockRow.user_id == user_id)
    await tx.execute(delete(BlockRow).where(*mine, BlockRow.until <= now))
    if await tx.scalar(select(BlockRow.user_id).where(*mine)) is None:
        return
    older = (BlockRow.guild_id == guild_id, BlockRow.user_id == known_by)
    await tx.execute(delete(BlockRow).where(*older))
    await tx.execute(update(BlockRow).where(*mine).values(user_id=known_by))


async def forget_appeals(
    tx: Transaction, guild_id: int, user_id: int, known_by: int, now: datetime
) -> None:
    """Erase a member's appeals' words and whose they are, and put a deleted member in their place
    where they decided one. Their cards follow."""
    mine = (AppealRow.guild_id == guild_id, AppealRow.author_id == user_id)
    theirs = await tx.rows(
        update(AppealRow).where(*mine).values(words="", author_id=known_by).returning(AppealRow.id)
    )
    changed = [row[0] for row in theirs]
    for column in (AppealRow.first_by, AppealRow.decided_by):
        acted = (AppealRow.guild_id == guild_id, column == user_id)
        rows = await tx.rows(
            update(AppealRow).where(*acted).values({column: DELETED_MEMBER}).returning(AppealRow.id)
        )
        changed += [row[0] for row in rows]
    await outbox.enqueue(tx, guild_id, JobKind.APPEAL, changed, Priority.BULK, now)
