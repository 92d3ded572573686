"""Rendering a member's notification preferences, with a control for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import discord

from bot.domain.notices import Digest, Preferences, is_quiet, zone_of
from bot.i18n import Texts
from cogs.ui.controls import button, custom_id, view_of
from cogs.ui.hours import hour_text, zone_label
from cogs.ui.selects import select_of

_COLOUR = 0x5865F2
NO_HOUR = "none"  # no quiet hours


def preferences_embed(wishes: Preferences, locale: str, t: Texts) -> discord.Embed:
    """A member's notification preferences, with hours as readers of `locale` write them."""
    digest = _digests(t)[wishes.digest]
    if wishes.digest is not Digest.OFF:
        digest = t("{often}, at {hour}", often=digest, hour=hour_text(wishes.digest_hour, locale))
        if is_quiet(wishes, wishes.digest_hour):
            digest += "\n" + t("(but not before your quiet hours end)")
    quiet = t("none")
    if wishes.quiet_from is not None and wishes.quiet_to is not None:
        start, end = (hour_text(hour, locale) for hour in (wishes.quiet_from, wishes.quiet_to))
        if start != end:
            quiet = t("{start} to {end}", start=start, end=end)
    embed = discord.Embed(title=t("Your notifications"), colour=_COLOUR)
    embed.add_field(name=t("Inbox"), value=t("always, in /inbox"), inline=False)
    embed.add_field(
        name=t("DMs for what you follow"), value=t("yes") if wishes.by_message else t("no")
    )
    embed.add_field(name=t("Digest by DM"), value=digest)
    embed.add_field(name=t("Quiet hours"), value=quiet)
    embed.add_field(name=t("Time zone"), value=zone_label(wishes.timezone))
    if not wishes.in_round_up:
        embed.add_field(name=t("Weekly round-up"), value=t("You're left out of it."))
    embed.set_footer(text=t("You always get the DMs you ticked in a form."))
    return embed


def _digests(t: Texts) -> dict[Digest, str]:
    return {
        Digest.OFF: t("none"),
        Digest.DAILY: t("daily"),
        Digest.WEEKLY: t("weekly, on Mondays"),
    }


def preferences_view(wishes: Preferences, locale: str, t: Texts) -> discord.ui.View:
    """The controls of all preferences."""
    # All controls as they stand there, row by row: longer than a function should be.
    follows = t("Turn off DMs") if wishes.by_message else t("Turn on DMs")
    out = wishes.in_round_up
    round_up = t("Leave me out of round-ups") if out else t("Include me in round-ups")
    items: list[discord.ui.Item[Any]] = [
        button(follows, "notify.dm", "off" if wishes.by_message else "on", row=0),
        button(t("Time zone"), "notify.zone", emoji="🕒", row=0),
        button(round_up, "notify.roundup", "off" if wishes.in_round_up else "on", row=0),
    ]
    digests = [
        discord.SelectOption(
            label=t("Digest: {often}", often=often), value=digest, default=digest is wishes.digest
        )
        for digest, often in _digests(t).items()
    ]
    items.append(select_of(custom_id("notify.digest"), digests, t("Digest"), row=1))
    hours = [(hour, hour_text(hour, locale)) for hour in range(24)]
    if wishes.digest is not Digest.OFF:
        at = [
            discord.SelectOption(
                label=t("Digest at {hour}", hour=shown),
                value=str(hour),
                default=hour == wishes.digest_hour,
            )
            for hour, shown in hours
        ]
        items.append(select_of(custom_id("notify.hour", "digest_hour"), at, t("Hour"), row=2))
    quiet = wishes.quiet_from != wishes.quiet_to
    start = [
        discord.SelectOption(
            label=t("Quiet from {hour}", hour=shown),
            value=str(hour),
            default=quiet and hour == wishes.quiet_from,
        )
        for hour, shown in hours
    ]
    none = discord.SelectOption(label=t("No quiet hours"), value=NO_HOUR, default=not quiet)
    items.append(
        select_of(custom_id("notify.hour", "quiet_from"), [none, *start], t("Quiet hours"), row=3)
    )
    if quiet:
        end = [
            discord.SelectOption(
                label=t("Quiet until {hour}", hour=shown),
                value=str(hour),
                default=hour == wishes.quiet_to,
            )
            for hour, shown in hours
        ]
        items.append(select_of(custom_id("notify.hour", "quiet_to"), end, t("Hour"), row=4))
    return view_of(*items)


def zones_text(typed: str | None, t: Texts) -> str:
    """The sentence above the choice of a time zone. `typed` means several of them."""
    if typed is None:
        return t("What's your time zone? Choose one, or enter your city.")
    return t("Several time zones fit. Which one is yours?")


def zones_view(
    zones: Sequence[str], chosen: str, locale: str, now: datetime, t: Texts
) -> discord.ui.View:
    """A select of time zones with their time now, and a button for any other."""
    options = [
        discord.SelectOption(
            label=zone_label(zone),
            value=zone,
            description=t(
                "It's {time} there now", time=_clock(now.astimezone(zone_of(zone)), locale)
            ),
            default=zone == chosen,
        )
        for zone in zones
    ]
    return view_of(
        select_of(custom_id("notify.zone.chosen"), options, t("Choose a time zone"), row=0),
        button(t("Enter a city"), "notify.zone.other", row=1),
        button(t("Back"), "notify", row=1),
    )


def _clock(at: datetime, locale: str) -> str:
    whole = hour_text(at.hour, locale)
    if whole.endswith(":00"):
        return f"{at.hour:02}:{at.minute:02}"
    hour, half = whole.split(" ")
    return f"{hour}:{at.minute:02} {half}"


def zone_form(typed: str, t: Texts) -> discord.ui.Modal:
    """The form that takes a city or an IANA name."""
    form = discord.ui.Modal(title=t("Time zone")[:45], custom_id=custom_id("notify.zone.form"))
    place: discord.ui.TextInput[Any] = discord.ui.TextInput(
        custom_id="zone",
        placeholder=t("Such as Berlin, New York or Europe/Paris")[:100],
        default=typed[:60] or None,
        max_length=60,
    )
    form.add_item(discord.ui.Label(text=t("Your city or time zone")[:45], component=place))
    return form
