"""SIGTERM amid what people just did: everybody reads how it ended."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

from tests.process.fake_discord import FakeDiscord
from tests.process.long_telling import LongTale
from tests.process.running import askwell
from tests.process.telling import TITLE, Keeper, kept


async def test_who_asked_is_told_before_it_ends(
    tmp_path: Path, discord_server: FakeDiscord
) -> None:
    """Discord takes its time with the card: it is said that it will come, and then it does."""
    tale = LongTale(Keeper(discord_server, tmp_path), discord_server.world.text)
    async with askwell(tmp_path, env=discord_server.environment()) as process:
        await process.connected(discord_server)
        await discord_server.until(lambda: discord_server.commands)
        await tale.set_up_long()
        form = await tale.do(tale.alice, tale.lounge, "ask")
        discord_server.slow["POST /channels/*"] = 30.0
        acting = asyncio.ensure_future(
            tale.fill(tale.alice, tale.lounge, form, title=TITLE, details="I lie awake.")
        )
        await asyncio.sleep(1.5)
        process.signal(signal.SIGTERM)
        async with asyncio.timeout(9):
            reply = await acting
        assert "will appear" in tale.said(reply)
        assert (await process.ended(10)).code == 0
    discord_server.slow.clear()
    async with kept(discord_server, tmp_path):
        await discord_server.until(lambda: tale.card(TITLE), 60)
