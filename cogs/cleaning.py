"""Once a week, what was erased leaves PostgreSQL's files. And where uploads are is forgotten in
time."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from bot.usecases.cleaning import WeeklyCleaning

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)


class Cleaning(commands.Cog):
    """Looks every five minutes whether it is time. Acts that need a table which is being written
    anew are acknowledged, and wait."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._weekly = WeeklyCleaning(bot.db, bot.settings.clean_weekly)
        self._cleaning: asyncio.Task[None] | None = None

    async def cog_load(self) -> None:
        """Begin to look."""
        self._look.start()

    async def cog_unload(self) -> None:
        """Stop. A table whose rewriting is cut off is as it was."""
        self._look.cancel()
        if self._cleaning is not None:
            self._cleaning.cancel()
            await asyncio.wait([self._cleaning])

    @tasks.loop(minutes=5)
    async def _look(self) -> None:
        self.bot.uploads.drop_old(discord.utils.utcnow())
        if self.bot.is_ready() and (self._cleaning is None or self._cleaning.done()):
            self._cleaning = asyncio.create_task(self._clean(), name="cleaning")

    async def _clean(self) -> None:
        try:
            await self._weekly.look(discord.utils.utcnow())
        except Exception:
            _log.exception("tables could not be written anew; it is tried again")


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Cleaning(bot))
