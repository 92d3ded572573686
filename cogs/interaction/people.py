"""The person of an interaction: their server, language and rights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import discord

from bot.domain.actors import NOWHERE, Access, Actor
from bot.domain.errors import Denial, Denied
from bot.domain.rules import Rules
from bot.i18n import Texts, texts_for
from bot.usecases import browsing, personas
from bot.usecases.personas import MemberSeal, Opening
from cogs.foundation.access import actor_of, silenced

if TYPE_CHECKING:
    from bot.app import Askwell


def reader(interaction: discord.Interaction[Any]) -> Texts:
    """Texts in the language of the person."""
    return texts_for(str(interaction.locale))


# In an interaction's extras: the member who acts in a server from a direct message.
_MEMBER: Final = "member"
# Whether the person acts anonymously.
_ANONYMOUS: Final = "anonymous"
# What can be done from a direct message, each for the server that its custom id names.
FROM_MESSAGES: Final = frozenset(
    {
        *("ask.form", "ask.anyway", "ask.post", "ask.helped", "draft"),
        *("anonymous", "anonymous.name", "anonymous.files", "delayed.back"),
    }
)


async def enter(interaction: discord.Interaction[Askwell], guild_id: int) -> discord.Member:
    """Let a person act in a server from a direct message, as the member that they are there now.

    Raises `Denied`: `NOT_IN_SERVER` if the bot isn't there, `NOT_A_MEMBER` if they aren't, and why
    they may do nothing there.
    """
    guild: discord.Guild | None = interaction.client.get_guild(guild_id)
    if guild is None or guild.unavailable:
        raise Denied(Denial.NOT_IN_SERVER)
    try:
        member = await guild.fetch_member(interaction.user.id)
    except discord.NotFound:
        raise Denied(Denial.NOT_A_MEMBER) from None
    interaction.extras[_MEMBER] = member  # first: what they typed is kept there
    why = silenced(member)
    if why is not None:
        raise Denied(why)
    return member


def entered(interaction: discord.Interaction[Any]) -> int | None:
    """The server in which a person acts from a direct message; None in a server."""
    member = interaction.extras.get(_MEMBER)
    return None if member is None else member.guild.id


def person_of(interaction: discord.Interaction[Any]) -> discord.abc.User:
    """Who acts: the member, where the server is known."""
    return interaction.extras.get(_MEMBER) or interaction.user


def guild_of(interaction: discord.Interaction[Any]) -> int:
    """The server of an interaction. `Denied(NOT_SET_UP)` in a direct message without one."""
    guild_id = interaction.guild_id or entered(interaction)
    if guild_id is None:
        raise Denied(Denial.NOT_SET_UP)
    return guild_id


def server_in(interaction: discord.Interaction[Any]) -> discord.Guild | None:
    """The same, with its channels and roles."""
    member = interaction.extras.get(_MEMBER)
    return interaction.guild if member is None else member.guild


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
    person = person_of(interaction)
    actor = actor_of(person, guild_of(interaction), rules, access)
    actor = replace(actor, seal=seal_in(interaction))
    if entered(interaction) is not None:
        return replace(actor, awaits_reply=True, origin_id=interaction.id)
    # Discord also sends these if only the commands were added to a server, whose roles are unknown
    # then.
    manages = interaction.permissions.manage_guild
    return replace(actor, is_manager=manages, awaits_reply=True, origin_id=interaction.id)


def seal_in(interaction: discord.Interaction[Any]) -> MemberSeal | None:
    """What the person is found by where they wrote anonymously; None without a key."""
    sealing = interaction.client.sealing
    return personas.seal_of(sealing, guild_of(interaction), interaction.user.id)


def opening_in(interaction: discord.Interaction[Any]) -> Opening | None:
    """What opens the boxes of anonymous authors, for moderators' acts; None without a key."""
    return personas.opening(interaction.client.sealing)


def note_actor(interaction: discord.Interaction[Any], actor: Actor) -> None:
    """Note whether the person acts anonymously in this interaction. Once they do, no statement
    about the post may say who they are."""
    interaction.extras[_ANONYMOUS] = is_anonymous(interaction) or actor.is_anonymous


def is_anonymous(interaction: discord.Interaction[Any]) -> bool:
    """Whether the person acts anonymously: then no receipt under their id is looked for."""
    return bool(interaction.extras.get(_ANONYMOUS))
