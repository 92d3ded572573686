"""`askwell sandbox`: the real bot in a simulated Discord, for a browser on this machine."""

import asyncio
import contextlib
import logging
import signal
import tempfile
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

# The first of what needs simcord: it keeps the import of that quiet.
from bot.sandbox import _simcord  # isort: skip
from bot.app import create_bot
from bot.domain.errors import Refusal
from bot.running import only_process, opened
from bot.sandbox.page.lobby import Lobby
from bot.sandbox.page.server import Server
from bot.sandbox.story import StoryFailed, play
from bot.sandbox.world import BOT_PICTURE, World, build_world
from bot.settings import Settings
from bot.stop import Stop

log = logging.getLogger(__name__)

Out = Callable[[str], None]
TICK = 0.5
"""Seconds between looks at what the bot does on its own."""
FINISHING = 3.0
"""Seconds the bot has at the end for what it is in the middle of."""
STORY_TAKES = 1800.0
"""Simulated seconds the story takes, and a little more: it must not end in the future."""


async def run_sandbox(
    *,
    exit_after_story: bool,
    story: bool,
    db_path: str | None,
    port: int | None,
    out: Out = print,
) -> int:
    """Run the sandbox until Ctrl-C or SIGTERM, or until the story is told; returns the exit code.

    0 when all went well, 1 when the story found something that is not as it should be. `db_path`
    keeps the data in that file, else they go at the end. Raises `Stop` where the file or the port
    can't be used.
    """
    with _data_file(db_path) as path, _stopping() as stopped:
        settings = Settings.from_env({"DATABASE_URL": f"sqlite+aiosqlite:///{path}"})
        with only_process(settings):
            async with _simulation(settings, STORY_TAKES if story else 0.0) as env:
                world = build_world(env)
                if story and not await _tell(world, stopped, out):
                    # Who is told to stop has done nothing wrong, unless the story was the point.
                    return 0 if stopped.is_set() and not exit_after_story else 1
                if not exit_after_story and not stopped.is_set():
                    await _show(world, port, stopped, out)
    if db_path is not None:
        out(_kept(path))
    return 0


@contextmanager
def _data_file(db_path: str | None) -> Generator[Path, None, None]:
    """Where the data are: in the file that was named, or in one that goes at the end."""
    if db_path is not None:
        yield Path(db_path).expanduser().resolve()
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


@contextmanager
def _stopping() -> Generator[asyncio.Event, None, None]:
    """An event that Ctrl-C and SIGTERM set."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    for number in signals:
        # Windows has no such handlers: there, Ctrl-C raises KeyboardInterrupt as it always does.
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, stopped.set)
    try:
        yield stopped
    finally:
        for number in signals:
            with contextlib.suppress(NotImplementedError):
                loop.remove_signal_handler(number)


async def _tell(world: World, stopped: asyncio.Event, out: Out) -> bool:
    """Play the story; False when one was told to stop before its end, or something is wrong."""
    telling = asyncio.ensure_future(play(world, out=out))
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


async def _show(world: World, port: int | None, stopped: asyncio.Event, out: Out) -> None:
    """Open the page, and keep the simulated time running, until one is told to stop."""
    lobby = Lobby(world)
    server = Server(lobby)
    async with contextlib.AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(server.running(port or 0))
        except OSError:
            raise Stop(
                f"--port: {port} is taken. Name another one, or leave it out for a free one."
            ) from None
        stack.push_async_callback(lobby.close)
        await lobby.enter()
        out(f"\nOpen the sandbox in your browser:  {server.address}\n(Ctrl-C ends it.)")
        while not stopped.is_set():
            try:
                await lobby.tick()
            except TimeoutError:
                log.warning("The bot is still at work", exc_info=True)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), TICK)
        out("Closing.")


def _kept(path: Path) -> str:
    return (
        f"The bot's data stay in {path}.\n"
        "The simulated Discord does not outlive the process: started again with this file, the "
        "sandbox is a new server in it, beside the earlier ones."
    )
