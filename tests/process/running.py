"""Askwell in a process of its own, started as its owner starts it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.process.fake_discord import FakeDiscord

ROOT = Path(__file__).resolve().parents[2]
# What the machine that runs the tests has set must not reach the process.
_OURS = ("DISCORD_", "DATABASE_", "LOG_", "HEALTH_", "SHARD_")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended, and what it wrote."""

    code: int
    out: str
    err: str


class Process:
    """A running `askwell`, in a folder of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
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
    folder: Path, *arguments: str, env: dict[str, str] | None = None
) -> AsyncIterator[Process]:
    """Start `python -m bot …` in `folder`; it is killed if it outlives the block."""
    inherited = {k: v for k, v in os.environ.items() if not k.startswith(_OURS)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bot",
        *arguments,
        cwd=folder,
        env=inherited | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | (env or {}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    running = Process(process)
    try:
        yield running
    finally:
        if running.running:
            process.kill()
            await process.communicate()


async def ran(folder: Path, *arguments: str, env: dict[str, str] | None = None) -> Ended:
    """Run `askwell …` to its end."""
    async with askwell(folder, *arguments, env=env) as process:
        return await process.ended()
