"""Answering a question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.access import Deed, check_may
from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem
from bot.domain.notices import FollowKind, NoticeKind
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import Action, check_limit, check_not_blocked, check_points
from bot.domain.posts import PostKind, PostStatus, check_answer
from bot.domain.reputation import Entry, Reason, earns_by_being_there
from bot.domain.review import Wording
from bot.domain.rules import Rules
from bot.domain.sealed import is_sealed
from bot.usecases import consenting, holding, offering, personas
from bot.usecases.asking import Posted
from bot.usecases.attaching import Files
from bot.usecases.consenting import ThreadMessage
from bot.usecases.posting import write_post
from bot.usecases.standing import if_visible, visible_card
from data import (
    cards,
    guilds,
    ledger,
    names,
    outbox,
    places,
    posts,
    receipts,
    telling,
)
from data import held as held_posts
from data.acting import Acting, begin, count_act
from data.database import Database, Transaction, reading, writing


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """What was typed into the form of an answer."""

    body: str
    notify: bool = False
    files: Files = ()


@dataclass(frozen=True, slots=True)
class _FromMessage:
    """How an answer was made from a message: by the moderator who did it without asking, or by its
    writer (None)."""

    moderator_id: int | None


@dataclass(frozen=True, slots=True)
class _NewAnswer:
    """An answer about to be written: its text, its author with their current name and avatar, and
    the interaction or message that it comes from."""

    question_id: int
    form: AnswerForm
    author_id: int
    author_name: str
    author_avatar: str
    origin_id: int
    message: _FromMessage | None = None


async def answer_question(
    db: Database,
    actor: Actor,
    question_id: int,
    form: AnswerForm,
    *,
    origin_id: int,
    now: datetime,
) -> Posted:
    """Write an answer, which is on disk when this returns. The same origin never makes a second
    one.

    Raises `NotFound(POST)`, `Invalid` for the text, `Denied` for a member who may not answer now.
    """
    origin_id = actor.origin_of(origin_id)
    answer = _NewAnswer(question_id, form, actor.user_id, *actor.seen_as, origin_id)
    return await _answer(db, actor, answer, now)


@reading
async def question_in(tx: Transaction, guild_id: int, thread_id: int) -> int:
    """The question whose thread this is. Raises `NotFound(THREAD)`."""
    question_id = await places.question_of_thread(tx, guild_id, thread_id)
    if question_id is None:
        raise NotFound(Missing.THREAD)
    return question_id


@reading
async def question_for_message(
    tx: Transaction, actor: Actor, thread_id: int, author_id: int
) -> int:
    """The question that a message in its thread can answer. Its writer and moderators can post it
    at once, the asker with its writer's consent. Raises like `post_message_as_answer`, before
    anything is done."""
    guild_id = actor.guild_id
    rules = await guilds.read_rules(tx, guild_id)
    question_id = await places.question_of_thread(tx, guild_id, thread_id)
    if question_id is None:
        raise NotFound(Missing.THREAD)
    question = await visible_card(tx, guild_id, question_id, rules)
    check_may(actor, Deed.WRITE)
    may = actor.user_id in (author_id, question.asker_id) or actor.moderates_post
    if not may:
        raise Denied(Denial.NOT_YOUR_MESSAGE)
    if question.closing is not None:
        raise Denied(Denial.QUESTION_CLOSED, question=question_id)
    return question_id


def needs_consent(actor: Actor, author_id: int) -> bool:
    """Whether a message becomes an answer only once its writer has agreed."""
    return actor.user_id != author_id and not actor.moderates_post


async def post_message_as_answer(
    db: Database,
    actor: Actor,
    message: ThreadMessage,
    form: AnswerForm,
    *,
    now: datetime,
) -> Posted:
    """Turn a message in a question's thread into its author's answer; `actor` has kept the files of
    `form`.

    The actor is its writer, or a moderator. (If an asker wanted it, the actor is the writer, who
    has agreed.) An answer is deleted with its message, unless somebody has voted on it. Raises like
    `answer_question`, `NotFound(THREAD)`, and `Denied` with `NOT_YOUR_MESSAGE` or, for a message
    whose answer was deleted, `ANSWER_DELETED`.
    """
    author_id = message.author_id
    question_id = await question_for_message(db, actor, message.thread_id, author_id)
    if needs_consent(actor, author_id):
        raise Denied(Denial.NOT_YOUR_MESSAGE)
    if actor.user_id == author_id:
        return await post_own_message(db, actor, question_id, message, form, now=now)
    made = _FromMessage(actor.user_id)
    seen_as = message.author_name, message.author_avatar
    answer = _NewAnswer(question_id, form, author_id, *seen_as, message.message_id, made)
    return await _answer(db, actor, answer, now)


async def post_own_message(
    db: Database,
    actor: Actor,
    question_id: int,
    message: ThreadMessage,
    form: AnswerForm,
    *,
    now: datetime,
) -> Posted:
    """Turn a member's own message, wherever it is, into their answer to a question. Raises like
    `answer_question`, and `Denied(ANSWER_DELETED)`."""
    seen_as = message.author_name, message.author_avatar
    made = _FromMessage(None)
    answer = _NewAnswer(question_id, form, actor.user_id, *seen_as, message.message_id, made)
    return await _answer(db, actor, answer, now)


@writing
async def _answer(tx: Transaction, actor: Actor, answer: _NewAnswer, now: datetime) -> Posted:
    body = check_answer(answer.form.body)
    guild_id, question_id = actor.guild_id, answer.question_id
    now = actor.at(now)
    begun = await begin(
        tx, actor, Action.ANSWERS, now, post_id=question_id, origin_id=answer.origin_id
    )
    rules, who, question = begun.rules, begun.who, if_visible(begun.card)
    if question.kind is not PostKind.QUESTION:
        raise NotFound(Missing.POST)
    check_may(actor, Deed.WRITE)
    check_not_blocked(who.block, actor, now)
    if question.closing is not None:
        raise Denied(Denial.QUESTION_CLOSED, question=question_id)
    if who.made is not None:
        return await _made_before(tx, question, who.made, rules)
    personas.check_may_post(actor, rules)
    if answer.form.files:
        check_may(actor, Deed.ATTACH)
    check_points("answer", who.points, actor.moderates_post, rules)
    check_limit(Action.ANSWERS, who.done, actor.is_moderator, rules, now)
    if await posts.repeats_answer(tx, question_id, body):
        raise Invalid("answer", Problem.REPEATED_ANSWER)
    measure = await holding.measure_of(tx, actor, who.points, Wording("", body, ()), rules, now)
    held = measure.hold
    if actor.is_anonymous:
        actor = await personas.settle(tx, actor, question.number, rules, who.authors)
        answer = replace(answer, author_id=actor.user_id, author_name=actor.name)
    sub_number = await _number(tx, question_id, answer.author_id, now, held=held)
    post = holding.under(_post(answer, body, question.number, sub_number), measure)
    await _remember(tx, actor, answer, who)
    post_id = await write_post(tx, actor, post, answer.form.files, rules, now)
    await _note(tx, actor, answer, who, post_id, now)
    if not held:
        await _add_points(tx, answer, post_id, question, rules, now)
        touched = {post_id: Priority.NEW_POST, question_id: Priority.WAITED_FOR}
        await outbox.enqueue_all(tx, guild_id, JobKind.CARD, touched, now)
        await tell_about_answer(tx, actor, answer.author_id, post_id, question, now)
    return Posted(post_id, question.number, sub_number, held=held)


async def _made_before(tx: Transaction, question: PostCard, post_id: int, rules: Rules) -> Posted:
    """The answer that the same interaction or message has become. Raises `Denied(ANSWER_DELETED)`
    where it is gone."""
    card = await cards.load_card(tx, question.guild_id, post_id, rules)
    held = card is not None and card.status is PostStatus.HELD
    if card is None or not (held or card.status is PostStatus.VISIBLE):
        raise Denied(Denial.ANSWER_DELETED)
    return Posted(post_id, question.number, card.sub_number, already=True, held=held)


async def _number(
    tx: Transaction, question_id: int, author_id: int, now: datetime, *, held: bool
) -> int:
    """A new answer's number below its question, which counts it unless it is held."""
    if held:
        return await held_posts.next_number(tx, question_id)
    return await posts.count_answer(tx, question_id, author_id, now)


def _post(answer: _NewAnswer, body: str, number: int, sub_number: int) -> posts.NewPost:
    message = answer.message
    return posts.NewPost(
        kind=PostKind.ANSWER,
        number=number,
        sub_number=sub_number,
        question_id=answer.question_id,
        author_id=answer.author_id,
        title="",
        body=body,
        tags=(),
        category_id=None,
        notify=answer.form.notify,
        origin_id=answer.origin_id,
        from_message=message is not None,
        posted_by=None if message is None else message.moderator_id,
    )


async def _remember(tx: Transaction, actor: Actor, answer: _NewAnswer, who: Acting) -> None:
    """Store the names of the answer's author and of the moderator who made it. An anonymous
    author's is written with their number."""
    if actor.is_anonymous:
        return
    guild_id, author_id = actor.guild_id, answer.author_id
    known = who.seen_as if author_id == actor.user_id else ("", "")
    seen_as = answer.author_name, answer.author_avatar
    await names.remember(tx, guild_id, author_id, *seen_as, known=known)
    if answer.message is not None and answer.message.moderator_id is not None:
        await names.remember(tx, guild_id, actor.user_id, *actor.seen_as, known=who.seen_as)


async def _add_points(
    tx: Transaction,
    answer: _NewAnswer,
    post_id: int,
    question: PostCard,
    rules: Rules,
    now: datetime,
) -> None:
    if is_sealed(answer.author_id):
        return
    if earns_by_being_there(PostKind.ANSWER, answer.author_id, question.asker_id):
        earned = rules.number("points.answer")
        entry = Entry(answer.author_id, post_id, Reason.ANSWER, 0, earned, now)
        await ledger.add_entries(tx, question.guild_id, [entry])


async def _note(
    tx: Transaction, actor: Actor, answer: _NewAnswer, who: Acting, post_id: int, now: datetime
) -> None:
    """Count that somebody answered, and end the request that an answer was made from."""
    guild_id = actor.guild_id
    await count_act(tx, actor, Action.ANSWERS, now, who)
    if answer.message is not None:
        await consenting.answered(tx, guild_id, answer.origin_id, now)
        await offering.answered(tx, guild_id, answer.origin_id, now)
    await receipts.keep(tx, actor, post_id, NoticeKind.POSTED, now)


async def tell_about_answer(
    tx: Transaction,
    actor: Actor,
    author_id: int,
    post_id: int,
    question: PostCard,
    now: datetime,
) -> None:
    """Notify the asker and the followers of the question and of the answer's author. `actor` made
    it an answer."""
    question_id = question.post_id
    recipients = telling.Recipients(
        ticked=question.notified,
        inbox_only=[] if question.asker_id is None else [question.asker_id],
        follows=[(FollowKind.QUESTION, str(question_id)), (FollowKind.MEMBER, str(author_id))],
        excluded=[author_id, actor.user_id],
        author_id=author_id,
    )
    await telling.tell(tx, actor.guild_id, post_id, NoticeKind.ANSWERED, recipients, now)
