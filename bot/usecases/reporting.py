"""Reporting posts, and what moderators do about it: hide, show, dismiss."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.access import check_moderates, check_unblocked
from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.notices import Act, NoticeKind
from bot.domain.policies import (
    Action,
    check_can_report,
    check_limit,
    report_counts,
)
from bot.domain.posts import HideReason, PostStatus, check_reason, parse_post_reference
from bot.domain.review import Decision, ReportReason, ReviewItem, Verdict
from bot.domain.rules import Rules
from bot.usecases import approving, noting
from bot.usecases.closing import ClosingForm, close
from bot.usecases.flagging import with_words
from bot.usecases.removing import bring_back, take_out
from bot.usecases.standing import standing_of, visible_card
from data import (
    cards,
    flags,
    guilds,
    members,
    names,
    places,
    posts,
    receipts,
    removals,
    report_cards,
    telling,
)
from data.database import Transaction, reading, writing

_OFFERED = 25  # choices that Discord shows while somebody types


class Queue(StrEnum):
    """What a moderator wants to see of the queue: everything that waits, or one kind of it; and all
    hidden posts, of which nothing is to be decided."""

    ALL = "all"
    WORRIES = "worries"
    REPORTED = "reported"
    WORDS = "words"
    HELD = "held"
    APPEALS = "appeals"
    UNSEALING = "unsealing"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Reported:
    """A post that was reported, and whether its reports have hidden it."""

    card: PostCard
    hidden: bool


@reading
async def post_to_report(tx: Transaction, actor: Actor, post_id: int) -> PostCard:
    """A post as this person may report it. Raises `NotFound(POST)`, `Denied(OWN_REPORT)`."""
    rules = await guilds.read_rules(tx, actor.guild_id)
    card = await visible_card(tx, actor.guild_id, post_id, rules)
    check_can_report(actor, card.author.id)
    check_unblocked(actor)
    return card


@writing
async def report_post(
    tx: Transaction,
    actor: Actor,
    post_id: int,
    reason: str,
    *,
    by_moderator: bool,
    now: datetime,
    why: ReportReason = ReportReason.OTHER,
) -> Reported:
    """Report a post to the moderators: one report per member and post, for good. Enough of them
    hide it until a moderator decides, unless its author is one (`by_moderator`). A worry hides
    nothing: it is sent to moderators anew, and its author reads the server's helplines.

    Raises `NotFound(POST)`, `Invalid("reason", …)`, `Denied` for the member's own post, a second
    report of it, and too many within the hour.
    """
    # More parameters than a function should have: a report is made of these, most named.
    text = check_reason(reason)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    card = await visible_card(tx, actor.guild_id, post_id, rules)
    check_can_report(actor, card.author.id)
    _, done = await standing_of(tx, actor, Action.REPORTS, now)
    check_limit(Action.REPORTS, done, actor.is_moderator, rules, now)
    worried = why is ReportReason.WORRIED
    counts = not worried and report_counts(actor, now, rules)
    again = worried and not await flags.any_worry(tx, post_id)
    who = (actor.guild_id, actor.user_id)
    flag = flags.NewFlag(post_id, actor.user_id, why, text, counts)
    if not await flags.add_flag(tx, actor.guild_id, flag, now):
        raise Denied(Denial.ALREADY_REPORTED)
    await names.remember(tx, *who, *actor.seen_as)
    await members.count_action(tx, Action.REPORTS, {who: 1}, now)
    await receipts.keep(tx, actor, post_id, NoticeKind.SAVED, now)
    await report_cards.reported(tx, actor.guild_id, post_id, now, again=again)
    if worried:
        await _tell_helplines(tx, card, rules, now)
    hidden = counts and not by_moderator and await _enough(tx, post_id, rules)
    if hidden:
        await take_out(tx, card, PostStatus.HIDDEN, rules, now)
        by_reports = HideReason.REPORTS
        change = noting.status(card.status, PostStatus.HIDDEN, by_reports)
        await noting.by_nobody(tx, card, AuditKind.HIDE, change, now)
        await telling.tell_author(tx, card, NoticeKind.HIDDEN, now, by=None, why=by_reports)
    return Reported(card, hidden)


async def _tell_helplines(tx: Transaction, card: PostCard, rules: Rules, now: datetime) -> None:
    """Have a post's author read the server's helplines, if it has any: in their inbox, and by
    direct message if they wanted that for this post. Once a post, however many are worried."""
    author_id = card.author.id
    if author_id is None or not rules.text("helplines"):
        return
    recipients = telling.Recipients(ticked=card.notified, inbox_only=[author_id])
    await telling.tell(tx, card.guild_id, card.post_id, NoticeKind.WORRIED, recipients, now)


async def _enough(tx: Transaction, post_id: int, rules: Rules) -> bool:
    """Whether a post's reports hide it. They don't if a moderator has shown it again before."""
    enough = rules.number("flags_to_hide")
    if not enough or await posts.is_vouched(tx, post_id):
        return False
    return await flags.count_flags(tx, post_id) >= enough


@reading
async def reviewed_post(
    tx: Transaction, guild_id: int, typed: str | None, thread_id: int, *, hidden: bool
) -> PostCard:
    """The post that a moderator means, visible or not: the one they typed, or the question whose
    thread they are in. With `hidden`, if that question is visible, it is the thread's only hidden
    post, or a deleted one whose text still exists. The caller checks whether they moderate it.
    Raises `Denied(ERASED)`, `Invalid("post", NOT_A_POST)`, `NotFound`.
    """
    rules = await guilds.read_rules(tx, guild_id)
    if typed:
        named = parse_post_reference(typed, guild_id)
        post_id = await places.find_post(tx, guild_id, named, further=True)
        if post_id is None:
            raise NotFound(Missing.POST, typed=typed)
    else:
        post_id = await places.question_of_thread(tx, guild_id, thread_id)
        if post_id is None:
            raise NotFound(Missing.UNNAMED)
        if hidden:
            thread = await cards.load_thread(tx, guild_id, post_id, rules)
            gone = [c.post_id for c in thread if c.status is PostStatus.HIDDEN]
            post_id = gone[0] if len(gone) == 1 else post_id
    find = restorable if hidden else kept
    return await find(tx, guild_id, post_id, rules)


async def restorable(tx: Transaction, guild_id: int, post_id: int, rules: Rules) -> PostCard:
    """A post that can be restored. Raises `Denied(ERASED)` if its text is gone."""
    card = await cards.load_card(tx, guild_id, post_id, rules)
    if card is None:
        raise NotFound(Missing.POST)
    removed = await removals.removal_of(tx, guild_id, post_id)
    if removed is not None and removed.erased:
        raise Denied(Denial.ERASED, post=card.reference)
    return card


async def kept(tx: Transaction, guild_id: int, post_id: int, rules: Rules) -> PostCard:
    card = await cards.load_card(tx, guild_id, post_id, rules)
    if card is None or card.status is PostStatus.DELETED:
        raise NotFound(Missing.POST)
    return card


@writing
async def hide_post(
    tx: Transaction,
    actor: Actor,
    post_id: int,
    *,
    now: datetime,
    reason: ReportReason | None = None,
    reported: bool = False,
) -> bool:
    """Hide a post from everybody; False if it is hidden already. This decides its reports, and its
    author reads the reason in their inbox. One that waits isn't approved. With `reported`, it is
    only about these.

    Raises `Denied(NOT_MODERATOR)`, `Denied(ALREADY_DECIDED)` if another moderator was first with a
    `reported` post, `NotFound(POST)`.
    """
    check_moderates(actor)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    await _check_waiting(tx, actor, post_id, reported=reported)
    card = await kept(tx, actor.guild_id, post_id, rules)
    if card.status is PostStatus.HELD:
        await approving.reject(tx, actor, card, reason, now)
        return True
    decided = await decide(tx, card, _by(actor, Decision.HIDDEN, reason), now)
    await receipts.note(tx, actor, Act.HIDE, now, card.reference)
    why = HideReason(reason or HideReason.OTHER)
    if decided or card.status is not PostStatus.HIDDEN:
        change = noting.status(card.status, PostStatus.HIDDEN, why)
        await noting.on_post(tx, actor, card, AuditKind.HIDE, change, now)
    if card.status is PostStatus.HIDDEN:
        return False
    await take_out(tx, card, PostStatus.HIDDEN, rules, now)
    await telling.tell_author(tx, card, NoticeKind.HIDDEN, now, by=actor.user_id, why=why)
    return True


@writing
async def show_post(
    tx: Transaction, actor: Actor, post_id: int, *, now: datetime, reported: bool = False
) -> bool:
    """Restore a hidden or deleted post, or approve one that waits; False if it is visible already.
    This decides its reports,
    and no number of further ones hides it without a moderator.

    Raises like `hide_post`, and `Denied(ERASED)` for a post deleted too long ago.
    """
    check_moderates(actor)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    await _check_waiting(tx, actor, post_id, reported=reported)
    card = await restorable(tx, actor.guild_id, post_id, rules)
    if card.status is PostStatus.HELD:
        await approving.approve(tx, actor, card, rules, now)
        return True
    await receipts.note(tx, actor, Act.SHOW, now, card.reference)
    return await show(tx, actor, card, rules, now)


async def show(tx: Transaction, actor: Actor, card: PostCard, rules: Rules, now: datetime) -> bool:
    """`show_post` within a transaction, of a post that doesn't wait for approval."""
    decided = await decide(tx, card, _by(actor, Decision.SHOWN), now)
    await posts.change_post(tx, card.post_id, vouched_at=now)
    if decided or card.status is not PostStatus.VISIBLE:
        change = noting.status(card.status, PostStatus.VISIBLE)
        await noting.on_post(tx, actor, card, AuditKind.SHOW, change, now)
    if card.status is PostStatus.VISIBLE:
        return False
    await bring_back(tx, card, rules, now)
    await telling.tell_author(tx, card, NoticeKind.SHOWN, now, by=actor.user_id)
    return True


@writing
async def dismiss_reports(
    tx: Transaction, actor: Actor, post_id: int, *, now: datetime, reported: bool = False
) -> int:
    """Leave a reported post as it is; returns how many reports that decides. Raises like
    `hide_post`."""
    check_moderates(actor)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    await _check_waiting(tx, actor, post_id, reported=reported)
    card = await kept(tx, actor.guild_id, post_id, rules)
    if card.status is PostStatus.HELD:  # it is approved, or not
        raise NotFound(Missing.POST)
    await receipts.note(tx, actor, Act.DISMISS, now, card.reference)
    decided = await decide(tx, card, _by(actor, Decision.DISMISSED), now)
    if decided:
        change = noting.status(card.status, card.status)
        await noting.on_post(tx, actor, card, AuditKind.DISMISS, change, now)
    return decided


@writing
async def close_reported(
    tx: Transaction, actor: Actor, post_id: int, form: ClosingForm, *, now: datetime
) -> PostCard:
    """Close a reported question, which decides its reports. Raises like `hide_post`, and like
    `closing.close_question`."""
    check_moderates(actor)
    await guilds.lock_rules(tx, actor.guild_id, now)
    await _check_waiting(tx, actor, post_id)
    card = await close(tx, actor, post_id, form, now=now)
    await decide(tx, card, _by(actor, Decision.CLOSED), now)
    return card


def _by(actor: Actor, decision: Decision, reason: ReportReason | None = None) -> Verdict:
    return Verdict(decision, actor.user_id, actor.name, reason)


async def _check_waiting(
    tx: Transaction, actor: Actor, post_id: int, *, reported: bool = True
) -> None:
    if not reported:
        return
    known = await report_cards.card_of(tx, actor.guild_id, post_id)
    if known is not None and not known.waiting:
        raise Denied(Denial.ALREADY_DECIDED, verdict=known.verdict)


@reading
async def check_waiting(tx: Transaction, actor: Actor, post_id: int) -> None:
    """Refuse what `hide_post` would refuse about a reported post, before asking for its reason."""
    check_moderates(actor)
    await _check_waiting(tx, actor, post_id)


async def decide(tx: Transaction, card: PostCard, verdict: Verdict, now: datetime) -> int:
    """Note what was decided about a post's reports; returns how many were open."""
    await report_cards.decided(tx, card.guild_id, card.post_id, verdict, now)
    return await flags.decide_flags(tx, card.post_id, now)


@reading
async def reported_post(tx: Transaction, actor: Actor, post_id: int) -> ReviewItem:
    """A post with its waiting reports, for those who moderate it. Raises
    `Denied(NOT_MODERATOR)`, `NotFound(POST)`."""
    check_moderates(actor)
    rules = await guilds.read_rules(tx, actor.guild_id)
    card = await kept(tx, actor.guild_id, post_id, rules)
    reports = with_words(await flags.flags_of(tx, post_id), card, rules)
    return ReviewItem(card, tuple(reports), 0, 1)


@dataclass(frozen=True, slots=True)
class WaitingReports:
    """A post with `count` reports that wait for a decision."""

    card: PostCard
    count: int


@reading
async def waiting_reports(
    tx: Transaction, actor: Actor, channels: Collection[int]
) -> list[WaitingReports]:
    """The reported posts in the channels that a person moderates, the longest waiting first: as
    many as a select offers."""
    unplaced = actor.is_moderator
    if not channels and not unplaced:
        return []
    guild_id = actor.guild_id
    found = await report_cards.waiting_in(tx, guild_id, channels, _OFFERED, unplaced=unplaced)
    rules = await guilds.read_rules(tx, guild_id)
    known = await cards.load_cards(tx, guild_id, [post_id for post_id, _ in found], rules)
    return [WaitingReports(known[each], count) for each, count in found if each in known]


@reading
async def hidden_posts(
    tx: Transaction, guild_id: int, typed: str, *, channels: Collection[int]
) -> list[PostCard]:
    """Posts that can be restored, as suggestions while a moderator of some channels types: hidden
    ones, and deleted ones whose text still exists, in these channels, whose number or text
    matches."""
    if not channels:
        return []
    rules = await guilds.read_rules(tx, guild_id)
    ids = await flags.to_show_again(tx, guild_id, channels, 200)
    found = await cards.load_cards(tx, guild_id, ids, rules)
    wanted = typed.strip().casefold()
    like = [
        card
        for post_id in ids
        if (card := found.get(post_id)) is not None
        and wanted in f"{card.reference} {card.title} {card.body}".casefold()
    ]
    return like[:_OFFERED]
