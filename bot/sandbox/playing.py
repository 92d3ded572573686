"""The bot in the simulated server: the story, and the page's life around it."""

import asyncio
import contextlib
import logging
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

# The first of what needs simcord: it keeps the import of that quiet.
from bot.sandbox import _simcord, _simcord_copies, _simcord_settling, _simcord_tracking  # isort: skip
from bot.app import create_bot
from bot.domain.errors import Refusal
from bot.running import only_process, opened
from bot.sandbox.keeping import Keeper
from bot.sandbox.page.lobby import Lobby
from bot.sandbox.page.record import Record
from bot.sandbox.page.server import Server
from bot.sandbox.stage import Between, StoryFailed
from bot.sandbox.stories import play
from bot.sandbox.world import BOT_PICTURE, PLANS, World, build_world
from bot.sealing import KEY_BYTES, Sealing
from bot.settings import Settings
from bot.stop import Stop

log = logging.getLogger(__name__)

Out = Callable[[str], None]
TICK = 0.5
"""Seconds between looks at what the bot does on its own."""
FINISHING = 3.0
"""Seconds the bot has at the end for what it is in the middle of."""
_KEY: Final = b"sandbox".ljust(KEY_BYTES)  # nobody here is real, so it is no secret
STORY_TAKES = 1800.0
"""Simulated seconds the story takes, and a little more: it must not end in the future."""


async def tell_story(path: Path | None, stopped: asyncio.Event, out: Out) -> int:
    """Play the stories without a page, and print them; returns the exit code."""
    async with _worlds(path, story=True) as (worlds, _):
        after = 0

        async def tell(world: World) -> None:
            nonlocal after
            after = await play(world, out=out, after=after)

        for world in worlds:
            if not world.untouched:
                out(f"{world.guild.name} is as it was left: its story has been told.")
            elif not await _tell(tell(world), stopped, out):
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
    """Open the page on the simulated servers, until one is told to stop; returns the exit code.

    The first server's story plays in the page, from when somebody has opened it; the second one's
    when somebody goes there. With `tell`, they are printed too, and the first waits for nobody.
    """
    async with _worlds(path, story=story) as (worlds, file):
        lobby = Lobby(worlds, Record(file), telling=story)
        listener = out if tell else _nothing

        def shown() -> Awaitable[bool]:
            return _tell(lobby.watch(_play_until_now, listener), stopped, out)

        with server.showing(lobby):
            try:
                if lobby.has_story:
                    if not tell:
                        await _first(server.visited, stopped)
                    if not stopped.is_set() and not await shown() and not stopped.is_set():
                        return 1
                if not stopped.is_set():
                    await _live(lobby, stopped, shown)
            finally:
                await lobby.close()
        out("Closing.")
    if path is not None:
        out(_kept(path))
    return 0


async def _play_until_now(world: World, *, out: Out, between: Between) -> None:
    """Play a story; then let the simulated clock, which began early for it, show the real time."""
    await play(world, out=out, between=between)
    late = (datetime.now(UTC) - world.env.now()).total_seconds()
    await world.env.advance_time(max(0.0, late))


async def _first(*events: asyncio.Event, seconds: float | None = None) -> None:
    """Wait for the first of these, no longer than `seconds`."""
    waiting = [asyncio.ensure_future(event.wait()) for event in events]
    await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for each in waiting:
        each.cancel()


def _nothing(_text: str) -> None:
    """What is told goes nowhere."""


@asynccontextmanager
async def _worlds(
    path: Path | None, *, story: bool
) -> AsyncGenerator[tuple[tuple[World, ...], Path]]:
    """The simulated servers with the bot in them, and the bot's database file."""
    with _data_file(path) as file:
        settings = Settings.from_env({"DATABASE_URL": f"sqlite+aiosqlite:///{file}"})
        with only_process(settings), _kept_beside(path) as keeper:
            again = keeper is not None and keeper.has_any
            late = STORY_TAKES if story and not again else 0.0
            async with _simulation(settings, late, keeper) as env:
                worlds = tuple(build_world(env, plan=plan) for plan in PLANS)
                if keeper is not None:
                    keeper.keep()
                yield worlds, file
                if keeper is not None:
                    keeper.save()


@contextmanager
def _kept_beside(database: Path | None) -> Generator[Keeper | None, None, None]:
    """What keeps the simulated Discord, where the bot's data are kept as well.

    Without them, or where they are of another run, it would be a Discord that the bot has never
    seen: it begins anew then.
    """
    if database is None:
        yield None
        return
    fresh = not database.exists() or not database.stat().st_size
    if fresh:
        for ending in ("", "-wal", "-shm"):
            Path(f"{_beside(database)}{ending}").unlink(missing_ok=True)
    try:
        keeper = Keeper(_beside(database))
    except ValueError as error:
        raise Stop(f"--db: {error}") from None
    try:
        yield keeper
    finally:
        keeper.close()


@contextmanager
def _data_file(named: Path | None) -> Generator[Path, None, None]:
    """Where the data are: in the file that was named, or in one that goes at the end."""
    if named is not None:
        yield named
        return
    with tempfile.TemporaryDirectory(prefix="askwell-sandbox-") as folder:
        yield Path(folder) / "askwell.sqlite3"


@asynccontextmanager
async def _simulation(
    settings: Settings, ago: float, keeper: Keeper | None
) -> AsyncGenerator[_simcord.Env, None]:
    """The bot in a simulated Discord whose clock is `ago` seconds late, for a story to be told."""
    async with opened(settings) as db:
        bot = create_bot(settings, db, Sealing([_KEY]))
        simulation = _simcord.simulation(
            bot,
            now=datetime.now(UTC) - timedelta(seconds=ago),
            avatar=BOT_PICTURE,
            check_errors=False,
            answered=_is_refusal,
            keeper=keeper,
        )
        with (
            _simcord_settling.settling_for_people(),
            _simcord_copies.payloads_copied_quickly(),
            _simcord_tracking.tracking_quickly(),
        ):
            async with simulation as env:
                try:
                    yield env
                finally:
                    # A transaction that is cut off halfway is logged as an error: let it end.
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(env.settle(), FINISHING)
                    await bot.close()


def _is_refusal(error: BaseException) -> bool:
    return isinstance(getattr(error, "original", error), Refusal)


async def _tell(story: Coroutine[Any, Any, None], stopped: asyncio.Event, out: Out) -> bool:
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
    return True


async def _live(lobby: Lobby, stopped: asyncio.Event, shown: Callable[[], Awaitable[bool]]) -> None:
    """Keep the simulated time running, until one is told to stop.

    `shown` plays the story of the server one has come to. One that fails has said why, and the
    server stays as far as it came.
    """
    await lobby.enter()
    while not stopped.is_set():
        if lobby.awaited.is_set():
            await shown()
            if stopped.is_set():
                return
            await lobby.enter()
        try:
            await lobby.tick()
        except TimeoutError:
            log.warning("The bot is still at work", exc_info=True)
        await _first(stopped, lobby.awaited, seconds=TICK)


def _kept(path: Path) -> str:
    return (
        f"The bot's data stay in {path}, and the simulated Discord in {_beside(path).name} beside "
        "it: started again with this file, the sandbox brings the same servers back."
    )


def _beside(database: Path) -> Path:
    return database.with_name(f"{database.name}.discord")
