"""The weekly round-up: when it is due, and its buttons."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord.ext import commands, tasks

from bot.domain.access import check_unblocked
from bot.domain.cards import PostCard
from bot.domain.errors import NotFound
from bot.usecases import rounding_up
from cogs.foundation.access import access_in
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.replies import defer, reply, tell_saved
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import actor_at, readable_channels
from cogs.ui.help import command_mention
from cogs.ui.round_ups import taken_embed, taken_view

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_TRIED = 10  # questions whose threads may be locked


class RoundingUp(commands.Cog):
    """The weekly round-up."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Look every five minutes."""
        self._look.start()

    async def cog_unload(self) -> None:
        """Stop looking."""
        self._look.cancel()

    @tasks.loop(minutes=5)
    async def _look(self) -> None:
        if not self.bot.is_ready():
            return
        for guild in list(self.bot.guilds):
            try:
                await rounding_up.begin_round_up(self.bot.db, guild.id, discord.utils.utcnow())
            except Exception:
                _log.exception("the round-up of server %s is tried again", guild.id)

    @control("roundup.take")
    async def take(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Show the oldest question that the person may answer."""
        card, t = await self._waiting_for(interaction), reader(interaction)
        if card is None:
            await reply(interaction, t("No question is waiting for your answer right now."))
            return
        await reply(interaction, embed=taken_embed(card, t), view=taken_view(card, t))

    async def _waiting_for(self, interaction: discord.Interaction[Askwell]) -> PostCard | None:
        rules, actor = await rules_and_actor(interaction)
        channels = frozenset(
            channel_id
            for channel_id in readable_channels(interaction)
            if access_in(interaction.user, channel_id, rules).write is None
        )
        locked: set[int] = set()
        while len(locked) < _TRIED:
            card = await rounding_up.waiting_for(self.bot.db, actor, channels, locked)
            if card is None or await _may_answer(interaction, card):
                return card
            locked.add(card.post_id)
        return None

    @control("roundup.out")
    async def leave_out(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Leave the person out of round-ups from now on."""
        _rules, actor = await rules_and_actor(interaction)
        await defer(interaction)
        await rounding_up.leave_out(self.bot.db, actor, now=discord.utils.utcnow())
        t, command = reader(interaction), command_mention("notifications", self.bot.command_ids)
        await tell_saved(
            interaction,
            t(
                "From the next round-up on, you and what you write are left out. {command} "
                "brings you back.",
                command=command,
            ),
        )


async def _may_answer(interaction: discord.Interaction[Askwell], card: PostCard) -> bool:
    """Whether Discord lets the person write below a question; not if its thread is locked. Raises
    `Denied` for a blocked member."""
    try:
        actor = await actor_at(interaction, card.post_id, writing=True, by_name=True)
    except NotFound:
        return False
    check_unblocked(actor)
    return actor.access is not None and actor.access.write is None


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(RoundingUp(bot))
