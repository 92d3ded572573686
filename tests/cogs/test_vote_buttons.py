"""Voting with the buttons of a card."""

from __future__ import annotations

import pytest
import simcord

from data.database import Database
from tests.cogs.conftest import Configure
from tests.conftest import Restart
from tests.support.kinds import in_a_forum, on_sqlite
from tests.support.ledger import assert_consistent
from tests.support.replies import buttons, reply_of, sentence
from tests.support.server import Card, Server
from tests.support.simulator import at_once

EDITS = "PATCH"


@pytest.fixture
async def private(configure: Configure) -> None:
    """The server's votes are private."""
    await configure("voting", "private")


def labels(card: Card) -> list[str]:
    (row,) = card.message.components
    return [button.label or "" for button in row.children]  # type: ignore[union-attr]


async def press(
    person: simcord.MemberActor, card: Card, direction: str = "up"
) -> simcord.InteractionResult:
    custom_id = f"qa:1:vote:{card.post_id}:{direction}"
    return await person.click(card.message, custom_id=custom_id)


def edits(env: simcord.Env, card: Card, since: int = 0) -> int:
    """How often a card was edited other than as the answer to a click."""
    path = f"/channels/{card.channel_id}/messages/{card.message_id}"
    return sum(r.method == EDITS and r.path == path for r in env.http_requests[since:])


@pytest.fixture
async def asked(private: None, server: Server, alice: simcord.MemberActor) -> Card:
    """Alice's question."""
    return await server.ask(alice, "How do I sleep after a night shift?")


async def test_the_card_shows_its_new_number_at_once(
    env: simcord.Env,
    asked: Card,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    db: Database,
) -> None:
    assert labels(asked) == ["▲ 0", "▼", "Answer", "Follow", "⋯"]
    assert "vote" not in asked.small_line
    since = len(env.http_requests)

    pressed = await press(bob, asked)
    assert labels(asked)[0] == "▲ 1"
    assert pressed.followups == []
    await press(carol, asked)
    assert labels(asked)[0] == "▲ 2"

    await env.advance_time(30)
    assert labels(asked)[0] == "▲ 2"
    assert edits(env, asked, since) == 0, "the answers to the clicks are enough"
    assert asked.by.startswith("alice · 140 points")
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_pressed_twice_it_is_still_up_and_can_be_taken_back(
    env: simcord.Env, asked: Card, bob: simcord.MemberActor
) -> None:
    await press(bob, asked)
    again = await press(bob, asked)

    assert sentence(again).startswith("You voted ▲ on #1.")
    assert "Take it back" in buttons(again)
    assert labels(asked)[0] == "▲ 1"
    told = await bob.click(reply_of(again), label="Take it back")
    assert sentence(told) == "You have no vote on #1. It now has 0 votes."
    await env.advance_time(5)
    assert labels(asked)[0] == "▲ 0"


@on_sqlite
@in_a_forum
async def test_the_other_button_changes_the_vote(
    env: simcord.Env, asked: Card, bob: simcord.MemberActor, configure: Configure, db: Database
) -> None:
    await configure("privilege.down_vote", "0")
    await press(bob, asked)
    await press(bob, asked, "down")
    assert labels(asked)[:2] == ["▲ −1", "▼"]
    assert sentence(await press(bob, asked, "down")).startswith("You voted ▼ on #1.")
    await assert_consistent(db)


@on_sqlite
@in_a_forum
async def test_a_refused_vote_is_answered_privately(
    env: simcord.Env, asked: Card, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    own = await press(alice, asked)
    assert sentence(own).startswith("You can't vote on your own post.")
    down = await press(bob, asked, "down")
    assert "requires 120 points" in sentence(down)
    await env.advance_time(5)
    assert labels(asked)[0] == "▲ 0"


@on_sqlite
@in_a_forum
async def test_without_down_votes_there_is_one_button(
    server: Server, asked: Card, bob: simcord.MemberActor, configure: Configure, env: simcord.Env
) -> None:
    await configure("downvotes", "off")
    await env.advance_time(30)
    answer = await server.answer(bob, asked, "Dark curtains, and no screens before bed.")
    assert labels(asked) == ["▲ 0", "Answer", "Follow", "⋯"]
    assert labels(answer) == ["▲ 0", "Answer", "⋯"]


@on_sqlite
@in_a_forum
async def test_public_voting_has_buttons_if_the_server_wants_them(
    env: simcord.Env,
    question: Card,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    configure: Configure,
) -> None:
    assert labels(question) == ["Answer", "Follow", "⋯"]
    await configure("vote_buttons", "on")
    await env.advance_time(30)
    assert labels(question)[:2] == ["▲ 0", "▼"]

    await press(bob, question)
    await carol.react(question.message, "⬆️")
    assert question.small_line.startswith("+1 vote")
    await env.advance_time(5)
    assert labels(question)[0] == "▲ 2"
    assert question.small_line.startswith("+2 votes")
    await bob.react(question.message, "⬆️")  # the same vote
    await env.advance_time(5)
    assert labels(question)[0] == "▲ 2"


async def test_an_answer_that_is_lost_is_made_up_for(
    env: simcord.Env, asked: Card, bob: simcord.MemberActor
) -> None:
    env.inject_error("POST", "/interactions/*/*/callback", status=500, times=1)
    await press(bob, asked)
    assert labels(asked)[0] == "▲ 0"

    await env.advance_time(8)
    assert labels(asked)[0] == "▲ 1"


@on_sqlite
@in_a_forum
async def test_a_card_is_right_though_the_bot_was_killed_before_it_recorded_it(
    env: simcord.Env,
    asked: Card,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    restart: Restart,
    server: Server,
) -> None:
    await press(bob, asked)
    await restart()  # within the seconds before it is recorded
    await server.vote(bob, asked, "clear")
    await env.advance_time(30)

    assert labels(asked)[0] == "▲ 0"


async def test_many_at_once_are_all_counted(
    env: simcord.Env, asked: Card, guild: simcord.GuildHandle, db: Database
) -> None:
    people = [guild.add_member(env.create_user(f"voter{n}")) for n in range(8)]
    async with at_once(env):
        for person in people:
            await press(person, asked)
    await env.advance_time(8)

    assert labels(asked)[0] == "▲ 8"
    await assert_consistent(db)
