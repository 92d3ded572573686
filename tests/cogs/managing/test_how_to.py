"""What `/setup` offers at its end: a how-to for members, and a forum's post guidelines."""

from __future__ import annotations

from typing import Any

import discord
import pytest
import simcord

from bot.i18n import texts_for
from cogs.ui.signs import guidelines
from tests.cogs.conftest import Configure
from tests.conftest import Restart
from tests.support.forgery import press
from tests.support.kinds import SIMPLE, in_a_forum, in_a_text_channel, on_sqlite
from tests.support.replies import buttons, reply_of, sentence
from tests.support.server import Card, Server, said, told
from tests.support.simulator import (
    archive,
    away,
    bot_user_id,
    delete_channel,
    message_of,
    set_permissions,
    start_thread,
)
from tests.support.wire import Failure, Wire

BUTTONS = ["Ask a question", "Browse", "How it works"]


def how_tos(server: Server) -> list[discord.Message]:
    """The how-tos that stand anywhere in the server."""
    env, me = server.env, bot_user_id(server.env)
    return [
        message_of(env, channel_id, message.id)
        for channel_id, messages in env.backend.messages.items()
        for message in messages.values()
        if message.author_id == me and not message.is_ephemeral
        if "qa:1:how" in str(message.components)
    ]


def pinned(server: Server, message: discord.Message) -> bool:
    if server.kind == "text":
        return message.pinned
    bot: Any = server.env.bot
    thread = bot.get_guild(server.guild.id).get_thread(message.id)
    return bool(thread.flags.pinned)


async def summary(server: Server, owner: simcord.MemberActor) -> simcord.InteractionResult:
    return await owner.slash(server.lounge, "setup", channel=server.channel)


async def posted(server: Server, owner: simcord.MemberActor) -> simcord.InteractionResult:
    """The owner presses *Post a how-to* at the end of `/setup`."""
    return await owner.click(reply_of(await summary(server, owner)), label="Post a how-to")


async def test_it_is_offered_posted_and_pinned_once(
    server: Server, owner: simcord.MemberActor
) -> None:
    shown = await summary(server, owner)
    assert "Nobody is told yet that they can ask" in sentence(shown)
    panel = await owner.click(reply_of(shown), label="Post a how-to")
    assert f"The how-to is in <#{server.channel.id}>" in sentence(panel)
    (message,) = how_tos(server)
    assert "How to ask here" in said(message)
    assert pinned(server, message)
    assert buttons(panel)["Go to the how-to"] == message.jump_url

    again = await summary(server, owner)
    assert "Post a how-to" not in buttons(again)
    assert "Nobody is told" not in sentence(again)
    await press(owner, reply_of(shown).message, "qa:1:howto.post")
    assert [each.id for each in how_tos(server)] == [message.id]


@on_sqlite
async def test_its_buttons_need_no_command(
    server: Server, owner: simcord.MemberActor, alice: simcord.MemberActor, question: Card
) -> None:
    await posted(server, owner)
    (message,) = how_tos(server)
    form = await alice.click(message, label="Ask a question")
    await alice.submit_modal(form, {"title": "Where do I find dark curtains?", "details": ""})
    assert any("dark curtains" in card.title for card in server.cards())
    listed = await alice.click(message, label="Browse")
    assert "How do I sleep after a night shift?" in sentence(listed)
    works = await alice.click(message, label="How it works")
    assert "How Askwell works" in sentence(works)
    assert len(how_tos(server)) == 1, "a private reply took its place"


@on_sqlite
async def test_it_can_be_taken_back_and_posted_again(
    server: Server, owner: simcord.MemberActor
) -> None:
    panel = await posted(server, owner)
    threads = len(server.threads())
    gone = await owner.click(reply_of(panel), label="Remove the how-to")
    assert how_tos(server) == []
    assert len(server.threads()) == threads - (server.kind == "forum")
    assert "Nothing in" in told(gone)
    await owner.click(reply_of(gone), label="Post a how-to")
    assert len(how_tos(server)) == 1


@on_sqlite
@pytest.mark.parametrize("missed", [False, True], ids=["live", "while away"])
async def test_one_that_was_deleted_by_hand_is_offered_again(
    server: Server, owner: simcord.MemberActor, missed: bool
) -> None:
    await posted(server, owner)
    (message,) = how_tos(server)

    async def delete() -> None:
        if server.kind == "forum":
            thread = next(t for t in server.threads() if t.id == message.id)
            await delete_channel(server.env, thread)
        else:
            await owner.delete(message)

    if missed:
        async with away(server.env):
            await delete()
    else:
        await delete()
    await server.env.advance_time(60)
    assert how_tos(server) == [], "it was deleted on purpose"
    again = await summary(server, owner)
    assert "Nobody is told yet" in sentence(again)
    await owner.click(reply_of(again), label="Post a how-to")
    assert len(how_tos(server)) == 1


@pytest.mark.parametrize(
    ("database_kind", "failure"),
    [("sqlite", Failure.LOST), ("postgresql", Failure.SERVER_ERROR_AFTER)],
    indirect=["database_kind"],
)
async def test_a_lost_response_makes_no_second_one(
    server: Server, owner: simcord.MemberActor, wire: Wire, failure: Failure
) -> None:
    path = (
        "/channels/*/threads" if server.kind == "forum" else f"/channels/{server.channel.id}/mes*"
    )
    wire.fail("POST", path, failure)
    await posted(server, owner)
    await server.env.advance_time(60)
    assert wire.sprung == 1
    (message,) = how_tos(server)
    assert pinned(server, message)


@on_sqlite
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", ["send", "pin"])
async def test_a_process_that_dies_leaves_one(
    server: Server,
    owner: simcord.MemberActor,
    wire: Wire,
    restart: Restart,
    step: str,
    after: bool,
) -> None:
    forum, channel = server.kind == "forum", server.channel.id
    where = {
        "send": ("POST", "/channels/*/threads" if forum else f"/channels/{channel}/messages"),
        "pin": ("PATCH", "/channels/*") if forum else ("PUT", "/channels/*/pins/*"),
    }[step]
    shown = await summary(server, owner)
    wire.kill(*where, after=after)
    await owner.click(reply_of(shown), label="Post a how-to")
    assert wire.dead
    await restart()
    await server.env.advance_time(60)
    (message,) = how_tos(server)
    assert pinned(server, message)
    assert "Post a how-to" not in buttons(await summary(server, owner))


@on_sqlite
@in_a_forum
async def test_another_pinned_post_stays(
    server: Server, owner: simcord.MemberActor, alice: simcord.MemberActor
) -> None:
    rules = await start_thread(server.env, alice, server.channel, "Rules", "Be kind.")
    bot: Any = server.env.bot
    thread = bot.get_guild(server.guild.id).get_thread(rules.id)
    await thread.edit(pinned=True)
    panel = await posted(server, owner)
    (message,) = how_tos(server)
    assert not pinned(server, message)
    assert "a forum can have one pinned post" in told(panel)


@on_sqlite
@in_a_forum
async def test_nobody_answers_in_its_thread(server: Server, owner: simcord.MemberActor) -> None:
    await posted(server, owner)
    (message,) = how_tos(server)
    thread = server.env.backend.get_channel(message.id)
    assert thread.thread_metadata is not None
    assert thread.thread_metadata.locked


@on_sqlite
async def test_without_permission_to_pin_it_stands_unpinned(
    server: Server, owner: simcord.MemberActor, wire: Wire
) -> None:
    if server.kind == "forum":
        wire.fail("PATCH", "/channels/*", Failure.FORBIDDEN, times=None)
    else:
        wire.fail("PUT", "/channels/*/pins/*", Failure.FORBIDDEN, times=None)
    panel = await posted(server, owner)
    assert len(how_tos(server)) == 1
    assert "pin" in told(panel)


@on_sqlite
async def test_it_moves_with_the_question_channel(
    server: Server, env: simcord.Env, owner: simcord.MemberActor
) -> None:
    await posted(server, owner)
    (before,) = how_tos(server)
    other = (
        server.guild.create_forum_channel("elsewhere")
        if server.kind == "forum"
        else server.guild.create_text_channel("elsewhere")
    )
    await env.settle()
    shown = await owner.slash(server.lounge, "setup", channel=other)
    assert "Post a how-to" in buttons(shown), "there is none in the new channel"
    await owner.click(reply_of(shown), label="Post a how-to")
    (after,) = how_tos(server)
    assert after.id != before.id
    parent = env.backend.get_channel(after.channel.id).parent_id
    assert other.id in (after.channel.id, parent)


@on_sqlite
async def test_it_speaks_the_language_of_the_server(
    server: Server, owner: simcord.MemberActor, configure: Configure
) -> None:
    await posted(server, owner)
    if server.kind == "forum":
        (message,) = how_tos(server)
        thread = next(t for t in server.threads() if t.id == message.id)
        await archive(server.env, thread, locked=True)
    await configure("locale", "de")
    (message,) = how_tos(server)
    assert texts_for("de")("How to ask here") in said(message)


@on_sqlite
async def test_a_channel_closed_to_the_bot_is_waited_for(
    server: Server, owner: simcord.MemberActor, wire: Wire
) -> None:
    path = (
        "/channels/*/threads" if server.kind == "forum" else f"/channels/{server.channel.id}/mes*"
    )
    wire.fail("POST", path, Failure.NO_ACCESS, times=2)
    panel = await posted(server, owner)
    assert "The how-to is saved. It will appear" in sentence(panel)
    await server.env.advance_time(60)
    assert len(how_tos(server)) == 1


class TestGuidelines:
    pytestmark = SIMPLE

    async def test_empty_ones_are_filled_in_and_taken_back(
        self, server: Server, env: simcord.Env, owner: simcord.MemberActor
    ) -> None:
        shown = await summary(server, owner)
        panel = await owner.click(reply_of(shown), label="How-to and guidelines")
        assert "They are empty. I can fill them in" in sentence(panel)
        filled = await owner.click(reply_of(panel), label="Fill in the guidelines")
        forum = env.backend.get_channel(server.channel.id)
        assert forum.topic == guidelines(texts_for("en"))
        assert "I've filled them in" in told(filled)
        empty = await owner.click(reply_of(panel), label="Empty the guidelines")
        assert not env.backend.get_channel(server.channel.id).topic
        assert "They are empty" in told(empty)

    async def test_the_servers_own_are_left_alone(
        self, server: Server, env: simcord.Env, owner: simcord.MemberActor
    ) -> None:
        env.backend.edit_channel(server.channel.id, {"topic": "No adverts."})
        await env.settle()
        shown = await summary(server, owner)
        panel = await owner.click(reply_of(shown), label="How-to and guidelines")
        assert "There are some already" in sentence(panel)
        assert guidelines(texts_for("en")) in sentence(panel), "nothing to copy"
        assert not {"Fill in the guidelines", "Empty the guidelines"} & set(buttons(panel))
        for forged in ("guidelines.post", "guidelines.back"):
            await press(owner, reply_of(panel).message, f"qa:1:{forged}")
        assert env.backend.get_channel(server.channel.id).topic == "No adverts."

    async def test_without_permission_it_says_what_is_missing(
        self, server: Server, owner: simcord.MemberActor, wire: Wire
    ) -> None:
        shown = await summary(server, owner)
        panel = await owner.click(reply_of(shown), label="How-to and guidelines")
        wire.fail("PATCH", f"/channels/{server.channel.id}", Failure.FORBIDDEN)
        refused = await owner.click(reply_of(panel), label="Fill in the guidelines")
        assert "*Manage Channels*" in told(refused)


@on_sqlite
@in_a_text_channel
async def test_a_text_channel_has_no_guidelines(server: Server, owner: simcord.MemberActor) -> None:
    shown = await summary(server, owner)
    panel = await owner.click(reply_of(shown), label="How-to and guidelines")
    assert "guidelines" not in sentence(panel).lower()
    refused = await press(owner, reply_of(panel).message, "qa:1:guidelines.post")
    assert refused.acknowledged


@on_sqlite
async def test_it_says_how_to_leave_the_channel_to_the_bot(
    server: Server, env: simcord.Env, guild: simcord.GuildHandle, owner: simcord.MemberActor
) -> None:

    assert "leave it to Askwell" in sentence(await summary(server, owner))
    set_permissions(env, server.channel, guild.id, send_messages=False)
    await env.settle()
    assert "leave it to Askwell" not in sentence(await summary(server, owner))
