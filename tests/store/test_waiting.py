"""Questions that wait: fewer than two people have replied, comments count."""

from __future__ import annotations

from typing import Any

import pytest

from bot.domain.actors import Actor
from bot.domain.outbox import JobKind
from bot.domain.posts import CloseReason
from bot.domain.ranking import View
from bot.usecases import closing, commenting, figures, listing, publishing, reminding, reporting
from bot.usecases.closing import ClosingForm
from tests.store.forum import CHANNEL, Forum

_origins = iter(range(70_000, 80_000))


async def asked(forum: Forum, person: Actor) -> int:
    question = await forum.ask(person)
    place: dict[str, Any] = {
        "channel_id": CHANNEL,
        "message_id": 9000 + question,
        "home_id": CHANNEL,
    }
    await publishing.record_shown(forum.db, forum.guild_id, question, thread_id=question, **place)
    return question


async def comment(forum: Forum, person: Actor, post: int) -> int:
    posted = await commenting.comment_on(
        forum.db, person, post, "And earplugs.", origin_id=next(_origins), now=forum.now
    )
    return posted.post_id


async def waiting(forum: Forum) -> list[int]:
    wanted = listing.Selection(View.WAITING)
    found = await listing.list_questions(
        forum.db, forum.guild_id, wanted, channels=[CHANNEL], reader_id=1
    )
    return [line.post_id for line in found.lines]


async def test_two_people_are_enough(forum: Forum, alice: Actor, bob: Actor, carol: Actor) -> None:
    first, second = await asked(forum, alice), await asked(forum, alice)
    assert await waiting(forum) == [first, second], "the longest waiting first"
    answer = await forum.answer(bob, first)
    await forum.answer(bob, first)
    await comment(forum, bob, answer)
    await comment(forum, alice, answer)
    assert await waiting(forum) == [first, second], "one person, and the one who asked"
    await comment(forum, carol, answer)
    assert await waiting(forum) == [second]
    await forum.assert_consistent()


async def test_what_is_taken_out_and_comes_back(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor
) -> None:
    question = await asked(forum, alice)
    answer = await forum.answer(bob, question)
    said = await comment(forum, carol, answer)
    other = await comment(forum, carol, question)
    assert await waiting(forum) == []
    await reporting.hide_post(forum.db, forum.manager, said, now=forum.later())
    assert await waiting(forum) == [], "she said something else, too"
    await forum.delete(carol, other)
    await forum.assert_consistent()
    assert await waiting(forum) == [question]
    await reporting.show_post(forum.db, forum.manager, said, now=forum.later())
    assert await waiting(forum) == []
    await forum.hide(answer)
    assert await waiting(forum) == [question]
    await reporting.show_post(forum.db, forum.manager, answer, now=forum.later())
    assert await waiting(forum) == []
    await forum.assert_consistent()


async def test_closed_and_solved_ones_do_not_wait(forum: Forum, alice: Actor, bob: Actor) -> None:
    closed, solved = await asked(forum, alice), await asked(forum, alice)
    form = ClosingForm(CloseReason.OTHER, note="Done")
    await closing.close_question(forum.db, forum.manager, closed, form, now=forum.now)
    await forum.choose(alice, await forum.answer(bob, solved))
    assert await waiting(forum) == []


async def test_helpers_are_called_for_them(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor
) -> None:
    await forum.set("helper_role", "77")
    one, two = await asked(forum, alice), await asked(forum, alice)
    for question in (one, two):
        await forum.answer(bob, question)
    await forum.answer(carol, two)
    forum.later(hours=25)
    assert await reminding.find_waiting(forum.db, forum.guild_id, forum.now) == 1
    [job] = await forum.jobs(JobKind.WAITING)
    call = await reminding.waiting_question(forum.db, job, forum.now)
    assert call is not None, "one reply is not enough"
    assert (job.key, call.card.post_id, call.role_id) == (one, one, 77)
    await comment(forum, carol, one)
    assert await reminding.waiting_question(forum.db, job, forum.now) is None


@pytest.mark.parametrize("how", ["closed", "solved", "hidden"])
async def test_helpers_are_not_called_for_what_is_done_meanwhile(
    forum: Forum, alice: Actor, bob: Actor, how: str
) -> None:
    await forum.set("helper_role", "77")
    question = await asked(forum, alice)
    answer = await forum.answer(bob, question)
    forum.later(hours=25)
    assert await reminding.find_waiting(forum.db, forum.guild_id, forum.now) == 1
    [job] = await forum.jobs(JobKind.WAITING)
    if how == "closed":
        form = ClosingForm(CloseReason.OTHER, note="Done")
        await closing.close_question(forum.db, forum.manager, question, form, now=forum.now)
    elif how == "solved":
        await forum.choose(alice, answer)
    else:
        await forum.hide(question)
    assert await reminding.waiting_question(forum.db, job, forum.now) is None


async def test_the_share_that_two_people_heard_within_a_day(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor
) -> None:
    async def heard() -> float | None:
        found = await figures.statistics_of(forum.db, forum.guild_id, forum.now)
        return found.figures.heard

    assert await heard() is None
    in_time, late, one, never = [await asked(forum, alice) for _ in range(4)]
    for question in (in_time, late, one):
        await forum.answer(bob, question)
    forum.later(hours=23)
    await comment(forum, carol, in_time)
    assert await heard() is None, "their day isn't over"
    forum.later(hours=2)
    await forum.answer(carol, late)
    await comment(forum, alice, never)
    assert await heard() == pytest.approx(0.25)
