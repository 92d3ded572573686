"""`/settings`: every setting of the server, with its meaning and default. And `/recount`."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.actors import Actor
from bot.domain.errors import Missing, NotFound
from bot.domain.policies import check_manager
from bot.domain.rules import SETTINGS, Rules, SettingKind
from bot.domain.text import shorten
from bot.domain.zones import likely_zones, zones_named
from bot.i18n import N_, Texts
from bot.usecases import browsing, guilds
from bot.usecases.drafts import Draft
from bot.usecases.recounting import Progress, finish_indexing, finish_recounts
from cogs.interaction.choices import Choices, zone_choices
from cogs.interaction.forms import form_failed, show_form
from cogs.interaction.people import reader, rules_and_actor
from cogs.interaction.replies import defer, replace_clicked, reply, tell_saved
from cogs.interaction.routing import Control, control, form_values
from cogs.managing.reports import reports_state
from cogs.managing.server import (
    is_seen,
    server_of,
)
from cogs.managing.setting_values import (
    looked_up,
    plain_value,
    round_up_problem,
    suggested_privileges,
    there_now,
)
from cogs.ui.controls import Forged, custom_id, first_chosen
from cogs.ui.help import command_mention
from cogs.ui.recounts import recount_text
from cogs.ui.sealed_texts import key_text
from cogs.ui.setting_titles import choice_label, setting_title
from cogs.ui.settings import (
    EXPLAINED,
    OTHER_VALUE,
    SECTIONS,
    TEXT_CHANNELS,
    change_text,
    opens_form,
    section_of,
    setting_embed,
    setting_form,
    setting_view,
    settings_embed,
    settings_view,
)
from cogs.ui.setup import reports_text

if TYPE_CHECKING:
    from bot.app import Askwell

_log = logging.getLogger(__name__)
_MOST = 25  # choices that Discord allows
_BETWEEN = timedelta(seconds=3)  # between updates of a reply that shows progress
_NEEDS_TAGS: Final = frozenset({"question_channel", "locale"})


class ServerSettings(commands.Cog):
    """The server's settings."""

    settings = app_commands.Group(
        name="settings",
        description=N_("See and change how Askwell works in this server."),
        allowed_contexts=app_commands.AppCommandContext(guild=True),
        default_permissions=discord.Permissions(manage_guild=True),
        guild_only=True,
    )

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot
        self._finishing: asyncio.Task[None] | None = None
        self._indexing: asyncio.Task[None] | None = None
        self._to_index = False

    async def cog_unload(self) -> None:
        """Stop counting and indexing. The next start continues both."""
        await self.bot.ending.end([self._finishing, self._indexing])

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        """Finish what the last process had no time for."""
        if self._finishing is None:
            self._finishing = asyncio.create_task(self._finish_recounts(), name="recounting")

    async def _finish_recounts(self) -> None:
        try:
            await finish_recounts(self.bot.db, now=discord.utils.utcnow())
        except Exception:
            _log.exception("points could not all be counted anew; /recount does it")
        await self.on_indexing_due()

    @commands.Cog.listener()
    async def on_indexing_due(self) -> None:
        """Re-index posts in the background after a server's language has changed."""
        self._to_index = True  # even if it is running and past that server already
        if not self.bot.ending.begun and (self._indexing is None or self._indexing.done()):
            self._indexing = asyncio.create_task(self._index(), name="indexing")

    async def _index(self) -> None:
        while self._to_index:
            self._to_index = False
            try:
                await finish_indexing(self.bot.db, now=discord.utils.utcnow())
            except Exception:
                _log.exception("posts could not all be indexed anew; the next start goes on")

    async def _manager(self, interaction: discord.Interaction[Askwell]) -> tuple[Rules, Actor]:
        rules, actor = await rules_and_actor(interaction)
        check_manager(actor)
        return rules, actor

    @settings.command(description=N_("See every setting and change it with its own control."))
    async def show(self, interaction: discord.Interaction[Askwell]) -> None:
        """Show what differs from the defaults, and the groups."""
        await self._show(interaction, None)

    @control("settings.show")
    async def turn(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show another group, chosen in the select or gone back to."""
        section = wanted.word(0) if wanted.arguments else first_chosen(interaction)
        await self._turn(interaction, section)

    async def _turn(self, interaction: discord.Interaction[Askwell], section: str) -> None:
        if section not in SECTIONS:
            raise Forged(f"no such section: {section}")
        replace_clicked(interaction)
        await self._show(interaction, section)

    async def _show(self, interaction: discord.Interaction[Askwell], section: str | None) -> None:
        rules, _ = await self._manager(interaction)
        t = reader(interaction)
        embed = settings_embed(rules, section, t)
        await reply(interaction, embed=embed, view=settings_view(rules, section, t))

    @control("settings.pick")
    async def picked(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Show the control of the chosen setting, or open its form; or explain its group."""
        t, name = reader(interaction), first_chosen(interaction)
        if name == EXPLAINED:
            await self._turn(interaction, wanted.word(0))
            return
        rules, _ = await self._manager(interaction)
        _check_name(name)
        if opens_form(name):
            await show_form(interaction, setting_form(name, rules, {}, t))
            return
        embed = setting_embed(name, rules, t)
        view = setting_view(name, rules, there_now(interaction, rules, name), t)
        await reply(interaction, embed=embed, view=view, update=True)

    @control("settings.value")
    async def value_chosen(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Save the chosen value, or open the form for another one."""
        rules, actor = await self._manager(interaction)
        name, value = wanted.word(0), first_chosen(interaction)
        _check_name(name)
        if value == OTHER_VALUE:
            await show_form(interaction, setting_form(name, rules, {}, reader(interaction)))
            return
        replace_clicked(interaction)
        await self._change(interaction, actor, name, value)

    @control("settings.reset")
    async def reset_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Reset a setting to its default, from its view."""
        _, actor = await self._manager(interaction)
        name = wanted.word(0)
        _check_name(name)
        replace_clicked(interaction)
        await self._change(interaction, actor, name, None)

    @settings.command(name="set", description=N_("Change a setting."))
    @app_commands.describe(
        name=N_("Which setting"),
        value=N_("The new value. Leave it out to open a form with room for longer text."),
    )
    async def change(
        self, interaction: discord.Interaction[Askwell], name: str, value: str | None = None
    ) -> None:
        """Change a setting, or open its form."""
        rules, actor = await self._manager(interaction)
        _check_name(name)
        if value is None:
            await show_form(interaction, setting_form(name, rules, {}, reader(interaction)))
            return
        await self._change(interaction, actor, name, value)

    @control("settings.form")
    async def sent(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Save the submitted value."""
        values, name = form_values(interaction), wanted.word(0)
        _check_name(name)
        value = values.get("value", "")
        typed = value if isinstance(value, str) else "".join(value[:1])
        if interaction.message is not None:  # opened from the view, which goes on after it
            replace_clicked(interaction)
        try:
            _, actor = await self._manager(interaction)
            await self._change(interaction, actor, name, typed)
        except Exception as error:
            draft = Draft(custom_id("settings.form", name), values)
            await form_failed(interaction, error, draft)

    @settings.command(description=N_("Reset a setting to its default."))
    @app_commands.describe(name=N_("Which setting"))
    async def reset(self, interaction: discord.Interaction[Askwell], name: str) -> None:
        """Reset a setting to its default."""
        _, actor = await self._manager(interaction)
        _check_name(name)
        await self._change(interaction, actor, name, None)

    async def _change(
        self,
        interaction: discord.Interaction[Askwell],
        actor: Actor,
        name: str,
        typed: str | None,
    ) -> None:
        t, guild = reader(interaction), server_of(interaction)
        value = await looked_up(interaction, name, typed) if typed else typed
        await defer(interaction)
        change = await guilds.change_setting(
            self.bot.db,
            actor,
            name,
            value,
            now=discord.utils.utcnow(),
            progress=_progress(interaction),
        )
        if change.reindexed:
            self.bot.dispatch("indexing_due")
        text = change_text(change, t)
        if change.changed and name in _NEEDS_TAGS:
            await self.bot.forum_tags.update(guild)
        if change.changed and name == "question_channel":
            text += "\n" + self._asking_text(change, t)
        rules, t = await browsing.rules_of(self.bot.db, guild.id), reader(interaction)
        if change.changed and name in ("moderators_channel", "report_role"):
            text += "\n" + reports_text(reports_state(guild, rules), self.bot.command_ids, t)
        if change.changed and name == "roundup_channel":
            text += round_up_problem(guild, rules, t)
        if name == "anonymous" and rules.on(name):
            text = f"{text}\n{key_text(await self.bot.find_key(), t)}".rstrip()
        section = section_of(name)
        embed, view = settings_embed(rules, section, t), settings_view(rules, section, t)
        await tell_saved(interaction, text, embed=embed, view=view)

    def _asking_text(self, change: guilds.SettingChange, t: Texts) -> str:
        """What another channel for questions asks for, or that there is none now."""
        if not change.new:
            return t("Nobody can ask until a channel is set again.")
        return t(
            "Use {setup} to check that I have all the permissions I need there.",
            setup=command_mention("setup", self.bot.command_ids),
        )

    @change.autocomplete("name")
    @reset.autocomplete("name")
    async def suggest_name(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Suggest settings, each with its value."""
        rules, actor = await rules_and_actor(interaction)
        if not actor.is_manager:
            return []
        t, wanted = reader(interaction), typed.strip().casefold()
        titles = {n: setting_title(n, t) for n, s in SETTINGS.items() if not s.internal}
        return [
            app_commands.Choice(
                name=shorten(f"{title}: {plain_value(interaction, rules, name)}", 100), value=name
            )
            for name, title in titles.items()
            if wanted in name or wanted in title.casefold()
        ][:_MOST]

    @change.autocomplete("value")
    async def suggest_value(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Suggest values of the chosen setting."""
        name = str(interaction.namespace.name or "")
        setting, guild = SETTINGS.get(name), interaction.guild
        if setting is None or setting.internal or guild is None:
            return []
        if not interaction.permissions.manage_guild:
            return []
        match setting.kind:
            case SettingKind.CHANNEL:
                forums = guild.forums if name not in TEXT_CHANNELS else ()
                places = [*forums, *guild.text_channels]
                seen = [place for place in places if is_seen(interaction, place)]
                offered = [(f"#{place.name}", str(place.id)) for place in seen]
            case SettingKind.ROLE:
                roles = [r for r in reversed(guild.roles) if not r.is_default() and not r.managed]
                offered = [(f"@{role.name}", str(role.id)) for role in roles]
            case SettingKind.SWITCH | SettingKind.CHOICE:
                t = reader(interaction)
                offered = [(choice_label(choice, t), choice) for choice in setting.choices]
            case SettingKind.INTEGER:
                offered = [(setting.default, setting.default)]
            case SettingKind.ZONE:
                t = reader(interaction)
                zones = zones_named(typed) if typed.strip() else likely_zones(t.locale)
                return zone_choices(zones)
            case SettingKind.PRIVILEGE:
                offered = suggested_privileges(interaction, setting)
            case _:
                return []
        return [
            app_commands.Choice(name=shorten(label, 100), value=value)
            for label, value in offered
            if typed.casefold() in label.casefold()
        ][:_MOST]

    @app_commands.command(description=N_("Recalculate all scores and points."))
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def recount(self, interaction: discord.Interaction[Askwell]) -> None:
        """Recompute every figure from posts and votes, and say what was wrong."""
        _, actor = await self._manager(interaction)
        await defer(interaction)
        recounted = await guilds.recount_server(
            self.bot.db, actor, now=discord.utils.utcnow(), progress=_progress(interaction)
        )
        await reply(interaction, recount_text(recounted, reader(interaction)))


def _check_name(name: str) -> None:
    if name not in SETTINGS or SETTINGS[name].internal:
        raise NotFound(Missing.SETTING, name=name[:50])


def _progress(interaction: discord.Interaction[Askwell]) -> Progress:
    """Shows a recount's progress in its reply, every few seconds."""
    t, last = reader(interaction), discord.utils.utcnow()

    async def show(posts: int) -> None:
        nonlocal last
        now = discord.utils.utcnow()
        if now - last >= _BETWEEN:
            last = now
            await reply(interaction, t("Counting… {n} posts so far.", n=t.number(posts)))

    return show


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(ServerSettings(bot))
