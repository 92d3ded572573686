"""Which posts a command can mean where none is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.domain.actors import Access, Actor
from bot.domain.errors import Denial, Denied
from bot.domain.posts import CloseReason
from bot.usecases import closing, pointing, publishing
from bot.usecases.closing import ClosingForm, close_question
from bot.usecases.pointing import Candidates, Offered
from tests.store.forum import CHANNEL, Forum

CLOSED = 501  # a channel that the reader can't read


async def show(forum: Forum, post: int, home: int = CHANNEL) -> int:
    """A question is shown in a channel."""
    await publishing.record_shown(forum.db, forum.guild_id, post, message_id=post, home_id=home)
    return post


async def offered(
    forum: Forum,
    person: Actor,
    wanted: Candidates,
    question: int | None = None,
    page: int = 0,
) -> Offered:
    return await pointing.candidates(
        forum.db, person, wanted, question, channels=[CHANNEL], page=page
    )


async def posts(
    forum: Forum, person: Actor, wanted: Candidates, question: int | None = None
) -> list[int]:
    """The rows of what a command can mean."""
    return [card.post_id for card in (await offered(forum, person, wanted, question)).cards]


async def test_in_a_thread_a_change_means_ones_own_newest_post(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    question = await show(forum, await forum.ask(alice))
    await forum.answer(bob, question)
    newest = await forum.answer(bob, question)
    await forum.answer(alice, question)

    for wanted in (Candidates.EDIT, Candidates.DELETE, Candidates.HISTORY):
        assert await posts(forum, bob, wanted, question) == [newest]


async def test_without_a_post_of_ones_own_it_means_what_one_may_change(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, moderator: Actor
) -> None:
    question = await show(forum, await forum.ask(alice))
    answer = await forum.answer(bob, question)
    keeper = replace(moderator, access=Access(CHANNEL, moderates=True))

    assert await posts(forum, keeper, Candidates.EDIT, question) == [answer, question]
    elsewhere = await show(forum, await forum.ask(carol))
    assert await posts(forum, carol, Candidates.EDIT, question) == [elsewhere]

    await forum.set("privilege.edit_others", "0")
    assert await posts(forum, carol, Candidates.EDIT, question) == [answer, question]
    assert await posts(forum, carol, Candidates.DELETE, question) == [elsewhere]
    assert await posts(forum, carol, Candidates.HISTORY, question) == [elsewhere]


async def test_elsewhere_it_means_ones_own_posts_the_newest_first(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    question = await show(forum, await forum.ask(alice))
    answer = await forum.answer(bob, question)
    own = await forum.ask(bob)  # not shown in Discord yet
    await show(forum, await forum.ask(bob), CLOSED)
    gone = await forum.answer(bob, question)
    await forum.delete(bob, gone)

    assert await posts(forum, bob, Candidates.DELETE) == [own, answer]
    assert await posts(forum, forum.member(77), Candidates.EDIT) == []


async def test_answers_to_choose(forum: Forum, alice: Actor, bob: Actor, carol: Actor) -> None:
    first, second = [await show(forum, await forum.ask(alice)) for _ in range(2)]
    one = await forum.answer(bob, first)
    two = await forum.answer(carol, second)
    own = await forum.answer(alice, first)
    three = await forum.answer(carol, first)

    assert await posts(forum, alice, Candidates.ANSWERS) == [three, own, two, one]
    assert await posts(forum, alice, Candidates.ANSWERS, first) == [own, three, one]
    await forum.choose(alice, one)
    assert await posts(forum, alice, Candidates.ANSWERS) == [two]
    assert await posts(forum, bob, Candidates.ANSWERS) == []
    with pytest.raises(Denied) as refused:
        await offered(forum, bob, Candidates.ANSWERS, first)
    assert refused.value.reason is Denial.NOT_ASKER


async def test_questions_ones_own_first(forum: Forum, alice: Actor, bob: Actor) -> None:
    old = await show(forum, await forum.ask(bob))
    other = await show(forum, await forum.ask(alice))
    await show(forum, await forum.ask(alice), CLOSED)
    new = await show(forum, await forum.ask(alice))
    closed = await show(forum, await forum.ask(bob))
    done = ClosingForm(CloseReason.OTHER)
    await close_question(forum.db, bob, closed, done, now=forum.now)

    assert await posts(forum, bob, Candidates.QUESTIONS) == [closed, old, new, other]
    assert await posts(forum, bob, Candidates.OPEN) == [old, new, other]
    assert await posts(forum, bob, Candidates.CLOSED) == [closed]
    assert await posts(forum, alice, Candidates.CLOSED) == [closed]


async def test_they_come_in_pages_of_25(forum: Forum, alice: Actor, bob: Actor) -> None:
    await forum.set("limit.questions", "1000")
    own = [await show(forum, await forum.ask(bob)) for _ in range(30)]
    others = [await show(forum, await forum.ask(alice)) for _ in range(24)]
    expected = [*reversed(own), *reversed(others)]

    pages = [await offered(forum, bob, Candidates.QUESTIONS, page=page) for page in range(4)]
    assert [card.post_id for page in pages for card in page.cards] == expected
    assert [(len(page.cards), page.more) for page in pages] == [
        (25, True), (25, True), (4, False), (0, False)
    ]  # fmt: skip


# --- what a question is likely to duplicate ------------------------------------------------------


async def test_likely_originals_are_similar_ones_that_one_can_read(
    forum: Forum, alice: Actor, moderator: Actor
) -> None:
    alike = await show(forum, await forum.ask(alice, "How do I fall asleep after a night shift?"))
    title = "How can I fall asleep in the closed channel?"
    await show(forum, await forum.ask(alice, title), CLOSED)
    await show(forum, await forum.ask(alice, "Which bread is best with soup?"))
    this = await show(forum, await forum.ask(alice, "Falling asleep after night shifts: how?"))

    person = replace(moderator, access=Access(CHANNEL, moderates=True))
    card, found = await closing.likely_originals(forum.db, person, this, channels=[CHANNEL])
    assert card.post_id == this
    assert [each.post_id for each in found] == [alike]


async def test_nobody_is_offered_originals_of_what_they_may_not_close(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    question = await show(forum, await forum.ask(alice))
    with pytest.raises(Denied):
        await closing.likely_originals(forum.db, bob, question, channels=[CHANNEL])
