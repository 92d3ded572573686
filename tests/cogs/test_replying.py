"""Replying to a card with Discord's own reply, or just writing in a question's thread."""

from __future__ import annotations

from contextlib import nullcontext

import discord
import pytest
import simcord
from simcord.components import walk_components

from tests.cogs.conftest import Configure
from tests.conftest import Restart
from tests.support.forgery import press
from tests.support.kinds import SIMPLE, in_a_forum, in_a_text_channel, on_sqlite
from tests.support.replies import buttons, pings, reply_of, sentence
from tests.support.server import Card, Server, told
from tests.support.simulator import (
    archive,
    bot_user_id,
    channel_of,
    set_permissions,
    silent_replies,
)
from tests.support.time import hours_pass
from tests.support.wire import Failure, Wire

WORDS = "Dark curtains, and no screens before bed."
OFFER, HINT = "Should this go into the forum?", "choose *Apps*, *Post as answer*"


async def reply_to(
    server: Server, person: simcord.MemberActor, card: Card, text: str, *, ping: bool = True
) -> discord.Message:
    """A person replies to a card with Discord's own reply, with a ping unless they turn it off."""
    channel = channel_of(server.env, server.guild, card.message.channel.id)
    with nullcontext() if ping else silent_replies(server.env):
        return await person.send(channel, text, reply_to=card.message)


def under(server: Server, channel_id: int, words: str) -> list[discord.Message]:
    """The bot's lines with these words in a channel or thread."""
    channel = channel_of(server.env, server.guild, channel_id)
    me = bot_user_id(server.env)
    return [m for m in channel.history() if m.author.id == me and words in m.content]


def labels(line: discord.Message) -> list[str]:
    """The buttons under a message."""
    parts = walk_components([part.to_dict() for part in line.components])
    return [part["label"] for part in parts if "label" in part]


async def offered(
    server: Server, bob: simcord.MemberActor, card: Card, text: str = WORDS
) -> tuple[discord.Message, discord.Message]:
    """A person replies to a card; returns their message, and the offer under it."""
    said = await reply_to(server, bob, card, text)
    (line,) = under(server, said.channel.id, OFFER)
    return said, line


async def test_a_reply_to_a_question_becomes_its_answer(
    server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    said, line = await offered(server, bob, question)
    assert pings(line) == []
    assert line.reference is not None
    assert line.reference.message_id == said.id
    assert labels(line) == ["Post as answer", "Post as comment", "No"]
    done = await bob.click(line, label="Post as answer")
    assert "Answer posted as #1.1." in sentence(done)
    (answer,) = [card for card in server.cards() if card.kind == "answer"]
    assert WORDS in answer.text()
    assert answer.message.channel.id == question.thread.id
    assert under(server, said.channel.id, OFFER) == []

    gone = await bob.click(reply_of(done), label="Remove my message")
    assert "The answer stays" in sentence(gone)
    await server.env.advance_time(60)
    channel = channel_of(server.env, server.guild, said.channel.id)
    assert said.id not in {m.id for m in channel.history()}
    assert [card.kind for card in server.cards()].count("answer") == 1


@on_sqlite
async def test_a_reply_to_an_answer_becomes_a_comment(
    server: Server, carol: simcord.MemberActor, answer: Card
) -> None:
    _, line = await offered(server, carol, answer, "Or a mask, for those who travel.")
    assert labels(line) == ["Post as comment", "No"]
    done = await carol.click(line, label="Post as comment")
    assert "Comment posted as #1.2." in sentence(done)
    assert any(card.kind == "comment" for card in server.cards())


class TestOffers:
    pytestmark = SIMPLE

    async def test_what_is_short_is_a_comment_or_nothing(
        self, server: Server, bob: simcord.MemberActor, question: Card
    ) -> None:
        await reply_to(server, bob, question, "ok")
        assert under(server, question.thread.id, OFFER) == []
        _, line = await offered(server, bob, question, "Same here.")
        assert "Post as answer" not in labels(line)

    async def test_no_leaves_it_and_others_may_not_decide(
        self, server: Server, bob: simcord.MemberActor, carol: simcord.MemberActor, question: Card
    ) -> None:
        said, line = await offered(server, bob, question)
        for action in ("answer", "comment", "no"):
            forged = f"qa:1:offer.{action}:{bob.id}:{said.id}"
            assert "Only the member who wrote" in sentence(await press(carol, line, forged))
            forged = f"qa:1:offer.{action}:{carol.id}:{said.id}"
            assert "Only the member who wrote" in sentence(await press(carol, line, forged))
        assert "stays as it is" in sentence(await bob.click(line, label="No"))
        assert under(server, question.thread.id, OFFER) == []
        assert [card.kind for card in server.cards()] == ["question"]
        late = await press(bob, question.message, f"qa:1:offer.answer:{bob.id}:{said.id}")
        assert "has ended" in sentence(late)

    @pytest.mark.parametrize("restarted", [False, True])
    async def test_it_goes_after_ten_minutes(
        self,
        server: Server,
        env: simcord.Env,
        restart: Restart,
        bob: simcord.MemberActor,
        question: Card,
        restarted: bool,
    ) -> None:
        await offered(server, bob, question)
        if restarted:
            await restart()
        await env.advance_time(570)
        assert len(under(server, question.thread.id, OFFER)) == 1
        await env.advance_time(60)
        assert under(server, question.thread.id, OFFER) == []

    async def test_the_text_is_the_one_that_is_there_when_pressed(
        self, server: Server, bob: simcord.MemberActor, question: Card
    ) -> None:
        said, line = await offered(server, bob, question)
        await bob.edit(said, "Better: a walk in the morning light.")
        await bob.click(line, label="Post as answer")
        (answer,) = [card for card in server.cards() if card.kind == "answer"]
        assert "a walk in the morning light" in answer.text()

    async def test_a_deleted_message_takes_its_offer_along(
        self, server: Server, bob: simcord.MemberActor, question: Card
    ) -> None:
        said, _ = await offered(server, bob, question)
        await bob.delete(said)
        assert under(server, question.thread.id, OFFER) == []

    async def test_deleting_it_by_hand_deletes_the_answer_and_a_bulk_does_not(
        self, server: Server, env: simcord.Env, bob: simcord.MemberActor, question: Card
    ) -> None:
        said, line = await offered(server, bob, question)
        await bob.click(line, label="Post as answer")
        env.backend.bulk_delete_messages(question.thread.id, [said.id])
        await env.settle()
        assert [card.kind for card in server.cards()] == ["question", "answer"]
        said, line = await offered(server, bob, question, "A warm bath, and then a dark room.")
        await bob.click(line, label="Post as answer")
        await bob.delete(said)
        assert [card.kind for card in server.cards()].count("answer") == 1

    async def test_without_manage_messages_nothing_is_offered_to_be_removed(
        self, server: Server, env: simcord.Env, bob: simcord.MemberActor, question: Card
    ) -> None:
        set_permissions(env, server.channel, bot_user_id(env), manage_messages=False)
        await env.settle()
        _, line = await offered(server, bob, question)
        done = await bob.click(line, label="Post as answer")
        assert "Remove my message" not in buttons(done)

    async def test_a_lost_response_makes_no_second_offer(
        self, server: Server, env: simcord.Env, wire: Wire, bob: simcord.MemberActor, question: Card
    ) -> None:
        wire.fail("POST", "/channels/*/messages", Failure.LOST)
        await reply_to(server, bob, question, WORDS)
        await env.advance_time(30)
        assert wire.sprung == 1
        assert len(under(server, question.thread.id, OFFER)) == 1

    @pytest.mark.parametrize("after", [False, True])
    async def test_a_process_that_dies_leaves_one_offer(
        self,
        server: Server,
        env: simcord.Env,
        wire: Wire,
        restart: Restart,
        bob: simcord.MemberActor,
        question: Card,
        after: bool,
    ) -> None:
        wire.kill("POST", "/channels/*/messages", after=after)
        await reply_to(server, bob, question, WORDS)
        await restart()
        await env.advance_time(30)
        (line,) = under(server, question.thread.id, OFFER)
        assert "Answer posted" in sentence(await bob.click(line, label="Post as answer"))

    async def test_who_may_not_write_is_offered_nothing(
        self, server: Server, env: simcord.Env, bob: simcord.MemberActor, question: Card
    ) -> None:
        await archive(env, question.thread, archived=False, locked=True)
        await reply_to(server, bob, question, WORDS)
        assert under(server, question.thread.id, OFFER) == []

    async def test_a_closed_question_takes_comments(
        self, server: Server, bob: simcord.MemberActor, alice: simcord.MemberActor, question: Card
    ) -> None:
        await alice.slash(question.thread, "close", reason="other")
        _, line = await offered(server, bob, question)
        assert "Post as answer" not in labels(line)

    async def test_the_setting_turns_it_off(
        self, server: Server, bob: simcord.MemberActor, question: Card, configure: Configure
    ) -> None:
        await configure("offers", "off")
        await reply_to(server, bob, question, WORDS)
        await bob.send(question.thread, WORDS)
        assert under(server, question.thread.id, OFFER) == []
        assert under(server, question.thread.id, HINT) == []


class TestHints:
    pytestmark = SIMPLE

    async def test_the_first_plain_message_of_a_member_is_told_how(
        self,
        server: Server,
        env: simcord.Env,
        restart: Restart,
        bob: simcord.MemberActor,
        carol: simcord.MemberActor,
        question: Card,
    ) -> None:
        await bob.send(question.thread, WORDS)
        (line,) = under(server, question.thread.id, HINT)
        assert pings(line) == []
        await bob.send(question.thread, "And earplugs.")
        await restart()
        await bob.send(question.thread, "And no coffee.")
        assert len(under(server, question.thread.id, HINT)) == 1
        await carol.send(question.thread, WORDS)
        assert len(under(server, question.thread.id, HINT)) == 2
        await env.advance_time(660)
        assert under(server, question.thread.id, HINT) == []

    async def test_a_reply_without_a_ping_is_told_how(
        self, server: Server, bob: simcord.MemberActor, question: Card
    ) -> None:
        await reply_to(server, bob, question, WORDS, ping=False)
        assert under(server, question.thread.id, OFFER) == []
        assert len(under(server, question.thread.id, HINT)) == 1

    async def test_other_channels_cost_nothing(
        self, server: Server, wire: Wire, bob: simcord.MemberActor, question: Card
    ) -> None:
        before = len(wire.seen)
        await bob.send(server.lounge, WORDS)
        said = await bob.send(server.lounge, "A question to you all.")
        await bob.send(server.lounge, WORDS, reply_to=said)
        assert len(wire.seen) == before


@on_sqlite
@in_a_text_channel
async def test_in_a_text_channel_the_card_is_replied_to_outside_its_thread(
    server: Server, bob: simcord.MemberActor, question: Card
) -> None:
    said, line = await offered(server, bob, question)
    assert said.channel.id == server.channel.id
    done = await bob.click(line, label="Post as answer")
    assert "Answer posted as #1.1." in told(done)
    (answer,) = [card for card in server.cards() if card.kind == "answer"]
    assert answer.message.channel.id == question.thread.id


@on_sqlite
@in_a_forum
async def test_a_message_made_an_answer_by_its_menu_can_be_removed_as_well(
    server: Server, env: simcord.Env, bob: simcord.MemberActor, question: Card
) -> None:
    said = await bob.send(question.thread, WORDS)
    done = await bob.context_menu(question.thread, "Post as answer", said)
    await bob.click(reply_of(done), label="Remove my message")
    await hours_pass(env, 1)
    assert said.id not in {m.id for m in question.thread.history()}
    assert [card.kind for card in server.cards()] == ["question", "answer"]
