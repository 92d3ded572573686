"""Choosing the best answer of a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem
from bot.domain.notices import FollowKind, NoticeKind
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import Action, check_can_choose_best, check_limit, check_not_blocked
from bot.domain.posts import PostKind
from bot.domain.sealed import Seal, is_sealed
from bot.usecases import noting
from bot.usecases.noting import Change
from bot.usecases.standing import if_visible
from data import guilds, ledger, outbox, personas, posts, receipts, removals, telling
from data.acting import begin, count_act
from data.database import Transaction, writing


@dataclass(frozen=True, slots=True)
class Choice:
    """A question's best answer before and after; None if there is none."""

    question_id: int
    old: int | None
    new: int | None

    @property
    def changed(self) -> bool:
        """Whether the choice has changed."""
        return self.old != self.new


@writing
async def choose_best_answer(
    tx: Transaction, actor: Actor, answer_id: int, *, chosen: bool = True, now: datetime
) -> Choice:
    """Make an answer its question's best one in place of any other, or (`chosen` False) take that
    back.

    Moves the points, and enqueues the cards, pins and tags. Choosing the chosen one, or clearing
    another one, changes nothing. Raises `NotFound`, `Invalid("answer", NOT_AN_ANSWER)`,
    `Denied(NOT_ASKER)`, `Denied(HOURLY_LIMIT)` (for the asker; a pin in Discord is a moderator's).
    """
    return await choose(tx, actor, answer_id, chosen=chosen, now=now)


@writing
async def leave_open(
    tx: Transaction, guild_id: int, user_id: int, answer_id: int, seal: Seal | None = None
) -> None:
    """Note that an answer didn't solve its asker's question, so that they aren't asked about it
    again. It only concerns the asker's own notice, and does nothing to anybody else's. By `seal`,
    theirs, it is an anonymous asker's."""
    if await guilds.lock_known(tx, guild_id) is None:
        return
    asker_id = await posts.asker_of(tx, guild_id, answer_id)
    if asker_id is None or not is_sealed(asker_id):
        await telling.decline(tx, guild_id, user_id, answer_id)
    elif seal is not None and await personas.is_theirs(tx, guild_id, asker_id, seal):
        await telling.decline(tx, guild_id, asker_id, answer_id)


async def choose(
    tx: Transaction, actor: Actor, answer_id: int, *, chosen: bool, now: datetime
) -> Choice:
    """The same, in the caller's transaction, which hasn't read anything yet."""
    guild_id = actor.guild_id
    now = actor.at(now)
    begun = await begin(tx, actor, Action.BEST, now, post_id=answer_id)
    rules, answer = begun.rules, if_visible(begun.card)
    _check_may_choose(actor, answer, chosen=chosen)
    check_not_blocked(begun.who.block, actor, now)
    old = answer.chosen_id
    unchosen = None if old == answer_id else old
    new = answer_id if chosen else unchosen
    choice = Choice(answer.question_id, old, new)
    if not choice.changed:
        return choice
    if not actor.is_moderator:
        check_limit(Action.BEST, begun.who.done, actor.is_moderator, rules, now)
        await count_act(tx, actor, Action.BEST, now, begun.who)
    by_asker = actor.user_id == answer.asker_id
    await posts.change_post(
        tx,
        answer.question_id,
        best_answer_id=new,
        best_chosen_at=now if new else None,
        best_by_asker=by_asker and new is not None,
    )
    await removals.forget_choices(tx, answer.question_id)
    await receipts.keep(tx, actor, answer_id, NoticeKind.SAVED, now)
    await _note(tx, actor, answer, choice, now)
    touched = [p for p in (answer.question_id, old, new) if p is not None]
    await ledger.rewrite(tx, guild_id, touched, rules)
    await outbox.enqueue(tx, guild_id, JobKind.CARD, touched, Priority.WAITED_FOR, now)
    if new is not None:
        await _tell(tx, actor, answer, now)
    return choice


def _check_may_choose(actor: Actor, answer: PostCard, *, chosen: bool) -> None:
    """Refuse what is no answer that shows, and whoever may not choose among its question's, or not
    this one."""
    if answer.kind is not PostKind.ANSWER:
        raise Invalid("answer", Problem.NOT_AN_ANSWER)
    if answer.question_hidden:
        raise NotFound(Missing.POST)
    actor.check_apart(answer.asker_id)
    check_can_choose_best(actor, answer.asker_id)
    if chosen:
        _check_not_disguised(actor, answer)


def _check_not_disguised(actor: Actor, answer: PostCard) -> None:
    """Refuse askers who choose an answer of their own, of which one is anonymous: it would earn
    points like another's, and that it doesn't would tell who wrote both."""
    by_name = not actor.is_anonymous and actor.is_one(answer.asker_id)
    if by_name and answer.author.is_anonymous and actor.is_one(answer.author.id):
        raise Denied(Denial.OWN_IN_DISGUISE)
    if not actor.is_anonymous or actor.seal is None or answer.author.member_id is None:
        return
    if actor.seal.row_of([(answer.author.member_id, True)]):
        raise Denied(Denial.OWN_IN_DISGUISE)


async def _note(
    tx: Transaction, actor: Actor, answer: PostCard, choice: Choice, now: datetime
) -> None:
    """Keep in the audit log what somebody else than the asker chose."""
    this = {answer.post_id: "this answer", None: "none"}
    before, after = (this.get(each, "another answer") for each in (choice.old, choice.new))
    change = Change({"best": before}, {"best": after})
    await noting.on_choice(tx, actor, answer, change, now)


async def _tell(tx: Transaction, actor: Actor, answer: PostCard, now: datetime) -> None:
    """Notify the author of a chosen answer and the followers of its question."""
    by_asker = actor.user_id == answer.asker_id
    recipients = telling.Recipients(
        ticked=answer.notified,
        inbox_only=[] if answer.author.id is None else [answer.author.id],
        follows=[(FollowKind.QUESTION, str(answer.question_id))],
        # A follower without a row would be the asker: they are left out when it is read.
        excluded=[] if by_asker else [actor.user_id],
    )
    await telling.tell(tx, actor.guild_id, answer.post_id, NoticeKind.CHOSEN, recipients, now)
