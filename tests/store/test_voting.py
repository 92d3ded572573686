"""Votes are absolute values, one per member and post, and are counted in sets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import update

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Missing
from bot.domain.outbox import JobKind, Priority
from bot.domain.voting import DOWN, NONE, UP, Ballot, VoteOutcome, VoteSource
from bot.usecases import publishing, reconciling, voting
from bot.usecases.publishing import record_shown
from bot.usecases.voting import VoteBatcher, cast_votes
from data import reactions, votes
from data.models import Post
from tests.store.faults import Broken, failing
from tests.store.forum import Forum

REACTION, BUTTON = VoteSource.REACTION, VoteSource.BUTTON


def reason(outcome: VoteOutcome) -> str | None:
    return outcome.refusal.reason if outcome.refusal else None


async def test_the_last_choice_wins(forum: Forum, alice: Actor, bob: Actor, answer: int) -> None:
    seen: list[tuple[int, int, int, int]] = []
    for value in (UP, UP, DOWN, NONE, NONE, UP):
        outcome = await forum.vote(alice, answer, value)
        seen.append((outcome.old, outcome.new, outcome.score, await forum.points(bob)))
        await forum.assert_consistent()
    assert seen == [
        (0, 1, 1, 60),
        (1, 1, 1, 60),
        (1, -1, -1, 20),
        (-1, 0, 0, 40),
        (0, 0, 0, 40),
        (0, 1, 1, 60),
    ]
    assert (await forum.card(answer)).score == 1


async def test_points_stop_at_the_cap_and_come_back_under_it(
    forum: Forum, bob: Actor, answer: int
) -> None:
    voters = [forum.member(20 + n) for n in range(12)]
    for voter in voters:
        await forum.vote(voter, answer, UP)
    assert (await forum.card(answer)).score == 12
    assert await forum.points(bob) == 40 + 200
    for voter in voters[:3]:
        await forum.vote(voter, answer, NONE)
    assert await forum.points(bob) == 40 + 180
    await forum.assert_consistent()


async def test_each_ballot_stands_for_itself(
    forum: Forum, elsewhere: Forum, alice: Actor, bob: Actor, carol: Actor, answer: int
) -> None:
    theirs = await elsewhere.ask(elsewhere.member(1))
    hidden = await forum.answer(bob, (await forum.card(answer)).question_id)
    await forum.hide(hidden)
    await forum.set("voting", "private")
    wishes: list[tuple[Actor, int, int, VoteSource]] = [
        (alice, answer, UP, BUTTON),
        (bob, answer, UP, BUTTON),
        (carol, answer, DOWN, BUTTON),
        (carol, answer, UP, REACTION),
        (carol, hidden, UP, BUTTON),
        (carol, theirs, UP, BUTTON),
        (carol, 10**9, UP, BUTTON),
        (forum.member(99, is_bot=True), answer, UP, BUTTON),
        (elsewhere.member(3), theirs, UP, REACTION),
        (Actor(12345, 3), answer, UP, BUTTON),
        (carol, answer, UP, BUTTON),
    ]
    ballots = [Ballot(who, post, value, how, forum.now) for who, post, value, how in wishes]
    outcomes = await cast_votes(forum.db, ballots, now=forum.now)
    assert [reason(outcome) for outcome in outcomes] == [
        None,
        Denial.OWN_POST,
        Denial.NEEDS_POINTS,
        Denial.PRIVATE_VOTING,
        Denial.POST_HIDDEN,
        Missing.POST,
        Missing.POST,
        Denial.BOT,
        None,
        Missing.POST,
        None,
    ]
    assert [outcome.score for outcome in (outcomes[0], outcomes[-1])] == [1, 2]
    assert (await forum.card(answer)).score == 2
    assert (await elsewhere.card(theirs)).score == 1
    await forum.assert_consistent()


async def test_ballots_of_one_member_are_counted_in_their_order(
    forum: Forum, alice: Actor, answer: int
) -> None:
    values = (UP, NONE, DOWN, UP, DOWN)
    ballots = [Ballot(alice, answer, value, BUTTON, forum.now) for value in values]
    outcomes = await cast_votes(forum.db, ballots, now=forum.now)
    assert [(o.old, o.new, o.score) for o in outcomes] == [
        (0, 1, 1),
        (1, 0, 0),
        (0, -1, -1),
        (-1, 1, 1),
        (1, -1, -1),
    ]
    await forum.assert_consistent()


async def test_a_removed_reaction_takes_only_its_own_vote_away(
    forum: Forum, alice: Actor, answer: int
) -> None:
    await forum.vote(alice, answer, DOWN, REACTION)
    swapped = await forum.vote(alice, answer, UP, REACTION)
    assert (swapped.old, swapped.new) == (DOWN, UP)
    late = await forum.vote(alice, answer, NONE, REACTION, only_if=DOWN)
    assert not late.changed
    gone = await forum.vote(alice, answer, NONE, REACTION, only_if=UP)
    assert (gone.old, gone.new, gone.score) == (UP, NONE, 0)


async def how_it_came(forum: Forum, person: Actor, post: int) -> tuple[int, VoteSource] | None:
    """A member's vote on a post."""
    async with forum.db.read() as tx:
        return (await votes.votes_of(tx, [post]))[post].get(person.user_id)


async def unwanted(forum: Forum, post: int) -> set[tuple[int, int]]:
    """The reactions (member, vote) that are to be taken off a post's card."""
    async with forum.db.read() as tx:
        return (await reactions.waiting_under(tx, [post]))[post]


async def test_how_a_vote_was_given_follows_the_latest_way(
    forum: Forum, alice: Actor, answer: int
) -> None:
    await forum.vote(alice, answer, UP, BUTTON)
    assert await how_it_came(forum, alice, answer) == (UP, BUTTON)
    await forum.vote(alice, answer, UP, VoteSource.COMMAND)
    assert await how_it_came(forum, alice, answer) == (UP, VoteSource.COMMAND)
    # A reaction that is there must be taken back by taking it away, whatever is pressed besides.
    await forum.vote(alice, answer, UP, REACTION)
    await forum.vote(alice, answer, UP, BUTTON)
    assert await how_it_came(forum, alice, answer) == (UP, REACTION)
    await forum.assert_consistent()


async def test_a_ballot_that_holds_for_another_vote_changes_nothing_of_this_one(
    forum: Forum, alice: Actor, answer: int
) -> None:
    await forum.vote(alice, answer, UP, BUTTON)
    await forum.vote(alice, answer, UP, REACTION, only_if=UP)
    assert await how_it_came(forum, alice, answer) == (UP, BUTTON)
    await forum.vote(alice, answer, NONE, REACTION, only_if=DOWN)
    assert await how_it_came(forum, alice, answer) == (UP, BUTTON)


async def test_a_reaction_that_goes_takes_no_vote_away_that_a_button_gave(
    forum: Forum, alice: Actor, answer: int
) -> None:
    await forum.vote(alice, answer, UP, REACTION)
    await forum.vote(alice, answer, DOWN, BUTTON)
    assert await unwanted(forum, answer) == {(alice.user_id, UP)}
    await forum.vote(alice, answer, UP, BUTTON)
    # Now the bot takes the ⬆️ off that was in the way before.
    await forum.vote(alice, answer, NONE, REACTION, only_if=UP)
    assert await how_it_came(forum, alice, answer) == (UP, BUTTON)


@pytest.mark.parametrize("gone", [REACTION, VoteSource.SUPER])
async def test_a_normal_and_a_super_reaction_are_one_vote_until_both_are_gone(
    forum: Forum, alice: Actor, bob: Actor, answer: int, gone: VoteSource
) -> None:
    await forum.vote(alice, answer, UP, REACTION)
    before = await forum.points(bob)
    assert not (await forum.vote(alice, answer, UP, VoteSource.SUPER)).changed
    assert not (await forum.vote(alice, answer, NONE, gone, only_if=UP)).changed
    (left,) = {REACTION, VoteSource.SUPER} - {gone}
    assert await how_it_came(forum, alice, answer) == (UP, left)
    assert await forum.points(bob) == before
    assert not (await forum.vote(alice, answer, NONE, gone, only_if=UP)).changed
    assert (await forum.vote(alice, answer, NONE, left, only_if=UP)).changed
    await forum.assert_consistent()


async def test_a_reaction_that_no_longer_is_the_vote_is_removed(
    forum: Forum, alice: Actor, bob: Actor, answer: int
) -> None:
    await forum.vote(alice, answer, UP, REACTION)
    await forum.vote(alice, answer, DOWN, REACTION)
    await forum.vote(bob, answer, UP, REACTION)  # his own answer
    assert await unwanted(forum, answer) == {(alice.user_id, UP), (bob.user_id, UP)}
    jobs = await publishing.due_jobs(forum.db, forum.now, 100)
    (job,) = [job for job in jobs if job.kind is JobKind.REACTIONS]
    assert job.key == answer
    # She takes it back to ⬆️ before that was done: it may stay, and the other goes.
    await forum.vote(alice, answer, UP, REACTION)
    assert await unwanted(forum, answer) == {(alice.user_id, DOWN), (bob.user_id, UP)}
    waiting = await reconciling.reactions_to_take_off(forum.db, job)
    await reconciling.note_taken_off(forum.db, job, [each.row for each in waiting])
    assert await unwanted(forum, answer) == set()
    await forum.assert_consistent()


async def test_a_reaction_that_is_to_go_again_is_not_the_one_that_went(
    forum: Forum, alice: Actor, answer: int
) -> None:
    await forum.vote(alice, answer, UP, REACTION)
    await forum.vote(alice, answer, DOWN, REACTION)
    (job,) = [
        job
        for job in await publishing.due_jobs(forum.db, forum.now, 100)
        if job.kind is JobKind.REACTIONS
    ]
    waiting = await reconciling.reactions_to_take_off(forum.db, job)
    await forum.vote(alice, answer, UP, REACTION)
    await forum.vote(alice, answer, DOWN, REACTION)
    await reconciling.note_taken_off(forum.db, job, [each.row for each in waiting])
    assert await unwanted(forum, answer) == {(alice.user_id, UP)}


async def test_during_a_comparison_a_choice_stands_against_reactions_nobody_knows_of(
    forum: Forum, alice: Actor, carol: Actor, question: int, answer: int
) -> None:
    await publishing.record_shown(forum.db, forum.guild_id, question, message_id=7, thread_id=7)
    await forum.vote(alice, answer, UP, BUTTON)
    assert await unwanted(forum, answer) == set()

    await reconciling.note_absence(forum.db, [forum.guild_id])
    await forum.vote(carol, answer, UP, BUTTON)
    assert await unwanted(forum, answer) == {(carol.user_id, DOWN)}
    await forum.vote(carol, answer, NONE, BUTTON)
    assert await unwanted(forum, answer) == {(carol.user_id, UP), (carol.user_id, DOWN)}

    (due,) = await reconciling.due_questions(forum.db, forum.guild_id)
    compared = {due.question_id: due.absences}
    await reconciling.note_compared(forum.db, forum.guild_id, compared, forum.now)
    await forum.vote(alice, answer, DOWN, BUTTON)
    assert (alice.user_id, UP) not in await unwanted(forum, answer)


async def test_votes_stay_on_a_hidden_post_and_can_be_taken_back(
    forum: Forum, alice: Actor, bob: Actor, answer: int
) -> None:
    await forum.vote(alice, answer, UP)
    await forum.hide(answer)
    assert await forum.points(bob) == 0
    outcome = await forum.vote(alice, answer, NONE)
    assert (outcome.old, outcome.new, reason(outcome)) == (UP, NONE, None)
    assert await forum.points(bob) == 0
    await forum.assert_consistent()


async def test_an_hour_holds_so_many_votes_also_within_a_set(
    forum: Forum, alice: Actor, bob: Actor, question: int
) -> None:
    await forum.set("limit.votes", "3")
    posts = [await forum.answer(bob, question) for _ in range(5)]
    ballots = [Ballot(alice, post, UP, BUTTON, forum.now) for post in posts]
    outcomes = await cast_votes(forum.db, ballots, now=forum.now)
    limit = Denial.HOURLY_LIMIT
    assert [reason(outcome) for outcome in outcomes] == [None, None, None, limit, limit]
    assert reason(await forum.vote(alice, posts[0], NONE)) is None, "taking back is always allowed"
    assert reason(await forum.vote(alice, posts[4], UP)) == limit
    forum.later(hours=1)
    assert reason(await forum.vote(alice, posts[4], UP)) is None


async def test_a_vote_asks_for_the_card_where_it_is_shown(
    forum: Forum, alice: Actor, answer: int
) -> None:
    await record_shown(forum.db, forum.guild_id, answer, channel_id=7, message_id=8)
    await forum.clear_jobs()
    outcome = await forum.vote(alice, answer, UP)
    assert (outcome.channel_id, outcome.message_id) == (7, 8)
    assert [(job.key, job.priority) for job in await forum.jobs()] == [(answer, Priority.REFRESH)]
    await forum.clear_jobs()
    await forum.vote(alice, answer, UP)
    assert await forum.jobs() == [], "nothing changed"


async def test_nothing_is_cast_where_there_is_nothing(forum: Forum) -> None:
    assert await cast_votes(forum.db, [], now=forum.now) == []


# --- the batcher ---------------------------------------------------------------------------------


async def test_ballots_that_come_together_are_counted_together(
    forum: Forum, answer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets: list[int] = []

    async def noted(db: Any, ballots: Any, *, now: Any) -> list[VoteOutcome]:
        sets.append(len(ballots))
        return await cast_votes(db, ballots, now=now)

    monkeypatch.setattr(voting, "cast_votes", noted)
    batcher = VoteBatcher(forum.db)
    ballots = [Ballot(forum.member(20 + n), answer, UP, BUTTON, forum.now) for n in range(300)]
    outcomes = await asyncio.gather(*(batcher.cast(ballot) for ballot in ballots))
    assert [outcome.score for outcome in outcomes] == list(range(1, 301)), (
        "each their own, in order"
    )
    assert sets == [256, 44]
    assert (
        await batcher.cast(Ballot(forum.member(20), answer, NONE, BUTTON, forum.now))
    ).score == 299


async def test_one_bad_ballot_does_not_fail_its_set(
    forum: Forum, answer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def touchy(db: Any, ballots: Any, *, now: Any) -> list[VoteOutcome]:
        if any(ballot.voter.user_id == 25 for ballot in ballots):
            raise Broken("a ballot the database can't take")
        return await cast_votes(db, ballots, now=now)

    monkeypatch.setattr(voting, "cast_votes", touchy)
    batcher = VoteBatcher(forum.db)
    ballots = [Ballot(forum.member(20 + n), answer, UP, BUTTON, forum.now) for n in range(9)]
    results = await asyncio.gather(*map(batcher.cast, ballots), return_exceptions=True)
    assert [n for n, result in enumerate(results) if isinstance(result, Broken)] == [5]
    assert (await forum.card(answer)).score == 8


async def test_a_failed_commit_reaches_its_caller_and_the_next_vote_counts(
    forum: Forum, alice: Actor, answer: int
) -> None:
    batcher = VoteBatcher(forum.db)
    ballot = Ballot(alice, answer, UP, BUTTON, forum.now)
    with failing(forum.db, 0), pytest.raises(Broken):
        await batcher.cast(ballot)
    assert (await forum.card(answer)).score == 0
    assert (await batcher.cast(ballot)).score == 1


async def test_a_vote_counts_though_its_caller_has_gone(
    forum: Forum, alice: Actor, carol: Actor, answer: int
) -> None:
    batcher = VoteBatcher(forum.db)
    gone = asyncio.create_task(batcher.cast(Ballot(alice, answer, UP, BUTTON, forum.now)))
    await asyncio.sleep(0)
    gone.cancel()
    assert (await batcher.cast(Ballot(carol, answer, UP, BUTTON, forum.now))).score == 2


async def test_a_question_may_have_a_hundred_thousand_votes(
    forum: Forum, alice: Actor, bob: Actor, question: int
) -> None:
    async with forum.db.write() as tx:
        many = update(Post).where(Post.id == question)
        await tx.execute(many.values(up_votes=100_000, score=100_000))
    assert (await forum.vote(bob, question, UP)).score == 100_001
