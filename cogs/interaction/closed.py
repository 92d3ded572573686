"""Why a question takes no more answers, as far as the reader may know it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import discord

from bot.domain.cards import Closing, QuestionLine
from bot.domain.errors import Denial, Denied, NotFound
from bot.usecases import browsing
from cogs.interaction.people import guild_of
from cogs.interaction.visible import actor_at, card_at

if TYPE_CHECKING:
    from bot.app import Askwell

_E = TypeVar("_E", bound=BaseException)


async def with_reason(interaction: discord.Interaction[Askwell], error: _E) -> _E | Denied:
    """A refusal, or any other failure; for a closed question, with why it is closed. Its original
    is named if the person can see it."""
    if not isinstance(error, Denied) or Denial(error.reason) is not Denial.QUESTION_CLOSED:
        return error
    question_id, guild_id = error.data.get("question"), guild_of(interaction)
    if not isinstance(question_id, int):
        return error
    db = interaction.client.db
    try:
        closing = (await browsing.post_card(db, guild_id, question_id)).closing
        if closing is None:  # it is open again by now
            return error
        original = await _original(interaction, closing)
    except NotFound:
        return error
    except Exception as failure:
        if not db.is_failure(failure):
            raise
        return error
    closing = replace(closing, original=original)
    return Denied(Denial.QUESTION_CLOSED, closing=closing, guild=guild_id)


async def _original(
    interaction: discord.Interaction[Askwell], closing: Closing
) -> QuestionLine | None:
    """The original of a duplicate, unless the person can't see it."""
    if closing.original_id is None:
        return None
    try:
        await actor_at(interaction, closing.original_id, by_name=True)
        card = await card_at(interaction, closing.original_id)
    except NotFound:
        return None
    place = card.place
    return QuestionLine(
        card.post_id,
        card.number,
        card.title,
        card.score,
        card.answers,
        card.solved,
        place.channel_id,
        place.message_id,
    )
