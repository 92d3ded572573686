"""How much memory the bot takes while nothing happens: `python -m bot run`, in its own process."""

from __future__ import annotations

import asyncio
import re
import signal
import subprocess
from pathlib import Path

from tests.bench.measuring import Report
from tests.process.fake_discord import FakeDiscord
from tests.process.running import askwell

LIMIT = 90.0


def resident(pid: int) -> float:
    """Resident memory of a process in MB, as the kernel counts it."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text("ascii"))
        assert found is not None
        return int(found[1]) / 1024
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True)
    return int(told.stdout) / 1024


async def idle(folder: Path, seconds: float) -> float:
    """Start the bot in a folder, let it connect to a Discord on loopback, leave it alone for so
    long, and return its resident memory in MB."""
    async with (
        FakeDiscord() as discord,
        askwell(folder, "run", fresh=True, env=discord.environment()) as bot,
    ):
        await bot.connected(discord)
        await asyncio.sleep(seconds)
        taken = resident(bot.pid)
        bot.signal(signal.SIGTERM)
        ended = await bot.ended()
        assert ended.code == 0, ended.err
    return taken


async def starts(folder: Path, seconds: float) -> tuple[float, float]:
    """The first start, which makes the database, and the next one."""
    return await idle(folder, seconds), await idle(folder, seconds)


def tell(report: Report, taken: tuple[float, float]) -> None:
    """Print both, and hold them against the promise."""
    report.title("Resident memory of `askwell run`, connected and idle, without the sandbox")
    for name, memory in zip(("first start, MB", "next start, MB"), taken, strict=True):
        report.promise(name, memory, f"under {LIMIT:.0f}", kept=memory < LIMIT)
