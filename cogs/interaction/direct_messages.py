"""The person who presses a control in a direct message, as their server describes them now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import discord

from bot.domain.access import Granted, access_of
from bot.domain.actors import NOWHERE, Access, Actor
from bot.domain.errors import Denied, Missing, NotFound
from bot.domain.rules import Rules
from bot.usecases import seeing
from cogs.foundation.access import access_in, actor_of, has_role, silenced

if TYPE_CHECKING:
    from bot.app import Askwell


async def actor_from_afar(
    interaction: discord.Interaction[Askwell], guild_id: int, post_id: int
) -> Actor:
    """The actor for a post, from a control in a direct message about it.

    The member is fetched, so their rights are those of now. The server may be another process's:
    then it is fetched as well, with the post's home. Raises `NotFound(POST)` for whoever left the
    server or can't read the home, `Denied` for whoever may do nothing in the server.
    """
    home = await seeing.home_of(interaction.client.db, guild_id, post_id)
    if home is None or not home.visible:
        raise NotFound(Missing.POST)
    try:
        member, access = await _member(interaction, guild_id, home.channel_id, home.rules)
    except (discord.NotFound, discord.Forbidden):
        raise NotFound(Missing.POST) from None
    if access.read is not None:
        raise NotFound(Missing.POST)
    why = silenced(member)
    if why is not None:
        raise Denied(why)
    return actor_of(member, guild_id, home.rules, access)


async def _member(
    interaction: discord.Interaction[Askwell], guild_id: int, home_id: int | None, rules: Rules
) -> tuple[discord.Member, Access]:
    guild = interaction.client.get_guild(guild_id)
    if guild is not None:
        member = await guild.fetch_member(interaction.user.id)
        return member, access_in(member, home_id, rules)
    guild = await interaction.client.fetch_guild(guild_id, with_counts=False)
    member = await guild.fetch_member(interaction.user.id)
    if home_id is None:
        return member, NOWHERE
    channel = await guild.fetch_channel(home_id)
    if isinstance(channel, discord.Thread):
        return member, NOWHERE
    allowed = channel.permissions_for(member)
    granted = Granted(
        view=allowed.view_channel,
        history=allowed.read_message_history,
        manage_messages=allowed.manage_messages,
    )
    moderates = has_role(member, rules)
    return member, access_of(home_id, granted, silenced=silenced(member), has_role=moderates)
