"""Commenting: `/comment` and the button on a card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.cards import PostCard
from bot.domain.posts import PostKind
from bot.i18n import N_
from bot.usecases import commenting
from bot.usecases.drafts import Draft
from cogs.interaction.anonymous import send_anonymously
from cogs.interaction.choices import Choices, post_choices
from cogs.interaction.forms import form_failed, show_form
from cogs.interaction.people import guild_of, reader
from cogs.interaction.pointing import post_meant
from cogs.interaction.posted import reply_posted
from cogs.interaction.replies import defer
from cogs.interaction.routing import Control, control, form_values
from cogs.interaction.visible import actor_at, check_writing, rules_at
from cogs.ui.controls import custom_id
from cogs.ui.modals import ANONYMOUS, comment_form

if TYPE_CHECKING:
    from bot.app import Askwell


class Commenting(commands.Cog):
    """Comments."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(description=N_("Comment on a question or answer."))
    @app_commands.guild_only()
    @app_commands.describe(
        post=N_("The post's number or link. In a question's thread, the default is the question.")
    )
    async def comment(
        self, interaction: discord.Interaction[Askwell], post: str | None = None
    ) -> None:
        """Open the form for a post."""
        card = await post_meant(interaction, post, "comment")
        if card is not None:
            await self._open(interaction, card.post_id)

    @comment.autocomplete("post")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer posts."""
        return await post_choices(interaction, typed)

    @control("comment", of_post=True)
    async def clicked(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Open the form from a card."""
        await self._open(interaction, wanted.number(0))

    async def _open(self, interaction: discord.Interaction[Askwell], post_id: int) -> None:
        card = await commenting.post_to_comment(self.bot.db, guild_of(interaction), post_id)
        await check_writing(interaction, card.post_id)
        t, anonymous = (
            reader(interaction),
            (await rules_at(interaction, card.post_id)).on("anonymous"),
        )
        form = comment_form(card.post_id, _about(card), {}, t, anonymous=anonymous)
        await show_form(interaction, form)

    @control("comment.form", of_post=True)
    async def sent(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Post the submitted comment."""
        values, post_id = form_values(interaction), wanted.number(0)
        if ANONYMOUS in values.get("how", []):
            await send_anonymously(interaction, Draft(custom_id("comment.form", post_id), values))
            return
        try:
            actor = await actor_at(interaction, post_id, writing=True, by_name=True)
            await defer(interaction)
            posted = await commenting.comment_on(
                self.bot.db,
                actor,
                post_id,
                str(values.get("comment", "")),
                origin_id=interaction.id,
                now=discord.utils.utcnow(),
            )
        except Exception as error:
            await form_failed(interaction, error, Draft(custom_id("comment.form", post_id), values))
            return
        t = reader(interaction)
        done = t("Comment posted as {number}.")
        later = t("Comment saved as {number}. Discord is slow right now, but it will appear.")
        await reply_posted(interaction, posted, done, later)


def _about(card: PostCard) -> str:
    return card.title if card.kind is PostKind.QUESTION else card.body


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Commenting(bot))
