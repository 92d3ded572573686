"""Answering a question."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.access import Deed, check_may
from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem
from bot.domain.notices import FollowKind, NoticeKind
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import Action, check_limit, check_points
from bot.domain.posts import PostKind, PostStatus, check_answer
from bot.domain.reputation import Entry, Reason, earns_by_being_there
from bot.usecases import consenting
from bot.usecases.asking import Posted
from bot.usecases.attaching import attach
from bot.usecases.standing import standing_of, visible_card
from data import (
    cards,
    guilds,
    ledger,
    members,
    names,
    outbox,
    places,
    posts,
    receipts,
    search_index,
    telling,
)
from data.database import Database


@dataclass(frozen=True, slots=True)
class AnswerForm:
    """What was typed into the form of an answer. `files` are rows of `attaching.keep_files`."""

    body: str
    notify: bool = False
    files: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class FromMessage:
    """An answer that is made of a message: whether others than its writer began that, and the
    moderator who did it without asking."""

    by_others: bool
    moderator_id: int | None


@dataclass(frozen=True, slots=True)
class Writer:
    """Who an answer is by, and what they are called as it is given."""

    user_id: int
    name: str


async def answer_question(
    db: Database,
    actor: Actor,
    question_id: int,
    form: AnswerForm,
    *,
    origin_id: int,
    now: datetime,
) -> Posted:
    """Write an answer; all on disk when this returns. The same origin never makes a second one.

    Raises `NotFound(POST)`, `Invalid` for the text, `Denied` for who may not answer now.
    """
    writer = Writer(actor.user_id, actor.name)
    return await _answer(db, actor, writer, question_id, form, origin_id, now)


async def question_in(db: Database, guild_id: int, thread_id: int) -> int:
    """The question whose thread this is. Raises `NotFound(THREAD)`."""
    async with db.read() as tx:
        question_id = await places.question_of_thread(tx, guild_id, thread_id)
    if question_id is None:
        raise NotFound(Missing.THREAD)
    return question_id


async def question_for_message(db: Database, actor: Actor, thread_id: int, author_id: int) -> int:
    """The question that a message in its thread can be made an answer to, by its writer or a
    moderator at once, by the asker with its writer's consent. Raises like
    `post_message_as_answer`, before anything is done for it."""
    guild_id = actor.guild_id
    async with db.read() as tx:
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
        raise Denied(Denial.QUESTION_CLOSED)
    return question_id


def needs_consent(actor: Actor, author_id: int) -> bool:
    """Whether a message becomes an answer only once its writer has agreed."""
    return actor.user_id != author_id and not actor.moderates_post


async def post_message_as_answer(
    db: Database,
    actor: Actor,
    thread_id: int,
    author_id: int,
    body: str,
    *,
    message_id: int,
    author_name: str = "",
    files: Sequence[int] = (),
    agreed: bool = False,
    now: datetime,
) -> Posted:
    """Make a message in a question's thread its author's answer; `files` were kept by `actor`, and
    `author_name` is what the author is called now.

    One's own message by oneself, another's by a moderator: an asker asks its writer, who then is
    the actor that has `agreed`. What others began goes with its message. Raises like
    `answer_question`, `NotFound(THREAD)`, and `Denied` with `NOT_YOUR_MESSAGE` or, for a message
    whose answer was deleted, `ANSWER_DELETED`.
    """
    question_id = await question_for_message(db, actor, thread_id, author_id)
    if needs_consent(actor, author_id):
        raise Denied(Denial.NOT_YOUR_MESSAGE)
    form = AnswerForm(body, files=tuple(files))
    others = actor.user_id != author_id
    message = FromMessage(agreed or others, actor.user_id if others else None)
    writer = Writer(author_id, author_name)
    return await _answer(db, actor, writer, question_id, form, message_id, now, message)


async def _answer(
    db: Database,
    actor: Actor,
    writer: Writer,
    question_id: int,
    form: AnswerForm,
    origin_id: int,
    now: datetime,
    message: FromMessage | None = None,
) -> Posted:
    body = check_answer(form.body)
    guild_id, author_id = actor.guild_id, writer.user_id
    async with db.write() as tx:
        rules = await guilds.lock_rules(tx, guild_id, now)
        question = await visible_card(tx, guild_id, question_id, rules)
        if question.kind is not PostKind.QUESTION:
            raise NotFound(Missing.POST)
        check_may(actor, Deed.WRITE)
        if question.closing is not None:
            raise Denied(Denial.QUESTION_CLOSED)
        before = await posts.by_origin(tx, guild_id, origin_id)
        if before is not None:
            card = await cards.load_card(tx, guild_id, before, rules)
            if card is None or card.status is not PostStatus.VISIBLE:
                raise Denied(Denial.ANSWER_DELETED)
            return Posted(before, question.number, card.sub_number, already=True)
        if form.files:
            check_may(actor, Deed.ATTACH)
        points, done = await standing_of(tx, actor, Action.ANSWERS, now)
        check_points("answer", points, actor.moderates_post, rules)
        check_limit(Action.ANSWERS, done, actor.is_moderator, rules, now)
        if await posts.repeats_answer(tx, question_id, body):
            raise Invalid("answer", Problem.REPEATED_ANSWER)
        sub_number = await posts.count_answer(tx, question_id, now)
        post = posts.NewPost(
            kind=PostKind.ANSWER,
            number=question.number,
            sub_number=sub_number,
            question_id=question_id,
            author_id=author_id,
            title="",
            body=body,
            tags=(),
            category_id=None,
            notify=form.notify,
            origin_id=origin_id,
            from_message=message is not None and message.by_others,
            posted_by=None if message is None else message.moderator_id,
        )
        post_id = await posts.insert_post(tx, guild_id, post, now)
        await names.remember(tx, guild_id, author_id, writer.name)
        if post.posted_by is not None:
            await names.remember(tx, guild_id, post.posted_by, actor.name)
        await search_index.index_posts(tx, guild_id, [post_id])
        await attach(tx, actor, post_id, form.files)
        if earns_by_being_there(PostKind.ANSWER, author_id, question.asker_id):
            earned = rules.number("points.answer")
            entry = Entry(author_id, post_id, Reason.ANSWER, 0, earned, now)
            await ledger.add_entries(tx, guild_id, [entry])
        count = {(guild_id, actor.user_id): 1}
        await members.count_action(tx, Action.ANSWERS, count, now)
        if message is not None:
            await consenting.answered(tx, guild_id, origin_id, now)
        await receipts.keep(tx, actor, post_id, NoticeKind.POSTED, now)
        await outbox.enqueue(tx, guild_id, JobKind.CARD, [post_id], Priority.NEW_POST, now)
        await outbox.enqueue(tx, guild_id, JobKind.CARD, [question_id], Priority.WAITED_FOR, now)
        asker = question.asker_id
        wishes = asker is not None and await posts.notifies(tx, question_id)
        await telling.tell(
            tx,
            guild_id,
            post_id,
            NoticeKind.ANSWERED,
            ticked=[asker] if asker is not None and wishes else [],
            follows=[
                (FollowKind.QUESTION, str(question_id)),
                (FollowKind.MEMBER, str(author_id)),
            ],
            silent=[author_id, actor.user_id],
            author_id=author_id,
            now=now,
        )
    return Posted(post_id, question.number, sub_number)
