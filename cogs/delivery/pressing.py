"""Answering a click on a card with the card itself: its new score is there at once, and none of
Discord's limits for edits is used up.

Delivery draws the same cards, so both take turns. What a click was answered with is noted, and
recorded by the job that the vote has enqueued: that edits the card only where it looks different.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.usecases import publishing
from cogs.delivery.card import CardMessage

if TYPE_CHECKING:
    from bot.app import Askwell

_PATIENCE = 1.0  # seconds until somebody else has drawn the card; Discord waits three in all


@asynccontextmanager
async def turn_to_draw(
    bot: Askwell, guild_id: int, post_id: int
) -> AsyncGenerator[CardMessage | None]:
    """The card as it should be now, and the turn to draw it in the block; None if it can't be drawn
    in time, or only by delivery. `answered` tells that it was."""
    turn = bot.publications.turn(guild_id, post_id)
    try:
        async with asyncio.timeout(_PATIENCE):
            await turn.acquire()
    except TimeoutError:  # delivery will show the vote
        yield None
        return
    try:
        item = await publishing.card_as_it_is(bot.db, guild_id, post_id)
        if item is None or item.waiting:
            yield None
            return
        bot.publications.answering(post_id)
        yield CardMessage(bot, item, uncertain=False)
    finally:
        turn.release()


def answered(it: CardMessage) -> None:
    """Note that Discord has confirmed the card as the answer to a click."""
    if it.look == it.shown("look"):
        it.bot.publications.recorded(it.card.post_id)
    else:
        it.bot.publications.answered(it.card.post_id, it.look)
