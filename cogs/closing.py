"""Closing and reopening questions: `/close`, `/reopen`, and both in the *More* menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.access import check_unblocked
from bot.domain.cards import PostCard
from bot.domain.errors import Invalid, NotFound, Problem
from bot.domain.posts import CloseReason
from bot.i18n import N_
from bot.usecases import closing
from bot.usecases.closing import ClosingForm
from bot.usecases.drafts import Draft
from cogs.interaction.choices import Choices, question_choices
from cogs.interaction.forms import form_failed, show_form
from cogs.interaction.people import reader
from cogs.interaction.pointing import question_meant
from cogs.interaction.replies import defer, replace_clicked, reply, tell_done
from cogs.interaction.routing import Control, control, form_values
from cogs.interaction.typed import CARRIED, carried, carry
from cogs.interaction.visible import actor_at, card_at, named_post, readable_channels
from cogs.ui.cards import way_to_card
from cogs.ui.closing import original_form, originals_text, originals_view, reasons_view
from cogs.ui.controls import custom_id, first_chosen, number_in, one_of

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
        original = None
        if duplicate_of:
            original = await named_post(interaction, duplicate_of, question=True)
            reason = CloseReason.DUPLICATE
        why, original_id = one_of(CloseReason, reason), original.post_id if original else 0
        beside = carry(interaction, note or "")
        rest = (why, CARRIED if beside else 0, original_id)
        card = await question_meant(interaction, question, "close.as", *rest, beside=beside)
        if card is not None:
            form = ClosingForm(why, original_id or None, note or "")
            await self._close(interaction, card.post_id, form)

    @control("close", of_post=True)
    async def close_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Offer the reasons, from the *More* menu."""
        card, t = await card_at(interaction, wanted.number(0)), reader(interaction)
        check_unblocked(await actor_at(interaction, card.post_id, asker=True))
        text = t("Why do you want to close {number}?", number=card.reference)
        await reply(interaction, text, view=reasons_view(card.question_id, t), update=True)

    @control("close.as", of_post=True)
    async def reason_chosen(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Close a question for the chosen reason, or for that of the command before."""
        replace_clicked(interaction)
        named = len(wanted.arguments) > 1
        reason = wanted.word(1) if named else first_chosen(interaction)
        note, original = carried(interaction, wanted.number(2)), wanted.number(3)
        form = ClosingForm(one_of(CloseReason, reason), original or None, note)
        await self._close(interaction, wanted.number(0), form)

    @control("duplicate", of_post=True)
    async def duplicate_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Offer the likely originals, from the *More* menu."""
        replace_clicked(interaction)
        await self._close(interaction, wanted.number(0), ClosingForm(CloseReason.DUPLICATE))

    @control("duplicate.of", of_post=True)
    async def original_chosen(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Close a question as a duplicate of the chosen one."""
        replace_clicked(interaction)
        note = carried(interaction, wanted.number(1))
        original = await card_at(interaction, number_in(first_chosen(interaction)))
        await actor_at(interaction, original.post_id, by_name=True)  # refused if they can't read it
        form = ClosingForm(CloseReason.DUPLICATE, original.question_id, note)
        await self._close(interaction, wanted.number(0), form)

    @control("duplicate.other", of_post=True)
    async def other_wanted(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Open the form that takes any question."""
        check_unblocked(await actor_at(interaction, wanted.number(0), asker=True))
        note = carried(interaction, wanted.number(1))
        form = original_form(wanted.number(0), {"note": note}, reader(interaction))
        await show_form(interaction, form)

    @control("duplicate.form", of_post=True)
    async def original_typed(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Close a question as a duplicate of the typed one."""
        values, post_id = form_values(interaction), wanted.number(0)
        try:
            original = await _typed_original(interaction, str(values.get("original", "")))
            form = ClosingForm(CloseReason.DUPLICATE, original.post_id, str(values.get("note", "")))
            await self._close(interaction, post_id, form)
        except Exception as error:
            draft = Draft(custom_id("duplicate.form", post_id), values)
            await form_failed(interaction, error, draft)

    async def _close(
        self, interaction: discord.Interaction[Askwell], post_id: int, form: ClosingForm
    ) -> None:
        actor, t = await actor_at(interaction, post_id, asker=True), reader(interaction)
        if form.reason is CloseReason.DUPLICATE and form.original_id is None:
            await self._offer_originals(interaction, post_id, form.note)
            return
        await defer(interaction)
        now = discord.utils.utcnow()
        closed = await closing.close_question(self.bot.db, actor, post_id, form, now=now)
        text = t("Closed {number}.", number=closed.reference)
        await tell_done(interaction, closed.post_id, text, view=way_to_card(closed, t))

    async def _offer_originals(
        self, interaction: discord.Interaction[Askwell], post_id: int, note: str
    ) -> None:
        """Offer the questions that this one is likely to duplicate."""
        actor, t = await actor_at(interaction, post_id, asker=True), reader(interaction)
        card, found = await closing.likely_originals(
            self.bot.db, actor, post_id, channels=readable_channels(interaction)
        )
        beside = carry(interaction, note)
        text = originals_text(card, found, t)
        view = originals_view(card.post_id, found, (CARRIED,) if beside else (), t)
        await reply(interaction, text, embed=beside, view=view)

    @app_commands.command(description=N_("Reopen a closed question."))
    @app_commands.guild_only()
    @app_commands.describe(question=N_("The question: its number, link or words from its title"))
    async def reopen(
        self, interaction: discord.Interaction[Askwell], question: str | None = None
    ) -> None:
        """Reopen a question."""
        card = await question_meant(interaction, question, "reopen")
        if card is not None:
            await self._reopen(interaction, card)

    @control("reopen", of_post=True)
    async def reopen_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Reopen a question from the *More* menu, or the one that was chosen after `/reopen`."""
        replace_clicked(interaction)
        await self._reopen(interaction, await card_at(interaction, wanted.number(0)))

    async def _reopen(self, interaction: discord.Interaction[Askwell], card: PostCard) -> None:
        actor = await actor_at(interaction, card.post_id, asker=True)
        await defer(interaction)
        now = discord.utils.utcnow()
        opened = await closing.reopen_question(self.bot.db, actor, card.post_id, now=now)
        t = reader(interaction)
        text = t("Reopened {number}.", number=opened.reference)
        await tell_done(interaction, opened.post_id, text, view=way_to_card(opened, t))

    @close.autocomplete("question")
    @close.autocomplete("duplicate_of")
    @reopen.autocomplete("question")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer questions."""
        return await question_choices(interaction, typed)


async def _typed_original(interaction: discord.Interaction[Askwell], typed: str) -> PostCard:
    """The original that was typed. Raises `Invalid`, so that its form can be opened again."""
    try:
        return await named_post(interaction, typed.strip() or "?", question=True)
    except NotFound:
        raise Invalid("original", Problem.NOT_A_POST) from None


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(ClosingQuestions(bot))
