"""Acts while the bot is away count once it is back."""

from __future__ import annotations

from datetime import timedelta

import pytest
import simcord
from sqlalchemy import select, update

from cogs.delivery import catching_up
from data import votes
from data.database import Database
from data.models import Post
from tests.cogs.conftest import Configure
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.replies import sentence
from tests.support.server import Card, Server
from tests.support.simulator import (
    away,
    bot_user_id,
    clear_reactions,
    delete_channel,
    patient,
    requests_since,
    set_permissions,
    unheard,
)
from tests.support.time import hours_pass
from tests.support.wire import Failure, Wire

UP, DOWN = "⬆️", "⬇️"


def reactions(card: Card) -> dict[str, int]:
    """The reactions under a card: emoji → how many, the bot's own included."""
    return {str(r.emoji): r.count for r in card.message.reactions}


async def test_votes_given_meanwhile_count_once(
    env: simcord.Env,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    db: Database,
) -> None:
    async with away(env):
        for person in (alice, carol):
            await person.react(answer.message, UP)
        await bob.react(question.message, UP)
    await env.advance_time(5)

    assert "+2 votes" in answer.text()
    assert "+1 vote" in question.text()

    async with away(env):
        pass
    await env.advance_time(5)
    assert "+2 votes" in answer.text()
    await assert_consistent(db)


@in_a_forum
async def test_votes_taken_back_and_swapped_meanwhile(
    env: simcord.Env,
    server: Server,
    answer: Card,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    configure,
    db: Database,
) -> None:
    await configure("privilege.down_vote", "0")
    for person in (alice, carol):
        await person.react(answer.message, UP)
    await server.vote(moderator, answer, "up")
    await env.advance_time(5)
    assert "+3 votes" in answer.text()

    async with away(env):
        await alice.unreact(answer.message, UP)
        await carol.unreact(answer.message, UP)
        await carol.react(answer.message, DOWN)
    await env.advance_time(5)

    assert "0 votes" in answer.text()  # Mona up, by a button; Carol down; Alice none
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_reactions_that_are_no_vote_are_taken_off_afterwards(
    env: simcord.Env,
    server: Server,
    answer: Card,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    robot = server.guild.add_member(env.create_user("robot", bot=True))
    async with away(env):
        await bob.react(answer.message, UP)  # his own
        await carol.react(answer.message, DOWN)  # too few points
        await robot.react(answer.message, UP)
    await env.advance_time(5)

    assert "0 votes" in answer.text()
    assert reactions(answer) == {UP: 1, DOWN: 1}


@on_sqlite
@in_a_forum
async def test_reactions_cleared_meanwhile(
    env: simcord.Env, answer: Card, alice: simcord.MemberActor, carol: simcord.MemberActor
) -> None:
    for person in (alice, carol):
        await person.react(answer.message, UP)
    await env.advance_time(5)
    async with away(env):
        await clear_reactions(env, answer.message)
    await env.advance_time(5)

    assert "0 votes" in answer.text()


async def test_a_pin_set_meanwhile_is_the_choice(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    db: Database,
) -> None:
    second = await server.answer(carol, question, "A fixed ritual: tea, a page, lights out.")
    async with away(env):
        await moderator.set_pinned(second.message, True)
    await env.advance_time(5)
    assert "✅ Best answer" in question.text()
    assert "Best answer" in (second.embed.title or "")

    async with away(env):
        await moderator.set_pinned(second.message, False)
    await env.advance_time(5)
    assert "Best answer" not in question.text()
    await assert_consistent(db)


@in_a_forum
async def test_a_pin_moved_meanwhile(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    db: Database,
) -> None:
    second = await server.answer(carol, question, "A fixed ritual: tea, a page, lights out.")
    await server.choose(alice, answer)
    async with away(env):
        await moderator.set_pinned(answer.message, False)
        await moderator.set_pinned(second.message, True)
    await env.advance_time(5)

    assert (answer.pinned, second.pinned) == (False, True)
    assert "> A fixed ritual" in question.text()
    await assert_consistent(db)


@pytest.mark.parametrize("gone", ["answer", "question", "thread"])
@on_sqlite
async def test_what_was_deleted_meanwhile_is_hidden(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    bob: simcord.MemberActor,
    moderator: simcord.MemberActor,
    gone: str,
    db: Database,
) -> None:
    async with away(env):
        if gone == "thread":
            await delete_channel(env, question.thread)
        else:
            await moderator.delete({"answer": answer, "question": question}[gone].message)
    await env.advance_time(5)

    named = "#1.1" if gone == "answer" else "#1"
    told = await bob.slash(server.lounge, "vote", direction="up", post=named)
    assert sentence(told) == (f"There's no post {named} in this server. Check its number or link.")
    if gone == "answer":
        assert "0 answers" in question.text()
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_a_question_channel_that_was_deleted_meanwhile_keeps_its_questions(
    env: simcord.Env, server: Server, question: Card, bob: simcord.MemberActor
) -> None:
    async with away(env):
        await delete_channel(env, server.channel)
    await env.advance_time(5)

    # Deleting a channel isn't a decision about each of its questions.
    told = await bob.slash(server.lounge, "vote", direction="up", post="#1")
    assert sentence(told) == "You upvoted #1. It now has +1 vote."


@on_sqlite
@in_a_forum
async def test_a_channel_the_bot_no_longer_sees_keeps_no_other_from_counting(
    env: simcord.Env,
    server: Server,
    question: Card,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    new = server.guild.create_forum_channel("new-questions")
    await owner.slash(server.lounge, "setup", channel=new)
    second = await server.ask(alice, "And how do I wake up again?")
    for channel, seen in ((server.channel, False), (new, True)):
        set_permissions(env, channel, bot_user_id(env), view_channel=seen)
    async with away(env):
        await carol.react(question.message, UP)
        await carol.react(second.message, UP)
    await env.advance_time(5)
    assert "+1 vote" in second.text()

    set_permissions(env, server.channel, bot_user_id(env), view_channel=True)
    async with away(env):
        pass
    await env.advance_time(5)
    assert "+1 vote" in question.text()


@on_sqlite
@in_a_forum
async def test_with_nothing_missed_nothing_is_asked(
    env: simcord.Env, server: Server, answer: Card, carol: simcord.MemberActor
) -> None:
    await carol.react(answer.message, UP)
    await env.advance_time(30)
    start = len(env.http_requests)
    await hours_pass(env, 5)
    assert requests_since(env, start) == []


@on_sqlite
@in_a_forum
@pytest.mark.parametrize("days", [15, 200])
async def test_old_questions_count_as_well(
    env: simcord.Env, answer: Card, carol: simcord.MemberActor, db: Database, days: int
) -> None:
    earlier = timedelta(days=days)
    async with db.write() as tx:
        for post_id, made in await tx.rows(select(Post.id, Post.created_at)):
            values = {"created_at": made - earlier, "active_at": made - earlier}
            await tx.execute(update(Post).where(Post.id == post_id).values(**values))
    async with away(env):
        await carol.react(answer.message, UP)
    await env.advance_time(5)
    assert "+1 vote" in answer.text()


@on_sqlite
@in_a_forum
async def test_two_votes_that_balance_each_other_are_seen(
    env: simcord.Env,
    answer: Card,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    db: Database,
) -> None:
    for person in (alice, carol):
        await person.react(answer.message, UP)
    async with away(env):
        await carol.unreact(answer.message, UP)
        await moderator.react(answer.message, UP)
    await env.advance_time(5)
    assert "+2 votes" in answer.text()
    async with db.read() as tx:
        known = (await votes.votes_of(tx, [answer.post_id]))[answer.post_id]
    assert set(known) == {alice.id, moderator.id}
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_one_request_a_thread_where_nobody_voted(
    env: simcord.Env, server: Server, question: Card, answer: Card, bob: simcord.MemberActor
) -> None:
    for number in range(3):
        await server.answer(bob, question, f"Another thing that helps, number {number}.")
    await env.advance_time(30)
    start = len(env.http_requests)
    async with away(env):
        pass
    await env.advance_time(5)
    asked = requests_since(env, start)
    assert len([r for r in asked if "/messages" in r]) == 1
    assert [r for r in asked if "/reactions/" in r] == []


@on_sqlite
@in_a_forum
async def test_voters_come_on_several_pages(
    env: simcord.Env, server: Server, answer: Card, db: Database
) -> None:
    with patient(env, 60):
        people = [server.guild.add_member(env.create_user(f"reader{n}")) for n in range(120)]
        async with away(env):
            for person in people:
                env.backend.add_reaction(answer.channel_id, answer.message_id, UP, person.id)
        await env.advance_time(30)
    assert "+120 votes" in answer.text()
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_a_large_server_is_compared_within_a_bounded_number_of_requests(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    configure: Configure,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catching_up, "REQUESTS", 2)
    monkeypatch.setattr(catching_up, "_AT_ONCE", 2)
    await configure("limit.questions", "0")
    asked = [await server.ask(alice, f"How does thing number {n} work?") for n in range(6)]
    await env.advance_time(catching_up.PERIOD)
    start = len(env.http_requests)
    async with away(env):
        await carol.react(asked[0].message, UP)
    most = 0
    for _ in range(6):
        before = len(env.http_requests)
        await env.advance_time(catching_up.PERIOD)
        most = max(most, len([r for r in requests_since(env, before) if r.startswith("GET")]))
    assert most <= 3, "two in each period, and what the last question took beyond them"
    assert "+1 vote" in asked[0].text(), "the oldest comes last, but it comes"
    seen = [r for r in requests_since(env, start) if r.startswith("GET")]
    assert len([r for r in seen if r.endswith("/messages")]) == len(asked), "each once"


@on_sqlite
@in_a_forum
async def test_a_new_session_during_a_comparison_is_taken_up(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(catching_up, "REQUESTS", 1)
    monkeypatch.setattr(catching_up, "_AT_ONCE", 1)
    asked = [await server.ask(alice, f"How does thing number {n} work?") for n in range(3)]
    async with away(env):
        pass
    async with away(env):
        for card in asked:
            await carol.react(card.message, UP)
    await env.advance_time(catching_up.PERIOD * 12)
    for card in asked:
        assert "+1 vote" in card.text()


@on_sqlite
@in_a_forum
async def test_what_a_closed_channel_kept_from_the_bot_counts_once_it_is_open(
    env: simcord.Env, server: Server, question: Card, carol: simcord.MemberActor
) -> None:
    """No new session comes with it: Discord tells of the channel's permissions alone."""
    set_permissions(env, server.channel, bot_user_id(env), view_channel=False)
    await env.settle()
    with unheard(env):
        await carol.react(question.message, UP)
    assert "0 votes" in question.text()
    set_permissions(env, server.channel, bot_user_id(env), view_channel=True)
    await env.advance_time(30)
    assert "+1 vote" in question.text()


@on_sqlite
@in_a_forum
async def test_questions_of_a_deleted_channel_are_not_asked_for_one_by_one(
    env: simcord.Env, server: Server, alice: simcord.MemberActor
) -> None:
    for number in range(3):
        await server.ask(alice, f"How does thing number {number} work?")
    async with away(env):
        await delete_channel(env, server.channel)
        start = len(env.http_requests)
    await hours_pass(env, 2)
    assert len([r for r in requests_since(env, start) if "/messages" in r]) == 1


@on_sqlite
@in_a_forum
async def test_a_comparison_without_changes_does_nothing(
    env: simcord.Env, answer: Card, alice: simcord.MemberActor, carol: simcord.MemberActor
) -> None:
    for person in (alice, carol):
        await person.react(answer.message, UP)
    await env.advance_time(5)
    start = len(env.http_requests)

    async with away(env):
        pass
    await env.advance_time(5)

    asked = requests_since(env, start)
    assert [r for r in asked if r.startswith(("POST", "PATCH", "PUT", "DELETE"))] == []


async def test_a_vote_on_a_card_the_bot_does_not_know_yet_counts(
    env: simcord.Env,
    server: Server,
    question: Card,
    wire: Wire,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    db: Database,
) -> None:
    wire.fail("POST", f"/channels/{question.thread.id}/messages", Failure.LOST)
    await server.try_to_answer(bob, question, "Dark curtains, and no screens before bed.")
    (answer,) = [card for card in server.cards() if card.kind == "answer"]
    assert answer.message.reactions == [], "its sending was not confirmed yet"
    await carol.react(answer.message, UP)
    await env.advance_time(60)
    assert "+1 vote" in answer.text()
    assert len(server.cards()) == 2
    await assert_consistent(db)


@on_sqlite
async def test_a_moderators_vote_given_meanwhile_is_a_moderators(
    env: simcord.Env,
    answer: Card,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    async with away(env):
        await moderator.react(answer.message, DOWN)
        await carol.react(answer.message, DOWN)
    await env.advance_time(5)
    assert "−1 vote" in answer.text(), "carol has not the points for it"
    assert reactions(answer) == {UP: 1, DOWN: 2}


@on_sqlite
@in_a_forum
async def test_who_is_too_new_to_vote_is_so_while_the_bot_is_away(
    env: simcord.Env,
    server: Server,
    answer: Card,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    configure: Configure,
) -> None:
    await configure("min_member_days", "30")
    async with away(env):
        await carol.react(answer.message, UP)
        await moderator.react(answer.message, UP)
    await env.advance_time(5)
    assert "+1 vote" in answer.text()
    assert reactions(answer) == {UP: 2, DOWN: 1}


@on_sqlite
@in_a_forum
async def test_votes_of_members_who_left_meanwhile_count(
    env: simcord.Env,
    guild: simcord.GuildHandle,
    answer: Card,
    carol: simcord.MemberActor,
    configure: Configure,
) -> None:
    await configure("privilege.vote", "50")
    async with away(env):
        await carol.react(answer.message, UP)
        env.backend.remove_member(guild.id, carol.id)
    await env.advance_time(5)
    assert "+1 vote" in answer.text()
