"""The best answer: one a question, with the points that go with it."""

from __future__ import annotations

import asyncio

import pytest

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, Invalid, Missing, NotFound, Problem
from bot.domain.notices import NoticeKind
from bot.domain.outbox import Priority
from tests.store.forum import Forum


async def best_of(forum: Forum, question: int) -> int | None:
    best = (await forum.card(question)).best
    return best.post_id if best else None


async def test_the_choice_moves_with_its_points(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, question: int, answer: int
) -> None:
    other = await forum.answer(carol, question)
    points: list[tuple[int | None, int, int, int]] = []
    for post, chosen in ((answer, True), (answer, True), (other, True), (answer, False)):
        await forum.choose(alice, post, chosen=chosen)
        earned = [await forum.points(member) for member in (alice, bob, carol)]
        points.append((await best_of(forum, question), earned[0], earned[1], earned[2]))
        await forum.assert_consistent()
    await forum.choose(alice, other, chosen=False)
    assert points == [
        (answer, 50, 340, 40),
        (answer, 50, 340, 40),
        (other, 50, 40, 340),
        (other, 50, 40, 340),
    ]
    assert await best_of(forum, question) is None
    assert [await forum.points(member) for member in (alice, bob, carol)] == [20, 40, 40]


async def test_all_cards_that_show_it_follow(
    forum: Forum, alice: Actor, carol: Actor, question: int, answer: int
) -> None:
    other = await forum.answer(carol, question)
    await forum.choose(alice, answer)
    await forum.clear_jobs()
    await forum.choose(alice, other)
    jobs = await forum.jobs()
    assert {job.key for job in jobs} == {question, answer, other}
    assert {job.priority for job in jobs} == {Priority.WAITED_FOR}
    cards = [await forum.card(post) for post in (question, answer, other)]
    assert [(card.solved, card.is_best) for card in cards] == [
        (True, False),
        (False, False),
        (False, True),
    ]
    await forum.clear_jobs()
    await forum.choose(alice, other)
    assert await forum.jobs() == [], "choosing what is chosen changes nothing"


async def test_asker_and_moderators_choose(
    forum: Forum, bob: Actor, moderator: Actor, question: int, answer: int
) -> None:
    with pytest.raises(Denied, match=Denial.NOT_ASKER):
        await forum.choose(bob, answer)
    await forum.choose(moderator, answer)
    assert await best_of(forum, question) == answer


async def test_nobody_earns_by_their_own_answer(forum: Forum, alice: Actor, question: int) -> None:
    own = await forum.answer(alice, question)
    await forum.choose(alice, own)
    assert await best_of(forum, question) == own
    assert await forum.points(alice) == 20
    await forum.assert_consistent()


async def test_only_a_visible_answer_of_this_server_is_chosen(
    forum: Forum, elsewhere: Forum, alice: Actor, bob: Actor, question: int, answer: int
) -> None:
    with pytest.raises(Invalid, match=Problem.NOT_AN_ANSWER):
        await forum.choose(alice, question)
    asked = await elsewhere.ask(elsewhere.member(1))
    theirs = await elsewhere.answer(elsewhere.member(2), asked)
    await forum.delete(bob, answer)
    for post in (theirs, answer, 10**9):
        with pytest.raises(NotFound, match=Missing.POST):
            await forum.choose(alice, post)


async def test_an_asker_changes_their_mind_twenty_times_an_hour_and_no_more(
    forum: Forum, alice: Actor, moderator: Actor, answer: int
) -> None:
    for n in range(20):
        await forum.choose(alice, answer, chosen=n % 2 == 0)
        await forum.choose(alice, answer, chosen=n % 2 == 0)  # changes nothing: not counted
    with pytest.raises(Denied, match=Denial.HOURLY_LIMIT):
        await forum.choose(alice, answer)
    await forum.choose(moderator, answer)
    forum.later(hours=1)
    await forum.choose(alice, answer, chosen=False)


async def test_choices_at_once_leave_one(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    authors = [forum.member(20 + n) for n in range(6)]
    answers = [await forum.answer(author, question) for author in authors]
    await asyncio.gather(
        *(forum.choose((alice, moderator)[n % 2], post) for n, post in enumerate(answers))
    )
    chosen = await best_of(forum, question)
    points = {post: await forum.points(a) for a, post in zip(authors, answers, strict=True)}
    assert points == {post: 340 if post == chosen else 40 for post in answers}
    await forum.assert_consistent()


async def test_a_removed_best_answer_is_no_longer_the_best(
    forum: Forum, alice: Actor, bob: Actor, question: int, answer: int
) -> None:
    await forum.choose(alice, answer)
    await forum.delete(bob, answer)
    assert await best_of(forum, question) is None
    assert (await forum.points(alice), await forum.points(bob)) == (20, 0)
    await forum.assert_consistent()


async def test_the_chosen_are_told_once_if_they_wished_so(
    forum: Forum, alice: Actor, bob: Actor, question: int
) -> None:
    mine = await forum.answer(bob, question, notify=True)
    for chosen in (True, False, True):
        await forum.choose(alice, mine, chosen=chosen)
    assert await forum.news(bob) == [(NoticeKind.CHOSEN, mine)]
