"""Where points came from, and leaderboards."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from bot.domain.actors import Actor
from bot.domain.reputation import Reason
from bot.domain.voting import DOWN, UP
from bot.usecases import browsing
from tests.store.forum import Forum


async def test_a_profile_counts_visible_posts(
    forum: Forum, alice: Actor, bob: Actor, carol: Actor, question: int, answer: int
) -> None:
    await forum.choose(alice, answer)
    await forum.vote(alice, answer, UP)
    await forum.vote(carol, answer, UP)
    await forum.vote(bob, question, DOWN)
    await forum.delete(bob, await forum.answer(bob, question))
    profile = await browsing.profile(forum.db, forum.guild_id, bob.user_id)
    assert (profile.points, profile.rank) == (100 + 40 + 300 + 40, 1)
    assert (profile.questions, profile.answers, profile.best_answers) == (0, 1, 1)
    assert (profile.votes_received, profile.votes_given) == (2, 1)
    hers = await browsing.profile(forum.db, forum.guild_id, alice.user_id)
    assert (hers.points, hers.rank, hers.votes_received) == (100 + 20 + 30 - 10, 2, 1)
    nobody = await browsing.profile(forum.db, forum.guild_id, 999)
    assert (nobody.points, nobody.rank, nobody.answers) == (100, None, 0)


@pytest.mark.parametrize("days", [None, 1])
async def test_a_leaderboard_ranks_equals_alike_and_pages(
    forum: Forum, alice: Actor, days: int | None
) -> None:
    since = None if days is None else forum.now - timedelta(days=days)
    start = 100 if since is None else 0
    people = [forum.member(20 + n) for n in range(12)]
    for n, person in enumerate(people):
        for _ in range(1 + (n < 2)):
            await forum.ask(person)
    boards = partial(browsing.leaderboard, forum.db, forum.guild_id, since=since)
    board = await boards(people[11].user_id)
    assert [(line.rank, line.points - start) for line in board.lines[:4]] == [
        (1, 40),
        (1, 40),
        (3, 20),
        (3, 20),
    ]
    assert (len(board.lines), board.more) == (10, True)
    assert board.mine is not None
    assert board.mine.rank == 3
    second = await boards(people[0].user_id, page=1)
    assert [line.user_id for line in second.lines] == [person.user_id for person in people[10:]]
    assert (second.more, second.mine) == (False, board.lines[0])
    assert (await boards(alice.user_id)).mine is None


async def test_a_week_counts_what_it_brought(
    forum: Forum, alice: Actor, bob: Actor, answer: int
) -> None:
    for n in range(9):
        await forum.vote(forum.member(20 + n), answer, UP)
    week = forum.later(days=1)
    for n in range(9, 12):
        await forum.vote(forum.member(20 + n), answer, UP)
    await forum.ask(alice)
    board = await browsing.leaderboard(forum.db, forum.guild_id, bob.user_id, since=week)
    earned = {line.user_id: line.points for line in board.lines}
    assert earned == {bob.user_id: 20, alice.user_id: 20}, "from 180 to the cap of 200"
    assert board.mine is not None
    assert (board.mine.rank, board.mine.points) == (1, 20)
    later = forum.later(days=1)
    board = await browsing.leaderboard(forum.db, forum.guild_id, bob.user_id, since=later)
    assert (board.lines, board.mine) == ([], None)


async def test_points_tell_where_they_came_from(
    forum: Forum, alice: Actor, bob: Actor, answer: int
) -> None:
    forum.later()
    for n in range(12):
        await forum.vote(forum.member(20 + n), answer, UP)
    forum.later()
    await forum.choose(alice, answer)
    page = await browsing.points_history(forum.db, forum.guild_id, bob.user_id)
    assert (page.points, page.start, page.earned, page.more) == (640, 100, 540, False)
    lines = [(line.reason, line.points, line.times, line.post) for line in page.lines]
    assert lines == [
        (Reason.BEST_ANSWER, 300, 1, "#1.1"),
        (Reason.VOTE, 200, 12, "#1.1"),
        (Reason.ANSWER, 40, 1, "#1.1"),
    ]
    assert {line.title for line in page.lines} == {"How do I sleep after a night shift?"}
    assert sum(line.points for line in page.lines) == page.earned


async def test_a_long_history_has_pages(forum: Forum, alice: Actor) -> None:
    await forum.set("limit.questions", "100")
    for _ in range(12):
        await forum.ask(alice)
        forum.later()
    first = await browsing.points_history(forum.db, forum.guild_id, alice.user_id)
    second = await browsing.points_history(forum.db, forum.guild_id, alice.user_id, page=1)
    assert (len(first.lines), first.more) == (10, True)
    assert (len(second.lines), second.more) == (2, False)
    posts = [line.post for line in (*first.lines, *second.lines)]
    assert posts == [f"#{number}" for number in range(12, 0, -1)]
