"""A thread or forum post that a member opens by hand in the question channel."""

from __future__ import annotations

import discord
import pytest
import simcord

from tests.cogs.conftest import Configure
from tests.conftest import Restart
from tests.support.forgery import press
from tests.support.kinds import on_sqlite
from tests.support.replies import filled, reply_of, sentence
from tests.support.server import Card, Server
from tests.support.simulator import (
    bot_user_id,
    channel_of,
    delete_channel,
    message_of,
    start_thread,
)
from tests.support.wire import Failure, Wire

NAME, LINE = "Which curtains keep out the morning light?", "This isn't a question in the forum yet"


async def opened(server: Server, person: simcord.MemberActor) -> simcord.ChannelHandle:
    return await start_thread(server.env, person, server.channel, NAME, "Any ideas?")


def lines(server: Server, thread_id: int, words: str = LINE) -> list[discord.Message]:
    thread, me = channel_of(server.env, server.guild, thread_id), bot_user_id(server.env)
    return [m for m in thread.history() if m.author.id == me and words in m.content]


async def test_it_is_made_a_question_that_links_it_and_can_be_closed(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    thread = await opened(server, alice)
    (line,) = lines(server, thread.id)
    refused = await press(bob, line, f"qa:1:stray.ask:{thread.id}")
    assert "Only the member who opened this" in sentence(refused)
    form = await alice.click(line, label="Make it a question")
    assert filled(form)["title"] == NAME
    link = f"https://discord.com/channels/{server.guild.id}/{thread.id}"
    assert filled(form)["details"] == link
    done = await alice.submit_modal(form, filled(form) | {"details": f"North window.\n{link}"})
    assert "Your question is #1." in sentence(done)
    (card,) = server.cards()
    assert link in card.text()
    await server.env.advance_time(10)
    (line,) = lines(server, thread.id, "This is now question #1")
    assert card.message.jump_url in str([part.to_dict() for part in line.components])
    assert lines(server, thread.id) == []

    refused = await press(bob, line, f"qa:1:stray.close:{thread.id}")
    assert "Only the member who opened this" in sentence(refused)
    closed = await alice.click(line, label="Close this")
    assert "Closed." in sentence(closed)
    metadata = server.env.backend.get_channel(thread.id).thread_metadata
    assert metadata is not None
    assert (metadata.archived, metadata.locked) == (True, True)


@on_sqlite
async def test_moderators_close_it_too(
    server: Server, alice: simcord.MemberActor, moderator: simcord.MemberActor
) -> None:
    thread = await opened(server, alice)
    form = await alice.click(lines(server, thread.id)[0], label="Make it a question")
    await alice.submit_modal(form, filled(form))
    await server.env.advance_time(10)
    (line,) = lines(server, thread.id, "This is now question")
    assert "Closed." in sentence(await moderator.click(line, label="Close this"))


@on_sqlite
async def test_nothing_is_said_in_other_threads(
    server: Server, owner: simcord.MemberActor, alice: simcord.MemberActor, question: Card
) -> None:
    await owner.click(reply_of(await owner.slash(server.lounge, "setup")), label="Finish")
    private = await start_thread(server.env, alice, server.channel, NAME, "Just us.", private=True)
    elsewhere = await start_thread(server.env, alice, server.lounge, NAME, "Lunch?")
    for thread_id in (private.id, elsewhere.id, question.thread.id):
        assert lines(server, thread_id) == []


@on_sqlite
async def test_the_how_to_is_left_alone(server: Server, owner: simcord.MemberActor) -> None:
    shown = await owner.slash(server.lounge, "setup", channel=server.channel)
    await owner.click(reply_of(shown), label="Post a how-to")
    await server.env.advance_time(10)
    for thread in server.threads():
        assert lines(server, thread.id) == []


@on_sqlite
@pytest.mark.parametrize("failure", [Failure.NO_FIRST_MESSAGE, Failure.LOST])
async def test_it_is_said_once_though_the_first_try_fails(
    server: Server, wire: Wire, alice: simcord.MemberActor, failure: Failure
) -> None:
    wire.fail("POST", "/channels/*/messages", failure)
    thread = await opened(server, alice)
    await server.env.advance_time(30)
    assert wire.sprung == 1
    assert len(lines(server, thread.id)) == 1


@on_sqlite
async def test_it_goes_on_after_a_restart_and_once_the_thread_is_gone_nothing_is_left(
    server: Server, restart: Restart, alice: simcord.MemberActor
) -> None:
    thread = await opened(server, alice)
    (line,) = lines(server, thread.id)
    await restart()
    form = await alice.click(line, label="Make it a question")
    assert filled(form)["title"] == NAME
    await delete_channel(server.env, thread)
    lounge = await alice.send(server.lounge, "Hm.")
    gone = await press(alice, lounge, f"qa:1:stray.ask:{thread.id}")
    assert "no longer known" in sentence(gone)


@on_sqlite
async def test_the_link_of_somebody_else_changes_nothing(
    server: Server, alice: simcord.MemberActor, bob: simcord.MemberActor
) -> None:
    thread = await opened(server, alice)
    link = f"https://discord.com/channels/{server.guild.id}/{thread.id}"
    await server.ask(bob, "Who answers in that post over there?", link)
    await server.env.advance_time(10)
    assert len(lines(server, thread.id)) == 1


@on_sqlite
async def test_in_the_language_of_the_server(
    server: Server, alice: simcord.MemberActor, configure: Configure
) -> None:
    await configure("locale", "de")
    thread = await opened(server, alice)
    (line,) = lines(server, thread.id, "noch keine Frage")
    assert message_of(server.env, thread.id, line.id).components
