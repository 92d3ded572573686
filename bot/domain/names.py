"""Members' names: what is stored of a name, and how it is shown safely."""

from __future__ import annotations

import re
from typing import Final

from bot.domain.text import shorten, show_line
from bot.domain.typed import one_line, readable_length

NAME_MAX: Final = 64  # characters; Discord takes 32, and counts some emoji as one

# What would ping everybody, break the link that a name is shown as, or be a link by itself.
_EVERYBODY: Final = re.compile(r"@(?=everyone|here)", re.IGNORECASE)
_NO_LINK: Final = str.maketrans("[]", "()")


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
