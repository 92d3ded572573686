"""Askwell in a process of its own, started as its owner starts it."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp

from tests.process.fake_discord import FakeDiscord

ROOT = Path(__file__).resolve().parents[2]
# What the machine that runs the tests has set must not reach the process.
_OURS = (
    "ASKWELL_", "BACKUP_", "CLEAN_", "CREDENTIALS_", "DISCORD_", "DATABASE_", "LOG_", "HEALTH_",
    "OPERATOR_", "SHARD_",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and what it wrote."""

    code: int
    out: str
    err: str


class _Forked:
    """A process from the nursery, with what `asyncio.subprocess.Process` has."""

    returncode: int | None = None

    def __init__(self, pid: int, over: Awaitable[int], *pipes: asyncio.StreamReader) -> None:
        self.pid = pid
        self._pipes = pipes
        self._over = asyncio.ensure_future(self._wait(over))

    async def _wait(self, over: Awaitable[int]) -> int:
        self.returncode = await over
        return self.returncode

    async def wait(self) -> int:
        return await asyncio.shield(self._over)

    async def communicate(self) -> tuple[bytes, bytes]:
        out, err = await asyncio.gather(*(pipe.read() for pipe in self._pipes))
        await self.wait()
        return out, err

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Process:
    """A running `askwell`, in a folder of its own."""

    def __init__(self, process: asyncio.subprocess.Process | _Forked) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.returncode is None

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    async def connected(self, discord: FakeDiscord, timeout: float = 60) -> None:
        """Wait until it is on the gateway; fails with what it wrote where it ended before."""
        ready = asyncio.ensure_future(discord.ready(timeout))
        over = asyncio.ensure_future(self._process.wait())
        await asyncio.wait({ready, over}, return_when=asyncio.FIRST_COMPLETED)
        over.cancel()
        if not ready.done():
            ready.cancel()
            raise AssertionError((await self.ended()).err)
        await ready

    async def ended(self, timeout: float = 60) -> Ended:
        """Wait for its end and return it."""
        async with asyncio.timeout(timeout):
            out, err = await self._process.communicate()
        assert self._process.returncode is not None
        return Ended(self._process.returncode, out.decode(), err.decode())


@asynccontextmanager
async def askwell(
    folder: Path, *arguments: str, env: dict[str, str] | None = None, fresh: bool = False
) -> AsyncIterator[Process]:
    """Start `python -m bot …` in `folder`; it is killed if it outlives the block. With `fresh`, by
    an interpreter of its own."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    # Nor must a key in the home folder of whoever runs the tests.
    ours = {"HOME": str(folder), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    whole = inherited | ours | (env or {})
    start = _interpreted if fresh else _forked
    running = Process(await start(folder, arguments, whole))
    try:
        yield running
    finally:
        if running.running:
            running.signal(signal.SIGKILL)
            await running.ended()


async def _interpreted(
    folder: Path, arguments: Sequence[str], env: dict[str, str]
) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=folder,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def _forked(folder: Path, arguments: Sequence[str], env: dict[str, str]) -> _Forked:
    start = {
        "program": str(ROOT / "bot" / "__main__.py"),
        "arguments": arguments,
        "folder": str(folder),
        "env": env,
    }
    (out, out_end), (err, err_end) = os.pipe(), os.pipe()
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(_nursery())
    socket.send_fds(connection, [json.dumps(start).encode()], [out_end, err_end])
    os.close(out_end)
    os.close(err_end)
    status, writer = await asyncio.open_unix_connection(sock=connection)

    async def over() -> int:
        code = int(await status.readline())
        writer.close()
        return code

    return _Forked(int(await status.readline()), over(), await _reader(out), await _reader(err))


async def _reader(pipe: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        partial(asyncio.StreamReaderProtocol, reader), os.fdopen(pipe, "rb")
    )
    return reader


@cache
def _nursery() -> str:
    """The socket of this test process's nursery, which is started by the first to ask for it."""
    address = f"{mkdtemp(prefix='askwell-')}/nursery"
    nursery = subprocess.Popen(
        [sys.executable, "-m", "tests.process.nursery", address],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith(_OURS)} | {"PYTHONUTF8": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    atexit.register(nursery.kill)
    assert nursery.stdout is not None
    assert nursery.stdout.readline() == b"ready\n"
    return address


async def ran(
    folder: Path, *arguments: str, env: dict[str, str] | None = None, fresh: bool = False
) -> Ended:
    """Run `askwell …` to its end."""
    async with askwell(folder, *arguments, env=env, fresh=fresh) as process:
        return await process.ended()
