"""The test bed itself, tried with a small bot: what goes wrong on purpose goes wrong as meant."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import aiohttp
import discord
import pytest
import simcord
from discord import app_commands
from discord.ext import commands, tasks

from bot.sandbox._simcord_settling import patiently
from tests.support import simulator
from tests.support.server import said, told
from tests.support.simulator import Locales, as_the_bot
from tests.support.wire import Failure, Killed, Wire


class Echo(commands.AutoShardedBot):
    """Says what it is told to say, and counts what it sees."""

    def __init__(self) -> None:
        intents = discord.Intents(guilds=True, guild_messages=True, guild_reactions=True)
        super().__init__(command_prefix=(), intents=intents, help_command=None)
        self.reactions: list[str] = []
        self.sessions = 0
        self.together = self.most_together = 0
        self.failures: list[Exception] = []

    async def setup_hook(self) -> None:
        self.tree.add_command(app_commands.Command(name="say", description="Say it", callback=say))
        await self.tree.sync()

    async def on_ready(self) -> None:
        self.sessions += 1

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        self.together += 1
        self.most_together = max(self.most_together, self.together)
        self.reactions.append(str(event.emoji))
        await asyncio.sleep(0)
        self.together -= 1


async def say(interaction: discord.Interaction[Any], words: str) -> None:
    try:
        await interaction.channel.send(words)  # type: ignore[union-attr]
    except (discord.HTTPException, aiohttp.ClientError) as error:
        interaction.client.failures.append(error)
    await interaction.response.send_message(f"{interaction.locale}: said {words}", ephemeral=True)


@pytest.fixture
def bot() -> Echo:
    return Echo()


@pytest.fixture
def channel(text: simcord.ChannelHandle) -> simcord.ChannelHandle:
    return text


def spoken(channel: simcord.ChannelHandle) -> list[str]:
    return [message.content for message in channel.history()]


async def test_verbs_wait_for_the_bot_and_cost_little(
    env: simcord.Env, channel: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    started = asyncio.get_running_loop().time()
    for number in range(10):
        reply = await alice.slash(channel, "say", words=str(number))
        assert told(reply).endswith(f"said {number}")
    assert asyncio.get_running_loop().time() - started < 0.5, "the 50 ms of each verb are back"
    assert spoken(channel) == [str(number) for number in range(10)]
    assert said(channel.history()[-1]) == "9"


async def test_people_speak_their_own_language(
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    locales: Locales,
) -> None:
    locales.speaks(bob, "de")
    assert told(await alice.slash(channel, "say", words="hi")).startswith("en-US:")
    assert told(await bob.slash(channel, "say", words="hi")).startswith("de:")


async def test_away_the_bot_misses_what_happens(
    env: simcord.Env,
    bot: Echo,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
) -> None:
    message = await alice.send(channel, "hello")
    async with simulator.away(env):
        await alice.react(message, "⬆️")
    assert bot.reactions == []
    assert bot.sessions == 2
    await alice.react(message, "⬇️")
    assert bot.reactions == ["⬇️"]


async def test_at_once_nobody_waits_for_the_bot(
    env: simcord.Env,
    bot: Echo,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
) -> None:
    message = await alice.send(channel, "hello")
    async with simulator.at_once(env):
        await alice.react(message, "⬆️")
        await bob.react(message, "⬇️")
        reply = await bob.slash(channel, "say", words="hi")
        assert bot.reactions == []
        assert not reply.acknowledged
    assert bot.reactions == ["⬆️", "⬇️"]
    assert bot.most_together == 2
    assert reply.acknowledged


async def test_a_forum_posts_first_message_is_its_thread(
    env: simcord.Env, forum: simcord.ChannelHandle
) -> None:
    with env._bot_scope():
        channel = env.bot.get_channel(forum.id)
        assert isinstance(channel, discord.ForumChannel)
        created = await channel.create_thread(name="Why?", content="Why?")
        await created.thread.send("Because.")
    await env.settle()
    assert created.message.id == created.thread.id
    assert len({message.id for message in forum.threads[0].history()}) == 2


async def test_what_happens_without_a_verb(
    env: simcord.Env,
    forum: simcord.ChannelHandle,
    text: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    moderator: simcord.MemberActor,
) -> None:
    thread = await simulator.start_thread(env, alice, forum, "My own", "Is this a question?")
    (first,) = thread.history()
    assert (first.author.id, first.content) == (alice.id, "Is this a question?")

    await simulator.archive(env, thread)
    assert env.bot.get_channel(thread.id) is None, "the library forgets archived threads"
    await simulator.archive(env, thread, archived=False)
    assert env.bot.get_channel(thread.id) is not None

    message = await alice.send(text, "hello")
    await alice.react(message, "⬆️")
    await moderator.react(message, "⬇️")
    await simulator.clear_reactions(env, message, "⬆️")
    fresh = simulator.message_of(env, text.id, message.id)
    assert [str(reaction.emoji) for reaction in fresh.reactions] == ["⬇️"]
    await simulator.clear_reactions(env, message)
    assert simulator.message_of(env, text.id, message.id).reactions == []

    await moderator.set_pinned(message, True)
    assert [pinned.id for pinned in text.pinned_messages()] == [message.id]

    await simulator.delete_channel(env, forum)
    assert not simulator.exists(env, forum.id)
    assert not simulator.exists(env, thread.id)
    assert env.bot.get_channel(forum.id) is None


async def test_permissions_taken_from_the_bot(
    env: simcord.Env,
    bot: Echo,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
) -> None:
    simulator.set_permissions(env, channel, simulator.bot_user_id(env), send_messages=False)
    await alice.slash(channel, "say", words="hi")
    assert [type(error) for error in bot.failures] == [discord.Forbidden]


@pytest.mark.parametrize("failure", Failure)
async def test_failures_on_the_wire(
    env: simcord.Env,
    bot: Echo,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    wire: Wire,
    failure: Failure,
) -> None:
    wire.fail("POST", "/channels/*/messages", failure)
    await alice.slash(channel, "say", words="one")
    assert spoken(channel) == (["one"] if failure.took_effect else [])
    assert [type(error) for error in bot.failures] == [type(failure.error())]
    assert wire.sprung == 1

    await alice.slash(channel, "say", words="two")
    assert spoken(channel)[-1] == "two"
    assert len(bot.failures) == 1


async def test_every_second_request_fails(
    env: simcord.Env,
    bot: Echo,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    wire: Wire,
) -> None:
    wire.fail("*", "*", Failure.FORBIDDEN, skip=2, every=2, times=None)
    for words in ("one", "two", "three"):  # two requests each: the words, and the reply
        await alice.slash(channel, "say", words=words)
    assert wire.sprung == 2
    assert spoken(channel) == ["one"]
    assert [str(request) for request in wire.seen[:2]] == simulator.requests_since(env)[2:4]


async def test_replies_fail_as_well(
    env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    wire: Wire,
    logged_errors: list[logging.LogRecord],
) -> None:
    wire.fail("POST", "/interactions/*/callback", Failure.UNKNOWN_INTERACTION)
    reply = await alice.slash(channel, "say", words="one")
    assert not reply.acknowledged
    (error,) = simulator.forgive(env, app_commands.CommandInvokeError)
    assert isinstance(error.__cause__, discord.NotFound)
    assert "say" in logged_errors.pop().getMessage()


@pytest.mark.parametrize("after", [False, True])
async def test_killed_the_process_does_nothing_more(
    env: simcord.Env,
    channel: simcord.ChannelHandle,
    alice: simcord.MemberActor,
    bob: simcord.MemberActor,
    wire: Wire,
    after: bool,
) -> None:
    ended: list[bool] = []
    wire.when_killed = lambda: ended.append(True)
    wire.kill("POST", "/channels/*/messages", after=after)
    reply = await alice.slash(channel, "say", words="one")
    assert not reply.acknowledged
    assert spoken(channel) == (["one"] if after else [])
    await bob.slash(channel, "say", words="two")
    assert spoken(channel) == (["one"] if after else [])
    assert ended == [True]

    wire.revive()
    await env.restart_bot(Echo())
    assert len(simulator.forgive(env, Killed)) == 2
    await bob.slash(channel, "say", words="three")
    assert spoken(channel)[-1] == "three"


async def test_loops_run_when_time_is_advanced(env: simcord.Env) -> None:
    turns: list[int] = []

    @tasks.loop(minutes=5)
    async def turn() -> None:
        turns.append(len(turns))

    with env._bot_scope():
        turn.start()
    await env.settle()
    await env.advance_time(3600)
    assert len(turns) == 13
    turn.cancel()


async def test_a_busy_machine_is_waited_for(
    env: simcord.Env, lounge: simcord.ChannelHandle, alice: simcord.MemberActor
) -> None:
    done: list[float] = []

    async def slow() -> None:
        for _ in range(30):  # work that never pauses for long, and takes a fifth more than allowed
            time.sleep(0.02)
            await asyncio.sleep(0)
        done.append(time.perf_counter())

    env.settle_timeout = 0.5
    with as_the_bot(env):
        task = asyncio.ensure_future(slow())
    await env.settle()
    assert done
    await task


async def test_what_is_stuck_is_said_to_be(env: simcord.Env) -> None:
    env.settle_timeout = 0.1
    with as_the_bot(env):
        task = asyncio.ensure_future(asyncio.Event().wait())
    with patiently(0.3), pytest.raises(TimeoutError, match="did not settle"):
        await env.settle()
    task.cancel()


async def test_a_task_that_goes_on_is_waited_for_and_its_time_is_the_simulated(
    env: simcord.Env,
) -> None:
    loop, begun, seen = asyncio.get_running_loop(), time.monotonic(), []

    async def goes_on() -> None:
        for _ in range(200):
            await asyncio.sleep(0)
        seen.append(loop.time())

    await env.advance_time(24 * 3600)
    with as_the_bot(env):
        task = asyncio.create_task(goes_on())
    await env.settle()
    assert task.done()
    assert seen == [pytest.approx(24 * 3600)]
    assert loop.time() - begun < 3600
