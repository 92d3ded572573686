"""Reading members' inboxes: what they show, what waits to be sent, and how much is new."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Integer,
    Row,
    Select,
    bindparam,
    case,
    exists,
    false,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from bot.domain.blocks import Block, BlockNotice
from bot.domain.cards import PostCard, QuestionLine
from bot.domain.notices import RECEIPTS, TOLD_ANYWAY, NoticeCard, NoticeKind
from bot.domain.posts import CloseReason, HideReason, PostStatus
from bot.domain.rules import Rules
from bot.domain.sealed import is_sealed
from data import cards, failures
from data.appeals import WAITING as APPEAL_WAITS
from data.database import Transaction
from data.models import (
    AppealRow,
    BlockRow,
    Guild,
    Notice,
    Place,
    Post,
    ReportCardRow,
    WaitingPost,
)
from data.paging import Page
from data.readers import Reader
from data.report_cards import WAITING as REPORT_WAITS
from data.statements import known_by_place
from data.types import UTCDateTime

# Created once: creating an alias takes longer than running some statements.
_question, _parent = aliased(Post), aliased(Post)
# The kinds of notices about a post to its own author.
_OF_ONES_OWN = Notice.kind.not_in([NoticeKind.ASKED, NoticeKind.ANSWERED, NoticeKind.COMMENTED])
_HIDDEN = Notice.kind.in_([NoticeKind.HIDDEN, NoticeKind.REJECTED])
# That a question wasn't approved, which was never shown anywhere: only its author is told of it.
_NOT_APPROVED = (Notice.kind == NoticeKind.REJECTED) & Place.home_id.is_(None)
_ANYWAY = Notice.kind.in_(TOLD_ANYWAY)
_OPENNESS = (NoticeKind.CLOSED, NoticeKind.REOPENED)
_LATEST = (Notice.created_at.desc(), Notice.id.desc())
NOWHERE = 0  # in place of a channel
_OF_NUMBERS = 300  # notices of somebody's anonymous posts
NEWS_MAX = 100  # unread notices that are counted for the bell
# What a row of news says: it stands at a home, or is read everywhere; something waits for
# moderators; somebody has written anonymously.
_AT_HOME, _EVERYWHERE, _WAITS, _SEALED = range(4)


async def unsent(
    tx: Transaction, guild_id: int, user_id: int, rules: Rules, limit: int
) -> list[NoticeCard]:
    """The notices that wait to be sent to a member, the oldest first."""
    rows = await tx.rows(
        _shown(_notices(guild_id, [user_id]))
        .where(Notice.by_message.is_(True), Notice.sent.is_(False))
        .order_by(Notice.id)
        .limit(limit)
    )
    return await cards_of(tx, guild_id, rows, rules)


@dataclass(frozen=True, slots=True)
class Latest:
    """A page of a member's notices, the latest first, how many of all are unread, and their block,
    also one that has ended. `anonymous` tells whether anybody has written anonymously there,
    `waiting` whether any such post waits to appear."""

    notices: list[NoticeCard]
    unread: int
    block: BlockNotice | None = None
    anonymous: bool = False
    waiting: bool = False


async def inbox(
    tx: Transaction,
    reader: Reader,
    rules: Rules,
    page: Page,
    *,
    only_unread: bool = False,
) -> Latest:
    """A member's notices, or unread ones, about posts that they can read."""
    guild_id, user_id = reader.guild_id, reader.user_id
    readable = _shown(_notices(guild_id, [user_id])).where(_readable(reader.channels))
    unread = readable.where(Notice.read_at.is_(None))
    ordered = (unread if only_unread else readable).order_by(*_LATEST)
    shown = ordered.limit(page.limit).offset(page.offset).subquery()
    counted = select(func.count().label("unread")).select_from(unread.subquery()).subquery()
    mine = (BlockRow.guild_id == guild_id) & (BlockRow.user_id == user_id)
    blocked = (BlockRow.until, BlockRow.reason, BlockRow.at, BlockRow.read_at)
    sealed = _any_anonymous(guild_id).scalar_subquery().label("anonymous")
    waits = select(WaitingPost.guild_id).where(WaitingPost.guild_id == guild_id).exists()
    known = (counted.c.unread, sealed, waits.label("waiting"))
    rows = await tx.rows(
        select(*shown.c, *known, *(c.label(f"block_{c.key}") for c in blocked))
        .select_from(counted.outerjoin(shown, true()).outerjoin(BlockRow, mine))
        .order_by(shown.c.created_at.desc(), shown.c.id.desc())
    )
    there = [row for row in rows if row.id is not None]
    found = await cards_of(tx, guild_id, there, rules)
    anonymous = rows[0].anonymous is not None
    waiting = bool(rows[0].waiting)
    return Latest(found, int(rows[0].unread), _block(rows[0]), anonymous, waiting)


NoticeRow = Row[*tuple[Any, ...]]
"""A notice as it was read, without its posts: see `cards_of`."""


async def of_numbers(
    tx: Transaction, guild_id: int, numbers: Collection[int], channels: Collection[int]
) -> list[NoticeRow]:
    """The notices of anonymous authors about posts in these channels, the latest first. What was
    read of them isn't in their rows."""
    readable = _shown(_notices(guild_id, numbers)).where(_readable(channels))
    return await tx.rows(readable.order_by(*_LATEST).limit(_OF_NUMBERS))


def _any_anonymous(guild_id: Any) -> Select[*tuple[Any, ...]]:
    return select(Guild.id).where(Guild.id == guild_id, Guild.sealing_salt.is_not(None))


def _block(row: Row[*tuple[Any, ...]]) -> BlockNotice | None:
    if row.block_reason is None:
        return None
    block = Block(row.block_until, row.block_reason)
    return BlockNotice(block, row.block_at, row.block_read_at is not None)


def _shown(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Only notices whose post is visible, with the post it is about and its question. That a post
    is hidden or deleted is told while it is, and while its question is visible, or is the post."""
    return (
        query.join(Post, Post.id == Notice.post_id)
        .join(_question, _question.id == Post.question_id)
        .outerjoin(_parent, _parent.id == Post.parent_id)
        .outerjoin(Place, Place.post_id == _question.id)
        .where(
            ((Post.status != PostStatus.VISIBLE) == _HIDDEN) | _ANYWAY,
            (_question.status == PostStatus.VISIBLE)
            | (_HIDDEN & (_question.id == Post.id))
            | _ANYWAY,
            # What was turned back since is no news, and neither are votes that balanced each other.
            Notice.kind.not_in(_OPENNESS)
            | ((Notice.kind == NoticeKind.CLOSED) == Post.closed_at.is_not(None)),
            (Notice.kind != NoticeKind.VOTED) | (Notice.votes != 0),
            # Nobody is notified of their own posts.
            or_(Post.author_id.is_(None), Post.author_id != Notice.user_id, _OF_ONES_OWN),
            # Nor of their own choice; and nobody of a choice that was taken back.
            or_(Notice.kind != NoticeKind.CHOSEN, _chosen_by_others()),
            or_(_parent.id.is_(None), _parent.status == PostStatus.VISIBLE, _ANYWAY),
        )
    )


def _chosen_by_others() -> ColumnElement[bool]:
    by_themselves = _question.best_by_asker & (_question.author_id == Notice.user_id)
    return (_question.best_answer_id == Post.id) & ~func.coalesce(by_themselves, false())


def _readable(channels: Collection[int]) -> ColumnElement[bool]:
    """Notices about posts in these channels, receipts for what the member wrote below their own
    question, and what they are told anyway. A member who has lost access to a channel reads nothing
    else of it, not even that there are answers to choose from."""
    written = Post.author_id == Notice.user_id
    own = written & (_question.author_id == Notice.user_id) & Notice.kind.in_(RECEIPTS)
    anyway = written & _ANYWAY
    return Place.home_id.in_(channels) | own | anyway | _NOT_APPROVED


def _notices(guild_id: int, readers: Collection[int]) -> Select[*tuple[Any, ...]]:
    """The notices of a member, or of anonymous authors; to be given to `_shown`."""
    one = len(readers) == 1
    theirs = Notice.user_id == next(iter(readers)) if one else Notice.user_id.in_(readers)
    return (
        select(
            Notice.id,
            Notice.kind,
            Notice.post_id,
            Notice.read_at,
            Notice.created_at,
            Notice.user_id,
            Notice.votes,
            Notice.why,
            Notice.declined,
            Post.question_id,
            _question.best_by_asker,
        )
        .select_from(Notice)
        .where(Notice.guild_id == guild_id, theirs)
    )


async def cards_of(
    tx: Transaction, guild_id: int, rows: Sequence[NoticeRow], rules: Rules
) -> list[NoticeCard]:
    """Notices with their posts and questions."""
    wanted = {row.post_id for row in rows} | {row.question_id for row in rows}
    found = await cards.load_cards(tx, guild_id, wanted, rules)
    return [
        _card(row, post, question, rules)
        for row in rows
        if (post := found.get(row.post_id)) and (question := found.get(row.question_id))
    ]


def _card(
    row: Row[*tuple[Any, ...]], post: PostCard, question: PostCard, rules: Rules
) -> NoticeCard:
    kind, reader_id = NoticeKind(row.kind), row.user_id
    own, asked = post.author.id == reader_id, question.author.id == reader_id
    earns = own and not asked and not is_sealed(reader_id)
    return NoticeCard(
        row.id,
        kind,
        post,
        question,
        row.read_at is not None,
        row.created_at,
        own=own,
        votes=row.votes,
        by_asker=bool(row.best_by_asker),
        points=rules.number("points.best_answer") if earns else 0,
        helplines=rules.text("helplines") if kind is NoticeKind.WORRIED else "",
        why=HideReason(row.why) if row.why else None,
        reply=_reply(kind, row.why, post, rules),
        asks=kind is NoticeKind.ANSWERED and asked and not question.solved and not row.declined,
    )


def _reply(kind: NoticeKind, why: str, post: PostCard, rules: Rules) -> str:
    """The server's own text for what was decided about a post."""
    if kind is NoticeKind.CLOSED:
        # "Other" is said to those whose post is hidden.
        closed = post.closing.reason if post.closing is not None else CloseReason.OTHER
        return "" if closed is CloseReason.OTHER else rules.reply(closed)
    return rules.reply(why) if kind in (NoticeKind.HIDDEN, NoticeKind.REJECTED) else ""


async def with_originals(
    tx: Transaction, found: list[NoticeCard], channels: Collection[int]
) -> list[NoticeCard]:
    """Notices; those of duplicates with their original, if it stands in one of these channels."""
    named = {
        closing.original_id
        for notice in found
        if notice.kind is NoticeKind.CLOSED
        and (closing := notice.post.closing) is not None
        and closing.original_id is not None
    }
    if not named:
        return found
    lines = await cards.lines(tx, found[0].post.guild_id, sorted(named))
    known = {line.post_id: line for line in lines if line.home_id in channels}
    return [_with_original(notice, known) for notice in found]


def _with_original(notice: NoticeCard, known: Mapping[int, QuestionLine]) -> NoticeCard:
    closing = notice.post.closing
    if notice.kind is not NoticeKind.CLOSED or closing is None:
        return notice
    original = known.get(closing.original_id or 0)
    return replace(notice, post=replace(notice.post, closing=replace(closing, original=original)))


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


def _what(number: int) -> ColumnElement[int]:
    return literal_column(str(number), Integer)


@known_by_place
def _news() -> Executable:
    everywhere = _NOT_APPROVED | _ANYWAY
    unread = (
        select(case((everywhere, literal(NOWHERE)), else_=Place.home_id).label("home_id"))
        .select_from(Notice)
        .where(
            Notice.guild_id == bindparam("guild"),
            Notice.user_id == bindparam("reader"),
            Notice.read_at.is_(None),
            Notice.kind.not_in(RECEIPTS),
        )
    )
    latest = _shown(unread).order_by(Notice.id.desc()).limit(2 * NEWS_MAX).subquery()
    blocked = select(null(), _what(_EVERYWHERE)).where(
        BlockRow.guild_id == bindparam("guild"),
        BlockRow.user_id == bindparam("reader"),
        BlockRow.read_at.is_(None),
        or_(BlockRow.until.is_(None), BlockRow.until > bindparam("now", type_=UTCDateTime)),
    )
    answered = select(null(), _what(_EVERYWHERE)).where(
        AppealRow.guild_id == bindparam("guild"),
        AppealRow.author_id == bindparam("reader"),
        AppealRow.decision.is_not(None),
        AppealRow.read_at.is_(None),
    )
    reported = exists().where(ReportCardRow.guild_id == bindparam("guild"), REPORT_WAITS)
    appealed = exists().where(AppealRow.guild_id == bindparam("guild"), APPEAL_WAITS)
    waiting = select(null(), _what(_WAITS)).where(or_(reported, appealed))
    sealed = select(null(), _what(_SEALED)).where(_any_anonymous(bindparam("guild")).exists())
    at_home = select(latest.c.home_id, _what(_AT_HOME))
    return union_all(at_home, blocked, answered, waiting, sealed)


async def news(
    tx: Transaction, guild_id: int, user_id: int, now: datetime
) -> tuple[list[int | None], bool, bool]:
    """The channels of the posts that a member's newest unread notices are about, for each notice;
    `NOWHERE` for what can be read everywhere: a block of theirs that they haven't read of is one,
    and so is the outcome of an appeal. Whether a report or an appeal waits for any moderator, and
    whether anybody has written anonymously in the server.

    Every private reply asks this, so it is one statement, which reads unread rows alone; receipts,
    which their own reply is about to tell, don't count.
    """
    rows = await tx.rows(_news(), {"guild": guild_id, "reader": user_id, "now": now})
    homes = [home if what == _AT_HOME else NOWHERE for home, what in rows if what < _WAITS]
    said = {what for _, what in rows}
    return homes, _WAITS in said, _SEALED in said


async def news_of_numbers(
    tx: Transaction,
    guild_id: int,
    numbers: Collection[int],
    channels: Collection[int],
    since: datetime,
) -> tuple[list[tuple[int, int]], list[int]]:
    """What may be new for anonymous authors: their notices about posts in these channels, with the
    votes that these tell of, and their appeals that were decided since a time."""
    query = (
        select(Notice.id, Notice.votes)
        .select_from(Notice)
        .where(
            Notice.guild_id == guild_id,
            Notice.user_id.in_(numbers),
            Notice.kind.not_in(RECEIPTS),
        )
    )
    told = _shown(query).where(or_(Place.home_id.in_(channels), _NOT_APPROVED, _ANYWAY))
    notices = await tx.rows(told.order_by(Notice.id.desc()).limit(_OF_NUMBERS))
    answered = await tx.rows(
        select(AppealRow.id).where(
            AppealRow.guild_id == guild_id,
            AppealRow.author_id.in_(numbers),
            AppealRow.decided_at >= since,
        )
    )
    return [(row[0], row[1]) for row in notices], [row[0] for row in answered]
