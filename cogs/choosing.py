"""Choosing the best answer: `/best`, the card's button, the message menu, and Discord's own pin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.access import Deed, check_may
from bot.domain.cards import PostCard
from bot.domain.errors import Invalid, Missing, NotFound, Problem
from bot.domain.posts import PostKind
from bot.i18n import N_, Texts
from bot.usecases import browsing, choosing, personas, seeing
from cogs.interaction.choices import Choices, answer_choices
from cogs.interaction.direct_messages import actor_from_afar
from cogs.interaction.people import guild_of, reader
from cogs.interaction.pointing import own_or_offered
from cogs.interaction.replies import defer, reply, tell_done
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import actor_at, card_at, named_post, post_of_message
from cogs.ui.cards import way_to_card
from cogs.ui.controls import button, view_of
from cogs.ui.help import command_mention

if TYPE_CHECKING:
    from bot.app import Askwell


class Choosing(commands.Cog):
    """The best answer of a question."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self.menu = app_commands.ContextMenu(name=N_("Mark best answer"), callback=self.mark)
        app_commands.guild_only(self.menu)

    async def cog_load(self) -> None:
        """Add the message menu."""
        self.bot.tree.add_command(self.menu)

    async def cog_unload(self) -> None:
        """Remove the message menu."""
        self.bot.tree.remove_command(self.menu.name, type=self.menu.type)

    @app_commands.command(description=N_("Choose the best answer to a question, or unmark it."))
    @app_commands.guild_only()
    @app_commands.describe(
        answer=N_("The answer's number or link. Pick the current best answer to unmark it.")
    )
    async def best(
        self, interaction: discord.Interaction[Askwell], answer: str | None = None
    ) -> None:
        """Choose an answer. If none is named, it is one of the thread's question, else one to a
        question of the member's own."""
        if answer is None:
            card = await own_or_offered(interaction, "best")
        else:
            card = await named_post(interaction, answer)
        if card is not None and card.kind is PostKind.QUESTION:
            card = await own_or_offered(interaction, "best", card.post_id)
        if card is not None:
            await self._choose(interaction, card)

    @best.autocomplete("answer")
    async def suggest(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Suggest the answers in this thread."""
        return await answer_choices(interaction, typed)

    @control("best", of_post=True)
    async def clicked(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Choose the answer whose card was clicked."""
        card = await card_at(interaction, wanted.number(0))
        await self._choose(interaction, card)

    async def mark(
        self, interaction: discord.Interaction[Askwell], message: discord.Message
    ) -> None:
        """Choose the answer whose card a message is."""
        card = await post_of_message(interaction, message)
        if card is None or card.kind is not PostKind.ANSWER:
            raise Invalid("answer", Problem.NOT_AN_ANSWER)
        await self._choose(interaction, card)

    @control("unbest", of_post=True)
    async def cleared(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Clear the choice, from the button in the private reply."""
        card = await card_at(interaction, wanted.number(0))
        await self._choose(interaction, card, chosen=False)

    @control("solved")
    async def solved(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Choose an answer that has solved it, from the inbox or a direct message."""
        guild_id, post_id = wanted.number(0), wanted.number(1)
        if interaction.guild_id is not None:
            _check_same_server(interaction, guild_id)
            await self._choose(interaction, await card_at(interaction, post_id))
            return
        actor = await actor_from_afar(interaction, guild_id, post_id)
        card = await browsing.post_card(self.bot.db, guild_id, post_id)
        await defer(interaction)
        await choosing.choose_best_answer(self.bot.db, actor, post_id, now=discord.utils.utcnow())
        t = reader(interaction)
        text, view = _chosen_text(card, t), way_to_card(card, t)
        await tell_done(interaction, post_id, text, view=view, guild_id=guild_id)

    @control("unsolved")
    async def unsolved(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Leave a question open: the asker isn't asked about this answer again."""
        guild_id, post_id = wanted.number(0), wanted.number(1)
        if interaction.guild_id is not None:
            _check_same_server(interaction, guild_id)
        who = guild_id, interaction.user.id
        seal = personas.seal_of(self.bot.sealing, *who)
        await choosing.leave_open(self.bot.db, *who, post_id, seal)
        t = reader(interaction)
        text = t("Okay, your question stays open. You can still mark a best answer at any time.")
        await reply(interaction, text)

    async def _choose(
        self, interaction: discord.Interaction[Askwell], card: PostCard, *, chosen: bool = True
    ) -> None:
        actor = await actor_at(interaction, card.post_id, asker=True)
        check_may(actor, Deed.READ)
        if card.kind is not PostKind.ANSWER:
            raise Invalid("answer", Problem.NOT_AN_ANSWER)
        await defer(interaction)
        choice = await choosing.choose_best_answer(
            self.bot.db, actor, card.post_id, chosen=chosen, now=discord.utils.utcnow()
        )
        t = reader(interaction)
        named = {"number": card.reference}
        if not chosen:
            text = t("{number} is no longer the best answer.", **named)
            await tell_done(interaction, card.post_id, text)
        elif choice.changed:
            text = _chosen_text(card, t)
            if problem := await self._pin_problem(interaction, card):
                text += "\n" + problem
            await tell_done(interaction, card.post_id, text, view=way_to_card(card, t))
        else:
            # A second click doesn't clear the choice: that has a button of its own.
            clear = view_of(button(t("Unmark best answer"), "unbest", card.post_id))
            text = t("{number} is already the best answer.", **named)
            await reply(interaction, text, view=clear)

    async def _pin_problem(
        self, interaction: discord.Interaction[Askwell], card: PostCard
    ) -> str | None:
        """The missing permission that keeps the best answer from being pinned, if any."""
        guild_id, t = guild_of(interaction), reader(interaction)
        home = await seeing.home_of(self.bot.db, guild_id, card.post_id)
        guild = self.bot.get_guild(guild_id)
        channel = guild.get_channel(home.channel_id or 0) if guild and home else None
        if guild is None or channel is None:
            return None
        if channel.permissions_for(guild.me).pin_messages:
            return None
        return t(
            "I can't pin it yet: I need *Pin Messages* in {channel}. Once I have that, running "
            "{setup} pins it.",
            channel=channel.mention,
            setup=command_mention("setup", self.bot.command_ids),
        )


def _chosen_text(card: PostCard, t: Texts) -> str:
    return t("{number} is now the best answer.", number=card.reference)


def _check_same_server(interaction: discord.Interaction[Askwell], guild_id: int) -> None:
    if interaction.guild_id != guild_id:
        raise NotFound(Missing.POST)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Choosing(bot))
