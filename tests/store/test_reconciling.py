"""What people did in Discord while the bot was away, taken over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.actors import Actor
from bot.domain.voting import DOWN, NONE, UP, VoteSource
from bot.usecases.publishing import record_shown
from bot.usecases.reconciling import follow_pin, missed_ballots, recent_threads, thread_to_compare
from bot.usecases.voting import cast_votes
from tests.store.forum import Forum


@pytest.mark.parametrize(
    ("stored", "shown", "missed"),
    [
        ({}, {}, []),
        ({5: UP}, {UP: [5]}, []),
        ({}, {UP: [5], DOWN: [6]}, [(5, UP, None), (6, DOWN, None)]),
        ({5: UP}, {}, [(5, NONE, UP)]),
        ({5: UP}, {DOWN: [5]}, [(5, DOWN, None)]),
        ({5: DOWN}, {UP: [5], DOWN: [5]}, []),
        ({}, {UP: [5], DOWN: [5]}, [(5, UP, None)]),
    ],
)
def test_the_ballots_that_were_missed(
    stored: dict[int, int],
    shown: dict[int, list[int]],
    missed: list[tuple[int, int, int | None]],
) -> None:
    ballots = missed_ballots(10, stored, shown, {}, 100, datetime(2026, 1, 1, tzinfo=UTC))
    assert [(b.voter.user_id, b.value, b.only_if) for b in ballots] == missed
    assert {b.source for b in ballots} <= {VoteSource.REACTION}


async def test_only_votes_by_reaction_are_compared(
    forum: Forum, alice: Actor, carol: Actor, question: int, answer: int
) -> None:
    await record_shown(forum.db, forum.guild_id, question, message_id=70, thread_id=71)
    await record_shown(forum.db, forum.guild_id, answer, message_id=72)
    await forum.vote(alice, answer, UP, VoteSource.BUTTON)
    await forum.vote(carol, answer, UP, VoteSource.REACTION)
    compared = await thread_to_compare(forum.db, forum.guild_id, question)
    assert [card.post_id for card in compared.cards] == [question, answer]
    assert compared.reactions == {question: {}, answer: {carol.user_id: UP}}
    # Discord shows Carol's reaction no more, and one of Dave's.
    shown = {UP: [20]}
    ballots = missed_ballots(
        answer, compared.reactions[answer], shown, {}, forum.guild_id, forum.now
    )
    await cast_votes(forum.db, ballots, now=forum.now)
    assert (await forum.card(answer)).score == 2
    again = (await thread_to_compare(forum.db, forum.guild_id, question)).reactions[answer]
    assert missed_ballots(answer, again, shown, {}, forum.guild_id, forum.now) == []
    await forum.assert_consistent()


async def test_recent_questions_that_are_shown_are_compared(forum: Forum, alice: Actor) -> None:
    posts = [await forum.ask(alice) for _ in range(3)]
    for post in posts[:2]:
        await record_shown(forum.db, forum.guild_id, post, message_id=70 + post)
    assert await recent_threads(forum.db, forum.guild_id, forum.now) == posts[1::-1]
    forum.now += timedelta(days=15)
    assert await recent_threads(forum.db, forum.guild_id, forum.now) == []


async def test_a_pin_is_a_choice_and_unpinning_takes_it_back(
    forum: Forum, bob: Actor, question: int, answer: int
) -> None:
    card = await forum.card(answer)
    assert await follow_pin(forum.db, card, pinned=True, now=forum.now)
    assert not await follow_pin(forum.db, card, pinned=True, now=forum.now)
    card = await forum.card(answer)
    assert (card.is_best, card.place.pinned) == (True, True)
    assert await forum.points(bob) == 340
    assert await follow_pin(forum.db, card, pinned=False, now=forum.now)
    assert await forum.points(bob) == 40
    await forum.delete(bob, answer)
    assert not await follow_pin(forum.db, card, pinned=True, now=forum.now)
    await forum.assert_consistent()
