"""The person who presses a control in a direct message, as their server describes them now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import discord

from bot.domain.access import Granted, access_of
from bot.domain.actors import NOWHERE, Access, Actor
from bot.domain.errors import Denied, Missing, NotFound
from bot.domain.rules import Rules
from bot.usecases import personas, seeing
from cogs.foundation.access import access_in, actor_of, has_role, silenced
from cogs.interaction.people import note_actor

if TYPE_CHECKING:
    from bot.app import Askwell


async def actor_from_afar(
    interaction: discord.Interaction[Askwell], guild_id: int, post_id: int
) -> Actor:
    """The actor for a post, from a control in a direct message about it.

    The member is fetched, so their rights are those of now. The server may be another process's:
    then it is fetched as well, with the post's home. Raises `NotFound(POST)` for whoever left the
    server or can't read the home, `Denied` for whoever may do nothing in the server. Whoever asked
    the post's question anonymously is that anonymous author.
    """
    bot = interaction.client
    seal = personas.seal_of(bot.sealing, guild_id, interaction.user.id)
    seen = await seeing.look_at(bot.db, guild_id, post_id, interaction.user.id, seal)
    if seen is None or not seen.home.visible:
        raise NotFound(Missing.POST)
    home = seen.home
    try:
        member, access = await _member(interaction, guild_id, home.channel_id, home.rules)
    except (discord.NotFound, discord.Forbidden):
        raise NotFound(Missing.POST) from None
    if access.read is not None:
        raise NotFound(Missing.POST)
    why = silenced(member)
    if why is not None:
        raise Denied(why)
    actor = actor_of(member, guild_id, home.rules, access)
    actor = replace(actor, awaits_reply=True, origin_id=interaction.id, seal=seal)
    if seen.is_askers:
        actor = await personas.anonymous(bot.db, replace(actor, persona=seen.persona))
    note_actor(interaction, actor)
    return actor


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
