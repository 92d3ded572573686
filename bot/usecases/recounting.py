"""Recounting: recomputing every cached figure from posts and votes, in batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.outbox import Cause
from bot.domain.reputation import Entry
from bot.domain.rules import Rules
from bot.usecases import noting
from data import (
    counting,
    guilds,
    ledger,
    members,
    names,
    personas,
    refreshes,
    search_index,
    written_words,
)
from data.database import Database, Transaction, writing

PIECE = 25  # posts in one transaction, which takes some tens of milliseconds: others get their turn
MEMBERS = 50  # whose points are compared in one transaction
FIRST: Final = 15  # corrections that are told one by one
INDEXED = 50  # posts re-indexed in one transaction, which takes some ten milliseconds


# Called after each batch with the number of posts checked so far.
Progress = Callable[[int], Awaitable[None]]


class Figure(StrEnum):
    """The kinds of figures that can be wrong."""

    UP_VOTES = "up-votes"
    DOWN_VOTES = "down-votes"
    ANSWERS = "answers"
    COMMENTS = "comments"
    REPLIERS = "people who replied"
    LEDGER = "ledger line"
    POINTS = "points"
    AUTHOR = "anonymous author"


_FIGURES: Final = {
    "up_votes": Figure.UP_VOTES,
    "down_votes": Figure.DOWN_VOTES,
    "answer_count": Figure.ANSWERS,
    "comment_count": Figure.COMMENTS,
    "repliers": Figure.REPLIERS,
}


@dataclass(frozen=True, slots=True)
class Correction:
    """A cached figure that was wrong. `of` is a post's row (then `post` is its number) or, for
    `POINTS`, a member (`name` as last seen). None for a missing ledger line.

    An anonymous author (`AUTHOR`) of `post` whose row is missing is one whom nobody is from now on.
    """

    guild_id: int
    figure: Figure
    of: int
    stored: int | None
    right: int | None
    post: str = ""
    name: str = ""

    def __str__(self) -> str:
        stored = "missing" if self.stored is None else self.stored
        right = "gone" if self.right is None else self.right
        whose = self.post or f"member {self.of}"
        return f"server {self.guild_id}: {self.figure} of {whose}: {stored} → {right}"


@dataclass(frozen=True, slots=True)
class Recounted:
    """How many figures a recount corrected, and the first ones of them."""

    number: int
    first: Sequence[Correction]

    @classmethod
    async def of(cls, found: AsyncIterator[Correction]) -> Recounted:
        """Corrections as they come, of which there may be more than memory should hold."""
        number, first = 0, list[Correction]()
        async for each in found:
            number += 1
            if number <= FIRST:
                first.append(each)
        return cls(number, first)


async def recount(
    db: Database,
    guild_id: int | None = None,
    *,
    apply: bool = True,
    now: datetime,
    progress: Progress | None = None,
    by: Actor | None = None,
) -> list[Correction]:
    """As `corrections`, all of them at once: for whom there can't be too many."""
    found = corrections(db, guild_id, apply=apply, now=now, progress=progress, by=by)
    return [each async for each in found]


async def corrections(
    db: Database,
    guild_id: int | None = None,
    *,
    apply: bool = True,
    now: datetime,
    progress: Progress | None = None,
    by: Actor | None = None,
) -> AsyncGenerator[Correction]:
    """Recompute scores, answer counts, ledger and points of one server, or (None) of all. The audit
    log keeps that a manager (`by`) did, if anything was wrong.

    Consistent data isn't changed and gives nothing; with `apply` False nothing is changed at all.
    Works in batches of 25 posts, so that a forum of any size keeps working meanwhile.
    """
    async with db.read() as tx:
        known = await guilds.known_guilds(tx)
    for each in known:
        if guild_id is None or each == guild_id:
            async for found in _recount_guild(db, _Recount(each, apply, now, by), progress):
                yield found


async def finish_recounts(db: Database, *, now: datetime) -> int:
    """Recount the servers whose weights were changed by a process that ended before the recount was
    complete; returns how many."""
    async with db.read() as tx:
        due = await guilds.recounts_due(tx)
    for guild_id in due:
        async for _ in corrections(db, guild_id, now=now):
            pass
    return len(due)


async def finish_indexing(db: Database, *, now: datetime) -> int:
    """Re-index the posts of the servers for which an upgrade or a change of language requested it;
    returns how many posts.

    Works in small batches that record their progress: others wait only for milliseconds, and after
    a restart, or beside another process, it continues where it was.
    """
    async with db.read() as tx:
        due = await guilds.indexing_due(tx)
    indexed = 0
    for guild_id in due:
        while found := await _index_some(db, guild_id, now):
            indexed += found
    return indexed


@writing
async def _index_some(tx: Transaction, guild_id: int, now: datetime) -> int:
    rules = await guilds.lock_rules(tx, guild_id, now)
    after = rules.text("reindex_after")
    if not after:
        return 0
    ids = await counting.post_ids(tx, guild_id, int(after), INDEXED)
    await search_index.index_posts(tx, guild_id, ids, compare=True)
    reached: dict[str, str | None] = {"reindex_after": None, "reindex_from": None}
    if len(ids) == INDEXED:
        reached = {"reindex_after": str(ids[-1])}
    await guilds.save_settings(tx, guild_id, reached)
    return len(ids)


async def finish_counting_words(db: Database) -> int:
    """Count the words as written of all posts that are new or changed, or that an upgrade wants
    counted; returns how many posts. Like `finish_indexing`, in small batches."""
    async with db.read() as tx:
        due = await written_words.servers_due(tx)
    counted = 0
    for guild_id in due:
        while found := await count_words(db, guild_id):
            counted += found
    return counted


@writing
async def count_words(tx: Transaction, guild_id: int) -> int:
    """Count the words of some posts of a server that are due; returns how many posts."""
    if await guilds.lock_known(tx, guild_id) is None:
        return 0
    return await written_words.count_some(tx, guild_id, INDEXED)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A batch of posts checked in one transaction, and what is wrong: counts, ledger lines to
    delete (`stale`) or to add (`fresh`), and how they change members' points. `numbers` are the
    posts' numbers as people see them, `due` tells with which weights they were counted."""

    due: str
    post_ids: list[int]
    wrong: list[counting.WrongCount]
    stale: list[Entry]
    fresh: list[Entry]
    numbers: dict[int, str]
    moved: Counter[int]


@dataclass(frozen=True, slots=True)
class _Recount:
    """A recount of a server: whether it corrects what is wrong, when, and which manager wants
    it."""

    guild_id: int
    apply: bool
    now: datetime
    by: Actor | None


async def _recount_guild(
    db: Database, this: _Recount, progress: Progress | None
) -> AsyncIterator[Correction]:
    after = looked_at = wrong = 0
    due: str | None = None  # the weights that all batches were counted with
    moved: Counter[int] = Counter()  # changes of members' points by corrections of their ledger
    while True:
        piece = await _recount_piece(db, this, after)
        due = piece.due if due is None else due
        moved.update(piece.moved)
        for correction in _corrections(this.guild_id, piece):
            wrong += 1
            yield correction
        looked_at += len(piece.post_ids)
        if progress is not None:
            await progress(looked_at)
        if len(piece.post_ids) < PIECE:
            break
        after = piece.post_ids[-1]
    async for correction in _recount_points(db, this, moved):
        wrong += 1
        yield correction
    for correction in await _authors(db, this):
        wrong += 1
        yield correction
    if this.apply:
        await _end(db, this, due, wrong)


async def _recount_piece(db: Database, this: _Recount, after: int) -> _Piece:
    """The next batch of a server's posts, and what is wrong in it, or was."""

    async def correct(tx: Transaction) -> _Piece:
        rules = await guilds.lock_rules(tx, this.guild_id, this.now)
        piece = await _compare(tx, this.guild_id, after, rules)
        await _correct(tx, this.guild_id, piece, this.now)
        return piece

    async def look(tx: Transaction) -> _Piece:
        rules = await guilds.read_rules(tx, this.guild_id)
        return await _compare(tx, this.guild_id, after, rules)

    return await (db.in_write(correct) if this.apply else db.in_read(look))


async def _compare(tx: Transaction, guild_id: int, after: int, rules: Rules) -> _Piece:
    ids = await counting.post_ids(tx, guild_id, after, PIECE)
    wrong = await counting.wrong_counts(tx, guild_id, ids) if ids else []
    stale, fresh = await ledger.wrong_entries(tx, guild_id, ids, rules)
    found = {c.post_id for c in wrong} | {e.post_id for e in (*stale, *fresh)}
    numbers = await counting.numbers(tx, guild_id, found) if found else {}
    moved: Counter[int] = Counter()
    for entry in fresh:
        moved[entry.user_id] += entry.points
    for entry in stale:
        moved[entry.user_id] -= entry.points
    return _Piece(rules.text("recount_due"), ids, wrong, stale, fresh, numbers, moved)


async def _correct(tx: Transaction, guild_id: int, piece: _Piece, now: datetime) -> None:
    """Correct what is wrong in a batch, and re-index its posts."""
    if piece.post_ids:
        await search_index.index_posts(tx, guild_id, piece.post_ids, compare=True)
    if piece.wrong or piece.stale or piece.fresh:
        await counting.write_counts(tx, piece.wrong)
        await ledger.replace(tx, guild_id, [ledger.key(e) for e in piece.stale], piece.fresh)
        await members.add_points(tx, guild_id, piece.moved)
        touched = sorted({count.post_id for count in piece.wrong})
        await refreshes.follow_posts(tx, guild_id, touched, now)


def _corrections(guild_id: int, piece: _Piece) -> Iterator[Correction]:
    for count in piece.wrong:
        figure, post = _FIGURES[count.column], piece.numbers[count.post_id]
        yield Correction(guild_id, figure, count.post_id, count.stored, count.right, post)
    for entry in piece.stale:
        post = piece.numbers[entry.post_id]
        yield Correction(guild_id, Figure.LEDGER, entry.post_id, entry.points, None, post)
    for entry in piece.fresh:
        post = piece.numbers[entry.post_id]
        yield Correction(guild_id, Figure.LEDGER, entry.post_id, None, entry.points, post)


async def _recount_points(
    db: Database, this: _Recount, moved: Counter[int]
) -> AsyncIterator[Correction]:
    """Compare members' points with their ledger after all batches, whose corrections `moved` them.

    All members are compared in a transaction that holds up nobody who writes. It names those whose
    points seem wrong, and they alone are looked at again, some at once.
    """
    suspects = await db.in_read(lambda tx: counting.wrong_points(tx, this.guild_id))
    ids = sorted(user_id for user_id, *_ in suspects)
    for start in range(0, len(ids), MEMBERS):
        for correction in await _points_of(db, this, moved, ids[start : start + MEMBERS]):
            yield correction


async def _points_of(
    db: Database, this: _Recount, moved: Counter[int], user_ids: list[int]
) -> list[Correction]:
    """Compare some members' points, and correct them."""

    async def look(tx: Transaction) -> list[Correction]:
        wrong = await counting.wrong_points(tx, this.guild_id, user_ids)
        known_as = await names.names_of(tx, this.guild_id, [user for user, *_ in wrong])
        if this.apply:
            right = {user: points for user, _stored, points in wrong}
            await members.set_points(tx, this.guild_id, right)
        found: list[Correction] = []
        for user_id, stored, points in sorted(wrong):
            # Their points before and after the correction of the ledger.
            before = stored - moved[user_id] if this.apply else stored
            after = points if this.apply else points + moved[user_id]
            if before != after:
                name, figure = known_as.get(user_id, ""), Figure.POINTS
                found.append(Correction(this.guild_id, figure, user_id, before, after, name=name))
        return found

    async def correct(tx: Transaction) -> list[Correction]:
        await guilds.lock_rules(tx, this.guild_id, this.now)
        return await look(tx)

    return await (db.in_write(correct) if this.apply else db.in_read(look))


async def _authors(db: Database, this: _Recount) -> list[Correction]:
    """Anonymous authors without a row. An import writes one for each, so none is missing unless
    something is damaged."""

    async def correct(tx: Transaction) -> list[tuple[int, int, bool, str]]:
        await guilds.lock_rules(tx, this.guild_id, this.now)
        return await personas.add_unknown(tx, this.guild_id)

    found = await db.in_read(lambda tx: personas.unknown(tx, this.guild_id))
    if found and this.apply:
        found = await db.in_write(correct)
    return [
        Correction(
            this.guild_id, Figure.AUTHOR, number, None, number, post=f"#{question}", name=name
        )
        for number, question, _, name in found
    ]


@writing
async def _end(tx: Transaction, this: _Recount, due: str, corrected: int) -> None:
    """All was counted with the weights that were `due`; so many figures were corrected."""
    rules = await guilds.lock_rules(tx, this.guild_id, this.now)
    if due and rules.text("recount_due") == due:
        await guilds.save_settings(tx, this.guild_id, {"recount_due": None})
        await refreshes.start(tx, this.guild_id, Cause.POSTS, "", this.now)
    if this.by is not None and corrected:
        change = noting.Change({}, {"corrections": str(corrected)})
        await noting.on_server(tx, this.by, AuditKind.RECOUNT, change, this.now)
