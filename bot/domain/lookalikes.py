"""The letters that a sign is read as: look-alikes of other scripts, digits and signs for letters.

The table holds what Unicode's `confusables.txt` (https://www.unicode.org/Public/security/) says to
look like a single Latin letter, of the scripts from which one can write whole words in look-alikes,
without what NFKD already folds. A table of 210 signs, because the library for it
(`confusable-homoglyphs`) reads a megabyte of all pairs and folds nothing.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

# What a character is in a text that is read letter by letter.
UNSEEN: Final = 0  # invisible, or a mark on the letter before it
GAP: Final = 1
SYMBOL: Final = 2  # stands for a letter, but ends a word as well
DIGIT: Final = 4
LETTER: Final = 8

EITHER: Final = "1"
"""Stands for what is read as `i` or as `l`."""

_ALIKE: Final = {
    sign: letter
    for letter, signs in {
        EITHER: "IƖǀΙІӀⲒꓲ",
        "a": "ɑΑαАаᎪꓮ",
        "b": "ƄΒВЬᏏᏴꓐꞴ",
        "c": "ϲϹСсᏟᴄⲤⲥꓚꮯ",
        "d": "ԁᎠᏧꓒꓓ",
        "e": "ΕЕеҽᎬꓰꬲ",
        "f": "ϜքẝꓝꞘꞙꬵ𝈓",
        "g": "ƍɡԌցᏀᏳᶃꓖ",
        "h": "ΗНһհᎻᏂⲎꓧ",
        "i": "ıɩɪͺιіӏᎥꙇꭵ",
        "j": "ͿϳЈјᎫꓙꞲ",
        "k": "ΚКᏦⲔꓗ",
        "l": "ᏞⳐꓡ𝈪",
        "m": "ΜϺМᎷⲘꓟ",
        "n": "ΝոռⲚꓠ",
        "o": "ΟοσОоՕօᴏᴑⲞⲟꓳꬽ",
        "p": "ΡρϱРрᏢⲢⲣꓑ",
        "q": "ԛգզ",
        "r": "ƦгᎡᏒᴦⲅꓣꭇꭈꮁ𝈖",
        "s": "ƽЅѕՏᏕᏚꓢꜱꮪ",
        "t": "ΤТᎢⲦꓔ",
        "u": "ʋυՍսᴜꓴꞟꭎꭒ",
        "v": "νѴѵᏙᴠꓦꮩ𝈍",
        "w": "ɯѡԜԝաᎳᏔᴡꓪꮃ",
        "x": "ΧХхⲬꓫꞳ",
        "y": "ɣʏΥγϒУуҮүᎩᎽᶌỿⲨꓬꭚ",
        "z": "ΖᏃᴢꓜꮓ𐋵",
    }.items()
    for sign in signs
}
_DIGITS: Final = {"0": "o", "1": EITHER, "3": "e", "4": "a", "5": "s", "7": "t"}
_SYMBOLS: Final = {"@": "a", "$": "s", "!": "i", "|": EITHER}
INSIDE: Final = "!|"
"""Symbols that stand for a letter only between letters: elsewhere they end a sentence or a cell."""
# Letters in boxes, small capitals, letters with strokes: neither decomposed nor in Unicode's list.
_NAMED: Final = re.compile(
    r"(?:REGIONAL INDICATOR SYMBOL LETTER|LATIN LETTER SMALL CAPITAL"
    r"|(?:NEGATIVE )?(?:SQUARED|CIRCLED) LATIN CAPITAL LETTER) ([A-Z])"
    r"|LATIN (?:SMALL|CAPITAL) LETTER ([A-Z]) WITH [A-Z ]+"
)


@lru_cache(maxsize=4096)
def read_as(c: str) -> tuple[int, str]:
    """What a character is, and the lower-case letters, digits, or `EITHER`, that it is read as."""
    if c in _SYMBOLS:
        return SYMBOL, _SYMBOLS[c]
    signs = [c] if c in _ALIKE else unicodedata.normalize("NFKD", c)
    letters = "".join(map(_letters, signs))
    if not letters:
        unseen = unicodedata.category(c) in ("Cf", "Mn", "Me", "Mc")
        return (UNSEEN if unseen else GAP), ""
    if any(map(str.isdecimal, unicodedata.normalize("NFKD", c))):
        return DIGIT, letters
    return LETTER, letters


def _letters(sign: str) -> str:
    """The letters that one sign without marks is read as; none if it is no letter or digit."""
    if sign in _ALIKE:
        return _ALIKE[sign]
    if sign.isdecimal():
        digit = str(unicodedata.decimal(sign))
        return _DIGITS.get(digit, digit)
    if found := _NAMED.fullmatch(unicodedata.name(sign, "")):
        return (found[1] or found[2]).lower()
    kind = unicodedata.category(sign)
    # Vowel signs belong to the letters of their script; accents and what varies a sign don't.
    if kind[0] == "M" and (unicodedata.combining(sign) or "VOWEL" not in unicodedata.name(sign)):
        return ""
    if kind[0] not in "LNM":
        return ""
    plain = unicodedata.normalize("NFKD", sign.casefold())
    return "".join(_ALIKE.get(c, c) for c in plain if not unicodedata.combining(c))
