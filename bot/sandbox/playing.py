"""The bot in the simulated server: the story, and the page's life around it."""

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

# The first of what needs simcord: it keeps the import of that quiet.
from bot.sandbox import _simcord  # isort: skip
from bot.app import create_bot
from bot.domain.errors import Refusal
from bot.running import only_process, opened
from bot.sandbox.page.lobby import Lobby
from bot.sandbox.page.record import Record
from bot.sandbox.page.server import Server
from bot.sandbox.story import StoryFailed, play
from bot.sandbox.world import BOT_PICTURE, World, build_world
from bot.settings import Settings

log = logging.getLogger(__name__)

Out = Callable[[str], None]
TICK = 0.5
"""Seconds between looks at what the bot does on its own."""
FINISHING = 3.0
"""Seconds the bot has at the end for what it is in the middle of."""
STORY_TAKES = 1800.0
"""Simulated seconds the story takes, and a little more: it must not end in the future."""


async def tell_story(path: Path | None, stopped: asyncio.Event, out: Out) -> int:
    """Play the story without a page, and print it; returns the exit code."""
    async with _world(path, story=True) as (world, _):
        if not await _tell(world, play(world, out=out), stopped, out):
            return 1
    if path is not None:
        out(_kept(path))
    return 0


async def show_page(
    server: Server,
    path: Path | None,
    stopped: asyncio.Event,
    *,
    story: bool,
    tell: bool,
    out: Out,
) -> int:
    """Open the page on the simulated server, until one is told to stop; returns the exit code.

    The story plays in the page, from when somebody has opened it. With `tell`, it is printed too,
    and waits for nobody.
    """
    async with _world(path, story=story) as (world, file):
        lobby = Lobby(world, Record(file))
        with server.showing(lobby):
            try:
                if story:
                    if not tell:
                        await _first(server.visited, stopped)
                    if not stopped.is_set():
                        shown = lobby.watch(play, out if tell else _nothing)
                        if not await _tell(world, shown, stopped, out) and not stopped.is_set():
                            return 1
                if not stopped.is_set():
                    await _live(lobby, stopped)
            finally:
                await lobby.close()
        out("Closing.")
    if path is not None:
        out(_kept(path))
    return 0


async def _first(*events: asyncio.Event) -> None:
    """Wait for the first of these."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()


def _nothing(_text: str) -> None:
    """What is told goes nowhere."""


@asynccontextmanager
async def _world(path: Path | None, *, story: bool) -> AsyncGenerator[tuple[World, Path]]:
    """The simulated server with the bot in it, and the bot's database file."""
    with _data_file(path) as file:
        settings = Settings.from_env({"DATABASE_URL": f"sqlite+aiosqlite:///{file}"})
        with only_process(settings):
            async with _simulation(settings, STORY_TAKES if story else 0.0) as env:
                yield build_world(env), file


@contextmanager
def _data_file(named: Path | None) -> Generator[Path, None, None]:
    """Where the data are: in the file that was named, or in one that goes at the end."""
    if named is not None:
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="askwell-sandbox-") as folder:
        yield Path(folder) / "askwell.sqlite3"


@asynccontextmanager
async def _simulation(settings: Settings, ago: float) -> AsyncGenerator[_simcord.Env, None]:
    """The bot in a simulated Discord whose clock is `ago` seconds late, for a story to be told."""
    async with opened(settings) as db:
        bot = create_bot(settings, db)
        simulation = _simcord.simulation(
            bot,
            now=datetime.now(UTC) - timedelta(seconds=ago),
            avatar=BOT_PICTURE,
            check_errors=False,
            answered=_is_refusal,
        )
        async with simulation as env:
            try:
                yield env
            finally:
                # A transaction that is cut off halfway is logged as an error: let it be finished.
                with contextlib.suppress(TimeoutError):
                    await env.settle(timeout=FINISHING)
                await bot.close()


def _is_refusal(error: BaseException) -> bool:
    return isinstance(getattr(error, "original", error), Refusal)


async def _tell(
    world: World, story: Coroutine[Any, Any, None], stopped: asyncio.Event, out: Out
) -> bool:
    """Play the story; False when one was told to stop before its end, or something is wrong."""
    telling = asyncio.ensure_future(story)
    stop = asyncio.ensure_future(stopped.wait())
    try:
        await asyncio.wait({telling, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not telling.done():
            return False
        await telling
    except StoryFailed as failure:
        out(f"\nThe story stops here: {failure}")
        return False
    finally:
        for task in (telling, stop):
            task.cancel()
        await asyncio.gather(telling, stop, return_exceptions=True)
    late = (datetime.now(UTC) - world.env.now()).total_seconds()
    await world.env.advance_time(max(0.0, late))
    return True


async def _live(lobby: Lobby, stopped: asyncio.Event) -> None:
    """Keep the simulated time running, until one is told to stop."""
    await lobby.enter()
    while not stopped.is_set():
        try:
            await lobby.tick()
        except TimeoutError:
            log.warning("The bot is still at work", exc_info=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), TICK)


def _kept(path: Path) -> str:
    return (
        f"The bot's data stay in {path}.\n"
        "The simulated Discord does not outlive the process: started again with this file, the "
        "sandbox is a new server in it, beside the earlier ones."
    )
