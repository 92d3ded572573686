"""`/search`: what was written, found by its words, page by page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import NotFound
from bot.domain.posts import check_tag
from bot.domain.queries import QUERY_MAX, Sort
from bot.i18n import N_
from bot.usecases import drafts, searching
from bot.usecases.drafts import Draft
from bot.usecases.searching import Found, Wanted, wanted_of
from cogs._choices import Choices, category_choices, chosen_category, tag_choices
from cogs._interaction import guild_of, reader, reply
from cogs._routing import Control, add_cog, control
from cogs._visible import readable_channels
from cogs.ui.controls import Forged, one_of
from cogs.ui.findings import SORTS, findings_embed, findings_pages

if TYPE_CHECKING:
    from bot.app import Askwell

_FORM = "search"  # what a kept search is called among the drafts


class Searching(commands.Cog):
    """Searching."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(description=N_("Search questions and answers."))
    @app_commands.guild_only()
    @app_commands.describe(
        query=N_('Words; "in quotes" as they stand, -without this one, begin*'),
        category=N_("Only of this category and those below it"),
        tag=N_("Only with this tag"),
        author=N_("Only what this member wrote"),
        solved=N_("Only solved questions, or only those that are not"),
        sort=N_("Which come first"),
    )
    @app_commands.choices(
        sort=[app_commands.Choice(name=name, value=sort.value) for sort, name in SORTS.items()]
    )
    async def search(
        self,
        interaction: discord.Interaction[Askwell],
        query: app_commands.Range[str, 1, QUERY_MAX],
        category: str | None = None,
        tag: app_commands.Range[str, 1, 60] | None = None,
        author: discord.User | None = None,
        solved: bool | None = None,
        sort: str = Sort.RELEVANCE.value,
    ) -> None:
        """Show the first page of what is found."""
        guild_id = guild_of(interaction)
        category_id = None
        if category is not None:
            category_id = await chosen_category(interaction, category)
        wanted = Wanted(
            query=query,
            category_id=category_id,
            tag=check_tag(tag) if tag else None,
            author_id=author.id if author else None,
            solved=solved,
            sort=one_of(Sort, sort),
        )
        found = await self._look(interaction, wanted)
        draft_id = None
        if found.more:  # the pages' buttons name it: a query is longer than a custom id may be
            draft = Draft(_FORM, wanted.kept())
            now, user_id = discord.utils.utcnow(), interaction.user.id
            draft_id = await drafts.keep_draft(self.bot.db, guild_id, user_id, draft, now=now)
        await self._show(interaction, wanted, found, draft_id)

    @search.autocomplete("category")
    async def suggest_category(
        self, interaction: discord.Interaction[Askwell], typed: str
    ) -> Choices:
        """Offer categories."""
        return await category_choices(interaction, typed)

    @search.autocomplete("tag")
    async def suggest_tag(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer tags."""
        return await tag_choices(interaction, typed)

    @control("search")
    async def turned(self, interaction: discord.Interaction[Askwell], control: Control) -> None:
        """Turn to another page of what was found."""
        draft_id, page = control.number(0), control.page(1)
        guild_id, user_id, t = guild_of(interaction), interaction.user.id, reader(interaction)
        try:
            draft = await drafts.open_draft(self.bot.db, guild_id, user_id, draft_id)
        except NotFound:
            text = t("Searches are kept for a week, and this one is older. Please search again.")
            await reply(interaction, text)
            return
        if draft.form != _FORM:
            raise Forged(f"draft {draft_id} is no search")
        wanted = wanted_of(dict(draft.values), page)
        found = await self._look(interaction, wanted)
        await self._show(interaction, wanted, found, draft_id, update=True)

    async def _look(self, interaction: discord.Interaction[Askwell], wanted: Wanted) -> Found:
        return await searching.search_posts(
            self.bot.db,
            guild_of(interaction),
            replace(wanted, page=min(wanted.page, 1_000)),
            channels=readable_channels(interaction),
            reader_id=interaction.user.id,
        )

    async def _show(
        self,
        interaction: discord.Interaction[Askwell],
        wanted: Wanted,
        found: Found,
        draft_id: int | None,
        *,
        update: bool = False,
    ) -> None:
        t = reader(interaction)
        embed = findings_embed(guild_of(interaction), wanted, found, t)
        view = findings_pages(draft_id, wanted, found, t)
        await reply(interaction, embed=embed, view=view, update=update)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await add_cog(bot, Searching(bot))
