"""The review queue: everything that waits for a moderator, one item a page, and who is looking at
it. The first decision counts, whoever looks."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.actors import Actor
from bot.domain.appeals import Appeal
from bot.domain.audit import REVIEWS
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.notices import Act
from bot.domain.outbox import Job, JobKind, Priority
from bot.domain.policies import check_moderator
from bot.domain.review import (
    CLAIMED_FOR,
    THE_SERVER,
    WAITED,
    Age,
    Claim,
    Item,
    ItemKind,
    ReportReason,
    ReviewItem,
)
from bot.domain.rules import Rules
from bot.domain.unsealing import UnsealRequest
from bot.usecases import appealing, reporting, unsealing
from bot.usecases.duty import on_duty
from bot.usecases.flagging import held_for, with_words
from bot.usecases.reporting import Queue
from data import appeals, audit, claims, flags, guilds, names, outbox, receipts, report_cards
from data import unsealing as unsealings
from data.database import Database, Transaction, reading, writing
from data.flags import WaitingPost

_WEEK: Final = timedelta(days=7)
_OF_REPORTS: Final = {
    Queue.WORRIES: ReportReason.WORRIED,
    Queue.WORDS: ReportReason.WORDS,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which items of the queue somebody wants to see."""

    queue: Queue = Queue.ALL
    age: Age = Age.ANY


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of the queue, from 0: a post, an appeal or a request to unseal, who is looking at it,
    and whether the reader has passed it on."""

    page: int
    pages: int
    post: ReviewItem | None = None
    appeal: Appeal | None = None
    request: UnsealRequest | None = None
    claim: Claim | None = None
    passed: bool = False

    @property
    def item(self) -> Item:
        """What it is."""
        if self.appeal is not None:
            return Item(ItemKind.APPEAL, self.appeal.appeal_id)
        if self.request is not None:
            return Item(ItemKind.UNSEAL, self.request.post_id)
        return Item(ItemKind.POST, self.post.card.post_id if self.post is not None else 0)


@dataclass(frozen=True, slots=True)
class _Waits:
    item: Item
    since: datetime
    urgent: bool = False


@reading
async def decided(tx: Transaction, actor: Actor, now: datetime) -> tuple[int, int]:
    """How many decisions the server's moderators took in the last seven days, and how many of them
    the actor did. Raises `Denied(NOT_MODERATOR)`."""
    check_moderator(actor)
    return await audit.reviews_since(tx, actor.guild_id, now - _WEEK, REVIEWS, actor.user_id)


@reading
async def review(
    tx: Transaction,
    actor: Actor,
    wanted: Wanted,
    *,
    closed: Collection[int] = (),
    page: int = 0,
    now: datetime,
) -> QueuePage | None:
    """A page of the queue: the last one if there is no such page, None if nothing waits. Worries
    come first, then the longest waiting; last what the actor has passed on. Posts in channels that
    are `closed` to them are left out. Raises `Denied(NOT_MODERATOR)`."""
    check_moderator(actor)
    guild_id = actor.guild_id
    found = await _waiting(tx, guild_id, wanted, closed, now)
    if not found:
        return None
    taken, passed = await claims.of_server(tx, guild_id, now - CLAIMED_FOR)

    def is_passed(item: Item) -> bool:
        return actor.user_id in passed.get(item, ())

    if wanted.queue is not Queue.HIDDEN:
        found.sort(key=lambda each: (is_passed(each.item), not each.urgent, each.since))
    page = min(max(page, 0), len(found) - 1)
    item = found[page].item
    at, claim, left = (page, len(found)), taken.get(item), is_passed(item)
    if item.kind is ItemKind.APPEAL:
        appeal = await appealing.with_card(tx, guild_id, item.key)
        return QueuePage(*at, appeal=appeal, claim=claim, passed=left)
    if item.kind is ItemKind.UNSEAL:
        request = await unsealing.with_card(tx, guild_id, item.key)
        return QueuePage(*at, request=request, claim=claim, passed=left)
    rules = await guilds.read_rules(tx, guild_id)
    card = await reporting.kept(tx, guild_id, item.key, rules)
    reports = with_words(await flags.flags_of(tx, card.post_id), card, rules)
    post = ReviewItem(card, tuple(reports), *at, held_for(card, rules))
    return QueuePage(*at, post=post, claim=claim, passed=left)


async def _waiting(
    tx: Transaction, guild_id: int, wanted: Wanted, closed: Collection[int], now: datetime
) -> list[_Waits]:
    queue, found = wanted.queue, list[_Waits]()
    if queue is Queue.HIDDEN:
        hidden = await flags.hidden(tx, guild_id, closed)
        found += [_Waits(Item(ItemKind.POST, post_id), at) for post_id, at in hidden]
    elif queue not in (Queue.APPEALS, Queue.UNSEALING):
        waiting = await flags.waiting(tx, guild_id, closed)
        found += [
            _Waits(Item(ItemKind.POST, each.post_id), each.since, urgent=each.worried)
            for each in waiting
            if _is_wanted(each, queue)
        ]
    if queue in (Queue.ALL, Queue.APPEALS):
        asked = await appeals.waiting_since(tx, guild_id, closed)
        found += [_Waits(Item(ItemKind.APPEAL, key), at) for key, at in asked]
    if queue in (Queue.ALL, Queue.UNSEALING):
        wished = await unsealings.waiting_since(tx, guild_id, closed, now)
        found += [_Waits(Item(ItemKind.UNSEAL, key), at) for key, at in wished]
    least = WAITED.get(wanted.age)
    return found if least is None else [each for each in found if now - each.since >= least]


def _is_wanted(post: WaitingPost, queue: Queue) -> bool:
    match queue:
        case Queue.WORRIES:
            return post.worried
        case Queue.WORDS:
            return post.words
        case Queue.HELD:
            return post.held
        case Queue.REPORTED:
            return not post.held
        case _:
            return True


@writing
async def take(tx: Transaction, actor: Actor, item: Item, *, now: datetime) -> None:
    """Note that the actor is looking at an item. Raises `NotFound`, and `Denied` with
    `NOT_MODERATOR_THERE`, `ALREADY_DECIDED`, and `TAKEN` if somebody else is looking at it."""
    await _check(tx, actor, item, now)
    claim = await claims.claim_of(tx, actor.guild_id, item, now - CLAIMED_FOR)
    if claim is not None and claim.user_id != actor.user_id:
        raise Denied(Denial.TAKEN, by=claim.user_id)
    await claims.take(tx, actor.guild_id, item, actor.user_id, now)
    await _remembered(tx, actor, now)


@writing
async def pass_on(tx: Transaction, actor: Actor, item: Item, *, now: datetime) -> None:
    """Leave an item to others, without a word: nobody is told. Raises like `take`."""
    await _check(tx, actor, item, now)
    await claims.pass_on(tx, actor.guild_id, item, actor.user_id, now)
    await _remembered(tx, actor, now)


async def _remembered(tx: Transaction, actor: Actor, now: datetime) -> None:
    await names.remember(tx, actor.guild_id, actor.user_id, *actor.seen_as)
    await receipts.note(tx, actor, Act.DISMISS, now)


async def _check(tx: Transaction, actor: Actor, item: Item, now: datetime) -> None:
    if not actor.moderates_post:
        raise Denied(Denial.NOT_MODERATOR_THERE)
    await guilds.lock_rules(tx, actor.guild_id, now)
    if item.kind is ItemKind.APPEAL:
        appeal = await appeals.find(tx, actor.guild_id, item.key)
        if appeal is None:
            raise NotFound(Missing.APPEAL)
        if not appeal.waits:
            raise Denied(Denial.ALREADY_DECIDED, verdict=appeal.verdict)
        return
    if item.kind is ItemKind.UNSEAL:
        check_moderator(actor)
        request = await unsealings.find(tx, actor.guild_id, item.key)
        if request is None or not request.waits(now):
            raise Denied(Denial.UNSEALING_OVER)
        return
    known = await report_cards.card_of(tx, actor.guild_id, item.key)
    if known is None:
        raise NotFound(Missing.POST)
    if not known.waiting:
        raise Denied(Denial.ALREADY_DECIDED, verdict=known.verdict)


async def with_old_claims(tx: Transaction, now: datetime) -> list[int]:
    """The servers with claims whose hour is over."""
    return await claims.with_old(tx, now - CLAIMED_FOR)


async def end_claims(db: Database, now: datetime) -> None:
    """End claims whose hour is over. Locks nothing if there are none."""
    for guild_id in await db.in_read(lambda tx: with_old_claims(tx, now)):
        async with db.write() as tx:
            await guilds.lock_rules(tx, guild_id, now)
            await claims.drop_old(tx, guild_id, now - CLAIMED_FOR, now)


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many items have waited for longer than the server wants, and who is to be called: those
    on duty, the longest first."""

    items: int
    on_duty: tuple[int, ...]
    rules: Rules


async def any_overdue(tx: Transaction, guild_id: int, now: datetime) -> bool:
    """Whether something in the queue has waited too long, and nobody was called for it."""
    return bool(await _uncalled(tx, guild_id, None, now))


async def find_overdue(db: Database, guild_id: int, now: datetime) -> int:
    """Call those on duty, or the role for reports, once for each item of the queue that has waited
    too long; returns for how many."""
    if not await db.in_read(lambda tx: any_overdue(tx, guild_id, now)):
        return 0  # as is usual, and a read locks nobody out
    async with db.write() as tx:
        rules = await guilds.lock_rules(tx, guild_id, now)
        found = await _uncalled(tx, guild_id, rules, now)
        if found:
            await claims.note_called(tx, guild_id, found, now)
            await outbox.enqueue(
                tx, guild_id, JobKind.OVERDUE, [guild_id], Priority.WAITED_FOR, now
            )
    return len(found)


async def _uncalled(
    tx: Transaction, guild_id: int, rules: Rules | None, now: datetime
) -> list[Item]:
    """What has waited too long and nobody was called for, if there is anybody to call and a channel
    to call them in."""
    if rules is None:
        rules = await guilds.read_rules(tx, guild_id)
    overdue = await _overdue(tx, guild_id, rules, now)
    if not overdue or rules.identity("moderators_channel") is None:
        return []
    if rules.identity("report_role") is None and not await on_duty(tx, guild_id, rules, now):
        return []
    _, passed = await claims.of_server(tx, guild_id, now)
    return [item for item in overdue if THE_SERVER not in passed.get(item, ())]


async def _overdue(tx: Transaction, guild_id: int, rules: Rules, now: datetime) -> list[Item]:
    hours = rules.number("queue_hours")
    if not hours:
        return []
    before = now - timedelta(hours=hours)
    waiting = await _waiting(tx, guild_id, Wanted(), (), now)
    return [each.item for each in waiting if each.since <= before]


@reading
async def overdue(tx: Transaction, job: Job, now: datetime) -> Overdue | None:
    """What to call moderators for; None if it was decided meanwhile."""
    rules = await guilds.read_rules(tx, job.guild_id)
    found = await _overdue(tx, job.guild_id, rules, now)
    if not found:
        return None
    people = await on_duty(tx, job.guild_id, rules, now)
    return Overdue(len(found), tuple(each.user_id for each in people), rules)
