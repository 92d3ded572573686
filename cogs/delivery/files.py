"""Files of posts on their way to Discord, and back again before the message that holds them is
deleted."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

import discord

from bot.domain.cards import PostCard
from bot.domain.errors import Invalid
from bot.domain.files import BYTES_MAX
from bot.settings import MEGABYTE
from bot.usecases import publishing
from cogs.failures import DISCORD_FAILED
from cogs.foundation import downloads

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)

TOO_LARGE = 413


async def files_to_send(bot: Askwell, card: PostCard, held: ExitStack) -> list[discord.File]:
    """The files of a post that Discord doesn't have yet, on disk until `held` is closed."""
    files: list[discord.File] = []
    for waiting in await publishing.waiting_files(bot.db, card.post_id):
        copy = held.enter_context(TemporaryFile())  # noqa: SIM115 - `held` closes it
        await publishing.copy_file(bot.db, card.post_id, waiting, copy)
        copy.seek(0)
        files.append(discord.File(copy, waiting.name))
    return files


async def take_files_back(bot: Askwell, card: PostCard, message: discord.PartialMessage) -> None:
    """Keep the content of a post's files again, since its message is deleted but the post may be
    restored."""
    known = {file.name for file in card.files if file.there}
    if not known:
        return
    try:
        for held in (await message.fetch()).attachments:
            if held.filename not in known or held.size > BYTES_MAX:
                continue
            most = bot.settings.files_per_server_mb * MEGABYTE
            if not await publishing.has_room(bot.db, card.guild_id, held.size, most):
                _log.info("no room is left for the files of a hidden post")
                break
            async with (
                bot.holding_files,
                downloads.download(bot, held.url, held.size) as fetched,
            ):
                now, pieces = discord.utils.utcnow(), fetched.pieces()
                await publishing.take_file_back(bot.db, card, held.filename, pieces, now)
    except (*DISCORD_FAILED, Invalid) as error:
        _log.info("the files of a hidden post could not be kept: %s", error)
