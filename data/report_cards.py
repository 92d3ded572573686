"""The cards of reports in the moderators' channel, and what else stands there: what was decided,
and what was last shown where."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, false, func, or_, select, text, update

from bot.domain.outbox import JobKind, Priority
from bot.domain.posts import PostStatus
from bot.domain.review import (
    AGAIN,
    DECIDED,
    Decision,
    Fixture,
    ItemKind,
    ReportCard,
    ReportReason,
    ShownMessage,
    Verdict,
)
from data import claims, names, outbox
from data.database import Transaction
from data.flags import MOST_URGENT
from data.models import Flag, ModeratorsMessage, Name, Place, Post, ReportCardRow
from data.names import NAME, called
from data.statements import of_server, upsert

# As the partial index says it; otherwise SQLite doesn't use that.
WAITING = text("report_cards.waiting")


async def reported(
    tx: Transaction, guild_id: int, post_id: int, now: datetime, *, again: bool = False
) -> None:
    """Have a post's card show one more report. A card that tells of a decision stays as it is:
    the report that comes after it gets a new one, so that moderators see it. With `again`, one that
    waits is sent anew, so that it calls."""
    row = await tx.row(
        select(ReportCardRow.shown, ReportCardRow.times).where(
            of_server(ReportCardRow, guild_id), ReportCardRow.post_id == post_id
        )
    )
    values: dict[str, Any] = {"waiting": True, "reported_at": now}
    if row is None:
        statement = upsert(tx.dialect, ReportCardRow)
        await tx.execute(statement.values(post_id=post_id, guild_id=guild_id, **values))
    else:
        values |= {"decision": None, "decided_by": None, "hidden_for": None}
        if row[0].startswith(DECIDED):
            values |= {"message_id": None, "shown": "", "times": row[1] + 1}
        elif again and row[0]:
            values |= {"shown": AGAIN}
        await _change(tx, post_id, values)
    await outbox.enqueue(tx, guild_id, JobKind.REPORT, [post_id], Priority.WAITED_FOR, now)


async def decided(
    tx: Transaction, guild_id: int, post_id: int, verdict: Verdict, now: datetime
) -> None:
    """Have a post's card say what was decided, and by whom; does nothing if there is no card."""
    result = await tx.execute(
        update(ReportCardRow)
        .where(of_server(ReportCardRow, guild_id), ReportCardRow.post_id == post_id)
        .values(
            waiting=False,
            decision=verdict.decision,
            decided_by=verdict.by,
            hidden_for=verdict.reason,
        )
    )
    if result.rowcount:
        await claims.drop(tx, guild_id, ItemKind.POST, [post_id])
        await names.remember(tx, guild_id, verdict.by, verdict.by_name)
        await outbox.enqueue(tx, guild_id, JobKind.REPORT, [post_id], Priority.WAITED_FOR, now)


async def follow(
    tx: Transaction, guild_id: int, post_ids: Collection[int] | Select[Any], now: datetime
) -> None:
    """Have the cards of these posts' waiting reports follow a change of the posts."""
    rows = await tx.rows(
        select(ReportCardRow.post_id).where(
            of_server(ReportCardRow, guild_id), ReportCardRow.post_id.in_(post_ids), WAITING
        )
    )
    keys = [row[0] for row in rows]
    await outbox.enqueue(tx, guild_id, JobKind.REPORT, keys, Priority.WAITED_FOR, now)


def thread_of(question_id: int) -> Select[Any]:
    """A question with everything below it."""
    return select(Post.id).where(Post.question_id == question_id)


async def decided_with(
    tx: Transaction,
    guild_id: int,
    post_id: int,
    verdict: Verdict,
    post_ids: Collection[int] | Select[Any],
    now: datetime,
) -> None:
    """`decided` for one post, and `follow` for these, of which it is one, in one statement."""
    this = ReportCardRow.post_id == post_id
    values = {
        "waiting": false(),
        "decision": verdict.decision,
        "decided_by": verdict.by,
        "hidden_for": verdict.reason,
    }
    rows = await tx.rows(
        update(ReportCardRow)
        .where(
            of_server(ReportCardRow, guild_id),
            ReportCardRow.post_id.in_(post_ids),
            or_(this, WAITING),
        )
        .values(
            {
                name: case((this, new), else_=getattr(ReportCardRow, name))
                for name, new in values.items()
            }
        )
        .returning(ReportCardRow.post_id)
    )
    keys = [row[0] for row in rows]
    if post_id in keys:
        await claims.drop(tx, guild_id, ItemKind.POST, [post_id])
        await names.remember(tx, guild_id, verdict.by, verdict.by_name)
    await outbox.enqueue(tx, guild_id, JobKind.REPORT, keys, Priority.WAITED_FOR, now)


async def follow_decisions(tx: Transaction, guild_id: int, user_id: int, now: datetime) -> None:
    """Have the cards follow that tell what somebody decided: their name may have changed."""
    rows = await tx.rows(
        select(ReportCardRow.post_id).where(
            ReportCardRow.guild_id == guild_id, ReportCardRow.decided_by == user_id
        )
    )
    keys = [row[0] for row in rows]
    await outbox.enqueue(tx, guild_id, JobKind.REPORT, keys, Priority.BULK, now)


async def any_waiting(tx: Transaction, guild_id: int) -> bool:
    """Whether any reports of a server wait for a decision."""
    query = select(ReportCardRow.post_id).where(ReportCardRow.guild_id == guild_id, WAITING)
    return await tx.scalar(query.limit(1)) is not None


async def waiting_homes(tx: Transaction, guild_id: int) -> dict[int | None, int]:
    """How many posts with waiting reports stand in which channel of a server (None: in none
    yet)."""
    rows = await tx.rows(_homes(), {"guild": guild_id})
    return {row[0]: int(row[1]) for row in rows}


@cache
def _homes() -> Select[*tuple[Any, ...]]:
    return (
        select(Place.home_id, func.count())
        .select_from(ReportCardRow)
        .join(Post, Post.id == ReportCardRow.post_id)
        .outerjoin(Place, Place.post_id == Post.question_id)
        .where(
            ReportCardRow.guild_id == bindparam("guild"),
            WAITING,
            Post.status != PostStatus.DELETED,
        )
        .group_by(Place.home_id)
    )


async def next_waiting(tx: Transaction, guild_id: int, after: int | None, limit: int) -> list[int]:
    """The next posts with waiting reports, the newest first."""
    query = select(ReportCardRow.post_id).where(ReportCardRow.guild_id == guild_id, WAITING)
    if after is not None:
        query = query.where(ReportCardRow.post_id < after)
    rows = await tx.rows(query.order_by(ReportCardRow.post_id.desc()).limit(limit))
    return [row[0] for row in rows]


async def card_of(tx: Transaction, guild_id: int, post_id: int) -> ReportCard | None:
    """The card of a post's reports."""
    row = await tx.row(
        select(
            ReportCardRow.waiting,
            ReportCardRow.reported_at,
            ReportCardRow.decision,
            ReportCardRow.decided_by,
            ReportCardRow.hidden_for,
            ReportCardRow.channel_id,
            ReportCardRow.message_id,
            ReportCardRow.shown,
            ReportCardRow.times,
            NAME,
        )
        .outerjoin(Name, called(ReportCardRow.guild_id, ReportCardRow.decided_by))
        .where(of_server(ReportCardRow, guild_id), ReportCardRow.post_id == post_id)
    )
    if row is None:
        return None
    verdict = None
    if row.decision is not None:
        reason = None if row.hidden_for is None else ReportReason(row.hidden_for)
        verdict = Verdict(Decision(row.decision), row.decided_by or 0, row[9], reason)
    message = ShownMessage(row.channel_id, row.message_id, row.shown, row.times)
    return ReportCard(row.waiting, row.reported_at, verdict, message)


async def record(tx: Transaction, post_id: int, message: ShownMessage) -> None:
    """Record what a card shows, and where."""
    await _change(tx, post_id, _columns(message))


async def _change(tx: Transaction, post_id: int, values: dict[str, Any]) -> None:
    statement = update(ReportCardRow).where(ReportCardRow.post_id == post_id)
    await tx.execute(statement.values(**values))


def _columns(message: ShownMessage) -> dict[str, Any]:
    return {
        "channel_id": message.channel_id,
        "message_id": message.message_id,
        "shown": message.shown,
        "times": message.times,
    }


async def waiting_in(
    tx: Transaction, guild_id: int, channels: Collection[int], limit: int, *, unplaced: bool
) -> Sequence[tuple[int, int]]:
    """The posts in some channels with waiting reports, and how many, worries first, then the
    longest waiting. One that waits for approval has none.
    With `unplaced`, also those that aren't shown anywhere yet."""
    home = Place.home_id.in_(channels)
    where = home | Place.home_id.is_(None) if unplaced else home
    rows = await tx.rows(
        select(ReportCardRow.post_id, func.count(Flag.user_id))
        .join(Post, Post.id == ReportCardRow.post_id)
        .outerjoin(Flag, (Flag.post_id == ReportCardRow.post_id) & Flag.decided_at.is_(None))
        .outerjoin(Place, Place.post_id == Post.question_id)
        .where(
            ReportCardRow.guild_id == guild_id, WAITING, Post.status != PostStatus.DELETED, where
        )
        .group_by(ReportCardRow.post_id)
        .order_by(*MOST_URGENT[:2], ReportCardRow.post_id)
        .limit(limit)
    )
    return [(row[0], int(row[1])) for row in rows]


# What else stands in the channel


async def fixture(tx: Transaction, guild_id: int, name: Fixture) -> ShownMessage:
    """A message that stands in a server's moderators' channel, as it was recorded."""
    row = await tx.row(
        select(
            ModeratorsMessage.channel_id,
            ModeratorsMessage.message_id,
            ModeratorsMessage.shown,
            ModeratorsMessage.times,
        ).where(ModeratorsMessage.guild_id == guild_id, ModeratorsMessage.name == name)
    )
    return ShownMessage() if row is None else ShownMessage(row[0], row[1], row[2], row[3])


async def record_fixture(
    tx: Transaction, guild_id: int, name: Fixture, message: ShownMessage
) -> None:
    """Record what such a message shows, and where."""
    values = _columns(message)
    await tx.execute(
        upsert(tx.dialect, ModeratorsMessage)
        .values(guild_id=guild_id, name=name, **values)
        .on_conflict_do_update(
            index_elements=[ModeratorsMessage.guild_id, ModeratorsMessage.name], set_=values
        )
    )


async def doubt_fixtures(tx: Transaction, guild_id: int) -> None:
    """Have a server's standing messages changed even if they should look as recorded: so a deleted
    one is noticed, and sent again."""
    await tx.execute(
        update(ModeratorsMessage).where(ModeratorsMessage.guild_id == guild_id).values(shown="")
    )
