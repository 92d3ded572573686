"""`askwell sandbox`: the real bot in a simulated Discord, for a browser on this machine.

The page answers before the bot and the simulation are even imported, which takes a second or two:
this module and the page's server import neither of them at the top.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bot.sandbox.page.server import Server
from bot.stop import Stop

if find_spec("simcord") is None:
    raise ModuleNotFoundError("No module named 'simcord'", name="simcord")

Out = Callable[[str], None]


async def run_sandbox(
    *,
    exit_after_story: bool,
    story: bool,
    tell: bool,
    path: Path | None,
    port: int | None,
    out: Out = print,
) -> int:
    """Run the sandbox until Ctrl-C or SIGTERM, or until the story is told; returns the exit code.

    0 when all went well, 1 when the story found something that is not as it should be. `tell`
    prints the story, which otherwise only plays in the page. `path` keeps the data in that file,
    else they go at the end. Raises `Stop` where the file or the port can't be used.
    """
    with _stopping() as stopped:
        if exit_after_story:
            from bot.sandbox.playing import tell_story

            return await tell_story(path, stopped, out) if story else 0
        server = Server()
        async with contextlib.AsyncExitStack() as stack:
            try:
                await stack.enter_async_context(server.running(port or 0))
            except OSError:
                raise Stop(
                    f"--port: {port} is taken. Name another one, or leave it out for a free one."
                ) from None
            out(f"\nOpen the sandbox in your browser:  {server.address}\n(Ctrl-C ends it.)")
            # In a thread, so that the page answers meanwhile.
            playing = await asyncio.to_thread(import_module, "bot.sandbox.playing")
            if stopped.is_set():
                return 0
            code: int = await playing.show_page(
                server, path, stopped, story=story, tell=tell, out=out
            )
            return code


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
