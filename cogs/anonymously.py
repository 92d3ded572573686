"""Posting anonymously: the steps between a form and its post."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.errors import NotFound, Refusal
from bot.usecases import drafts
from cogs.failures import DISCORD_FAILED
from cogs.interaction.anonymous import (
    add_pictures,
    advance,
    offer_name,
    post,
    refuse,
    resume,
    take_name,
)
from cogs.interaction.files import is_about_files
from cogs.interaction.forms import give_back, show_form
from cogs.interaction.people import guild_of, reader
from cogs.interaction.reopening import form_of
from cogs.interaction.replies import defer, refusal_text, replace_clicked, reply
from cogs.interaction.routing import Control, control, form_values
from cogs.ui.anonymous import NAME, name_form, pictures_form
from cogs.ui.carried import BUTTON, NAME_FORM, PICTURES_FORM, Step, carried_in
from cogs.ui.discord_refusals import discord_problem
from cogs.ui.texts import explain

if TYPE_CHECKING:
    from bot.app import Askwell


class Anonymously(commands.Cog):
    """The steps of an anonymous post; its draft is in the private message that shows them."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @control(BUTTON)
    async def stepped(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Take the step of a button."""
        step, t = wanted.one_of(0, Step), reader(interaction)
        carried = carried_in(interaction.message, wanted)
        match step:
            case Step.NAME:
                await show_form(interaction, name_form(carried, t))
            case Step.PICTURES:
                await show_form(interaction, pictures_form(carried, t))
            case Step.WITHOUT:
                replace_clicked(interaction)
                await resume(interaction, carried)
            case Step.CHANGE:
                try:
                    form = await form_of(interaction, carried.draft, kept=False)
                except NotFound as gone:
                    await give_back(interaction, explain(gone, t), carried.draft)
                    return
                await show_form(interaction, form, carried.draft)
            case Step.HELPED:
                replace_clicked(interaction)
                now = discord.utils.utcnow()
                await drafts.count_helped(self.bot.db, guild_of(interaction), now=now)
                text = t("Glad that helped. Nothing was posted, and what you typed is gone.")
                await reply(interaction, text)
            case Step.POST:
                replace_clicked(interaction)
                await post(interaction, carried)
            case Step.GO_ON | Step.UNDERSTOOD | Step.ANYWAY:
                replace_clicked(interaction)
                await advance(interaction, carried, step)

    @control(NAME_FORM)
    async def named(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Take the name that was typed, or say why it can't be taken and offer the other one
        again."""
        carried, t = carried_in(interaction.message, wanted), reader(interaction)
        typed = str(form_values(interaction).get(NAME, ""))
        replace_clicked(interaction)
        try:
            await take_name(interaction, carried, typed)
        except Refusal as refusal:
            if is_about_files(refusal):
                await refuse(interaction, refusal, carried)
                return
            await offer_name(interaction, carried, carried.name, refusal_text(interaction, refusal))
        except DISCORD_FAILED as error:
            await defer(interaction)
            await offer_name(interaction, carried, carried.name, discord_problem(error, t))

    @control(PICTURES_FORM)
    async def pictures_added(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Take pictures in place of those that couldn't be posted."""
        carried = carried_in(interaction.message, wanted)
        replace_clicked(interaction)
        await add_pictures(interaction, carried)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Anonymously(bot))
