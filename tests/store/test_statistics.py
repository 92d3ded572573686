"""Figures over time: weekly counts, and times to the first answer."""

from __future__ import annotations

from datetime import timedelta

from bot.domain.actors import Actor
from bot.domain.voting import DOWN, UP
from bot.usecases import browsing, figures
from tests.store.forum import Forum


async def test_weeks_begin_and_end_where_they_say(
    forum: Forum, alice: Actor, bob: Actor, question: int
) -> None:
    now = forum.now + timedelta(weeks=12)
    for week in range(12):
        await forum.answer(bob, question)  # the first moment of a week
        forum.later(weeks=1, microseconds=-1)
        await forum.ask(alice)  # its last one
        forum.later(microseconds=1)
        assert forum.now <= now, week
    weeks = (await figures.statistics_of(forum.db, forum.guild_id, now)).weeks
    counts = [(asked, answered) for _, asked, answered in weeks]
    assert counts == [(2, 1)] + [(1, 1)] * 11
    # What came after (a clock that went back) counts for the last.
    await forum.ask(alice)
    weeks = (await figures.statistics_of(forum.db, forum.guild_id, now)).weeks
    assert weeks[-1][1:] == (2, 1)


async def test_the_median_is_of_what_others_answered_and_is_still_there(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor
) -> None:
    async def median() -> float | None:
        found = await figures.statistics_of(forum.db, forum.guild_id, forum.now)
        return found.figures.first_answer

    assert await median() is None
    asked = [await forum.ask(alice) for _ in range(3)]
    forum.later(minutes=10)
    await forum.answer(alice, asked[0])  # one's own is no answer one waited for
    assert await median() is None
    gone = await forum.answer(bob, asked[0])
    await forum.answer(bob, asked[1])
    assert await median() == 600
    forum.later(minutes=20)
    await forum.answer(carol, asked[0])
    await forum.answer(carol, asked[1])
    await forum.answer(carol, asked[2])
    assert await median() == 600
    await forum.delete(bob, gone)
    assert await median() == 1800
    await forum.hide(asked[1])
    assert await median() == 1800


async def test_ranks_go_on_over_pages(forum: Forum, question: int) -> None:
    """Equal points share a rank, also where a page ends amid them."""
    for n in range(24):
        person = forum.member(100 + n)
        await forum.answer(person, question)
        if n < 4:
            await forum.answer(person, question)
    for since in (None, forum.now - timedelta(days=7)):
        boards = [
            await browsing.leaderboard(forum.db, forum.guild_id, 0, since=since, page=page)
            for page in range(4)
        ]
        ranks = [line.rank for board in boards for line in board.lines]
        assert ranks == [1] * 4 + [5] * 20 + [25], "and Alice, who asked"
        people = [line.user_id for board in boards for line in board.lines]
        assert len(set(people)) == 25
        assert [board.more for board in boards] == [True, True, False, False]


async def test_a_period_counts_from_its_first_moment(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, question: int, answer: int
) -> None:
    async def earned(since: timedelta) -> dict[int, int]:
        board = await browsing.leaderboard(forum.db, forum.guild_id, 0, since=forum.now - since)
        return {line.user_id: line.points for line in board.lines}

    week = timedelta(days=7)
    await forum.vote(carol, answer, UP)
    forum.now += week
    assert await earned(week) == {alice.user_id: 20, bob.user_id: 60}
    forum.now += timedelta(microseconds=1)
    assert await earned(week) == {}
    await forum.vote(alice, answer, UP)
    assert await earned(week) == {bob.user_id: 20}
    await forum.vote(carol, answer, DOWN)  # from +20 to -20: what it was before is forgotten
    assert (await earned(week)).get(bob.user_id, 0) <= 20
