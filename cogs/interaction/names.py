"""Names that an anonymous author may take: nobody else's, as far as Discord tells."""

from __future__ import annotations

from collections.abc import Iterable

import discord

from bot.domain.personas import chosen_name, skeleton
from bot.usecases import personas

_HITS = 100  # Discord gives no more


async def check_name(guild: discord.Guild | None, typed: str, taken: Iterable[str]) -> str:
    """A chosen name as it is stored, if it can't be taken for that of a role, of the server, of the
    bot, of a member whom Discord finds, or for one of those `taken` in the question.

    Discord finds members by the beginning of their names, as typed or as it looks: not each.
    Raises `Invalid("name", …)`.
    """
    name = personas.check_name(typed, taken)
    if guild is None:
        return name
    known = [guild.name, guild.me.display_name, *(role.name for role in guild.roles)]
    personas.check_name(name, known)
    return personas.check_name(name, await _like(guild, name))


async def _like(guild: discord.Guild, name: str) -> list[str]:
    """The names of members that begin like a name."""
    found: list[str] = []
    for beginning in filter(None, dict.fromkeys((chosen_name(name), skeleton(name)))):
        for member in await guild.query_members(beginning, limit=_HITS, cache=False):
            found += [member.name, member.display_name, member.global_name or ""]
    return found
