"""The whole bot in a process of its own, against Discord on a loopback port."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.process.fake_discord import TOKEN, FakeDiscord
from tests.process.running import Ended, Process, askwell, ran

ROOT = Path(__file__).resolve().parents[2]
TEN_SECONDS = 10


@pytest.fixture
async def bot(tmp_path: Path, discord_server: FakeDiscord) -> AsyncIterator[Process]:
    """A bot that is connected."""
    async with askwell(tmp_path, "run", env=discord_server.environment(), fresh=True) as process:
        await process.connected(discord_server)
        yield process


async def end(process: Process, number: signal.Signals) -> tuple[Ended, float]:
    start = time.perf_counter()
    process.signal(number)
    return await process.ended(), time.perf_counter() - start


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly_within_ten_seconds(
    tmp_path: Path, discord_server: FakeDiscord, bot: Process, number: signal.Signals
) -> None:
    ended, seconds = await end(bot, number)
    assert ended.code == 0, ended.err
    assert seconds < TEN_SECONDS
    await asyncio.wait_for(discord_server.gateway.disconnected.wait(), 5)
    # A database that was closed has no write-ahead log left.
    assert {each.name for each in (tmp_path / "var").iterdir()} == {
        "askwell.sqlite3",
        "askwell.sqlite3.lock",
    }
    assert "Traceback" not in ended.err
    assert TOKEN not in ended.err


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
async def test_a_signal_while_logging_in_ends_it_too(
    tmp_path: Path, discord_server: FakeDiscord, number: signal.Signals, code: int
) -> None:
    never = {"Retry-After": "3600", "Via": "1.1 google"}
    discord_server.fail("GET", "/users/@me", 500, times=None, headers=never)
    async with askwell(tmp_path, env=discord_server.environment()) as process:
        await discord_server.until(lambda: discord_server.requests)
        ended, seconds = await end(process, number)
    assert ended.code == code, ended.err
    assert seconds < TEN_SECONDS


async def test_a_second_signal_ends_it_at_once(discord_server: FakeDiscord, bot: Process) -> None:
    bot.signal(signal.SIGTERM)
    ended, _ = await end(bot, signal.SIGTERM)
    # Whichever came first: the clean end, or the second signal.
    assert ended.code in {0, 128 + signal.SIGTERM}


async def test_a_killed_bot_starts_again(
    tmp_path: Path, discord_server: FakeDiscord, bot: Process
) -> None:
    await end(bot, signal.SIGKILL)
    discord_server.gateway.identified.clear()
    async with askwell(tmp_path, env=discord_server.environment()) as again:
        await again.connected(discord_server)
        ended, _ = await end(again, signal.SIGTERM)
    assert ended.code == 0, ended.err


async def test_a_second_bot_on_the_same_file_is_refused(
    tmp_path: Path, discord_server: FakeDiscord, bot: Process
) -> None:
    second = await ran(tmp_path, "run", env=discord_server.environment())
    assert second.code == 75, "the first one may be about to end"
    assert f"process {bot.pid} is using" in second.err
    assert bot.running


async def test_a_wrong_token_is_one_sentence(tmp_path: Path, discord_server: FakeDiscord) -> None:
    discord_server.fail("GET", "/users/@me", 401, times=None)
    ended = await ran(tmp_path, env=discord_server.environment())
    assert ended.code == 78
    assert "askwell: Discord does not accept the token in DISCORD_TOKEN." in ended.err
    assert "Traceback" not in ended.err
    assert TOKEN not in ended.err


@pytest.mark.parametrize(
    ("code", "says"),
    [(4004, "does not accept the token any more"), (4014, "intents"), (4013, "intents")],
)
async def test_being_turned_away_by_the_gateway_is_one_sentence(
    tmp_path: Path, discord_server: FakeDiscord, code: int, says: str
) -> None:
    discord_server.gateway.close_identify = code
    ended = await ran(tmp_path, env=discord_server.environment())
    assert ended.code == 78, ended.err
    assert says in ended.err
    assert "Traceback" not in ended.err


async def test_discord_out_of_reach_may_be_tried_again(tmp_path: Path, free_port: int) -> None:
    api = f"http://127.0.0.1:{free_port}/api/v10"
    ended = await ran(tmp_path, env={"DISCORD_TOKEN": TOKEN, "DISCORD_API_URL": api})
    assert ended.code == 75
    assert f"127.0.0.1:{free_port} can't be reached" in ended.err
    assert "Traceback" not in ended.err


async def test_its_health_can_be_asked_while_it_runs(
    tmp_path: Path, discord_server: FakeDiscord, free_port: int
) -> None:
    port = {"HEALTH_PORT": str(free_port)}
    async with askwell(tmp_path, env=discord_server.environment(**port)) as process:
        await process.connected(discord_server)
        healthy = await ran(tmp_path, "health", env=port)
        ended, _ = await end(process, signal.SIGTERM)
    assert healthy.code == 0, healthy.out
    assert '"status": "ok"' in healthy.out
    assert ended.code == 0
    assert (await ran(tmp_path, "health", env=port)).code == 1


async def test_a_health_port_that_is_taken_is_named(
    tmp_path: Path, discord_server: FakeDiscord, free_port: int
) -> None:
    server = await asyncio.start_server(lambda _r, _w: None, "127.0.0.1", free_port)
    async with server:
        env = discord_server.environment(HEALTH_PORT=str(free_port))
        ended = await ran(tmp_path, env=env)
    assert ended.code == 78
    assert ended.err.count("HEALTH_PORT: ") == 1


@pytest.mark.parametrize("host", ["no-such-host.invalid", "192.0.2.1"])
async def test_a_health_host_that_is_not_here_is_named(
    tmp_path: Path, discord_server: FakeDiscord, free_port: int, host: str
) -> None:
    env = discord_server.environment(HEALTH_PORT=str(free_port), HEALTH_HOST=host)
    ended = await ran(tmp_path, env=env)
    assert ended.code == 78
    assert f"askwell: HEALTH_HOST: {host}:{free_port} can't be opened" in ended.err


async def test_a_question_is_asked_answered_and_voted_on_over_real_http(
    discord_server: FakeDiscord, bot: Process
) -> None:
    world = discord_server.world
    alice, bob = world.add_person("alice"), world.add_person("bob")
    await discord_server.until(lambda: discord_server.commands)
    channel = {"name": "channel", "type": 7, "value": world.text["id"]}
    resolved = {"channels": {world.text["id"]: world.text | {"permissions": "0"}}}
    await discord_server.command(world.owner, world.text, "setup", [channel], resolved)
    await discord_server.until(lambda: all(r.later for r in discord_server.replies.values()))

    form = await discord_server.command(alice, world.text, "ask")
    title, details = "How do I sleep after a night shift?", "I come home at seven and lie awake."
    await discord_server.submit(alice, world.text, form, {"title": title, "details": details})
    await discord_server.until(lambda: world.cards(world.text))
    (question,) = world.cards(world.text)
    # The vote emoji are the last step of publishing.
    await discord_server.until(lambda: len(question["reactions"]) == 2)
    thread = world.channels[question["id"]]

    form = await discord_server.command(bob, thread, "answer")
    text = "Dark curtains, and no screens in the last hour."
    await discord_server.submit(bob, thread, form, {"answer": text})
    await discord_server.until(lambda: world.cards(thread))
    (answer,) = world.cards(thread)
    await discord_server.until(lambda: len(answer["reactions"]) == 2)

    await discord_server.react(alice, answer, "⬆️")
    await discord_server.until(lambda: "+1" in world.shown(answer))

    ended, _ = await end(bot, signal.SIGTERM)
    assert ended.code == 0
    assert "Traceback" not in ended.err
    assert title not in ended.err, "what members type is not logged"


async def test_what_sqlite_alone_does_not_need_is_not_loaded() -> None:
    """Memory that stays taken for as long as the bot runs: PostgreSQL's dialect and a web server
    are loaded where they are asked for."""
    look = (
        "import importlib, sys, bot.cli, bot.running, bot.app\n"
        "for each in bot.app.EXTENSIONS: importlib.import_module(each)\n"
        "unwanted = ('sqlalchemy.dialects.postgresql', 'aiohttp.web', 'alembic', 'PIL')\n"
        "print([name for name in sys.modules if name in unwanted])"
    )
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "ignore", "-c", look, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    told, _ = await child.communicate()
    assert (child.returncode, told.decode().strip()) == (0, "[]")
