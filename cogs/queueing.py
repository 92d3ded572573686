"""The moderators' `/queue`: what waits, who is looking at it, and what is decided there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, NotFound
from bot.domain.policies import check_moderator
from bot.domain.review import Age, Item, ItemKind
from bot.i18n import N_
from bot.usecases import approving, queueing, reporting
from bot.usecases.queueing import Wanted
from bot.usecases.reporting import Queue
from cogs.interaction.appeals import judge
from cogs.interaction.people import reader
from cogs.interaction.queue import show_queue, tell_decided, too_late, wanted_in
from cogs.interaction.replies import tell_saved
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import actor_at
from cogs.ui.claims import item_in, narrowed
from cogs.ui.controls import first_chosen, one_of
from cogs.ui.verdicts import hide_reason

if TYPE_CHECKING:
    from bot.app import Askwell

_T = TypeVar("_T")


class Queueing(commands.Cog):
    """The review queue."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(
        description=N_("Review what waits: reports, worries, posts to approve, appeals.")
    )
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.describe(view=N_("What to show. The default is everything that waits."))
    @app_commands.choices(
        view=[
            app_commands.Choice(name=N_("everything"), value=Queue.ALL.value),
            app_commands.Choice(name=N_("worries"), value=Queue.WORRIES.value),
            app_commands.Choice(name=N_("reported"), value=Queue.REPORTED.value),
            app_commands.Choice(name=N_("blocked words"), value=Queue.WORDS.value),
            app_commands.Choice(name=N_("waiting for approval"), value=Queue.HELD.value),
            app_commands.Choice(name=N_("appeals"), value=Queue.APPEALS.value),
            app_commands.Choice(name=N_("requests to unseal"), value=Queue.UNSEALING.value),
            app_commands.Choice(name=N_("hidden"), value=Queue.HIDDEN.value),
        ]
    )
    async def queue(
        self, interaction: discord.Interaction[Askwell], view: str = Queue.ALL.value
    ) -> None:
        """Show the queue, one item per page."""
        await show_queue(interaction, Wanted(one_of(Queue, view)), 0)

    @control("queue.open")
    async def opened(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Open the queue from the moderators' channel."""
        await show_queue(interaction, Wanted(), 0)

    @control("queue")
    async def turned(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Turn to another post in the queue."""
        await show_queue(interaction, *wanted_in(wanted, 0), update=True)

    @control("queue.filter")
    async def narrowed(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show another kind of item, or other ages."""
        before = Wanted(wanted.one_of(0, Queue), wanted.one_of(1, Age))
        chosen = narrowed(before, first_chosen(interaction))
        await show_queue(interaction, chosen, 0, update=True)

    @control("item.take")
    async def taken(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Say that one is looking at an item."""
        t = reader(interaction)
        await self._claim(interaction, wanted, queueing.take, t("It's yours for an hour."))

    @control("item.pass")
    async def passed(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Leave an item to others."""
        t = reader(interaction)
        await self._claim(interaction, wanted, queueing.pass_on, t("Left to others."))

    async def _claim(
        self,
        interaction: discord.Interaction[Askwell],
        wanted: Control,
        claim: Callable[..., Awaitable[None]],
        done: str,
    ) -> None:
        item, queued = item_in(wanted.word(0)), len(wanted.arguments) > 1
        actor = await self._moderator(interaction, item)
        now, t = discord.utils.utcnow(), reader(interaction)
        try:
            await claim(self.bot.db, actor, item, now=now)
        except Denied as refusal:
            if not queued:
                raise
            done = too_late(refusal, t)
        if queued:
            await tell_decided(interaction, *wanted_in(wanted, 1), done)
        else:
            await tell_saved(interaction, done)

    async def _moderator(self, interaction: discord.Interaction[Askwell], item: Item) -> Actor:
        """The actor, if they moderate an item. Raises `Denied(NOT_MODERATOR_THERE)`."""
        if item.kind is ItemKind.APPEAL:
            actor, _, _ = await judge(interaction, item.key, reading=True)
            return actor
        try:
            actor = await actor_at(interaction, item.key, by_name=True)
        except NotFound:
            raise Denied(Denial.NOT_MODERATOR_THERE) from None
        return actor

    @control("review.hide.because", of_post=True)
    async def hide_chosen(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Hide a post from the queue, for the chosen reason."""
        actor = await self._reviewer(interaction, wanted)
        reason = hide_reason(first_chosen(interaction))
        now, t = discord.utils.utcnow(), reader(interaction)
        reported = wanted.one_of(1, Queue) is not Queue.HIDDEN
        act = reporting.hide_post(
            self.bot.db, actor, wanted.number(0), now=now, reason=reason, reported=reported
        )
        await self._settle(interaction, wanted, act, t("The post is hidden."))

    @control("review.show", of_post=True)
    async def show_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Show a post again from the queue."""
        actor = await self._reviewer(interaction, wanted)
        now, t = discord.utils.utcnow(), reader(interaction)
        reported = wanted.one_of(1, Queue) is not Queue.HIDDEN
        act = reporting.show_post(self.bot.db, actor, wanted.number(0), now=now, reported=reported)
        await self._settle(interaction, wanted, act, t("The post is shown again."))

    @control("review.approve", of_post=True)
    async def approved(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show a post that waits for approval, from the queue."""
        actor = await self._reviewer(interaction, wanted)
        now, t = discord.utils.utcnow(), reader(interaction)
        act = approving.approve_post(self.bot.db, actor, wanted.number(0), now=now)
        await self._settle(interaction, wanted, act, t("Approved. It will appear."))

    @control("review.reject.because", of_post=True)
    async def rejected(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Don't approve a post, for the chosen reason."""
        actor = await self._reviewer(interaction, wanted)
        reason = hide_reason(first_chosen(interaction))
        now, t = discord.utils.utcnow(), reader(interaction)
        act = approving.reject_post(self.bot.db, actor, wanted.number(0), reason, now=now)
        await self._settle(interaction, wanted, act, t("Not approved. Its author reads why."))

    @control("review.dismiss", of_post=True)
    async def dismissed(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Leave a post as it is, and decide its reports."""
        actor = await self._reviewer(interaction, wanted)
        now, t = discord.utils.utcnow(), reader(interaction)
        act = reporting.dismiss_reports(
            self.bot.db, actor, wanted.number(0), now=now, reported=True
        )

        def done(count: int) -> str:
            return t.plural("Dismissed {n} report.", "Dismissed {n} reports.", count)

        await self._settle(interaction, wanted, act, done)

    async def _reviewer(self, interaction: discord.Interaction[Askwell], wanted: Control) -> Actor:
        """The actor for a decision from the queue, which is only for the server's moderators."""
        actor = await actor_at(interaction, wanted.number(0), by_name=True)
        check_moderator(actor)
        return actor

    async def _settle(
        self,
        interaction: discord.Interaction[Askwell],
        wanted: Control,
        act: Awaitable[_T],
        done: str | Callable[[_T], str],
    ) -> None:
        """Carry out a decision, and show the queue as it is now; or say who was faster."""
        try:
            result = await act
        except Denied as refusal:
            said = too_late(refusal, reader(interaction))
        else:
            said = done if isinstance(done, str) else done(result)
        await tell_decided(interaction, *wanted_in(wanted, 1), said)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Queueing(bot))
