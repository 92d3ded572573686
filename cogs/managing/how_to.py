"""What `/setup` offers at its end: a how-to for members in the question channel, and the post
guidelines of a forum. Both can be taken back."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import discord
from discord.ext import commands

from bot.domain.actors import Actor
from bot.domain.policies import check_manager
from bot.domain.rules import Rules
from bot.i18n import texts_for
from bot.usecases import guiding
from bot.usecases.signs import Sign
from cogs.failures import DISCORD_FAILED
from cogs.interaction import posted
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.replies import defer, tell_saved
from cogs.interaction.routing import Control, control
from cogs.managing.server import acknowledge_click, server_of
from cogs.ui.discord_refusals import discord_problem
from cogs.ui.how_to import HowToState, how_to_embed, how_to_view
from cogs.ui.signs import guidelines

if TYPE_CHECKING:
    from bot.app import Askwell


class HowTo(commands.Cog):
    """The how-to for members."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @control("howto.open")
    async def open(self, interaction: discord.Interaction[Askwell], _wanted: Control) -> None:
        """Show what is there, and what can be done."""
        await self._manager(interaction)
        await defer(interaction)
        await self._show(interaction)

    @control("howto.post")
    async def post(self, interaction: discord.Interaction[Askwell], _wanted: Control) -> None:
        """Post the how-to; there is never a second one."""
        actor = await self._manager(interaction)
        await defer(interaction)
        followed = self._followed(server_of(interaction).id)
        await guiding.post_how_to(self.bot.db, actor, now=discord.utils.utcnow())
        await self._show(interaction, await followed)

    @control("howto.back")
    async def take_back(self, interaction: discord.Interaction[Askwell], _wanted: Control) -> None:
        """Delete the how-to."""
        actor = await self._manager(interaction)
        await acknowledge_click(interaction)
        followed = self._followed(server_of(interaction).id)
        await guiding.take_how_to_back(self.bot.db, actor, now=discord.utils.utcnow())
        await followed
        await self._show(interaction)

    @control("guidelines.post")
    async def fill_in(self, interaction: discord.Interaction[Askwell], _wanted: Control) -> None:
        """Fill in the forum's post guidelines, if they are still empty."""
        rules, forum = await self._forum(interaction)
        if forum is not None and not forum.topic:
            await self._edit(interaction, forum, guidelines(texts_for(rules.text("locale"))))
        else:
            await self._show(interaction)

    @control("guidelines.back")
    async def empty(self, interaction: discord.Interaction[Askwell], _wanted: Control) -> None:
        """Empty the forum's post guidelines, if they are still those of the bot."""
        _, forum = await self._forum(interaction)
        if forum is not None and HowToState(forum.id, None, forum.topic or "").ours:
            await self._edit(interaction, forum, "")
        else:
            await self._show(interaction)

    async def _manager(self, interaction: discord.Interaction[Askwell]) -> Actor:
        _, actor = await rules_and_actor(interaction)
        check_manager(actor)
        return actor

    async def _forum(
        self, interaction: discord.Interaction[Askwell]
    ) -> tuple[Rules, discord.ForumChannel | None]:
        """The server's rules, and the question channel if it is a forum. Acknowledges the click."""
        rules, actor = await rules_and_actor(interaction)
        check_manager(actor)
        channel = server_of(interaction).get_channel(rules.channel_id or 0)
        await acknowledge_click(interaction)
        return rules, channel if isinstance(channel, discord.ForumChannel) else None

    async def _edit(
        self, interaction: discord.Interaction[Askwell], forum: discord.ForumChannel, topic: str
    ) -> None:
        t, problem = reader(interaction), ""
        try:
            edited = await forum.edit(topic=topic, reason="Askwell: /setup")
            topic = (edited or forum).topic or ""
        except discord.Forbidden:
            topic = forum.topic or ""
            problem = t("To change the guidelines, my role needs *Manage Channels*.")
        except DISCORD_FAILED as error:
            topic, problem = forum.topic or "", discord_problem(error, t)
        await self._show(interaction, problem=problem, topic=topic)

    def _followed(self, guild_id: int) -> asyncio.Task[Exception | None]:
        """Wait, for a moment, until delivery has looked after the how-to; begun before it is asked
        to. The result is the problem, if there is one."""

        def is_it(followed: int, _problem: Exception | None) -> bool:
            return followed == guild_id

        async def wait() -> Exception | None:
            event, patience = "how_to_followed", posted.PATIENCE
            with suppress(TimeoutError):
                _, problem = await self.bot.wait_for(event, check=is_it, timeout=patience)
                return problem
            return None

        return asyncio.create_task(wait())

    async def _show(
        self,
        interaction: discord.Interaction[Askwell],
        error: Exception | None = None,
        *,
        problem: str = "",
        topic: str | None = None,
    ) -> None:
        t, guild = reader(interaction), server_of(interaction)
        rules, _ = await rules_and_actor(interaction)
        sign = await current_how_to(self.bot, guild.id)
        channel = guild.get_channel(rules.channel_id or 0)
        if isinstance(channel, discord.ForumChannel) and topic is None:
            topic = channel.topic or ""
        state = HowToState(
            rules.channel_id or 0,
            sign,
            topic,
            guidelines(texts_for(rules.text("locale"))),
            discord_problem(error, t) if error is not None else "",
        )
        shown = f"⚠️ {problem}" if problem else None
        embed, view = how_to_embed(state, t), how_to_view(guild.id, state, t)
        await tell_saved(interaction, shown, embed=embed, view=view)


async def current_how_to(bot: Askwell, guild_id: int) -> Sign | None:
    """A server's how-to; None if it was deleted in Discord, which the bot may have missed."""
    sign = await guiding.how_to_of(bot.db, guild_id)
    if sign is None or sign.shown_id is None:
        return sign
    channel = bot.get_partial_messageable(sign.shown_in or 0, guild_id=guild_id)
    try:
        await channel.fetch_message(sign.shown_id)
    except discord.NotFound:
        now = discord.utils.utcnow()
        await guiding.how_to_gone(bot.db, guild_id, sign.shown_id, now=now)
        return None
    except DISCORD_FAILED:  # that says nothing about the message
        return sign
    return sign


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(HowTo(bot))
