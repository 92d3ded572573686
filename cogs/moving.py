"""`/move`: moving a question to another category."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.access import check_unblocked
from bot.domain.cards import Category, PostCard
from bot.domain.text import show_line
from bot.i18n import N_
from bot.usecases import moving
from cogs.interaction.bell import is_private
from cogs.interaction.choices import (
    Choices,
    categories_to_ask,
    category_to_ask_in,
    matching_categories,
    named_category,
    question_choices,
)
from cogs.interaction.people import reader
from cogs.interaction.pointing import question_meant
from cogs.interaction.replies import defer, replace_clicked, reply, tell_done
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import actor_at, card_at
from cogs.ui.cards import way_to_card
from cogs.ui.controls import custom_id, first_chosen, number_in
from cogs.ui.modals import NO_CATEGORY
from cogs.ui.selects import category_options, no_category, paged_view

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
        nowhere = category.casefold() in (NO_CATEGORY, t(_NONE).casefold())
        chosen = None if nowhere else await named_category(interaction, category)
        to = chosen.category_id if chosen else NO_CATEGORY
        card = await question_meant(interaction, question, "move.to", to)
        if card is not None:
            await self._move(interaction, card, chosen)

    @control("move", of_post=True)
    async def move_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Offer the categories to which a question can be moved, from the *More* menu, the queue or
        the card of its reports."""
        card, t = await card_at(interaction, wanted.number(0)), reader(interaction)
        check_unblocked(await actor_at(interaction, card.post_id))
        options = category_options(await categories_to_ask(interaction), card.category_id)
        options.append(no_category(t, chosen=card.category_id is None))
        view = paged_view(
            custom_id("move.to", card.post_id),
            options,
            wanted.page(1),
            t("Choose a category"),
            t,
            "move",
            card.post_id,
        )
        text = t("Where do you want to move {number}?", number=card.reference)
        await reply(interaction, text, view=view, update=is_private(interaction.message))

    @control("move.to", of_post=True)
    async def category_chosen(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Move a question to the chosen category, or to that of the command before."""
        replace_clicked(interaction)
        named = len(wanted.arguments) > 1
        to = wanted.word(1) if named else first_chosen(interaction)
        nowhere = to == NO_CATEGORY
        chosen = None if nowhere else await category_to_ask_in(interaction, number_in(to))
        await self._move(interaction, await card_at(interaction, wanted.number(0)), chosen)

    async def _move(
        self, interaction: discord.Interaction[Askwell], card: PostCard, chosen: Category | None
    ) -> None:
        t = reader(interaction)
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
