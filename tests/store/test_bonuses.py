"""Points that managers give, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from bot.domain.actors import Actor
from bot.domain.errors import Denied, Invalid
from bot.domain.reputation import Reason
from bot.usecases import browsing, figures
from bot.usecases.recounting import recount
from bot.usecases.rewarding import BonusForm, give_bonus
from data.models import Member
from tests.store.forum import Forum


async def test_a_bonus_is_given_once_and_survives_a_recount(forum: Forum, bob: Actor) -> None:
    assert await forum.give(bob, 200, origin_id=1) == 300
    assert await forum.give(bob, 200, origin_id=1) == 300, "the same interaction, told twice"
    assert await forum.give(bob, -50) == 250
    await forum.ask(bob)
    assert await forum.points(bob) == 170
    await forum.assert_consistent()

    async with forum.db.write() as tx:
        await tx.execute(update(Member).where(Member.user_id == 2).values(points=5))
    (correction,) = await recount(forum.db, now=forum.now)
    assert (correction.stored, correction.right) == (5, 170)
    assert await forum.points(bob) == 170


async def test_it_is_one_of_the_lines_that_tell_where_points_came_from(
    forum: Forum, alice: Actor, bob: Actor
) -> None:
    await forum.ask(bob)
    question = await forum.ask(alice)
    forum.later(hours=1)
    await forum.give(bob, 200, "Open day")
    forum.later(hours=1)
    await forum.answer(bob, question)
    page = await browsing.points_history(forum.db, forum.guild_id, 2)
    assert [(line.reason, line.points, line.post) for line in page.lines] == [
        (Reason.ANSWER, 40, "#2.1"),
        (Reason.BONUS, 200, ""),
        (Reason.QUESTION, 20, "#1"),
    ]
    assert page.lines[1].title == "Open day"
    assert (page.points, page.earned) == (360, 260)
    curve = await figures.points_curve(forum.db, forum.guild_id, 2)
    assert [points for _, points in curve] == [120, 320, 360]


async def test_it_counts_in_the_week_it_was_given_in(
    forum: Forum, bob: Actor, carol: Actor
) -> None:
    await forum.give(bob, 200)
    forum.later(days=10)
    await forum.give(carol, 50)
    since = forum.now - timedelta(days=7)
    week = await browsing.leaderboard(forum.db, forum.guild_id, 2, since=since)
    assert [(line.user_id, line.points) for line in week.lines] == [(3, 50)]
    ever = await browsing.leaderboard(forum.db, forum.guild_id, 2)
    assert [(line.user_id, line.points) for line in ever.lines] == [(2, 300), (3, 150)]


async def test_another_server_knows_nothing_of_it(
    forum: Forum, elsewhere: Forum, bob: Actor
) -> None:
    await forum.give(bob, 200)
    assert await elsewhere.points(bob) == 0
    assert not (await browsing.points_history(forum.db, elsewhere.guild_id, 2)).lines


async def test_managers_give_bonuses_within_limits(forum: Forum, bob: Actor) -> None:
    moderator = forum.member(3, is_moderator=True)
    with pytest.raises(Denied):
        await give_bonus(forum.db, moderator, BonusForm(2, 5), origin_id=1, now=forum.now)
    for points in (0, 10_001, -10_001):
        with pytest.raises(Invalid):
            await forum.give(bob, points)
    with pytest.raises(Invalid):
        await forum.give(bob, 5, "x" * 201)
    assert await forum.points(bob) == 0
