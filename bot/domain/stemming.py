"""Porter's stemmer: *sleeping*, *sleeps* and *sleep* are one word in a search.

M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, with the three departures of
his own later program (as in SQLite's tokenizer, which the tests compare it with). English; other
languages come through nearly unchanged.
"""

from __future__ import annotations

import re
from functools import lru_cache

_C = "[^aeiou]"
_V = "[aeiouy]"
_CC = f"{_C}(?:[^aeiouy])*"
_VV = f"{_V}(?:[aeiou])*"
_STARTS = f"^(?:{_CC})?"
# Porter's measure: how many vowel-consonant sequences a stem has.
_MORE_THAN_0 = re.compile(f"{_STARTS}{_VV}{_CC}")
_IS_1 = re.compile(f"{_STARTS}{_VV}{_CC}(?:{_VV})?$")
_MORE_THAN_1 = re.compile(f"{_STARTS}{_VV}{_CC}{_VV}{_CC}")
_HAS_VOWEL = re.compile(f"{_STARTS}{_V}")
_SHORT_END = re.compile(f"^{_CC}{_V}[^aeiouwxy]$")  # consonant-vowel-consonant, as in "hop"
_DOUBLED = re.compile(r"([^aeioulsz])\1$", re.IGNORECASE)  # "Y" and "y" are one letter

_STEP_2 = {
    "ational": "ate",
    "tional": "tion",
    "enci": "ence",
    "anci": "ance",
    "izer": "ize",
    "logi": "log",
    "bli": "ble",
    "alli": "al",
    "entli": "ent",
    "eli": "e",
    "ousli": "ous",
    "ization": "ize",
    "ation": "ate",
    "ator": "ate",
    "alism": "al",
    "iveness": "ive",
    "fulness": "ful",
    "ousness": "ous",
    "aliti": "al",
    "iviti": "ive",
    "biliti": "ble",
}
_STEP_3 = {
    "icate": "ic",
    "ative": "",
    "alize": "al",
    "iciti": "ic",
    "ical": "ic",
    "ful": "",
    "ness": "",
}
_SUFFIX_2 = re.compile(f"^(.+?)({'|'.join(_STEP_2)})$")
_SUFFIX_3 = re.compile(f"^(.+?)({'|'.join(_STEP_3)})$")
_SUFFIX_4 = re.compile(
    "^(.+?)(al|ance|ence|er|ic|able|ible|ant|ement|ment|ent|ou|ism|ate|iti|ous|ive|ize)$"
)
_ION = re.compile("^(.+?[st])ion$")
_PLURAL = re.compile("^(.+?)(ss|i)es$")
_ED_OR_ING = re.compile("^(.+?)(ed|ing)$")


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a lower-case word; very short and very long ones stay as they are."""
    if not 3 <= len(word) <= 40 or not word.isascii() or not word.isalpha():
        return word
    # A "y" that begins a word or follows a vowel is a consonant: "Y" stands for it.
    first = word[0] == "y"
    if first:
        word = "Y" + word[1:]
    word = _step_1(word)
    if (found := _SUFFIX_2.match(word)) and _MORE_THAN_0.match(found[1]):
        word = found[1] + _STEP_2[found[2]]
    if (found := _SUFFIX_3.match(word)) and _MORE_THAN_0.match(found[1]):
        word = found[1] + _STEP_3[found[2]]
    word = _step_4(word)
    word = _step_5(word)
    return "y" + word[1:] if first else word


def _step_1(word: str) -> str:
    """Plurals, "-ed" and "-ing", and "-y" after a vowel further ahead."""
    if found := _PLURAL.match(word):
        word = found[1] + found[2]
    elif word.endswith("s") and not word.endswith("ss"):
        word = word[:-1]
    if word.endswith("eed") and len(word) > 3:  # to SQLite, "eed" itself ends in "-ed"
        if _MORE_THAN_0.match(word[:-3]):
            word = word[:-1]
    elif (found := _ED_OR_ING.match(word)) and _HAS_VOWEL.match(found[1]):
        word = found[1]
        if word.endswith(("at", "bl", "iz")) or _SHORT_END.match(word):
            word += "e"
        elif _DOUBLED.search(word):
            word = word[:-1]
    if word.endswith("y") and _HAS_VOWEL.match(word[:-1]):
        word = word[:-1] + "i"
    return word


def _step_4(word: str) -> str:
    if found := _SUFFIX_4.match(word):
        return found[1] if _MORE_THAN_1.match(found[1]) else word
    if (found := _ION.match(word)) and _MORE_THAN_1.match(found[1]):
        return found[1]
    return word


def _step_5(word: str) -> str:
    if word.endswith("e"):
        before = word[:-1]
        if _MORE_THAN_1.match(before) or (_IS_1.match(before) and not _SHORT_END.match(before)):
            word = before
    if word.endswith("ll") and _MORE_THAN_1.match(word):
        word = word[:-1]
    return word
