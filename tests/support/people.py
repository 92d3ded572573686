"""People's names as the bot writes them, for comparisons."""

from __future__ import annotations

import simcord


def named(person: simcord.MemberActor) -> str:
    """A person by name, leading to their profile."""
    return f"[{person.name}](https://discord.com/users/{person.id})"
