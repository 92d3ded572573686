"""What stands in a server's moderators' channel, as delivery reads and records it: a card for each
reported post, the way into the queue, and what Discord refused for good.

All of it is desired state, like posts' cards: a job says what may have changed, and delivery
compares the facts with what was recorded as shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.cards import PostCard
from bot.domain.notices import NoticeKind
from bot.domain.outbox import Cause, Job, JobKind, Priority
from bot.domain.posts import PostKind, PostStatus
from bot.domain.review import (
    CLAIMED_FOR,
    Claim,
    Fixture,
    Item,
    ItemKind,
    Report,
    ReportCard,
    ReportReason,
    ShownMessage,
)
from bot.domain.rules import Rules
from bot.usecases.flagging import held_for, with_words
from bot.usecases.seeing import home_at
from data import cards, claims, failures, flags, guilds, outbox, refreshes, report_cards, telling
from data.database import Transaction, reading, writing
from data.failures import Failure

_LISTED = 20  # refusals looked through for the channel


async def enqueue(tx: Transaction, guild_id: int, priority: Priority, now: datetime) -> None:
    """Have the channel's standing messages brought up to date."""
    await outbox.enqueue(tx, guild_id, JobKind.MODERATORS, [guild_id], priority, now)


async def refresh(tx: Transaction, guild_id: int, now: datetime) -> None:
    """Have everything in the channel brought up to date, as after the choice of another one."""
    await refreshes.start(tx, guild_id, Cause.REPORTS, "", now)
    await enqueue(tx, guild_id, Priority.WAITED_FOR, now)


async def follow_refusals(tx: Transaction, job: Job) -> None:
    """Have moderators told that a job was refused for good, or no longer is."""
    rules = await guilds.read_rules(tx, job.guild_id)
    if job.kind is not JobKind.MODERATORS and rules.identity("moderators_channel") is not None:
        await enqueue(tx, job.guild_id, Priority.REFRESH, job.created_at)


@writing
async def look_again(tx: Transaction, guild_id: int, now: datetime) -> None:
    """Have everything in a known server's moderators' channel looked at again: it may have been
    opened to the bot, or what stands there was deleted."""
    rules = await guilds.lock_known(tx, guild_id)
    if rules is not None and rules.identity("moderators_channel") is not None:
        await report_cards.doubt_fixtures(tx, guild_id)
        await refresh(tx, guild_id, now)


@dataclass(frozen=True, slots=True)
class ReportToShow:
    """What the card of a post's reports shows. `home_id` is the channel in which the post can be
    read; None if it can't be read anywhere."""

    card: PostCard
    reports: Sequence[Report]
    home_id: int | None
    report: ReportCard
    rules: Rules
    claim: Claim | None = None
    told: bool = False
    """Whether the author has the helplines in their inbox, as somebody is worried about them."""
    word: str = ""
    """The blocked word of a post that waits for approval."""


@reading
async def report_to_show(tx: Transaction, job: Job, now: datetime) -> ReportToShow | None:
    """What a job about a post's reports is about, as the facts are now; None if there is no card
    for them."""
    rules = await guilds.read_rules(tx, job.guild_id)
    report = await report_cards.card_of(tx, job.guild_id, job.key)
    card = await cards.load_card(tx, job.guild_id, job.key, rules)
    if report is None or card is None:
        return None
    home_id = await _readable_in(tx, card, rules)
    reports = with_words(await flags.flags_of(tx, job.key), card, rules)
    claim = None
    if report.waiting:
        item, since = Item(ItemKind.POST, job.key), now - CLAIMED_FOR
        claim = await claims.claim_of(tx, job.guild_id, item, since)
    worried = any(each.why is ReportReason.WORRIED for each in reports)
    told = worried and await telling.is_told(tx, job.key, NoticeKind.WORRIED)
    word = held_for(card, rules)
    return ReportToShow(card, reports, home_id, report, rules, claim, told, word)


async def _readable_in(tx: Transaction, card: PostCard, rules: Rules) -> int | None:
    question: PostCard | None = card
    if card.kind is not PostKind.QUESTION:
        question = await cards.load_card(tx, card.guild_id, card.question_id, rules)
    held = card.status is PostStatus.HELD
    shown = (held or card.status is PostStatus.VISIBLE) and not card.orphaned
    if not shown or question is None:
        return None
    if question.status is not PostStatus.VISIBLE and not (held and question is card):
        return None
    home = await home_at(tx, card.guild_id, card.post_id)
    return home.channel_id if home is not None else None


@writing
async def record_report(tx: Transaction, job: Job, message: ShownMessage, now: datetime) -> None:
    """Record the message of a report's card."""
    await guilds.lock_rules(tx, job.guild_id, now)
    await report_cards.record(tx, job.key, message)


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A server's rules, the standing messages as they were recorded, and what Discord refused for
    good, each with the channel that it is about (None if it is about none)."""

    rules: Rules
    messages: dict[Fixture, ShownMessage]
    refusals: Sequence[tuple[Failure, int | None]]


@reading
async def channel_state(tx: Transaction, guild_id: int) -> ChannelState:
    """What the standing messages of a server's moderators' channel show."""
    rules = await guilds.read_rules(tx, guild_id)
    messages = {name: await report_cards.fixture(tx, guild_id, name) for name in Fixture}
    refusals: list[tuple[Failure, int | None]] = []
    for failure in await failures.failures(tx, guild_id, _LISTED):
        if failure.final:
            home = await home_at(tx, guild_id, failure.key) if failure.number else None
            refusals.append((failure, home.channel_id if home is not None else None))
    return ChannelState(rules, messages, refusals)


@writing
async def record_fixture(
    tx: Transaction, guild_id: int, name: Fixture, message: ShownMessage, now: datetime
) -> None:
    """Record a standing message of a server's moderators' channel."""
    await guilds.lock_rules(tx, guild_id, now)
    await report_cards.record_fixture(tx, guild_id, name, message)
