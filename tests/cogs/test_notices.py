"""Direct messages: only to those who ticked the box, and never again once they say stop."""

from __future__ import annotations

from typing import Any

import discord
import simcord

from tests.support.kinds import SIMPLE
from tests.support.replies import pings, reply_of, sentence
from tests.support.server import Card, Server, said
from tests.support.wire import Failure, Wire

pytestmark = SIMPLE

TITLE = "How do I sleep after a **night** shift?"
TEXT = "Dark curtains, and no screens before bed."


def inbox(person: simcord.MemberActor) -> list[discord.Message]:
    """The direct messages a person has got from the bot."""
    try:
        return person.user.dm_channel.history()
    except simcord.BackendError:
        return []


def link_to(card: Card) -> str:
    return f"https://discord.com/channels/{card.guild.id}/{card.channel_id}/{card.message_id}"


def links(message: discord.Message) -> list[str]:
    rows: list[Any] = [row.to_dict() for row in message.components]
    return [part["url"] for row in rows for part in row["components"] if "url" in part]


async def test_an_asker_who_ticked_gets_a_message_of_an_answer(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    question = await server.ask(alice, TITLE, how=["notify"])
    answer = await server.answer(bob, question, TEXT)
    await env.advance_time(5)

    (message,) = inbox(alice)
    text = said(message)
    assert "answer" in text
    assert "How do I sleep after a \\*\\*night\\*\\* shift?" in text
    assert f"> {TEXT}" in text
    assert "You can stop them below at any time." in text
    assert links(message) == [link_to(answer)]
    assert pings(message) == []
    assert inbox(bob) == []


async def test_nobody_else_is_told(
    env: simcord.Env,
    server: Server,
    question: Card,
    answer: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
) -> None:
    await server.choose(alice, answer)
    await carol.react(answer.message, "⬆️")
    await env.advance_time(30)

    for person in (alice, bob, carol):
        assert inbox(person) == []


async def test_nobody_is_notified_of_their_own_answer(
    env: simcord.Env, server: Server, alice: simcord.MemberActor
) -> None:
    question = await server.ask(alice, TITLE, how=["notify"])
    own = await server.answer(alice, question, "I have found out: earplugs.", how=["notify"])
    await server.choose(alice, own)
    await env.advance_time(30)

    assert inbox(alice) == []


async def test_an_author_is_told_that_their_answer_is_the_best(
    env: simcord.Env, server: Server, question: Card, alice: simcord.MemberActor, bob
) -> None:
    answer = await server.answer(bob, question, TEXT, how=["notify"])
    await server.choose(alice, answer)
    await env.advance_time(5)

    (message,) = inbox(bob)
    assert "alice marked your answer as best: +300" in said(message)
    assert links(message) == [link_to(answer)]

    # Chosen again after it was cleared: that is no news.
    await server.menu(alice, answer, "unbest")
    await server.choose(alice, answer)
    await env.advance_time(30)
    assert len(inbox(bob)) == 1


async def test_stop_means_stop(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, bob, carol
) -> None:
    question = await server.ask(alice, TITLE, how=["notify"])
    await server.answer(bob, question, TEXT)
    await env.advance_time(5)
    (message,) = inbox(alice)

    stopped = await alice.user.click(message, label="Stop these messages")
    assert sentence(stopped).startswith("Stopped. You won't get more messages about this.")
    await server.answer(carol, question, "A fixed ritual: tea, a page, lights out.")
    await env.advance_time(30)
    assert len(inbox(alice)) == 1

    again = await alice.user.click(message, label="Stop these messages")
    assert sentence(again).startswith("Stopped. You won't get more messages about this.")


async def test_closed_direct_messages_harm_nothing(
    env: simcord.Env, server: Server, wire: Wire, alice: simcord.MemberActor, bob, carol
) -> None:
    question = await server.ask(alice, TITLE, how=["notify"])
    direct = alice.user.dm_channel
    wire.fail("POST", f"/channels/{direct.id}/messages", Failure.NO_DIRECT_MESSAGES)
    answer = await server.answer(bob, question, TEXT)
    await env.advance_time(60)

    assert inbox(alice) == []
    assert TEXT in answer.text()
    assert "1 answer" in question.text()
    # The next one may find them open again.
    await server.answer(carol, question, "A fixed ritual: tea, a page, lights out.")
    await env.advance_time(30)
    assert len(inbox(alice)) == 1


async def test_an_answer_that_is_gone_before_it_is_told(
    env: simcord.Env, server: Server, wire: Wire, alice: simcord.MemberActor, bob
) -> None:
    question = await server.ask(alice, TITLE, how=["notify"])
    wire.fail("POST", "/users/@me/channels", Failure.UNAVAILABLE, times=None)
    await server.answer(bob, question, TEXT)
    asked = await bob.slash(server.lounge, "delete", post="#1.1")
    await bob.click(reply_of(asked), label="Delete")
    wire.mend()
    await env.advance_time(60)

    assert inbox(alice) == []


async def test_a_member_who_left_is_told_nothing_more(
    env: simcord.Env, server: Server, alice: simcord.MemberActor, bob
) -> None:
    question = await server.ask(alice, TITLE, how=["notify"])
    server.guild.remove_member(alice)
    answer = await server.answer(bob, question, TEXT)
    await env.advance_time(30)

    assert TEXT in answer.text()
    assert inbox(alice) == []
