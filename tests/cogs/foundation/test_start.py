"""What happens at the start, before anybody does anything."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

import aiohttp
import discord
import pytest

from bot.app import Askwell

REFUSED: Any = SimpleNamespace(status=400, reason="Bad Request", headers={})


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("failure", "tries"),
    [(aiohttp.ServerDisconnectedError(), 2), (discord.HTTPException(REFUSED, "no"), 1)],
)
async def test_commands_are_offered_until_they_are_taken_or_refused(
    bot: Askwell,
    monkeypatch: pytest.MonkeyPatch,
    logged_errors: list[logging.LogRecord],
    failure: Exception,
    tries: int,
) -> None:
    tried: list[int] = []

    async def sync() -> list[Any]:
        tried.append(1)
        if len(tried) == 1:
            raise failure
        return [SimpleNamespace(name="ask", id=128)]

    monkeypatch.setattr(bot.tree, "sync", sync)
    bot._sync.change_interval(seconds=0.01)
    async with asyncio.timeout(5):
        await bot._sync.start()
    assert len(tried) == tries
    assert bot.command_ids == ({"ask": 128} if tries == 2 else {})
    assert "it keeps the old one" in logged_errors.pop().getMessage()
