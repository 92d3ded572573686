"""Names of members: what is kept of one, and how it is shown without doing harm."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.text import shorten, show_line
from bot.domain.typed import one_line, readable_length

NAME_MAX: Final = 64  # characters; Discord takes 32, and counts some emoji as one

# What pings everybody, breaks the link that a name is shown as, or is a link by itself.
_EVERYBODY: Final = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_NO_LINK: Final = str.maketrans("[]", "()")


def readable_name(*names: str | None) -> str:
    """The first of a member's names that can be read, on one line; empty where none can.

    Given from the one that a server shows to the one that Discord grants everybody, which is made
    of plain letters.
    """
    for name in names:
        seen = one_line(name or "")
        if readable_length(seen):
            return shorten(seen, NAME_MAX)
    return ""


def show_name(name: str) -> str:
    """Show a name on one line as plain text; empty where nothing of it can be read.

    All its signs are shown as typed and do nothing: no markup, no ping, no link.
    """
    plain = readable_name(name).translate(_NO_LINK).replace("://", ": //")
    # Bars that stand apart hide nothing; the sign between them is taken out with the rest unseen.
    shown = show_line(plain.replace("|", "|\u200b"))
    return _EVERYBODY.sub("@\u200b", shown)
