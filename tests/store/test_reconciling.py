"""Taking over what people did in Discord while the bot was away."""

from __future__ import annotations

import pytest

from bot.domain.actors import Actor
from bot.domain.voting import DOWN, UP, VoteSource
from bot.usecases import reconciling
from bot.usecases.publishing import record_shown
from bot.usecases.reconciling import follow_pin, missed_ballots, thread_to_compare
from bot.usecases.voting import cast_votes
from tests.store.forum import Forum

NORMAL, BUTTON = VoteSource.REACTION, VoteSource.BUTTON


async def shown_at(forum: Forum, question: int, message_id: int) -> None:
    """A question's card and its thread are there."""
    where = (forum.db, forum.guild_id, question)
    await record_shown(*where, message_id=message_id, thread_id=message_id, home_id=500)


async def due(forum: Forum) -> list[int]:
    """The questions to compare, in their order."""
    found = await reconciling.due_questions(forum.db, forum.guild_id)
    return [each.question_id for each in found]


async def compared(forum: Forum, *questions: int) -> None:
    """These questions are compared now."""
    found = await reconciling.due_questions(forum.db, forum.guild_id)
    done = {each.question_id: each.absences for each in found if each.question_id in questions}
    await reconciling.note_compared(forum.db, forum.guild_id, done, forum.now)


async def test_votes_become_what_discord_shows(
    forum: Forum, alice: Actor, carol: Actor, question: int, answer: int
) -> None:
    await record_shown(forum.db, forum.guild_id, question, message_id=70, thread_id=71)
    await record_shown(forum.db, forum.guild_id, answer, message_id=72)
    await forum.vote(alice, answer, UP, BUTTON)
    await forum.vote(carol, answer, UP, NORMAL)
    thread = await thread_to_compare(forum.db, forum.guild_id, question)
    assert [card.post_id for card in thread.cards] == [question, answer]
    # Discord shows Carol's reaction no more, and one of Dave's.
    shown = {UP: {20: [NORMAL]}}
    card = await forum.card(answer)
    ballots = missed_ballots(card, thread, shown, {}, forum.now)
    await cast_votes(forum.db, ballots, now=forum.now)
    assert (await forum.card(answer)).score == 2
    again = await thread_to_compare(forum.db, forum.guild_id, question)
    assert again.votes[answer] == {alice.user_id: (UP, BUTTON), 20: (UP, NORMAL)}
    assert missed_ballots(card, again, shown, {}, forum.now) == []
    await forum.assert_consistent()


async def test_an_act_during_a_comparison_overrides_it(
    forum: Forum, alice: Actor, carol: Actor, question: int, answer: int
) -> None:
    await shown_at(forum, question, 70)
    await record_shown(forum.db, forum.guild_id, answer, message_id=72)
    await forum.vote(carol, answer, UP, NORMAL)
    await reconciling.note_absence(forum.db, [forum.guild_id])
    thread = await thread_to_compare(forum.db, forum.guild_id, question)
    shown = {UP: {alice.user_id: [NORMAL]}}
    ballots = missed_ballots(await forum.card(answer), thread, shown, {}, forum.now)
    assert len(ballots) == 2
    await forum.vote(alice, answer, DOWN, BUTTON)
    await forum.vote(carol, answer, UP, BUTTON)
    await cast_votes(forum.db, ballots, now=forum.now)
    after = await thread_to_compare(forum.db, forum.guild_id, question)
    assert after.votes[answer] == {alice.user_id: (DOWN, BUTTON), carol.user_id: (UP, BUTTON)}
    assert (alice.user_id, UP) in after.waiting[answer]
    await forum.assert_consistent()


async def test_every_question_is_due_after_an_absence_the_active_ones_first(
    forum: Forum, alice: Actor, bob: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "MOST", 1)
    asked: list[int] = []
    for number in range(4):
        asked.append(await forum.ask(alice))
        await shown_at(forum, asked[-1], 70 + number)
        forum.later(days=100)
    await forum.answer(bob, asked[1])
    hidden = await forum.ask(alice)  # shown nowhere
    assert await due(forum) == [], "nothing was missed"

    await reconciling.note_absence(forum.db, [forum.guild_id])
    assert hidden not in await due(forum)
    assert await due(forum) == [asked[3], asked[2], asked[1], asked[0]]
    monkeypatch.setattr(reconciling, "MOST", 100)
    assert (await due(forum))[0] == asked[1], "somebody wrote there last"


async def test_a_restart_goes_on_where_it_was(
    forum: Forum, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciling, "MOST", 1)
    asked: list[int] = []
    for number in range(4):
        asked.append(await forum.ask(alice))
        await shown_at(forum, asked[-1], 70 + number)
        forum.later()
    await reconciling.note_absence(forum.db, [forum.guild_id])
    await compared(forum, asked[3], asked[2])
    assert await due(forum) == [asked[1], asked[0]]
    # A new session: all of it once more, but what has waited longest before what has not.
    await reconciling.note_absence(forum.db, [forum.guild_id])
    assert (await due(forum))[:3] == [asked[3], asked[1], asked[0]]
    await compared(forum, asked[3], asked[1], asked[0])
    assert await due(forum) == [asked[2]]
    await compared(forum, asked[2])
    assert await due(forum) == []


async def test_an_absence_during_a_comparison_is_one_more(forum: Forum, question: int) -> None:
    await shown_at(forum, question, 70)
    await reconciling.note_absence(forum.db, [forum.guild_id])
    (found,) = await reconciling.due_questions(forum.db, forum.guild_id)
    await reconciling.note_absence(forum.db, [forum.guild_id])
    done = {question: found.absences}
    await reconciling.note_compared(forum.db, forum.guild_id, done, forum.now)
    assert await due(forum) == [question]


async def test_what_is_posted_after_an_absence_is_not_compared(
    forum: Forum, alice: Actor, question: int
) -> None:
    await shown_at(forum, question, 70)
    await reconciling.note_absence(forum.db, [forum.guild_id])
    await shown_at(forum, await forum.ask(alice), 71)
    assert await due(forum) == [question]


async def test_a_channel_that_cannot_be_read_is_left_until_it_can(
    forum: Forum, question: int
) -> None:
    await shown_at(forum, question, 70)
    await reconciling.note_absence(forum.db, [forum.guild_id])
    await reconciling.note_channel(forum.db, forum.guild_id, 500, forum.now, due=False)
    assert await due(forum) == []
    await reconciling.note_channel(forum.db, forum.guild_id, 500, forum.now, due=True)
    assert await due(forum) == [question]


async def test_the_question_of_a_message_or_thread(
    forum: Forum, question: int, answer: int
) -> None:
    await record_shown(forum.db, forum.guild_id, question, message_id=70, thread_id=71)
    await record_shown(forum.db, forum.guild_id, answer, message_id=72)
    for place in (70, 71, 72):
        assert await reconciling.question_at(forum.db, forum.guild_id, place) == question
    assert await reconciling.question_at(forum.db, forum.guild_id, 73) is None


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
