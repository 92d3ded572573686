"""Appeals: an author asks once for another look, and another moderator decides."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bot.domain.actors import Actor
from bot.domain.appeals import (
    KEPT,
    SEEN_FOR,
    TOLD_BY,
    WORDS_KEPT,
    About,
    Appeal,
    Others,
    check_can_decide,
    check_words,
)
from bot.domain.audit import AuditEntry, AuditKind
from bot.domain.blocks import BlockNotice
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.notices import Act, NoticeCard
from bot.domain.outbox import Job
from bot.domain.posts import PostKind, PostStatus
from bot.domain.review import (
    CLAIMED_FOR,
    Claim,
    Decision,
    Item,
    ItemKind,
    ShownMessage,
    Verdict,
)
from bot.domain.rules import Rules
from bot.domain.sweeps import Sweep
from bot.usecases import approving, blocking, reporting, sweeping
from bot.usecases.closing import reopen
from bot.usecases.seeing import home_at
from bot.usecases.sweeping import Sweeper
from data import appeals, audit, blocks, cards, claims, guilds, names, own_appeals, receipts, sweeps
from data.appeals import NewAppeal, Told
from data.database import Database, Transaction, reading, writing

BY_SAME: Final = "same_moderator"
"""The reason in the audit log where who decided first decided an appeal."""


# Authors


@dataclass(frozen=True, slots=True)
class Appealable:
    """What a member may appeal against. `number` is their post's, empty for a block."""

    about: About
    post_id: int | None = None
    number: str = ""


@dataclass(frozen=True, slots=True)
class _Found:
    what: Appealable
    told: Told
    first_by: int | None


@reading
async def appealable(
    tx: Transaction, actor: Actor, about: About, post_id: int | None, *, now: datetime
) -> Appealable:
    """What somebody is about to appeal against. Raises like `appeal`."""
    rules = await guilds.read_rules(tx, actor.guild_id)
    return (await _found(tx, actor, (about, post_id), rules, now)).what


@writing
async def appeal(
    tx: Transaction,
    actor: Actor,
    about: About,
    post_id: int | None,
    typed: str,
    *,
    now: datetime,
) -> Appealable:
    """Ask for another look at what was decided about a post of the actor's, or about them: once a
    decision, also if they are blocked.

    Raises `Invalid("appeal", …)`; `Denied` with `NOTHING_TO_APPEAL` where nothing of it holds any
    more, and `ALREADY_APPEALED`.
    """
    words, now = check_words(typed), actor.at(now)
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    if about is About.BLOCKED:
        await blocks.find_again(tx, actor.guild_id, actor.user_id)
    found = await _found(tx, actor, (about, post_id), rules, now)
    new = NewAppeal(actor.user_id, about, post_id, words, found.told, found.first_by)
    await appeals.add(tx, actor.guild_id, new, now)
    await names.remember(tx, actor.guild_id, actor.user_id, *actor.seen_as)
    await receipts.note(tx, actor, Act.APPEAL, now, found.what.number)
    return found.what


async def appealable_in(
    tx: Transaction,
    actor: Actor,
    notices: Sequence[NoticeCard],
    block: BlockNotice | None,
    now: datetime,
    numbers: Collection[int] = (),
) -> list[Appealable]:
    """What a member may appeal against of what their inbox tells them; each once. `numbers` are
    those of their anonymous posts."""
    told = {
        (TOLD_BY[each.kind], each.post.post_id, each.at): each.post.reference
        for each in notices
        if each.kind in TOLD_BY and each.own
    }
    offered: list[tuple[About, int | None, datetime, str]]
    offered = [(about, post_id, at, number) for (about, post_id, at), number in told.items()]
    if block is not None and block.block.holds(now):
        offered.insert(0, (About.BLOCKED, None, block.at, ""))
    if not offered:
        return []
    earliest = min(at for _, _, at, _ in offered)
    done = await own_appeals.appealed(tx, actor.guild_id, [actor.user_id], earliest)
    if numbers:
        done |= await own_appeals.appealed(tx, actor.guild_id, numbers, earliest)
    return [
        Appealable(about, post_id, number)
        for about, post_id, at, number in offered
        if not {(about, post_id, at), (about, post_id, None)} & done
    ]


async def _found(
    tx: Transaction, actor: Actor, what: tuple[About, int | None], rules: Rules, now: datetime
) -> _Found:
    about, post_id = what
    if about is About.BLOCKED:
        found = await _block_of(tx, actor, now)
    else:
        found = await _decision_on(tx, actor, about, post_id or 0, rules)
    if found is None:
        raise Denied(Denial.NOTHING_TO_APPEAL)
    same = (about, found.what.post_id)
    if await own_appeals.any_of(tx, actor.guild_id, actor.user_id, same, found.told.at):
        raise Denied(Denial.ALREADY_APPEALED)
    return found


async def _block_of(tx: Transaction, actor: Actor, now: datetime) -> _Found | None:
    held = await blocks.held_of(tx, actor.guild_id, actor.user_id)
    if held is None or not held.block.holds(now):
        return None
    return _Found(Appealable(About.BLOCKED), Told(held.at), held.by)


async def _decision_on(
    tx: Transaction, actor: Actor, about: About, post_id: int, rules: Rules
) -> _Found | None:
    guild_id = actor.guild_id
    told = await own_appeals.told_of(tx, guild_id, actor.user_id, about, post_id)
    card = await cards.load_card(tx, guild_id, post_id, rules) if told is not None else None
    if told is None or card is None or not await _holds(tx, about, card, rules):
        return None
    if about is About.CLOSED:
        first = card.closing.by if card.closing is not None else None
    else:
        first = await appeals.last_by(tx, guild_id, post_id, about)
    return _Found(Appealable(about, post_id, card.reference), told, first)


async def _holds(tx: Transaction, about: About, card: PostCard, rules: Rules) -> bool:
    """Whether what was decided about a post is still so, and can be undone."""
    if about is About.CLOSED:
        question = card.kind is PostKind.QUESTION and card.closing is not None
        return question and card.status is not PostStatus.DELETED
    if card.status not in (PostStatus.HIDDEN, PostStatus.DELETED):
        return False
    try:
        await reporting.restorable(tx, card.guild_id, card.post_id, rules)
    except Denied:  # its text is erased
        return False
    return True


# Moderators


@reading
async def appeal_of(tx: Transaction, guild_id: int, appeal_id: int) -> Appeal:
    """An appeal, with its post's card, for those who may decide it: the caller checks that. Raises
    `NotFound(APPEAL)`."""
    return await with_card(tx, guild_id, appeal_id)


@reading
async def who_else(tx: Transaction, actor: Actor, appeal: Appeal, now: datetime) -> Collection[int]:
    """Who may be able to decide an appeal besides those who decided first, its author and this
    actor: members whom the bot has seen moderate. The caller asks Discord whether they still do."""
    but = {*appeal.firsts, appeal.author_id or 0, actor.user_id}
    return await appeals.seen_moderating(tx, actor.guild_id, now - SEEN_FOR, but)


@dataclass(frozen=True, slots=True)
class Decided:
    """An appeal as it was decided; with the act that shows the member's other posts again, to be
    finished by `sweeping.finish`."""

    appeal: Appeal
    sweep: Sweep | None = None


@writing
async def decide(
    tx: Transaction,
    who: Sweeper,
    appeal_id: int,
    *,
    undo: bool,
    others: Others,
    now: datetime,
) -> Decided:
    """Decide an appeal: what it is about stands, or is undone. The first decision counts; the
    author reads it in their inbox.

    `others` tells whether anybody else could decide. Raises `Denied` with `ALREADY_DECIDED`,
    `OWN_APPEAL`, `NOT_MODERATOR_THERE`, `DECIDED_FIRST`, `OTHERS_MODERATE`, and what refuses to
    undo it (`ERASED`, `QUESTION_GONE`, `QUESTION_CLOSED`); `NotFound(APPEAL)`.
    """
    actor = who.actor
    rules = await guilds.lock_rules(tx, actor.guild_id, now)
    appeal = await _known(tx, actor.guild_id, appeal_id)
    if not appeal.waits:
        raise Denied(Denial.ALREADY_DECIDED, verdict=appeal.verdict)
    alone = check_can_decide(actor, appeal, others)
    verdict = Verdict(Decision.UNDONE if undo else Decision.STANDS, actor.user_id, actor.name)
    # Before it is undone, which would settle it in another way.
    await appeals.decide(tx, appeal, verdict, now, alone=alone)
    await names.remember(tx, actor.guild_id, actor.user_id, *actor.seen_as)
    sweep = await _undo(tx, who, appeal, rules, now) if undo else None
    await _note(tx, actor, appeal, verdict, alone=alone, now=now)
    appeal = await _with_card(tx, replace(appeal, verdict=verdict, alone=alone), rules)
    about = appeal.card.reference if appeal.card is not None else ""
    await receipts.note(tx, actor, Act.DISMISS, now, about)
    return Decided(appeal, sweep)


async def _undo(
    tx: Transaction, who: Sweeper, appeal: Appeal, rules: Rules, now: datetime
) -> Sweep | None:
    """Do the reverse of what was decided."""
    actor, post_id = who.actor, appeal.post_id
    if post_id is None:
        await blocking.unblock(tx, actor, appeal.author_id or 0, now)
        return None
    card = await reporting.restorable(tx, actor.guild_id, post_id, rules)
    match appeal.about:
        case About.CLOSED:
            await reopen(tx, actor, card, now)
        case About.REJECTED:
            await approving.approve(tx, actor, card, rules, now)
        case _:
            hid = await sweeps.that_hid(tx, actor.guild_id, post_id)
            if hid is not None and (
                all_of_them := await sweeping.show_all(tx, who, hid.member_id, now, hid)
            ):
                return all_of_them
            await reporting.show(tx, actor, card, rules, now)
    return None


async def _note(
    tx: Transaction, actor: Actor, appeal: Appeal, verdict: Verdict, *, alone: bool, now: datetime
) -> None:
    """Keep the decision in the audit log, which says so if the same person decided again."""
    entry = AuditEntry(
        AuditKind.APPEAL,
        actor.user_id,
        now,
        appeal.post_id,
        appeal.author_id if appeal.post_id is None else None,
        BY_SAME if alone else "",
        {"appeal": "waiting"},
        {"appeal": verdict.decision.value},
    )
    await audit.note(tx, actor.guild_id, entry)


async def with_card(tx: Transaction, guild_id: int, appeal_id: int) -> Appeal:
    """An appeal with its post's card. Raises `NotFound(APPEAL)`."""
    rules = await guilds.read_rules(tx, guild_id)
    return await _with_card(tx, await _known(tx, guild_id, appeal_id), rules)


async def _known(tx: Transaction, guild_id: int, appeal_id: int) -> Appeal:
    found = await appeals.find(tx, guild_id, appeal_id)
    if found is None:
        raise NotFound(Missing.APPEAL)
    return found


async def _with_card(tx: Transaction, appeal: Appeal, rules: Rules) -> Appeal:
    if appeal.post_id is None:
        return appeal
    return replace(appeal, card=await cards.load_card(tx, appeal.guild_id, appeal.post_id, rules))


@reading
async def waiting_appeals(tx: Transaction, actor: Actor, channels: Collection[int]) -> list[Appeal]:
    """The appeals that wait for a person as a moderator of these channels or, if they are one, of
    the server."""
    if not channels and not actor.is_moderator:
        return []
    found = await appeals.waiting_in(tx, actor.guild_id, channels, unplaced=actor.is_moderator)
    rules = await guilds.read_rules(tx, actor.guild_id)
    return [await _with_card(tx, each, rules) for each in found if each.author_id != actor.user_id]


# The card in the moderators' channel


@dataclass(frozen=True, slots=True)
class AppealToShow:
    """What the card of an appeal shows. `home_id` is the channel in which the post stands, or stood
    before it was hidden; None for a block."""

    appeal: Appeal
    home_id: int | None
    rules: Rules
    claim: Claim | None = None


@reading
async def appeal_to_show(tx: Transaction, job: Job, now: datetime) -> AppealToShow | None:
    """What a job about an appeal is about, as the facts are now; None if there is none."""
    rules = await guilds.read_rules(tx, job.guild_id)
    found = await appeals.find(tx, job.guild_id, job.key)
    if found is None:
        return None
    found = await _with_card(tx, found, rules)
    home = await home_at(tx, job.guild_id, found.post_id) if found.post_id is not None else None
    item, since = Item(ItemKind.APPEAL, job.key), now - CLAIMED_FOR
    claim = await claims.claim_of(tx, job.guild_id, item, since) if found.waits else None
    return AppealToShow(found, home.channel_id if home is not None else None, rules, claim)


@writing
async def record(tx: Transaction, job: Job, message: ShownMessage, now: datetime) -> None:
    """Record the message of an appeal's card."""
    await guilds.lock_rules(tx, job.guild_id, now)
    await appeals.record(tx, job.key, message)


async def any_old(tx: Transaction, now: datetime) -> bool:
    """Whether there are words of appeals that were decided long ago, or old appeals."""
    return await appeals.any_old(tx, now - WORDS_KEPT, now - KEPT)


async def drop_old(db: Database, now: datetime) -> None:
    """Erase the words of appeals that were decided long ago, and old appeals. Locks nothing if
    there are none."""
    if not await db.in_read(lambda tx: any_old(tx, now)):
        return
    async with db.write() as tx:
        await appeals.drop_old(tx, now - WORDS_KEPT, now - KEPT)
