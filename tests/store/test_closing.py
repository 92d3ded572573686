"""Closing as a duplicate: which questions are linked."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, Invalid, Problem
from bot.domain.posts import CloseReason
from bot.usecases.closing import ClosingForm, close_question, reopen_question
from bot.usecases.publishing import card_to_show
from bot.usecases.reporting import show_post
from data.models import Post
from tests.store.forum import Forum


async def link(forum: Forum, person: Actor, question: int, original: int) -> None:
    """A person closes a question as a duplicate of another."""
    why = ClosingForm(CloseReason.DUPLICATE, original)
    await close_question(forum.db, person, question, why, now=forum.now)


async def links(forum: Forum) -> dict[int, int]:
    """Duplicate → original."""
    async with forum.db.read() as tx:
        rows = await tx.rows(select(Post.id, Post.duplicate_of).order_by(Post.id))
    return {row[0]: row[1] for row in rows if row[1] is not None}


@pytest.fixture
async def four(forum: Forum, alice: Actor) -> list[int]:
    """Four questions."""
    return [await forum.ask(alice) for _ in range(4)]


async def test_all_duplicates_have_the_one_original(
    forum: Forum, moderator: Actor, four: list[int]
) -> None:
    a, b, c, d = four
    await link(forum, moderator, a, b)
    await link(forum, moderator, d, a)  # of a duplicate: of its original
    assert await links(forum) == {a: b, d: b}

    await forum.clear_jobs()
    await link(forum, moderator, b, c)  # the original of others: they go with it
    assert await links(forum) == {a: c, b: c, d: c}
    assert {job.key for job in await forum.jobs()} == {a, b, c, d}


async def test_duplicates_never_form_a_circle(
    forum: Forum, moderator: Actor, four: list[int]
) -> None:
    a, b, c, _ = four
    await link(forum, moderator, a, b)
    await link(forum, moderator, b, c)
    for original in (a, b, c):
        with pytest.raises(Invalid) as refused:
            await link(forum, moderator, c, original)
        assert refused.value.reason is Problem.SAME_QUESTION
    assert await links(forum) == {a: c, b: c}


async def test_hidden_questions_close_no_circle(
    forum: Forum, moderator: Actor, four: list[int]
) -> None:
    a, b, c, d = four
    await link(forum, moderator, a, b)
    await forum.hide(b)
    await link(forum, moderator, d, a)  # what can be looked at
    assert await links(forum) == {a: b, d: a}

    await show_post(forum.db, moderator, b, now=forum.now)
    for original in (a, d):
        with pytest.raises(Invalid):
            await link(forum, moderator, b, original)
    await link(forum, moderator, b, c)
    assert await links(forum) == {a: c, b: c, d: a}


async def test_the_cards_that_name_a_question_follow_it(
    forum: Forum, alice: Actor, moderator: Actor, four: list[int]
) -> None:
    a, b, _, d = four
    await link(forum, moderator, a, b)
    await link(forum, moderator, d, b)
    changes: list[Callable[[], Awaitable[object]]] = [
        lambda: forum.edit(alice, b, "", title="How does the thing of today work?"),
        lambda: forum.hide(b),
        lambda: show_post(forum.db, moderator, b, now=forum.now),
        lambda: forum.delete(moderator, b),
    ]
    for change in changes:
        await forum.clear_jobs()
        await change()
        assert {job.key for job in await forum.jobs()} == {a, b, d}

    await forum.clear_jobs()
    await forum.hide(a)
    assert {job.key for job in await forum.jobs()} == {a, b}


async def named_on(forum: Forum, question: int) -> set[int]:
    """The duplicates that a question's card names."""
    (job,) = [j for j in await forum.jobs() if j.key == question]
    shown = await card_to_show(forum.db, job)
    assert shown is not None
    return {line.post_id for line in shown.card.duplicates}


async def test_only_a_moderator_or_its_asker_links_a_duplicate_to_a_card(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, moderator: Actor, question: int
) -> None:
    await forum.set("privilege.close", "0")
    bobs, other, third = [await forum.ask(bob) for _ in range(3)]
    await link(forum, bob, bobs, question)
    await link(forum, carol, other, question)  # by points: no moderator either
    assert await named_on(forum, question) == set()
    assert (await forum.card(bobs)).closing is not None

    await link(forum, alice, third, question)
    assert await named_on(forum, question) == {third}
    await link(forum, moderator, bobs, question)
    assert await named_on(forum, question) == {third, bobs}


async def test_titles_do_not_move_onto_a_card_by_whoever_closes_their_original(
    forum: Forum, alice: Actor, bob: Actor, moderator: Actor, question: int
) -> None:
    bobs, duplicate = [await forum.ask(bob) for _ in range(2)]
    await link(forum, moderator, duplicate, bobs)
    await link(forum, bob, bobs, question)
    assert await links(forum) == {duplicate: question, bobs: question}
    assert await named_on(forum, question) == set()


async def test_closing_and_opening_have_an_hourly_limit_together(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    async def close_and_open(person: Actor) -> None:
        form = ClosingForm(CloseReason.OTHER)
        await close_question(forum.db, person, question, form, now=forum.now)
        await reopen_question(forum.db, person, question, now=forum.now)

    for _ in range(10):
        await close_and_open(alice)
    with pytest.raises(Denied, match=Denial.HOURLY_LIMIT) as refused:
        await close_and_open(alice)
    assert refused.value.data["limit"] == 20
    for _ in range(11):
        await close_and_open(moderator)
    forum.later(hours=1)
    await close_and_open(alice)


async def test_who_may_reopen_a_question_that_somebody_else_closed(
    forum: Forum, alice: Actor, moderator: Actor, question: int
) -> None:
    async def close(person: Actor) -> None:
        form = ClosingForm(CloseReason.OTHER)
        await close_question(forum.db, person, question, form, now=forum.now)

    await close(alice)
    await close(alice)
    await close(moderator)
    for act in (
        close(alice),
        reopen_question(forum.db, alice, question, now=forum.now),
    ):
        with pytest.raises(Denied):
            await act
    assert (await forum.card(question)).closing is not None
    assert (await reopen_question(forum.db, moderator, question, now=forum.now)).closing is None
