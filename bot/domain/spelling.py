"""Misspelt words: which words as written are near to a typed one.

A misspelling has one letter too many, too few or wrong, or two that changed places: one of these in
words of up to five letters, two in longer ones. Words are found by *keys* that they share:

- A short word has itself and what is left without each of its letters (the keys of SymSpell).
- A longer word has its three thirds. Two misspellings leave one of them whole, at most two places
  away (G. Li et al., "Pass-Join", 2011). That takes three rows a word instead of thirty. What it
  misses is two letters that changed places across thirds, with another misspelling in the last one.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bot.domain.similarity import is_unspaced, words_in

SHORTEST: Final = 4  # letters; every shorter word is near to too many others
LONGEST: Final = 30
_SHORT = 5  # letters up to which a word may have one misspelling only
_WORDS_MAX = 1_000  # of one post
_TOKEN = re.compile(r"[^\W_]+")
_LINK = re.compile(r"https?://\S*")


@lru_cache(maxsize=20_000)
def folded(written: str) -> str:
    """A written word as it is compared: without accents. Empty for what has no spelling: digits,
    scripts without spaces, and words that are too short or too long."""
    if not written.isalpha():
        return ""
    found = words_in(written)
    if len(found) != 1 or not SHORTEST <= len(found[0]) <= LONGEST or is_unspaced(found[0]):
        return ""
    return found[0]


def words_written(*texts: str) -> list[str]:
    """The different words of a post with a spelling, as written but in lower case."""
    found: dict[str, None] = {}
    for text in texts:
        plain = unicodedata.normalize("NFC", _LINK.sub(" ", text)).lower()
        for word in _TOKEN.findall(plain):
            if word not in found and folded(word):
                found[word] = None
                if len(found) == _WORDS_MAX:
                    return list(found)
    return list(found)


def keys_of(word: str) -> set[str]:
    """The keys under which a folded word is stored."""
    if len(word) <= _SHORT:
        return _with_one_less(word)
    return {f"{len(word)}.{n}.{word[at:end]}" for n, (at, end) in enumerate(_thirds(len(word)))}


def keys_near(typed: str) -> set[str]:
    """The keys that every word near to a folded typed one has one of."""
    most = allowed(typed, typed)
    keys = _with_one_less(typed) if len(typed) <= _SHORT + 1 else set[str]()
    for length in range(max(len(typed) - most, _SHORT + 1), len(typed) + most + 1):
        for n, (at, end) in enumerate(_thirds(length)):
            for start in range(max(at - most, 0), at + most + 1):
                piece = typed[start : start + end - at]
                if len(piece) == end - at:
                    keys.add(f"{length}.{n}.{piece}")
    return keys


def _with_one_less(word: str) -> set[str]:
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _thirds(length: int) -> tuple[tuple[int, int], ...]:
    first, second = length // 3, 2 * length // 3
    return ((0, first), (first, second), (second, length))


def allowed(typed: str, word: str) -> int:
    """How many misspellings may lie between two folded words."""
    return 1 if min(len(typed), len(word)) <= _SHORT else 2


def distance(one: str, other: str, most: int) -> int:
    """The number of misspellings between two words; `most + 1` for any number above `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        earlier, before, row = before, row, [i]
        for j, its in enumerate(other, 1):
            least = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != its))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == its:
                least = min(least, earlier[j - 2] + 1)
            row.append(least)
        if min(row) > most:
            return most + 1
    return row[-1]


@dataclass(frozen=True, slots=True)
class Near:
    """A word as written that is near to the typed one."""

    word: str
    typed: str
    misspellings: int


def near(typed: str, written: Iterable[str]) -> list[Near]:
    """Those of some words of `words_written` that are near to a folded typed one."""
    letters = frozenset(typed)
    found: list[Near] = []
    for word in written:
        plain = word if word.isascii() else folded(word)
        most = allowed(typed, plain)
        # Cheap, and true of nearly all: each misspelling changes at most two letters of the set.
        if len(letters.symmetric_difference(plain)) > 2 * most:
            continue
        misspellings = distance(typed, plain, most)
        if misspellings <= most:
            found.append(Near(word, typed, misspellings))
    return found


def best_words(found: Collection[Near], posts: dict[str, int]) -> dict[str, str]:
    """The written word to look for instead of each typed one: the nearest one, with the same first
    letter if possible, and of these the one that most `posts` have. Words without posts are left
    out: the reader can't read any that has them."""
    best: dict[str, tuple[tuple[int, bool, int, str], str]] = {}
    for each in found:
        if posts.get(each.word, 0) <= 0:
            continue
        other_first = folded(each.word)[0] != each.typed[0]
        order = (each.misspellings, other_first, -posts[each.word], each.word)
        if each.typed not in best or order < best[each.typed][0]:
            best[each.typed] = (order, each.word)
    return {typed: word for typed, (_, word) in best.items()}
