"""`/duty`: who has time now, and is called by name."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands, tasks

from bot.domain.actors import Actor
from bot.domain.policies import check_can_be_on_duty
from bot.domain.rules import Rules
from bot.i18n import N_
from bot.usecases import duty
from cogs.foundation.access import actor_of, name_of
from cogs.foundation.duty import give_role
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.replies import defer, reply, tell_saved
from cogs.ui.duty import on_duty_text, trouble_text
from cogs.ui.help import clickable
from cogs.ui.people import person

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)


class Duty(commands.Cog):
    """Those on duty."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    async def cog_load(self) -> None:
        """Look every five minutes whose duty is over."""
        self._look.start()

    async def cog_unload(self) -> None:
        """Stop looking."""
        self._look.cancel()

    @app_commands.command(description=N_("Go on or off duty, or see who is on duty."))
    @app_commands.guild_only()
    @app_commands.describe(
        state=N_("On: you're called by name if someone is needed. Leave it out to see who is on."),
        member=N_("Someone else, if you're a moderator"),
    )
    @app_commands.choices(
        state=[
            app_commands.Choice(name=N_("on"), value="on"),
            app_commands.Choice(name=N_("off"), value="off"),
        ]
    )
    async def duty(
        self,
        interaction: discord.Interaction[Askwell],
        state: str | None = None,
        member: discord.User | None = None,
    ) -> None:
        """Put somebody on or off duty, or tell who is on."""
        rules, actor = await rules_and_actor(interaction)
        t, now = reader(interaction), discord.utils.utcnow()
        whom = actor if member is None else actor_of(member, actor.guild_id, rules)
        if state is None:
            check_can_be_on_duty(actor, rules)
            on = await duty.people(self.bot.db, actor.guild_id, now)
            await reply(interaction, clickable(on_duty_text(on, t), self.bot.command_ids))
            return
        await defer(interaction)
        if state == "on":
            await duty.go_on(self.bot.db, actor, whom, now=now)
        else:
            await duty.go_off(self.bot.db, actor, whom.user_id, now=now)
        await self._tell(interaction, rules, (actor, whom, member), on=state == "on")

    async def _tell(
        self,
        interaction: discord.Interaction[Askwell],
        rules: Rules,
        who: tuple[Actor, Actor, discord.User | None],
        *,
        on: bool,
    ) -> None:
        """Give or take the role, and say what was done."""
        (actor, whom, member), t = who, reader(interaction)
        hours = rules.number("duty_hours")
        if member is not None and whom.user_id != actor.user_id:
            named = person(member.id, name_of(member))
            done = t("{member} is on duty.", member=named) if on else ""
            done = done or t("{member} is off duty.", member=named)
        elif not on:
            done = t("You're off duty.")
        elif hours:
            done = t.plural(
                "You're on duty for {n} hour. You're called by name if someone is needed.",
                "You're on duty for {n} hours. You're called by name if someone is needed.",
                hours,
            )
        else:
            done = t("You're on duty. You're called by name if someone is needed.")
        guild = interaction.guild
        trouble = await give_role(guild, rules, whom.user_id, on=on) if guild is not None else None
        if trouble is not None:
            done = f"{done}\n{trouble_text(trouble, rules.identity('duty_role'), t)}"
        await tell_saved(interaction, done)

    @tasks.loop(minutes=5)
    async def _look(self) -> None:
        """End the duty of those whose hours are over. Their role is taken first: if that is cut
        off, it is done again."""
        if not self.bot.is_ready():
            return
        for guild in list(self.bot.guilds):
            if guild.unavailable:
                continue
            try:
                await self._end_in(guild)
            except Exception:
                _log.exception("duty in server %s could not be ended; it is tried again", guild.id)

    async def _end_in(self, guild: discord.Guild) -> None:
        now = discord.utils.utcnow()
        over, rules = await duty.over(self.bot.db, guild.id, now)
        for user_id in over:
            await give_role(guild, rules, user_id, on=False)
            await duty.ended(self.bot.db, guild.id, user_id, now=now)


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Duty(bot))
