"""Hiding all posts of a member, and showing them again: noted as a whole, then done in batches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied
from bot.domain.notices import Act, NoticeKind
from bot.domain.posts import HideReason, PostStatus
from bot.domain.review import Decision, ReportReason, Verdict
from bot.domain.rules import Rules
from bot.domain.sweeps import UNDONE_WITHIN, Outlook, Sweep, SweepKind, SweepState
from bot.usecases import noting
from bot.usecases.noting import Change
from bot.usecases.removing import bring_back, take_out
from bot.usecases.reporting import decide
from data import cards, guilds, names, posts, receipts, sweeps, telling
from data.database import Database, Transaction, reading, writing
from data.sweeps import Homes

BATCH: Final = 25  # posts in one transaction: others wait a fraction of a second
_JUST: Final = timedelta(minutes=10)  # a second press of the same button comes within
# Called after each batch with the number of posts done so far.
Progress = Callable[[int], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Sweeper:
    """A moderator, with the channels in which they moderate at this moment."""

    actor: Actor
    channels: Collection[int]

    @property
    def homes(self) -> Homes:
        """Where the posts stand that they may hide or show."""
        return Homes(self.channels, unplaced=self.actor.is_moderator)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose posts are to be hidden, since when (None: all of them), and why."""

    member_id: int
    since: datetime | None = None
    reason: ReportReason = ReportReason.OTHER


@reading
async def look_at_shown(tx: Transaction, who: Sweeper, wanted: Wanted) -> Outlook:
    """What hiding a member's posts would be about. Raises `Denied(NOT_MODERATOR)`."""
    check_sweeps(who)
    guild_id = who.actor.guild_id
    theirs = sweeps.shown_posts(guild_id, wanted.member_id, wanted.since, who.homes)
    return await sweeps.outlook(tx, wanted.member_id, theirs)


@reading
async def look_at_hidden(tx: Transaction, who: Sweeper, member_id: int) -> Outlook:
    """What showing them again would be about: all that `begin_hiding` hid and nobody has shown
    since. Raises `Denied(NOT_MODERATOR)`."""
    check_sweeps(who)
    theirs = sweeps.hidden_posts(who.actor.guild_id, member_id, who.homes)
    return await sweeps.outlook(tx, member_id, theirs)


@reading
async def called(tx: Transaction, guild_id: int, member_id: int) -> str:
    """A member's name as last seen; empty where none is known."""
    return (await names.names_of(tx, guild_id, [member_id])).get(member_id, "")


def check_sweeps(who: Sweeper) -> None:
    """Refuse whoever moderates nowhere. Raises `Denied(NOT_MODERATOR)`."""
    if not who.channels and not who.actor.is_moderator:
        raise Denied(Denial.NOT_MODERATOR)


@writing
async def begin_hiding(
    tx: Transaction, who: Sweeper, wanted: Wanted, *, now: datetime
) -> Sweep | None:
    """Note that a member's posts are to be hidden: those in channels where the actor moderates.
    `finish` hides them. None if there are none.

    Pressing the button twice is one act, and returns the same. Raises `Denied(NOT_MODERATOR)`.
    """
    check_sweeps(who)
    actor = who.actor
    await guilds.lock_rules(tx, actor.guild_id, now)
    theirs = sweeps.shown_posts(actor.guild_id, wanted.member_id, wanted.since, who.homes)
    found = (await sweeps.outlook(tx, wanted.member_id, theirs)).posts
    await receipts.note(tx, actor, Act.HIDE, now)
    if not found:
        about = (actor.guild_id, wanted.member_id, actor.user_id)
        last = await sweeps.last_of(tx, *about, SweepKind.HIDE)
        return last if last is not None and now - last.at < _JUST else None
    new = Sweep(
        0,
        actor.guild_id,
        SweepKind.HIDE,
        wanted.member_id,
        actor.user_id,
        wanted.reason,
        now,
    )
    change = Change({}, {"posts": str(found)}, wanted.reason.value)
    audit_id = await noting.on_server(
        tx, actor, AuditKind.HIDE_MEMBER, change, now, subject_id=wanted.member_id
    )
    return await sweeps.begin(tx, new, audit_id, theirs)


@writing
async def begin_showing(
    tx: Transaction,
    who: Sweeper,
    member_id: int,
    *,
    now: datetime,
    undone: Sweep | None = None,
) -> Sweep | None:
    """Note that the posts of a member that were hidden so (or by the act that is `undone`) are to
    be shown again, in channels where the actor moderates. `finish` shows them. None if there are
    none. Raises `Denied(NOT_MODERATOR)`."""
    check_sweeps(who)
    await guilds.lock_rules(tx, who.actor.guild_id, now)
    await receipts.note(tx, who.actor, Act.SHOW, now)
    return await show_all(tx, who, member_id, now, undone)


async def show_all(
    tx: Transaction, who: Sweeper, member_id: int, now: datetime, undone: Sweep | None = None
) -> Sweep | None:
    """`begin_showing` within a transaction."""
    actor = who.actor
    if undone is not None:
        await sweeps.stop(tx, undone.sweep_id)
    hid = None if undone is None else undone.sweep_id
    theirs = sweeps.hidden_posts(actor.guild_id, member_id, who.homes, hid)
    found = (await sweeps.outlook(tx, member_id, theirs)).posts
    if not found:
        return None
    who_, why = actor.user_id, ReportReason.OTHER
    new = Sweep(0, actor.guild_id, SweepKind.SHOW, member_id, who_, why, now)
    change = Change({}, {"posts": str(found)})
    audit_id = await noting.on_server(
        tx, actor, AuditKind.SHOW_MEMBER, change, now, subject_id=member_id
    )
    return await sweeps.begin(tx, new, audit_id, theirs)


@reading
async def to_undo(tx: Transaction, who: Sweeper, sweep_id: int, now: datetime) -> Sweep | None:
    """An act that hid posts; None if it is too long ago to be undone. Raises
    `Denied(NOT_MODERATOR)`."""
    check_sweeps(who)
    hid = await sweeps.find(tx, who.actor.guild_id, sweep_id)
    if hid is None or hid.kind is not SweepKind.HIDE or now - hid.at > UNDONE_WITHIN:
        return None
    return hid


async def finish(
    db: Database, sweep: Sweep, *, now: datetime, progress: Progress | None = None
) -> int:
    """Hide or show the posts of an act that still wait, batch by batch; returns how many of all are
    done. Two at once do nothing twice."""
    while await _go_on(db, sweep, now=now):
        if progress is not None:
            await progress(await _done(db, sweep.sweep_id))
    return await _done(db, sweep.sweep_id)


async def all_unfinished(tx: Transaction) -> list[tuple[int, int]]:
    """The acts of which posts wait, as (server, act)."""
    return await sweeps.unfinished(tx)


async def finish_all(db: Database, *, now: datetime) -> int:
    """Finish the acts that a process which ended has begun; returns how many."""
    unfinished = await db.in_read(all_unfinished)
    for guild_id, sweep_id in unfinished:
        async with db.read() as tx:
            sweep = await sweeps.find(tx, guild_id, sweep_id)
        if sweep is not None:
            await finish(db, sweep, now=now)
    return len(unfinished)


@reading
async def _done(tx: Transaction, sweep_id: int) -> int:
    return await sweeps.count(tx, sweep_id, SweepState.DONE, SweepState.SHOWN)


@writing
async def _go_on(tx: Transaction, sweep: Sweep, *, now: datetime) -> int:
    rules = await guilds.lock_rules(tx, sweep.guild_id, now)
    turn = await sweeps.next_waiting(tx, sweep.sweep_id, BATCH)
    for post_id in turn:
        # Read one by one: what is done to a question or answer changes what is below it.
        card = await cards.load_card(tx, sweep.guild_id, post_id, rules)
        before = PostStatus.VISIBLE if sweep.kind is SweepKind.HIDE else PostStatus.HIDDEN
        state = SweepState.PASSED
        if card is not None and card.status is before:
            act = _hide if sweep.kind is SweepKind.HIDE else _unhide
            await act(tx, sweep, card, rules, now)
            state = SweepState.DONE
        await sweeps.settle(tx, sweep.sweep_id, post_id, state)
    return len(turn)


async def _hide(tx: Transaction, sweep: Sweep, card: PostCard, rules: Rules, now: datetime) -> None:
    await decide(tx, card, Verdict(Decision.HIDDEN, sweep.actor_id, reason=sweep.reason), now)
    await take_out(tx, card, PostStatus.HIDDEN, rules, now)
    await _tell(tx, sweep, card, NoticeKind.HIDDEN, now)


async def _unhide(
    tx: Transaction, sweep: Sweep, card: PostCard, rules: Rules, now: datetime
) -> None:
    await decide(tx, card, Verdict(Decision.SHOWN, sweep.actor_id), now)
    await posts.change_post(tx, card.post_id, vouched_at=now)
    await bring_back(tx, card, rules, now)
    await _tell(tx, sweep, card, NoticeKind.SHOWN, now)


async def _tell(
    tx: Transaction, sweep: Sweep, card: PostCard, kind: NoticeKind, now: datetime
) -> None:
    """Tell the author once, about the first post and how many more there are."""
    if not await sweeps.is_first(tx, sweep.sweep_id, card.post_id):
        return
    why = HideReason(sweep.reason) if kind is NoticeKind.HIDDEN else None
    await telling.tell_author(tx, card, kind, now, by=sweep.actor_id, why=why)
    more = await sweeps.count(tx, sweep.sweep_id, SweepState.WAITING) - 1
    await telling.count_more(tx, sweep.member_id, card.post_id, kind, more)
