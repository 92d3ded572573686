"""Closing and reopening questions: `/close` and `/reopen`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.posts import CloseReason
from bot.i18n import N_
from bot.usecases import closing
from cogs.interaction.choices import Choices, question_choices
from cogs.interaction.people import reader
from cogs.interaction.replies import defer, tell_done
from cogs.interaction.visible import actor_at, named_post
from cogs.ui.cards import way_to_card
from cogs.ui.controls import one_of

if TYPE_CHECKING:
    from bot.app import Askwell


class ClosingQuestions(commands.Cog):
    """Closed questions."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(description=N_("Close a question to new answers."))
    @app_commands.guild_only()
    @app_commands.describe(
        reason=N_("Why you're closing it"),
        question=N_("The question: its number, link or words from its title"),
        duplicate_of=N_("The original question, if this one is a duplicate"),
        note=N_("A short note to the member who asked"),
    )
    @app_commands.choices(
        reason=[
            app_commands.Choice(name=N_("duplicate"), value=CloseReason.DUPLICATE.value),
            app_commands.Choice(name=N_("off topic"), value=CloseReason.OFF_TOPIC.value),
            app_commands.Choice(name=N_("not a question"), value=CloseReason.NOT_A_QUESTION.value),
            app_commands.Choice(name=N_("other"), value=CloseReason.OTHER.value),
        ]
    )
    async def close(
        self,
        interaction: discord.Interaction[Askwell],
        reason: str,
        question: str | None = None,
        duplicate_of: str | None = None,
        note: app_commands.Range[str, 0, 200] | None = None,
    ) -> None:
        """Close a question; with an original, as a duplicate."""
        db = self.bot.db
        card = await named_post(interaction, question, question=True)
        original = None
        if duplicate_of:
            original = await named_post(interaction, duplicate_of, question=True)
            reason = CloseReason.DUPLICATE
        actor = await actor_at(interaction, card.post_id)
        await defer(interaction)
        closed = await closing.close_question(
            db,
            actor,
            card.post_id,
            closing.ClosingForm(
                one_of(CloseReason, reason), original.post_id if original else None, note or ""
            ),
            now=discord.utils.utcnow(),
        )
        t = reader(interaction)
        text = t("Closed {number}.", number=closed.reference)
        await tell_done(interaction, closed.post_id, text, view=way_to_card(closed, t))

    @app_commands.command(description=N_("Reopen a closed question."))
    @app_commands.guild_only()
    @app_commands.describe(question=N_("The question: its number, link or words from its title"))
    async def reopen(
        self, interaction: discord.Interaction[Askwell], question: str | None = None
    ) -> None:
        """Reopen a question."""
        db = self.bot.db
        card = await named_post(interaction, question, question=True)
        actor = await actor_at(interaction, card.post_id)
        await defer(interaction)
        opened = await closing.reopen_question(db, actor, card.post_id, now=discord.utils.utcnow())
        t = reader(interaction)
        text = t("Reopened {number}.", number=opened.reference)
        await tell_done(interaction, opened.post_id, text, view=way_to_card(opened, t))

    @close.autocomplete("question")
    @close.autocomplete("duplicate_of")
    @reopen.autocomplete("question")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer questions."""
        return await question_choices(interaction, typed)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(ClosingQuestions(bot))
