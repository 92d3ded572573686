"""Figures only count posts in channels that their reader can read."""

from __future__ import annotations

import pytest

from bot.domain.actors import Actor
from bot.domain.voting import UP
from bot.usecases import browsing, figures
from bot.usecases.publishing import record_shown
from tests.store.forum import CHANNEL, Forum

CLOSED = 666


@pytest.fixture
async def closed(forum: Forum, alice: Actor, bob: Actor, carol: Actor) -> int:
    """Alice's question in a closed channel, with an answer of Bob's. Carol votes on both, and on
    a question of Bob's that everybody reads."""
    public, closed = await forum.ask(bob), await forum.ask(alice)
    for post, home_id in ((public, CHANNEL), (closed, CLOSED)):
        await record_shown(forum.db, forum.guild_id, post, home_id=home_id)
    forum.later(days=1)
    answer = await forum.answer(bob, closed)
    forum.later(days=1)
    for post in (public, closed, answer):
        await forum.vote(carol, post, UP)
    return closed


@pytest.mark.usefixtures("closed")
async def test_votes_given(forum: Forum, carol: Actor) -> None:
    given = [
        (await browsing.profile(forum.db, forum.guild_id, carol.user_id, channels=each)).votes_given
        for each in (None, [CHANNEL, CLOSED], [CHANNEL], [CLOSED], [])
    ]
    assert given == [3, 3, 1, 2, 0]


@pytest.mark.usefixtures("closed")
async def test_points_over_time_end_at_the_points_of_now(forum: Forum, bob: Actor) -> None:
    async def curve(channels: list[int] | None) -> list[int]:
        found = await figures.points_curve(forum.db, forum.guild_id, bob.user_id, channels=channels)
        return [points for _, points in found]

    # He asked, answered elsewhere, and got a vote for each.
    assert await curve(None) == [120, 160, 170, 190]
    assert await curve([CHANNEL, CLOSED]) == [120, 160, 170, 190]
    assert await curve([CHANNEL]) == [180, 190]
    assert await curve([]) == []
    await forum.give(bob, 50)
    assert await curve([]) == [240]


@pytest.mark.usefixtures("closed")
async def test_the_servers_figures(forum: Forum) -> None:
    async def counted(channels: list[int] | None) -> tuple[object, ...]:
        found = await figures.statistics_of(forum.db, forum.guild_id, forum.now, channels=channels)
        counts, weeks = found.figures, found.weeks
        written = sum(asked + answered for _, asked, answered in weeks)
        return (
            counts.questions,
            counts.answers,
            counts.unanswered,
            counts.votes,
            counts.authors,
            counts.first_answer is not None,
            written,
        )

    assert await counted(None) == (2, 1, 1, 3, 2, True, 3)
    assert await counted([CHANNEL, CLOSED]) == (2, 1, 1, 3, 2, True, 3)
    assert await counted([CHANNEL]) == (1, 0, 1, 1, 1, False, 1)
    assert await counted([CLOSED]) == (1, 1, 0, 2, 2, True, 2)
    assert await counted([]) == (0, 0, 0, 0, 0, False, 0)
