"""Appeals: what authors ask moderators to look at again, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import aliased

from bot.domain.appeals import RIGHT, About, Appeal
from bot.domain.audit import AuditKind
from bot.domain.blocks import Block
from bot.domain.outbox import JobKind, Priority
from bot.domain.posts import HideReason
from bot.domain.review import Decision, ItemKind, ShownMessage, Verdict
from data import audit, claims, outbox
from data.database import Transaction
from data.guilds import homes
from data.models import AppealRow, AuditRow, BlockRow, DutyRow, Name, Place, Post
from data.names import called
from data.statements import of_server

# As the partial index says it; otherwise SQLite doesn't use that.
WAITING: Final = text("appeals.decision IS NULL")
_LISTED = 100  # waiting ones of a server
_SEEN = 25  # moderators who are looked up
# Created once: creating an alias takes longer than running some statements.
_decider = aliased(Name)


@dataclass(frozen=True, slots=True)
class Told:
    """When an author was told what they may appeal against, and why a post was hidden."""

    at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True)
class NewAppeal:
    """An appeal about to be written."""

    author_id: int
    about: About
    post_id: int | None
    words: str
    told: Told
    first_by: int | None


async def add(tx: Transaction, guild_id: int, new: NewAppeal, now: datetime) -> int:
    """Note an appeal, and have it shown to moderators; returns its row. The caller has locked the
    server."""
    made = insert(AppealRow).values(
        guild_id=guild_id,
        author_id=new.author_id,
        about=new.about,
        post_id=new.post_id,
        told_at=new.told.at,
        first_by=new.first_by,
        why=new.told.why,
        words=new.words,
        at=now,
    )
    appeal_id = int(await tx.scalar(made.returning(AppealRow.id)))
    await outbox.enqueue(tx, guild_id, JobKind.APPEAL, [appeal_id], Priority.WAITED_FOR, now)
    return appeal_id


def _all(guild_id: int) -> Select[*tuple[Any, ...]]:
    held = (BlockRow.guild_id == AppealRow.guild_id) & (BlockRow.user_id == AppealRow.author_id)
    return (
        select(
            *AppealRow.__table__.c,
            func.coalesce(Name.name, "").label("author_name"),
            func.coalesce(_decider.name, "").label("decider_name"),
            BlockRow.until,
            BlockRow.reason.label("block_reason"),
            BlockRow.by_id,
            Post.closed_by,
        )
        .outerjoin(Name, called(AppealRow.guild_id, AppealRow.author_id))
        .outerjoin(_decider, called(AppealRow.guild_id, AppealRow.decided_by, _decider))
        .outerjoin(BlockRow, held & (AppealRow.about == About.BLOCKED))
        .outerjoin(Post, Post.id == AppealRow.post_id)
        .where(AppealRow.guild_id == guild_id)
    )


async def find(tx: Transaction, guild_id: int, appeal_id: int) -> Appeal | None:
    """An appeal of this server, without its post's card; None if there is none."""
    row = await tx.row(_all(guild_id).where(AppealRow.id == appeal_id))
    return None if row is None else await _loaded(tx, row)


async def waiting_since(
    tx: Transaction, guild_id: int, closed: Collection[int] = ()
) -> list[tuple[int, datetime]]:
    """The appeals of a server that wait, and since when, except those about posts in channels that
    are `closed` to the reader."""
    query = select(AppealRow.id, AppealRow.at).where(AppealRow.guild_id == guild_id, WAITING)
    if closed:
        placed = Place.home_id.not_in(closed)
        if not await homes(tx, guild_id) & set(closed):  # else it may be about to appear there
            placed = placed | Place.home_id.is_(None)
        query = query.outerjoin(Post, Post.id == AppealRow.post_id)
        query = query.outerjoin(Place, Place.post_id == Post.question_id)
        query = query.where(AppealRow.post_id.is_(None) | placed)
    return [(row[0], row[1]) for row in await tx.rows(query)]


async def waiting_in(
    tx: Transaction, guild_id: int, channels: Collection[int], *, unplaced: bool
) -> list[Appeal]:
    """The appeals that wait about posts in some channels and, with `unplaced`, about blocks and
    posts that stand in none: the longest waiting first."""
    home = Place.home_id.in_(channels)
    query = (
        _all(guild_id)
        .outerjoin(Place, Place.post_id == Post.question_id)
        .where(WAITING, home | Place.home_id.is_(None) if unplaced else home)
        .order_by(AppealRow.id)
        .limit(_LISTED)
    )
    return [await _loaded(tx, row) for row in await tx.rows(query)]


async def _loaded(tx: Transaction, row: Row[*tuple[Any, ...]]) -> Appeal:
    about = About(row.about)
    since = row.by_id if about is About.BLOCKED else row.closed_by
    if about in (About.HIDDEN, About.REJECTED):
        since = await last_by(tx, row.guild_id, row.post_id, about)
    verdict = None
    if row.decision is not None:
        verdict = Verdict(Decision(row.decision), row.decided_by or 0, row.decider_name)
    block = None if row.block_reason is None else Block(row.until, row.block_reason)
    return Appeal(
        row.id,
        row.guild_id,
        row.author_id,
        about,
        row.post_id,
        row.words,
        row.at,
        frozenset(each for each in (row.first_by, since) if each is not None),
        row.author_name,
        HideReason(row.why) if row.why else None,
        block=block,
        verdict=verdict,
        alone=bool(row.alone),
        message=ShownMessage(row.channel_id, row.message_id, row.shown, row.times),
    )


_DECISIONS: Final = {
    About.HIDDEN: (AuditKind.HIDE, AuditKind.DELETE, AuditKind.DISMISS, AuditKind.HIDE_MEMBER),
    About.REJECTED: (AuditKind.REJECT,),
}


async def last_by(tx: Transaction, guild_id: int, post_id: int, about: About) -> int | None:
    """Who last decided to hide a post, or not to approve it; None if nobody in particular did."""
    return await audit.last_by(tx, guild_id, post_id, _DECISIONS[about])


async def seen_moderating(
    tx: Transaction, guild_id: int, since: datetime, but: Collection[int]
) -> list[int]:
    """Who has moderated or managed a server since a time, by the audit log, or is on duty; except
    these. The latest first, so many as are looked up."""
    acted = (
        select(AuditRow.actor_id)
        .where(
            AuditRow.guild_id == guild_id,
            AuditRow.at >= since,
            AuditRow.actor_id.is_not(None),
            AuditRow.actor_id.not_in(but),
        )
        .group_by(AuditRow.actor_id)
        .order_by(func.max(AuditRow.id).desc())
        .limit(_SEEN)
    )
    duty = select(DutyRow.user_id).where(DutyRow.guild_id == guild_id, DutyRow.user_id.not_in(but))
    found = [*await tx.rows(acted), *await tx.rows(duty.order_by(DutyRow.since.desc()))]
    return list(dict.fromkeys(row[0] for row in found))


# Decisions


async def decide(
    tx: Transaction, appeal: Appeal, verdict: Verdict, now: datetime, *, alone: bool
) -> None:
    """Note what was decided about an appeal, and have its card say so."""
    this = (of_server(AppealRow, appeal.guild_id), AppealRow.id == appeal.appeal_id)
    values: dict[str, Any] = {
        "decision": verdict.decision,
        "decided_by": verdict.by,
        "decided_at": now,
        "alone": alone,
    }
    await tx.execute(update(AppealRow).where(*this).values(**values))
    await claims.drop(tx, appeal.guild_id, ItemKind.APPEAL, [appeal.appeal_id])
    await _follow(tx, appeal.guild_id, [appeal.appeal_id], now)


async def settle_post(
    tx: Transaction,
    guild_id: int,
    post_ids: Collection[int],
    abouts: Collection[About],
    outcome: Decision,
    now: datetime,
) -> None:
    """End the waiting appeals about posts in another way than by a decision about them."""
    theirs = AppealRow.post_id.in_(post_ids) & AppealRow.about.in_(abouts)
    await _settle(tx, guild_id, theirs, outcome, now)


async def settle_block(
    tx: Transaction, guild_id: int, user_id: int, outcome: Decision, now: datetime
) -> None:
    """End a member's waiting appeal against their block, which was taken off."""
    theirs = (AppealRow.author_id == user_id) & (AppealRow.about == About.BLOCKED)
    await _settle(tx, guild_id, theirs, outcome, now)


async def settle_ended_blocks(tx: Transaction, now: datetime) -> None:
    """End the waiting appeals against blocks whose time is over."""
    over = (
        select(BlockRow.user_id)
        .where(
            BlockRow.guild_id == AppealRow.guild_id,
            BlockRow.user_id == AppealRow.author_id,
            BlockRow.until <= now,
        )
        .exists()
    )
    query = select(AppealRow.guild_id, AppealRow.author_id)
    rows = await tx.rows(query.where(WAITING, AppealRow.about == About.BLOCKED, over))
    for guild_id, user_id in rows:
        await settle_block(tx, guild_id, user_id, Decision.OVER, now)


async def _settle(
    tx: Transaction, guild_id: int, which: ColumnElement[bool], outcome: Decision, now: datetime
) -> None:
    ended = (
        update(AppealRow)
        .where(of_server(AppealRow, guild_id), which, WAITING)
        .values(decision=outcome, decided_at=now)
        .returning(AppealRow.id)
    )
    ids = [row[0] for row in await tx.rows(ended)]
    if ids:
        await claims.drop(tx, guild_id, ItemKind.APPEAL, ids)
    await _follow(tx, guild_id, ids, now)


async def _follow(
    tx: Transaction,
    guild_id: int,
    appeal_ids: Collection[int],
    now: datetime,
    priority: Priority = Priority.WAITED_FOR,
) -> None:
    await outbox.enqueue(tx, guild_id, JobKind.APPEAL, appeal_ids, priority, now)


async def any_waiting(tx: Transaction, guild_id: int) -> bool:
    """Whether any appeals of a server wait for a decision."""
    query = select(AppealRow.id).where(AppealRow.guild_id == guild_id, WAITING)
    return await tx.scalar(query.limit(1)) is not None


async def follow_waiting(tx: Transaction, guild_id: int, now: datetime) -> None:
    """Have the cards of waiting appeals follow a change of who may read what, or of a name."""
    query = select(AppealRow.id).where(AppealRow.guild_id == guild_id, WAITING)
    rows = await tx.rows(query.order_by(AppealRow.id).limit(_LISTED))
    await _follow(tx, guild_id, [row[0] for row in rows], now, Priority.BULK)


async def follow_decisions(tx: Transaction, guild_id: int, user_id: int, now: datetime) -> None:
    """Have the cards follow that tell what somebody decided: their name may have changed."""
    theirs = (AppealRow.guild_id == guild_id, AppealRow.decided_by == user_id)
    rows = await tx.rows(select(AppealRow.id).where(*theirs))
    await _follow(tx, guild_id, [row[0] for row in rows], now, Priority.BULK)


async def record(tx: Transaction, appeal_id: int, message: ShownMessage) -> None:
    """Record what the card of an appeal shows, and where."""
    await tx.execute(
        update(AppealRow)
        .where(AppealRow.id == appeal_id)
        .values(
            channel_id=message.channel_id,
            message_id=message.message_id,
            shown=message.shown,
            times=message.times,
        )
    )


# Erasing, and figures


async def erase_words(tx: Transaction, guild_id: int, author_id: int, now: datetime) -> None:
    """Erase what a member wrote in appeals in a server, whether or not they were decided."""
    theirs = (AppealRow.guild_id == guild_id, AppealRow.author_id == author_id)
    rows = await tx.rows(
        update(AppealRow)
        .where(*theirs, AppealRow.words != "")
        .values(words="")
        .returning(AppealRow.id)
    )
    await _follow(tx, guild_id, [row[0] for row in rows], now)


async def erase_of_posts(
    tx: Transaction, guild_id: int, post_ids: Sequence[int], now: datetime
) -> None:
    """Erase what authors wrote about posts whose own text is erased now; nothing is left to decide
    there."""
    await settle_post(tx, guild_id, post_ids, list(About), Decision.OVER, now)
    these = (of_server(AppealRow, guild_id), AppealRow.post_id.in_(post_ids))
    await tx.execute(update(AppealRow).where(*these).values(words=""))


async def any_old(tx: Transaction, decided: datetime, before: datetime) -> bool:
    """Whether there are words of appeals decided before a time, or appeals from before another."""
    words = select(AppealRow.id).where(AppealRow.words != "", AppealRow.decided_at < decided)
    old = select(AppealRow.id).where(AppealRow.at < before)
    return bool(await tx.scalar(select(or_(words.exists(), old.exists()))))


async def drop_old(tx: Transaction, decided: datetime, before: datetime) -> None:
    """Erase the words of appeals that were decided before a time, and appeals from before
    another."""
    old = (AppealRow.words != "", AppealRow.decided_at < decided)
    await tx.execute(update(AppealRow).where(*old).values(words=""))
    await tx.execute(delete(AppealRow).where(AppealRow.at < before))


async def count_since(tx: Transaction, guild_id: int, since: datetime) -> tuple[int, int]:
    """How many appeals there were since a time, and how many of them were right."""
    right = func.coalesce(func.sum(case((AppealRow.decision.in_(RIGHT), 1), else_=0)), 0)
    row = await tx.row(
        select(func.count(), right).where(AppealRow.guild_id == guild_id, AppealRow.at >= since)
    )
    return (int(row[0]), int(row[1])) if row else (0, 0)


async def waiting_homes(tx: Transaction, guild_id: int) -> dict[int | None, int]:
    """How many appeals of a server wait, by the channel in which the post stands (None: in none, as
    with blocks)."""
    rows = await tx.rows(
        select(Place.home_id, func.count())
        .select_from(AppealRow)
        .outerjoin(Post, Post.id == AppealRow.post_id)
        .outerjoin(Place, Place.post_id == Post.question_id)
        .where(AppealRow.guild_id == guild_id, WAITING)
        .group_by(Place.home_id)
    )
    return {row[0]: int(row[1]) for row in rows}
