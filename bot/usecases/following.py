"""Following, the inbox, and notification preferences."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from bot.domain.actors import Actor
from bot.domain.appeals import TOLD_FOR, OwnAppeal
from bot.domain.blocks import BlockNotice
from bot.domain.cards import Category, PostCard
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem
from bot.domain.notices import (
    Act,
    FollowKind,
    NoticeCard,
    Preferences,
    Receipt,
    next_digest,
)
from bot.domain.posts import PostStatus, check_tag
from bot.domain.rules import Rules
from bot.domain.zones import time_zones
from bot.usecases import anonymous_inbox, appealing, stopping
from bot.usecases.anonymous_inbox import Reader, Theirs
from bot.usecases.appealing import Appealable
from bot.usecases.delaying import Opened
from bot.usecases.standing import if_visible
from data import (
    blocks,
    cards,
    following,
    guilds,
    inboxes,
    names,
    own_appeals,
    receipts,
    tags,
    telling,
)
from data import held as held_posts
from data import preferences as preference_rows
from data.acting import begin_on
from data.database import Database, Transaction, reading, writing
from data.paging import Page

stop_messages = stopping.stop_messages  # the other half of following

INBOX_PAGE = 8
FOLLOWS_MAX = 500


@dataclass(frozen=True, slots=True)
class Followed:
    """Something a member follows, with what is needed to display it; `name` is a member's."""

    kind: FollowKind
    key: str
    question: PostCard | None = None
    category: Category | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of a member's inbox: its notices, whether there are more, how many were unread, and
    (on the first page) their other acts whose outcome they weren't told, their block, also one
    that has ended, their posts that wait for approval, and what came of their appeals.
    `appealable` is what they may still appeal against. `sealed_appeals` are those about their
    anonymous posts, and `theirs` what else there is of them. `delayed` are anonymous posts that
    appear later, see `bot.usecases.delaying`."""

    notices: list[NoticeCard]
    more: bool
    unread: int
    saved: list[Receipt] = field(default_factory=list[Receipt])
    block: BlockNotice | None = None
    held: list[PostCard] = field(default_factory=list[PostCard])
    appeals: list[OwnAppeal] = field(default_factory=list[OwnAppeal])
    appealable: list[Appealable] = field(default_factory=list[Appealable])
    sealed_appeals: list[OwnAppeal] = field(default_factory=list[OwnAppeal])
    theirs: Theirs | None = None
    delayed: list[Opened] = field(default_factory=list[Opened])

    @property
    def all_appeals(self) -> list[OwnAppeal]:
        """What came of their appeals, by name and not."""
        return [*self.appeals, *self.sealed_appeals]


@writing
async def follow(
    tx: Transaction,
    actor: Actor,
    kind: FollowKind,
    key: str,
    *,
    channels: Collection[int] | None = None,
    now: datetime,
) -> Followed:
    """Follow a question, category, tag or member of this server; following again changes nothing.

    A synonym stands for its tag, unless that tag isn't used in any of the `channels` that the
    member can read (None: all). Raises `NotFound` for questions and categories that don't exist,
    `Invalid` for tags, and `Denied(OWN_FOLLOW)` for oneself, since nobody is notified of their own
    acts.
    """
    if (kind, key) == (FollowKind.MEMBER, str(actor.user_id)):
        raise Denied(Denial.OWN_FOLLOW)
    if kind is FollowKind.QUESTION:
        card = if_visible((await begin_on(tx, actor.guild_id, int(key))).card)
        what = Followed(kind, str(card.question_id), question=card)
    else:
        await guilds.lock_rules(tx, actor.guild_id, now)
        what = await _found(tx, actor, Followed(kind, key), channels)
    await _follow(tx, actor, (what.kind, what.key), now)
    about = what.question.reference if what.question is not None else ""
    await receipts.note(tx, actor, Act.FOLLOW, now, about)
    return what


async def _follow(tx: Transaction, actor: Actor, what: following.Followed, now: datetime) -> None:
    """Raises `Invalid` where a member follows too much already that is still there."""
    who = (actor.guild_id, actor.user_id)
    if await following.follow(tx, *who, what, now, most=FOLLOWS_MAX):
        return
    if what in await following.follows_of(tx, *who):
        return
    if await following.forget_gone(tx, *who) >= FOLLOWS_MAX:
        raise Invalid("follow", Problem.TOO_MANY, maximum=FOLLOWS_MAX)
    await following.follow(tx, *who, what, now, most=None)


async def _found(
    tx: Transaction, actor: Actor, wanted: Followed, channels: Collection[int] | None
) -> Followed:
    """What a member wants to follow that is no question, with what is needed to display it. Raises
    like `follow`."""
    kind, key = wanted.kind, wanted.key
    if kind is FollowKind.CATEGORY:
        known = await guilds.categories(tx, actor.guild_id)
        category = next((c for c in known if str(c.category_id) == key), None)
        if category is None:
            raise NotFound(Missing.CATEGORY)
        return replace(wanted, category=category)
    if kind is FollowKind.TAG:
        tag = await tags.target_of(
            tx, actor.guild_id, check_tag(key), channels=channels, reader_id=actor.user_id
        )
        return replace(wanted, key=tag)
    known_as = await names.names_of(tx, actor.guild_id, [int(key)])
    return replace(wanted, name=known_as.get(int(key), ""))


@writing
async def unfollow(
    tx: Transaction, actor: Actor, kind: FollowKind, key: str, *, now: datetime
) -> bool:
    """Unfollow something; False if the member didn't follow it. A synonym means its tag."""
    await guilds.lock_rules(tx, actor.guild_id, now)
    keys = {key}
    if kind is FollowKind.TAG:
        keys = {tag := check_tag(key), await tags.target_of(tx, actor.guild_id, tag)}
    who = (actor.guild_id, actor.user_id)
    followed = [await following.unfollow(tx, *who, (kind, each)) for each in sorted(keys)]
    if any(followed):
        await receipts.note(tx, actor, Act.UNFOLLOW, now)
    return any(followed)


@reading
async def follows(tx: Transaction, actor: Actor, *, channels: Collection[int]) -> list[Followed]:
    """Everything a member follows that still exists, the latest first. Of questions, only those in
    channels that they can read, and their own."""
    rules = await guilds.read_rules(tx, actor.guild_id)
    mine = await following.follows_of(tx, actor.guild_id, actor.user_id)
    asked = {int(key) for kind, key in mine if kind is FollowKind.QUESTION}
    questions = await cards.load_cards(tx, actor.guild_id, asked, rules)
    known = {str(c.category_id): c for c in await guilds.categories(tx, actor.guild_id)}
    people = [int(key) for kind, key in mine if kind is FollowKind.MEMBER]
    known_as = await names.names_of(tx, actor.guild_id, people)
    found: list[Followed] = []
    for kind, key in mine:
        question = questions.get(int(key)) if kind is FollowKind.QUESTION else None
        category = known.get(key) if kind is FollowKind.CATEGORY else None
        if kind is FollowKind.QUESTION:
            there = question is not None and _may_read(question, actor, channels)
        else:
            there = kind is not FollowKind.CATEGORY or category is not None
        if there:
            name = known_as.get(int(key), "") if kind is FollowKind.MEMBER else ""
            found.append(Followed(kind, key, question, category, name))
    return found


def _may_read(question: PostCard, actor: Actor, channels: Collection[int]) -> bool:
    mine = actor.is_one(question.author.id)
    shown = question.status is PostStatus.VISIBLE
    return shown and (mine or question.place.home_id in channels)


@reading
async def open_inbox(
    tx: Transaction, actor: Actor, page: int, *, channels: Collection[int], now: datetime
) -> Inbox:
    """A page of a member's inbox, the latest first, of posts in channels that they can read. This
    only reads, so that it waits for no lock; `note_read` follows once the page is shown.
    """
    rules = await guilds.read_rules(tx, actor.guild_id)
    who = (actor.guild_id, actor.user_id)
    wanted = Page(INBOX_PAGE + 1, page * INBOX_PAGE)
    found = await anonymous_inbox.read(tx, Reader(*who, channels, actor.seal), rules, wanted)
    shown = await inboxes.with_problems(tx, found.notices[:INBOX_PAGE])
    shown = await inboxes.with_originals(tx, shown, channels)
    more, theirs = len(found.notices) > INBOX_PAGE, found.theirs
    numbers = theirs.numbers if theirs is not None else ()
    block = None if page else found.block
    may = await appealing.appealable_in(tx, actor, shown, block, now, numbers)
    if page:
        return Inbox(shown, more, found.unread, appealable=may, theirs=theirs)
    return Inbox(
        shown,
        more,
        found.unread,
        await receipts.of_member(tx, *who),
        block,
        await _held(tx, actor, theirs, channels, rules),
        await own_appeals.of_author(tx, *who, now - TOLD_FOR),
        may,
        await anonymous_inbox.appeals(tx, actor.guild_id, theirs, now),
        theirs,
    )


async def _held(
    tx: Transaction,
    actor: Actor,
    theirs: Theirs | None,
    channels: Collection[int],
    rules: Rules,
) -> list[PostCard]:
    waiting = await held_posts.held_by(tx, actor.guild_id, [actor.user_id], channels)
    waiting += await anonymous_inbox.waiting(tx, actor.guild_id, theirs, channels)
    known = await cards.load_cards(tx, actor.guild_id, waiting, rules)
    return [known[post_id] for post_id in waiting]


async def note_read(db: Database, actor: Actor, inbox: Inbox, *, now: datetime) -> None:
    """Mark what an inbox shows as read; receipts are shown only once. Where nothing was unread,
    nothing is written, unless somebody has written anonymously in the server: then something is
    written whoever opens an inbox."""
    sealed = inbox.theirs.there if inbox.theirs is not None else ()
    unread = [each for each in inbox.notices if not each.read and each.notice_id not in sealed]
    saved = [receipt.receipt_id for receipt in inbox.saved]
    block = inbox.block if inbox.block is not None and not inbox.block.read else None
    told = [each.appeal_id for each in inbox.appeals if each.outcome and not each.read]
    if unread or saved or block is not None or told or inbox.theirs is not None:
        await _mark_read(db, actor, _Shown(unread, saved, block, told, inbox), now)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What an inbox has shown that was new, and all of it."""

    notices: list[NoticeCard]
    receipts: list[int]
    block: BlockNotice | None
    appeals: list[int]
    inbox: Inbox


@writing
async def _mark_read(tx: Transaction, actor: Actor, shown: _Shown, now: datetime) -> None:
    who, inbox = (actor.guild_id, actor.user_id), shown.inbox
    await guilds.lock_rules(tx, actor.guild_id, now)
    if shown.notices:
        await telling.mark_read(tx, *who, shown.notices, now)
    if shown.receipts:
        await receipts.forget(tx, *who, shown.receipts)
    if shown.block is not None:
        await blocks.mark_read(tx, *who, shown.block.at, now)
    if shown.appeals:
        await own_appeals.mark_read(tx, *who, shown.appeals, now)
    if inbox.theirs is not None:
        what = (inbox.theirs, inbox.notices, inbox.sealed_appeals)
        await anonymous_inbox.note_read(tx, actor.guild_id, *what)


@writing
async def told(tx: Transaction, guild_id: int, user_id: int, post_id: int) -> None:
    """Note that a member was told the outcome of their act on a post, so that it isn't repeated."""
    await receipts.drop(tx, guild_id, user_id, post_id)


@writing
async def told_of(tx: Transaction, guild_id: int, user_id: int, origin_id: int) -> None:
    """Note that a member was told the outcome of their act in an interaction."""
    await receipts.drop_of(tx, guild_id, user_id, origin_id)


@reading
async def preferences(tx: Transaction, guild_id: int, user_id: int) -> Preferences:
    """A member's notification preferences."""
    return await preference_rows.preferences(tx, guild_id, user_id)


@writing
async def change_preferences(
    tx: Transaction, actor: Actor, changes: Mapping[str, Any], *, now: datetime
) -> Preferences:
    """Change a member's notification preferences; returns all of them.

    `changes` are fields of `Preferences`. Raises `Invalid` for an hour out of 0-23 or an unknown
    time zone.
    """
    for name in ("quiet_from", "quiet_to", "digest_hour"):
        hour = changes.get(name)
        if hour is not None and not (isinstance(hour, int) and 0 <= hour <= 23):
            raise Invalid(name, Problem.OUT_OF_RANGE, minimum=0, maximum=23)
    zone = changes.get("timezone")
    if zone is not None and zone not in time_zones():
        raise Invalid("timezone", Problem.UNKNOWN)
    await guilds.lock_rules(tx, actor.guild_id, now)
    who = (actor.guild_id, actor.user_id)
    before = await preference_rows.preferences(tx, *who)
    wishes = replace(before, **changes)
    await preference_rows.save_preferences(tx, *who, wishes)
    if _times(wishes) != _times(before):  # else one that is due right now would be missed
        await preference_rows.schedule_digest(tx, *who, next_digest(wishes, now))
    if changes.keys() - {"locale"}:
        await receipts.note(tx, actor, Act.NOTIFICATIONS, now)
    return wishes


def _times(wishes: Preferences) -> tuple[object, ...]:
    return wishes.digest, wishes.digest_hour, wishes.timezone
