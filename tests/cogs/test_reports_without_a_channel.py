"""Without a moderators' channel, whoever moderates a post finds its reports when they next use the
bot: the bell counts them, and they stand on top of the inbox."""

from __future__ import annotations

import simcord

from tests.cogs.conftest import Configure
from tests.support.kinds import SIMPLE
from tests.support.replies import bell_of, buttons, reply_of, sentence
from tests.support.reports import closed_channel, report
from tests.support.server import BELL, Card, Server, told
from tests.support.simulator import Locales, delete_channel, set_permissions

pytestmark = SIMPLE


async def test_the_bell_and_the_inbox_tell_of_them(
    env: simcord.Env,
    server: Server,
    alice: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    answer: Card,
) -> None:
    await report(carol, answer, "It sells curtains.", "spam")
    await report(alice, answer)
    reply = await moderator.slash(server.lounge, "help")
    assert bell_of(reply) == "🔔 1 new"
    inbox = await moderator.click(reply_of(reply), custom_id=BELL)
    assert sentence(inbox).startswith("Your inbox\n🚩 **1 reported post waits for a decision**")
    assert "#1.1 · answer · 2 reports" in told(inbox)
    read = await moderator.select(reply_of(inbox), [str(answer.post_id)])
    assert "Dark curtains" in sentence(read)
    assert "It sells curtains." in told(read)
    assert list(buttons(read)) == ["Hide", "Dismiss", "Edit", "Block author…", "Go to"]
    assert "Dismissed 2 reports." in sentence(
        await moderator.click(reply_of(read), label="Dismiss")
    )
    assert bell_of(await moderator.slash(server.lounge, "help")) == ""
    assert "🚩" not in told(await moderator.slash(server.lounge, "inbox"))


async def test_only_of_those_that_one_moderates(
    env: simcord.Env,
    server: Server,
    sleep: str,
    nights: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    """Bob has Manage Messages in #nights alone; Mona can't see it any more."""
    other = await server.ask(alice, "Who is awake at night?", category=sleep)
    await report(carol, question)
    await report(carol, other)
    set_permissions(env, nights, bob.id, manage_messages=True)
    set_permissions(env, nights, moderator.id, view_channel=False)
    await env.settle()
    inbox = await bob.slash(server.lounge, "inbox")
    assert "#2 · question" in told(inbox)
    assert "#1 · question" not in told(inbox)
    assert bell_of(await bob.slash(server.lounge, "help")) == "🔔 1 new"
    inbox = await moderator.slash(server.lounge, "inbox")
    assert "#1 · question" in told(inbox)
    assert "#2" not in told(inbox)
    for person in (alice, carol):
        assert "🚩" not in told(await person.slash(server.lounge, "inbox"))
        assert bell_of(await person.slash(server.lounge, "help")) == ""


async def test_with_a_channel_they_are_there_alone(
    env: simcord.Env,
    server: Server,
    moderators: simcord.RoleHandle,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
    configure: Configure,
) -> None:
    channel = closed_channel(server, "reports", moderators)
    await configure("moderators_channel", f"<#{channel.id}>")
    await report(carol, question)
    assert bell_of(await moderator.slash(server.lounge, "help")) == ""
    assert "🚩" not in told(await moderator.slash(server.lounge, "inbox"))
    await delete_channel(env, channel)
    assert bell_of(await moderator.slash(server.lounge, "help")) == "🔔 1 new"
    assert "🚩" in told(await moderator.slash(server.lounge, "inbox"))


async def test_in_german(
    server: Server,
    locales: Locales,
    carol: simcord.MemberActor,
    moderator: simcord.MemberActor,
    question: Card,
) -> None:
    await report(carol, question)
    locales.speaks(moderator, "de")
    inbox = told(await moderator.slash(server.lounge, "inbox"))
    assert "1 gemeldeter Beitrag wartet auf eine Entscheidung" in inbox
    assert "#1 · Frage · 1 Meldung" in inbox
