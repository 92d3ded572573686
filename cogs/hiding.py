"""Hiding a post from the *More* menu, for a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.access import check_moderates
from bot.domain.review import ReportReason
from bot.usecases import reporting
from cogs.interaction.people import reader
from cogs.interaction.replies import defer, replace_clicked, tell_saved
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import actor_at, card_at
from cogs.ui.controls import button, first_chosen, one_of, view_of

if TYPE_CHECKING:
    from bot.app import Askwell


class Hiding(commands.Cog):
    """Hidden posts."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @control("hide.as", of_post=True)
    async def reason_chosen(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Hide a post for the chosen reason, or for that of the command before."""
        replace_clicked(interaction)
        post_id, named = wanted.number(0), len(wanted.arguments) > 1
        why = one_of(ReportReason, wanted.word(1) if named else first_chosen(interaction))
        actor = await actor_at(interaction, post_id)
        check_moderates(actor)
        card, t = await card_at(interaction, post_id), reader(interaction)
        await defer(interaction)
        now = discord.utils.utcnow()
        await reporting.hide_post(self.bot.db, actor, post_id, reason=why, now=now)
        undo = view_of(button(t("Show it again"), "show", post_id))
        text = t("{number} is hidden. Its author reads why.", number=card.reference)
        await tell_saved(interaction, text, view=undo)

    @control("show", of_post=True)
    async def shown_again(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show a post again, from the reply to hiding it."""
        replace_clicked(interaction)
        actor, t = await actor_at(interaction, wanted.number(0)), reader(interaction)
        check_moderates(actor)
        await defer(interaction)
        now = discord.utils.utcnow()
        await reporting.show_post(self.bot.db, actor, wanted.number(0), now=now)
        await tell_saved(interaction, t("The post is shown again."))


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Hiding(bot))
