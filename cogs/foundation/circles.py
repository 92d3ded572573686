"""How many members can read a channel, as far as Discord tells without a privileged intent."""

from __future__ import annotations

import discord

from bot.domain.errors import Denial, Denied

FEW = 5  # members


async def check_circle(guild: discord.Guild | None, home_id: int | None) -> None:
    """Refuse anonymous posts in a channel that is closed to @everyone and open to so few that each
    of them is a suspect. Raises `Denied(SMALL_CIRCLE)`.

    Who has several of the roles is counted with each: Discord only tells how many have a role.
    """
    channel = guild.get_channel(home_id or 0) if guild is not None else None
    if guild is None or channel is None or _opens(channel, guild.default_role):
        return
    by_name = sum(
        overwrite.view_channel is True
        for target, overwrite in channel.overwrites.items()
        if not isinstance(target, discord.Role) and target.id != guild.me.id
    )
    if by_name >= FEW:
        return
    counts = {role.id: n for role, n in (await guild.role_member_counts()).items()}
    opening = [r for r in guild.roles if not r.is_default() and not r.is_bot_managed()]
    by_role = sum(counts.get(role.id, 0) for role in opening if _opens(channel, role))
    if by_name + by_role < FEW:
        raise Denied(Denial.SMALL_CIRCLE, few=FEW, channel=channel.id)


def _opens(channel: discord.abc.GuildChannel, role: discord.Role) -> bool:
    # Without the library's implicit rules, as `cogs.foundation.access.granted_in` reads it.
    return discord.abc.GuildChannel.permissions_for(channel, role).view_channel
