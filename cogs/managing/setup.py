"""`/setup`: acts at once with options; else it is a wizard that saves each choice as it is made.

The wizard has no state in memory: it is drawn from what is stored, and a preset that is chosen but
not applied yet is kept in its controls. So it goes on after a restart.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.actors import Actor
from bot.domain.errors import Refusal
from bot.domain.policies import check_manager
from bot.i18n import N_
from bot.usecases import alerting, browsing, guilds
from cogs.failures import DISCORD_FAILED
from cogs.foundation.moderating import moderators_channel
from cogs.interaction.forms import show_form
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.replies import defer, tell_saved
from cogs.interaction.routing import Control, control, form_values
from cogs.managing.how_to import current_how_to
from cogs.managing.reports import create_moderators_channel, reports_state
from cogs.managing.server import (
    QuestionChannelOption,
    acknowledge_click,
    check_emoji,
    moderator_role,
    question_channel,
    reports_channel,
    server_of,
)
from cogs.managing.setup_state import (
    AlreadyThere,
    create_question_channel,
    existing_channel,
    is_open,
    locale_of,
    state_of,
)
from cogs.ui.controls import chosen_in, first_chosen, number_in
from cogs.ui.discord_refusals import discord_problem
from cogs.ui.setup import (
    NO_PRESET,
    PRESETS,
    wizard_embed,
    wizard_view,
)
from cogs.ui.setup_forms import called_form, emoji_form
from cogs.ui.setup_summary import summary_embed, summary_view
from cogs.ui.texts import explain

if TYPE_CHECKING:
    from bot.app import Askwell

_Act = Callable[[discord.Guild, Actor], Awaitable[str | None]]


class Setup(commands.Cog):
    """Setting a server up."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._creating: set[int] = set()

    @app_commands.command(description=N_("Set up Askwell here, or see what's missing."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.describe(
        channel=N_("Where members ask: a forum or text channel"),
        preset=N_("What kind of community this is. Adds categories and settings."),
        moderators=N_("A moderator role, in addition to members with Manage Messages"),
        reports=N_("A text channel only moderators see: each report comes there"),
        called=N_("A role to mention with each new report"),
    )
    @app_commands.choices(
        preset=[app_commands.Choice(name=label, value=name) for name, (label, _) in PRESETS.items()]
    )
    async def setup(
        self,
        interaction: discord.Interaction[Askwell],
        channel: app_commands.Transform[int, QuestionChannelOption] | None = None,
        preset: str | None = None,
        moderators: discord.Role | None = None,
        reports: discord.TextChannel | None = None,
        called: discord.Role | None = None,
    ) -> None:
        """Apply the given options at once, or open the wizard."""
        guild, actor = await self._manager(interaction)
        place = question_channel(interaction, channel, "channel") if channel else None
        role = moderator_role(guild, moderators.id, "moderators") if moderators else None
        given = reports_channel(interaction, reports.id, "reports") if reports else None
        to_call = moderator_role(guild, called.id, "called") if called else None
        form = guilds.SetupForm(
            place.id if place else None,
            role.id if role else None,
            preset,
            given.id if given else None,
            to_call.id if to_call else None,
        )
        await defer(interaction)
        rules = await guilds.set_up(
            self.bot.db,
            actor,
            form,
            locale=locale_of(interaction),
            now=discord.utils.utcnow(),
        )
        if form != guilds.SetupForm() and rules.channel_id is not None:
            await self._show_summary(interaction, guild)
        else:
            await self._show_wizard(interaction, guild, None)

    async def _manager(
        self, interaction: discord.Interaction[Askwell]
    ) -> tuple[discord.Guild, Actor]:
        _, actor = await rules_and_actor(interaction)
        check_manager(actor)
        return server_of(interaction), actor

    # The wizard's controls

    @control("setup.open")
    async def open(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Redraw the wizard after permissions were changed, or open it from the summary."""

        async def nothing(_guild: discord.Guild, _actor: Actor) -> None:
            return None

        await self._do(interaction, _preset(wanted), nothing)

    @control("setup.channel")
    async def choose_channel(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Save the chosen channel."""

        async def choose(_guild: discord.Guild, actor: Actor) -> None:
            chosen = number_in(first_chosen(interaction))
            channel = question_channel(interaction, chosen, "channel")
            await self._set_channel(interaction, actor, channel.id)

        await self._do(interaction, _preset(wanted), choose)

    @control("setup.create")
    async def create_channel(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Create a question channel: a forum if the server can have one. One that looks like it is
        offered first."""
        how = wanted.word(1) if len(wanted.arguments) > 1 else None

        async def create(guild: discord.Guild, actor: Actor) -> str | None:
            return await self._once(guild, lambda: self._create(interaction, guild, actor, how))

        await self._do(interaction, _preset(wanted), create)

    async def _create(
        self,
        interaction: discord.Interaction[Askwell],
        guild: discord.Guild,
        actor: Actor,
        how: str | None,
    ) -> str | None:
        t, rules = reader(interaction), await browsing.rules_of(self.bot.db, guild.id)
        if guild.get_channel(rules.channel_id or 0) is not None:
            return None
        existing = None if how == "another" else existing_channel(guild, rules)
        if existing is not None and how is None:
            raise AlreadyThere(existing)
        if existing is not None:
            await self._set_channel(interaction, actor, existing.id)
            return None
        try:
            channel = await create_question_channel(guild, rules.text("locale"))
        except discord.Forbidden:
            return t(
                "I'm not allowed to create channels here. Give my role the *Manage Channels* "
                "permission, or create a channel yourself and choose it below."
            )
        await self._set_channel(interaction, actor, channel.id)
        return None

    async def _set_channel(
        self, interaction: discord.Interaction[Askwell], actor: Actor, channel_id: int
    ) -> None:
        await guilds.set_up(
            self.bot.db,
            actor,
            guilds.SetupForm(channel_id),
            locale=locale_of(interaction),
            now=discord.utils.utcnow(),
        )

    @control("setup.role")
    async def choose_role(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Save the chosen moderators' role, or none."""

        async def choose(guild: discord.Guild, actor: Actor) -> None:
            chosen = chosen_in(interaction)
            typed = str(moderator_role(guild, number_in(chosen[0]), "role").id) if chosen else None
            now = discord.utils.utcnow()
            await guilds.change_setting(self.bot.db, actor, "moderator_role", typed, now=now)

        await self._do(interaction, _preset(wanted), choose)

    @control("setup.reports")
    async def choose_reports(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Save the chosen moderators' channel, or none."""

        async def choose(_guild: discord.Guild, actor: Actor) -> None:
            chosen = chosen_in(interaction)
            typed = None
            if chosen:
                typed = str(reports_channel(interaction, number_in(chosen[0]), "channel").id)
            now = discord.utils.utcnow()
            await guilds.change_setting(self.bot.db, actor, "moderators_channel", typed, now=now)

        await self._do(interaction, _preset(wanted), choose)

    @control("setup.reports.create")
    async def create_reports(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Create a moderators' channel that is closed to everybody else."""

        async def create(guild: discord.Guild, actor: Actor) -> str | None:
            return await self._once(guild, lambda: self._create_reports(interaction, guild, actor))

        await self._do(interaction, _preset(wanted), create)

    async def _create_reports(
        self, interaction: discord.Interaction[Askwell], guild: discord.Guild, actor: Actor
    ) -> str | None:
        t, rules = reader(interaction), await browsing.rules_of(self.bot.db, guild.id)
        if moderators_channel(guild, rules) is not None:
            return None
        role = guild.get_role(rules.identity("moderator_role") or 0)
        try:
            channel = await create_moderators_channel(guild, role, rules.text("locale"))
        except discord.Forbidden:
            return t(
                "I'm not allowed to create a closed channel here. Give my role *Manage Channels* "
                "and *Manage Roles*, or create one yourself and choose it."
            )
        now, typed = discord.utils.utcnow(), str(channel.id)
        await guilds.change_setting(self.bot.db, actor, "moderators_channel", typed, now=now)
        return None

    async def _once(
        self, guild: discord.Guild, create: Callable[[], Awaitable[str | None]]
    ) -> str | None:
        """Create something, unless a first click is still at it."""
        if guild.id in self._creating:
            return None
        self._creating.add(guild.id)
        try:
            return await create()
        finally:
            self._creating.discard(guild.id)

    @control("setup.called")
    async def open_called(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Open the form of the role that is called with each new report."""
        guild, _actor = await self._manager(interaction)
        rules = await browsing.rules_of(self.bot.db, guild.id)
        form = called_form(reports_state(guild, rules), reader(interaction))
        await show_form(interaction, form)

    @control("setup.called.form")
    async def choose_called(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Save the role that is called, or none."""
        guild, actor = await self._manager(interaction)
        chosen = form_values(interaction).get("role")
        typed = None
        if isinstance(chosen, list) and chosen:
            typed = str(moderator_role(guild, number_in(chosen[0]), "role").id)
        await acknowledge_click(interaction)
        now = discord.utils.utcnow()
        await guilds.change_setting(self.bot.db, actor, "report_role", typed, now=now)
        await self._show_summary(interaction, guild)

    @control("setup.preset")
    async def choose_preset(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Keep the preset in the controls; *Finish* applies it."""

        async def nothing(_guild: discord.Guild, _actor: Actor) -> None:
            return None

        chosen = chosen_in(interaction)
        await self._do(interaction, _known(chosen[0] if chosen else NO_PRESET), nothing)

    @control("setup.emoji")
    async def open_emoji(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Open the form of the vote emoji."""
        await self._manager(interaction)
        rules, _ = await rules_and_actor(interaction)
        preset = _preset(wanted) or NO_PRESET
        await show_form(interaction, emoji_form(rules, preset, reader(interaction)))

    @control("setup.emoji.form")
    async def choose_emoji(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Save the typed vote emoji."""
        values = form_values(interaction)
        up, down = str(values.get("up", "")), str(values.get("down", ""))

        async def choose(guild: discord.Guild, actor: Actor) -> None:
            await check_emoji(guild, up, "vote_up_emoji")
            await check_emoji(guild, down, "vote_down_emoji")
            now = discord.utils.utcnow()
            await guilds.choose_vote_emoji(self.bot.db, actor, up, down, now=now)

        await self._do(interaction, _preset(wanted), choose)

    @control("setup.finish")
    async def finish(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Apply the preset, and show what is set up and what is missing."""
        guild, actor = await self._manager(interaction)
        await acknowledge_click(interaction)
        preset = _preset(wanted)
        if preset is not None:
            await guilds.set_up(
                self.bot.db,
                actor,
                guilds.SetupForm(preset=preset),
                locale=locale_of(interaction),
                now=discord.utils.utcnow(),
            )
        await self._show_summary(interaction, guild)

    async def _do(
        self, interaction: discord.Interaction[Askwell], preset: str | None, act: _Act
    ) -> None:
        """Carry out a control's act, then draw the wizard, with the reason above it if it was
        refused."""
        guild, actor = await self._manager(interaction)
        await acknowledge_click(interaction)
        t, existing = reader(interaction), None
        try:
            problem = await act(guild, actor)
        except AlreadyThere as found:
            existing = found.channel
            problem = t("There's already {channel}. Is it for questions?", channel=existing.mention)
        except Refusal as refusal:
            problem = explain(refusal, t)
        except DISCORD_FAILED as error:
            problem = discord_problem(error, t)
        name = None if existing is None else existing.name
        await self._show_wizard(interaction, guild, preset, problem, name)

    # What is shown

    async def _show_wizard(
        self,
        interaction: discord.Interaction[Askwell],
        guild: discord.Guild,
        preset: str | None,
        problem: str | None = None,
        existing: str | None = None,
    ) -> None:
        t, state = reader(interaction), await state_of(self.bot, guild, preset)
        state = replace(state, existing=existing)
        embed = wizard_embed(state, self.bot.command_ids, t)
        shown = f"⚠️ {problem}" if problem else None
        await tell_saved(interaction, shown, embed=embed, view=wizard_view(state, t))

    async def _show_summary(
        self, interaction: discord.Interaction[Askwell], guild: discord.Guild
    ) -> None:
        t, state = reader(interaction), await state_of(self.bot, guild, None)
        sign = await current_how_to(self.bot, guild.id)
        there = sign is not None and sign.channel_id == state.rules.channel_id
        state = replace(state, how_to=there, open_to_members=is_open(guild, state.rules))
        await alerting.look_again(self.bot.db, guild.id, discord.utils.utcnow())
        embed = summary_embed(state, self.bot.command_ids, t)
        await tell_saved(interaction, None, embed=embed, view=summary_view(state, t))


def _known(preset: str) -> str | None:
    return preset if preset in PRESETS else None


def _preset(wanted: Control) -> str | None:
    return _known(wanted.word(0)) if wanted.arguments else None


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(Setup(bot))
