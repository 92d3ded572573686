"""The bell under private replies, as members see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import simcord
from simcord import ChannelHandle, Env, MemberActor

from bot.app import Askwell
from bot.usecases import news
from bot.usecases.news import News
from tests.support.kinds import SIMPLE
from tests.support.replies import bell_of, reply_of, sentence
from tests.support.server import BELL, Card, Server, told
from tests.support.simulator import Locales, set_permissions

pytestmark = SIMPLE

TITLE = "How do I sleep after a night shift?"


async def ring(person: MemberActor, reply: simcord.InteractionResult) -> simcord.InteractionResult:
    """A person presses the bell under a reply."""
    return await person.click(reply_of(reply), custom_id=BELL)


@pytest.fixture
async def followed(server: Server, question: Card, carol: MemberActor) -> Card:
    """Alice's question, which Carol follows."""
    await carol.slash(question.thread, "follow")
    return question


async def test_a_reply_says_how_much_is_new_and_opens_the_inbox(
    server: Server, followed: Card, bob: MemberActor, carol: MemberActor
) -> None:
    assert bell_of(await carol.slash(server.lounge, "help")) == ""
    await server.answer(bob, followed, "Dark curtains, and no screens before bed.")
    assert bell_of(await carol.slash(server.lounge, "help")) == "🔔 1 new"
    await server.answer(bob, followed, "Earplugs helped me more than anything.")
    listed = await carol.slash(server.lounge, "questions")
    assert bell_of(listed) == "🔔 2 new"

    inbox = await ring(carol, listed)
    assert "**New answer** · #1.1" in sentence(inbox)
    assert bell_of(inbox) == "", "the inbox is the news itself"
    assert reply_of(inbox).id != reply_of(listed).id, "the list stays"
    assert bell_of(await carol.slash(server.lounge, "help")) == ""
    assert bell_of(await bob.slash(server.lounge, "help")) == "", "what they did is no news"


async def test_a_refusal_and_an_act_carry_it_too(
    server: Server, followed: Card, bob: MemberActor, carol: MemberActor
) -> None:
    answer = await server.answer(bob, followed, "Dark curtains, and no screens before bed.")
    refused = await carol.slash(server.lounge, "edit", post="#1.1")
    assert bell_of(refused) == "🔔 1 new"
    voted = await server.vote(carol, answer, "up")
    assert bell_of(voted) == "🔔 1 new", "a message of theirs that is changed keeps it"
    commented = await server.try_to_comment(carol, answer, "And earplugs, for some.")
    assert bell_of(commented) == "🔔 1 new", "their own act is no news"


async def test_a_message_for_all_never_carries_it(
    env: Env, server: Server, followed: Card, bob: MemberActor, carol: MemberActor
) -> None:
    answer = await server.answer(bob, followed, "Dark curtains, and no screens before bed.")
    await carol.click(answer.message, custom_id=answer.control("more"))
    await env.settle()
    for card in server.cards():
        assert BELL not in str([part.to_dict() for part in card.message.components])


async def test_a_closed_channel_rings_no_bell(
    env: Env,
    server: Server,
    sleep: str,
    nights: ChannelHandle,
    alice: MemberActor,
    bob: MemberActor,
    carol: MemberActor,
) -> None:
    question = await server.ask(alice, TITLE, category=sleep)
    await carol.slash(question.thread, "follow")
    await server.answer(bob, question, "Dark curtains, and no screens before bed.")
    set_permissions(env, nights, carol.id, view_channel=False)
    await env.settle()
    assert bell_of(await carol.slash(server.lounge, "help")) == ""
    set_permissions(env, nights, carol.id, view_channel=True)
    await env.settle()
    assert bell_of(await carol.slash(server.lounge, "help")) == "🔔 1 new"


async def test_it_speaks_the_readers_language_and_works_after_a_restart(
    server: Server,
    followed: Card,
    locales: Locales,
    bob: MemberActor,
    carol: MemberActor,
    restart: Callable[[], Awaitable[Any]],
) -> None:
    await server.answer(bob, followed, "Dark curtains, and no screens before bed.")
    locales.speaks(carol, "de")
    reply = await carol.slash(server.lounge, "help")
    assert bell_of(reply) == "🔔 1 neu"
    await restart()
    assert "#1.1" in told(await ring(carol, reply))


async def test_a_reply_arrives_without_it_where_the_database_is_away(
    env: Env,
    server: Server,
    followed: Card,
    bob: MemberActor,
    carol: MemberActor,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await server.answer(bob, followed, "Dark curtains, and no screens before bed.")

    async def away(*_: Any, **__: Any) -> News:
        raise OSError("the database is away")

    assert isinstance(env.bot, Askwell)
    monkeypatch.setattr(news, "news_of", away)
    reply = await carol.slash(server.lounge, "about")
    assert sentence(reply)
    assert bell_of(reply) == ""
