"""Asking a question."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.access import Deed, check_may
from bot.domain.actors import Actor
from bot.domain.cards import QuestionLine
from bot.domain.errors import Denial, Denied, Invalid, Problem
from bot.domain.notices import FollowKind, NoticeKind
from bot.domain.outbox import JobKind, Priority
from bot.domain.policies import (
    Action,
    check_can_ask_in,
    check_limit,
    check_not_blocked,
    check_points,
)
from bot.domain.posts import PostKind, PostStatus, QuestionText, check_question
from bot.domain.reputation import Entry, Reason
from bot.domain.review import Wording
from bot.domain.rules import Rules
from bot.domain.similarity import TELLING
from bot.usecases import holding, personas, redirecting
from bot.usecases.attaching import Files
from bot.usecases.posting import write_post
from data import (
    cards,
    deflections,
    guilds,
    ledger,
    names,
    outbox,
    posts,
    receipts,
    search,
    tags,
    telling,
)
from data.acting import Acting, Asked, begin_asking, count_act
from data.database import Transaction, reading, writing

_SIMILAR = 5  # questions that are shown as like a new one
_COMPARED = 5  # Question2Answer compares a new question with the last five


@dataclass(frozen=True, slots=True)
class QuestionForm:
    """What was typed into the form of a question. `category_id` None is no category."""

    title: str
    details: str = ""
    category_id: int | None = None
    tags: str = ""
    notify: bool = False
    files: Files = ()


@dataclass(frozen=True, slots=True)
class Similar:
    """A question like a new one, and its best answer; "" if there is none that its reader may
    read."""

    line: QuestionLine
    best_answer: str = ""


@dataclass(frozen=True, slots=True)
class Posted:
    """A post that is on disk. `already` means that it existed before, `held` that it waits for
    approval."""

    post_id: int
    number: int
    sub_number: int = 0
    already: bool = False
    held: bool = False


@reading
async def similar_questions(
    tx: Transaction,
    guild_id: int,
    title: str,
    *,
    channels: Collection[int] | None = None,
    reader_id: int = 0,
) -> list[QuestionLine]:
    """Visible questions similar to a title, the most similar first, in the channels that the reader
    can read (None: in all)."""
    return await _similar(tx, guild_id, title, search.Reader(reader_id, channels))


@reading
async def before_it_goes_up(
    tx: Transaction,
    guild_id: int,
    title: str,
    *,
    channels: Collection[int] | None = None,
    reader_id: int = 0,
) -> list[Similar]:
    """The same with their best answers, for somebody who is about to ask: none, unless one is so
    similar that it may save them the question."""
    lines = await _similar(tx, guild_id, title, search.Reader(reader_id, channels), TELLING)
    solved = [line.post_id for line in lines if line.solved and not line.closed]
    answers = await deflections.best_answers(tx, guild_id, solved) if solved else {}
    return [Similar(line, answers.get(line.post_id, "")) for line in lines]


async def _similar(
    tx: Transaction, guild_id: int, title: str, reader: search.Reader, least: float = 0
) -> list[QuestionLine]:
    found = await search.similar(tx, guild_id, title, _SIMILAR, reader, least)
    lines = await cards.lines(tx, guild_id, found) if found else []
    return [line.read_in(reader.channels) for line in lines]


async def _within(
    tx: Transaction, actor: Actor, category_id: int | None, rules: Rules
) -> list[int]:
    """A category and its parents. Raises `Invalid("category", UNKNOWN)`, `Denied(NOT_IN_ROLE)`
    where the member may not ask there, and `Denied(CHANNEL_CHANGED)` if its questions now go to
    another channel than the one whose permissions were checked."""
    if category_id is None:
        _check_home(actor, rules.channel_id)
        return []
    known = {c.category_id: c for c in await guilds.categories(tx, actor.guild_id)}
    if category_id not in known:
        raise Invalid("category", Problem.UNKNOWN)
    check_can_ask_in(actor, known[category_id])
    _check_home(actor, known[category_id].channel_id or rules.channel_id)
    within: list[int] = []
    above: int | None = category_id
    while above is not None:
        within.append(above)
        above = known[above].parent_id
    return within


def _check_home(actor: Actor, home_id: int | None) -> None:
    if actor.access is not None and actor.access.home_id != home_id:
        raise Denied(Denial.CHANNEL_CHANGED)


@writing
async def ask_question(
    tx: Transaction,
    actor: Actor,
    form: QuestionForm,
    *,
    origin_id: int,
    channels: Collection[int] | None = None,
    now: datetime,
) -> Posted:
    """Write a question with its points, and enqueue its card; all on disk when this returns.

    The same `origin_id` (the interaction's) never makes a second question: the first is returned.
    `channels` are those that the person can read (None: all); nothing in others is revealed. Raises
    `Invalid` for texts, `Denied` for a member who may not ask now and for a server that isn't set
    up.
    """
    text = check_question(form.title, form.details, form.tags)
    guild_id = actor.guild_id
    now, origin_id = actor.at(now), actor.origin_of(origin_id)
    asked = Asked(text.title, text.details, _COMPARED, channels)
    begun, repeated = await begin_asking(tx, actor, asked, now, origin_id=origin_id)
    rules, who = begun.rules, begun.who
    if rules.channel_id is None:
        raise Denied(Denial.NOT_SET_UP)
    if who.made is not None:
        return await _made_before(tx, guild_id, who.made, rules)
    personas.check_may_post(actor, rules)
    _check_may_ask(actor, who, form, rules, now)
    within = await _within(tx, actor, form.category_id, rules)
    if repeated:
        raise Invalid("title", Problem.REPEATED_QUESTION)
    led = await tags.targets(tx, guild_id, text.tags, channels=channels, reader_id=actor.user_id)
    text = replace(text, tags=led)
    wording = Wording(text.title, text.details, text.tags)
    measure = await holding.measure_of(tx, actor, who.points, wording, rules, now)
    number = await guilds.next_number(tx, guild_id)
    actor = await personas.settle(tx, actor, number, rules, who.authors)
    post = holding.under(_post(actor, form, text, number, origin_id), measure)
    if not actor.is_anonymous:  # whose name is written with their number
        await names.remember(tx, guild_id, actor.user_id, *actor.seen_as, known=who.seen_as)
    await count_act(tx, actor, Action.QUESTIONS, now, who)
    post_id = await _write(tx, actor, post, form.files, rules, now)
    if measure.hold:
        return Posted(post_id, number, held=True)
    await redirecting.note_question(tx, guild_id, actor.user_id, post_id, text.details, now)
    await tell_about_question(tx, actor, post_id, text.tags, within, now)
    return Posted(post_id, number)


async def _made_before(tx: Transaction, guild_id: int, post_id: int, rules: Rules) -> Posted:
    """The question that the same interaction has become."""
    card = await cards.load_card(tx, guild_id, post_id, rules)
    held = card is not None and card.status is PostStatus.HELD
    return Posted(post_id, card.number if card else 0, already=True, held=held)


def _check_may_ask(
    actor: Actor, who: Acting, form: QuestionForm, rules: Rules, now: datetime
) -> None:
    check_may(actor, Deed.ASK)
    check_not_blocked(who.block, actor, now)
    if form.files:
        check_may(actor, Deed.ATTACH)
    check_points("ask", who.points, actor.moderates_post, rules)
    check_limit(Action.QUESTIONS, who.done, actor.is_moderator, rules, now)


def _post(
    actor: Actor, form: QuestionForm, text: QuestionText, number: int, origin_id: int
) -> posts.NewPost:
    return posts.NewPost(
        kind=PostKind.QUESTION,
        number=number,
        sub_number=0,
        question_id=None,
        author_id=actor.user_id,
        title=text.title,
        body=text.details,
        tags=text.tags,
        category_id=form.category_id,
        notify=form.notify,
        origin_id=origin_id,
    )


async def _write(
    tx: Transaction,
    actor: Actor,
    post: posts.NewPost,
    files: Files,
    rules: Rules,
    now: datetime,
) -> int:
    """Write a question with its files and points, and return its row. One that is held earns
    nothing, and isn't shown."""
    guild_id = actor.guild_id
    post_id = await write_post(tx, actor, post, files, rules, now)
    await receipts.keep(tx, actor, post_id, NoticeKind.POSTED, now)
    if post.status is PostStatus.HELD:
        return post_id
    if not actor.is_anonymous:
        earned = rules.number("points.question")
        entry = Entry(actor.user_id, post_id, Reason.QUESTION, 0, earned, now)
        await ledger.add_entries(tx, guild_id, [entry])
    await outbox.enqueue(tx, guild_id, JobKind.CARD, [post_id], Priority.NEW_POST, now)
    return post_id


async def tell_about_question(
    tx: Transaction,
    actor: Actor,
    post_id: int,
    tagged: Sequence[str],
    within: Sequence[int],
    now: datetime,
) -> None:
    """Notify the followers of the asker (`actor`), of the question's tags and of its categories."""
    recipients = telling.Recipients(
        follows=[
            (FollowKind.MEMBER, str(actor.user_id)),
            *((FollowKind.TAG, tag) for tag in tagged),
            *((FollowKind.CATEGORY, str(c)) for c in within),
        ],
        excluded=[actor.user_id],
        author_id=actor.user_id,
    )
    await telling.tell(tx, actor.guild_id, post_id, NoticeKind.ASKED, recipients, now)
