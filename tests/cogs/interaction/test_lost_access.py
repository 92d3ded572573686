"""A member who lost access to a channel gets no more notices of it: each delivery checks what they
may read at that moment. They still see their own posts, without votes and answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import simcord

from tests.support.kinds import SIMPLE
from tests.support.server import Card, Server, said, told
from tests.support.simulator import set_permissions

pytestmark = SIMPLE

TITLE = "How do I sleep after a night shift?"
TEXT = "Dark curtains, and no screens before bed."
Access = Callable[[bool], Awaitable[None]]


def mails(person: simcord.MemberActor) -> list[str]:
    """The direct messages that a person has got from the bot."""
    try:
        return [said(message) for message in person.user.dm_channel.history()]
    except simcord.BackendError:
        return []


async def wait(env: simcord.Env, hours: float) -> None:
    """Let time go by, in steps between which the bot looks."""
    env.backend.advance_clock(hours * 3600)
    for _ in range(4):
        await env.advance_time(310)


@pytest.fixture
async def asked(server: Server, sleep: str, alice: simcord.MemberActor) -> Card:
    """Alice's question in #nights; she wants to be told by direct message."""
    return await server.ask(alice, TITLE, "Noon comes early.", category=sleep, how=["notify"])


@pytest.fixture
def alice_may_read(
    env: simcord.Env, nights: simcord.ChannelHandle, alice: simcord.MemberActor
) -> Access:
    """`await alice_may_read(False)`: Alice loses access to #nights."""

    async def set_to(allowed: bool) -> None:
        set_permissions(env, nights, alice.id, view_channel=allowed)
        await env.settle()

    return set_to


async def test_a_direct_message_that_waits_is_not_sent(
    env: simcord.Env,
    server: Server,
    asked: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    alice_may_read: Access,
) -> None:
    hour = env.now().hour
    quiet = {"quiet_from": hour, "quiet_to": (hour + 2) % 24}
    await alice.slash(server.lounge, "notifications", **quiet)
    await server.answer(bob, asked, TEXT)
    await env.advance_time(30)
    assert mails(alice) == []
    await alice_may_read(False)
    await wait(env, 2)
    assert mails(alice) == []
    assert TEXT not in told(await alice.slash(server.lounge, "inbox"))

    await alice_may_read(True)
    await wait(env, 1)
    assert mails(alice) == [], "what was not told then is news no more"
    assert TEXT in told(await alice.slash(server.lounge, "inbox"))


async def test_followers_get_no_message_of_it_either(
    env: simcord.Env,
    server: Server,
    asked: Card,
    nights: simcord.ChannelHandle,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    guild: simcord.GuildHandle,
) -> None:
    """Carol may read #nights, then only by a role that she has not, and at last with it."""
    await carol.slash(asked.thread, "follow")
    await carol.slash(server.lounge, "notifications", dm=True)
    await server.answer(bob, asked, TEXT)
    await env.advance_time(5)
    assert [TEXT in text for text in mails(carol)] == [True]

    role = guild.create_role("Nurses")
    set_permissions(env, nights, guild.id, view_channel=False)
    set_permissions(env, nights, role.id, view_channel=True)
    for person in (bob, env.bot.user):
        assert person is not None
        set_permissions(env, nights, person.id, view_channel=True)
    await server.answer(bob, asked, "A fixed ritual: tea, a page, lights out.")
    await env.advance_time(30)
    assert len(mails(carol)) == 1
    env.backend.edit_member(guild.id, carol.id, {"role_ids": [role.id]})
    await server.answer(bob, asked, "Work less, if you can afford that at all.")
    await env.advance_time(30)
    assert ["Work less" in text for text in mails(carol)] == [False, True]


async def test_nobody_is_nudged_about_a_closed_channel(
    env: simcord.Env,
    server: Server,
    asked: Card,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    alice_may_read: Access,
    configure: Callable[..., Awaitable[None]],
) -> None:
    await configure("nudge_hours", "24")
    answer = await server.answer(bob, asked, TEXT)
    await carol.react(answer.message, "⬆️")
    await env.advance_time(5)
    before = len(mails(alice))
    await alice_may_read(False)
    await wait(env, 30)
    assert len(mails(alice)) == before
    assert "Did an answer help?" not in told(await alice.slash(server.lounge, "inbox"))
    await alice_may_read(True)
    assert "Did an answer help?" in told(await alice.slash(server.lounge, "inbox"))


async def test_ones_own_words_stay_without_what_became_of_them(
    env: simcord.Env,
    server: Server,
    asked: Card,
    owner: simcord.MemberActor,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    alice_may_read: Access,
) -> None:
    await alice.slash(
        server.lounge, "notifications", digest="daily", hour=(env.now().hour + 2) % 24
    )
    mine = await server.answer(alice, asked, "Earplugs have helped me a little.")
    await alice_may_read(False)
    answer = await server.answer(bob, asked, TEXT)
    await server.choose(owner, mine)
    for card in (asked, mine, answer):
        await bob.react(card.message, "⬆️")
    await wait(env, 2)

    async def said_of_it() -> list[str]:
        texts = [
            told(await alice.slash(server.lounge, *command, **options))
            for *command, options in (
                ("questions", {}),
                ("questions", {"view": "mine"}),
                ("search", {"query": "noon"}),
                ("search", {"query": "earplugs"}),
                ("ask", {"title": "How to sleep after night shift"}),
            )
        ]
        return [*texts, *mails(alice)[-1:]]

    closed = await said_of_it()
    assert len(closed) == 6
    for text in closed:
        assert "sleep after a night shift" in text
        for word in ("vote", "answer ", "answers", "Best", "solved", "Dark curtains"):
            assert word not in text.replace("similar", ""), (word, text)
    assert "Best answer chosen" not in told(await alice.slash(server.lounge, "inbox"))

    await alice_may_read(True)
    opened = await said_of_it()
    assert all("+1 vote" in text for text in opened[:5])


async def test_points_name_no_question_of_a_closed_channel(
    server: Server,
    env: simcord.Env,
    asked: Card,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    await server.answer(bob, asked, TEXT)
    assert "night shift" in told(await bob.slash(server.lounge, "points"))
    for person in (alice, bob):
        set_permissions(env, nights, person.id, view_channel=False)
    await env.settle()
    points = told(await bob.slash(server.lounge, "points"))
    assert "#1.1" in points
    assert "night shift" not in points
    assert "night shift" in told(await alice.slash(server.lounge, "points")), "her own words"
