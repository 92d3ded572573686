"""Publishing: what delivery reads from the outbox, and what it records of Discord."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO

from bot.domain.cards import Category, Part, Place, PostCard
from bot.domain.files import AttachedFile
from bot.domain.outbox import (
    LONGEST_PAUSE,
    Cause,
    Done,
    Failed,
    GivenUp,
    Job,
    Later,
    Outcome,
    Priority,
)
from bot.domain.posts import PostKind
from bot.domain.rules import Rules
from bot.usecases import alerting
from bot.usecases.seeing import home_at, home_in
from data import (
    appeals,
    attachments,
    cards,
    continuations,
    failures,
    guilds,
    links,
    outbox,
    places,
    refreshes,
    report_cards,
)
from data.attachments import WaitingFile
from data.database import Database, Transaction, reading, writing
from data.failures import Failure

Guilds = frozenset[int] | None
_LOOKED_THROUGH = 50  # refusals, for those that a reader may know of


@dataclass(frozen=True, slots=True)
class CardToShow:
    """A post to be brought up to date in Discord. `question` is the card of its question."""

    card: PostCard
    question: PostCard
    rules: Rules
    forum_tags: frozenset[int]
    """The forum tags that stand for categories and states: set and taken away by us alone."""
    parts: tuple[Part, ...] = ()
    """The messages that carry the text on, as they were recorded."""
    parent: PostCard | None = None
    """What a comment is about, where that is an answer."""
    waiting: bool = False
    """Whether files wait here to be sent."""
    category: Category | None = None
    """The question's category."""

    @property
    def home_id(self) -> int | None:
        """The channel that new questions like this one are posted in."""
        return home_in(self.category, self.rules)


@reading
async def due_jobs(tx: Transaction, now: datetime, limit: int, served: Guilds = None) -> list[Job]:
    """Jobs to do now, the most urgent first, of the servers this process serves."""
    return await outbox.due(tx, now, limit, served)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What there is to do now (`due_jobs`), when more is due, and the servers that `refresh_more`
    has work in."""

    jobs: list[Job]
    due: datetime | None
    unfinished: list[int]


@reading
async def look_out(tx: Transaction, now: datetime, limit: int, served: Guilds = None) -> Outlook:
    """All that delivery decides by, in one look: it looks each time that a job is done."""
    found = await outbox.look(tx, now, limit, served)
    unfinished = await refreshes.with_room(tx, served) if found.refreshing else []
    return Outlook(found.jobs, found.next_due, unfinished)


async def readers_changed(db: Database, guild_id: int, now: datetime) -> bool:
    """Have the cards follow that name a question of another channel, or quote a reported post or an
    appeal: who may read which channels may be different now. False where there are none."""
    async with db.read() as tx:
        naming = bool(await links.duplicates(tx, guild_id, None, 1))
        quoting = await report_cards.any_waiting(tx, guild_id)
        quoting = quoting or await appeals.any_waiting(tx, guild_id)
    if not naming and not quoting:
        return False
    async with db.write() as tx:
        if await guilds.lock_known(tx, guild_id) is None:
            return False
        if naming:
            await refreshes.follow_readers(tx, guild_id, now)
        if quoting:
            await refreshes.start(tx, guild_id, Cause.REPORTS, "", now)
    return True


async def refresh_more(db: Database, guild_ids: list[int], now: datetime) -> int:
    """Ask for more cards to follow what many of them show, in servers where those asked for before
    are nearly done; returns for how many."""
    begun = 0
    for guild_id in guild_ids:
        async with db.write() as tx:
            await guilds.lock_rules(tx, guild_id, now)
            begun += await refreshes.go_on(tx, guild_id, now)
    return begun


async def card_to_show(db: Database, job: Job) -> CardToShow | None:
    """What a card job is about, as the facts are now; None where the post is gone."""
    return await card_as_it_is(db, job.guild_id, job.key)


@reading
async def card_as_it_is(tx: Transaction, guild_id: int, post_id: int) -> CardToShow | None:
    """A post to be brought up to date in Discord; None where it is gone."""
    rules = await guilds.read_rules(tx, guild_id)
    whole = await cards.load_whole(tx, guild_id, post_id, rules)
    if whole is None:
        return None
    question = card = whole.card
    if card.kind is not PostKind.QUESTION:
        found = await cards.load_card(tx, guild_id, card.question_id, rules)
        if found is None:
            return None
        question = found
    elif whole.has_links:
        card = question = await cards.with_closing(tx, card)
    known = {c.category_id: c for c in await guilds.categories(tx, guild_id)}
    tags = {c.forum_tag_id for c in known.values()}.union(rules.solved_tags)
    stored = await attachments.files_of(tx, card.post_id) if whole.has_files else []
    held = files_shown(card.place)
    card = replace(
        card,
        files=tuple(
            AttachedFile(f.name, f.content_type, f.size, f.kept or f.name in held) for f in stored
        ),
    )
    parent = None
    if card.kind is PostKind.COMMENT and card.parent_id != card.question_id:
        parent = await cards.load_card(tx, guild_id, card.parent_id or 0, rules)
    return CardToShow(
        card,
        question,
        rules,
        frozenset(t for t in tags if t),
        tuple(await continuations.parts_of(tx, card.post_id) if whole.has_parts else ()),
        parent,
        any(f.kept for f in stored),
        known.get(question.category_id or 0),
    )


def files_shown(place: Place) -> list[str]:
    """The names of the files that a post's message in Discord is known to hold."""
    marks: dict[str, str] = json.loads(place.shown or "{}")
    return [name for name in marks.get("files", "").split("/") if name]


@reading
async def waiting_files(tx: Transaction, post_id: int) -> list[WaitingFile]:
    """The files of a post that wait to be sent."""
    return await attachments.waiting_files(tx, post_id)


@reading
async def copy_file(tx: Transaction, post_id: int, file: WaitingFile, to: BinaryIO) -> None:
    """Write what a waiting file holds, piece by piece."""
    number = 0
    while (piece := await attachments.piece_of(tx, post_id, file, number)) is not None:
        to.write(piece)
        number += 1


@writing
async def files_sent(tx: Transaction, guild_id: int, post_id: int, now: datetime) -> None:
    """No longer keep what a post's files hold: Discord does."""
    await guilds.lock_rules(tx, guild_id, now)
    await attachments.drop_contents(tx, post_id)


@reading
async def has_room(tx: Transaction, guild_id: int, size: int, most: int) -> bool:
    """Whether a server's files that wait here stay within `most` bytes with one more of a size."""
    return await attachments.bytes_waiting(tx, guild_id) + size <= most


@writing
async def take_file_back(
    tx: Transaction, card: PostCard, name: str, content: Iterable[bytes], now: datetime
) -> None:
    """Keep a file of a post again, before its message in Discord goes."""
    await guilds.lock_rules(tx, card.guild_id, now)
    await attachments.take_back(tx, card.post_id, name, content)


@writing
async def record_part(tx: Transaction, guild_id: int, post_id: int, part: Part) -> None:
    """Record a message that carries on a post, and what it shows."""
    await continuations.record_part(tx, guild_id, post_id, part)


@writing
async def let_part_go(tx: Transaction, post_id: int, position: int) -> None:
    """Record that a message that carries on a post is about to be deleted by the bot."""
    await continuations.let_go(tx, post_id, position)


@writing
async def forget_parts(tx: Transaction, post_id: int, first: int = 1) -> None:
    """Record that a post's text is not carried on from a position."""
    await continuations.forget_parts(tx, post_id, first)


@writing
async def record_shown(
    tx: Transaction,
    guild_id: int,
    post_id: int,
    *,
    marks: Mapping[str, str] | None = None,
    moved_at: datetime | None = None,
    **place: Any,
) -> None:
    """Record where a post is shown, or what; absent values and marks stay as they are.

    With `moved_at`, when it came to stand where it did not before, the cards that lead to it
    follow.

    Marks are merged with those of now, not with those the caller once read: reconciling may have
    taken one away meanwhile, to have something shown again.
    """
    await guilds.lock_server(tx, guild_id)
    if marks:
        known: dict[str, str] = json.loads(await places.lock_shown(tx, post_id) or "{}")
        place["shown"] = json.dumps(known | dict(marks), sort_keys=True)
    await places.record_place(tx, guild_id, post_id, **place)
    if moved_at is not None:
        await refreshes.follow_links(tx, guild_id, post_id, Priority.REFRESH, moved_at)


@writing
async def forget_place(tx: Transaction, guild_id: int, post_id: int, shown: str = "") -> None:
    """Record that a post is shown nowhere; `shown` is what is to be remembered of its card."""
    nowhere = {"channel_id": None, "message_id": None, "thread_id": None}
    await guilds.lock_server(tx, guild_id)
    place: dict[str, Any] = {**nowhere, "pinned": False, "shown": shown}
    await places.record_place(tx, guild_id, post_id, **place)
    await continuations.forget_parts(tx, post_id)


@reading
async def known_threads(
    tx: Transaction, guild_id: int, thread_ids: Collection[int]
) -> frozenset[int]:
    """Those of some threads that are recorded as questions' already."""
    return await places.known_threads(tx, guild_id, thread_ids)


@writing
async def clock_set_back(tx: Transaction, now: datetime, *, seen: bool) -> int:
    """Have cards shown now that were put off before the clock was set back: all that wait where
    that was `seen`, else those that wait longer than any pause lasts. Returns how many."""
    await guilds.lock_many(tx, await guilds.known_guilds(tx))
    return await outbox.pull_in(tx, now, now if seen else now + LONGEST_PAUSE)


@writing
async def settle(tx: Transaction, job: Job, outcome: Outcome) -> None:
    """Record how a job went. One that is done leaves the outbox, unless it was asked for again
    meanwhile."""
    match outcome:
        case Done():
            await outbox.finish(tx, job)
            if job.attempts:  # it may be one of those that moderators were told of
                await alerting.follow_refusals(tx, job)
        case Later(until):
            await outbox.postpone(tx, job, until)
        case Failed():
            await outbox.fail(tx, job, outcome)
        case GivenUp(error):
            await outbox.give_up(tx, job, error)
            await alerting.follow_refusals(tx, job)


@writing
async def home_gone(tx: Transaction, guild_id: int, home_id: int, now: datetime) -> int:
    """Give up, with the reason, all that waits for a channel which was deleted; returns how many
    jobs. Its questions stay as they are."""
    if await guilds.lock_known(tx, guild_id) is None:
        return 0
    given_up = await outbox.home_gone(tx, guild_id, home_id)
    if given_up:
        await alerting.enqueue(tx, guild_id, Priority.REFRESH, now)
    return given_up


@reading
async def failures_of(
    tx: Transaction, guild_id: int | None = None, limit: int = 20, *, closed: Collection[int] = ()
) -> list[Failure]:
    """What was given up, or failed and is tried again, in one server or (None) in all. Of posts,
    only those that stand, or would stand, in none of the channels that are `closed` to the
    reader: as many as are looked through."""
    if not closed:
        return await failures.failures(tx, guild_id, limit)
    found: list[Failure] = []
    for failure in await failures.failures(tx, guild_id, _LOOKED_THROUGH):
        home = await home_at(tx, failure.guild_id, failure.key) if failure.number else None
        if home is None or home.channel_id not in closed:
            found.append(failure)
    return found[:limit]


@writing
async def retry_failures(tx: Transaction, guild_id: int, now: datetime) -> int:
    """Have everything that failed or was given up in a server tried now; returns how many."""
    await guilds.lock_server(tx, guild_id)
    return await failures.retry_failed(tx, guild_id, now)


@writing
async def hasten(tx: Transaction, guild_id: int, now: datetime, limit: int) -> int:
    """Have what failed in a server, and is tried again later, tried now: at most `limit` jobs, so
    that a server full of them does not ask Discord for all at once. Returns how many."""
    await guilds.lock_server(tx, guild_id)
    return await failures.hasten(tx, guild_id, now, limit)


@reading
async def guilds_with_failures(tx: Transaction) -> list[int]:
    """The servers in which something failed and is tried again later."""
    return await failures.guilds_with_failures(tx)
