"""The moderators' channel in `/setup`: choosing it, creating it, and whether reports reach anybody
there."""

from __future__ import annotations

from typing import Final

import discord

from bot.domain.rules import Rules
from bot.i18n import LOCALES, N_, texts_for
from cogs.foundation.moderating import (
    Reach,
    calls,
    is_public,
    missing_there,
    moderators_channel,
    reach_of,
)
from cogs.ui.setup import ReportsState

_TOPIC = N_("Reports of Askwell come here. Only moderators see this channel.")
# Who moderates or manages the server, besides those whom Discord shows every channel.
_STAFF: Final = ("manage_messages", "manage_guild")
_MOST_ROLES = 40  # that are let in


def reports_state(guild: discord.Guild, rules: Rules) -> ReportsState:
    """Whether reports reach anybody in a server, and what keeps them from it."""
    channel = moderators_channel(guild, rules)
    role = guild.get_role(rules.identity("report_role") or 0)
    return ReportsState(
        reach_of(guild, rules),
        channel.id if channel is not None else None,
        missing_there(guild, channel) if channel is not None else (),
        public=channel is not None and is_public(guild, channel),
        role_id=role.id if role is not None else None,
        silent=channel is not None and role is not None and not calls(guild, channel, role),
    )


async def create_moderators_channel(
    guild: discord.Guild, moderator_role: discord.Role | None, locale: str
) -> discord.TextChannel:
    """Create a channel that only moderators, managers and the bot see, or return the one that was
    created before but isn't chosen. Raises the library's errors."""
    known = _created_before(guild)
    if known is not None:
        return known
    t = texts_for(locale)
    inside = discord.PermissionOverwrite(
        view_channel=True, send_messages=True, read_message_history=True
    )
    own = discord.PermissionOverwrite(
        view_channel=True, send_messages=True, read_message_history=True, embed_links=True
    )
    staff = [
        role
        for role in reversed(guild.roles)
        if role == moderator_role or (_is_staff(role) and not role.is_bot_managed())
    ]
    overwrites: dict[discord.Role | discord.Member | discord.Object, discord.PermissionOverwrite]
    overwrites = {guild.default_role: discord.PermissionOverwrite(view_channel=False)}
    overwrites |= dict.fromkeys(staff[:_MOST_ROLES], inside)
    overwrites[guild.me] = own
    return await guild.create_text_channel(
        t("reports"), topic=t(_TOPIC), overwrites=overwrites, reason="Askwell: /setup"
    )


def _is_staff(role: discord.Role) -> bool:
    return not role.is_default() and any(getattr(role.permissions, name) for name in _STAFF)


def _created_before(guild: discord.Guild) -> discord.TextChannel | None:
    """A channel of an attempt whose response was lost: it is known by its topic, and closed."""
    topics = {texts_for(locale)(_TOPIC) for locale in LOCALES}
    for channel in guild.text_channels:
        if channel.topic in topics and not is_public(guild, channel):
            return channel
    return None


__all__ = ["Reach", "create_moderators_channel", "reports_state"]
