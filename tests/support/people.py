"""How the bot names people, to look for in what it says."""

from __future__ import annotations

import simcord


def named(person: simcord.MemberActor) -> str:
    """A person by name, leading to their profile."""
    return f"[{person.name}](https://discord.com/users/{person.id})"
