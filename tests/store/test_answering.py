"""Answering: an answer is counted, numbered, rewarded and notified once."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem
from bot.domain.notices import NoticeKind
from bot.domain.outbox import Priority
from bot.usecases.answering import AnswerForm, post_message_as_answer
from bot.usecases.consenting import ThreadMessage
from bot.usecases.publishing import record_shown
from tests.store.forum import Forum

THREAD = 900


async def test_an_answer_with_all_that_follows_from_it(
    forum: Forum, bob: Actor, question: int
) -> None:
    await forum.clear_jobs()
    post = await forum.answer(bob, question, "Dark curtains,\n1. and no screens.")
    card = await forum.card(post)
    assert (card.reference, card.body) == ("#1.1", "Dark curtains,\n1. and no screens.")
    assert (card.title, card.question_id) == ("How do I sleep after a night shift?", question)
    assert (card.author.id, card.author.points, card.asker_id) == (bob.user_id, 140, 1)
    assert (await forum.card(question)).answers == 1
    jobs = [(job.key, job.priority, job.group) for job in await forum.jobs()]
    assert jobs == [
        (post, Priority.NEW_POST, question),
        (question, Priority.WAITED_FOR, question),
    ]
    await forum.assert_consistent()


async def test_numbers_of_answers_are_not_given_twice(
    forum: Forum, bob: Actor, question: int
) -> None:
    first = await forum.answer(bob, question)
    await forum.delete(bob, first)
    second = await forum.answer(bob, question)
    assert (await forum.card(second)).reference == "#1.2"
    assert (await forum.card(question)).answers == 1


async def test_answers_at_once_each_get_a_number(forum: Forum, question: int) -> None:
    members = [forum.member(20 + n) for n in range(8)]
    posts = await asyncio.gather(*(forum.answer(m, question) for m in members))
    numbers = [(await forum.card(post)).sub_number for post in posts]
    assert sorted(numbers) == list(range(1, 9))
    assert (await forum.card(question)).answers == 8
    await forum.assert_consistent()


async def test_the_same_form_sent_twice_is_one_answer(
    forum: Forum, bob: Actor, question: int
) -> None:
    once = "Dark curtains, and no screens."
    posts = await asyncio.gather(
        *(forum.answer(bob, question, once, origin_id=7) for _ in range(4))
    )
    assert len(set(posts)) == 1
    assert await forum.points(bob) == 40
    with pytest.raises(Invalid, match=Problem.REPEATED_ANSWER):
        await forum.answer(bob, question, f"{once} ")


async def test_only_a_visible_question_of_this_server_is_answered(
    forum: Forum, elsewhere: Forum, alice: Actor, bob: Actor, question: int, answer: int
) -> None:
    theirs = await elsewhere.ask(elsewhere.member(1))
    gone = await forum.ask(alice)
    await forum.hide(gone)
    for post in (theirs, gone, answer, 10**9):
        with pytest.raises(NotFound, match=Missing.POST):
            await forum.answer(bob, post)


async def test_an_hour_holds_so_many_answers(forum: Forum, bob: Actor, question: int) -> None:
    await forum.set("limit.answers", "2")
    await forum.answer(bob, question)
    await forum.answer(bob, question)
    with pytest.raises(Denied, match=Denial.HOURLY_LIMIT):
        await forum.answer(bob, question)
    forum.later(hours=1)
    await forum.answer(bob, question)


async def test_askers_are_told_if_they_wished_so(forum: Forum, alice: Actor, bob: Actor) -> None:
    post = await forum.ask(alice, notify=True)
    await forum.answer(alice, post)
    assert await forum.news(alice) == [], "nobody is told of their own answer"
    answered = await forum.answer(bob, post)
    assert await forum.news(alice) == [(NoticeKind.ANSWERED, answered)]
    await forum.delete(bob, answered)
    assert await forum.news(alice) == [], "there is nothing to tell any more"


async def test_askers_who_did_not_tick_get_no_message(
    forum: Forum, alice: Actor, answer: int
) -> None:
    assert await forum.news(alice) == []


async def test_a_message_becomes_its_authors_answer(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, moderator: Actor, question: int
) -> None:
    await record_shown(forum.db, forum.guild_id, question, thread_id=THREAD)
    text = "Dark curtains, and no screens. "

    async def post(actor: Actor, message_id: int) -> int:
        return (
            await post_message_as_answer(
                forum.db,
                actor,
                ThreadMessage(THREAD, message_id, bob.user_id),
                AnswerForm(text + str(message_id)),
                now=forum.now,
            )
        ).post_id

    for person in (carol, alice):  # the asker asks its writer first
        with pytest.raises(Denied, match=Denial.NOT_YOUR_MESSAGE):
            await post(person, 70)
    mine = [await post(actor, 71 + n) for n, actor in enumerate((bob, moderator, moderator))]
    assert {(await forum.card(each)).author.id for each in mine} == {bob.user_id}
    assert await post(moderator, 71) == mine[0], "the same message is one answer"
    assert await forum.points(bob) == 120
    message = ThreadMessage(THREAD + 1, 90, bob.user_id)
    with pytest.raises(NotFound):
        await post_message_as_answer(forum.db, bob, message, AnswerForm(text), now=forum.now)
