"""Naming people so that every reader knows who is meant, even after they have left.

A mention only shows a name in clients that know the member; in others it is `<@id>`. So people are
shown by their last seen name, which links to their profile in Discord.
"""

from __future__ import annotations

import unicodedata

from bot.domain.erasures import is_erased
from bot.domain.names import show_name
from bot.domain.sealed import is_sealed
from bot.i18n import Texts

_PROFILE = "https://discord.com/users/"
# Keeps a right-to-left name from reversing the figures that follow it.
_LEFT_TO_RIGHT = "\u200e"


def person(user_id: int, name: str) -> str:
    """A person's name, linked to their profile; a mention if no name is known. An anonymous
    author's is a name alone."""
    shown = show_name(name)
    if is_sealed(user_id):
        return f"{shown}{turned_back(shown)}"
    return f"[{shown}]({profile_link(user_id)}){turned_back(shown)}" if shown else _mention(user_id)


def person_or_gone(user_id: int, name: str, t: Texts) -> str:
    """`person`, where it may be somebody whose data was erased."""
    return t("a deleted member") if is_erased(user_id) else person(user_id, name)


def judged_or_gone(user_id: int, name: str, t: Texts) -> str:
    """`person_to_judge`, the same way."""
    return t("a deleted member") if is_erased(user_id) else person_to_judge(user_id, name)


def person_to_judge(user_id: int, name: str) -> str:
    """A person's name and mention, for moderators: a mention offers Discord's own actions on the
    member, and distinguishes members with the same name."""
    shown = show_name(name)
    if is_sealed(user_id):
        return f"{shown}{turned_back(shown)}"
    return f"{shown}{turned_back(shown)} {_mention(user_id)}".strip()


def _mention(user_id: int) -> str:
    return f"<@{user_id}>"


def turned_back(shown: str) -> str:
    """What follows a name so that it doesn't reverse the rest of the line."""
    turns = any(unicodedata.bidirectional(c) in ("R", "AL") for c in shown)
    return _LEFT_TO_RIGHT if turns else ""


def profile_link(user_id: int) -> str:
    """The link to a person's profile."""
    return f"{_PROFILE}{user_id}"
