"""How much memory the bot takes while nothing happens: `python -m bot run`, in its own process; and
how much more once somebody has posted anonymously, which is when the library that seals is loaded.
"""

from __future__ import annotations

import asyncio
import base64
import re
import signal
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path

from bot.sealing import KEY_BYTES
from tests.bench.measuring import Report
from tests.process.acting import Acting
from tests.process.fake_discord import FakeDiscord
from tests.process.running import askwell
from tests.process.telling import Keeper

# As `make run`, the service and the container start it.
SHIPPED = {"PYTHONOPTIMIZE": "2"}
LIMIT = 90.0
MORE = 12.0
"""Megabytes for anonymous posts."""


def resident(pid: int) -> float:
    """Resident memory of a process in MB, as the kernel counts it."""
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text("ascii"))
        assert found is not None
        return int(found[1]) / 1024
    told = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, check=True)
    return int(told.stdout) / 1024


async def idle(
    folder: Path,
    seconds: float,
    before: Callable[[FakeDiscord], Awaitable[None]] | None = None,
    **settings: str,
) -> float:
    """Start the bot in a folder, let it connect to a Discord on loopback and `before` happen, leave
    it alone for so long, and return its resident memory in MB."""
    async with (
        FakeDiscord() as discord,
        askwell(folder, "run", fresh=True, env=discord.environment(**SHIPPED, **settings)) as bot,
    ):
        await bot.connected(discord)
        if before is not None:
            await before(discord)
        await asyncio.sleep(seconds)
        taken = resident(bot.pid)
        bot.signal(signal.SIGTERM)
        ended = await bot.ended()
        assert ended.code == 0, ended.err
    return taken


async def after_a_post(folder: Path, seconds: float, *, anonymous: bool) -> float:
    """The same after a question was asked by name or anonymously; the folder is a new one."""
    folder.mkdir()
    key = folder / "key"
    key.write_bytes(base64.b64encode(bytes(range(KEY_BYTES))) + b"\n")
    key.chmod(0o600)

    async def ask(discord: FakeDiscord) -> None:
        await _ask(Acting(Keeper(discord, folder), discord.world.text), anonymous=anonymous)

    return await idle(folder, seconds, ask, ASKWELL_KEY_FILE=str(key))


async def _ask(tale: Acting, *, anonymous: bool) -> None:
    world, alice = tale.world, tale.alice
    await tale.set_up()
    if anonymous:
        given = {"name": "anonymous", "value": "on"}
        await tale.do(world.owner, world.lounge, "settings set", **given)
    form = await tale.do(alice, world.text, "ask")
    typed = {"title": "How do I sleep after a night shift?", "details": "I lie awake."}
    how = ["anonymous"] if anonymous else []
    reply = await tale.fill(alice, world.text, form, **typed, how=how)
    if anonymous:
        for step in ("anonymous:understood", "anonymous:anyway", "anonymous:post"):
            reply = await tale.press(alice, reply.shown, step, world.text)
    await tale.discord.until(tale.questions, 20)


async def for_anonymous_posts(folder: Path, seconds: float) -> float:
    """How many megabytes more it takes after an anonymous question than after one by name."""
    by_name = await after_a_post(folder / "by-name", seconds, anonymous=False)
    return await after_a_post(folder / "anonymously", seconds, anonymous=True) - by_name


async def starts(folder: Path, seconds: float) -> tuple[float, float]:
    """The first start, which makes the database, and the next one."""
    return await idle(folder, seconds), await idle(folder, seconds)


def tell(report: Report, taken: tuple[float, float], more: float) -> None:
    """Print them, and hold them against what is promised."""
    report.title("Resident memory of `askwell run`, connected and idle, without the sandbox")
    for name, memory in zip(("first start, MB", "next start, MB"), taken, strict=True):
        report.promise(name, memory, f"under {LIMIT:.0f}", kept=memory < LIMIT)
    report.promise("anonymous posts, MB", more, f"at most {MORE:.0f}", kept=more <= MORE)
