"""`/move`: moving a question to another category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.text import show_line
from bot.i18n import N_
from bot.usecases import moving
from cogs.interaction.choices import (
    Choices,
    categories_to_ask,
    matching_categories,
    named_category,
    question_choices,
)
from cogs.interaction.people import reader
from cogs.interaction.replies import defer, tell_done
from cogs.interaction.visible import actor_at, named_post
from cogs.ui.cards import way_to_card
from cogs.ui.modals import NO_CATEGORY

if TYPE_CHECKING:
    from bot.app import Askwell

_NONE: Final = N_("No category")


class Moving(commands.Cog):
    """Moving questions."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(description=N_("Move a question to another category."))
    @app_commands.guild_only()
    @app_commands.describe(
        category=N_("The category to move it to"),
        question=N_("The question: its number, link or words from its title"),
    )
    async def move(
        self,
        interaction: discord.Interaction[Askwell],
        category: str,
        question: str | None = None,
    ) -> None:
        """Move a question to another category, or to none."""
        t = reader(interaction)
        card = await named_post(interaction, question, question=True)
        nowhere = category.casefold() in (NO_CATEGORY, t(_NONE).casefold())
        chosen = None if nowhere else await named_category(interaction, category)
        actor = await actor_at(interaction, card.post_id, writing=True)
        await defer(interaction)
        moved = await moving.move_question(
            self.bot.db,
            actor,
            card.post_id,
            chosen.category_id if chosen else None,
            now=discord.utils.utcnow(),
        )
        if chosen is not None:
            named = {"number": card.reference, "category": f"**{show_line(chosen.name)}**"}
            if moved:
                text = t("Moved {number} to {category}.", **named)
            else:
                text = t("{number} is already in {category}.", **named)
        elif moved:
            text = t("{number} no longer has a category.", number=card.reference)
        else:
            text = t("{number} already has no category.", number=card.reference)
        await tell_done(interaction, card.post_id, text, view=way_to_card(card, t))

    @move.autocomplete("category")
    async def suggest_category(
        self, interaction: discord.Interaction[Askwell], typed: str
    ) -> Choices:
        """Suggest the categories in which the member may ask, and none."""
        none = reader(interaction)(_NONE)
        offered = matching_categories(await categories_to_ask(interaction), typed)[:24]
        if typed.casefold() in none.casefold():
            offered.append(app_commands.Choice(name=none, value=NO_CATEGORY))
        return offered

    @move.autocomplete("question")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer questions."""
        return await question_choices(interaction, typed)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Moving(bot))
