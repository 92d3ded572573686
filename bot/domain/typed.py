"""Text as members type it: tidying it, counting its readable letters, and removing what
disrupts."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Bidirectional overrides, isolates and marks. A text keeps its natural direction without them;
# with them, it can turn the text around it (a name, a score) back to front.
_BIDI = dict.fromkeys(
    map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
# Unicode's own line breaks, which only some programs show as such.
_LINES = dict.fromkeys(map(ord, "\u2028\u2029"), "\n")
_CALM = {**_BIDI, **_LINES}
# Letters and marks that are invisible.
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u034f\u180b\u180c\u180d\u180e\u180f")
_MARKS = frozenset({"Mn", "Me"})
_MAX_MARKS = 4  # combining marks on one letter; real scripts use up to three
VARIATION_SELECTOR = "\ufe0f"
_ENDS = (0xFFFE, 0xFFFF)  # of each plane of Unicode: noncharacters
# On one line, invisible characters become what they look like: a space, or nothing.
_SPACES = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_NOTHING = frozenset("\u00ad\u180e\u200b\u2060\u2061\u2062\u2063\u2064\ufeff")
_JOINERS = frozenset("\u200c\u200d") | (_BLANK - _SPACES - _NOTHING)
_TAGS = frozenset(map(chr, range(0xE0020, 0xE0080)))  # spell the name of a flag, after a flag
_UNSEEN = _SPACES | _NOTHING | _JOINERS | _TAGS
_UNSEEN_ASCII = re.compile(r"[\x00-\x20\x7f]+")
# Ideographs, kana (also of half width) and syllables of Hangul.
_SYLLABLE = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    "\uff66-\uff9d\U00020000-\U0003ffff]"
)
_VOWEL_SIGN = -1  # the weight of one: it only counts on a letter
_VOWEL_NAMES = ("VOWEL SIGN", "THAI CHARACTER SARA", "THAI CHARACTER MAI HAN-AKAT")
_BLACK_FLAG = "\U0001f3f4"
# Control characters except tab and line break, lone surrogates, private use characters, and
# noncharacters.
_NO_CHARACTER = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\uf8ff\ufdd0-\ufdef\U000f0000-\U0010ffff"
    + "".join(map(chr, (plane + end for plane in range(0, 0xF0000, 0x10000) for end in _ENDS)))
    + "]"
)


def tidy(text: str) -> str:
    """Drop control characters and noncharacters, normalise to NFC, strip the ends.

    Line breaks stay, and so do code points unknown to this Python: emoji can be newer than its
    tables.
    """
    return unicodedata.normalize("NFC", characters(text)).strip()


def characters(text: str) -> str:
    """The part of a text that can be stored and sent: no control characters, no lone surrogates."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_LINES)
    return _NO_CHARACTER.sub("", text)


def collapse(text: str) -> str:
    """Put a text on one line: every run of white space becomes one space."""
    return " ".join(text.split())


def one_line(text: str) -> str:
    """Put the visible part of a text on one line, for places without markup."""
    return collapse(without_unseen(characters(text)))


def without_unseen(text: str) -> str:
    """What `characters` has left of a text, without the invisible ones; white space stays as it
    is."""
    if text.isascii():
        return text
    text = calm(text)
    if _UNSEEN.isdisjoint(text):
        return text
    seen: list[str] = []
    last = " "
    for c in text:
        if c in _NOTHING:
            continue
        if c in _SPACES:
            last = " "
        elif c in _JOINERS:  # joins what is before it, and only once
            if last in _JOINERS or last.isspace():
                continue
            last = c
        elif c in _TAGS:
            if last != _BLACK_FLAG and last not in _TAGS:
                continue
            last = c
        else:
            last = c
        seen.append(last)
    return "".join(seen)


def readable_length(text: str) -> int:
    """The number of readable letters in a text, without spaces, accents or invisible characters.

    An ideograph, a kana or a Hangul syllable counts as three letters. Vowel signs of Indic and Thai
    scripts count like vowels, up to two on a letter.
    """
    if text.isascii():
        return len(_UNSEEN_ASCII.sub("", text))
    length = vowels = 0
    for c in text:
        weight = _weight(c)
        if weight == _VOWEL_SIGN:
            length += vowels > 0
            vowels -= 1
        elif weight:
            length += weight
            vowels = 2 if c.isalpha() else 0
    return length


def letters_length(text: str) -> int:
    """The number of letters and digits in a text, counted as by `readable_length`."""
    return sum(max(_weight(c), 0) for c in text if c.isalnum())


@lru_cache(4096)
def _weight(c: str) -> int:
    if c in _BLANK:
        return 0
    kind = unicodedata.category(c)
    if kind[0] == "M":
        name = unicodedata.name(c, "")
        return _VOWEL_SIGN if kind == "Mc" or any(map(name.count, _VOWEL_NAMES)) else 0
    if kind[0] in "ZC":
        return 0
    return 3 if _SYLLABLE.match(c) and kind[0] in "LN" else 1


def calm(text: str) -> str:
    """Remove direction overrides and all but four combining marks on a letter (zalgo)."""
    if text.isascii():
        return text
    text = text.translate(_CALM)
    kinds = {c: unicodedata.category(c) for c in set(text)}
    if _MARKS.isdisjoint(kinds.values()):
        return text
    out: list[str] = []
    marks = 0
    for c in text:
        kind = kinds[c]
        if kind in _MARKS and c != VARIATION_SELECTOR:
            marks += 1
            if marks > _MAX_MARKS:
                continue
        elif kind not in ("Cf", "Mn"):  # an invisible character doesn't end the letter
            marks = 0
        out.append(c)
    return "".join(out)
