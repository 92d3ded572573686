"""Unsealing an anonymous post: one moderator asks, another one agrees, and each sees once who wrote
it. Who that is stands in what these return, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.audit import AuditKind
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.notices import Act, NoticeKind
from bot.domain.outbox import Job
from bot.domain.policies import check_manager, check_moderator
from bot.domain.review import CLAIMED_FOR, Claim, Item, ItemKind, ShownMessage
from bot.domain.rules import Rules
from bot.domain.unsealing import (
    A_DAY,
    MOST,
    OPEN_FOR,
    SPARED_FOR,
    Outcome,
    UnsealRequest,
    check_can_unseal,
    check_unseal_reason,
    check_unsealable,
)
from bot.usecases import noting
from bot.usecases.noting import Change
from bot.usecases.seeing import home_at
from data import cards, claims, guilds, personas, receipts, telling, unsealing
from data.database import Database, Transaction, reading, writing
from data.personas import Opener


@writing
async def note_try(tx: Transaction, actor: Actor, *, now: datetime) -> None:
    """Note that a moderator is about to take part: their week begins with the first try, also with
    one that is refused. Raises `Denied(NOT_MODERATOR)`."""
    check_moderator(actor)
    await guilds.lock_rules(tx, actor.guild_id, now)
    await unsealing.note_moderator(tx, actor.guild_id, actor.user_id, now)


@writing
async def ask(
    tx: Transaction, actor: Actor, post_id: int, typed: str, *, now: datetime
) -> UnsealRequest:
    """Ask another moderator to see, together, who wrote an anonymous post.

    Raises `Invalid("unseal_reason", …)`; `NotFound(POST)`; `Denied` like `check_unsealable` and
    `check_can_unseal`, and with `UNSEALING_OPEN` and `UNSEALING_LIMIT`.
    """
    check_moderator(actor)
    reason = check_unseal_reason(typed)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    card = await _unsealable(tx, actor, post_id, rules, now)
    before = await unsealing.find(tx, actor.guild_id, post_id)
    if before is not None and (before.waits(now) or before.shows(now)):
        raise Denied(Denial.UNSEALING_OPEN, until=before.expires)
    if await unsealing.asked_since(tx, actor.guild_id, now - A_DAY) >= MOST:
        raise Denied(Denial.UNSEALING_LIMIT, most=MOST)
    if before is not None and before.outcome is None:
        await _ran_out(tx, before, card, now)
    request = UnsealRequest(
        post_id, actor.guild_id, actor.user_id, reason, now, now + OPEN_FOR, card=card
    )
    await unsealing.add(tx, request)
    await _note(tx, actor, card, "", "asked", now, reason)
    await receipts.note(tx, actor, Act.UNSEAL, now, card.reference)
    return request


async def _unsealable(
    tx: Transaction, actor: Actor, post_id: int, rules: Rules, now: datetime
) -> PostCard:
    """A post that this moderator may take part in unsealing."""
    card = await cards.load_card(tx, actor.guild_id, post_id, rules)
    if card is None:
        raise NotFound(Missing.POST)
    check_unsealable(card, rules, await unsealing.held_from(tx, actor.guild_id), now)
    since = await unsealing.known_since(tx, actor.guild_id, actor.user_id, now)
    reporters = await unsealing.reporters(tx, post_id)
    check_can_unseal(actor, card, reporters, since, now)
    return card


@dataclass(frozen=True, slots=True)
class Seen:
    """What a moderator sees once: the request, and the member who wrote its post. None where nobody
    can know who it was."""

    request: UnsealRequest
    member_id: int | None

    def __repr__(self) -> str:
        return "<Seen>"  # it may be logged


@writing
async def agree(
    tx: Transaction, actor: Actor, post_id: int, opener: Opener | None, *, now: datetime
) -> Seen:
    """Agree to a request: whoever agrees sees at once who wrote the post, whoever asked can look
    for as long as a request waits, and the author is told.

    Raises like `ask`; `Denied` with `ASKED_BY_YOU`, `UNSEALING_OVER`, `NO_KEY`.
    """
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    request = await _waiting(tx, actor, post_id, now)
    card = await _unsealable(tx, actor, post_id, rules, now)
    if actor.user_id == request.asked_by:
        raise Denied(Denial.ASKED_BY_YOU)
    member_id = await _author(tx, actor, card, opener)
    await unsealing.decide(tx, request, Outcome.AGREED, actor.user_id, now)
    await unsealing.wait_for_asker(tx, request, now + OPEN_FOR)
    await _note(tx, actor, card, "asked", Outcome.AGREED, now)
    if request.danger_by is None:
        await telling.tell_author_also_by_message(tx, card, NoticeKind.UNSEALED, now)
    else:
        await unsealing.tell_later(tx, request, now + SPARED_FOR)
    await receipts.note(tx, actor, Act.UNSEAL, now, card.reference)
    return Seen(replace(request, outcome=Outcome.AGREED, card=card), member_id)


@writing
async def look(
    tx: Transaction, actor: Actor, post_id: int, opener: Opener | None, *, now: datetime
) -> Seen:
    """See who wrote a post, as whoever asked, once another moderator has agreed. It is noted before
    it is shown: if that doesn't arrive, they ask again.

    Raises like `ask`; `Denied` with `ASKED_BY_ANOTHER`, `UNSEALING_OVER`, `NO_KEY`.
    """
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    request = await unsealing.find(tx, actor.guild_id, post_id)
    if request is None or not request.shows(now):
        check_moderator(actor)
        raise Denied(Denial.UNSEALING_OVER)
    card = await _unsealable(tx, actor, post_id, rules, now)
    if actor.user_id != request.asked_by:
        raise Denied(Denial.ASKED_BY_ANOTHER)
    member_id = await _author(tx, actor, card, opener)
    await unsealing.note_seen(tx, request, now)
    return Seen(replace(request, seen=True, card=card), member_id)


async def _author(
    tx: Transaction, actor: Actor, card: PostCard, opener: Opener | None
) -> int | None:
    if opener is None:
        raise Denied(Denial.NO_KEY, manager=actor.is_manager)
    return await personas.member_of(tx, card.guild_id, card.author.id or 0, opener)


@writing
async def refuse(tx: Transaction, actor: Actor, post_id: int, *, now: datetime) -> UnsealRequest:
    """Refuse a request: it is over. Whoever asked can take it back so. Raises like `agree`."""
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    request = await _waiting(tx, actor, post_id, now)
    card = await cards.load_card(tx, actor.guild_id, post_id, rules)
    if card is None:
        raise NotFound(Missing.POST)
    if actor.is_one(card.author.id) and actor.user_id != request.asked_by:
        raise Denied(Denial.OWN_UNSEAL)
    await unsealing.decide(tx, request, Outcome.REFUSED, actor.user_id, now)
    await _note(tx, actor, card, "asked", Outcome.REFUSED, now)
    await receipts.note(tx, actor, Act.UNSEAL, now, card.reference)
    return replace(request, outcome=Outcome.REFUSED, card=card)


@writing
async def spare(tx: Transaction, actor: Actor, post_id: int, *, now: datetime) -> UnsealRequest:
    """Have a post's author told later, as somebody may be in danger when they read it: a manager
    says so while the request waits. Raises `Denied(NOT_MANAGER)`, `Denied(UNSEALING_OVER)`."""
    check_manager(actor)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    request = await unsealing.find(tx, actor.guild_id, post_id)
    if request is None or not request.waits(now):
        raise Denied(Denial.UNSEALING_OVER)
    card = await cards.load_card(tx, actor.guild_id, post_id, rules)
    if card is None:
        raise NotFound(Missing.POST)
    if request.danger_by is None:
        await unsealing.note_danger(tx, request, actor.user_id, now)
        await _note(tx, actor, card, "asked", "danger", now)
    await receipts.note(tx, actor, Act.UNSEAL, now, card.reference)
    return replace(request, danger_by=actor.user_id, card=card)


async def _waiting(tx: Transaction, actor: Actor, post_id: int, now: datetime) -> UnsealRequest:
    check_moderator(actor)
    request = await unsealing.find(tx, actor.guild_id, post_id)
    if request is None or not request.waits(now):
        raise Denied(Denial.UNSEALING_OVER)
    return request


async def _note(
    tx: Transaction,
    actor: Actor,
    card: PostCard,
    before: str,
    after: str,
    now: datetime,
    reason: str = "",
) -> None:
    """Keep in the audit log what was done about a post, and why; never who wrote it."""
    # More parameters than a function should have: they are the columns of one line of the log.
    states = ({"unseal": before} if before else {}, {"unseal": after})
    change = Change(*states, reason)
    await noting.by_moderator(tx, actor, card, AuditKind.UNSEAL, change, now)


# What moderators see


@reading
async def request_of(tx: Transaction, guild_id: int, post_id: int) -> UnsealRequest:
    """The request about a post, with its card: the caller checks who reads it. Raises
    `Denied(UNSEALING_OVER)`."""
    return await with_card(tx, guild_id, post_id)


async def with_card(tx: Transaction, guild_id: int, post_id: int) -> UnsealRequest:
    """The same within a transaction."""
    request = await unsealing.find(tx, guild_id, post_id)
    if request is None:
        raise Denied(Denial.UNSEALING_OVER)
    rules = await guilds.read_rules(tx, guild_id)
    return replace(request, card=await cards.load_card(tx, guild_id, post_id, rules))


@dataclass(frozen=True, slots=True)
class RequestToShow:
    """What the card of a request shows. `home_id` is the channel in which the post stands."""

    request: UnsealRequest
    home_id: int | None
    rules: Rules
    claim: Claim | None = None


@reading
async def request_to_show(tx: Transaction, job: Job, now: datetime) -> RequestToShow | None:
    """What a job about a request is about, as the facts are now; None if there is none."""
    found = await unsealing.find(tx, job.guild_id, job.key)
    if found is None:
        return None
    rules = await guilds.read_rules(tx, job.guild_id)
    found = replace(found, card=await cards.load_card(tx, job.guild_id, job.key, rules))
    home = await home_at(tx, job.guild_id, job.key)
    item = Item(ItemKind.UNSEAL, job.key)
    claim = await claims.claim_of(tx, job.guild_id, item, now - CLAIMED_FOR)
    claim = claim if found.waits(now) else None
    return RequestToShow(found, home.channel_id if home is not None else None, rules, claim)


@writing
async def record(tx: Transaction, job: Job, message: ShownMessage, now: datetime) -> None:
    """Record the message of a request's card."""
    await guilds.lock_rules(tx, job.guild_id, now)
    await unsealing.record(tx, job.guild_id, job.key, message)


# What time does


async def any_due(tx: Transaction, now: datetime) -> bool:
    """Whether a request ran out or has ended, or an author is to be told."""
    return bool(await unsealing.due(tx, now)) or await unsealing.any_old(tx, now)


async def end_due(db: Database, now: datetime) -> None:
    """End requests to which nobody agreed in time, tell the authors who were to be told later, and
    erase what has ended. Locks nothing if there is nothing to do."""
    for guild_id, post_id in await db.in_read(lambda tx: unsealing.due(tx, now)):
        async with db.write() as tx:
            rules = await guilds.lock_rules(tx, guild_id, now)
            await _end(tx, rules, (guild_id, post_id), now)
    await drop_old(db, now)


async def drop_old(db: Database, now: datetime) -> None:
    """Erase requests that have ended, and moderators who weren't seen for long. Locks nothing if
    there are none."""
    if await db.in_read(lambda tx: unsealing.any_old(tx, now)):
        async with db.write() as tx:
            await unsealing.drop_old(tx, now)


async def _end(tx: Transaction, rules: Rules, which: tuple[int, int], now: datetime) -> None:
    request = await unsealing.find(tx, *which)
    card = await cards.load_card(tx, *which, rules)
    if request is None or card is None:
        return
    if request.outcome is None and not request.waits(now):
        await _ran_out(tx, request, card, now)
    if await unsealing.is_to_tell(tx, request, now):
        await telling.tell_author_also_by_message(tx, card, NoticeKind.UNSEALED, now)
        await unsealing.tell_later(tx, request, None)


async def _ran_out(tx: Transaction, request: UnsealRequest, card: PostCard, now: datetime) -> None:
    await unsealing.decide(tx, request, Outcome.RAN_OUT, None, now)
    change = Change({"unseal": "asked"}, {"unseal": Outcome.RAN_OUT.value})
    await noting.by_nobody(tx, card, AuditKind.UNSEAL, change, now)
