"""`/unseal`: two moderators together see who wrote an anonymous post."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.actors import Actor
from bot.domain.errors import Denial, Denied, NotFound
from bot.domain.policies import check_manager, check_moderator
from bot.i18n import N_
from bot.usecases import auditing, unsealing
from cogs.interaction.people import opening_in, reader, rules_and_actor
from cogs.interaction.replies import defer, reply, tell_saved
from cogs.interaction.routing import Control, control
from cogs.interaction.visible import actor_at
from cogs.ui.help import clickable
from cogs.ui.unsealing import asked_text, meaning_text, seen_text

if TYPE_CHECKING:
    from datetime import datetime

    from bot.app import Askwell


class Unsealing(commands.Cog):
    """Requests to unseal. Who wrote a post is said in two private replies, and kept nowhere: one
    that doesn't arrive isn't sent again after a restart."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(
        description=N_("Ask another moderator to see, together, who wrote an anonymous post.")
    )
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_messages=True)
    @app_commands.describe(
        post=N_("The post's number, such as #12 or #12.3, or its link"),
        reason=N_("Why, in at least 20 characters. Moderators read it here and in /audit."),
    )
    async def unseal(
        self,
        interaction: discord.Interaction[Askwell],
        post: str,
        reason: app_commands.Range[str, 1, 200],
    ) -> None:
        """Ask to see who wrote a post."""
        _, actor = await rules_and_actor(interaction)
        post_id = await auditing.post_meant(self.bot.db, actor, post)
        actor = await self._moderator(interaction, post_id)
        t, now = reader(interaction), discord.utils.utcnow()
        await defer(interaction)
        try:
            asked = await unsealing.ask(self.bot.db, actor, post_id, reason, now=now)
        except Denied as refusal:
            await self._note_new(actor, refusal, now)
            raise
        await tell_saved(interaction, clickable(asked_text(asked, t), self.bot.command_ids))

    async def _moderator(self, interaction: discord.Interaction[Askwell], post_id: int) -> Actor:
        """The actor, if they are a moderator of the server who can see a post. Raises `Denied`."""
        actor = await self._person(interaction, post_id)
        check_moderator(actor)
        return actor

    async def _person(self, interaction: discord.Interaction[Askwell], post_id: int) -> Actor:
        try:
            return await actor_at(interaction, post_id, by_name=True)
        except NotFound:
            raise Denied(Denial.NOT_MODERATOR_THERE) from None

    async def _note_new(self, actor: Actor, refusal: Denied, now: datetime) -> None:
        """Where a moderator is too new for something, their week begins with it."""
        if Denial(refusal.reason) is Denial.MODERATOR_TOO_NEW:
            await unsealing.note_try(self.bot.db, actor, now=now)

    @control("unseal.agree", of_post=True)
    async def agreed(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Agree to a request, and see who it was."""
        post_id, opening = wanted.number(0), opening_in(interaction)
        actor = await self._moderator(interaction, post_id)
        t, now = reader(interaction), discord.utils.utcnow()
        await defer(interaction)
        try:
            seen = await unsealing.agree(self.bot.db, actor, post_id, opening, now=now)
        except Denied as refusal:
            await self._note_new(actor, refusal, now)
            raise
        await tell_saved(interaction, seen_text(seen, t))

    @control("unseal.look", of_post=True)
    async def looked(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """See who it was, as whoever asked."""
        post_id, opening = wanted.number(0), opening_in(interaction)
        actor = await self._moderator(interaction, post_id)
        t, now = reader(interaction), discord.utils.utcnow()
        await defer(interaction)
        seen = await unsealing.look(self.bot.db, actor, post_id, opening, now=now)
        await tell_saved(interaction, seen_text(seen, t))

    @control("unseal.refuse", of_post=True)
    async def refused(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Refuse a request."""
        post_id = wanted.number(0)
        actor = await self._moderator(interaction, post_id)
        t, now = reader(interaction), discord.utils.utcnow()
        await defer(interaction)
        await unsealing.refuse(self.bot.db, actor, post_id, now=now)
        await tell_saved(interaction, t("Refused. Nobody saw who wrote it."))

    @control("unseal.danger", of_post=True)
    async def spared(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Have the author told later, as a manager."""
        post_id, (_, actor) = wanted.number(0), await rules_and_actor(interaction)
        check_manager(actor)
        actor = await self._person(interaction, post_id)
        t, now = reader(interaction), discord.utils.utcnow()
        await defer(interaction)
        await unsealing.spare(self.bot.db, actor, post_id, now=now)
        text = t("If another moderator agrees, the author is told three days later.")
        await tell_saved(interaction, text)

    @control("unsealing")
    async def asked_about(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Say what unsealing is, from the message that says from when on it holds."""
        await reply(interaction, meaning_text(reader(interaction)))


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Unsealing(bot))
