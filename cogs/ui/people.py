"""How people are named: so that whoever reads it knows who is meant, also once they have left.

A mention is a name only to clients that know the member; to others it is `<@id>`. So people are
called what they were last seen as, and the name leads to their profile in Discord.
"""

from __future__ import annotations

import unicodedata

from bot.domain.names import show_name

_PROFILE = "https://discord.com/users/"
# Keeps a name that is written from right to left from turning round the figures that follow it.
_LEFT_TO_RIGHT = "\u200e"


def person(user_id: int, name: str) -> str:
    """Somebody by their name, which leads to their profile; a mention where no name is known."""
    shown = show_name(name)
    return (
        f"[{shown}]({profile_link(user_id)}){_turned_back(shown)}" if shown else _mention(user_id)
    )


def person_to_judge(user_id: int, name: str) -> str:
    """Somebody by name and mention, for moderators: Discord offers there what can be done about a
    member, and two members of one name are told apart."""
    shown = show_name(name)
    return f"{shown}{_turned_back(shown)} {_mention(user_id)}".strip()


def _mention(user_id: int) -> str:
    return f"<@{user_id}>"


def _turned_back(shown: str) -> str:
    turns = any(unicodedata.bidirectional(c) in ("R", "AL") for c in shown)
    return _LEFT_TO_RIGHT if turns else ""


def profile_link(user_id: int) -> str:
    """Leads to somebody's profile."""
    return f"{_PROFILE}{user_id}"
