"""What Discord does to a bot now and then, one thing at a time: at the start, on the gateway, and
with single requests."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.process.fake_discord import CUT, FakeDiscord, Request
from tests.process.fake_world import Payload
from tests.process.long_telling import LongTale
from tests.process.running import Process, askwell
from tests.process.telling import TITLE, Keeper, kept

EVERYTHING = os.environ.get("TROUBLE") == "all"
OTHERS = ("resumable", "reconnect", 1001, 4009) if EVERYTHING else ()


@pytest.fixture
async def keeper(tmp_path: Path, discord_server: FakeDiscord) -> AsyncIterator[Keeper]:
    """A bot that is connected, and ends well."""
    async with kept(discord_server, tmp_path) as keeper:
        yield keeper
    assert "Traceback" not in "".join(keeper.written), keeper.written


@pytest.fixture
async def tale(keeper: Keeper, discord_server: FakeDiscord) -> LongTale:
    """A server that is set up for questions in its text channel, and its people."""
    tale = LongTale(keeper, discord_server.world.text)
    await tale.set_up_long()
    return tale


async def ask(tale: LongTale) -> Payload:
    """A question that is shown, thread, vote emoji and all."""
    reply = await tale.do(tale.alice, tale.lounge, "ask")
    told = await tale.fill(tale.alice, tale.lounge, reply, title=TITLE, details="I lie awake.")
    try:
        await tale.discord.until(lambda: tale.card(TITLE))
        await tale.discord.until(lambda: len(tale.must(TITLE)["reactions"]) == 2)
    except TimeoutError as error:
        error.add_note(f"{told.first}; {told.later}; refused: {tale.discord.refusals}")
        raise
    return tale.must(TITLE)


async def ended(process: Process) -> str:
    """End it; returns what it wrote."""
    process.signal(signal.SIGTERM)
    end = await process.ended(10)
    assert end.code == 0, end.err
    assert "Traceback" not in end.err, end.err
    return end.err


# --- the start -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (path, status)
        for number, path in enumerate(("/users/@me", "/oauth2/applications/@me", "/gateway/bot"))
        for other, status in enumerate((CUT, 500, 429))
        if EVERYTHING or number == other
    ],
)
async def test_a_bad_moment_at_the_start_is_waited_out(
    tmp_path: Path, discord_server: FakeDiscord, path: str, status: int
) -> None:
    met: list[str] = []

    def trouble(request: Request, _effective: bool) -> int | None:
        if request.path != path or len(met) >= 2:
            return None
        met.append(path)
        return status

    discord_server.trouble = trouble
    async with askwell(tmp_path, env=discord_server.environment()) as process:
        await process.connected(discord_server)
        await discord_server.until(lambda: discord_server.commands)
        assert len(met) == 2
        assert "Unclosed" not in await ended(process)


@pytest.mark.parametrize("status", [503, CUT] if EVERYTHING else [CUT])
async def test_commands_that_were_not_taken_do_not_hold_up_the_start(
    tmp_path: Path, discord_server: FakeDiscord, status: int
) -> None:
    def trouble(request: Request, _effective: bool) -> int | None:
        return status if request.method == "PUT" and "commands" in request.path else None

    discord_server.trouble = trouble
    async with askwell(tmp_path, env=discord_server.environment()) as process:
        await process.connected(discord_server)
        assert "it keeps the old one" in await ended(process)


async def test_shards_connect_where_the_api_says(
    tmp_path: Path, discord_server: FakeDiscord
) -> None:
    env = discord_server.environment(SHARD_COUNT="2")
    async with askwell(tmp_path, env=env) as process:
        await discord_server.until(lambda: discord_server.commands)
        async with asyncio.timeout(20):
            while discord_server.gateway.identifies < 2:
                await asyncio.sleep(0.1)
        shards = {session.shard for session in discord_server.gateway.connected}
        assert shards == {(0, 2), (1, 2)}
        await ended(process)


# --- the gateway ---------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["invalid", "half", *OTHERS])
async def test_after_a_connection_was_lost_it_goes_on(
    discord_server: FakeDiscord, tale: LongTale, how: str | int
) -> None:
    card = await ask(tale)
    await discord_server.gateway.drop(how)
    await discord_server.react(tale.bob, card, "⬆️")
    await discord_server.until(lambda: tale.card(TITLE, "+1 vote"), 40)


async def test_a_server_that_discord_does_not_show_yet_loses_nothing(
    tmp_path: Path, discord_server: FakeDiscord
) -> None:
    async with kept(discord_server, tmp_path) as keeper:
        tale = LongTale(keeper, discord_server.world.text)
        await tale.set_up_long()
        discord_server.fail("POST", "/channels/*/messages", 503, times=3)
        reply = await tale.do(tale.alice, tale.lounge, "ask")
        await tale.fill(tale.alice, tale.lounge, reply, title=TITLE, details="I lie awake.")
        discord_server.gateway.guild_delay = 12
        discord_server.gateway.identified.clear()
        keeper.kill()
        await discord_server.until(lambda: tale.card(TITLE), 60)


async def test_a_server_in_an_outage_loses_nothing(
    discord_server: FakeDiscord, tale: LongTale
) -> None:
    world = discord_server.world
    card = await ask(tale)
    away = {"id": world.guild_id, "guild_id": world.guild_id, "unavailable": True}
    await discord_server.dispatch("GUILD_DELETE", away)
    await discord_server.react(tale.bob, card, "⬆️")
    await asyncio.sleep(1)
    await discord_server.dispatch(
        "GUILD_CREATE", world.guild_create() | {"guild_id": world.guild_id}
    )
    await discord_server.until(lambda: tale.card(TITLE, "+1 vote"))


# --- single requests -----------------------------------------------------------------------------


async def test_an_hour_long_limit_of_one_channel_holds_up_nothing_else(
    discord_server: FakeDiscord, tale: LongTale
) -> None:
    card = await ask(tale)
    thread = tale.thread_of(card)
    path = f"/channels/{card['channel_id']}/messages/{card['id']}"
    headers = {"Via": "1.1 google"}
    discord_server.fail("PATCH", path, 429, times=1, headers=headers, retry_after=3600.0)
    reply = await tale.do(tale.bob, thread, "answer")
    await tale.fill(tale.bob, thread, reply, answer="Dark curtains, and a cool room.")
    await discord_server.until(lambda: tale.card("Dark curtains"))
    await asyncio.sleep(3)  # by then the question's card was to be edited
    reply = await tale.do(tale.carol, thread, "answer")
    await tale.fill(tale.carol, thread, reply, answer="Earplugs, and a mask over the eyes.")
    await discord_server.until(lambda: tale.card("Earplugs"))


async def test_a_signal_amid_requests_that_hang_ends_it_in_time(
    discord_server: FakeDiscord, tale: LongTale
) -> None:
    """The fixture ends the bot, and wants exit code 0 within ten seconds."""
    card = await ask(tale)
    thread = tale.thread_of(card)
    form = await tale.do(tale.bob, thread, "answer")
    again = await tale.do(tale.alice, tale.lounge, "ask")
    discord_server.slow["* /channels/*"] = discord_server.slow["PATCH /webhooks/*"] = 30.0
    sent = [
        tale.fill(tale.bob, thread, form, answer="Dark curtains, and a cool room."),
        tale.fill(tale.alice, tale.lounge, again, title="What helps against stage fright?"),
        tale.do(tale.carol, tale.lounge, "stats"),
        discord_server.react(tale.bob, card, "⬆️"),
    ]
    doing = [asyncio.ensure_future(each) for each in sent]
    await asyncio.sleep(2)
    for each in doing:
        each.cancel()


async def test_a_database_that_is_busy_for_seconds_is_no_failed_interaction(
    tmp_path: Path, discord_server: FakeDiscord, tale: LongTale
) -> None:
    card = await ask(tale)
    connection = sqlite3.connect(tmp_path / "var" / "askwell.sqlite3", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    asyncio.get_running_loop().call_later(4, connection.execute, "ROLLBACK")
    replies = await asyncio.gather(
        tale.do(tale.bob, tale.lounge, "vote", direction="up", post="#1"),
        tale.do(tale.carol, tale.lounge, "follow", question="#1"),
        tale.do(tale.mona, tale.thread_of(card), "close", reason="other", note="Enough."),
        tale.do(tale.world.owner, tale.lounge, "settings set", name="locale", value="de"),
        tale.do(tale.carol, tale.lounge, "notifications", dm=False),
    )
    connection.close()
    assert max(reply.seconds for reply in replies) < 3
    assert all(len(tale.said(reply)) > 80 for reply in replies), [*map(tale.said, replies)]
    await discord_server.until(lambda: tale.card(TITLE, "1"))


async def test_a_file_is_whole_when_its_message_is_sent_again(
    discord_server: FakeDiscord, tale: LongTale
) -> None:
    """A refused attempt has read it to its end; what reads on from there sends nothing."""
    card = await ask(tale)
    thread = tale.thread_of(card)
    reply = await tale.do(tale.bob, thread, "answer")
    await tale.fill(tale.bob, thread, reply, answer="Dark curtains, and a cool room.")
    await discord_server.until(lambda: tale.card("Dark curtains"))
    await discord_server.react(tale.alice, tale.must("Dark curtains"), "⬆️")
    await discord_server.until(lambda: tale.card("Dark curtains", "+1 vote"))
    discord_server.fail("POST", "/interactions/*/callback", 400, code=50035)
    acting = asyncio.ensure_future(tale.do(tale.carol, tale.lounge, "profile", member=tale.bob))
    sent = discord_server.requests
    await discord_server.until(lambda: [r for r in sent if r.files and r.method == "PATCH"])
    acting.cancel()


async def test_a_pin_that_is_taken_back_at_once_chooses_nothing(
    discord_server: FakeDiscord, tale: LongTale
) -> None:
    card = await ask(tale)
    thread = tale.thread_of(card)
    reply = await tale.do(tale.bob, thread, "answer")
    await tale.fill(tale.bob, thread, reply, answer="Dark curtains, and a cool room.")
    await discord_server.until(lambda: tale.card("Dark curtains"))
    answer = tale.must("Dark curtains")
    await discord_server.until(lambda: len(answer["reactions"]) == 2)
    discord_server.slow["GET /channels/*/messages/pins"] = 1.0
    await discord_server.pin(answer)
    asked = discord_server.requests
    await discord_server.until(lambda: [r for r in asked if r.path.endswith("/messages/pins")])
    discord_server.slow.clear()
    await discord_server.pin(answer, pinned=False)
    await asyncio.sleep(4)
    assert not answer["pinned"]
    assert not tale.card(TITLE, "Best answer")
