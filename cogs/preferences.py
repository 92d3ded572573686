"""`/notifications`: what reaches a member by direct message, and when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.domain.errors import Invalid, Problem
from bot.domain.notices import Digest, Preferences
from bot.domain.zones import likely_zones, zones_named
from bot.i18n import N_
from bot.usecases import following
from bot.usecases.drafts import Draft
from cogs.interaction.choices import Choices, zone_choices
from cogs.interaction.forms import form_failed, show_form
from cogs.interaction.people import guild_of, reader, rules_and_actor
from cogs.interaction.replies import replace_clicked, reply, tell_saved
from cogs.interaction.routing import Control, control, form_values
from cogs.ui.controls import Forged, custom_id, first_chosen, number_in, one_of
from cogs.ui.preferences import (
    NO_HOUR,
    preferences_embed,
    preferences_view,
    zone_form,
    zones_text,
    zones_view,
)

if TYPE_CHECKING:
    from bot.app import Askwell

_HOURS = ("digest_hour", "quiet_from", "quiet_to")
# What the end of quiet hours is until it is chosen: eight hours after their start.
_NIGHT = 8


class NotificationPreferences(commands.Cog):
    """Notification preferences."""

    def __init__(self, bot: Askwell) -> None:
        self.bot = bot

    @app_commands.command(description=N_("Choose how you get notified."))
    @app_commands.guild_only()
    @app_commands.describe(
        dm=N_("Get news about what you follow by DM"),
        digest=N_("How often to get a digest (summary) by DM"),
        hour=N_("What hour to send the digest, 0 to 23"),
        timezone=N_("Your city or time zone, such as Berlin or America/New_York"),
        quiet_from=N_("When your quiet hours start: no DMs from this hour on, 0 to 23"),
        quiet_to=N_("When your quiet hours end, 0 to 23. Same as the start: no quiet hours"),
        roundup=N_("Whether the server's weekly round-up may mention you"),
    )
    async def notifications(
        self,
        interaction: discord.Interaction[Askwell],
        dm: bool | None = None,
        digest: Literal["off", "daily", "weekly"] | None = None,
        hour: app_commands.Range[int, 0, 23] | None = None,
        timezone: str | None = None,
        quiet_from: app_commands.Range[int, 0, 23] | None = None,
        quiet_to: app_commands.Range[int, 0, 23] | None = None,
        roundup: bool | None = None,
    ) -> None:
        """Change notification preferences, and show all of them with their controls."""
        # More parameters than a function should have: they are the command's options.
        given = {
            "by_message": dm,
            "digest": Digest(digest) if digest else None,
            "digest_hour": hour,
            "timezone": _zone(timezone) if timezone else None,
            "quiet_from": quiet_from,
            "quiet_to": quiet_to,
            "in_round_up": roundup,
        }
        changes = {name: value for name, value in given.items() if value is not None}
        await self._change(interaction, changes)

    @notifications.autocomplete("timezone")
    async def suggest_zone(self, interaction: discord.Interaction[Askwell], typed: str) -> Choices:
        """Offer time zones: the likely ones, or those of what is typed."""
        found = zones_named(typed) if typed.strip() else likely_zones(str(interaction.locale))
        return zone_choices(found)

    async def _change(
        self, interaction: discord.Interaction[Askwell], changes: Mapping[str, Any]
    ) -> None:
        """Save changes, and show all preferences."""
        _, actor = await rules_and_actor(interaction)
        locale, now = str(interaction.locale), discord.utils.utcnow()
        all_changes = {**changes, "locale": locale}
        wishes = await following.change_preferences(self.bot.db, actor, all_changes, now=now)
        t = reader(interaction)
        embed, view = preferences_embed(wishes, locale, t), preferences_view(wishes, locale, t)
        await tell_saved(interaction, None, embed=embed, view=view)

    async def _wishes(self, interaction: discord.Interaction[Askwell]) -> Preferences:
        who = guild_of(interaction), interaction.user.id
        return await following.preferences(self.bot.db, *who)

    @control("notify")
    async def shown(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Go back to all preferences."""
        wishes, t, locale = await self._wishes(interaction), reader(interaction), interaction.locale
        embed = preferences_embed(wishes, str(locale), t)
        view = preferences_view(wishes, str(locale), t)
        await reply(interaction, embed=embed, view=view, update=True)

    @control("notify.dm")
    async def dm_clicked(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Turn direct messages about what the member follows on or off."""
        replace_clicked(interaction)
        await self._change(interaction, {"by_message": wanted.word(0) == "on"})

    @control("notify.roundup")
    async def round_up_clicked(
        self, interaction: discord.Interaction[Askwell], wanted: Control
    ) -> None:
        """Leave the member out of the weekly round-up, or take them in again."""
        replace_clicked(interaction)
        await self._change(interaction, {"in_round_up": wanted.word(0) == "on"})

    @control("notify.digest")
    async def digest_chosen(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Choose how often a digest comes."""
        replace_clicked(interaction)
        await self._change(interaction, {"digest": one_of(Digest, first_chosen(interaction))})

    @control("notify.hour")
    async def hour_chosen(self, interaction: discord.Interaction[Askwell], wanted: Control) -> None:
        """Choose an hour. Quiet hours that begin last eight hours until their end is chosen."""
        name, chosen = wanted.word(0), first_chosen(interaction)
        if name not in _HOURS:
            raise Forged(f"no such hour: {name}")
        changes: dict[str, int | None]
        if name == "quiet_from" and chosen == NO_HOUR:
            changes = {"quiet_from": None, "quiet_to": None}
        else:
            hour = number_in(chosen)
            changes = {name: hour}
            before = await self._wishes(interaction)
            if name == "quiet_from" and before.quiet_from == before.quiet_to:
                changes["quiet_to"] = (hour + _NIGHT) % 24
        replace_clicked(interaction)
        await self._change(interaction, changes)

    @control("notify.zone")
    async def zone_clicked(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Offer the likely time zones."""
        replace_clicked(interaction)
        wishes = await self._wishes(interaction)
        zones = likely_zones(str(interaction.locale), wishes.timezone)
        await self._offer_zones(interaction, zones, None)

    async def _offer_zones(
        self, interaction: discord.Interaction[Askwell], zones: list[str], typed: str | None
    ) -> None:
        wishes, t = await self._wishes(interaction), reader(interaction)
        now, locale = discord.utils.utcnow(), str(interaction.locale)
        view = zones_view(zones, wishes.timezone, locale, now, t)
        await reply(interaction, zones_text(typed, t), view=view)

    @control("notify.zone.chosen")
    async def zone_chosen(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Save the chosen time zone."""
        replace_clicked(interaction)
        await self._change(interaction, {"timezone": first_chosen(interaction)})

    @control("notify.zone.other")
    async def other_zone(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Open the form that takes a city."""
        await show_form(interaction, zone_form("", reader(interaction)))

    @control("notify.zone.form")
    async def zone_typed(self, interaction: discord.Interaction[Askwell], _: Control) -> None:
        """Save the time zone of the typed city, or offer those that fit."""
        values = form_values(interaction)
        typed = str(values.get("zone", ""))
        if interaction.message is not None:
            replace_clicked(interaction)
        try:
            found = zones_named(typed)
            if len(found) > 1:
                await self._offer_zones(interaction, found, typed)
                return
            await self._change(interaction, {"timezone": _zone(typed)})
        except Exception as error:
            await form_failed(interaction, error, Draft(custom_id("notify.zone.form"), values))


def _zone(typed: str) -> str:
    """The one time zone that somebody typed. Raises `Invalid("timezone", UNKNOWN)`."""
    found = zones_named(typed)
    if len(found) != 1:
        raise Invalid("timezone", Problem.UNKNOWN)
    return found[0]


async def setup(bot: Askwell) -> None:
    """Add this cog."""
    await bot.add_cog(NotificationPreferences(bot))
