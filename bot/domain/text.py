"""Text that members type: what counts as readable, and how it is shown without doing harm.

Text is stored as typed (only tidied); everything that could ping, mislead or break out of a card
is taken care of when it is rendered, by `show_body` and `show_line`.
"""

from __future__ import annotations

import re
import unicodedata

# Bidirectional overrides, isolates and marks. A text keeps its natural direction without them;
# with them, it can turn the text around it (a name, a score) back to front.
_BIDI = dict.fromkeys(
    map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
# Characters of letter or mark categories that are drawn as nothing.
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f\u180b\u180c\u180d\u180e\u180f")
_MAX_MARKS = 4  # combining marks on one letter; real scripts use up to three
_VARIATION_SELECTOR = "\ufe0f"


def tidy(text: str) -> str:
    """Drop control and other characters that are none, normalise to NFC, strip the ends.

    Line breaks stay, and code points unknown to this Python: emoji can be newer than its tables.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = (c for c in text if c in "\n\t" or not _is_no_character(c))
    return unicodedata.normalize("NFC", "".join(kept)).strip()


def _is_no_character(c: str) -> bool:
    code = ord(c)
    reserved = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return reserved or unicodedata.category(c) in ("Cc", "Cs", "Co")


def collapse(text: str) -> str:
    """Put a text on one line: every run of white space becomes one space."""
    return " ".join(text.split())


def readable_length(text: str) -> int:
    """How many characters of a text can be seen: no spaces, marks or invisible characters."""
    return sum(1 for c in text if c not in _BLANK and unicodedata.category(c)[0] not in "ZCM")


def calm(text: str) -> str:
    """Take away direction overrides and all but four combining marks on a letter (zalgo)."""
    out: list[str] = []
    marks = 0
    for c in text.translate(_BIDI):
        kind = unicodedata.category(c)
        if kind in ("Mn", "Me") and c != _VARIATION_SELECTOR:
            marks += 1
            if marks > _MAX_MARKS:
                continue
        elif kind not in ("Cf", "Mn"):  # an invisible character does not end the letter
            marks = 0
        out.append(c)
    return "".join(out)


_MASKED_LINK = re.compile(r"\[([^\[\]\n]{0,1000})\]\(\s*<?(\w{2,10}:[^\s)>]+)>?[^)\n]*\)")
_FENCE = "```"
# What must not work wherever it stands. A zero-width space breaks it and is not seen; also in code,
# since where code begins and ends is Discord's to decide, and its clients do not agree on it.
_BREAK = "\u200b"
_TRAP = re.compile(
    # A masked link that slips through the pattern above: nested, on several lines, escaped.
    r"\](?=\([\s\ufeff]*<?(?:https?|discord|mailto|tel|sms|ftp)\\?:)"
    # Mentions of people, roles, channels, commands and parts of the server.
    r"|<(?=@[!&]?\d|#\d|/[^<>\n]*:\d|id:)"
    # Small print at the beginning of a line, a quote or an item of a list.
    r"|^[^\S\n]*(?:>[^\S\n]*|[-*+][^\S\n]+)*(?=-#)",
    re.IGNORECASE | re.MULTILINE,
)


def show_body(text: str) -> str:
    """Show a post's text with its formatting, but with nothing hidden.

    Masked links show where they lead, small print can't imitate the card's own, mentions are shown
    as typed, and an open code fence is closed so that it can't swallow what follows.
    """
    pieces = calm(text).split(_FENCE)
    for i in range(0, len(pieces), 2):  # even pieces stand outside of code
        pieces[i] = _MASKED_LINK.sub(r"\1 (<\2>)", pieces[i])
    shown = _TRAP.sub(rf"\g<0>{_BREAK}", _FENCE.join(pieces))
    return shown + "\n" + _FENCE if len(pieces) % 2 == 0 else shown


_MARKDOWN_LINE = re.compile(r"([\\`*_\[\]|~])|(?<!\S)([#>-])(?=\s|#|>)|(<)(?=[@#/:]|id:|a:|t:)")


def show_line(text: str) -> str:
    """Show a title, name or tag on one line as plain text, its markdown escaped."""
    line = collapse(calm(text))
    return _MARKDOWN_LINE.sub(lambda m: "<\u200b" if m[3] else f"\\{m[0]}", line)


def shorten(text: str, limit: int) -> str:
    """Cut a text to at most `limit` characters, at a word where one ends near, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: limit - 1]
    space = max(cut.rfind(" "), cut.rfind("\n"))
    if space > limit * 0.7:
        cut = cut[:space]
    return cut.rstrip() + "…"


def excerpt(text: str, limit: int) -> str:
    """A quotable piece of a text on one line, of at most `limit` characters: plain words only."""
    plain = re.sub(r"[*_~`|>#]+", "", calm(text))
    # A quote that begins like a list would be shown as one, and swallow what stands below it.
    return shorten(_LISTED.sub(r"\1\\.", show_line(plain)), limit)


_LISTED = re.compile(r"^(\d+)\.(?=\s)")


def normal_emoji(emoji: str) -> str:
    """One form for an emoji however it is written: `⬆` and `⬆️` are the same vote."""
    return emoji.strip().replace(_VARIATION_SELECTOR, "")
