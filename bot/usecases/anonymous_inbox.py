"""Inboxes of members who have also written anonymously: both are read as one.

The notices of their anonymous posts are rows under a number, and never change with what they do:
what they have read of them is in a box, which everybody who opens an inbox rewrites where anybody
has written anonymously. No statement has a member's id and a number. See decision 38.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.domain.appeals import TOLD_FOR, OwnAppeal
from bot.domain.blocks import BlockNotice
from bot.domain.inbox_marks import Marks
from bot.domain.notices import NoticeCard
from bot.domain.rules import Rules
from bot.domain.sealed import Seal
from data import held, inbox_marks, inboxes, own_appeals, personas, readers
from data.database import Transaction, reading
from data.inboxes import NEWS_MAX, Latest, NoticeRow
from data.paging import Page


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose inbox is read, in which channels they can read. `seal` is what their anonymous posts
    are found by; None without a key."""

    guild_id: int
    user_id: int
    channels: Collection[int]
    seal: Seal | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Theirs:
    """What there is of somebody's anonymous posts: their numbers in the server, the notices, and
    what they have read of them. `waiting` tells whether any post of the server waits to appear."""

    seal: Seal = field(repr=False)
    numbers: frozenset[int]
    marks: Marks
    notices: tuple[NoticeRow, ...] = ()
    waiting: bool = False

    @property
    def there(self) -> frozenset[int]:
        """All notices."""
        return frozenset(row.id for row in self.notices)

    @property
    def unread(self) -> list[NoticeRow]:
        """The notices that they haven't read."""
        return [row for row in self.notices if not self.marks.has_read(row.id, row.votes)]

    def shown(self, notice: NoticeCard) -> NoticeCard:
        """A notice of theirs, as they have read it."""
        read = self.marks.has_read(notice.notice_id, notice.votes)
        votes = self.marks.new_votes(notice.notice_id, notice.votes)
        return replace(notice, read=read, votes=votes)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of an inbox, the latest first, and how much of all is unread. `theirs` is None where
    nobody has written anonymously, or there is no key."""

    notices: list[NoticeCard]
    unread: int
    block: BlockNotice | None = None
    theirs: Theirs | None = None


async def read(
    tx: Transaction, reader: Reader, rules: Rules, page: Page, *, only_unread: bool = False
) -> Found:
    """A page of somebody's inbox, or of what they haven't read."""
    own = await _own(tx, reader, rules, page, only_unread=only_unread)
    theirs = None
    if own.anonymous and reader.seal is not None:
        theirs = await _theirs(tx, reader, reader.seal)
        theirs = replace(theirs, waiting=own.waiting)
    if theirs is None or not theirs.notices:
        return Found(own.notices, own.unread, own.block, theirs)
    rows = theirs.unread if only_unread else list(theirs.notices)
    if page.offset:
        first = Page(page.limit + page.offset)
        own = await _own(tx, reader, rules, first, only_unread=only_unread)
    notices = await _merged(tx, reader, rules, own.notices, rows, page)
    told = [theirs.shown(n) if n.notice_id in theirs.there else n for n in notices]
    return Found(told, own.unread + len(theirs.unread), own.block, theirs)


async def _own(
    tx: Transaction, reader: Reader, rules: Rules, page: Page, *, only_unread: bool
) -> Latest:
    by_name = readers.Reader(reader.guild_id, reader.user_id, reader.channels)
    return await inboxes.inbox(tx, by_name, rules, page, only_unread=only_unread)


async def _theirs(tx: Transaction, reader: Reader, seal: Seal) -> Theirs:
    numbers = await personas.numbers_of(tx, reader.guild_id, seal)
    marks = await inbox_marks.read(tx, reader.guild_id, seal)
    rows: list[NoticeRow] = []
    if numbers:
        rows = await inboxes.of_numbers(tx, reader.guild_id, numbers, reader.channels)
    return Theirs(seal, numbers, marks, tuple(rows))


async def _merged(
    tx: Transaction,
    reader: Reader,
    rules: Rules,
    own: Iterable[NoticeCard],
    rows: Iterable[NoticeRow],
    page: Page,
) -> list[NoticeCard]:
    """A page of both, the latest first. Only what is on it is read with its posts."""
    known = {(each.at, each.notice_id): each for each in own}
    sealed = {(row.created_at, row.id): row for row in rows}
    order = sorted([*known, *sealed], reverse=True)[page.offset :][: page.limit]
    wanted = [sealed[key] for key in order if key in sealed]
    cards = await inboxes.cards_of(tx, reader.guild_id, wanted, rules)
    known |= {(each.at, each.notice_id): each for each in cards}
    return [known[key] for key in order if key in known]


async def appeals(
    tx: Transaction, guild_id: int, theirs: Theirs | None, now: datetime
) -> list[OwnAppeal]:
    """What came of somebody's anonymous appeals, for a week after the decision."""
    if theirs is None or not theirs.numbers:
        return []
    found = await own_appeals.of_numbers(tx, guild_id, theirs.numbers, now - TOLD_FOR)
    return [replace(each, read=each.appeal_id in theirs.marks.appeals) for each in found]


async def waiting(
    tx: Transaction, guild_id: int, theirs: Theirs | None, channels: Collection[int]
) -> list[int]:
    """Somebody's anonymous posts that wait for approval."""
    if theirs is None or not theirs.numbers:
        return []
    return await held.held_by(tx, guild_id, theirs.numbers, channels)


async def note_read(
    tx: Transaction,
    guild_id: int,
    theirs: Theirs,
    shown: Collection[NoticeCard],
    told: Collection[OwnAppeal],
) -> None:
    """Rewrite the box of whoever has opened an inbox, whether or not there is anything of theirs.
    The server's row is locked."""
    votes = {row.id: int(row.votes) for row in theirs.notices}
    notices = {n.notice_id: votes[n.notice_id] for n in shown if n.notice_id in votes}
    answered = [each.appeal_id for each in told if each.outcome is not None]
    marks = await inbox_marks.read(tx, guild_id, theirs.seal)
    marks = marks.with_read(notices, answered, theirs.there)
    await inbox_marks.write(tx, guild_id, theirs.seal, marks)


@reading
async def unread(
    tx: Transaction, guild_id: int, seal: Seal, channels: Collection[int], now: datetime
) -> int:
    """How much is unread of what somebody's anonymous posts brought them, at most `NEWS_MAX`: for
    the bell, so only those are looked at who may have been told something lately."""
    numbers = await personas.told_of(tx, guild_id, seal)
    if not numbers:
        return 0
    marks = await inbox_marks.read(tx, guild_id, seal)
    since = now - TOLD_FOR
    notices, answered = await inboxes.news_of_numbers(tx, guild_id, numbers, channels, since)
    new = sum(not marks.has_read(notice_id, votes) for notice_id, votes in notices)
    return min(NEWS_MAX, new + sum(each not in marks.appeals for each in answered))


async def silence(tx: Transaction, guild_id: int, seal: Seal, up_to: int) -> None:
    """Send somebody no more messages about anonymous posts of theirs up to a row. The server's row
    is locked."""
    marks = await inbox_marks.read(tx, guild_id, seal)
    await inbox_marks.write(tx, guild_id, seal, replace(marks, silent=max(marks.silent, up_to)))
