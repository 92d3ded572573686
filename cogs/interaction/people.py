"""The person of an interaction: their server, language and rights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import discord

from bot.domain.actors import NOWHERE, Access, Actor
from bot.domain.errors import Denial, Denied
from bot.domain.rules import Rules
from bot.i18n import Texts, texts_for
from bot.usecases import browsing
from cogs.foundation.access import actor_of

if TYPE_CHECKING:
    from bot.app import Askwell


def reader(interaction: discord.Interaction[Any]) -> Texts:
    """Texts in the language of the person."""
    return texts_for(str(interaction.locale))


def guild_of(interaction: discord.Interaction[Any]) -> int:
    """The server of an interaction. `Denied(NOT_SET_UP)` in a direct message."""
    if interaction.guild_id is None:
        raise Denied(Denial.NOT_SET_UP)
    return interaction.guild_id


async def rules_and_actor(interaction: discord.Interaction[Askwell]) -> tuple[Rules, Actor]:
    """The server's rules and the actor, as Discord describes them in each interaction.

    This actor has no access to any post's home: for acts on a post, use
    `cogs.interaction.visible.actor_at`.
    """
    rules = await browsing.rules_of(interaction.client.db, guild_of(interaction))
    return rules, actor_in(interaction, rules)


def actor_in(
    interaction: discord.Interaction[Any], rules: Rules, access: Access = NOWHERE
) -> Actor:
    """The actor of an interaction in its server, with their access to a post's home."""
    actor = actor_of(interaction.user, guild_of(interaction), rules, access)
    # Discord also sends these if only the commands were added to a server, whose roles are unknown
    # then.
    manages = interaction.permissions.manage_guild
    return replace(actor, is_manager=manages, awaits_reply=True, origin_id=interaction.id)
