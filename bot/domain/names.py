"""Members' names and avatars: what is stored of them, and how they are shown safely."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.text import segment, shorten, show_line
from bot.domain.typed import one_line, readable_length

NAME_MAX: Final = 64  # characters; Discord takes 32, and counts some emoji as one

# What would ping everybody, break the link that a name is shown as, or be a link by itself.
_EVERYBODY: Final = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_NO_LINK: Final = str.maketrans("[]", "()")

# A member's avatar as it is stored: Discord's hash of it, with a prefix if it is the one they have
# in this server only; or that they have none. Empty if it isn't known.
SERVER_AVATAR: Final = "s/"
NO_AVATAR: Final = "-"
_HASH: Final = re.compile(r"[0-9a-z_]{1,64}")
_CDN: Final = "https://cdn.discordapp.com"
_DEFAULT_AVATARS: Final = 6


def readable_name(*names: str | None) -> str:
    """The first readable one of a member's names, on one line; empty if none is.

    They are given in order: from the one shown in the server to the username, which consists of
    plain letters.
    """
    for name in names:
        seen = one_line(name or "")
        if readable_length(seen):
            return shorten(seen, NAME_MAX)
    return ""


def show_name(name: str) -> str:
    """Show a name on one line as plain text; empty if none of it is readable.

    Its characters are shown as typed and have no effect: no markup, no ping, no link.
    """
    plain = readable_name(name).translate(_NO_LINK).replace("://", ": //")
    # Two bars with an invisible character between them hide nothing; that character goes with the
    # other invisible ones.
    shown = show_line(plain.replace("|", "|\u200b"))
    return _EVERYBODY.sub("@\u200b", shown)


def plain_name(name: str) -> str:
    """A name for places that draw no markup, with nothing in it that looks like the end of the
    name; empty if none of it is readable."""
    return readable_name(segment(name))


def avatar_address(guild_id: int, user_id: int, stored: str) -> str:
    """The address of a member's avatar; empty if it isn't known.

    Source: Discord's reference, "CDN Endpoints".
    """
    if stored == NO_AVATAR:
        return f"{_CDN}/embed/avatars/{(user_id >> 22) % _DEFAULT_AVATARS}.png"
    picture = stored.removeprefix(SERVER_AVATAR)
    if not _HASH.fullmatch(picture):
        return ""
    in_server = stored.startswith(SERVER_AVATAR)
    where = f"guilds/{guild_id}/users/{user_id}/avatars" if in_server else f"avatars/{user_id}"
    return f"{_CDN}/{where}/{picture}.png?size=64"
