"""Which channels of questions are gone: found out once, for all questions that stood there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot.usecases import publishing

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)


class Homes:
    """Remembers the channels that were deleted. Discord gives none of their ids again."""

    def __init__(self, bot: Askwell) -> None:
        self._bot = bot
        self._gone: set[int] = set()
        self.requests = 0

    async def is_gone(
        self, guild: discord.Guild, home_id: int | None, *, doubted: bool = False
    ) -> bool:
        """Whether a channel is gone.

        The library knows all channels of a server, but also some that were deleted while it had no
        connection. Discord is asked where the library knows none, or where it is `doubted`.
        """
        if home_id is None:
            return False
        if home_id in self._gone:
            return True
        if guild.get_channel(home_id) is not None and not doubted:
            return False
        self.requests += 1
        try:
            await guild.fetch_channel(home_id)
        except discord.NotFound:
            await self.gone(guild.id, home_id)
            return True
        except (discord.Forbidden, discord.InvalidData):  # closed to the bot, but there
            return False
        return False

    async def gone(self, guild_id: int, home_id: int) -> None:
        """Note that a channel is gone: whatever waits for it is given up at once, with the reason.

        Its questions stay, since whoever deletes a channel decides over none of them.
        """
        self._gone.add(home_id)
        given_up = await publishing.home_gone(self._bot.db, guild_id, home_id)
        if given_up:
            _log.warning("channel %s is gone: %s cards can't be shown", home_id, given_up)
