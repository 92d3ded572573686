"""The pictures of an anonymous post: held in memory from its form on, then drawn anew, and kept
only with the post itself. See decision 37."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

import discord

from bot.domain.access import Deed, check_may
from bot.domain.actors import Actor
from bot.domain.errors import Invalid, Problem
from bot.domain.files import GivenFile, pictures_of
from bot.domain.rules import Rules
from bot.settings import MEGABYTE
from bot.usecases.attaching import Fetched, Files, Pictures
from cogs.failures import DISCORD_FAILED
from cogs.foundation import downloads, pictures
from cogs.interaction.files import forget_files, held_files, held_form, hold_files, uploaded_files
from cogs.ui.form_files import Attached, Held
from cogs.ui.modals import FILES

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)


def hold_pictures(
    interaction: discord.Interaction[Askwell], origin_id: int, attached: Attached = ()
) -> Attached:
    """Hold the pictures of a submitted form, and those that were `attached` before, until it is
    posted. None of their names is held. Raises `Invalid("attachment", …)` for other files, and
    where the ones before are gone, or in rows that have the member's id."""
    before = attached if isinstance(attached, Held) else None
    earlier = held_files(interaction, before) if before is not None else ()
    if attached and not earlier:
        raise Invalid("attachment", Problem.PICTURES_AGAIN)
    files = pictures_of([*(earlier or ()), *uploaded_files(interaction, FILES)])
    forget_files(interaction, before)
    return hold_files(interaction, origin_id, files) if files else ()


def check_pictures(
    interaction: discord.Interaction[Askwell], held: Held | None, author: Actor, rules: Rules
) -> None:
    """Refuse early what would be refused at the end. Raises `Denied`, `Invalid("attachment", …)`:
    `PICTURES_AGAIN` after a restart, or once they were held for too long."""
    if held is None:
        return
    if rules.number("anonymous_delay"):
        raise Invalid("attachment", Problem.PICTURES_DELAYED)
    check_may(author, Deed.ATTACH)
    if held_files(interaction, held) is None:
        raise Invalid("attachment", Problem.PICTURES_AGAIN)


@asynccontextmanager
async def drawn_pictures(
    interaction: discord.Interaction[Askwell], held: Held | None
) -> AsyncGenerator[Files]:
    """The pictures of an anonymous post, fetched and drawn anew, for the block that posts them;
    where Discord has them is forgotten then. Raises `Invalid("attachment", …)`.

    A second click waits for the first one, and finds that they are posted.
    """
    if held is None:
        yield ()
        return
    bot, form = interaction.client, held_form(interaction, held.origin_id)
    async with bot.holding_members_files.of(None, form.user_id):
        given = held_files(interaction, held)
        if given is None:
            raise Invalid("attachment", Problem.PICTURES_AGAIN)
        if not given:
            yield ()
            return
        async with bot.holding_files, AsyncExitStack() as stack:
            files = await _drawn(bot, given, stack)
            yield Pictures(files, bot.settings.files_per_server_mb * MEGABYTE)
        bot.uploads.posted(form, discord.utils.utcnow())


async def _drawn(
    bot: Askwell, given: Sequence[GivenFile], stack: AsyncExitStack
) -> tuple[Fetched, ...]:
    drawn: list[Fetched] = []
    try:
        for number, file in enumerate(given, start=1):
            drawn.append(await stack.enter_async_context(_picture(bot, file, number)))
    except DISCORD_FAILED as error:
        # Without its words, which may have an address that names the file.
        _log.warning("a picture could not be read from Discord: %s", type(error).__name__)
        raise Invalid("attachment", Problem.PICTURES_AGAIN) from None
    return tuple(drawn)


@asynccontextmanager
async def _picture(bot: Askwell, file: GivenFile, number: int) -> AsyncGenerator[pictures.Cleaned]:
    async with (
        downloads.download(bot, file.url, file.size) as downloaded,
        pictures.cleaned(bot.drawing_pictures, file, downloaded, anonymous=number) as cleaned,
    ):
        yield cleaned
