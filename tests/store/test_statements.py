"""How many statements the use cases run: fixed numbers, so that none grows unseen.

A statement over a set counts once, however large the set. Whoever changes a number here looks at
what the use case runs (a failure lists it), and finds each statement needed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from bot.domain.actors import Actor
from bot.domain.voting import DOWN, NONE, UP, Ballot, VoteSource
from bot.usecases import browsing, publishing
from bot.usecases.voting import cast_votes
from tests.store.faults import counted
from tests.store.forum import Forum

CARD = 72  # the message of the answer's card


async def fifty_votes(forum: Forum, posts: list[int]) -> None:
    ballots = [
        Ballot(forum.member(30 + n % 25), posts[n // 5], UP, VoteSource.BUTTON, forum.now)
        for n in range(50)
    ]
    outcomes = await cast_votes(forum.db, ballots, now=forum.now)
    assert all(outcome.changed for outcome in outcomes)


async def deliver_a_card(forum: Forum, _posts: list[int]) -> None:
    [job, *_] = await publishing.due_jobs(forum.db, forum.now, 1)
    await publishing.card_to_show(forum.db, job)
    await publishing.finish_job(forum.db, job)


# What is done (with the posts: a question, its first answer, eight more), and its statements.
ACTS: dict[str, tuple[Callable[[Forum, list[int]], Awaitable[object]], int]] = {
    "ask": (lambda f, _: f.ask(f.member(5), tags="sleep work"), 19),
    "answer": (lambda f, posts: f.answer(f.member(5), posts[0]), 19),
    "vote": (lambda f, posts: f.vote(f.member(5), posts[1], UP), 10),
    "fifty votes": (fifty_votes, 10),
    "the same vote again": (lambda f, posts: f.vote(f.member(3), posts[1], UP), 4),
    "vote the other way": (lambda f, posts: f.vote(f.member(3), posts[1], DOWN), 10),
    "take a vote back": (lambda f, posts: f.vote(f.member(3), posts[1], NONE), 9),
    "choose the best answer": (lambda f, posts: f.choose(f.member(1), posts[1]), 12),
    "edit": (lambda f, posts: f.edit(f.member(1), posts[0], "I lie awake now."), 16),
    "delete": (lambda f, posts: f.delete(f.member(2), posts[1]), 15),
    "look at a card": (lambda f, posts: f.card(posts[0]), 2),
    "find a reaction's post": (
        lambda f, _: browsing.post_of_message(f.db, f.guild_id, CARD),
        3,
    ),
    "deliver a card": (deliver_a_card, 8),
}


@pytest.mark.parametrize("act", ACTS)
async def test_an_act_runs_just_these_statements(
    forum: Forum, carol: Actor, question: int, answer: int, act: str
) -> None:
    more = [await forum.answer(carol, question) for _ in range(8)]
    await publishing.record_shown(forum.db, forum.guild_id, answer, message_id=CARD)
    await forum.vote(carol, answer, UP)
    run, number = ACTS[act]
    with counted(forum.db) as statements:
        await run(forum, [question, answer, *more])
    listed = "\n".join(" ".join(statement.split())[:120] for statement in statements)
    assert len(statements) == number, listed
