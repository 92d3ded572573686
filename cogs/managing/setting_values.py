"""Values of settings, as managers type and read them: channels and roles go by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.rules import MODERATORS, SETTINGS, Rules, Setting, SettingKind
from bot.i18n import Texts
from cogs.foundation.moderating import missing_there
from cogs.interaction.people import reader
from cogs.managing.server import (
    check_emoji,
    is_seen,
    moderator_role,
    question_channel,
    reports_channel,
    server_of,
)
from cogs.ui.discord_refusals import PERMISSIONS
from cogs.ui.setting_titles import choice_label, privilege_label, words_label
from cogs.ui.settings import TEXT_CHANNELS

if TYPE_CHECKING:
    from bot.app import Askwell


def suggested_privileges(
    interaction: discord.Interaction[Askwell], setting: Setting
) -> list[tuple[str, str]]:
    """The suggested values of a privilege: everybody, moderators only, or its default of points."""
    t = reader(interaction)
    values = dict.fromkeys(("0", MODERATORS, setting.default))
    return [(privilege_label(value, t), value) for value in values]


def plain_value(interaction: discord.Interaction[Askwell], rules: Rules, name: str) -> str:
    """A setting's value for places without mentions. A channel that the manager can't see is shown
    without a name, like a deleted one."""
    value, guild = rules.text(name), interaction.guild
    if not value:
        return reader(interaction)("not set")
    if guild is not None and SETTINGS[name].kind is SettingKind.CHANNEL:
        channel = guild.get_channel(int(value))
        return f"#{channel.name}" if channel and is_seen(interaction, channel) else value
    if guild is not None and SETTINGS[name].kind is SettingKind.ROLE:
        role = guild.get_role(int(value))
        return f"@{role.name}" if role else value
    match SETTINGS[name].kind:
        case SettingKind.SWITCH | SettingKind.CHOICE:
            return choice_label(value, reader(interaction))
        case SettingKind.PRIVILEGE:
            return privilege_label(value, reader(interaction))
        case SettingKind.WORDS:
            return words_label(value, reader(interaction))
        case _:
            return value


def there_now(interaction: discord.Interaction[Askwell], rules: Rules, name: str) -> int | None:
    """The channel or role of a setting, if it exists and the manager sees it."""
    value, guild = rules.text(name), server_of(interaction)
    if not value:
        return None
    match SETTINGS[name].kind:
        case SettingKind.CHANNEL:
            channel = guild.get_channel(int(value))
            return channel.id if channel and is_seen(interaction, channel) else None
        case SettingKind.ROLE:
            role = guild.get_role(int(value))
            return role.id if role else None
        case _:
            return None


async def looked_up(interaction: discord.Interaction[Askwell], name: str, typed: str) -> str:
    """The typed value. A channel or role of the server is looked up and given by its id, and an
    emoji is checked. Raises `Invalid`."""
    text, guild = typed.strip(), server_of(interaction)
    digits = text.strip("<@&#>")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 20 else 0
    match SETTINGS[name].kind:
        case SettingKind.CHANNEL:
            alike = [c for c in guild.channels if c.name == text.lstrip("#")]
            named = next((c.id for c in alike if is_seen(interaction, c)), number)
            if name in TEXT_CHANNELS:
                return str(reports_channel(interaction, named, name).id)
            return str(question_channel(interaction, named, name).id)
        case SettingKind.ROLE:
            role = discord.utils.get(guild.roles, name=text.lstrip("@"))
            return str(moderator_role(guild, role.id if role else number, name).id)
        case SettingKind.EMOJI:
            await check_emoji(guild, text, name)
            return typed
        case _:
            return typed


def round_up_problem(guild: discord.Guild, rules: Rules, t: Texts) -> str:
    """What keeps the weekly round-up from its channel, as a line; empty if nothing does."""
    channel = guild.get_channel(rules.identity("roundup_channel") or 0)
    missing = missing_there(guild, channel) if isinstance(channel, discord.TextChannel) else []
    if not missing:
        return ""
    names = ", ".join(f"*{t(PERMISSIONS[name])}*" for name in missing)
    return "\n" + t("⚠️ I can't post there yet: I'm missing {permissions}.", permissions=names)
