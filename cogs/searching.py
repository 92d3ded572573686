"""`/search`: full-text search, page by page."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.domain.posts import TITLE_MAX, check_tag
from bot.domain.queries import QUERY_MAX, Sort, title_of_query
from bot.i18n import N_
from bot.usecases import searching
from bot.usecases.recounting import finish_counting_words
from bot.usecases.searching import Found, Search, search_of
from cogs.interaction.beginning import open_ask_form
from cogs.interaction.choices import (
    Choices,
    category_choices,
    check_category,
    chosen_category,
    tag_choices,
)
from cogs.interaction.people import guild_of, reader
from cogs.interaction.replies import reply
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import readable_channels
from cogs.ui.controls import Forged, one_of
from cogs.ui.findings import SORTS, findings_embed, findings_pages

if TYPE_CHECKING:
    from bot.app import Askwell

_PART, _PARTS = 40, 2  # characters and parts of a search that a custom id has room for
_LONG = "~"  # prefix of the name of a longer one
_REMEMBERED = 1_000  # longer searches are remembered, the latest ones


_log = logging.getLogger(__name__)
_COUNTING = 5.0  # minutes between looks for posts whose words aren't counted yet


class Searching(commands.Cog):
    """Searching, and keeping the words that misspelt ones are compared with."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._long: OrderedDict[str, Search] = OrderedDict()
        self._counting: asyncio.Task[None] | None = None
        self._unloaded = False

    async def cog_load(self) -> None:
        """Count the words of new posts, now and then."""
        self._look_for_words.start()

    async def cog_unload(self) -> None:
        """Stop counting. The next start goes on."""
        self._look_for_words.cancel()
        self._unloaded = True
        await self.bot.ending.end([self._counting])

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Go on at once with what an upgrade, or an earlier process, left to count."""
        self._begin_counting()

    @tasks.loop(minutes=_COUNTING)
    async def _look_for_words(self) -> None:
        self._begin_counting()

    def _begin_counting(self) -> None:
        idle = self._counting is None or self._counting.done()
        if idle and self.bot.is_ready() and not self._unloaded:
            self._counting = asyncio.create_task(self._count_words(), name="counting words")

    async def _count_words(self) -> None:
        try:
            await finish_counting_words(self.bot.db)
        except Exception:
            _log.exception("the words of new posts could not be counted; it is tried again")

    @app_commands.command(description=N_("Search questions and answers."))
    @app_commands.guild_only()
    @app_commands.describe(
        query=N_('Search words. You can use "exact phrase", -exclude and begin*'),
        category=N_("Only in this category and its subcategories"),
        tag=N_("Only with this tag"),
        author=N_("Only posts by this member"),
        solved=N_("Only solved questions, or only unsolved ones"),
        sort=N_("How to sort the results"),
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
        """Show the first page of results."""
        # More parameters than a function should have: they are the command's options.
        category_id = None
        if category is not None:
            category_id = await chosen_category(interaction, category)
        wanted = Search(
            query=query,
            category_id=category_id,
            tag=check_tag(tag) if tag else None,
            author_id=author.id if author else None,
            solved=solved,
            sort=one_of(Sort, sort),
        )
        found = await self._look(interaction, wanted)
        await self._show(interaction, wanted, found, self._kept(wanted))

    def _kept(self, wanted: Search) -> list[str]:
        """The search as the page buttons carry it. Readers don't wait for writers, so it isn't
        stored in the database: it is in the buttons, or, if it is too long for them, in memory."""
        code = wanted.code()
        parts = [code[at : at + _PART] for at in range(0, len(code), _PART)]
        if len(parts) <= _PARTS:
            return parts
        key = hashlib.blake2b(code.encode(), digest_size=9).hexdigest()
        self._long[key] = wanted
        self._long.move_to_end(key)
        while len(self._long) > _REMEMBERED:
            self._long.popitem(last=False)
        return [_LONG + key]

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
        """Turn to another page of results."""
        kept, page = list(control.arguments[1:]), control.page(0)
        code = "".join(kept)
        if code.startswith(_LONG):
            known = self._long.get(code.removeprefix(_LONG))
            if known is None:
                t = reader(interaction)
                await reply(interaction, t("This search has expired. Please search again."))
                return
            wanted = replace(known, page=page)
        else:
            try:
                wanted = search_of(code, page)
            except (ValueError, RecursionError):
                raise Forged("no search") from None
        await check_category(interaction, wanted.category_id)
        found = await self._look(interaction, wanted)
        await self._show(interaction, wanted, found, kept, update=True)

    @control("ask.search")
    async def ask_this(self, interaction: discord.Interaction[Askwell], control: Control) -> None:
        """Open the form of a question with the words that were searched for."""
        code = "".join(control.arguments)
        wanted = self._long.get(code.removeprefix(_LONG)) if code.startswith(_LONG) else None
        if wanted is None and code.startswith(_LONG):
            t = reader(interaction)
            await reply(interaction, t("This search has expired. Please search again."))
            return
        try:
            query = wanted.query if wanted is not None else search_of(code, 0).query
        except (ValueError, RecursionError):
            raise Forged("no search") from None
        await open_ask_form(interaction, title_of_query(query)[:TITLE_MAX])

    async def _look(self, interaction: discord.Interaction[Askwell], wanted: Search) -> Found:
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
        wanted: Search,
        found: Found,
        kept: list[str],
        *,
        update: bool = False,
    ) -> None:
        t = reader(interaction)
        embed = findings_embed(guild_of(interaction), wanted, found, t)
        literal = replace(wanted, page=0, literal=True)
        literally = self._kept(literal) if found.corrected is not None else []
        view = findings_pages(kept, literally, wanted, found, t)
        await reply(interaction, embed=embed, view=view, update=update)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Searching(bot))
