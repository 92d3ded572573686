"""`/move`: a question into another category."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.text import show_line
from bot.i18n import N_, Texts
from bot.usecases import moving
from bot.usecases.moving import Moved
from cogs._choices import (
    Choices,
    categories_to_ask,
    chosen_category,
    matching_categories,
    question_choices,
)
from cogs._interaction import defer, reader, reply, rules_and_actor
from cogs._routing import add_cog
from cogs._visible import named_post
from cogs.ui.cards import way_to_card
from cogs.ui.modals import NO_CATEGORY

if TYPE_CHECKING:
    from bot.app import Askwell


class Moving(commands.Cog):
    """Moving questions."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(description=N_("Move a question to another category."))
    @app_commands.guild_only()
    @app_commands.describe(
        category=N_("The category it belongs in"),
        question=N_("The question: its number, link or words of its title"),
    )
    async def move(
        self,
        interaction: discord.Interaction[Askwell],
        category: str,
        question: str | None = None,
    ) -> None:
        """Move a question."""
        card = await named_post(interaction, question, question=True)
        target = None
        if category != NO_CATEGORY:
            target = await chosen_category(interaction, category)
        rules, actor = await rules_and_actor(interaction)
        await defer(interaction)
        moved = await moving.move_question(
            self.bot.db, actor, card.post_id, target, now=discord.utils.utcnow()
        )
        t = reader(interaction)
        text = _moved_text(moved, t)
        chosen = moved.category.channel_id if moved.category is not None else None
        home, stands = chosen or rules.channel_id, moved.card.place.home_id
        if not moved.already and stands is not None and stands != home:
            text += " " + t("Its thread stays in {channel}.", channel=f"<#{stands}>")
        await reply(interaction, text, view=way_to_card(moved.card, t))

    @move.autocomplete("category")
    async def suggest_category(
        self, interaction: discord.Interaction[Askwell], typed: str
    ) -> Choices:
        """Offer the categories one may ask in, and none."""
        _, actor = await rules_and_actor(interaction)
        none = reader(interaction)("No category")
        found = matching_categories(await categories_to_ask(interaction, actor), typed)
        if typed.casefold() in none.casefold():
            found = [*found[:24], app_commands.Choice(name=none, value=NO_CATEGORY)]
        return found

    @move.autocomplete("question")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer questions."""
        return await question_choices(interaction, typed)


def _moved_text(moved: Moved, t: Texts) -> str:
    number = moved.card.reference
    if moved.category is None:
        if moved.already:
            return t("{number} is in no category already.", number=number)
        return t("{number} is in no category now.", number=number)
    name = f"**{show_line(moved.category.name)}**"
    if moved.already:
        return t("{number} is in {category} already.", number=number, category=name)
    return t("{number} is in {category} now.", number=number, category=name)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await add_cog(bot, Moving(bot))
