"""Which channels of questions were deleted: found out once, for all their questions."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord

from bot.usecases import publishing

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)


class Homes:
    """Remembers deleted channels. Discord doesn't reuse their ids."""

    def __init__(self, bot: Askwell) -> None:
        self._bot = bot
        self._gone: set[int] = set()
        self.requests = 0

    async def is_gone(
        self, guild: discord.Guild, home_id: int | None, *, doubted: bool = False
    ) -> bool:
        """Whether a channel was deleted.

        The library knows all channels of a server, but also some that were deleted while it was
        disconnected. Discord is asked if the library doesn't know it, or if it is `doubted`.
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
        except (discord.Forbidden, discord.InvalidData):  # closed to the bot, but it exists
            return False
        return False

    async def gone(self, guild_id: int, home_id: int) -> None:
        """Note that a channel was deleted, and give up everything that waits for it, with the
        reason.

        Its questions stay, since deleting a channel isn't a decision about each of them.
        """
        self._gone.add(home_id)
        given_up = await publishing.home_gone(
            self._bot.db, guild_id, home_id, discord.utils.utcnow()
        )
        if given_up:
            _log.warning("channel %s is gone: %s cards can't be shown", home_id, given_up)
