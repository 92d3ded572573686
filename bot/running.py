"""The life of the process: the lock, the database, the bot, its health check, and a clean end.

Every foreseeable reason not to start is a `Stop` with a sentence and an exit code.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import math
import os
import signal
import socket
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final

from bot import app
from bot.keys import found_or_made, sealing_of
from bot.lock import AlreadyRunning, DatabaseLock
from bot.progress import progress
from bot.sealing import Sealing
from bot.settings import Settings
from bot.stop import TRY_AGAIN, WRONG_CONFIGURATION, Stop
from bot.usecases.repeating import erase_again
from cogs.foundation.ending import CLOSING, FOR_DATABASE
from cogs.foundation.preflight import rejection
from data import erasure_files, migrating
from data.backups import FileProblem
from data.database import Database
from data.migrating import SchemaTooNew, Unfinished
from data.postgresql import connections_named

log = logging.getLogger(__name__)

# A clean end takes a second or two. Supervisors kill after ten, so this process ends before.
_LAST_RESORT = 9
_RUNNING: Final = "askwell run"  # by which others see in PostgreSQL that a bot runs


HOW_TO_BEGIN: Final = """\
Askwell has no token yet, so it can't go to Discord.

  Get one: https://discord.com/developers/applications -> New Application -> page "Bot" ->
  "Reset Token". Put it into a file named .env as DISCORD_TOKEN=… (see .env.example), then start
  again. `make invite` (or `askwell invite`) prints the link that adds the bot to your server.

  Or look at it without any account: `make sandbox` (or `askwell sandbox`) runs the same bot in a
  simulated Discord in your browser."""


@contextlib.contextmanager
def only_process(settings: Settings) -> Generator[None]:
    """Lock the SQLite file for this process; PostgreSQL is shared by many. Raises `Stop`."""
    refusal = (
        "A SQLite database serves one process: stop that one first, or move to PostgreSQL "
        "(DATABASE_URL)."
    )
    with _locked(settings, "", refusal):
        yield


@contextlib.contextmanager
def only_chore(settings: Settings) -> Generator[None]:
    """Lock the SQLite file for one chore, which may run beside the bot. Raises `Stop`."""
    with _locked(settings, ".chore", "One chore at a time: wait until that one has ended."):
        yield


@contextlib.contextmanager
def _locked(settings: Settings, kind: str, refusal: str) -> Generator[None]:
    path = settings.database_path
    if path is None:
        yield
        return
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(DatabaseLock(path, kind))
        except AlreadyRunning as error:
            raise Stop(f"{error}. {refusal}", TRY_AGAIN) from error
        except OSError as error:
            raise Stop(_cannot_open(settings, error)) from error
        yield


@asynccontextmanager
async def opened(
    settings: Settings, *, migrate: bool = True, name: str = "askwell"
) -> AsyncGenerator[Database]:
    """The open database, migrated to this version's schema unless told not to. PostgreSQL knows its
    connections by `name`. Raises `Stop`."""
    threads = threading.active_count()
    try:
        if migrate:
            db = await app.open_database(settings, name)
        else:
            db = Database(settings.database_url, name)
            await db.open()
    except Unfinished as error:
        raise Stop(
            f"A copy into {settings.shown_database_url} was interrupted. Repeat the command that "
            "made it: it continues where it was."
        ) from error
    except SchemaTooNew as error:
        raise Stop(
            f"The database is newer than this version of Askwell (schema {error.found}; this "
            f"version knows {error.known}). Update Askwell, or restore the backup made before."
        ) from error
    except ModuleNotFoundError as error:
        raise Stop(
            f"{error.name} is not installed, and DATABASE_URL needs it: "
            "pip install 'askwell[postgres]'."
        ) from error
    # Whatever the driver raises: here all of its errors mean the same.
    except Exception as error:
        code = TRY_AGAIN if _may_come_back(settings, error) else WRONG_CONFIGURATION
        await _threads_ended(threads)
        log.debug("The database did not open", exc_info=error)
        raise Stop(_cannot_open(settings, error), code) from error
    try:
        yield db
    finally:
        await db.close()


async def refuse_beside_a_bot(db: Database) -> None:
    """Refuse what can't be done while a bot runs with this database. SQLite's file is locked
    anyway. Raises `Stop`."""
    if await a_bot_runs(db):
        shown = db.url.render_as_string(hide_password=True)
        raise Stop(f"A bot runs with {shown}. Stop it first, then repeat the command.", TRY_AGAIN)


async def a_bot_runs(db: Database) -> bool:
    """Whether a bot runs with a PostgreSQL database."""
    return not db.is_sqlite and bool(await db.in_read(lambda tx: connections_named(tx, _RUNNING)))


async def _threads_ended(left: int) -> None:
    """Wait, at most half a second, until no more than `left` threads run.

    The thread of an aiosqlite connection that failed to open still reports its end to the loop, and
    prints a traceback if that is closed already.
    """
    for _ in range(50):
        if threading.active_count() <= left:
            break
        await asyncio.sleep(0.01)


def _cannot_open(settings: Settings, error: BaseException) -> str:
    # SQLAlchemy wraps the driver's error and adds its statement and a link: the first line of the
    # original error is enough.
    original = getattr(error, "orig", None) or error
    lines = str(original).strip().splitlines() or [type(original).__name__]
    return (
        f"The database {settings.shown_database_url} can't be opened: {lines[0]}. "
        "Check DATABASE_URL, and that the path can be written or the server is there."
    )


def _may_come_back(settings: Settings, error: BaseException) -> bool:
    """A server that is starting or unreachable may answer later; a wrong file will not."""
    return settings.database_path is None and isinstance(error, OSError)


class _Ending(asyncio.Event):
    """Set when a signal tells the process to end."""

    number = 0
    """The signal's."""
    logged_in = False
    """Whether the bot had got as far as Discord."""


def run(settings: Settings, *, accept_lost: bool = False) -> int:
    """Run the bot until a signal tells it to end; returns the exit code. With `accept_lost`, what
    was sealed with a key that isn't there any more is given up.

    To end is what a running bot is told, and no failure; a start that Ctrl-C breaks off is one.
    Raises `Stop` if it ends otherwise.
    """
    if not settings.discord_token:
        raise Stop(HOW_TO_BEGIN)
    with only_process(settings):
        if hasattr(os, "fork") and asyncio.run(_is_behind(settings)):
            _migrate_apart(settings)
        return asyncio.run(_until_told(settings, accept_lost=accept_lost))


async def _is_behind(settings: Settings) -> bool:
    threads = threading.active_count()
    async with opened(settings, migrate=False) as db:
        found = await migrating.version(db)
    await _threads_ended(threads)  # a process with threads is not to be forked
    return found is None or migrating.is_older(found)


def _migrate_apart(settings: Settings) -> None:
    """Bring the schema to this version's in a child process, because a process doesn't give back
    the 10 MB of memory that this takes. Whatever goes wrong in it is met and told by the start
    itself. The child has the lock of the database, too."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        asyncio.run(_migrate(settings))
    finally:
        os._exit(0)


async def _migrate(settings: Settings) -> None:
    async with opened(settings):
        pass


async def _until_told(settings: Settings, *, accept_lost: bool) -> int:
    with _signals() as ending:
        await _unless(ending, _serve(settings, ending, accept_lost=accept_lost))
    return 130 if ending.number == signal.SIGINT and not ending.logged_in else 0


async def _serve(settings: Settings, ending: _Ending, *, accept_lost: bool) -> None:
    async with opened(settings, name=_RUNNING) as db:
        sealing = await sealing_of(settings, db, accept_lost=accept_lost)
        await _erase_again(settings, db, sealing)
        bot = app.create_bot(settings, db, sealing)
        bot.make_key = partial(found_or_made, settings, db)

        def gateway() -> dict[str, object]:
            latency = bot.latency
            return {
                "ready": bot.is_ready(),
                "latency_ms": round(latency * 1000) if math.isfinite(latency) else None,
                "servers": len(bot.guilds),
            }

        try:
            async with _health(settings, db, gateway), bot:
                try:
                    await bot.login(settings.discord_token)
                    _spare_the_collector()
                    await bot.connect()
                except Exception as error:
                    refused = rejection(error)
                    if refused is None or ending.is_set():
                        raise
                    code = WRONG_CONFIGURATION if refused.permanent else TRY_AGAIN
                    raise Stop(refused.reason, code) from error
                finally:
                    ending.logged_in = bot.user is not None
                    await _in_time(bot.close(), "the connection to Discord")
        finally:
            await db.close(max(FOR_DATABASE, bot.ending.left(0)))
    raise Stop("Discord closed the connection.", TRY_AGAIN)


async def _erase_again(settings: Settings, db: Database, sealing: Sealing | None) -> None:
    """Erase whom the list beside the backups names and the database doesn't know of: an older copy
    was put back without `askwell restore`. Nothing of them is to be shown meanwhile."""
    try:
        lists = await asyncio.to_thread(erasure_files.read, settings.backup_folder)
    except FileProblem as problem:
        log.warning("The list of erasures can't be read: %s. Nobody is erased again.", problem)
        return
    if not lists:
        return
    with progress() as step:
        now = datetime.now(UTC)
        again = await erase_again(db, lists, sealing=sealing, made=None, now=now, step=step)
    if again.members:
        members = "1 member" if again.members == 1 else f"{again.members} members"
        log.warning("The data was older than the erasure of %s: erased again", members)


def _spare_the_collector() -> None:
    """Leave out of garbage collection what is there for good: modules and commands.

    Looking through all of it again and again took an eighth of the time of a click. The servers
    aren't among it yet: a new session replaces them, and only the collector frees the old ones.
    """
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def _health(
    settings: Settings, db: Database, gateway: Callable[[], dict[str, object]]
) -> AsyncGenerator[None]:
    if not settings.health_port:
        yield
        return
    from bot.health import health_server  # with 2 MB of aiohttp that nothing else needs

    server = health_server(
        settings.health_host,
        settings.health_port,
        ask_database=lambda: migrating.version(db),
        gateway=gateway,
    )
    async with contextlib.AsyncExitStack() as stack:
        try:
            await stack.enter_async_context(server)
        except OSError as error:
            place = f"{settings.health_host}:{settings.health_port}"
            problem = f"{place} can't be opened ({error.strerror or error})"
            if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
                advice = "HEALTH_HOST is to be an address of this machine, such as 127.0.0.1"
                raise Stop(f"HEALTH_HOST: {problem}. {advice}.") from error
            raise Stop(f"HEALTH_PORT: {problem}. Choose another port, or 0 for none.") from error
        yield


async def _in_time(closing: Coroutine[Any, Any, None], what: str) -> None:
    try:
        async with asyncio.timeout(CLOSING):
            await closing
    except TimeoutError:
        log.warning("Closing %s took longer than %.0f s; going on without", what, CLOSING)
    except Exception:  # the rest has to be closed anyway
        log.exception("Closing %s failed", what)


async def _unless(ending: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Run the work until it is done or the process ends; then cancel it and wait for it."""
    task = asyncio.ensure_future(work)
    told = asyncio.ensure_future(ending.wait())
    try:
        await asyncio.wait({task, told}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
    finally:
        told.cancel()


@contextlib.contextmanager
def _signals() -> Generator[_Ending]:
    """An event that SIGTERM and Ctrl-C set. A second signal, or nine seconds, kill the process.

    The library's own `run()` dies on SIGTERM without closing anything.
    """
    loop = asyncio.get_running_loop()
    ending = _Ending()

    def begin_to_end(name: str) -> None:
        log.info("%s: closing. Once more ends it at once.", name)
        ending.set()

    def on_signal(number: int, _frame: object) -> None:
        if ending.number:
            os._exit(128 + number)
        ending.number = number
        # The kernel's timer also ends a process whose loop or threads hang.
        if hasattr(signal, "alarm"):
            signal.alarm(_LAST_RESORT)
        # This also wakes a loop that waits for its sockets.
        loop.call_soon_threadsafe(begin_to_end, signal.Signals(number).name)

    before = {
        number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        yield ending
    finally:
        # The alarm stays set until the process is gone, since a thread may delay its end.
        for number, handler in before.items():
            signal.signal(number, handler)
