"""All that people do, against a Discord as strict as the real one; and with everything going wrong.

`TROUBLE=all` has it told with each kind of trouble.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from tests.process.fake_discord import CUT, FakeDiscord, Request
from tests.process.long_telling import LongTale
from tests.process.running import ran
from tests.process.telling import Keeper, kept

pytestmark = pytest.mark.xdist_group("waiting")

EVERYTHING = os.environ.get("TROUBLE") == "all"
KINDS = ("text", "forum")
DROPS = ("cut", "half", "reconnect", "invalid", "resumable", 1001, 4000, 4001, 4007, 4008, 4009)
FAILURES = {
    "500": (500, False),
    "502 done": (502, True),
    "429": (429, False),
    "cut": (CUT, False),
    "lost": (CUT, True),
}
Beside = Callable[[Keeper], Awaitable[None]]


async def told(
    discord: FakeDiscord, folder: Path, kind: str, beside: Beside | None = None
) -> LongTale:
    """Tell the tale, with something going on beside it."""
    async with kept(discord, folder) as keeper:
        tale = LongTale(keeper, discord.world.text if kind == "text" else discord.world.forum)
        await tale.set_up_long()
        trouble = asyncio.ensure_future(beside(keeper)) if beside is not None else None
        try:
            await tale.tell_long()
        finally:
            if trouble is not None:
                trouble.cancel()
                with suppress(asyncio.CancelledError):
                    await trouble
            discord.trouble = None
        await discord.until(tale.is_over, 60)
    tale.assert_kept("".join(keeper.written))
    tale.assert_votes(folder)
    counted = await ran(folder, "recount", env=discord.environment())
    assert "nothing to change" in counted.out, counted.out + counted.err
    return tale


@pytest.mark.parametrize("kind", KINDS if EVERYTHING else ("forum",))
async def test_the_whole_tale(tmp_path: Path, discord_server: FakeDiscord, kind: str) -> None:
    await told(discord_server, tmp_path, kind)
    assert not discord_server.pace.exceeded


@pytest.mark.parametrize("seed", range(6) if EVERYTHING else (1,))
async def test_with_a_gateway_that_drops_connections(
    tmp_path: Path, discord_server: FakeDiscord, seed: int
) -> None:
    chance = Random(seed)

    async def drop(_: Keeper) -> None:
        away = 0.0
        while True:
            # On a busy machine, too, it is there for longer than it was away.
            await asyncio.sleep(max(chance.uniform(0.5, 4), 2 * away))
            await discord_server.gateway.drop(chance.choice(DROPS))
            dropped = time.monotonic()
            await asyncio.sleep(0.1)
            while not discord_server.gateway.connected:
                await asyncio.sleep(0.05)
            away = time.monotonic() - dropped

    await told(discord_server, tmp_path, KINDS[seed % 2 - 1], drop)
    assert discord_server.gateway.resumes


if EVERYTHING:  # minutes each

    @pytest.mark.parametrize("name", FAILURES)
    @pytest.mark.parametrize("kind", KINDS)
    async def test_with_each_request_failing_once(
        tmp_path: Path, discord_server: FakeDiscord, kind: str, name: str
    ) -> None:
        status, took_effect = FAILURES[name]
        met: set[str] = set()

        async def fail(_: Keeper) -> None:
            def trouble(request: Request, effective: bool) -> int | None:
                parts = ["#" if part.isdigit() else part for part in request.path.split("/")]
                what = f"{request.method} {'/'.join(parts[:3])}{len(parts)}"
                if effective is not took_effect or what in met:
                    return None
                met.add(what)
                return status

            discord_server.trouble = trouble

        await told(discord_server, tmp_path, kind, fail)
        assert len(met) > 5

    @pytest.mark.parametrize("seed", range(6))
    async def test_killed_at_random(tmp_path: Path, discord_server: FakeDiscord, seed: int) -> None:
        chance = Random(seed)

        async def kill(keeper: Keeper) -> None:
            for _ in range(8):
                await keeper.up.wait()
                await asyncio.sleep(chance.uniform(0.2, 5))
                if keeper.up.is_set():
                    keeper.kill()

        await told(discord_server, tmp_path, KINDS[seed % 2], kill)
