"""Reporting posts, and the moderators' `/queue`."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.cards import PostCard
from bot.domain.errors import Invalid, Problem
from bot.domain.review import ReportReason
from bot.i18n import N_
from bot.usecases import reporting, seeing
from bot.usecases.drafts import Draft
from cogs.failures import DISCORD_FAILED
from cogs.foundation.access import access_in
from cogs.foundation.moderating import Reach, reach_of
from cogs.interaction.forms import form_failed, show_form
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.replies import defer, tell_done
from cogs.interaction.routing import Control, control, form_values
from cogs.interaction.visible import actor_at, post_of_message
from cogs.ui.controls import custom_id
from cogs.ui.modals import report_form
from cogs.ui.verdicts import report_reason
from cogs.ui.worries import how_to_help, worry_form

if TYPE_CHECKING:
    from bot.app import Askwell


_log = logging.getLogger(__name__)

_PATIENCE = 1.5  # seconds: a form must be acknowledged within three


class Reporting(commands.Cog):
    """Reports, and decisions about them."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self.menu = app_commands.ContextMenu(name=N_("Report post"), callback=self.report_message)
        app_commands.guild_only(self.menu)

    async def cog_load(self) -> None:
        """Add the message menu."""
        self.bot.tree.add_command(self.menu)

    async def cog_unload(self) -> None:
        """Remove the message menu."""
        self.bot.tree.remove_command(self.menu.name, type=self.menu.type)

    # Members

    async def report_message(
        self, interaction: discord.Interaction[Askwell], message: discord.Message
    ) -> None:
        """Open the form for the post whose card a message is."""
        card = await post_of_message(interaction, message)
        if card is None:
            raise Invalid("post", Problem.NOT_A_CARD)
        await self._open(interaction, card.post_id)

    @control("report", of_post=True)
    async def clicked(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Open the form from the *More* menu."""
        await self._open(interaction, wanted.number(0))

    @control("worry", of_post=True)
    async def worried(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Open the form of somebody who is worried about the author, from the *More* menu."""
        post_id = wanted.number(0)
        actor = await actor_at(interaction, post_id)
        await reporting.post_to_report(self.bot.db, actor, post_id)
        await show_form(interaction, worry_form(post_id, {}, reader(interaction)))

    @control("worry.form", of_post=True)
    async def worry_sent(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Record that somebody is worried."""
        await self._sent(interaction, wanted, worried=True)

    async def _open(self, interaction: discord.Interaction[Askwell], post_id: int) -> None:
        actor = await actor_at(interaction, post_id)
        card = await reporting.post_to_report(self.bot.db, actor, post_id)
        form = report_form(card.post_id, card.reference, {}, reader(interaction))
        await show_form(interaction, form)

    @control("report.form", of_post=True)
    async def sent(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Record the submitted report."""
        await self._sent(interaction, wanted)

    async def _sent(
        self, interaction: discord.Interaction[Askwell], wanted: Control, *, worried: bool = False
    ) -> None:
        values, post_id = form_values(interaction), wanted.number(0)
        try:
            why = ReportReason.WORRIED if worried else _why(values)
            actor = await actor_at(interaction, post_id)
            card = await reporting.post_to_report(self.bot.db, actor, post_id)
            by_moderator = await self._by_moderator(interaction, card)
            await defer(interaction)
            reported = await reporting.report_post(
                self.bot.db,
                actor,
                post_id,
                str(values.get("reason", "")),
                by_moderator=by_moderator,
                now=discord.utils.utcnow(),
                why=why,
            )
        except Exception as error:
            form = custom_id(wanted.action, post_id)
            await form_failed(interaction, error, Draft(form, values))
            return
        if why is ReportReason.WORRIED:
            await self._thank(interaction, reported.card)
            return
        t, number = reader(interaction), reported.card.reference
        if reported.hidden:
            text = t(
                "Thanks. {number} is hidden until a moderator has looked at it.", number=number
            )
        elif await self._is_reached(interaction):
            text = t("Thanks. The moderators will look at {number}.", number=number)
        else:
            text = t(
                "Thanks. The moderators' queue now has {number}. They'll see it the next time "
                "they use Askwell.",
                number=number,
            )
        await tell_done(interaction, post_id, text)

    async def _thank(self, interaction: discord.Interaction[Askwell], card: PostCard) -> None:
        """Thank somebody who is worried, and tell them what they can do."""
        t = reader(interaction)
        rules, _ = await rules_and_actor(interaction)
        text = t(
            "Thank you for looking out for them. The moderators will look at {number} first, and "
            "nobody learns that it was you.",
            number=card.reference,
        )
        await tell_done(interaction, card.post_id, text, embed=how_to_help(rules, t))

    async def _is_reached(self, interaction: discord.Interaction[Askwell]) -> bool:
        rules, _ = await rules_and_actor(interaction)
        return reach_of(interaction.guild, rules) is Reach.REACHED

    async def _by_moderator(
        self, interaction: discord.Interaction[Askwell], card: PostCard
    ) -> bool:
        """Whether a post's author moderates its channel, as Discord says now. If Discord doesn't
        answer in time, they are taken for a moderator: the post is in the queue, and stays visible
        until the next report."""
        guild, author_id = interaction.guild, card.author.member_id
        if guild is None or author_id is None:
            return False
        try:
            async with asyncio.timeout(_PATIENCE):
                author = await guild.fetch_member(author_id)
        except discord.NotFound:
            return False
        except DISCORD_FAILED as error:
            _log.warning("a reported post's author could not be looked up: %s", error)
            return True
        home = await seeing.home_of(self.bot.db, guild.id, card.post_id)
        return home is not None and access_in(author, home.channel_id, home.rules).moderates


def _why(values: Mapping[str, str | list[str]]) -> ReportReason:
    """The chosen reason of a report; members may leave it open. Raises `Forged`."""
    chosen = values.get("why")
    text = chosen[0] if isinstance(chosen, list) and chosen else ""
    return report_reason(text) if text else ReportReason.OTHER


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Reporting(bot))
