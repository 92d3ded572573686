"""Those on duty in Discord: the role that they have, and calling them by name."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import discord

from bot.domain.policies import may_be_on_duty
from bot.domain.rules import Rules
from cogs.failures import DISCORD_FAILED
from cogs.foundation.access import actor_of

_log = logging.getLogger(__name__)

MENTIONED: Final = 10
_LOOKED_UP: Final = 25  # members, of whom some may have left
# What a role that anybody on duty gets must not give.
_MIGHTY: Final = (
    "administrator",
    "ban_members",
    "kick_members",
    "manage_channels",
    "manage_guild",
    "manage_messages",
    "manage_roles",
    "manage_webhooks",
    "mention_everyone",
    "moderate_members",
)


class RoleTrouble(StrEnum):
    """Why the bot can't give the role of those on duty: it is gone, the bot lacks Manage Roles, the
    role stands above the bot's own, it belongs to Discord or another bot, or it gives more than a
    helper should get by themselves."""

    GONE = "gone"
    NOT_ALLOWED = "not_allowed"
    TOO_HIGH = "too_high"
    MANAGED = "managed"
    TOO_MIGHTY = "too_mighty"
    DISCORD = "discord"


def role_trouble(guild: discord.Guild, me: discord.Member, rules: Rules) -> RoleTrouble | None:
    """What keeps the bot from giving the role of those on duty; None where nothing does, or none is
    set."""
    role_id = rules.identity("duty_role")
    if role_id is None:
        return None
    role = guild.get_role(role_id)
    if role is None:
        return RoleTrouble.GONE
    if role.is_default() or role.managed:
        return RoleTrouble.MANAGED
    mighty = any(getattr(role.permissions, name) for name in _MIGHTY)
    if mighty or role.id == rules.identity("moderator_role"):
        return RoleTrouble.TOO_MIGHTY
    if not me.guild_permissions.manage_roles:
        return RoleTrouble.NOT_ALLOWED
    return RoleTrouble.TOO_HIGH if role >= me.top_role else None


async def give_role(
    guild: discord.Guild, rules: Rules, user_id: int, *, on: bool
) -> RoleTrouble | None:
    """Give a member the role of those on duty, or take it, if one is set. Returns what kept the bot
    from it."""
    role_id, trouble = rules.identity("duty_role"), role_trouble(guild, guild.me, rules)
    role = guild.get_role(role_id or 0)
    if role is None or trouble is not None:
        return trouble
    try:
        member = await guild.fetch_member(user_id)
        change = member.add_roles if on else member.remove_roles
        await change(role, reason="Askwell: /duty")
    except discord.NotFound:
        return None  # they have left
    except DISCORD_FAILED as error:
        _log.info("the role of those on duty could not be changed: %s", error)
        return RoleTrouble.DISCORD
    return None


@dataclass(frozen=True, slots=True)
class Call:
    """Who is called: members by name, or a role."""

    user_ids: tuple[int, ...] = ()
    role_id: int | None = None

    @property
    def text(self) -> str:
        """Their mentions."""
        role = [f"<@&{self.role_id}>"] if self.role_id is not None else []
        return " ".join([*(f"<@{user_id}>" for user_id in self.user_ids), *role])

    @property
    def allowed(self) -> discord.AllowedMentions:
        """Just these mentions."""
        roles = [discord.Object(self.role_id)] if self.role_id is not None else []
        return discord.AllowedMentions(
            everyone=False,
            users=[discord.Object(user_id) for user_id in self.user_ids] or False,
            roles=roles or False,
        )


async def call(
    guild: discord.Guild,
    channel: discord.abc.GuildChannel | None,
    on_duty: Iterable[int],
    rules: Rules,
    *,
    role_id: int | None,
) -> Call:
    """Whom to call in a channel: those on duty who are in the server, may still be on duty and can
    see the channel; the role if there is nobody like that. Raises the library's errors."""
    found: list[int] = []
    for user_id in list(on_duty)[:_LOOKED_UP]:
        if channel is None or len(found) == MENTIONED:
            break
        try:
            member = await guild.fetch_member(user_id)
        except discord.NotFound:
            continue
        fits = may_be_on_duty(actor_of(member, guild.id, rules), rules)
        if fits and channel.permissions_for(member).view_channel:
            found.append(user_id)
    return Call(tuple(found)) if found else Call(role_id=role_id)
