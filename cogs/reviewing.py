"""The buttons of reported posts: in the moderators' channel, and in private replies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Invalid, NotFound, Problem
from bot.domain.posts import CloseReason
from bot.usecases import approving, reporting
from bot.usecases.closing import ClosingForm
from bot.usecases.drafts import Draft
from cogs.interaction.appeals import read_appeal
from cogs.interaction.forms import form_failed, show_form
from cogs.interaction.people import reader
from cogs.interaction.replies import reply, tell_done, tell_saved
from cogs.interaction.routing import Control, control, form_values
from cogs.interaction.visible import actor_at, named_post
from cogs.ui.appeals import APPEAL
from cogs.ui.controls import custom_id, first_chosen, number_in, one_of
from cogs.ui.modals import duplicate_form
from cogs.ui.reports import close_view, hide_view, read_embed, read_view, reject_view
from cogs.ui.verdicts import hide_reason

if TYPE_CHECKING:
    from bot.app import Askwell


class Reviewing(commands.Cog):
    """Decisions about reported posts. Each is refused to whoever doesn't moderate the post, by what
    Discord says at that moment, and to whoever comes second."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    async def _moderator(self, interaction: discord.Interaction[Askwell], post_id: int) -> Actor:
        """The actor, if they moderate a post. Somebody who can't see it learns nothing else than
        somebody who sees it but doesn't moderate it. Raises `Denied(NOT_MODERATOR_THERE)`."""
        try:
            actor = await actor_at(interaction, post_id, by_name=True)
        except NotFound:
            raise Denied(Denial.NOT_MODERATOR_THERE) from None
        if not actor.moderates_post:
            raise Denied(Denial.NOT_MODERATOR_THERE)
        return actor

    @control("report.read")
    async def read(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show a reported post to one of its moderators alone."""
        await self._read(interaction, wanted.number(0))

    @control("report.look")
    async def look(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """The same, for one that was chosen in the inbox, or for an appeal."""
        chosen = first_chosen(interaction)
        if chosen.startswith(APPEAL):
            await read_appeal(interaction, number_in(chosen.removeprefix(APPEAL)))
        else:
            await self._read(interaction, number_in(chosen))

    async def _read(self, interaction: discord.Interaction[Askwell], post_id: int) -> None:
        t, actor = reader(interaction), await self._moderator(interaction, post_id)
        item = await reporting.reported_post(self.bot.db, actor, post_id)
        embed = read_embed(item, t, names=actor.is_moderator)
        await reply(
            interaction, embed=embed, view=read_view(item, t, blocks=actor.is_moderator), bell=False
        )

    @control("report.hide")
    async def hide(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Ask for the reason to hide a post."""
        post_id, t = wanted.number(0), reader(interaction)
        actor = await self._moderator(interaction, post_id)
        await reporting.check_waiting(self.bot.db, actor, post_id)
        await reply(interaction, t("Why are you hiding it?"), view=hide_view(post_id, t))

    @control("report.hide.because")
    async def hide_because(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Hide a post for the chosen reason."""
        post_id, t = wanted.number(0), reader(interaction)
        reason = hide_reason(first_chosen(interaction))
        actor = await self._moderator(interaction, post_id)
        now = discord.utils.utcnow()
        await reporting.hide_post(
            self.bot.db, actor, post_id, now=now, reason=reason, reported=True
        )
        await tell_saved(interaction, t("The post is hidden."), update=True)

    @control("report.approve")
    async def approve(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show a post that waits for approval."""
        post_id, t = wanted.number(0), reader(interaction)
        actor = await self._moderator(interaction, post_id)
        now = discord.utils.utcnow()
        await approving.approve_post(self.bot.db, actor, post_id, now=now)
        await tell_saved(interaction, t("Approved. It will appear."))

    @control("report.reject")
    async def reject(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Ask for the reason not to approve a post."""
        post_id, t = wanted.number(0), reader(interaction)
        actor = await self._moderator(interaction, post_id)
        await approving.check_held(self.bot.db, actor, post_id)
        await reply(interaction, t("Why don't you approve it?"), view=reject_view(post_id, t))

    @control("report.reject.because")
    async def reject_because(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Don't approve a post, for the chosen reason."""
        post_id, t = wanted.number(0), reader(interaction)
        reason = hide_reason(first_chosen(interaction))
        actor = await self._moderator(interaction, post_id)
        now = discord.utils.utcnow()
        await approving.reject_post(self.bot.db, actor, post_id, reason, now=now)
        await tell_saved(interaction, t("Not approved. Its author reads why."), update=True)

    @control("report.show")
    async def show(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show a post again that was hidden by reports."""
        post_id, t = wanted.number(0), reader(interaction)
        actor = await self._moderator(interaction, post_id)
        now = discord.utils.utcnow()
        await reporting.show_post(self.bot.db, actor, post_id, now=now, reported=True)
        await tell_saved(interaction, t("The post is shown again."))

    @control("report.dismiss")
    async def dismiss(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Leave a post as it is."""
        post_id, t = wanted.number(0), reader(interaction)
        actor = await self._moderator(interaction, post_id)
        now = discord.utils.utcnow()
        count = await reporting.dismiss_reports(self.bot.db, actor, post_id, now=now, reported=True)
        text = t.plural("Dismissed {n} report.", "Dismissed {n} reports.", count)
        await tell_saved(interaction, text)

    @control("report.close")
    async def close(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Ask for the reason to close a question."""
        post_id, t = wanted.number(0), reader(interaction)
        actor = await self._moderator(interaction, post_id)
        await reporting.check_waiting(self.bot.db, actor, post_id)
        await reply(interaction, t("Why are you closing it?"), view=close_view(post_id, t))

    @control("report.close.because")
    async def close_because(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Close a question for the chosen reason, or ask for the original of a duplicate."""
        post_id = wanted.number(0)
        reason = one_of(CloseReason, first_chosen(interaction))
        actor = await self._moderator(interaction, post_id)
        if reason is CloseReason.DUPLICATE:
            await show_form(interaction, duplicate_form(post_id, {}, reader(interaction)))
            return
        await self._close(interaction, actor, post_id, ClosingForm(reason), update=True)

    @control("report.close.form")
    async def close_as_duplicate(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Close a question as a duplicate of the original that was named."""
        values, post_id = form_values(interaction), wanted.number(0)
        try:
            actor = await self._moderator(interaction, post_id)
            original = await _original(interaction, str(values.get("original", "")))
            form = ClosingForm(CloseReason.DUPLICATE, original.post_id)
            await self._close(interaction, actor, post_id, form)
        except Exception as error:
            draft = Draft(custom_id("report.close.form", post_id), values)
            await form_failed(interaction, error, draft)

    async def _close(
        self,
        interaction: discord.Interaction[Askwell],
        actor: Actor,
        post_id: int,
        form: ClosingForm,
        *,
        update: bool = False,
    ) -> None:
        now = discord.utils.utcnow()
        closed = await reporting.close_reported(self.bot.db, actor, post_id, form, now=now)
        text = reader(interaction)("Closed {number}.", number=closed.reference)
        await tell_done(interaction, closed.post_id, text, update=update)


async def _original(interaction: discord.Interaction[Askwell], typed: str) -> PostCard:
    """The question that was typed. Raises `Invalid("post", NOT_A_POST)`, with which the form is
    given back."""
    try:
        return await named_post(interaction, typed, question=True)
    except NotFound:
        raise Invalid("post", Problem.NOT_A_POST) from None


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Reviewing(bot))
