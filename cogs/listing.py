"""`/questions`, `/categories` and `/tags`: browsing the forum, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.access import Deed, check_may
from bot.domain.posts import check_tag
from bot.domain.ranking import View
from bot.i18n import N_
from bot.usecases import browsing, listing
from bot.usecases.listing import Selection
from cogs.interaction.choices import (
    Choices,
    category_choices,
    check_category,
    chosen_category,
    tag_choices,
)
from cogs.interaction.people import guild_of, reader, seal_in
from cogs.interaction.replies import reply
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import actor_at, readable_channels, shown_categories
from cogs.ui.browsing import categories_view, questions_view, tags_view
from cogs.ui.controls import first_chosen, number_in, one_of
from cogs.ui.lists import categories_embed, pages_view
from cogs.ui.questions import VIEWS, answers_embed, questions_embed, tags_embed
from cogs.ui.selects import page_chosen

if TYPE_CHECKING:
    from bot.app import Askwell


class Listing(commands.Cog):
    """Lists."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(description=N_("Browse questions."))
    @app_commands.guild_only()
    @app_commands.describe(
        view=N_("Which questions to show, and in what order"),
        category=N_("Only in this category and its subcategories"),
        tag=N_("Only with this tag"),
    )
    @app_commands.choices(
        view=[app_commands.Choice(name=name, value=view.value) for view, name in VIEWS.items()]
    )
    async def questions(
        self,
        interaction: discord.Interaction[Askwell],
        view: str = View.NEWEST.value,
        category: str | None = None,
        tag: app_commands.Range[str, 1, 60] | None = None,
    ) -> None:
        """Show the first page of a list of questions."""
        category_id = None
        if category is not None:
            category_id = await chosen_category(interaction, category)
        wanted = Selection(one_of(View, view), category_id, check_tag(tag) if tag else None)
        await self._show(interaction, wanted)

    @questions.autocomplete("category")
    async def suggest_category(
        self, interaction: discord.Interaction[Askwell], typed: str
    ) -> Choices:
        """Offer categories."""
        return await category_choices(interaction, typed)

    @questions.autocomplete("tag")
    async def suggest_tag(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer tags."""
        return await tag_choices(interaction, typed)

    @control("browse")
    async def browse(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show the newest questions, or another view, from the how-to and `/help`."""
        view = wanted.one_of(0, View) if wanted.arguments else View.NEWEST
        await self._show(interaction, Selection(view, None, None))

    @control("list")
    async def turned(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Turn to another page of a list."""
        view, _, _, tag = (*wanted.arguments, "", "", "", "")[:4]
        shown = Selection(one_of(View, view), wanted.number(1) or None, tag or None, wanted.page(2))
        await check_category(interaction, shown.category_id)
        await self._show(interaction, shown, update=True)

    async def _show(
        self,
        interaction: discord.Interaction[Askwell],
        wanted: Selection,
        *,
        update: bool = False,
        offered: int | None = None,
    ) -> None:
        guild_id, t = guild_of(interaction), reader(interaction)
        channels = readable_channels(interaction)
        listed = await listing.list_questions(
            self.bot.db,
            guild_id,
            wanted,
            channels=channels,
            reader_id=interaction.user.id,
            seal=seal_in(interaction),
        )
        wanted = replace(wanted, tag=listed.tag)
        known = await browsing.categories_of(self.bot.db, guild_id)
        categories = shown_categories(interaction, known)
        embed = questions_embed(guild_id, wanted, listed, t)
        view = questions_view(wanted, categories, offered, t, more=listed.more)
        await reply(interaction, embed=embed, view=view, update=update)

    @control("list.view")
    async def view_chosen(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show the same list in another view."""
        view, tag = one_of(View, first_chosen(interaction)), _tag(wanted, 1)
        shown = Selection(view, wanted.number(0) or None, tag)
        await check_category(interaction, shown.category_id)
        await self._show(interaction, shown, update=True)

    @control("list.category")
    async def category_chosen(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Show the same view of another category, or offer more categories."""
        view, tag = wanted.one_of(0, View), _tag(wanted, 2)
        chosen = first_chosen(interaction)
        turned = page_chosen(chosen)
        category_id = wanted.number(1) if turned is not None else number_in(chosen)
        shown = Selection(view, category_id or None, tag)
        await check_category(interaction, shown.category_id)
        await self._show(interaction, shown, update=True, offered=turned)

    @control("categories.open")
    async def category_opened(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """List the questions of the chosen category."""
        shown = Selection(View.NEWEST, number_in(first_chosen(interaction)))
        await check_category(interaction, shown.category_id)
        await self._show(interaction, shown, update=True)

    @control("tags.open")
    async def tag_opened(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """List the questions with the chosen tag."""
        tag = check_tag(first_chosen(interaction))
        await self._show(interaction, Selection(View.NEWEST, tag=tag), update=True)

    @control("answers", of_post=True)
    async def answers(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show a question's answers by votes; its thread has them by time."""
        t, page = reader(interaction), wanted.page(1)
        check_may(await actor_at(interaction, wanted.number(0), by_name=True), Deed.READ)
        question, found, more = await listing.list_answers(
            self.bot.db,
            guild_of(interaction),
            wanted.number(0),
            channels=readable_channels(interaction),
            page=page,
        )
        view = pages_view("answers", question.post_id, page=page, more=more, t=t)
        embed = answers_embed(question, found, page, t)
        await reply(interaction, embed=embed, view=view, update=True)

    @app_commands.command(description=N_("Browse categories."))
    @app_commands.guild_only()
    async def categories(self, interaction: discord.Interaction[Askwell]) -> None:
        """List the categories that the member may see, with their numbers of questions visible to
        them."""
        await self._show_categories(interaction, 0)

    @control("categories")
    async def categories_turned(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Turn to another page of the categories."""
        await self._show_categories(interaction, wanted.page(0), update=True)

    async def _show_categories(
        self, interaction: discord.Interaction[Askwell], page: int, *, update: bool = False
    ) -> None:
        t = reader(interaction)
        found = await browsing.counted_categories(
            self.bot.db,
            guild_of(interaction),
            channels=readable_channels(interaction),
            reader_id=interaction.user.id,
        )
        shown = shown_categories(interaction, found)
        view = categories_view(shown, page, t)
        await reply(interaction, embed=categories_embed(shown, page, t), view=view, update=update)

    @app_commands.command(description=N_("Browse tags."))
    @app_commands.guild_only()
    async def tags(self, interaction: discord.Interaction[Askwell]) -> None:
        """List the server's tags, the most used first."""
        await self._show_tags(interaction, 0)

    @control("tags")
    async def tags_turned(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Turn to another page of the tags."""
        await self._show_tags(interaction, wanted.page(0), update=True)

    async def _show_tags(
        self, interaction: discord.Interaction[Askwell], page: int, *, update: bool = False
    ) -> None:
        t = reader(interaction)
        found, more = await listing.list_tags(
            self.bot.db,
            guild_of(interaction),
            channels=readable_channels(interaction),
            reader_id=interaction.user.id,
            page=page,
        )
        view = tags_view(found, page, t, more=more)
        embed = tags_embed(found, page, t, more=more)
        await reply(interaction, embed=embed, view=view, update=update)


def _tag(wanted: Control, index: int) -> str | None:
    """The tag of a list, the last argument of its controls."""
    return wanted.word(index) if len(wanted.arguments) > index else None


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Listing(bot))
