"""Text that members type: what counts as readable, and how it is shown without doing harm.

Text is stored as typed (only tidied); everything that could ping, mislead or break out of a card
is taken care of when it is rendered, by `show_body` and `show_line`.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable

from bot.domain.emoji import custom_emoji

# Bidirectional overrides, isolates and marks. A text keeps its natural direction without them;
# with them, it can turn the text around it (a name, a score) back to front.
_BIDI = dict.fromkeys(
    map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
# Unicode's own line breaks: where they are shown as such is each program's to decide.
_LINES = dict.fromkeys(map(ord, "\u2028\u2029"), "\n")
_CALM = {**_BIDI, **_LINES}
# Characters of letter or mark categories that are drawn as nothing.
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f\u180b\u180c\u180d\u180e\u180f")
_MAX_MARKS = 4  # combining marks on one letter; real scripts use up to three
_VARIATION_SELECTOR = "\ufe0f"
_ENDS = (0xFFFE, 0xFFFF)  # of each plane of Unicode: no characters
# On one line, what is drawn as nothing is taken for what it looks like: a space, or nothing at all.
_SPACES = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_NOTHING = frozenset("\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff")
_JOINERS = frozenset("\u200c\u200d") | (_BLANK - _SPACES - _NOTHING)
_BLACK_FLAG = "\U0001f3f4"


# Control characters but tab and line break, halves of surrogate pairs, characters for private use,
# and code points that Unicode keeps from being characters.
_NO_CHARACTER = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\uf8ff\ufdd0-\ufdef\U000f0000-\U0010ffff"
    + "".join(map(chr, (plane + end for plane in range(0, 0xF0000, 0x10000) for end in _ENDS)))
    + "]"
)


def tidy(text: str) -> str:
    """Drop control and other characters that are none, normalise to NFC, strip the ends.

    Line breaks stay, and code points unknown to this Python: emoji can be newer than its tables.
    """
    return unicodedata.normalize("NFC", characters(text)).strip()


def characters(text: str) -> str:
    """What of a text can be kept and sent: no control characters, no halves of surrogate pairs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINES)
    return _NO_CHARACTER.sub("", text)


def collapse(text: str) -> str:
    """Put a text on one line: every run of white space becomes one space."""
    return " ".join(text.split())


def one_line(text: str) -> str:
    """Put a text on one line that is just what one can see of it, for places without markup."""
    if text.isascii():
        return collapse(characters(text))
    seen: list[str] = []
    last = " "
    for c in calm(characters(text)):
        if c in _NOTHING:
            continue
        if c in _SPACES:
            last = " "
        elif c in _JOINERS:  # joins to what stands before it, and to that only once
            if last in _JOINERS or last.isspace():
                continue
            last = c
        elif _is_tag(c):  # spells the name of a flag, after a flag
            if last != _BLACK_FLAG and not _is_tag(last):
                continue
            last = c
        else:
            last = c
        seen.append(last)
    return collapse("".join(seen))


def _is_tag(c: str) -> bool:
    return 0xE0020 <= ord(c) <= 0xE007F


def readable_length(text: str) -> int:
    """How many characters of a text can be seen: no spaces, marks or invisible characters."""
    return sum(1 for c in text if c not in _BLANK and unicodedata.category(c)[0] not in "ZCM")


def calm(text: str) -> str:
    """Take away direction overrides and all but four combining marks on a letter (zalgo)."""
    if text.isascii():
        return text
    out: list[str] = []
    marks = 0
    for c in text.translate(_CALM):
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
    # Small print at the beginning of a line, a quote or an item of a list; and where a long text
    # is cut, a line may begin anywhere.
    r"|^[^\S\n]*(?:>[^\S\n]*|(?:[-*+]|\d{1,9}[.)])[^\S\n]+)*(?=-#\S)|(?=-#(?:\s|\Z))",
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


_MARKDOWN_LINE = re.compile(
    r"([\\`*_\[\]|~])|(?<!\S)([#>-])(?=[\s#>-])|(<)(?=[@#/:]|id:|a:|t:)"
    # A line that begins like a list would be shown as one, and swallow what stands below it.
    r"|^(\d+)(?=[.)](?:\s|$))|^(\+)(?=\s|$)"
)


def _escaped(line: str) -> str:
    def escape(found: re.Match[str]) -> str:
        if found[3]:
            return "<" + _BREAK
        return f"{found[4]}\\" if found[4] else f"\\{found[0]}"

    return _TRAP.sub(rf"\g<0>{_BREAK}", _MARKDOWN_LINE.sub(escape, line))


def show_line(text: str, limit: int | None = None) -> str:
    """Show a title, name or tag on one line as plain text, its markdown escaped.

    With a `limit`, of at most so many characters: cut before it is escaped, so that no half of an
    escape is left, nor more than there is room for.
    """
    line = one_line(text)
    shown = _escaped(line)
    if limit is None or len(shown) <= limit:
        return shown
    lengths = range(1, limit + 1)
    most = bisect_right(lengths, limit, key=lambda length: len(_escaped(shorten(line, length))))
    return _escaped(shorten(line, most))


def show_link(text: str, link: str, limit: int = 120) -> str:
    """Show a text on one line, leading to `link` where there is one.

    Discord makes no link of a text that has an address or odd brackets in it: it shows the markup.
    """
    if not link:
        return show_line(text, limit)
    plain = text.replace("[", "(").replace("]", ")").replace("://", ": //")
    return f"[{show_line(plain, limit)}]({link})"


def fitting(entries: Iterable[str], limit: int, between: str = "\n") -> str:
    """As many entries as fit into `limit` characters, each of them whole."""
    shown = ""
    for number, entry in enumerate(entries):
        longer = shown + between + entry if number else entry
        if len(longer) > limit:
            break
        shown = longer
    return shown


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
    begin = text[: 10 * limit + 1000]  # the rest of a long text is not looked at
    return show_line(re.sub(r"[*_~`|>#]+", "", begin), limit)


def normal_emoji(emoji: str) -> str:
    """One form for an emoji however it is written: `⬆` and `⬆️` are the same vote.

    A server's own is its id: its name can be changed, and not every event tells it, or whether the
    emoji moves.
    """
    written = emoji.strip()
    return str(custom_emoji(written) or written.replace(_VARIATION_SELECTOR, ""))
