"""Hiding a post for a reason, and showing it again: `/hide`, `/show`, and the *More* menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.access import check_moderates
from bot.domain.actors import Actor
from bot.domain.cards import PostCard
from bot.domain.errors import Denial, Denied, Missing, NotFound
from bot.domain.review import ReportReason
from bot.domain.text import shorten
from bot.i18n import N_
from bot.usecases import reporting
from cogs.interaction.choices import Choices, post_choices
from cogs.interaction.people import guild_of, reader
from cogs.interaction.pointing import offer_candidates
from cogs.interaction.replies import defer, replace_clicked, reply, tell_saved
from cogs.interaction.routing import Control, control
from cogs.interaction.sweeps import preview_hiding, preview_showing
from cogs.interaction.visible import actor_at, card_at, moderated_channels
from cogs.ui.audit import SINCE
from cogs.ui.cards import plain_words
from cogs.ui.controls import button, custom_id, first_chosen, view_of
from cogs.ui.pointing import posts_select
from cogs.ui.verdicts import TO_HIDE, hide_reason

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
        why = hide_reason(wanted.word(1) if named else first_chosen(interaction))
        actor = await actor_at(interaction, post_id, by_name=True)
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
        actor, t = await actor_at(interaction, wanted.number(0), by_name=True), reader(interaction)
        check_moderates(actor)
        await defer(interaction)
        now = discord.utils.utcnow()
        await reporting.show_post(self.bot.db, actor, wanted.number(0), now=now)
        await tell_saved(interaction, t("The post is shown again."))

    async def _reviewed(
        self, interaction: discord.Interaction[Askwell], typed: str | None, *, hidden: bool
    ) -> tuple[PostCard, Actor]:
        """The post that a moderator means, and the actor with their rights on it."""
        guild_id, here = guild_of(interaction), interaction.channel_id or 0
        try:
            card = await reporting.reviewed_post(self.bot.db, guild_id, typed, here, hidden=hidden)
            actor = await actor_at(interaction, card.post_id, by_name=True)
        except NotFound as error:
            raise NotFound(Missing.POST, typed=typed) if typed else error from None
        except Denied:  # it is erased: nobody else learns that it existed
            if await moderated_channels(interaction):
                raise
            raise NotFound(Missing.POST, typed=typed) from None
        check_moderates(actor)
        return card, actor

    @app_commands.command(description=N_("Hide a post from everybody, or all posts of a member."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.describe(
        post=N_("The post's number or link. In a question's thread, the default is the question."),
        reason=N_("Why you're hiding it. Its author reads this in their inbox."),
        member=N_("Hide all posts of this member instead. You see how many first."),
        since=N_("Only posts of the member since then"),
    )
    @app_commands.choices(
        reason=[app_commands.Choice(name=name, value=each.value) for each, name in TO_HIDE.items()],
        since=[app_commands.Choice(name=name, value=each) for each, name in SINCE.items()],
    )
    async def hide(
        self,
        interaction: discord.Interaction[Askwell],
        post: str | None = None,
        reason: str = ReportReason.OTHER.value,
        member: discord.User | None = None,
        since: str | None = None,
    ) -> None:
        """Hide a post, or ask whether to hide all of a member."""
        if member is not None:
            await preview_hiding(interaction, member.id, since, reason)
            return
        try:
            card, actor = await self._reviewed(interaction, post, hidden=False)
        except NotFound as error:
            if Missing(error.reason) is not Missing.UNNAMED:
                raise
            # Outside of a thread, the choice carries the reason on.
            await self._check_moderates_any(interaction)
            await offer_candidates(interaction, "hide.as", reason)
            return
        db, why, now = self.bot.db, hide_reason(reason), discord.utils.utcnow()
        await defer(interaction)
        t, number = reader(interaction), card.reference
        if await reporting.hide_post(db, actor, card.post_id, reason=why, now=now):
            text = t("{number} is hidden. Use `/show {number}` to show it again.", number=number)
        else:
            text = t("{number} is already hidden.", number=number)
        await tell_saved(interaction, text)

    @app_commands.command(
        description=N_("Show a hidden post again, or all of a member that were hidden at once.")
    )
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.describe(
        post=N_(
            "The post's number. In a question's thread, the default is the question or its "
            "only hidden post."
        ),
        member=N_("Show all posts of this member again that were hidden at once"),
    )
    async def show(
        self,
        interaction: discord.Interaction[Askwell],
        post: str | None = None,
        member: discord.User | None = None,
    ) -> None:
        """Show a post again, or ask whether to show all of a member."""
        if member is not None:
            await preview_showing(interaction, member.id)
            return
        try:
            card, actor = await self._reviewed(interaction, post, hidden=True)
        except NotFound as error:
            if Missing(error.reason) is not Missing.UNNAMED:
                raise
            await self._offer_hidden(interaction)
            return
        db = self.bot.db
        await defer(interaction)
        t, number = reader(interaction), card.reference
        if await reporting.show_post(db, actor, card.post_id, now=discord.utils.utcnow()):
            text = t("{number} is shown again.", number=number)
        else:
            text = t("{number} isn't hidden.", number=number)
        await tell_saved(interaction, text)

    async def _check_moderates_any(
        self, interaction: discord.Interaction[Askwell]
    ) -> frozenset[int]:
        moderated = await moderated_channels(interaction)
        if not moderated:
            raise Denied(Denial.NOT_MODERATOR)
        return moderated

    async def _offer_hidden(self, interaction: discord.Interaction[Askwell]) -> None:
        """Offer the latest hidden posts, outside of a thread."""
        moderated, t = await self._check_moderates_any(interaction), reader(interaction)
        found = await reporting.hidden_posts(
            self.bot.db, guild_of(interaction), "", channels=moderated
        )
        if not found:
            await reply(interaction, t("No hidden posts."))
            return
        select = posts_select(custom_id("pick", "show"), found, t("Choose a post"))
        text = t("Which post do you want to show again?")
        await reply(interaction, text, view=view_of(select))

    @hide.autocomplete("post")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer posts."""
        return await post_choices(interaction, typed)

    @show.autocomplete("post")
    async def suggest_hidden(
        self, interaction: discord.Interaction[Askwell], typed: str
    ) -> Choices:
        """Offer hidden posts, to moderators only."""
        moderated = await moderated_channels(interaction)
        found = await reporting.hidden_posts(
            self.bot.db, guild_of(interaction), typed, channels=moderated
        )
        return [
            app_commands.Choice(name=shorten(_line(card), 100), value=card.reference)
            for card in found
        ]


def _line(card: PostCard) -> str:
    return f"{card.reference} {plain_words(card)}"


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Hiding(bot))
