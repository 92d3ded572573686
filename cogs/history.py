"""`/history`: what edits changed, and reverting them, for moderators."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.i18n import N_, texts_for
from bot.usecases import browsing, revising
from cogs.interaction.choices import Choices, post_choices
from cogs.interaction.people import reader
from cogs.interaction.pointing import own_meant
from cogs.interaction.replies import defer, reply, tell_done
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import actor_at
from cogs.ui.cards import way_to_card
from cogs.ui.history import edit_embed, edit_view

if TYPE_CHECKING:
    from bot.app import Askwell


class History(commands.Cog):
    """Earlier versions of posts."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(
        description=N_("See what was changed in your post, who changed it and why.")
    )
    @app_commands.guild_only()
    @app_commands.describe(
        post=N_(
            "The post's number or link. In a question's thread, the default is your latest post."
        )
    )
    async def history(
        self, interaction: discord.Interaction[Askwell], post: str | None = None
    ) -> None:
        """Show the latest edit of a post."""
        card = await own_meant(interaction, post, "history")
        if card is not None:
            await self._show(interaction, card.post_id, 0)

    @history.autocomplete("post")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer posts."""
        return await post_choices(interaction, typed)

    @control("history", of_post=True)
    async def turned(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Turn to another edit; without a page, from the *More* menu."""
        await self._show(interaction, wanted.number(0), wanted.number(1), update=True)

    async def _show(
        self,
        interaction: discord.Interaction[Askwell],
        post_id: int,
        page: int,
        *,
        update: bool = False,
    ) -> None:
        t = reader(interaction)
        actor = await actor_at(interaction, post_id)
        card, edit = await revising.edit_of(self.bot.db, actor, post_id, page=page)
        if edit is None:
            text = t("{number} hasn't been edited.", number=card.reference)
            await reply(interaction, text, update=update)
            return
        embed = edit_embed(card, edit, t)
        view = edit_view(card, edit, t, may_go_back=actor.moderates_post)
        await reply(interaction, embed=embed, view=view, update=update)

    @control("revert", of_post=True)
    async def reverted(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Revert a post to its text before an edit."""
        actor = await actor_at(interaction, wanted.number(0), writing=True, by_name=True)
        rules = await browsing.rules_of(self.bot.db, actor.guild_id)
        await defer(interaction)
        number = wanted.number(1)
        reason = texts_for(rules.text("locale"))("Back to version {n}", n=number)
        card = await revising.go_back(
            self.bot.db,
            actor,
            wanted.number(0),
            revising.Revert(number, wanted.number(2), reason),
            now=discord.utils.utcnow(),
        )
        t = reader(interaction)
        text = t("Restored {number} to version {n}.", number=card.reference, n=number)
        await tell_done(interaction, card.post_id, text, view=way_to_card(card, t))


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(History(bot))
