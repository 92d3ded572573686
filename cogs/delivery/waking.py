"""Acting in archived threads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import discord

from cogs.failures import Code, code_of

if TYPE_CHECKING:
    from bot.app import Askwell

_T = TypeVar("_T")


async def act_awake(bot: Askwell, thread_id: int, act: Callable[[], Awaitable[_T]]) -> _T:
    """Act on a message. If its thread is archived, it is opened for that and archived again."""
    try:
        return await act()
    except discord.HTTPException as error:
        if code_of(error) != Code.THREAD_ARCHIVED:
            raise
        thread = await bot.fetch_channel(thread_id)
        if not isinstance(thread, discord.Thread):
            raise
        await thread.edit(archived=False)
        try:
            return await act()
        finally:  # refused or not, it is archived again
            await thread.edit(archived=True)
