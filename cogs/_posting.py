"""What follows when somebody posted: a private reply with a link to the card."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import discord

from bot.domain.errors import NotFound
from bot.domain.posts import post_number
from bot.usecases import browsing
from bot.usecases.asking import Posted
from cogs._interaction import guild_of, reader, reply
from cogs.ui.cards import card_link
from cogs.ui.controls import link_button, view_of

if TYPE_CHECKING:
    from bot.app import Askwell

PATIENCE = 4.0  # seconds a person waits for the card before they are told that it will come


async def reply_posted(
    interaction: discord.Interaction[Askwell], posted: Posted, done: str, later: str
) -> None:
    """Wait a moment for a post's card, then reply `done` with a link, or `later`.

    The post is on disk already; its card was asked for in the same transaction.
    """
    bot, t = interaction.client, reader(interaction)
    # Listening begins before the first look, so that a card shown in between is not missed.
    shown = asyncio.create_task(_shown(bot, posted.post_id))
    try:
        link = await _link(interaction, posted.post_id)
        if not link:
            await shown
            link = await _link(interaction, posted.post_id)
    finally:
        shown.cancel()
    number = post_number(posted.number, posted.sub_number)
    if link:
        view = view_of(link_button(t("Go to {number}", number=number), link))
        await reply(interaction, done.format(number=number, link=link), view=view)
    else:
        await reply(interaction, later.format(number=number))


async def _shown(bot: Askwell, post_id: int) -> None:
    """Return when delivery has shown the post's card, or when patience ends."""

    def is_it(shown: int) -> bool:
        return shown == post_id

    with suppress(TimeoutError):
        await bot.wait_for("post_shown", check=is_it, timeout=PATIENCE)


async def _link(interaction: discord.Interaction[Askwell], post_id: int) -> str:
    try:
        card = await browsing.post_card(interaction.client.db, guild_of(interaction), post_id)
    except NotFound:  # deleted or hidden while its author waited
        return ""
    return card_link(card)
